/*
 * expand.h - from grids to the ordered table of different runs.
 *
 * Rows are generated grid by grid, the common part first, and known by their key; a row equal to an
 * earlier one in all that is read is dropped. A row is kept as its place in its grid (its values
 * are computed when they are needed), so that ten million take a few hundred megabytes.
 */
#ifndef MODPROP_SWEEP_EXPAND_H
#define MODPROP_SWEEP_EXPAND_H

#include "sweep/grid.h"

struct modprop_row {
    uint64_t key;
    uint32_t grid, place; /* number of the row in the grid */
    uint32_t mask;        /* which parameters it reads */
    uint32_t condition;   /* runs equal in all but the seed; numbered in order of appearance */
    uint32_t repeat;      /* how many runs of the condition come before it */
};

/* Zero-initialise. */
struct modprop_expansion {
    const struct modprop_grid *grid;   /* borrowed */
    const struct modprop_texts *texts; /* borrowed */
    size_t grids;
    size_t rows, row_room;
    struct modprop_row *row;
    size_t masks, mask_room;
    bool *mask; /* [masks][parameters]: what a row with this mask reads; room: masks */
    bool *read; /* [grids][parameters]: what any row of a grid reads */
    size_t conditions, condition_room;
    uint32_t *first; /* [conditions]: a row of each */
    uint32_t *size;  /* [conditions]: number of its runs */
    size_t merged;   /* rows dropped because they equal another */
};

/* Expands all grids (those with rows = 0 are passed over). Rows that share a key without being
 * equal are told as a mistake. Errors: MODPROP_NO_MEMORY. */
enum modprop_status modprop_expand(struct modprop_expansion *expansion,
                                   const struct modprop_grid *grid, size_t grids,
                                   const struct modprop_texts *texts,
                                   struct modprop_mistakes *mistakes);

/* Puts the rows into the sweep's order. Errors: MODPROP_NO_MEMORY. */
enum modprop_status modprop_expand_order(struct modprop_expansion *expansion,
                                         enum modprop_sweep_order order);

/* values: [parameters]; NaN where the row does not read the parameter. */
void modprop_expand_values(const struct modprop_expansion *expansion, const struct modprop_row *row,
                           double *values);

/* Sets what such a row reads in a configuration, which is at its defaults. */
void modprop_expand_config(const double *values, const struct modprop_texts *texts,
                           struct modprop_config *config);

void modprop_expand_clear(struct modprop_expansion *expansion);

#endif
