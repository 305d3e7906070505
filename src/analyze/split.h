/*
 * split.h - the best level of a parameter, told without flattering it.
 *
 * Whoever picks the best of many learning rates by the runs he then reports, reports luck as well. So
 * the level is chosen on one half of the seeds (by the best median) and reported on the other, both ways
 * round; the optimistic in-sample figure stands next to it. The halves are every other seed.
 */
#ifndef MODPROP_ANALYZE_SPLIT_H
#define MODPROP_ANALYZE_SPLIT_H

#include "modprop.h"

#define MODPROP_SPLIT_NONE ((size_t)-1)

struct modprop_split_way {
    size_t level;          /* chosen; MODPROP_SPLIT_NONE: no values */
    double chosen_on;      /* its median on the half it was chosen on */
    double reported;       /* its median on the other half */
    size_t chosen_count;   /* values there */
    size_t reported_count; /* and here */
};

struct modprop_split {
    struct modprop_split_way way[2]; /* chosen on seeds 0, 2, 4, ..; on seeds 1, 3, 5, .. */
    struct modprop_split_way all;    /* in-sample: chosen and reported on all seeds */
    double reported; /* out of sample: median of all seeds, each at the level chosen without it */
    size_t reported_count;
    double optimism; /* by how much the in-sample figure is better than that; NaN: one is missing */
};

/* value [levels][seeds], NaN: no run. A diverged run is to be given as INFINITY (-INFINITY where higher
 * is better): left out, it would make its level look better. Equal medians: the first level.
 * MODPROP_NO_MEMORY. */
enum modprop_status modprop_split_best(struct modprop_split *split, size_t levels, size_t seeds,
                                       const double *value, bool higher_is_better,
                                       struct modprop_error *err);

#endif
