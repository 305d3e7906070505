/*
 * selection.h - which runs of a plan are trained now, and in which order.
 */
#ifndef MODPROP_CLI_SELECTION_H
#define MODPROP_CLI_SELECTION_H

#include <stdint.h>

#include "modprop.h"
#include "store/results.h"

struct modprop_selection {
    size_t runs;  /* of the plan */
    bool *chosen; /* [runs]; what the user wants, finished or not */
    size_t *todo; /* [count]; chosen and not finished */
    size_t count;
    size_t fresh;     /* of todo: not trained before, or interrupted without a checkpoint */
    size_t continued; /* of todo: from a checkpoint */
    size_t retried;   /* of todo: they have an outcome that is to be tried again */
    size_t reused;    /* chosen, done or diverged before, and not retried */
    size_t kept;      /* chosen, failed or out of time before, and not retried */
};

/* What is known of the runs before the sweep goes on. */
struct modprop_known_runs {
    enum modprop_run_state (*state)(const void *context, size_t run);
    bool (*checkpointed)(const void *context, size_t run); /* NULL: there are no checkpoints */
    const void *context;
};

/* Chooses all runs, or those of `only` ("3,7..9"; NULL: all). On failure nothing is left to free.
 */
enum modprop_status modprop_selection_init(struct modprop_selection *selection, size_t runs,
                                           const char *only, struct modprop_error *err);
void modprop_selection_clear(struct modprop_selection *selection);

/* Sorts the chosen runs by what is known of them. retry: the states that are trained again, a bit
 * 1 << state for each. */
void modprop_selection_sort(struct modprop_selection *selection, unsigned retry,
                            const struct modprop_known_runs *known);

/* Puts todo into a random order. */
void modprop_selection_shuffle(struct modprop_selection *selection, uint64_t seed);

#endif
