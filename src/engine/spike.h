/*
 * spike.h - what the kinds of spiking units share: firing, reset, refractoriness and the surrogate
 * of the derivative.
 *     s = 1 where v > theta and no spike was within the last refractory_steps, else 0
 *     h = (gamma / thr) max(0, 1 - |v - theta| / thr), and 0 during the refractory steps
 * The reset subtracts thr, not theta, one step after the spike, and carries no gradient.
 */
#ifndef MODPROP_ENGINE_SPIKE_H
#define MODPROP_ENGINE_SPIKE_H

#include <math.h>

#include "engine/network.h"

/* The membrane after a step: v[t] = alpha v[t-1] + (1 - alpha) input[t] - thr s[t-1]. */
static inline modprop_real modprop_spike_membrane(const struct modprop_network *net, modprop_real v,
                                                  modprop_real input, modprop_real s_before)
{
    return net->keep * v + net->take * input - net->threshold * s_before;
}

/* The spike; *rest: refractory steps left, h: NULL-able. A membrane that is not finite gives a spike
 * that is not a number, so that it does not look silent. */
static inline modprop_real modprop_spike_fire(const struct modprop_network *net, modprop_real v,
                                              modprop_real theta, modprop_real *rest,
                                              modprop_real *h)
{
    /* Without && and without a value that is computed on one side of a choice alone: compilers make
     * branches of these, and no vectors. */
    const modprop_real over = v - theta, left = *rest - 1, waits = left > 0 ? left : 0;
    const int free = *rest <= 0, fires = (over > 0) & free;
    const modprop_real near = 1 - (over < 0 ? -over : over) * net->surrogate_width;
    const modprop_real above = near > 0 ? near : 0, s = (modprop_real)fires;
    *rest = fires ? net->refractory : waits;
    if (h)
        *h = (modprop_real)free * net->surrogate_height * above;
    return s + (v - v);
}

#endif
