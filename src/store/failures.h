/*
 * failures.h - runs of a results file that have no result, grouped by what went wrong and by what
 * they have in common.
 */
#ifndef MODPROP_STORE_FAILURES_H
#define MODPROP_STORE_FAILURES_H

#include "store/results.h"
#include "sweep/common.h"

/* For so many groups, the largest, it is looked for what they have in common. */
enum { MODPROP_FAILURES_EXPLAINED = 20 };

struct modprop_failure {
    enum modprop_run_state state; /* failed, timeout or diverged */
    const char *message; /* of its first run; borrowed from the overview. Numbers may differ between
                            the runs of a group. */
    const size_t *run;   /* [count]; ascending */
    size_t count;
    long attempts;                /* the most that any of its runs has had */
    struct modprop_common common; /* compared with all runs that have an outcome */
};

struct modprop_failures {
    struct modprop_failure *failure; /* [count]; the largest first */
    size_t count;
    size_t *runs; /* memory behind the groups */
};

/* Groups the runs in the states given (a bit 1 << state for each). `path` is the file of the
 * overview. On failure nothing is left to clear. */
enum modprop_status modprop_failures_read(struct modprop_failures *failures,
                                          const struct modprop_overview *overview, unsigned states,
                                          const char *path, struct modprop_error *err);
void modprop_failures_clear(struct modprop_failures *failures);

#endif
