/*
 * spread.h - the runs of one group: how many are in which state, and a measure's distribution.
 */
#ifndef MODPROP_ANALYZE_SPREAD_H
#define MODPROP_ANALYZE_SPREAD_H

#include "analyze/conditions.h"
#include "analyze/interval.h"
#include "analyze/measures.h"
#include "analyze/quantile.h"
#include "analyze/result.h"

struct modprop_spread {
    struct modprop_quantile_summary of; /* count: runs with a value, infinite ones included */
    size_t infinite;                    /* of them: they diverged */
    struct modprop_interval interval;   /* of the median */
    size_t hits;                        /* of a share: values that are 1 */
};

/* The values of the runs [count] of a group. MODPROP_NO_MEMORY. */
enum modprop_status modprop_spread_make(struct modprop_spread *spread, const double *value,
                                        const size_t *run, size_t count,
                                        enum modprop_interval_kind kind, struct modprop_error *err);

/* Runs of a group in each state. */
void modprop_spread_states(size_t states[MODPROP_RUN_STATES], const struct modprop_runs *runs,
                           const size_t *run, size_t count);

/* A diverged run without a value gets the worst there is: infinite, in the measure's bad direction. A
 * measure without direction is left alone. */
void modprop_spread_count_diverged(double *value, const struct modprop_measure *measure,
                                   const struct modprop_runs *runs);

/* The smaller of two numbers of values behind intervals; those without an interval do not count.
 * Begin with SIZE_MAX. */
size_t modprop_spread_least(size_t least, size_t count);

/* Says what a 95 % interval of the median is worth where `least` values are too few for one. */
void modprop_spread_warn_few(struct modprop_result *result, size_t least);

/* Says which parameters differ within groups although nobody asked for it: their runs are thrown
 * together. `but` [buts]: those that may, besides the seed. */
void modprop_spread_warn_mixed(struct modprop_result *result,
                               const struct modprop_conditions *groups,
                               const struct modprop_runs *runs, size_t buts, const size_t *but);

#endif
