/*
 * shape.h - the sizes every part of a run agrees on.
 *
 * z[t-1] and x[t] of a trial stand in one row "pre" of m = n + n_in values, and W_rec above W_in in one
 * matrix of m rows, so that a layer's input is one product and both weight gradients are one. Trials
 * do not meet before their gradients are summed: a batch is worked off in tiles of a few trials over
 * all of time, whose state and weights stay in the cache.
 */
#ifndef MODPROP_ENGINE_SHAPE_H
#define MODPROP_ENGINE_SHAPE_H

#include "engine/kernel.h"
#include "engine/task.h"
#include "modprop.h"

struct modprop_shape {
    size_t B, T;           /* trials of a batch, steps of a trial */
    size_t n_in, n, n_out; /* inputs, recurrent units, outputs */
    size_t loss_steps;     /* the loss sits in the last so many steps */
    size_t signal_steps; /* a learning signal in the last so many: these, or all with a rate cost */
    enum modprop_loss loss;
    size_t m;        /* n + n_in: presynaptic rows */
    size_t ld;       /* row length of pre in memory: m rounded up to whole vectors */
    size_t ldn;      /* the same of n */
    size_t tile;     /* trials worked on at a time; the last time those that are left */
    size_t tiles;    /* how many times */
    size_t segment;  /* steps of a tile that methods which go back have in memory at a time */
    size_t segments; /* of a tile; all but the last one have that length */
    bool sparse;     /* few weights: products of tiles are fast however large n is */
};

/* Most steps of a block, which a pass works on at a time; segments consist of whole blocks. */
enum { MODPROP_BLOCK_STEPS = 32 };

/* Derives m and what follows it from the others. */
struct modprop_shape modprop_shape_complete(struct modprop_shape shape);

/* The shape a configuration's run has. */
struct modprop_shape modprop_shape_of(const struct modprop_config *config);

/* Cuts the steps into that many segments, or fewer where they would not be whole blocks. */
void modprop_shape_cut(struct modprop_shape *shape, size_t segments);

/* First trial of the tile-th tile; of tile + 1: the end of it. */
static inline size_t modprop_shape_first(const struct modprop_shape *shape, size_t tile)
{
    return tile < shape->tiles ? tile * shape->tile : shape->B;
}

#endif
