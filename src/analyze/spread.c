#include "analyze/spread.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum modprop_status modprop_spread_make(struct modprop_spread *spread, const double *value,
                                        const size_t *run, size_t count,
                                        enum modprop_interval_kind kind, struct modprop_error *err)
{
    *spread = (struct modprop_spread){0};
    double *values = calloc(count + 1, sizeof *values);
    if (!values)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for %zu values", count);
    for (size_t k = 0; k < count; k++) {
        values[k] = value[run[k]];
        spread->infinite += isinf(values[k]) != 0;
        spread->hits += values[k] == 1;
    }
    modprop_quantile_summarise(&spread->of, values, count); /* sorts them */
    spread->interval = modprop_interval_of_median(kind, values, spread->of.count,
                                                  MODPROP_INTERVAL_LEVEL);
    free(values);
    return MODPROP_OK;
}

void modprop_spread_states(size_t states[MODPROP_RUN_STATES], const struct modprop_runs *runs,
                           const size_t *run, size_t count)
{
    memset(states, 0, MODPROP_RUN_STATES * sizeof *states);
    for (size_t k = 0; k < count; k++)
        states[runs->state[run[k]]]++;
}

void modprop_spread_count_diverged(double *value, const struct modprop_measure *measure,
                                   const struct modprop_runs *runs)
{
    if (measure->direction == MODPROP_NEITHER)
        return;
    for (size_t run = 0; run < runs->count; run++)
        if (isnan(value[run]) && runs->state[run] == MODPROP_RUN_DIVERGED)
            value[run] = measure->direction == MODPROP_LOWER_IS_BETTER ? INFINITY : -INFINITY;
}

size_t modprop_spread_least(size_t least, size_t count)
{
    return count >= 2 && count < least ? count : least;
}

void modprop_spread_warn_few(struct modprop_result *result, size_t least)
{
    const double covers = least < SIZE_MAX ? 1 - 2 * pow(0.5, (double)least) : 1;
    if (covers < MODPROP_INTERVAL_LEVEL)
        modprop_result_warn(
            result,
            "Few runs: with %zu the interval of a median is at most from the smallest "
            "to the largest, which holds it in %.0f %% of all cases, not in %.0f %%.",
            least, 100 * covers, 100 * MODPROP_INTERVAL_LEVEL);
}

/* The largest number of values that a parameter has within one group. */
static size_t most_values(const struct modprop_conditions *groups, const struct modprop_runs *runs,
                          size_t parameter)
{
    const double *value = runs->parameter[parameter].value;
    size_t most = 0;
    for (size_t g = 0; g < groups->count; g++) {
        double seen[2] = {NAN, NAN};
        for (size_t k = groups->start[g]; k < groups->start[g + 1]; k++) {
            const double here = value[groups->run[k]];
            if (isnan(here) || here == seen[0])
                continue;
            seen[isnan(seen[0]) ? 0 : 1] = here;
        }
        const size_t values = (size_t)!isnan(seen[0]) + (size_t)!isnan(seen[1]);
        most = values > most ? values : most;
    }
    return most;
}

void modprop_spread_warn_mixed(struct modprop_result *result,
                               const struct modprop_conditions *groups,
                               const struct modprop_runs *runs, size_t buts, const size_t *but)
{
    char names[400] = "";
    size_t used = 0;
    for (size_t p = 0; p < runs->parameters; p++) {
        bool may = runs->parameter[p].of_plan || strcmp(runs->parameter[p].name, "seed") == 0;
        for (size_t k = 0; k < buts; k++)
            may = may || but[k] == p;
        if (!may && used < sizeof names && most_values(groups, runs, p) > 1)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
                                     runs->parameter[p].name);
    }
    if (used)
        modprop_result_warn(result,
                            "Runs that differ in %s stand together in one group: tell them apart "
                            "with --by, or take some of them with --where.",
                            names);
}
