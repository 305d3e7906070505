/*
 * loss.h - the loss of one step and its derivative with respect to the readout.
 */
#ifndef MODPROP_ENGINE_LOSS_H
#define MODPROP_ENGINE_LOSS_H

#include "engine/shape.h"

/* Part of the loss of one step of R trials; the loss is the mean over the batch and the loss steps of
 *     cross entropy   -log softmax(y)[label]
 *     squared         sum over the outputs of (y - target)^2 / (2 n_out)
 * dy [R][n_out] gets dE/dy. y [R][n_out]; the
 * classes are label[trial[r]], or target [R][n_out]. */
double modprop_loss_step(const struct modprop_shape *shape, size_t R, const modprop_real *y,
                         const size_t *label, const size_t *trial, const modprop_real *target,
                         modprop_real *dy);

#endif
