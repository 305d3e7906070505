/*
 * modprop: credit over arbitrary timespans by cell-type-specific modulation, a constant mu in place
 * of the activation derivative on every nonlocal link (Liu et al., NeurIPS 2022).
 *     delta[t] = h[t] o L[t] + alpha delta[t+1] + mu (1-alpha) delta[t+1] W_fb^T
 * With a window S the last term acts only on the links into the last S steps (t + 1 >= T - S).
 * Online: see taps.h.
 */
#include "engine/backward.h"
#include "engine/error.h"
#include "engine/feedback.h"
#include "engine/network.h"
#include "engine/rule.h"
#include "engine/taps.h"

MODPROP_KERNEL_CLONES
static void add(size_t count, modprop_real strength, const modprop_real *restrict back,
                modprop_real *restrict delta)
{
    for (size_t k = 0; k < count; k++)
        delta[k] += strength * back[k];
}

static void credit(const struct modprop_credit *c)
{
    const struct modprop_config *const config = c->setup->config;
    const double strength = config->mu * (1 - c->setup->network->alpha);
    modprop_backward_local(c);
    if (!modprop_taps_link_open(config, c->setup->shape.T, c->t + 1))
        return;
    modprop_feedback_apply(c->setup->feedback, c->R, c->delta_next, c->work);
    add(c->count, (modprop_real)strength, c->work, c->delta);
}

static enum modprop_status create(void **state, const struct modprop_setup *setup,
                                  struct modprop_error *err)
{
    return modprop_backward_create(state, setup, credit, err);
}

static double cost(const struct modprop_config *config, const struct modprop_shape *shape)
{
    return modprop_backward_cost(config, shape) + modprop_feedback_cost(config) * (double)shape->T;
}

static enum modprop_status create_online(void **state, const struct modprop_setup *setup,
                                         struct modprop_error *err)
{
    return modprop_taps_create(state, setup, modprop_taps_expected(setup->config, &setup->shape),
                               err);
}

static size_t bytes_online(const struct modprop_config *config, const struct modprop_shape *shape)
{
    return modprop_taps_bytes(shape, modprop_taps_expected(config, shape));
}

static double cost_online(const struct modprop_config *config, const struct modprop_shape *shape)
{
    return modprop_taps_cost(config, shape, modprop_taps_expected(config, shape));
}

static const struct modprop_method offline = {
    MODPROP_BACKWARD_METHOD,
    .create = create,
    .cost = cost,
};

static const struct modprop_method online = {
    MODPROP_TAPS_METHOD, .create = create_online,    .bytes = bytes_online,
    .cost = cost_online, .taps = modprop_taps_count,
};

const struct modprop_rule modprop_rule_modprop = {
    .name = "modprop",
    .summary = "modulatory credit over arbitrary timespans with a constant mu per synapse crossed",
    .citation = "Liu et al., NeurIPS 2022, arXiv 2206.01338",
    .params = (const char *const[]){"feedback", "types_per_sign", "mu", "window", "learning_signal",
                                    "path", "tap_tolerance", NULL},
    .feedback = true,
    .modulates = true,
    .online = &online,
    .offline = &offline,
};
