/*
 * clock.h - seconds of a POSIX clock: CLOCK_MONOTONIC for what passes, CLOCK_THREAD_CPUTIME_ID for
 * what is computed.
 */
#ifndef MODPROP_ENGINE_CLOCK_H
#define MODPROP_ENGINE_CLOCK_H

#include <time.h>

static inline double modprop_clock_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
