/* Sends recorded commands to Redis for one user after another: millions of users in minutes.
 *
 * fill PORT TEMPLATE NAME_LENGTH USERS STRIDE FIRST COUNT
 *
 * For each number from FIRST on every command of the template is sent once, for user u_{number * STRIDE % USERS}. A template is
 * what filling.py writes: for each command a line `COMMAND words answer`, then for each word a line `key|value bytes`, the bytes,
 * a line feed. In keys the bytes 1, 2 and 3 stand for the user's partition, the user, and a name of that
 * length, fresh with each number. Answer
 * is the first character that a string in reply must have, or the digit that a number must be. Anything else ends the filling.
 */
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COMMANDS = 4, MAX_WORDS = 64, BATCH = 256, BUFFER = 1 << 16, PARTITIONS = 64, MIN_NAME = 12, MAX_NAME = 64 };

struct word { char *bytes; size_t length; int is_key; };
struct command { struct word words[MAX_WORDS]; int count; char answer; };

static struct command commands[MAX_COMMANDS];
static int command_count, name_length;
static redisContext *redis;

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "fill: %s%s%s\n", what, detail ? ": " : "", detail ? detail : "");
    exit(1);
}

static void read_template(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail("cannot read", path);
    struct command command;
    char kind[8];
    while (fscanf(file, "COMMAND %d %c\n", &command.count, &command.answer) == 2) {
        if (command_count == MAX_COMMANDS || command.count < 1 || command.count > MAX_WORDS) fail("too much in", path);
        for (int i = 0; i < command.count; i++) {
            struct word *word = &command.words[i];
            /* The line feed is taken one by one: %zu and white space would swallow bytes of the word. */
            if (fscanf(file, "%7s %zu", kind, &word->length) != 2 || fgetc(file) != '\n') fail("cannot understand", path);
            if (word->length > BUFFER / 4) fail("a word is too long", path);
            word->is_key = strcmp(kind, "key") == 0;
            word->bytes = malloc(word->length + 1);
            if (!word->bytes || fread(word->bytes, 1, word->length, file) != word->length || fgetc(file) != '\n') fail("broken", path);
        }
        commands[command_count++] = command;
    }
    fclose(file);
    if (!command_count) fail("nothing in", path);
}

/* FNV-1a, as the service spreads its users (Keys.swift). */
static unsigned partition_of(const char *user) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *user; user++) hash = (hash ^ (unsigned char)*user) * UINT64_C(0x100000001b3);
    return hash % PARTITIONS;
}

static size_t key_of(char *out, const struct word *word, const char *user, const char *partition, const char *fresh) {
    char *end = out;
    for (size_t i = 0; i < word->length; i++) {
        const char *part = NULL;
        switch (word->bytes[i]) {
        case 1: part = partition; break;
        case 2: part = user; break;
        case 3: part = fresh; break;
        default: *end++ = word->bytes[i];
        }
        if (part) end = stpcpy(end, part);
    }
    return end - out;
}

static void append(const struct command *command, uint64_t number, uint64_t owner) {
    static char buffer[BUFFER];
    char user[24], partition[4], fresh[MAX_NAME + 1], key[BUFFER / 4 + 128];
    snprintf(user, sizeof user, "u_%" PRIu64, owner);
    snprintf(partition, sizeof partition, "%02u", partition_of(user));
    snprintf(fresh, sizeof fresh, ".x%0*" PRIu64, name_length - 2, number);
    size_t at = snprintf(buffer, sizeof buffer, "*%d\r\n", command->count);
    for (int i = 0; i < command->count; i++) {
        const struct word *word = &command->words[i];
        const char *bytes = word->is_key ? key : word->bytes;
        size_t length = word->is_key ? key_of(key, word, user, partition, fresh) : word->length;
        if (at + length + 32 > sizeof buffer) fail("a command is too long", NULL);
        at += sprintf(buffer + at, "$%zu\r\n", length);
        memcpy(buffer + at, bytes, length);
        memcpy(buffer + at + length, "\r\n", 2);
        at += length + 2;
    }
    if (redisAppendFormattedCommand(redis, buffer, at) != REDIS_OK) fail("sending", redis->errstr);
}

static void send_batch(uint64_t first, uint64_t count, uint64_t users, uint64_t stride) {
    for (uint64_t number = first; number < first + count; number++)
        for (int i = 0; i < command_count; i++) append(&commands[i], number, number * stride % users);
    for (int done = 0; !done;)
        if (redisBufferWrite(redis, &done) != REDIS_OK) fail("sending", redis->errstr);
}

static int is_expected(const redisReply *reply, char answer) {
    if (reply->type == REDIS_REPLY_INTEGER) return reply->integer + '0' == answer;
    return reply->type == REDIS_REPLY_STRING && reply->len > 0 && reply->str[0] == answer;
}

static void check_batch(uint64_t count) {
    for (uint64_t number = 0; number < count; number++)
        for (int i = 0; i < command_count; i++) {
            redisReply *reply = NULL;
            if (redisGetReply(redis, (void **)&reply) != REDIS_OK) fail("receiving", redis->errstr);
            if (!is_expected(reply, commands[i].answer)) fail("an unexpected answer", reply->str);
            freeReplyObject(reply);
        }
}

int main(int count, char **words) {
    if (count != 8) fail("wrong usage", "PORT TEMPLATE NAME_LENGTH USERS STRIDE FIRST COUNT");
    read_template(words[2]);
    name_length = atoi(words[3]);
    uint64_t users = strtoull(words[4], NULL, 10), stride = strtoull(words[5], NULL, 10);
    uint64_t next = strtoull(words[6], NULL, 10), end = next + strtoull(words[7], NULL, 10), waiting = 0;
    if (!users) fail("no users", NULL);
    if (name_length < MIN_NAME || name_length > MAX_NAME) fail("a name of a length this was not made for", words[3]);
    redis = redisConnect("127.0.0.1", atoi(words[1]));
    if (!redis || redis->err) fail("connecting", redis ? redis->errstr : NULL);
    /* One batch is on its way while the answers of the one before are read: Redis always has something to do. */
    while (next < end || waiting) {
        uint64_t sent = end - next < BATCH ? end - next : BATCH;
        send_batch(next, sent, users, stride);
        check_batch(waiting);
        next += sent;
        waiting = sent;
    }
    redisFree(redis);
    return 0;
}
