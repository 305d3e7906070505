/*
 * snap1, snap2: the sparse n-step approximation of rtrl (Menick et al., ICLR 2021). Of the influence
 * J[b][pre][post][k] = dv[b][k] / dW[pre][post] they keep the units k that the synapse reaches within n
 * steps, and let nothing pass through the others:
 *     snap1   k = post
 *     snap2   k = post, and every k with a connection from post
 *     J[t] = alpha J[t-1] + (1-alpha) Jz[t-1] W_rec, where k is kept;   J[.][pre][k][k] += (1-alpha) pre[t]
 *     Jz[t] = h[t] o (J[t] - beta o Ja[t]),   Ja[t] = rho Ja[t-1] + (1-rho) Jz[t-1]
 *     grad[pre][post] = sum_t sum_b sum_k L[t][b][k] Jz[b][pre][post][k]
 * There are no autapses, so that J of snap1 only decays: it is eprop, with the exact learning signal.
 * With all connections snap2 is rtrl; it is meant for few. What is kept follows the connections, which
 * rewiring moves, from iteration to iteration.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/error.h"
#include "engine/halting.h"
#include "engine/memory.h"
#include "engine/network.h"
#include "engine/registry.h"
#include "engine/rule.h"

/* Beyond this (n = 340 with 2 % of the connections, n = 95 with all) an iteration takes minutes. */
static const double LARGEST_BYTES = 64e6;

struct snap {
    struct modprop_setup setup;
    int order;
    size_t most;   /* pairs of a unit and a unit it reaches, as many as there is room for */
    size_t *first; /* [n + 1]: where the pairs of each unit begin */
    size_t *unit;  /* [most]: the unit that is reached */
    modprop_real *J, *next,
        *Ja;                /* [tile][most][ld], of each pair by row of W_rec over W_in; Ja: NULL
                                    where nothing adapts */
    modprop_real *h_before; /* [tile][ldn]: of the step before */
    modprop_real *gradient; /* [n][ld] */
};

/* ------------------------------------------------------------------ sizes */

/* Connections of W_rec at most: a network that starts sparse never has more than its share. */
static double connections(const struct modprop_config *config, const struct modprop_shape *s)
{
    const double possible = (double)s->n * (double)(s->n - 1);
    const double share = floor(config->connectivity * (possible + (double)s->n * (double)s->n_out));
    return config->structure == MODPROP_STRUCTURE_FULL || share > possible ? possible : share;
}

static size_t pairs(const struct modprop_config *config, const struct modprop_shape *s, int order)
{
    return s->n + (order > 1 ? (size_t)connections(config, s) : 0);
}

static size_t bytes(const struct modprop_config *config, const struct modprop_shape *s, int order)
{
    const size_t arrays = modprop_units_at((size_t)config->units)->adapts ? 3 : 2;
    const size_t most = pairs(config, s, order);
    const size_t influence = modprop_memory_product(arrays * s->tile,
                                                    modprop_memory_product(most, s->ld));
    return modprop_memory_product(influence, sizeof(modprop_real)) +
           (s->n * s->ld + s->tile * s->ldn) * sizeof(modprop_real) +
           (s->n + 1 + most) * sizeof(size_t);
}

/* A unit reaches r others, and of the r^2 pairs among these a share c is connected. */
static double cost(const struct modprop_config *config, const struct modprop_shape *s, int order)
{
    const double n = (double)s->n;
    const double r = order > 1 ? connections(config, s) / n : 0;
    return 2 * (double)s->T * (double)s->B * (double)s->m * n * (1 + 2 * r + r * r * r / n);
}

static enum modprop_status check(const struct modprop_config *config, const struct modprop_shape *s,
                                 int order, struct modprop_error *err)
{
    const double needed = (double)bytes(config, s, order);
    if (needed > LARGEST_BYTES)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "rule = snap%d with n = %ld and %.0f connections needs %.3g MB for its "
                            "influence matrix (limit %.3g MB); take a smaller n, or structure = "
                            "random, ring, grid or block with a smaller connectivity",
                            order, config->n, connections(config, s), needed / 1e6,
                            LARGEST_BYTES / 1e6);
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ life cycle */

static void release(void *state)
{
    struct snap *p = state;
    if (!p)
        return;
    modprop_memory_free(p->first);
    modprop_memory_free(p->unit);
    modprop_memory_free(p->J);
    modprop_memory_free(p->next);
    modprop_memory_free(p->Ja);
    modprop_memory_free(p->h_before);
    modprop_memory_free(p->gradient);
    modprop_memory_free(p);
}

static enum modprop_status create(void **state, const struct modprop_setup *setup, int order,
                                  struct modprop_error *err)
{
    const struct modprop_shape *const s = &setup->shape;
    const size_t size = sizeof(modprop_real), most = pairs(setup->config, s, order);
    const size_t influence = modprop_memory_product(s->tile, modprop_memory_product(most, s->ld));
    struct modprop_memory_plan plan = {0};
    struct snap *p = modprop_memory_take(&plan, 1, sizeof *p);
    if (p) {
        p->setup = *setup;
        p->order = order;
        p->most = most;
        p->first = modprop_memory_take(&plan, s->n + 1, sizeof *p->first);
        p->unit = modprop_memory_take(&plan, most, sizeof *p->unit);
        p->J = modprop_memory_take(&plan, influence, size);
        p->next = modprop_memory_take(&plan, influence, size);
        if (setup->network->units->adapts)
            p->Ja = modprop_memory_take(&plan, influence, size);
        p->h_before = modprop_memory_take(&plan, s->tile * s->ldn, size);
        p->gradient = modprop_memory_take(&plan, s->n * s->ld, size);
    }
    *state = p;
    if (plan.refused) {
        release(p);
        *state = NULL;
        return modprop_memory_error("the influence matrix", plan.bytes, err);
    }
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ the influence */

/* The pairs of the present connections. */
static void start(void *state)
{
    struct snap *p = state;
    const size_t n = p->setup.shape.n;
    const modprop_real *const W = p->setup.network->w.W_rec;
    size_t count = 0;
    for (size_t post = 0; post < n; post++) {
        p->first[post] = count;
        for (size_t k = 0; k < n; k++)
            if (k == post || (p->order > 1 && W[post * n + k] != 0)) {
                assert(count < p->most);
                p->unit[count++] = k;
            }
    }
    p->first[n] = count;
    memset(p->gradient, 0, n * p->setup.shape.ld * sizeof *p->gradient);
}

static void begin(void *state, size_t R)
{
    (void)R;
    struct snap *p = state;
    const struct modprop_shape *const s = &p->setup.shape;
    const size_t size = s->tile * p->most * s->ld * sizeof *p->J;
    memset(p->J, 0, size);
    if (p->Ja)
        memset(p->Ja, 0, size);
    memset(p->h_before, 0, s->tile * s->ldn * sizeof *p->h_before);
}

MODPROP_KERNEL_CLONES
static void scale(size_t count, modprop_real factor, const modprop_real *restrict a,
                  modprop_real *restrict out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = factor * a[i];
}

MODPROP_KERNEL_CLONES
static void add(size_t count, modprop_real factor, const modprop_real *restrict a,
                modprop_real *restrict out)
{
    for (size_t i = 0; i < count; i++)
        out[i] += factor * a[i];
}

/* out = keep out + in a */
MODPROP_KERNEL_CLONES
static void leak(size_t count, modprop_real keep, modprop_real in, const modprop_real *restrict a,
                 modprop_real *restrict out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = keep * out[i] + in * a[i];
}

/* next of the pair `at` of unit post, from all pairs of that unit; h: of the step before. */
static void move_pair(const struct snap *p, size_t post, size_t at, const modprop_real *J,
                      const modprop_real *Ja, const modprop_real *h, const modprop_real *pre,
                      modprop_real *next)
{
    const struct modprop_network *const net = p->setup.network;
    const size_t ld = p->setup.shape.ld, m = p->setup.shape.m, k = p->unit[at];
    modprop_real *const out = next + at * ld;
    scale(m, net->keep, J + at * ld, out);
    for (size_t via = p->first[post]; via < p->first[post + 1]; via++) {
        const size_t l = p->unit[via];
        const modprop_real passed = net->take * h[l] * net->w.W_rec[l * net->n + k];
        if (passed == 0)
            continue;
        add(m, passed, J + via * ld, out);
        if (Ja && net->beta[l] != 0)
            add(m, -passed * net->beta[l], Ja + via * ld, out);
    }
    if (k == post)
        add(m, net->take, pre, out);
}

/* Ja[t] of all pairs, from J and Ja of the step before. */
static void move_adaptation(const struct snap *p, const modprop_real *J, const modprop_real *h,
                            modprop_real *Ja)
{
    const struct modprop_network *const net = p->setup.network;
    const size_t ld = p->setup.shape.ld, m = p->setup.shape.m;
    for (size_t at = 0; at < p->first[net->n]; at++) {
        const size_t k = p->unit[at];
        const modprop_real in = net->a_take * h[k];
        leak(m, net->a_keep - in * net->beta[k], in, J + at * ld, Ja + at * ld);
    }
}

/* One trial one step on; pre [m], h [n] of this step. */
static void advance(struct snap *p, size_t r, const modprop_real *pre, const modprop_real *h)
{
    const struct modprop_shape *const s = &p->setup.shape;
    const size_t values = p->most * s->ld;
    const modprop_real *const J = p->J + r * values;
    modprop_real *const Ja = p->Ja ? p->Ja + r * values : NULL;
    modprop_real *const before = p->h_before + r * s->ldn;
    for (size_t post = 0; post < s->n; post++)
        for (size_t at = p->first[post]; at < p->first[post + 1]; at++)
            move_pair(p, post, at, J, Ja, before, pre, p->next + r * values);
    if (Ja)
        move_adaptation(p, J, before, Ja);
    memcpy(before, h, s->n * sizeof *before);
}

/* gradient += sum over the units reached of L h (J - beta Ja) */
static void harvest(struct snap *p, size_t r, const modprop_real *L)
{
    const struct modprop_shape *const s = &p->setup.shape;
    const struct modprop_network *const net = p->setup.network;
    const size_t values = p->most * s->ld;
    for (size_t post = 0; post < s->n; post++)
        for (size_t at = p->first[post]; at < p->first[post + 1]; at++) {
            const size_t k = p->unit[at];
            const modprop_real signal = L[k] * p->h_before[r * s->ldn + k]; /* h of this step */
            add(s->m, signal, p->J + r * values + at * s->ld, p->gradient + post * s->ld);
            if (p->Ja)
                add(s->m, -signal * net->beta[k], p->Ja + r * values + at * s->ld,
                    p->gradient + post * s->ld);
        }
}

/* Operations of `advance`: every pair from all pairs of its unit. */
static double operations_of(const struct snap *p)
{
    const double count = (double)p->first[p->setup.shape.n], n = (double)p->setup.shape.n;
    return 2 * count * count / n * (double)p->setup.shape.m;
}

static void block(void *state, const struct modprop_block *block)
{
    struct snap *p = state;
    const struct modprop_shape *const s = &p->setup.shape;
    for (size_t k = 0; k < block->steps; k++) {
        for (size_t r = 0; r < block->R; r++) {
            advance(p, r, block->pre + (k * block->R + r) * s->ld,
                    block->h + (k * block->R + r) * s->ldn);
            if (modprop_halting_after(p->setup.network->halting, operations_of(p)))
                return;
        }
        modprop_real *const old = p->J;
        p->J = p->next;
        p->next = old;
    }
    for (size_t r = 0; block->L && r < block->R; r++)
        harvest(p, r, block->L + r * s->ldn);
}

static enum modprop_status end(void *state, modprop_real *gradient, bool *again,
                               struct modprop_error *err)
{
    (void)again;
    (void)err;
    const struct snap *p = state;
    const struct modprop_shape *const s = &p->setup.shape;
    for (size_t pre = 0; pre < s->m; pre++)
        for (size_t post = 0; post < s->n; post++)
            gradient[pre * s->n + post] = p->gradient[post * s->ld + pre];
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ the two rules */

/* Functions of a rule that know its order. */
#define ORDER(N) \
    static enum modprop_status create_##N(void **state, const struct modprop_setup *setup, \
                                          struct modprop_error *err) \
    { \
        return create(state, setup, N, err); \
    } \
    static size_t bytes_##N(const struct modprop_config *config, \
                            const struct modprop_shape *shape) \
    { \
        return bytes(config, shape, N); \
    } \
    static double cost_##N(const struct modprop_config *config, const struct modprop_shape *shape) \
    { \
        return cost(config, shape, N); \
    } \
    static enum modprop_status check_##N(const struct modprop_config *config, \
                                         const struct modprop_shape *shape, \
                                         struct modprop_error *err) \
    { \
        return check(config, shape, N, err); \
    } \
    static const struct modprop_method online_##N = { \
        .derivative = true, \
        .create = create_##N, \
        .free = release, \
        .start = start, \
        .begin = begin, \
        .block = block, \
        .end = end, \
        .bytes = bytes_##N, \
        .cost = cost_##N, \
    };
ORDER(1)
ORDER(2)

const struct modprop_rule modprop_rule_snap1 = {
    .name = "snap1",
    .summary = "sparse one-step approximation of rtrl; equals eprop with the exact signal",
    .citation = "Menick et al., ICLR 2021",
    .params = (const char *const[]){NULL},
    .methods = {&online_1},
    .check = check_1,
};

const struct modprop_rule modprop_rule_snap2 = {
    .name = "snap2",
    .summary = "sparse two-step approximation of rtrl, for networks with few connections",
    .citation = "Menick et al., ICLR 2021",
    .params = (const char *const[]){NULL},
    .methods = {&online_2},
    .check = check_2,
};
