#include "schedule/walltime.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/clock.h"
#include "engine/error.h"

extern char **environ;

enum { DAY_S = 86400, ANSWER_BYTES = 16384 };

static const double ASK_AT_MOST_S = 5, MARGIN_SHARE = 0.1, MARGIN_AT_MOST_S = 30;

/* ------------------------------------------------------------------ reading times */

/* A whole number below `limit` at *text, which moves behind it. */
static bool read_number(const char **text, double limit, double *value)
{
    char *end;
    if (!isdigit((unsigned char)**text))
        return false;
    *value = strtod(*text, &end);
    const bool whole = strspn(*text, "0123456789") == (size_t)(end - *text);
    *text = end;
    return whole && *value < limit;
}

static bool read_char(const char **text, char wanted)
{
    const bool there = **text == wanted;
    *text += there;
    return there;
}

enum modprop_status modprop_walltime_parse(const char *text, double *seconds,
                                           struct modprop_error *err)
{
    static const double most = 1e9;
    const char *at = text;
    double first, days = 0, minutes, rest;
    bool good = read_number(&at, most, &first);
    if (good && *at == '\0' && first > 0) {
        *seconds = first;
        return MODPROP_OK;
    }
    if (good && read_char(&at, '-')) {
        days = first;
        good = read_number(&at, 24, &first);
    }
    good = good && read_char(&at, ':') && read_number(&at, 60, &minutes) && read_char(&at, ':') &&
           read_number(&at, 60, &rest) && *at == '\0';
    const double sum = good ? days * DAY_S + first * 3600 + minutes * 60 + rest : 0;
    if (!(sum > 0 && sum <= most))
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "--walltime %s: give seconds (5400), hours (1:30:00), or days "
                            "(1-12:00:00)",
                            text);
    *seconds = sum;
    return MODPROP_OK;
}

double modprop_walltime_margin(double seconds)
{
    return fmin(MARGIN_SHARE * seconds, MARGIN_AT_MOST_S);
}

/* ------------------------------------------------------------------ asking scontrol */

/* Starts `scontrol show job ID` with its output into a pipe that *from reads. -1: cannot. */
static pid_t start(const char *id, int *from)
{
    char program[] = "scontrol", one[] = "--oneliner", show[] = "show", what[] = "job", job[64];
    char *const arguments[] = {program, one, show, what, job, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2];
    pid_t child = -1;
    snprintf(job, sizeof job, "%s", id);
    if (pipe(ends) != 0)
        return -1;
    if (posix_spawn_file_actions_init(&actions) == 0) {
        const bool ready = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY,
                                                            0) == 0 &&
                           posix_spawn_file_actions_adddup2(&actions, ends[1], 1) == 0 &&
                           posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY,
                                                            0) == 0 &&
                           posix_spawn_file_actions_addclose(&actions, ends[0]) == 0;
        if (!ready || posix_spawnp(&child, program, &actions, NULL, arguments, environ) != 0)
            child = -1;
        posix_spawn_file_actions_destroy(&actions);
    }
    (void)close(ends[1]);
    *from = ends[0];
    if (child < 0)
        (void)close(ends[0]);
    return child;
}

/* Reads until the end, the deadline, or the text is full. */
static void read_answer(int from, char *text, size_t size, double deadline)
{
    size_t length = 0;
    for (;;) {
        struct pollfd ready = {.fd = from, .events = POLLIN};
        const double left_s = deadline - modprop_clock_s(CLOCK_MONOTONIC);
        if (left_s <= 0 || length + 1 >= size)
            break;
        const int count = poll(&ready, 1, (int)(left_s * 1000) + 1);
        if (count < 0 && errno == EINTR)
            continue;
        const ssize_t got = count > 0 ? read(from, text + length, size - 1 - length) : 0;
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    text[length] = '\0';
}

/* The child's end; killed if it does not come by itself soon. */
static void reap(pid_t child, double deadline)
{
    for (;;) {
        const pid_t ended = waitpid(child, NULL, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR))
            return;
        if (modprop_clock_s(CLOCK_MONOTONIC) > deadline)
            (void)kill(child, SIGKILL);
        (void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
}

/* "EndTime=2026-01-31T12:00:00", local time, of the answer: seconds since 1970; NaN if it is not there
 * or unknown. */
static double end_in(const char *answer)
{
    struct tm at = {.tm_isdst = -1};
    const char *word = strstr(answer, "EndTime=");
    if (!word || sscanf(word, "EndTime=%d-%d-%dT%d:%d:%d", &at.tm_year, &at.tm_mon, &at.tm_mday,
                        &at.tm_hour, &at.tm_min, &at.tm_sec) != 6)
        return NAN;
    at.tm_year -= 1900;
    at.tm_mon -= 1;
    const time_t end = mktime(&at);
    return end == (time_t)-1 ? NAN : (double)end;
}

static double ask(const char *id)
{
    char answer[ANSWER_BYTES] = "";
    int from = -1;
    const double deadline = modprop_clock_s(CLOCK_MONOTONIC) + ASK_AT_MOST_S;
    (void)setenv("SLURM_TIME_FORMAT", "standard", 1); /* users may prefer another */
    const pid_t child = start(id, &from);
    if (child < 0)
        return NAN;
    read_answer(from, answer, sizeof answer, deadline);
    (void)close(from);
    reap(child, deadline);
    return end_in(answer);
}

/* ------------------------------------------------------------------ the allocation */

double modprop_walltime_allocation(void)
{
    const char *job = getenv("SLURM_JOB_ID"), *end = getenv("SLURM_JOB_END_TIME");
    char *rest;
    double at = NAN;
    if (!job || !job[0])
        return NAN;
    if (end && isdigit((unsigned char)end[0])) {
        at = strtod(end, &rest);
        at = *rest == '\0' ? at : NAN;
    }
    if (isnan(at))
        at = ask(job);
    const double left_s = at - modprop_clock_s(
                                   CLOCK_REALTIME); /* this host's clock, as the controller's */
    return isnan(left_s) ? NAN : fmax(left_s, 0);
}
