/*
 * measures.h - the table of measures: one number per run that all commands share.
 *
 *     final_FIGURE             mean of the last k evaluations: final_loss, final_accuracy, ...
 *     best_FIGURE              the best evaluation: lowest, or highest where higher is better
 *     collapsed                1: the loss fell below `below` and later rose above `above`
 *     diverged                 1: the network blew up
 *     seconds_per_iteration    wall time / iterations
 *     iterations_to_criterion  iterations to the first evaluation that meets the criterion
 *     iterations_done, wall_s, cpu_s
 *
 * A run without a result (pending, running, failed, timed out) has none (NaN). A diverged run has
 * `diverged`, `collapsed`, `best_...`, times and the criterion, but no `final_...`.
 */
#ifndef MODPROP_ANALYZE_MEASURES_H
#define MODPROP_ANALYZE_MEASURES_H

#include "analyze/arena.h"
#include "analyze/runs.h"

enum modprop_direction { MODPROP_LOWER_IS_BETTER, MODPROP_HIGHER_IS_BETTER, MODPROP_NEITHER };

/* Zero-initialise and call modprop_measures_defaults. */
struct modprop_measures_options {
    size_t last; /* evaluations a final figure is the mean of; 0: a run's tenth, 10 at most */
    double below, above; /* of `collapsed`: 0.3, 0.6 */
    const char *metric;  /* figure of the criterion: "loss" */
    double criterion;    /* NaN: none */
    bool at_least;       /* the criterion is met from below: figure >= criterion */
};
void modprop_measures_defaults(struct modprop_measures_options *options);

struct modprop_measure {
    char name[80];  /* "final_loss" */
    char axis[120]; /* label for an axis: "final loss" */
    const char *unit, *help;
    enum modprop_direction direction;
    bool share;      /* 0 or 1 for each run: means are shares */
    char figure[64]; /* what it is made from; "": none */
    size_t kind;     /* row of the table */
};

/* The measure of that name. MODPROP_INVALID: there is none, told with the nearest. */
enum modprop_status modprop_measures_find(struct modprop_measure *measure,
                                          const struct modprop_runs *runs, const char *name,
                                          struct modprop_error *err);

/* value [runs->count], NaN: none. Of a run that never met the criterion of iterations_to_criterion the
 * value is the iterations it had until then, and censored [runs->count] tells; with censored NULL it is
 * infinite, so that such a run ranks behind all others. Reads the figure it needs. */
enum modprop_status modprop_measures_compute(double *value, bool *censored,
                                             const struct modprop_measure *measure,
                                             const struct modprop_runs *runs,
                                             const struct modprop_measures_options *options,
                                             struct modprop_error *err);

/* The same from a figure that has been read already, so that several measures share it; figure may be
 * NULL where measure->figure is "". */
void modprop_measures_reduce(double *value, bool *censored, const struct modprop_measure *measure,
                             const struct modprop_runs *runs,
                             const struct modprop_runs_figure *figure,
                             const struct modprop_measures_options *options);

/* Lines for --help: each kind of measure with what it is. NULL past the last. */
const char *modprop_measures_kind(size_t index, const char **help);

/* What a final figure is: "mean of a run's last 5 evaluations". */
const char *modprop_measures_last(const struct modprop_measures_options *options,
                                  struct modprop_arena *arena);

/* How a measure is set, as a sentence with a blank before it: " Final: mean of a run's last 5
 * evaluations."; "" where there is nothing to say. */
const char *modprop_measures_say(const struct modprop_measure *measure,
                                 const struct modprop_measures_options *options,
                                 struct modprop_arena *arena);

#endif
