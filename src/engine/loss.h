/*
 * loss.h - the loss of one step and its derivative with respect to the readout.
 */
#ifndef MODPROP_ENGINE_LOSS_H
#define MODPROP_ENGINE_LOSS_H

#include "engine/shape.h"

/* This step's part of the loss, which is the mean over the batch and the loss steps:
 *     cross entropy   -log softmax(y)[label]
 *     squared         sum over the outputs of (y - target)^2 / (2 n_out)
 * dy [B][n_out] gets dE/dy of this step. y [B][n_out]; label [B] or target [B][n_out]. */
double modprop_loss_step(const struct modprop_shape *shape, const modprop_real *y, const size_t *label,
                         const modprop_real *target, modprop_real *dy);

#endif
