/*
 * taps.h - online credit by filter taps: the gradient of eprop and modprop without going back in time.
 *
 * For a fixed mu, delta[t] = u[t] + alpha delta[t+1] + delta[t+1] F' with u = h o L and
 * F' = mu (1-alpha) W_fb^T. The recursion does not depend on the activity and alpha I commutes with
 * F', so the binomial theorem moves all of time to the presynaptic side, a cascade of leaky
 * integrators ("pre-determined temporal filtering taps", Liu et al., NeurIPS 2022). With F = W_fb^T,
 *     eps_0[t] = alpha eps_0[t-1] + (1-alpha) pre[t]                the eligibility
 *     eps_j[t] = alpha eps_j[t-1] + mu (1-alpha) eps_{j-1}[t-1]     credit that crosses j synapses
 *     grad     = sum_t sum_j eps_j[t]^T (u[t] F^j),   j = 0 ... J
 * where the factors mu, one for each presynaptic unit, may stand at u instead, F = W_fb^T diag(mu), and
 * pre[t] is z[t-1] | x[t]. eprop is J = 0; J = T - 1 is exact.
 * Below that the number of taps grows until the last one's share of the gradient is below
 * tap_tolerance.
 */
#ifndef MODPROP_ENGINE_TAPS_H
#define MODPROP_ENGINE_TAPS_H

#include "engine/rule.h"

/* The functions of struct modprop_method; taps: J at the start. */
enum modprop_status modprop_taps_create(void **state, const struct modprop_setup *setup,
                                        size_t taps, struct modprop_error *err);
void modprop_taps_free(void *state); /* accepts NULL */
void modprop_taps_start(void *state);
void modprop_taps_begin(void *state, size_t R);
void modprop_taps_block(void *state, const struct modprop_block *block);
enum modprop_status modprop_taps_end(void *state, modprop_real *gradient, bool *again,
                                     struct modprop_error *err);
double modprop_taps_count(const void *state);

/* Eligibility traces of the presynaptic side are not enough where units adapt. */
const char *modprop_taps_obstacle(const struct modprop_config *config);

/* What the table of every method by taps says alike; it adds .create, .bytes and .cost, and .obstacle. */
#define MODPROP_TAPS_METHOD \
    .free = modprop_taps_free, .start = modprop_taps_start, .begin = modprop_taps_begin, \
    .block = modprop_taps_block, .end = modprop_taps_end

/* The whole of it but .obstacle, for rules whose credit crosses no synapse: J = 0. */
#define MODPROP_TAPS_LOCAL_METHOD \
    MODPROP_TAPS_METHOD, .create = modprop_taps_create_local, .bytes = modprop_taps_bytes_local, \
    .cost = modprop_taps_cost_local
enum modprop_status modprop_taps_create_local(void **state, const struct modprop_setup *setup,
                                              struct modprop_error *err);
size_t modprop_taps_bytes_local(const struct modprop_config *config,
                                const struct modprop_shape *shape);
double modprop_taps_cost_local(const struct modprop_config *config,
                               const struct modprop_shape *shape);

/* Taps that a modprop run starts with, from the norms at the start (spectral radius 1): the terms
 * fall off like a Poisson tail with mean mu (1-alpha) T. */
size_t modprop_taps_expected(const struct modprop_config *config,
                             const struct modprop_shape *shape);

/* As the functions of struct modprop_method. */
size_t modprop_taps_bytes(const struct modprop_shape *shape, size_t taps);
double modprop_taps_cost(const struct modprop_config *config, const struct modprop_shape *shape,
                         size_t taps);

/* Whether the nonlocal path acts on the link from step t - 1 into step t: always without a window,
 * else for t >= T - window. */
bool modprop_taps_link_open(const struct modprop_config *config, size_t T, size_t t);

#endif
