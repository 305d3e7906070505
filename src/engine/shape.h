/*
 * shape.h - the sizes every part of a run agrees on.
 *
 * z[t-1] and x[t] of a trial stand in one row "pre" of n + n_in values, and W_rec above W_in in one
 * matrix of n + n_in rows, so that a layer's input is one product and both weight gradients are one.
 */
#ifndef MODPROP_ENGINE_SHAPE_H
#define MODPROP_ENGINE_SHAPE_H

#include "engine/task.h"
#include "modprop.h"

struct modprop_shape {
    size_t B, T;             /* trials of a batch, steps of a trial */
    size_t n_in, n, n_out;   /* inputs, recurrent units, outputs */
    size_t loss_steps;       /* the loss sits in the last so many steps */
    enum modprop_loss loss;
    size_t m;                /* n + n_in: presynaptic rows */
    size_t ld;               /* row length of pre in memory: m rounded up to whole vectors */
};

/* Derives m and ld from the others. */
static inline struct modprop_shape modprop_shape_complete(struct modprop_shape shape)
{
    enum { VECTOR = 16 }; /* float32 values in the widest vector register */
    shape.m = shape.n + shape.n_in;
    shape.ld = (shape.m + VECTOR - 1) / VECTOR * VECTOR;
    return shape;
}

/* The shape a configuration's run has. */
struct modprop_shape modprop_shape_of(const struct modprop_config *config);

#endif
