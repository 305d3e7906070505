#include "store/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/error.h"

enum { MOST_BYTES = 1 << 28 }; /* more than any task leaves: what claims more is damaged */

/* Comes first through the pipe. */
struct answer {
    enum modprop_status status;
    size_t count;
    struct modprop_error err;
};

/* ------------------------------------------------------------------ pipe */

static bool give(int fd, const void *from, size_t bytes)
{
    for (const char *next = from; bytes > 0;) {
        const ssize_t done = write(fd, next, bytes);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        next += done;
        bytes -= (size_t)done;
    }
    return true;
}

static bool take(int fd, void *to, size_t bytes)
{
    for (char *next = to; bytes > 0;) {
        const ssize_t done = read(fd, next, bytes);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        next += done;
        bytes -= (size_t)done;
    }
    return true;
}

/* ------------------------------------------------------------------ child */

/* No core file, no words of the C library about a broken heap, and an end after cpu_s. */
static void settle(double cpu_s)
{
    const struct rlimit none = {0, 0};
    const double whole = (double)(long)cpu_s;
    const struct itimerval limit = {
        .it_value = {.tv_sec = (time_t)whole, .tv_usec = (suseconds_t)(1e6 * (cpu_s - whole))}};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPROF);
    const int null = open("/dev/null", O_WRONLY);
    /* None of these is needed for a right answer. */
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)(null >= 0 && dup2(null, STDERR_FILENO) >= 0);
    (void)signal(SIGPROF, SIG_DFL);
    (void)sigprocmask(SIG_UNBLOCK, &signals, NULL);
    (void)setitimer(ITIMER_PROF, &limit, NULL);
}

static void work(modprop_guard_task *task, void *context, double cpu_s, int fd)
{
    void *bytes = NULL;
    struct answer answer = {.status = MODPROP_OK};
    settle(cpu_s);
    answer.status = task(context, &bytes, &answer.count, &answer.err);
    answer.err.file = NULL;
    if (answer.status != MODPROP_OK)
        answer.count = 0;
    _exit(!(give(fd, &answer, sizeof answer) && give(fd, bytes, answer.count)));
}

/* ------------------------------------------------------------------ parent */

/* Whether the child told all it had to tell. */
static bool listen_to(int fd, struct answer *answer, void **bytes)
{
    if (!take(fd, answer, sizeof *answer) || answer->count > MOST_BYTES ||
        answer->status < MODPROP_OK || answer->status > MODPROP_DIFFERENT)
        return false;
    answer->err.message[sizeof answer->err.message - 1] = '\0';
    if (answer->status != MODPROP_OK)
        return answer->err.message[0] != '\0';
    *bytes = malloc(answer->count + 1);
    if (!*bytes) {
        answer->status = MODPROP_NO_MEMORY;
        snprintf(answer->err.message, sizeof answer->err.message, "no memory for %zu bytes",
                 answer->count);
        return true;
    }
    return take(fd, *bytes, answer->count);
}

static enum modprop_status judge(bool told, int ended, const struct answer *answer,
                                 const char *path, struct modprop_error *err)
{
    if (told && answer->status == MODPROP_OK)
        return MODPROP_OK;
    if (told)
        return MODPROP_FAIL(err, answer->status, "%s", answer->err.message);
    if (WIFSIGNALED(ended) && WTERMSIG(ended) == SIGPROF)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "%s: is damaged: HDF5 came to no end reading its structure", path);
    return MODPROP_FAIL(err, MODPROP_INVALID,
                        "%s: the process that read it crashed, in HDF5 most likely: the file is "
                        "damaged",
                        path);
}

enum modprop_status modprop_guard_run(modprop_guard_task *task, void *context, const char *path,
                                      double cpu_s, void **bytes, size_t *count,
                                      struct modprop_error *err)
{
    int ends[2], ended = 0;
    struct answer answer = {.status = MODPROP_OK};
    *bytes = NULL;
    *count = 0;
    if (pipe(ends) != 0)
        return MODPROP_FAIL(err, MODPROP_IO, "%s: no pipe to a process that reads it: %s", path,
                            strerror(errno));
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]); /* ours alone: else what it writes would wait for itself when we are gone */
        work(task, context, cpu_s, ends[1]);
    }
    const int refused = errno;
    close(ends[1]);
    const bool told = child > 0 && listen_to(ends[0], &answer, bytes);
    close(ends[0]); /* one that still writes ends by it */
    while (child > 0 && waitpid(child, &ended, 0) < 0 && errno == EINTR)
        ;
    const enum modprop_status status = child < 0 ? MODPROP_FAIL(err, MODPROP_IO,
                                                                "%s: no process to read it: %s",
                                                                path, strerror(refused))
                                                 : judge(told, ended, &answer, path, err);
    if (status == MODPROP_OK) {
        *count = answer.count;
    } else {
        free(*bytes);
        *bytes = NULL;
    }
    return status;
}
