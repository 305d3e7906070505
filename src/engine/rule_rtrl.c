/*
 * rtrl: the exact gradient forward in time with the full influence matrix, an oracle for small
 * networks (Williams & Zipser 1989). With J[b][pre][post][k] = dv[b][k] / dW[pre][post]:
 *     J[t] = alpha J[t-1] + (1-alpha) (h[t-1] o J[t-1]) W_rec,   J[b][pre][k][k] += (1-alpha) pre[t][b]
 *     grad[pre][post] = sum_t sum_b sum_k L[t][b][k] h[t][b][k] J[b][pre][post][k]
 * Where thresholds adapt, J - beta o Ja stands for J behind h, with Ja of the adaptation a:
 *     Ja[t] = rho Ja[t-1] + (1-rho) Jz[t-1],   Jz[t] = h[t] o (J[t] - beta o Ja[t])
 */
#include <string.h>

#include "engine/blas.h"
#include "engine/error.h"
#include "engine/memory.h"
#include "engine/network.h"
#include "engine/registry.h"
#include "engine/rule.h"

/* Beyond this (62 units and eight trials at a time) an iteration of the published length takes minutes:
 * no oracle any more. */
static const double LARGEST_BYTES = 16e6;

struct rtrl {
    struct modprop_setup setup;
    modprop_real *J;        /* [tile][m][n][n]: of v */
    modprop_real *Jz;       /* [tile][m][n][n]: of z */
    modprop_real *Ja;       /* [tile][m][n][n]: of a; NULL where nothing adapts */
    modprop_real *gradient; /* [m][n] */
};

static size_t influence(const struct modprop_shape *s)
{
    return modprop_memory_product(modprop_memory_product(s->tile, s->m),
                                  modprop_memory_product(s->n, s->n));
}

static size_t bytes(const struct modprop_config *config, const struct modprop_shape *shape)
{
    const bool adapts = modprop_units_at((size_t)config->units)->adapts;
    const size_t values = modprop_memory_product(adapts ? 3 : 2, influence(shape));
    return modprop_memory_product(values, sizeof(modprop_real));
}

static double cost(const struct modprop_config *config, const struct modprop_shape *shape)
{
    (void)config;
    return 2 * (double)shape->T * (double)shape->tiles * (double)influence(shape) *
           (double)shape->n;
}

static enum modprop_status check(const struct modprop_config *config,
                                 const struct modprop_shape *shape, struct modprop_error *err)
{
    const double needed = (double)bytes(config, shape);
    if (needed > LARGEST_BYTES)
        return MODPROP_FAIL(
            err, MODPROP_INVALID,
            "rule = rtrl with n = %ld and batch = %ld needs %.3g MB for its influence "
            "matrix (limit %.3g MB): it is an oracle for small networks; take a smaller "
            "n, or rule = bptt, whose gradient is the same",
            config->n, config->batch, needed / 1e6, LARGEST_BYTES / 1e6);
    return MODPROP_OK;
}

static void release(void *state)
{
    struct rtrl *p = state;
    if (!p)
        return;
    modprop_memory_free(p->J);
    modprop_memory_free(p->Jz);
    modprop_memory_free(p->Ja);
    modprop_memory_free(p->gradient);
    modprop_memory_free(p);
}

static enum modprop_status create(void **state, const struct modprop_setup *setup,
                                  struct modprop_error *err)
{
    struct modprop_memory_plan plan = {0};
    struct rtrl *p = modprop_memory_take(&plan, 1, sizeof *p);
    if (p) {
        p->setup = *setup;
        p->J = modprop_memory_take(&plan, influence(&setup->shape), sizeof *p->J);
        p->Jz = modprop_memory_take(&plan, influence(&setup->shape), sizeof *p->J);
        if (setup->network->units->adapts)
            p->Ja = modprop_memory_take(&plan, influence(&setup->shape), sizeof *p->J);
        p->gradient = modprop_memory_take(&plan, setup->shape.m * setup->shape.n, sizeof *p->J);
    }
    *state = p;
    if (plan.refused) {
        release(p);
        *state = NULL;
        return modprop_memory_error("the influence matrix", plan.bytes, err);
    }
    return MODPROP_OK;
}

static void start(void *state)
{
    struct rtrl *p = state;
    memset(p->gradient, 0, p->setup.shape.m * p->setup.shape.n * sizeof *p->gradient);
}

static void begin(void *state, size_t R)
{
    (void)R;
    struct rtrl *p = state;
    memset(p->J, 0, influence(&p->setup.shape) * sizeof *p->J);
    memset(p->Jz, 0, influence(&p->setup.shape) * sizeof *p->Jz);
    if (p->Ja)
        memset(p->Ja, 0, influence(&p->setup.shape) * sizeof *p->Ja);
}

/* The adaptation of one trial, before Jz moves on: Ja and Jz [rows][n]. */
static void advance_adaptation(const struct modprop_network *net, size_t rows,
                               const modprop_real *Jz, modprop_real *Ja)
{
    for (size_t k = 0; k < rows * net->n; k++)
        Ja[k] = net->a_keep * Ja[k] + net->a_take * Jz[k];
}

/* Takes what the adaptation does to the distance from the threshold off Jz [rows][n]. */
static void adapt(const struct modprop_network *net, size_t rows, const modprop_real *h,
                  const modprop_real *Ja, modprop_real *Jz)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < net->n; k++)
            Jz[r * net->n + k] -= h[k] * net->beta[k] * Ja[r * net->n + k];
}

/* Moves the influence matrix of one trial to this step; pre [m], h [n]. */
static void advance(struct rtrl *p, size_t b, const modprop_real *pre, const modprop_real *h)
{
    const struct modprop_shape *s = &p->setup.shape;
    const struct modprop_network *net = p->setup.network;
    const size_t n = s->n, rows = s->m * n;
    modprop_real *const J = p->J + b * rows * n, *const Jz = p->Jz + b * rows * n;
    modprop_real *const Ja = p->Ja ? p->Ja + b * rows * n : NULL;
    if (Ja)
        advance_adaptation(net, rows, Jz, Ja);
    modprop_blas_multiply(false, false, rows, n, n, net->take, Jz, n, net->w.W_rec, n, net->keep, J,
                          n);
    for (size_t i = 0; i < s->m; i++)
        for (size_t k = 0; k < n; k++)
            J[(i * n + k) * n + k] += net->take * pre[i];
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < n; k++)
            Jz[r * n + k] = h[k] * J[r * n + k];
    if (Ja)
        adapt(net, rows, h, Ja, Jz);
}

static void block(void *state, const struct modprop_block *block)
{
    struct rtrl *p = state;
    const struct modprop_shape *s = &p->setup.shape;
    const size_t n = s->n, rows = s->m * n;
    for (size_t k = 0; k < block->steps; k++)
        for (size_t r = 0; r < block->R; r++)
            advance(p, r, block->pre + (k * block->R + r) * s->ld,
                    block->h + (k * block->R + r) * s->ldn);
    for (size_t r = 0; block->L && r < block->R; r++) /* gradient [m n] += Jz [m n][n] L [n] */
        modprop_blas_multiply(false, false, rows, 1, n, 1, p->Jz + r * rows * n, n,
                              block->L + r * s->ldn, 1, 1, p->gradient, 1);
}

static enum modprop_status end(void *state, modprop_real *gradient, bool *again,
                               struct modprop_error *err)
{
    (void)again;
    (void)err;
    const struct rtrl *p = state;
    memcpy(gradient, p->gradient, p->setup.shape.m * p->setup.shape.n * sizeof *gradient);
    return MODPROP_OK;
}

static const struct modprop_method online = {
    .derivative = true,
    .create = create,
    .free = release,
    .start = start,
    .begin = begin,
    .block = block,
    .end = end,
    .bytes = bytes,
    .cost = cost,
};

const struct modprop_rule modprop_rule_rtrl = {
    .name = "rtrl",
    .summary =
        "real-time recurrent learning: the exact gradient forward in time, for small networks",
    .citation = "Williams & Zipser, Neural Comput. 1989",
    .params = (const char *const[]){NULL},
    .methods = {&online},
    .check = check,
};
