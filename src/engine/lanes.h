/*
 * lanes.h - the units that credit can reach in a piece of time, side by side.
 *
 * Where every path of credit into a unit carries its h, a unit that is silent in a whole piece and in
 * all trials of the tile gets no new credit there: what it has leaks away, and that is all. The others
 * are moved together, so that products of the piece leave out silent units on both sides.
 */
#ifndef MODPROP_ENGINE_LANES_H
#define MODPROP_ENGINE_LANES_H

#include "engine/memory.h"
#include "engine/network.h"

struct modprop_lanes {
    const struct modprop_network *network; /* borrowed */
    bool all;                              /* a lane for each unit, in the arrays as they are */
    size_t count;                          /* lanes */
    size_t ld;                             /* row length of arrays of lanes */
    uint32_t *unit;        /* [n + MODPROP_KERNEL_VECTOR]: of a lane, ascending; not if `all` */
    modprop_real *W;       /* [count][ld]: W_rec^T from lane to lane */
    modprop_real *sum;     /* [m][ld]: a piece's weight gradient */
    modprop_real *wide[2]; /* [tile][ldn]: factor and product of all units, where W_rec is sparse */
};

/* Room for what choose_active needs, with tiles of at most MODPROP_KERNEL_TILE trials; without it there
 * are all lanes or none. A refusal is noted in the plan. */
void modprop_lanes_take(struct modprop_lanes *lanes, struct modprop_memory_plan *plan,
                        const struct modprop_network *network, const struct modprop_shape *shape);
void modprop_lanes_clear(struct modprop_lanes *lanes); /* accepts a zeroed one */
size_t modprop_lanes_bytes(const struct modprop_shape *shape);

void modprop_lanes_choose_all(struct modprop_lanes *lanes);
void modprop_lanes_choose_none(struct modprop_lanes *lanes);
/* A lane for each unit with an entry other than 0 in h [rows][ldn], or for all where that is faster. */
void modprop_lanes_choose_active(struct modprop_lanes *lanes, size_t rows, const modprop_real *h);

/* The lanes' part of a [rows][ldn]: a itself, or put into out [rows][ld]. */
const modprop_real *modprop_lanes_pack(const struct modprop_lanes *lanes, size_t rows,
                                       const modprop_real *a, modprop_real *out);

/* The inverse: a [rows][ldn] gets the lanes' values [rows][ld], other units keep theirs. */
void modprop_lanes_unpack(const struct modprop_lanes *lanes, size_t rows, const modprop_real *in,
                          modprop_real *a);

/* The first product of a piece: out [R][ld] = a W_rec^T with a [R][ldn] of all units. */
void modprop_lanes_open(struct modprop_lanes *lanes, size_t R, const modprop_real *a,
                        modprop_real *out);

/* The others: a [R][ld], zero outside the lanes. units: who gets the product; out is room for it. */
void modprop_lanes_return(const struct modprop_lanes *lanes, size_t R, const modprop_real *a,
                          modprop_real *out, const struct modprop_kernel_leaky *units);

/* sum [m][ldn] += sum over T steps and R trials of pre[t][r]^T b[t][r]; b [T][R][ld]. */
void modprop_lanes_correlate(const struct modprop_lanes *lanes, size_t T, size_t R,
                             const modprop_real *pre, const modprop_real *b, modprop_real *sum);

#endif
