/*
 * grid.h - one grid of a sweep: the product of its axes, each row addressed by its number.
 *
 * An axis is one key, or keys zipped together, or all drawn keys. From the slowest axis to the
 * fastest: the seed, the samples, names (rule, feedback, ...), numbers; within each kind in the
 * order of the parameter table, so that moving lines of a sweep file does not change the plan.
 */
#ifndef MODPROP_SWEEP_GRID_H
#define MODPROP_SWEEP_GRID_H

#include "sweep/spec.h"

#define MODPROP_GRID_ROWS 10000000.0 /* the most all grids of a file may have together */

/* Zero-initialise. */
struct modprop_grid {
    const struct modprop_part *part;
    const struct modprop_values **source; /* [parameters] */
    size_t *stride;                       /* [parameters]: rows from one value to the next */
    size_t *leader;                       /* [parameters]: the parameter whose axis it shares */
    double rows;                          /* 0: the grid is wrong; may be too large to count */
};

/* The grid of a part. Mistakes are told; rows is 0 if there are any. The spec must outlive the
 * grid. Errors: MODPROP_NO_MEMORY. */
enum modprop_status modprop_grid_make(struct modprop_grid *grid, const struct modprop_spec *spec,
                                      const struct modprop_part *part,
                                      struct modprop_mistakes *mistakes);
void modprop_grid_clear(struct modprop_grid *grid);

/* Whether all grids together stay within MODPROP_GRID_ROWS; says so if not. */
bool modprop_grid_fits(const struct modprop_grid *grid, size_t grids,
                       struct modprop_mistakes *mistakes);

/* Value of a parameter in a row, and its part of the row's key. */
static inline size_t modprop_grid_place(const struct modprop_grid *grid, size_t row, size_t p)
{
    const size_t count = grid->source[p]->count;
    return count == 1 ? 0 : row / grid->stride[p] % count;
}

#endif
