/*
 * conditions.h - groups of runs that are equal in some parameters: all but the seed (a condition), or
 * those that were asked for (--by rule, --x mu).
 *
 * Groups stand in the order in which the plan first has them; within a group the runs are in the
 * order of their seeds.
 */
#ifndef MODPROP_ANALYZE_CONDITIONS_H
#define MODPROP_ANALYZE_CONDITIONS_H

#include "analyze/runs.h"

#define MODPROP_CONDITIONS_NONE UINT32_MAX

struct modprop_conditions {
    size_t names;     /* parameters that tell the groups apart: those that differ among the runs */
    size_t *name;     /* [names]; their indices in runs->parameter */
    size_t constants; /* parameters equal in all runs (where they are read), `seed` left out */
    size_t *constant; /* [constants] */
    size_t count;
    size_t *start;   /* [count + 1] */
    size_t *run;     /* [start[count]]; runs of group g: run[start[g]] to run[start[g + 1] - 1] */
    uint32_t *group; /* [runs->count]; MODPROP_CONDITIONS_NONE: not chosen */
};

/* Conditions: groups by all parameters but the seed. chosen [runs->count]; NULL: all runs. */
enum modprop_status modprop_conditions_init(struct modprop_conditions *conditions,
                                            const struct modprop_runs *runs, const bool *chosen,
                                            struct modprop_error *err);

/* Groups by the given parameters alone (by [parameters]; 0: one group). `name` has those of them that
 * differ. */
enum modprop_status modprop_conditions_group(struct modprop_conditions *conditions,
                                             const struct modprop_runs *runs, const bool *chosen,
                                             size_t parameters, const size_t *by,
                                             struct modprop_error *err);

/* Groups by all parameters but the seed and the given ones: what is the same but for those. */
enum modprop_status modprop_conditions_without(struct modprop_conditions *conditions,
                                               const struct modprop_runs *runs, const bool *chosen,
                                               size_t parameters, const size_t *left_out,
                                               struct modprop_error *err);

void modprop_conditions_clear(struct modprop_conditions *conditions);

size_t modprop_conditions_size(const struct modprop_conditions *conditions, size_t group);

/* "rule=modprop mu=0.25": what tells the group from the others; of the only group its title. Cut to
 * size, always terminated. */
void modprop_conditions_label(const struct modprop_conditions *conditions,
                              const struct modprop_runs *runs, size_t group, char *text,
                              size_t size);

/* The same as the name of a series: "modprop", "modprop, mu = 0.25"; of the only group the rule's
 * name if there is one, else "all". */
void modprop_conditions_title(const struct modprop_conditions *conditions,
                              const struct modprop_runs *runs, size_t group, char *text,
                              size_t size);

/* A parameter's value in a group, which must be one of its names or constants. */
double modprop_conditions_value(const struct modprop_conditions *conditions,
                                const struct modprop_runs *runs, size_t group, size_t parameter);

/* The distinct values of a parameter among the chosen runs, ascending (texts: in order of appearance);
 * not applicable is left out. The caller frees *values with free(). */
enum modprop_status modprop_conditions_levels(double **values, size_t *count,
                                              const struct modprop_runs *runs, const bool *chosen,
                                              size_t parameter, struct modprop_error *err);

/* Whether ascending values are spaced by factors rather than by steps, so that their axis should be
 * logarithmic: at least three, positive, and their median is nearer to the middle as a logarithm. */
bool modprop_conditions_logarithmic(const double *values, size_t count);

#endif
