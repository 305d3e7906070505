/*
 * mdgl: credit that crosses one synapse at most, by cell (or cell-type) specific modulation.
 *     delta[t] = h[t] o (L[t] + (1-alpha) (h[t+1] o L[t+1]) W_fb^T) + alpha delta[t+1]
 */
#include "engine/backward.h"
#include "engine/feedback.h"
#include "engine/network.h"
#include "engine/rule.h"

static void credit(const struct modprop_credit *c)
{
    const struct modprop_network *const net = c->setup->network;
    modprop_backward_local(c);
    if (!c->L_next)
        return;
    modprop_real *const local = c->work, *const back = c->work2;
    for (size_t k = 0; k < c->count; k++)
        local[k] = c->h_next[k] * c->L_next[k];
    modprop_feedback_apply(c->setup->feedback, c->R, local, back);
    for (size_t k = 0; k < c->count; k++)
        c->delta[k] += net->take * c->h[k] * back[k];
}

static enum modprop_status create(void **state, const struct modprop_setup *setup,
                                  struct modprop_error *err)
{
    return modprop_backward_create(state, setup, credit, err);
}

static double cost(const struct modprop_config *config, const struct modprop_shape *shape)
{
    return modprop_backward_cost(config, shape) +
           modprop_feedback_cost(config) * (double)shape->loss_steps;
}

static const struct modprop_method offline = {
    MODPROP_BACKWARD_METHOD,
    .create = create,
    .cost = cost,
};

const struct modprop_rule modprop_rule_mdgl = {
    .name = "mdgl",
    .summary = "multidigraph learning: eprop plus modulatory credit across one synapse",
    .citation = "Liu et al., PNAS 2021",
    .params = (const char *const[]){"feedback", "types_per_sign", "learning_signal", NULL},
    .feedback = true,
    .offline = &offline,
};
