/*
 * bptt: the exact gradient, back through time.
 *     delta[t] = h[t] o (L[t] + (1-alpha) delta[t+1] W_rec^T) + alpha delta[t+1]
 * With q[t], the first term, D[t] = delta[t] W_rec^T is a leaky integrator as well, driven by a product
 * whose left factor is zero wherever a unit is silent:
 *     q[t] = h[t] o (L[t] + (1-alpha) D[t+1]),  delta[t] = q[t] + alpha delta[t+1],
 *     D[t] = q[t] W_rec^T + alpha D[t+1]
 */
#include "engine/backward.h"
#include "engine/network.h"
#include "engine/rule.h"

MODPROP_KERNEL_CLONES
static void gate(size_t count, modprop_real keep, modprop_real take, const modprop_real *restrict h,
                 const modprop_real *restrict L, const modprop_real *restrict D,
                 const modprop_real *restrict delta_next, modprop_real *restrict q,
                 modprop_real *restrict delta)
{
    for (size_t k = 0; k < count; k++) {
        q[k] = h[k] * (L[k] + take * D[k]);
        delta[k] = q[k] + keep * delta_next[k];
    }
}

MODPROP_KERNEL_CLONES
static void integrate(size_t count, modprop_real keep, const modprop_real *restrict in,
                      modprop_real *restrict D)
{
    for (size_t k = 0; k < count; k++)
        D[k] = in[k] + keep * D[k];
}

static void credit(const struct modprop_credit *c)
{
    const struct modprop_network *const net = c->setup->network;
    gate(c->count, net->keep, net->take, c->h, c->L, c->carry, c->delta_next, c->work, c->delta);
    modprop_network_return(net, c->R, c->work, c->work2);
    integrate(c->count, net->keep, c->work2, c->carry);
}

static enum modprop_status create(void **state, const struct modprop_setup *setup,
                                  struct modprop_error *err)
{
    return modprop_backward_create(state, setup, credit, err);
}

static double cost(const struct modprop_config *config, const struct modprop_shape *shape)
{
    const double n = (double)shape->n;
    return modprop_backward_cost(config, shape) + 2 * n * n * (double)shape->B * (double)shape->T;
}

static const struct modprop_method offline = {
    MODPROP_BACKWARD_METHOD,
    .create = create,
    .cost = cost,
};

const struct modprop_rule modprop_rule_bptt = {
    .name = "bptt",
    .summary = "backpropagation through time: the exact gradient",
    .citation = "Werbos, Proc. IEEE 1990",
    .params = (const char *const[]){NULL},
    .offline = &offline,
};
