/*
 * cost.h - how long runs take and how much memory, estimated before they start.
 *
 * A few iterations are measured for each kind of run: runs whose whole-number and name parameters
 * are equal (rule, n, batch, delay, ...) do the same work whatever their real ones are.
 */
#ifndef MODPROP_CLI_COST_H
#define MODPROP_CLI_COST_H

#include "modprop.h"
#include "sweep/plan.h"

struct modprop_cost {
    size_t conditions;
    double *run_s; /* [conditions]; seconds a run takes; NaN: could not be measured */
    size_t *bytes; /* [conditions]; memory of a run on its rank */
    struct modprop_error unmade; /* why a run to be measured could not be made; the first such */
};

/* Knows the memory, and no time yet. */
enum modprop_status modprop_cost_create(struct modprop_cost **cost, const struct modprop_plan *plan,
                                        struct modprop_error *err);

/* Measures until `budget_s` is used up; kinds of runs beyond it are estimated from those measured.
 */
enum modprop_status modprop_cost_measure(struct modprop_cost *cost, const struct modprop_plan *plan,
                                         double budget_s, struct modprop_error *err);
void modprop_cost_free(struct modprop_cost *cost); /* accepts NULL */

/* Seconds of one run; NaN if unknown. */
double modprop_cost_of_run(const struct modprop_cost *cost, const struct modprop_plan *plan,
                           size_t run);

/* Wall seconds of the runs on so many ranks (processors, if those are fewer). */
double modprop_cost_total(const struct modprop_cost *cost, const struct modprop_plan *plan,
                          const size_t *todo, size_t count, int trainers);

#endif
