/* What this machine makes of a load when nothing but the load is there: three programs in a row that burn CPU for each call and hand
 * it on over sockets, as the load tool, the service and Redis do.
 *
 * chain RATE SECONDS CONNECTIONS CALLER_US SERVICE_US STORE_US
 *
 * Calls are due by chance (Poisson), whatever the answers do; at most CONNECTIONS of them are under way. Each is CALLER_US of work for
 * the caller, half before and half after the answer, SERVICE_US for the service likewise, and STORE_US. A call is a byte. Caller and
 * service hand calls and answers to each other one by one, service and store as many together as were read together, at most BATCH.
 * Prints, as JSON, latencies from the time a call was due to that at which the caller turns to its answer, and the CPU for each call
 * of the three, microseconds.
 */
#define _GNU_SOURCE
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* The commands that the service sends at once. */
enum { BATCH = 16 };

static double turns_per_us;
static volatile unsigned turns;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

/* By turns, not by the clock: a pause of the machine is no work. */
static void work(double us) {
    for (long left = us * turns_per_us; left > 0; left--) turns++;
}

static void learn_speed(void) {
    turns_per_us = 1000;
    double best = INFINITY;
    for (int attempt = 0; attempt < 50; attempt++) {
        double start = now();
        work(1000);
        best = fmin(best, now() - start);
    }
    turns_per_us *= 1000 / best;
}

/* 0: nobody hands on anything any more. */
static int take(int from) {
    static char bytes[BATCH];
    ssize_t count = read(from, bytes, sizeof bytes);
    return count < 0 ? 0 : count;
}

static void hand_on(int to, int calls) {
    static const char bytes[BATCH];
    if (write(to, bytes, calls) != calls) exit(1);
}

static void one_by_one(int to, int calls, double us) {
    for (; calls > 0; calls--) {
        work(us);
        hand_on(to, 1);
    }
}

static void serve(int caller, int store, double us) {
    struct pollfd answered = {.fd = store, .events = POLLIN}, called = {.fd = caller, .events = POLLIN};
    for (struct pollfd ready[] = {answered, called}; poll(ready, 2, -1) > 0;) {
        int answers = ready[0].revents ? take(store) : -1;
        one_by_one(caller, answers, us / 2);
        int calls = ready[1].revents ? take(caller) : -1;
        if (!answers || !calls) return;
        if (calls < 0) continue;
        work(calls * us / 2);
        hand_on(store, calls);
    }
}

static void keep(int service, double us) {
    for (int calls; (calls = take(service));) {
        work(calls * us);
        hand_on(service, calls);
    }
}

static void call(int service, const double *due, double *latency, long count, long connections, double us) {
    struct pollfd answers = {.fd = service, .events = POLLIN};
    for (long sent = 0, done = 0; done < count;) {
        int calls = 0;
        for (double time = now(); sent < count && due[sent] <= time && sent - done < connections; sent++) calls++;
        one_by_one(service, calls, us / 2);
        double wait = sent < count && sent - done < connections ? fmax(due[sent] - now(), 0) : 1e6;
        struct timespec patience = {.tv_sec = wait / 1e6, .tv_nsec = fmod(wait, 1e6) * 1e3};
        if (ppoll(&answers, 1, &patience, NULL) <= 0) continue;
        int answered = take(service);
        if (!answered) {
            fprintf(stderr, "chain: a program ended with %ld calls unanswered\n", count - done);
            exit(1);
        }
        for (; answered > 0; answered--, done++) {
            latency[done] = now() - due[done];
            work(us / 2);
        }
    }
}

static double cpu(int who) {
    struct rusage used;
    getrusage(who, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int argc, char **argv) {
    double number[7] = {0};
    for (int index = 1; index < argc && index < 7; index++) number[index] = atof(argv[index]);
    long count = number[1] * number[2];
    double *due = calloc(count > 0 ? count : 1, sizeof *due), *latency = calloc(count > 0 ? count : 1, sizeof *latency);
    int front[2], back[2];
    if (argc != 7 || count < 1 || number[3] < 1 || !due || !latency || socketpair(AF_UNIX, SOCK_STREAM, 0, front) || socketpair(AF_UNIX, SOCK_STREAM, 0, back)) {
        fprintf(stderr, "usage: chain RATE SECONDS CONNECTIONS CALLER_US SERVICE_US STORE_US\n");
        return 2;
    }
    learn_speed();
    pid_t service = fork();
    if (service == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(front[0]), close(back[1]);
        serve(front[1], back[0], number[5]);
        return 0;
    }
    pid_t store = fork();
    if (store == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(front[0]), close(front[1]), close(back[0]);
        keep(back[1], number[6]);
        return 0;
    }
    close(front[1]), close(back[0]), close(back[1]);

    double time = now() + 1e5, before = cpu(RUSAGE_SELF);
    for (long index = 0; index < count; index++) due[index] = time -= log(1 - drand48()) * 1e6 / number[1];
    call(front[0], due, latency, count, number[3], number[4]);
    double caller_cpu = cpu(RUSAGE_SELF) - before;
    close(front[0]);
    waitpid(service, NULL, 0);
    double service_cpu = cpu(RUSAGE_CHILDREN);
    waitpid(store, NULL, 0);
    double store_cpu = cpu(RUSAGE_CHILDREN) - service_cpu;

    qsort(latency, count, sizeof *latency, ascending);
    printf("{\"p50_us\": %.0f, \"p99_us\": %.0f, \"p999_us\": %.0f, \"cpu_us\": [%.1f, %.1f, %.1f]}\n", latency[count / 2],
           latency[(long)(count * 0.99)], latency[(long)(count * 0.999)], caller_cpu / count, service_cpu / count, store_cpu / count);
}
