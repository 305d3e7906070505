/*
 * modprop: credit over arbitrary timespans by cell-type-specific modulation, a constant mu in place
 * of the activation derivative on every nonlocal link (Liu et al., NeurIPS 2022).
 *     delta[t] = h[t] o L[t] + alpha delta[t+1] + mu (1-alpha) delta[t+1] W_fb^T
 * With a window S the last term acts only on the links into the last S steps (t + 1 >= T - S).
 * Online: see taps.h.
 */
#include <math.h>

#include "engine/backward.h"
#include "engine/error.h"
#include "engine/feedback.h"
#include "engine/modulation.h"
#include "engine/network.h"
#include "engine/rule.h"
#include "engine/stability.h"
#include "engine/taps.h"
#include "engine/typed_traces.h"

static enum modprop_nonlocal credit(const struct modprop_credit *c)
{
    const struct modprop_setup *const setup = c->setup;
    const struct modprop_network *const net = setup->network;
    if (!c->h_next || !modprop_taps_link_open(setup->config, setup->shape.T, c->t + 1))
        return MODPROP_NONLOCAL_NONE;
    if (c->leaked && setup->config->mu_mode != MODPROP_MU_TRIAL) {
        const struct modprop_kernel_leaky D = {.keep = net->keep,
                                               .take = net->take,
                                               .gain = setup->modulation->mu,
                                               .before = c->D_next,
                                               .out = c->leaked,
                                               .ld = setup->shape.ldn};
        modprop_feedback_apply(setup->feedback, c->R, c->D_next, c->nonlocal, &D);
        return MODPROP_NONLOCAL_LEAKED;
    }
    modprop_feedback_apply(setup->feedback, c->R, c->D_next, c->nonlocal, NULL);
    modprop_modulation_scale(setup->modulation, 1 - net->alpha, c->t, c->R, c->nonlocal);
    return MODPROP_NONLOCAL;
}

static enum modprop_status create(void **state, const struct modprop_setup *setup,
                                  struct modprop_error *err)
{
    return modprop_backward_create(state, setup, credit, MODPROP_REACH_ALL, err);
}

static double cost(const struct modprop_config *config, const struct modprop_shape *shape)
{
    return modprop_backward_cost(config, shape) + modprop_feedback_cost(config) * (double)shape->T;
}

static enum modprop_status create_online(void **state, const struct modprop_setup *setup,
                                         struct modprop_error *err)
{
    const size_t expected = modprop_taps_expected(setup->config, &setup->shape);
    return modprop_taps_create(state, setup, setup->taps ? setup->taps : expected, err);
}

static size_t bytes_online(const struct modprop_config *config, const struct modprop_shape *shape)
{
    return modprop_taps_bytes(shape, modprop_taps_expected(config, shape));
}

static double cost_online(const struct modprop_config *config, const struct modprop_shape *shape)
{
    return modprop_taps_cost(config, shape, modprop_taps_expected(config, shape));
}

static const char *obstacle_online(const struct modprop_config *config)
{
    const char *const of_taps = modprop_taps_obstacle(config);
    if (of_taps || config->mu_mode != MODPROP_MU_TRIAL)
        return of_taps;
    return "with mu_mode = trial the online form takes feedback = type";
}

static enum modprop_status check(const struct modprop_config *config,
                                 const struct modprop_shape *shape, struct modprop_error *err)
{
    (void)shape;
    const double alpha = exp(-1 / config->tau_ms);
    if (config->mu_mode != MODPROP_MU_FIXED && config->radius_max <= alpha)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "radius_max = %g is not above alpha = %g, which the membrane's leak "
                            "alone gives (tau_ms = %g)",
                            config->radius_max, alpha, config->tau_ms);
    return MODPROP_OK;
}

/* Whether the filter's eigenvalues are asked. By cell the initial W_rec has a spectral radius of 1 and bears mu = 1; by
 * type means over few units have had bounds down to 0.9 in full networks, 0.3 in sparse ones (n = 30). */
static bool doubtful(const struct modprop_config *config)
{
    enum { MOST_UNITS = 2000, MOST_EIGENVALUES = 400 }; /* a second; who has more is left alone */
    const bool by_type = config->feedback == MODPROP_FEEDBACK_TYPE;
    const size_t size = by_type ? modprop_types_count(config) : (size_t)config->n;
    return config->mu_mode == MODPROP_MU_FIXED && config->mu > (by_type ? 0.25 : 1) &&
           config->n <= MOST_UNITS && size <= MOST_EIGENVALUES;
}

static enum modprop_status doubt(const struct modprop_config *config, struct modprop_error *err)
{
    double bound;
    if (!doubtful(config))
        return MODPROP_OK;
    const enum modprop_status status = modprop_stability_bound(config, &bound, err);
    if (status != MODPROP_OK || config->mu <= bound)
        return status;
    return MODPROP_FAIL(
        err, MODPROP_INVALID,
        "mu = %g is beyond %.3g, from which on the modulatory filter is unstable with %s "
        "already at the initial weights: credit grows without bound; take a smaller "
        "mu, or mu_mode = adaptive",
        config->mu, bound,
        config->feedback == MODPROP_FEEDBACK_TYPE ? "feedback = type" : "feedback = cell");
}

static const struct modprop_method offline = {
    MODPROP_BACKWARD_METHOD,
    .create = create,
    .bytes = modprop_backward_bytes,
    .cost = cost,
};

static const struct modprop_method online = {
    MODPROP_TAPS_METHOD,
    .create = create_online,
    .bytes = bytes_online,
    .cost = cost_online,
    .taps = modprop_taps_count,
    .obstacle = obstacle_online,
};

const struct modprop_rule modprop_rule_modprop = {
    .name = "modprop",
    .summary = "modulatory credit over arbitrary timespans with a constant mu per synapse crossed",
    .citation = "Liu et al., NeurIPS 2022, arXiv 2206.01338",
    .params = (const char *const[]){"feedback", "types_per_sign", "type_labels",
                                    "type_relabel_every", "type_file", "feedback_weights",
                                    "feedback_decay", "mu", "mu_mode", "mu_pool", "mu_gain",
                                    "mu_tau_iterations", "mu_tau_ms", "radius_max", "window",
                                    "learning_signal", "signal_decay", "path", "tap_tolerance",
                                    NULL},
    .feedback = true,
    .modulates = true,
    .check = check,
    .doubt = doubt,
    .methods = {&online, &modprop_typed_traces, &offline},
};
