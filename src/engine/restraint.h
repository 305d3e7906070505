/*
 * restraint.h - what keeps the recurrent weights from growing without bound, after each iteration.
 *
 * Homeostasis, multiplicative: with s_j = sum_i theta_ij, the sizes of all recurrent weights onto unit j
 * together, and s_j(0) their initial sum,
 *     theta_ij <- theta_ij (s_j(0) / s_j)^homeostasis
 * Excitation and inhibition of a unit keep their ratio. Unlike synaptic scaling (Turrigiano, Cell 2008), which
 * also scales all synapses of a neuron together, it asks for weights, not for rates. The initial sums
 * follow from the configuration, and so are no state of a run.
 * Radius: where the largest |eigenvalue| of W_rec is above radius_bound, all of W_rec is scaled to it.
 */
#ifndef MODPROP_ENGINE_RESTRAINT_H
#define MODPROP_ENGINE_RESTRAINT_H

#include "engine/network.h"
#include "engine/spectrum.h"

struct modprop_restraint {
    double share;          /* homeostasis */
    double radius;         /* 0: no bound */
    double *target, *size; /* [n]: s(0) and s; NULL: no homeostasis */
};

enum modprop_status modprop_restraint_init(struct modprop_restraint *restraint,
                                           const struct modprop_config *config,
                                           struct modprop_error *err);
void modprop_restraint_clear(struct modprop_restraint *restraint); /* accepts a zeroed one */
size_t modprop_restraint_bytes(const struct modprop_config *config);

/* With the initial weights. */
void modprop_restraint_begin(struct modprop_restraint *restraint,
                             const struct modprop_network *network);

/* On a refreshed network, which it leaves refreshed. */
void modprop_restraint_apply(struct modprop_restraint *restraint, struct modprop_network *network,
                             struct modprop_spectrum *spectrum);

#endif
