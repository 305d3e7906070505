/*
 * bptt: the exact gradient, back through time.
 *     delta[t] = h[t] o (L[t] + (1-alpha) delta[t+1] W_rec^T) + alpha delta[t+1]
 */
#include "engine/backward.h"
#include "engine/blas.h"
#include "engine/network.h"
#include "engine/rule.h"

static void credit(const struct modprop_credit *c)
{
    const struct modprop_network *const net = c->setup->network;
    const size_t n = net->n, Bn = c->setup->shape.B * n;
    modprop_real *const back = c->work;
    modprop_blas_multiply(false, true, c->setup->shape.B, n, n, net->take, c->delta_next, n,
                          net->w.W_rec, n, 0, back, n);
    for (size_t k = 0; k < Bn; k++)
        c->delta[k] = c->h[k] * (c->L[k] + back[k]) + net->keep * c->delta_next[k];
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
    .trajectory = true,
    .create = create,
    .free = modprop_backward_free,
    .end = modprop_backward_end,
    .bytes = modprop_backward_bytes,
    .cost = cost,
};

const struct modprop_rule modprop_rule_bptt = {
    .name = "bptt",
    .summary = "backpropagation through time: the exact gradient",
    .citation = "Werbos, Proc. IEEE 1990",
    .params = (const char *const[]){NULL},
    .offline = &offline,
};
