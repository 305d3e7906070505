#include "engine/typed_traces.h"

#include <string.h>

#include "engine/feedback.h"
#include "engine/halting.h"
#include "engine/memory.h"
#include "engine/modulation.h"
#include "engine/network.h"
#include "engine/registry.h"
#include "engine/taps.h"

struct traces {
    struct modprop_setup setup;
    modprop_real *eps;     /* [tile][ld] */
    modprop_real *Eps;     /* [tile][C][C][ld]: [a][d], credit of type a that reaches type d */
    modprop_real *next;    /* [C][ld]: a column of it */
    modprop_real *link;    /* [C][C]: (1-alpha) W_ab^T diag(mu) of one trial */
    modprop_real *u;       /* [tile][ldn] */
    modprop_real *sum;     /* [m][ldn] */
    modprop_real *by_type; /* [C][ld]: what every unit of a type gets besides */
};

static size_t types_of(const struct modprop_config *config)
{
    return modprop_types_count(config);
}

static size_t bytes(const struct modprop_config *config, const struct modprop_shape *s)
{
    const size_t C = types_of(config), square = modprop_memory_product(C, C);
    const size_t traces = modprop_memory_product(s->tile * s->ld, square + 1);
    return modprop_memory_product(traces + 2 * C * s->ld + square + (s->tile + s->m) * s->ldn,
                                  sizeof(modprop_real));
}

static double cost(const struct modprop_config *config, const struct modprop_shape *shape)
{
    const double C = (double)types_of(config), values = (double)shape->B * (double)shape->ld;
    const double readings = 2 * values * C * C + 2 * values * (double)shape->n;
    return (double)shape->T * values * (4 + 4 * C * C * C) + (double)shape->signal_steps * readings;
}

static void release(void *state)
{
    struct traces *p = state;
    if (!p)
        return;
    modprop_memory_free(p->eps);
    modprop_memory_free(p->Eps);
    modprop_memory_free(p->next);
    modprop_memory_free(p->link);
    modprop_memory_free(p->u);
    modprop_memory_free(p->sum);
    modprop_memory_free(p->by_type);
    modprop_memory_free(p);
}

static enum modprop_status create(void **state, const struct modprop_setup *setup,
                                  struct modprop_error *err)
{
    const struct modprop_shape *s = &setup->shape;
    const size_t C = types_of(setup->config), size = sizeof(modprop_real);
    const size_t square = modprop_memory_product(C, C),
                 row = modprop_memory_product(s->tile, s->ld);
    struct modprop_memory_plan plan = {0};
    struct traces *p = modprop_memory_take(&plan, 1, sizeof *p);
    if (p) {
        p->setup = *setup;
        p->eps = modprop_memory_take(&plan, row, size);
        p->Eps = modprop_memory_take(&plan, modprop_memory_product(row, square), size);
        p->next = modprop_memory_take(&plan, C * s->ld, size);
        p->link = modprop_memory_take(&plan, square, size);
        p->u = modprop_memory_take(&plan, s->tile * s->ldn, size);
        p->sum = modprop_memory_take(&plan, modprop_memory_product(s->m, s->ldn), size);
        p->by_type = modprop_memory_take(&plan, C * s->ld, size);
    }
    *state = p;
    if (plan.refused) {
        release(p);
        *state = NULL;
        return modprop_memory_error("the traces", plan.bytes, err);
    }
    return MODPROP_OK;
}

static void start(void *state)
{
    struct traces *p = state;
    const struct modprop_shape *s = &p->setup.shape;
    memset(p->sum, 0, s->m * s->ldn * sizeof *p->sum);
    memset(p->by_type, 0, types_of(p->setup.config) * s->ld * sizeof *p->by_type);
}

static void begin(void *state, size_t R)
{
    struct traces *p = state;
    const size_t C = types_of(p->setup.config), row = R * p->setup.shape.ld;
    memset(p->eps, 0, row * sizeof *p->eps);
    memset(p->Eps, 0, C * C * row * sizeof *p->Eps);
}

/* y = keep x */
MODPROP_KERNEL_CLONES
static void fade(size_t count, modprop_real keep, const modprop_real *restrict x,
                 modprop_real *restrict y)
{
    for (size_t i = 0; i < count; i++)
        y[i] = keep * x[i];
}

/* y += factor x */
MODPROP_KERNEL_CLONES
static void add(size_t count, modprop_real factor, const modprop_real *restrict x,
                modprop_real *restrict y)
{
    for (size_t i = 0; i < count; i++)
        y[i] += factor * x[i];
}

/* link[a][c] = (1-alpha) W_ab[c][a] mu[t][c] of trial r. */
static void make_link(struct traces *p, long t, size_t r, size_t R)
{
    const struct modprop_modulation *const m = p->setup.modulation;
    const size_t C = types_of(p->setup.config);
    const modprop_real *const mu = modprop_modulation_within(m, t, R) + r * C;
    const modprop_real scale = (modprop_real)(m->clamp * (1 - p->setup.network->alpha));
    for (size_t a = 0; a < C; a++)
        for (size_t c = 0; c < C; c++)
            p->link[a * C + c] = scale * mu[c] * p->setup.feedback->W_ab[c * C + a];
}

/* eps = keep eps + take in */
MODPROP_KERNEL_CLONES
static void leak(size_t count, modprop_real keep, modprop_real take,
                 const modprop_real *restrict in, modprop_real *restrict eps)
{
    for (size_t i = 0; i < count; i++)
        eps[i] = keep * eps[i] + take * in[i];
}

/* One column of Eps, [C] rows C ld apart, that reaches type d; eps [ld]. */
static void advance_column(struct traces *p, size_t d, bool open, const modprop_real *eps,
                           modprop_real *column)
{
    const struct modprop_types *const types = p->setup.modulation->types;
    const size_t C = types->C, ld = p->setup.shape.ld;
    for (size_t a = 0; a < C; a++) {
        modprop_real *const next = p->next + a * ld;
        fade(ld, p->setup.network->keep, column + a * C * ld, next);
        for (size_t c = 0; open && c < C; c++)
            add(ld, p->link[a * C + c] * (modprop_real)modprop_types_size(types, c),
                column + c * C * ld, next);
        if (open)
            add(ld, p->link[a * C + d], eps, next);
    }
    for (size_t a = 0; a < C; a++)
        memcpy(column + a * C * ld, p->next + a * ld, ld * sizeof *column);
}

/* Moves all traces into step t; pre [R][ld] of that step. */
static void advance(struct traces *p, size_t t, size_t R, const modprop_real *pre)
{
    const struct modprop_network *const net = p->setup.network;
    const size_t C = types_of(p->setup.config), ld = p->setup.shape.ld;
    const bool open = modprop_taps_link_open(p->setup.config, p->setup.shape.T, t);
    for (size_t r = 0; r < R; r++) {
        modprop_real *const eps = p->eps + r * ld, *const Eps = p->Eps + r * C * C * ld;
        make_link(p, (long)t - 1, r, R);
        for (size_t d = 0; d < C; d++)
            advance_column(p, d, open, eps, Eps + d * ld);
        leak(ld, net->keep, net->take, pre + r * ld, eps);
        if (modprop_halting_after(net->halting, 2.0 * (double)(C * C) * (double)(C * ld)))
            return;
    }
}

/* What the learning signal of a step makes of the traces. */
static void collect(struct traces *p, const struct modprop_block *block)
{
    const struct modprop_types *const types = p->setup.modulation->types;
    const size_t C = types->C, ld = p->setup.shape.ld, ldn = p->setup.shape.ldn;
    for (size_t k = 0; k < block->R * ldn; k++)
        p->u[k] = block->h[k] * block->L[k];
    modprop_network_correlate(p->setup.network, 1, block->R, p->eps, p->u, p->sum);
    for (size_t r = 0; r < block->R; r++) {
        for (size_t a = 0; a < C; a++) {
            modprop_real received = 0;
            for (size_t k = types->first[a]; k < types->first[a + 1]; k++)
                received += p->u[r * ldn + types->unit[k]];
            for (size_t d = 0; d < C; d++)
                add(ld, received, p->Eps + ((r * C + a) * C + d) * ld, p->by_type + d * ld);
        }
    }
}

static void block(void *state, const struct modprop_block *block)
{
    struct traces *p = state;
    for (size_t k = 0; k < block->steps && !modprop_halting_is(p->setup.network->halting); k++)
        advance(p, block->t0 + k, block->R, block->pre + k * block->R * p->setup.shape.ld);
    if (block->L)
        collect(p, block);
}

static enum modprop_status end(void *state, modprop_real *gradient, bool *again,
                               struct modprop_error *err)
{
    (void)again;
    (void)err;
    const struct traces *p = state;
    const struct modprop_shape *s = &p->setup.shape;
    const struct modprop_types *const types = p->setup.modulation->types;
    for (size_t pre = 0; pre < s->m; pre++)
        for (size_t d = 0; d < types->C; d++)
            for (size_t k = types->first[d]; k < types->first[d + 1]; k++)
                gradient[pre * s->n + types->unit[k]] = p->sum[pre * s->ldn + types->unit[k]] +
                                                        p->by_type[d * s->ld + pre];
    return MODPROP_OK;
}

static const char *obstacle(const struct modprop_config *config)
{
    if (config->mu_mode != MODPROP_MU_TRIAL)
        return "mu is fixed within the trial, for which there are the taps";
    if (config->feedback != MODPROP_FEEDBACK_TYPE)
        return "with mu_mode = trial the online form takes feedback = type";
    return modprop_units_at((size_t)config->units)->adapts
               ? "where thresholds adapt, a trace takes a value per synapse and trial"
               : NULL;
}

const struct modprop_method modprop_typed_traces = {
    .create = create,
    .free = release,
    .start = start,
    .begin = begin,
    .block = block,
    .end = end,
    .bytes = bytes,
    .cost = cost,
    .obstacle = obstacle,
};
