/* Preloaded into a program under valgrind 3.19, which writes to the mask given to sigsuspend and crashes when that is constant, as
 * it is in Swift's libdispatch. Here it is handed a copy. */
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { KERNEL_MASK_BYTES = 8 };

int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return (int)syscall(SYS_rt_sigsuspend, &copy, KERNEL_MASK_BYTES);
}
