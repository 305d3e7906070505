#include "engine/backward.h"

#include <string.h>

#include "engine/halting.h"
#include "engine/memory.h"
#include "engine/network.h"
#include "engine/rates.h"
#include "engine/registry.h"

/* Steps of a piece, whose delta is kept before their weight gradient is taken: enough for a product to
 * run at its full speed, few enough to stay in the cache. */
enum { CHUNK = MODPROP_BLOCK_STEPS };

struct modprop_backward {
    struct modprop_setup setup;
    modprop_credit_step *step;
    enum modprop_reach reach;
    struct modprop_lanes lanes; /* of the present piece */
    modprop_real *here;         /* [R][ldn]: delta of all units, where the way back has come to */
    modprop_real *eps;          /* [R][ld]: what credit that only leaks away meets in a piece */
    modprop_real *signal[2];    /* [R][ldn]: L of steps t and t + 1 */
    modprop_real *S, *D, *da;   /* [R][ldn], of units that adapt; NULL for others */

    /* Of lanes; rows are lanes.ld apart, which may be less. */
    modprop_real *delta;                       /* [CHUNK + 1][R][ldn]: of steps t0 ... t0 + CHUNK */
    modprop_real *q, *carry, *work, *nonlocal; /* [R][ldn] */
    modprop_real *h,
        *L; /* [CHUNK + 1][R][ldn] and [R][ldn]: copies; NULL where lanes are not few */

    modprop_real *sum; /* [m][ldn]: gradient of the tiles so far, without 1 - alpha */
};

/* Whether pieces leave out units that are silent in them. Those that adapt have da to be moved on, and
 * a large tile has hardly any that are silent in all its trials. */
static bool leaves_out(enum modprop_reach reach, const struct modprop_units *units,
                       const struct modprop_shape *shape)
{
    return reach == MODPROP_REACH_ACTIVE && !units->adapts && shape->tile <= MODPROP_KERNEL_TILE;
}

enum modprop_status modprop_backward_create(void **state, const struct modprop_setup *setup,
                                            modprop_credit_step *step, enum modprop_reach reach,
                                            struct modprop_error *err)
{
    const struct modprop_shape *s = &setup->shape;
    const size_t row = modprop_memory_product(s->tile, s->ldn), size = sizeof(modprop_real);
    const size_t chunk = modprop_memory_product(CHUNK + 1, row);
    struct modprop_memory_plan plan = {0};
    struct modprop_backward *back = modprop_memory_take(&plan, 1, sizeof *back);
    if (back) {
        back->setup = *setup;
        back->step = step;
        back->reach = reach;
        back->lanes.network = setup->network;
        back->delta = modprop_memory_take(&plan, chunk, size);
        modprop_real **const rows[] = {&back->here,  &back->signal[0], &back->signal[1], &back->q,
                                       &back->carry, &back->work,      &back->nonlocal,  &back->S,
                                       &back->D,     &back->da};
        const size_t wanted = setup->network->units->adapts ? 10 : 7;
        for (size_t k = 0; k < wanted; k++)
            *rows[k] = modprop_memory_take(&plan, row, size);
        back->eps = modprop_memory_take(&plan, modprop_memory_product(s->tile, s->ld), size);
        if (leaves_out(reach, setup->network->units, s)) {
            modprop_lanes_take(&back->lanes, &plan, setup->network, s);
            back->h = modprop_memory_take(&plan, chunk, size);
            back->L = modprop_memory_take(&plan, row, size);
        }
        back->sum = modprop_memory_take(&plan, modprop_memory_product(s->m, s->ldn), size);
    }
    *state = back;
    if (plan.refused) {
        modprop_backward_free(back);
        *state = NULL;
        return modprop_memory_error("the backward pass", plan.bytes, err);
    }
    return MODPROP_OK;
}

void modprop_backward_free(void *backward)
{
    struct modprop_backward *back = backward;
    if (!back)
        return;
    modprop_real *const arrays[] = {back->here, back->eps,   back->signal[0], back->signal[1],
                                    back->S,    back->D,     back->da,        back->delta,
                                    back->q,    back->carry, back->work,      back->nonlocal,
                                    back->h,    back->L,     back->sum};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++)
        modprop_memory_free(arrays[k]);
    modprop_lanes_clear(&back->lanes);
    modprop_memory_free(back);
}

size_t modprop_backward_bytes(const struct modprop_config *config,
                              const struct modprop_shape *shape)
{
    const size_t rows = modprop_units_at((size_t)config->units)->adapts ? 10 : 7;
    return (((CHUNK + 1 + rows) * shape->tile + shape->m) * shape->ldn + shape->tile * shape->ld) *
           sizeof(modprop_real);
}

size_t modprop_backward_bytes_active(const struct modprop_config *config,
                                     const struct modprop_shape *shape)
{
    const size_t all = modprop_backward_bytes(config, shape);
    if (!leaves_out(MODPROP_REACH_ACTIVE, modprop_units_at((size_t)config->units), shape))
        return all;
    return all + (CHUNK + 2) * shape->tile * shape->ldn * sizeof(modprop_real) +
           modprop_lanes_bytes(shape);
}

double modprop_backward_cost(const struct modprop_config *config, const struct modprop_shape *shape)
{
    (void)config;
    return 2.0 * (double)shape->m * (double)shape->n * (double)shape->B * (double)shape->T;
}

void modprop_backward_signal(const struct modprop_shape *shape, size_t R,
                             const modprop_real *W_fb_out, const modprop_real *dy, modprop_real *L)
{
    const size_t n_out = shape->n_out;
    for (size_t r = 0; r < R; r++) {
        for (size_t i = 0; i < shape->n; i++) {
            modprop_real sum = 0;
            for (size_t k = 0; k < n_out; k++)
                sum += dy[r * n_out + k] * W_fb_out[i * n_out + k];
            L[r * shape->ldn + i] = sum;
        }
    }
}

/* q = h o S + N,   delta = q + keep delta_next; S or N may be NULL: there is none. */
MODPROP_KERNEL_CLONES
static void add_up(size_t count, modprop_real keep, const modprop_real *restrict h,
                   const modprop_real *restrict S, const modprop_real *restrict N,
                   const modprop_real *restrict delta_next, modprop_real *restrict q,
                   modprop_real *restrict delta)
{
    for (size_t k = 0; k < count; k++) {
        q[k] = (S ? h[k] * S[k] : 0) + (N ? N[k] : 0);
        delta[k] = q[k] + keep * delta_next[k];
    }
}

/* D = h o L + N + keep D, L or N NULL likewise */
MODPROP_KERNEL_CLONES
static void accumulate(size_t count, modprop_real keep, const modprop_real *restrict h,
                       const modprop_real *restrict L, const modprop_real *restrict N,
                       modprop_real *restrict D)
{
    for (size_t k = 0; k < count; k++)
        D[k] = (L ? h[k] * L[k] : 0) + (N ? N[k] : 0) + keep * D[k];
}

/* S = L + (1-rho) da, L NULL likewise */
MODPROP_KERNEL_CLONES
static void add_adaptation(size_t count, modprop_real take, const modprop_real *restrict L,
                           const modprop_real *restrict da, modprop_real *restrict S)
{
    for (size_t k = 0; k < count; k++)
        S[k] = (L ? L[k] : 0) + take * da[k];
}

/* da = -beta o q + rho da, one trial */
MODPROP_KERNEL_CLONES
static void adapt(size_t n, modprop_real keep, const modprop_real *restrict beta,
                  const modprop_real *restrict q, modprop_real *restrict da)
{
    for (size_t i = 0; i < n; i++)
        da[i] = keep * da[i] - beta[i] * q[i];
}

/* One step: N by the rule, then all that follows from it. */
static void credit_of_step(struct modprop_backward *back, struct modprop_credit *credit,
                           const modprop_real *delta_next, modprop_real *delta)
{
    const struct modprop_network *const net = back->setup.network;
    const size_t count = credit->count, ldn = back->setup.shape.ldn;
    const bool adapts = net->units->adapts;
    modprop_real *const q = back->q;
    credit->D_next = adapts ? back->D : delta_next;
    credit->leaked = adapts ? NULL : delta;
    const enum modprop_nonlocal nonlocal = back->step ? back->step(credit) : MODPROP_NONLOCAL_NONE;
    const modprop_real *const N = nonlocal == MODPROP_NONLOCAL ? credit->nonlocal : NULL;
    if (nonlocal == MODPROP_NONLOCAL_LEAKED) {
        if (credit->L)
            accumulate(count, 1, credit->h, credit->L, NULL, delta);
        return;
    }
    if (adapts) {
        add_adaptation(count, net->a_take, credit->L, back->da, back->S);
        accumulate(count, net->keep, credit->h, credit->L, N, back->D);
    }
    add_up(count, net->keep, credit->h, adapts ? back->S : credit->L, N, delta_next, q, delta);
    for (size_t r = 0; adapts && r < credit->R; r++)
        adapt(ldn, net->a_keep, net->beta, q + r * ldn, back->da + r * ldn);
}

/* L[t] of all units into signal[t % 2], and that of the lanes; NULL where there is none. */
static const modprop_real *signal_of_step(struct modprop_backward *back, size_t R, size_t t,
                                          const modprop_real *dy)
{
    const struct modprop_shape *s = &back->setup.shape;
    const size_t quiet = s->T - s->loss_steps;
    modprop_real *const L = back->signal[t % 2];
    if (t < s->T - s->signal_steps)
        return NULL;
    if (t >= quiet)
        modprop_backward_signal(s, R, back->setup.W_fb_out, dy + (t - quiet) * R * s->n_out, L);
    else
        memset(L, 0, R * s->ldn * sizeof *L);
    if (back->setup.rates)
        modprop_rates_add(back->setup.rates, R, L);
    return modprop_lanes_pack(&back->lanes, R, L, back->L);
}

/* Of a step: the way back through the weights, and its part of their gradient. */
static double operations_of(const struct modprop_backward *back, size_t R)
{
    const struct modprop_shape *s = &back->setup.shape;
    return 2 * (double)R * (double)back->lanes.count * (double)(s->n + s->m);
}

/* delta of the lanes at the piece's steps into back->delta, whose entry CHUNK gets that of step t1:
 * entry t - t1 + CHUNK is step t. signal[t1 % 2] holds L[t1]. */
static void credit_of_piece(struct modprop_backward *back, size_t R,
                            const struct modprop_trajectory *piece)
{
    const struct modprop_shape *s = &back->setup.shape;
    const struct modprop_lanes *const lanes = &back->lanes;
    const size_t row = R * lanes->ld, steps = piece->t1 - piece->t0;
    const size_t silent = s->T - s->signal_steps; /* steps without a learning signal */
    const size_t kept = piece->t1 < s->T ? steps + 1 : steps;
    const modprop_real *const h = modprop_lanes_pack(lanes, kept * R, piece->h, back->h);
    modprop_real *const last = back->delta + CHUNK * row;
    if (modprop_lanes_pack(lanes, R, back->here, last) != last)
        memcpy(last, back->here, row * sizeof *last);
    for (size_t t = piece->t1; t-- > piece->t0;) {
        struct modprop_credit credit = {
            .setup = &back->setup,
            .lanes = &back->lanes,
            .R = R,
            .t = t,
            .count = row,
            .h = h + (t - piece->t0) * row,
            .h_next = t + 1 < s->T ? h + (t + 1 - piece->t0) * row : NULL,
            .L = signal_of_step(back, R, t, piece->dy),
            .L_next = t + 1 < s->T && t + 1 >= silent ? back->signal[(t + 1) % 2] : NULL,
            .before = t + 1 == piece->t1 ? back->here : NULL,
            .q_next = back->q,
            .carry = back->carry,
            .work = back->work,
            .nonlocal = back->nonlocal,
        };
        modprop_real *const delta = back->delta + (CHUNK + t - piece->t1) * row;
        credit_of_step(back, &credit, delta + row, delta);
        if (modprop_halting_after(back->setup.network->halting, operations_of(back, R)))
            return;
    }
}

/* Which units can get credit at a step of the piece. */
static void choose_lanes(struct modprop_backward *back, size_t R,
                         const struct modprop_trajectory *piece)
{
    const struct modprop_shape *s = &back->setup.shape;
    const bool adapts = back->setup.network->units->adapts;
    if (back->reach == MODPROP_REACH_SIGNAL && !adapts && piece->t1 < s->T - s->signal_steps)
        modprop_lanes_choose_none(&back->lanes);
    else if (leaves_out(back->reach, back->setup.network->units, s))
        modprop_lanes_choose_active(&back->lanes, (piece->t1 - piece->t0) * R, piece->h);
    else
        modprop_lanes_choose_all(&back->lanes);
}

MODPROP_KERNEL_CLONES
static void leak(size_t count, size_t steps, modprop_real keep, modprop_real *delta)
{
    for (size_t t = 0; t < steps; t++)
        for (size_t k = 0; k < count; k++)
            delta[k] *= keep;
}

/* The units without a lane: with nothing but delta[t] = alpha delta[t+1] their weight gradient is
 *     sum_t pre[t]^T delta[t] = (sum_t alpha^(t1-t) pre[t])^T delta[t1] */
static void leak_away(struct modprop_backward *back, size_t R,
                      const struct modprop_trajectory *piece)
{
    const struct modprop_shape *s = &back->setup.shape;
    const struct modprop_network *const net = back->setup.network;
    const struct modprop_lanes *const lanes = &back->lanes;
    const struct modprop_kernel_leak all = {.keep = net->keep, .first = net->keep};
    const size_t row = R * s->ld, steps = piece->t1 - piece->t0;
    for (size_t r = 0; r < R; r++)
        for (size_t k = 0; k < lanes->count; k++)
            back->here[r * s->ldn + lanes->unit[k]] = 0;
    memset(back->eps, 0, row * sizeof *back->eps);
    net->kernel->cascade(1, steps, row, &all, back->eps, row, piece->pre, row, NULL, 0);
    modprop_network_correlate(net, 1, R, back->eps, back->here, back->sum);
    leak(R * s->ldn, steps, net->keep, back->here);
}

void modprop_backward_start(void *backward)
{
    struct modprop_backward *back = backward;
    memset(back->sum, 0, back->setup.shape.m * back->setup.shape.ldn * sizeof *back->sum);
}

void modprop_backward_piece(void *backward, size_t R, const struct modprop_trajectory *piece)
{
    struct modprop_backward *back = backward;
    const struct modprop_shape *s = &back->setup.shape;
    const size_t steps = piece->t1 - piece->t0;
    if (piece->t1 == s->T) {
        modprop_real *const rows[] = {back->here, back->q, back->carry, back->D, back->da};
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            if (rows[k])
                memset(rows[k], 0, R * s->ldn * sizeof *rows[k]);
    }
    choose_lanes(back, R, piece);
    if (back->lanes.count > 0)
        credit_of_piece(back, R, piece);
    if (modprop_halting_is(back->setup.network->halting))
        return;
    if (!back->lanes.all)
        leak_away(back, R, piece);
    if (back->lanes.count > 0) {
        const modprop_real *const first = back->delta + (CHUNK - steps) * R * back->lanes.ld;
        modprop_lanes_correlate(&back->lanes, steps, R, piece->pre, first, back->sum);
        modprop_lanes_unpack(&back->lanes, R, first, back->here);
    }
}

enum modprop_status modprop_backward_end(void *backward, modprop_real *gradient, bool *again,
                                         struct modprop_error *err)
{
    (void)again;
    (void)err;
    const struct modprop_backward *back = backward;
    const struct modprop_shape *s = &back->setup.shape;
    for (size_t pre = 0; pre < s->m; pre++)
        for (size_t post = 0; post < s->n; post++)
            gradient[pre * s->n + post] = back->setup.network->take *
                                          back->sum[pre * s->ldn + post];
    return MODPROP_OK;
}
