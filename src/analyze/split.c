#include "analyze/split.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/quantile.h"
#include "engine/error.h"
#include "engine/memory.h"

struct table {
    size_t levels, seeds;
    const double *value; /* [levels][seeds] */
    double *scratch;     /* [seeds] */
};

/* Median of a level over the seeds first, first + step, ..; *count: values there. */
static double median(const struct table *table, size_t level, size_t first, size_t step,
                     size_t *count)
{
    size_t taken = 0;
    for (size_t seed = first; seed < table->seeds; seed += step)
        table->scratch[taken++] = table->value[level * table->seeds + seed];
    *count = modprop_quantile_sort(table->scratch, taken);
    return modprop_quantile(table->scratch, *count, 0.5);
}

/* Chooses on the seeds first, first + step, .. */
static void choose(struct modprop_split_way *way, const struct table *table, size_t first,
                   size_t step, bool higher_is_better)
{
    *way = (struct modprop_split_way){MODPROP_SPLIT_NONE, NAN, NAN, 0, 0};
    for (size_t level = 0; level < table->levels; level++) {
        size_t count;
        const double here = median(table, level, first, step, &count);
        const bool better = higher_is_better ? here > way->chosen_on : here < way->chosen_on;
        if (isnan(here) || !(way->level == MODPROP_SPLIT_NONE || better))
            continue;
        way->level = level;
        way->chosen_on = here;
        way->chosen_count = count;
    }
}

/* Each seed's value at the level that was chosen without it, into held_out. */
static void hold_out(double *held_out, const struct modprop_split *split, const struct table *table)
{
    for (size_t seed = 0; seed < table->seeds; seed++) {
        const size_t level = split->way[1 - seed % 2].level;
        held_out[seed] = level == MODPROP_SPLIT_NONE ? NAN
                                                     : table->value[level * table->seeds + seed];
    }
}

enum modprop_status modprop_split_best(struct modprop_split *split, size_t levels, size_t seeds,
                                       const double *value, bool higher_is_better,
                                       struct modprop_error *err)
{
    struct table table = {levels, seeds, value, calloc(seeds + 1, sizeof(double))};
    if (!table.scratch)
        return modprop_memory_error("the halves of the seeds", seeds * sizeof(double), err);
    for (size_t half = 0; half < 2; half++) {
        struct modprop_split_way *way = &split->way[half];
        choose(way, &table, half, 2, higher_is_better);
        if (way->level != MODPROP_SPLIT_NONE)
            way->reported = median(&table, way->level, 1 - half, 2, &way->reported_count);
    }
    choose(&split->all, &table, 0, 1, higher_is_better);
    split->all.reported = split->all.chosen_on;
    split->all.reported_count = split->all.chosen_count;
    hold_out(table.scratch, split, &table);
    split->reported_count = modprop_quantile_sort(table.scratch, seeds);
    split->reported = modprop_quantile(table.scratch, split->reported_count, 0.5);
    split->optimism = higher_is_better ? split->all.reported - split->reported
                                       : split->reported - split->all.reported;
    free(table.scratch);
    return MODPROP_OK;
}
