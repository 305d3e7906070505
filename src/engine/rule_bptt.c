/*
 * bptt: the exact gradient, back through time.
 *     delta[t] = h[t] o (L[t] + (1-alpha) delta[t+1] W_rec^T) + alpha delta[t+1]
 * With q[t], the first term (and what adaptation adds to it, backward.h), C[t] = delta[t] W_rec^T is a
 * leaky integrator as well, driven by a product whose left factor is zero wherever a unit is silent:
 *     C[t] = q[t] W_rec^T + alpha C[t+1],   N[t] = (1-alpha) h[t] o C[t+1]
 */
#include "engine/backward.h"
#include "engine/network.h"
#include "engine/rule.h"

MODPROP_KERNEL_CLONES
static void gate(size_t count, modprop_real take, const modprop_real *restrict h,
                 const modprop_real *restrict C, modprop_real *restrict N)
{
    for (size_t k = 0; k < count; k++)
        N[k] = h[k] * (take * C[k]);
}

/* A piece has its own lanes, and begins with C from the definition. */
static enum modprop_nonlocal credit(const struct modprop_credit *c)
{
    const struct modprop_network *const net = c->setup->network;
    if (c->before) {
        modprop_lanes_open(c->lanes, c->R, c->before, c->carry);
    } else {
        const struct modprop_kernel_leaky C = {
            .keep = net->keep, .take = 1, .before = c->carry, .out = c->carry, .ld = c->lanes->ld};
        modprop_lanes_return(c->lanes, c->R, c->q_next, c->work, &C);
    }
    gate(c->count, net->take, c->h, c->carry, c->nonlocal);
    return MODPROP_NONLOCAL;
}

static enum modprop_status create(void **state, const struct modprop_setup *setup,
                                  struct modprop_error *err)
{
    return modprop_backward_create(state, setup, credit, MODPROP_REACH_ACTIVE, err);
}

static double cost(const struct modprop_config *config, const struct modprop_shape *shape)
{
    const double n = (double)shape->n;
    return modprop_backward_cost(config, shape) + 2 * n * n * (double)shape->B * (double)shape->T;
}

static const struct modprop_method offline = {
    MODPROP_BACKWARD_METHOD,
    .derivative = true,
    .create = create,
    .bytes = modprop_backward_bytes_active,
    .cost = cost,
};

const struct modprop_rule modprop_rule_bptt = {
    .name = "bptt",
    .summary = "backpropagation through time: the exact gradient",
    .citation = "Werbos, Proc. IEEE 1990",
    .params = (const char *const[]){NULL},
    .methods = {&offline},
};
