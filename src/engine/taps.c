#include "engine/taps.h"

#include <math.h>
#include <string.h>

#include "engine/blas.h"
#include "engine/feedback.h"
#include "engine/memory.h"
#include "engine/network.h"

enum {
    FEWEST = 2, /* so that the last tap's share tells of those beyond it */
    GROWTH = 2, /* taps added at a time */
};

struct modprop_taps {
    struct modprop_setup setup;
    double mu;             /* 0 for eprop, which has no synapses to cross */
    size_t J;
    modprop_real *eps;     /* [J + 1][B][ld] */
    modprop_real *u[2];    /* [B][n]: u F^j and u F^(j+1) */
    modprop_real *sum;     /* [m][n]: taps 0 ... J - 1 */
    modprop_real *edge;    /* [m][n]: tap J */
};

bool modprop_taps_link_open(const struct modprop_config *config, size_t T, size_t t)
{
    const size_t window = (size_t)config->window;
    return window == 0 || window >= T || t >= T - window;
}

size_t modprop_taps_expected(const struct modprop_config *config, const struct modprop_shape *shape)
{
    const double far = 1e-4; /* the share of a tap is a hundredth of its Poisson weight or less */
    const size_t T = shape->T;
    const size_t links = config->window > 0 && (size_t)config->window < T ? (size_t)config->window : T;
    const double mean = config->mu * (1 - exp(-1 / config->tau_ms)) * (double)links;
    if (config->mu == 0)
        return 0;
    size_t J = 0;
    double term = exp(-mean), rest = 1 - term;
    for (; J + 1 < T && (rest > far || (double)J < mean); J++) {
        term *= mean / (double)(J + 1);
        rest -= term;
    }
    return J < FEWEST && FEWEST < T ? FEWEST : J < T ? J : T - 1;
}

size_t modprop_taps_bytes(const struct modprop_shape *shape, size_t taps)
{
    const struct modprop_shape *s = shape;
    return ((taps + 1) * s->B * s->ld + 2 * s->B * s->n + 2 * s->m * s->n) * sizeof(modprop_real);
}

double modprop_taps_cost(const struct modprop_config *config, const struct modprop_shape *shape,
                         size_t taps)
{
    /* A tap's update moves memory rather than computing: as long as this many operations of a product. */
    const double update = 8;
    const double J = (double)taps, B = (double)shape->B;
    const double m = (double)shape->m, n = (double)shape->n;
    const double traces = (double)shape->T * (J + 1) * B * (double)shape->ld * update;
    const double crossing = taps ? J * modprop_feedback_cost(config) : 0;
    return traces + (double)shape->loss_steps * (crossing + (J + 1) * 2 * B * m * n);
}

double modprop_taps_count(const void *state)
{
    return (double)((const struct modprop_taps *)state)->J;
}

enum modprop_status modprop_taps_create(void **state, const struct modprop_setup *setup, size_t taps,
                                        struct modprop_error *err)
{
    const struct modprop_shape *s = &setup->shape;
    struct modprop_memory_plan plan = {0};
    struct modprop_taps *p = modprop_memory_take(&plan, 1, sizeof *p);
    if (p) {
        const size_t row = modprop_memory_product(s->B, s->ld), Bn = modprop_memory_product(s->B, s->n);
        p->setup = *setup;
        p->mu = setup->feedback ? setup->config->mu : 0;
        p->J = taps;
        p->eps = modprop_memory_take(&plan, modprop_memory_product(taps + 1, row), sizeof *p->eps);
        p->u[0] = modprop_memory_take(&plan, Bn, sizeof *p->eps);
        p->u[1] = modprop_memory_take(&plan, Bn, sizeof *p->eps);
        p->sum = modprop_memory_take(&plan, modprop_memory_product(s->m, s->n), sizeof *p->eps);
        p->edge = modprop_memory_take(&plan, modprop_memory_product(s->m, s->n), sizeof *p->eps);
    }
    *state = p;
    if (plan.refused) {
        modprop_taps_free(p);
        *state = NULL;
        return modprop_memory_error("the filter taps", plan.bytes, err);
    }
    return MODPROP_OK;
}

void modprop_taps_free(void *state)
{
    struct modprop_taps *p = state;
    if (!p)
        return;
    modprop_memory_free(p->eps);
    modprop_memory_free(p->u[0]);
    modprop_memory_free(p->u[1]);
    modprop_memory_free(p->sum);
    modprop_memory_free(p->edge);
    modprop_memory_free(p);
}

void modprop_taps_begin(void *state)
{
    struct modprop_taps *p = state;
    const struct modprop_shape *s = &p->setup.shape;
    memset(p->eps, 0, (p->J + 1) * s->B * s->ld * sizeof *p->eps);
    memset(p->sum, 0, s->m * s->n * sizeof *p->sum);
    memset(p->edge, 0, s->m * s->n * sizeof *p->edge);
}

/* Moves all taps from step t - 1 to t, the last first: each takes in its neighbour of step t - 1. */
static void advance(struct modprop_taps *p, size_t t, const modprop_real *restrict pre)
{
    const struct modprop_shape *s = &p->setup.shape;
    const size_t row = s->B * s->ld;
    const modprop_real keep = p->setup.network->keep, take = p->setup.network->take;
    const bool open = p->J == 0 || modprop_taps_link_open(p->setup.config, s->T, t);
    const modprop_real cross = open ? (modprop_real)(p->mu * (1 - p->setup.network->alpha)) : 0;
    for (size_t j = p->J; j > 0; j--) {
        modprop_real *restrict here = p->eps + j * row;
        const modprop_real *restrict before = p->eps + (j - 1) * row;
        for (size_t k = 0; k < row; k++)
            here[k] = keep * here[k] + cross * before[k];
    }
    for (size_t k = 0; k < row; k++)
        p->eps[k] = keep * p->eps[k] + take * pre[k];
}

void modprop_taps_step(void *state, const struct modprop_moment *moment)
{
    struct modprop_taps *p = state;
    const struct modprop_shape *s = &p->setup.shape;
    advance(p, moment->t, moment->pre);
    if (!moment->L)
        return;
    for (size_t k = 0; k < s->B * s->n; k++)
        p->u[0][k] = moment->h[k] * moment->L[k];
    for (size_t j = 0; j <= p->J; j++) {
        modprop_blas_multiply(true, false, s->m, s->n, s->B, 1, p->eps + j * s->B * s->ld, s->ld,
                              p->u[j % 2], s->n, 1, j < p->J ? p->sum : p->edge, s->n);
        if (j < p->J)
            modprop_feedback_apply(p->setup.feedback, s->B, 1, p->u[j % 2], p->u[(j + 1) % 2]);
    }
}

static double norm(const modprop_real *a, size_t count)
{
    double sum = 0;
    for (size_t k = 0; k < count; k++)
        sum += (double)a[k] * (double)a[k];
    return sqrt(sum);
}

static enum modprop_status grow(struct modprop_taps *p, struct modprop_error *err)
{
    const struct modprop_shape *s = &p->setup.shape;
    const size_t J = p->J + GROWTH < s->T ? p->J + GROWTH : s->T - 1;
    const size_t count = modprop_memory_product(J + 1, s->B * s->ld);
    modprop_real *eps = modprop_memory_get(count, sizeof *eps);
    if (!eps)
        return modprop_memory_error("more filter taps", modprop_memory_product(count, sizeof *eps), err);
    modprop_memory_free(p->eps);
    p->eps = eps;
    p->J = J;
    return MODPROP_OK;
}

enum modprop_status modprop_taps_end(void *state, const struct modprop_trajectory *trajectory,
                                     modprop_real *gradient, bool *again, struct modprop_error *err)
{
    (void)trajectory;
    struct modprop_taps *p = state;
    const size_t count = p->setup.shape.m * p->setup.shape.n;
    for (size_t k = 0; k < count; k++)
        gradient[k] = p->sum[k] + p->edge[k];
    if (p->mu == 0 || p->J + 1 >= p->setup.shape.T)
        return MODPROP_OK;
    const double all = norm(gradient, count);
    *again = isfinite(all) && norm(p->edge, count) > p->setup.config->tap_tolerance * all;
    return *again ? grow(p, err) : MODPROP_OK;
}
