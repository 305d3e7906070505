/*
 * mdgl: credit that crosses one synapse at most, by cell (or cell-type) specific modulation.
 *     delta[t] = q[t] + alpha delta[t+1],   q[t] = h[t] o (L[t] + (1-alpha) (h[t+1] o L[t+1]) W_fb^T)
 * Online, with the eligibility eps[t] = alpha eps[t-1] + (1-alpha) pre[t]: grad = sum_t eps[t]^T q[t],
 * whose two parts are added as soon as they are known, in steps t and t + 1.
 */
#include <string.h>

#include "engine/backward.h"
#include "engine/feedback.h"
#include "engine/memory.h"
#include "engine/network.h"
#include "engine/rule.h"
#include "engine/taps.h"

static enum modprop_nonlocal credit(const struct modprop_credit *c)
{
    const struct modprop_network *const net = c->setup->network;
    if (!c->L_next)
        return MODPROP_NONLOCAL_NONE;
    for (size_t k = 0; k < c->count; k++)
        c->work[k] = c->h_next[k] * c->L_next[k];
    modprop_feedback_apply(c->setup->feedback, c->R, c->work, c->nonlocal, NULL);
    for (size_t k = 0; k < c->count; k++)
        c->nonlocal[k] *= net->take * c->h[k];
    return MODPROP_NONLOCAL;
}

static enum modprop_status create(void **state, const struct modprop_setup *setup,
                                  struct modprop_error *err)
{
    return modprop_backward_create(state, setup, credit, MODPROP_REACH_SIGNAL, err);
}

/* ------------------------------------------------------------------ online */

struct online {
    struct modprop_setup setup;
    modprop_real *eps;        /* [R][ld]: eps[t] */
    modprop_real *eps_before; /* [R][ld]: eps[t-1] */
    modprop_real *h_before;   /* [R][ldn]: h[t-1] */
    modprop_real *q, *back;   /* [R][ldn] */
    modprop_real *sum;        /* [m][ldn]: gradient so far */
};

static size_t bytes_online(const struct modprop_config *config, const struct modprop_shape *s)
{
    (void)config;
    return (2 * s->tile * s->ld + (3 * s->tile + s->m) * s->ldn) * sizeof(modprop_real);
}

static double cost_online(const struct modprop_config *config, const struct modprop_shape *shape)
{
    const double signals = (double)shape->signal_steps;
    return modprop_taps_cost(config, shape, 0) +
           signals * (modprop_feedback_cost(config) +
                      2.0 * (double)(shape->B * shape->m) * (double)shape->n);
}

static void free_online(void *state)
{
    struct online *p = state;
    if (!p)
        return;
    modprop_memory_free(p->eps);
    modprop_memory_free(p->eps_before);
    modprop_memory_free(p->h_before);
    modprop_memory_free(p->q);
    modprop_memory_free(p->back);
    modprop_memory_free(p->sum);
    modprop_memory_free(p);
}

static enum modprop_status create_online(void **state, const struct modprop_setup *setup,
                                         struct modprop_error *err)
{
    const struct modprop_shape *s = &setup->shape;
    const size_t size = sizeof(modprop_real), row = modprop_memory_product(s->tile, s->ld);
    const size_t row_n = modprop_memory_product(s->tile, s->ldn);
    struct modprop_memory_plan plan = {0};
    struct online *p = modprop_memory_take(&plan, 1, sizeof *p);
    if (p) {
        p->setup = *setup;
        p->eps = modprop_memory_take(&plan, row, size);
        p->eps_before = modprop_memory_take(&plan, row, size);
        p->h_before = modprop_memory_take(&plan, row_n, size);
        p->q = modprop_memory_take(&plan, row_n, size);
        p->back = modprop_memory_take(&plan, row_n, size);
        p->sum = modprop_memory_take(&plan, modprop_memory_product(s->m, s->ldn), size);
    }
    *state = p;
    if (plan.refused) {
        free_online(p);
        *state = NULL;
        return modprop_memory_error("the eligibility traces", plan.bytes, err);
    }
    return MODPROP_OK;
}

static void start(void *state)
{
    struct online *p = state;
    memset(p->sum, 0, p->setup.shape.m * p->setup.shape.ldn * sizeof *p->sum);
}

static void begin(void *state, size_t R)
{
    struct online *p = state;
    memset(p->eps, 0, R * p->setup.shape.ld * sizeof *p->eps);
    memset(p->h_before, 0, R * p->setup.shape.ldn * sizeof *p->h_before);
}

/* The credit of step t for itself, and for step t - 1 across a synapse. */
static void collect(struct online *p, const struct modprop_block *block)
{
    const struct modprop_network *const net = p->setup.network;
    const size_t count = block->R * p->setup.shape.ldn;
    for (size_t k = 0; k < count; k++)
        p->q[k] = block->h[k] * block->L[k];
    modprop_network_correlate(net, 1, block->R, p->eps, p->q, p->sum);
    modprop_feedback_apply(p->setup.feedback, block->R, p->q, p->back, NULL);
    for (size_t k = 0; k < count; k++)
        p->q[k] = net->take * p->h_before[k] * p->back[k];
    modprop_network_correlate(net, 1, block->R, p->eps_before, p->q, p->sum);
}

static void block(void *state, const struct modprop_block *block)
{
    struct online *p = state;
    const struct modprop_shape *s = &p->setup.shape;
    const struct modprop_network *const net = p->setup.network;
    const struct modprop_kernel_leak leak = {net->keep, net->take, 0, true};
    const size_t row = block->R * s->ld, row_n = block->R * s->ldn;
    if (block->L)
        memcpy(p->eps_before, p->eps, row * sizeof *p->eps);
    net->kernel->cascade(1, block->steps, row, &leak, p->eps, row, block->pre, row, NULL, 0);
    if (block->L)
        collect(p, block);
    memcpy(p->h_before, block->h + (block->steps - 1) * row_n, row_n * sizeof *p->h_before);
}

static enum modprop_status end(void *state, modprop_real *gradient, bool *again,
                               struct modprop_error *err)
{
    (void)again;
    (void)err;
    const struct online *p = state;
    const struct modprop_shape *s = &p->setup.shape;
    for (size_t pre = 0; pre < s->m; pre++)
        memcpy(gradient + pre * s->n, p->sum + pre * s->ldn, s->n * sizeof *gradient);
    return MODPROP_OK;
}

static const struct modprop_method online = {
    .create = create_online,
    .free = free_online,
    .start = start,
    .begin = begin,
    .block = block,
    .end = end,
    .bytes = bytes_online,
    .cost = cost_online,
    .obstacle = modprop_taps_obstacle,
};

/* ------------------------------------------------------------------ offline */

static double cost(const struct modprop_config *config, const struct modprop_shape *shape)
{
    return modprop_backward_cost(config, shape) +
           modprop_feedback_cost(config) * (double)shape->signal_steps;
}

static const struct modprop_method offline = {
    MODPROP_BACKWARD_METHOD,
    .create = create,
    .bytes = modprop_backward_bytes,
    .cost = cost,
};

const struct modprop_rule modprop_rule_mdgl = {
    .name = "mdgl",
    .summary = "multidigraph learning: eprop plus modulatory credit across one synapse",
    .citation = "Liu et al., PNAS 2021",
    .params = (const char *const[]){"feedback", "types_per_sign", "type_labels",
                                    "type_relabel_every", "type_file", "feedback_weights",
                                    "feedback_decay", "learning_signal", "signal_decay", "path",
                                    NULL},
    .feedback = true,
    .methods = {&online, &offline},
};
