/*
 * modulation.h - mu, what stands for the activation derivative on the nonlocal path.
 *
 * fixed: the constant mu. adaptive: a running mean of what it stands for, for each presynaptic type a,
 *     mubar_a[k+1] = l mubar_a[k] + (1-l) mu_gain hbar_a[k],   l = exp(-1 / mu_tau_iterations)
 * where hbar_a[k] is the mean of h over batch, time and the units of type a (mu_pool = all: all units) in
 * iteration k, and mubar_a[0] = mu. Iteration k uses mu_a = c mubar_a[k], known before its trials start,
 * with the largest c <= 1 for which the filter alpha I + (1-alpha) c diag(mubar) W_fb has a spectral
 * radius of at most radius_max. trial: from there mu follows the activity within each trial,
 *     r_a[t] = l r_a[t-1] + (1-l) mu_gain hbar_a[t],   l = exp(-dt / mu_tau_ms),   r_a[-1] = mubar_a
 * and mu_a[t] = c r_a[t] acts on the link from step t to t + 1.
 */
#ifndef MODPROP_ENGINE_MODULATION_H
#define MODPROP_ENGINE_MODULATION_H

#include "engine/feedback.h"
#include "engine/rule.h"
#include "engine/spectrum.h"

struct modprop_modulation {
    const struct modprop_config *config; /* borrowed, as are the next two */
    const struct modprop_network *network;
    const struct modprop_feedback *feedback;
    bool measured;    /* mu_mode is not fixed */
    modprop_real *mu; /* [ldn]: of each presynaptic unit, in this iteration (trial: at its start) */
    double largest, mean; /* of these over the units */

    /* Where mu is measured. */
    const struct modprop_types *types; /* the network's; none for a fixed mu */
    double *mubar;                     /* [C]: what the next iteration depends on */
    double clamp;                      /* c */
    double radius;       /* spectral radius of the filter with c, NaN where it cannot be had */
    double radius_alone; /* without c */
    modprop_real *sum;   /* [ldn]: of h over a block */
    double *total;       /* [n]: of h over batch and time; between iterations, work */

    /* Within a trial. */
    size_t slots;    /* steps of r that are kept, a ring */
    modprop_real *r; /* [slots][tile][C]: step t in slot (t + 1) % slots */
};

/* keeps: r of all steps, for a method that goes back; else of a block. */
enum modprop_status modprop_modulation_create(struct modprop_modulation **modulation,
                                              const struct modprop_config *config,
                                              const struct modprop_shape *shape,
                                              const struct modprop_network *network,
                                              const struct modprop_feedback *feedback, bool keeps,
                                              struct modprop_error *err);
void modprop_modulation_free(struct modprop_modulation *modulation); /* accepts NULL */
size_t modprop_modulation_bytes(const struct modprop_config *config,
                                const struct modprop_shape *shape, bool keeps);

/* mu of the next iteration, from mubar and the present feedback weights. */
void modprop_modulation_refresh(struct modprop_modulation *modulation,
                                struct modprop_spectrum *spectrum);

/* Before a batch, after each of its blocks (with all of h), and after the iteration. */
void modprop_modulation_start(struct modprop_modulation *modulation);
void modprop_modulation_watch(struct modprop_modulation *modulation,
                              const struct modprop_block *block);
void modprop_modulation_end(struct modprop_modulation *modulation,
                            const struct modprop_shape *shape);

/* Around a change of the units' types: each unit keeps its type's mubar, and a new type begins with the
 * mean over its units. */
void modprop_modulation_ungroup(struct modprop_modulation *modulation);
void modprop_modulation_group(struct modprop_modulation *modulation);

/* mu_mode = trial: r[t] [R][C] of the present tile, t = -1 included. mu is clamp times that. */
const modprop_real *modprop_modulation_within(const struct modprop_modulation *modulation, long t,
                                              size_t R);

/* credit [R][ldn] *= scale mu[t] of the presynaptic unit. */
void modprop_modulation_scale(const struct modprop_modulation *modulation, double scale, size_t t,
                              size_t R, modprop_real *credit);

#endif
