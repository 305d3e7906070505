#include "engine/taps.h"

#include <math.h>
#include <string.h>

#include "engine/feedback.h"
#include "engine/halting.h"
#include "engine/memory.h"
#include "engine/modulation.h"
#include "engine/network.h"
#include "engine/registry.h"

enum {
    FEWEST = 2, /* so that the last tap's share tells of those beyond it */
    GROWTH = 4, /* at least 2, or one in so many of those there are, are added at a time */
};

struct modprop_taps {
    struct modprop_setup setup;
    size_t J;
    modprop_real *eps; /* [J + 1][tile][ld] */
    modprop_real
        *series[2];     /* [MODPROP_BLOCK_STEPS][tile][ld]: what the next group of taps takes in */
    modprop_real *u[2]; /* [tile][ldn]: u F^j and u F^(j+1) */
    modprop_real *sum;  /* [m][ldn]: taps 0 ... J - 1 */
    modprop_real *edge; /* [m][ldn]: tap J */
};

bool modprop_taps_link_open(const struct modprop_config *config, size_t T, size_t t)
{
    const size_t window = (size_t)config->window;
    return window == 0 || window >= T || t >= T - window;
}

const char *modprop_taps_obstacle(const struct modprop_config *config)
{
    return modprop_units_at((size_t)config->units)->adapts
               ? "where thresholds adapt, a trace takes a value per synapse and trial"
               : NULL;
}

size_t modprop_taps_expected(const struct modprop_config *config, const struct modprop_shape *shape)
{
    const double far = 1e-4; /* the share of a tap is a hundredth of its Poisson weight or less */
    const size_t T = shape->T;
    const size_t links = config->window > 0 && (size_t)config->window < T ? (size_t)config->window
                                                                          : T;
    const double mean = config->mu * (1 - exp(-1 / config->tau_ms)) * (double)links;
    if (config->mu == 0)
        return 0;
    size_t J = 0;
    double term = exp(-mean), rest = 1 - term;
    if (mean > 100) /* near the normal distribution, and exp would underflow */
        J = mean < (double)T ? (size_t)(mean + 4 * sqrt(mean)) : T;
    else
        for (; J + 1 < T && (rest > far || (double)J < mean); J++) {
            term *= mean / (double)(J + 1);
            rest -= term;
        }
    return J < FEWEST && FEWEST < T ? FEWEST : J < T ? J : T - 1;
}

size_t modprop_taps_bytes(const struct modprop_shape *shape, size_t taps)
{
    const struct modprop_shape *s = shape;
    return ((taps + 1 + 2 * MODPROP_BLOCK_STEPS) * s->tile * s->ld +
            2 * (s->tile + s->m) * s->ldn) *
           sizeof(modprop_real);
}

double modprop_taps_cost(const struct modprop_config *config, const struct modprop_shape *shape,
                         size_t taps)
{
    /* A tap's update takes as long as this many operations of a product. */
    const double update = 4;
    const double J = (double)taps, B = (double)shape->B;
    const double m = (double)shape->m, n = (double)shape->n;
    const double traces = (double)shape->T * (J + 1) * B * (double)shape->ld * update;
    const double crossing = taps ? J * modprop_feedback_cost(config) : 0;
    return traces + (double)shape->signal_steps * (crossing + (J + 1) * 2 * B * m * n);
}

double modprop_taps_count(const void *state)
{
    return (double)((const struct modprop_taps *)state)->J;
}

enum modprop_status modprop_taps_create(void **state, const struct modprop_setup *setup,
                                        size_t taps, struct modprop_error *err)
{
    const struct modprop_shape *s = &setup->shape;
    struct modprop_memory_plan plan = {0};
    struct modprop_taps *p = modprop_memory_take(&plan, 1, sizeof *p);
    if (p) {
        const size_t row = modprop_memory_product(s->tile, s->ld), size = sizeof(modprop_real);
        p->setup = *setup;
        p->J = taps;
        p->eps = modprop_memory_take(&plan, modprop_memory_product(taps + 1, row), size);
        for (int k = 0; k < 2; k++) {
            p->series[k] = modprop_memory_take(&plan, MODPROP_BLOCK_STEPS * row, size);
            p->u[k] = modprop_memory_take(&plan, modprop_memory_product(s->tile, s->ldn), size);
        }
        p->sum = modprop_memory_take(&plan, modprop_memory_product(s->m, s->ldn), size);
        p->edge = modprop_memory_take(&plan, modprop_memory_product(s->m, s->ldn), size);
    }
    *state = p;
    if (plan.refused) {
        modprop_taps_free(p);
        *state = NULL;
        return modprop_memory_error("the filter taps", plan.bytes, err);
    }
    return MODPROP_OK;
}

enum modprop_status modprop_taps_create_local(void **state, const struct modprop_setup *setup,
                                              struct modprop_error *err)
{
    return modprop_taps_create(state, setup, 0, err);
}

size_t modprop_taps_bytes_local(const struct modprop_config *config,
                                const struct modprop_shape *shape)
{
    (void)config;
    return modprop_taps_bytes(shape, 0);
}

double modprop_taps_cost_local(const struct modprop_config *config,
                               const struct modprop_shape *shape)
{
    return modprop_taps_cost(config, shape, 0);
}

void modprop_taps_free(void *state)
{
    struct modprop_taps *p = state;
    if (!p)
        return;
    modprop_memory_free(p->eps);
    for (int k = 0; k < 2; k++) {
        modprop_memory_free(p->series[k]);
        modprop_memory_free(p->u[k]);
    }
    modprop_memory_free(p->sum);
    modprop_memory_free(p->edge);
    modprop_memory_free(p);
}

void modprop_taps_start(void *state)
{
    struct modprop_taps *p = state;
    const size_t count = p->setup.shape.m * p->setup.shape.ldn;
    memset(p->sum, 0, count * sizeof *p->sum);
    memset(p->edge, 0, count * sizeof *p->edge);
}

void modprop_taps_begin(void *state, size_t R)
{
    struct modprop_taps *p = state;
    memset(p->eps, 0, (p->J + 1) * R * p->setup.shape.ld * sizeof *p->eps);
}

/* The largest mu; 0 for eprop, which has no synapses to cross. */
static double largest_mu(const struct modprop_taps *p)
{
    return p->setup.modulation ? p->setup.modulation->largest : 0;
}

/* The factor of a synapse crossed: mu, of which the taps carry the largest if that is above 1 and u the
 * rest. Large powers of mu meet the small values of late taps that way, and taps without a factor are
 * cheaper. */
static double mu_of_tap(const struct modprop_taps *p)
{
    return fmax(largest_mu(p), 1);
}

static bool halts(const struct modprop_taps *p, double operations)
{
    return modprop_halting_after(p->setup.network->halting, operations);
}

/* Moves all taps over `steps` steps; a group of them takes in the series of the last one's values. */
static void advance(struct modprop_taps *p, size_t R, size_t steps, bool open,
                    const modprop_real *pre)
{
    const struct modprop_network *net = p->setup.network;
    const size_t row = R * p->setup.shape.ld;
    const double cross = open ? mu_of_tap(p) * (1 - net->alpha) : 0;
    struct modprop_kernel_leak leak = {net->keep, net->take, (modprop_real)cross,
                                       open && largest_mu(p) <= 1};
    const modprop_real *in = pre;
    for (size_t j = 0, group = 0; j <= p->J; j += MODPROP_KERNEL_TAPS, group++) {
        const size_t left = p->J + 1 - j,
                     taps = left < MODPROP_KERNEL_TAPS ? left : MODPROP_KERNEL_TAPS;
        modprop_real *const out = left > taps ? p->series[group % 2] : NULL;
        net->kernel->cascade(taps, steps, row, &leak, p->eps + j * row, row, in, row, out, row);
        if (halts(p, 4 * (double)(taps * steps * row)))
            return;
        in = out;
        leak.first = leak.cross; /* the next group's first tap crosses a synapse as well */
    }
}

/* Steps of the block before the nonlocal path opens. */
static size_t closed_steps(const struct modprop_taps *p, const struct modprop_block *block)
{
    size_t k = 0;
    while (k < block->steps &&
           !modprop_taps_link_open(p->setup.config, p->setup.shape.T, block->t0 + k))
        k++;
    return k;
}

/* sum += eps_j^T (u F^j) for all taps j, u = h o L, F = W_fb^T diag(mu). */
static void collect(struct modprop_taps *p, const struct modprop_block *block)
{
    const struct modprop_shape *s = &p->setup.shape;
    const size_t count = block->R * s->ldn;
    for (size_t k = 0; k < count; k++)
        p->u[0][k] = block->h[k] * block->L[k];
    for (size_t j = 0; j <= p->J; j++) {
        const modprop_real *const here = p->u[j % 2];
        modprop_real *const next = p->u[(j + 1) % 2];
        modprop_network_correlate(p->setup.network, 1, block->R, p->eps + j * block->R * s->ld,
                                  here, j < p->J ? p->sum : p->edge);
        if (j == p->J || halts(p, 4 * (double)count * (double)s->m))
            break;
        modprop_feedback_apply(p->setup.feedback, block->R, here, next, NULL);
        modprop_modulation_scale(p->setup.modulation, 1 / mu_of_tap(p), block->t0, block->R, next);
    }
}

void modprop_taps_block(void *state, const struct modprop_block *block)
{
    struct modprop_taps *p = state;
    const size_t closed = p->J > 0 ? closed_steps(p, block) : 0;
    const size_t row = block->R * p->setup.shape.ld;
    if (closed > 0)
        advance(p, block->R, closed, false, block->pre);
    if (closed < block->steps)
        advance(p, block->R, block->steps - closed, true, block->pre + closed * row);
    if (block->L)
        collect(p, block);
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
    const size_t more = p->J / GROWTH > 2 ? p->J / GROWTH : 2;
    const size_t J = p->J + more < s->T ? p->J + more : s->T - 1;
    const size_t count = modprop_memory_product(J + 1, s->tile * s->ld);
    modprop_real *eps = modprop_memory_get(count, sizeof *eps);
    if (!eps)
        return modprop_memory_error("more filter taps", modprop_memory_product(count, sizeof *eps),
                                    err);
    modprop_memory_free(p->eps);
    p->eps = eps;
    p->J = J;
    return MODPROP_OK;
}

enum modprop_status modprop_taps_end(void *state, modprop_real *gradient, bool *again,
                                     struct modprop_error *err)
{
    struct modprop_taps *p = state;
    const struct modprop_shape *s = &p->setup.shape;
    for (size_t pre = 0; pre < s->m; pre++)
        for (size_t post = 0; post < s->n; post++)
            gradient[pre * s->n + post] = p->sum[pre * s->ldn + post] +
                                          p->edge[pre * s->ldn + post];
    if (largest_mu(p) == 0 || p->J + 1 >= s->T)
        return MODPROP_OK;
    const double all = norm(gradient, s->m * s->n);
    *again = isfinite(all) && norm(p->edge, s->m * s->ldn) > p->setup.config->tap_tolerance * all;
    return *again ? grow(p, err) : MODPROP_OK;
}
