#include "engine/backward.h"

#include <string.h>

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
    modprop_real *delta;                       /* [CHUNK + 1][R][ldn]: of steps t0 ... t0 + CHUNK */
    modprop_real *signal[2];                   /* [R][ldn]: L of steps t and t + 1 */
    modprop_real *q, *carry, *work, *nonlocal; /* [R][ldn] */
    modprop_real *S, *D, *da;                  /* [R][ldn], of units that adapt; NULL for others */
    modprop_real *sum; /* [m][ldn]: gradient of the tiles so far, without 1 - alpha */
};

enum modprop_status modprop_backward_create(void **state, const struct modprop_setup *setup,
                                            modprop_credit_step *step, struct modprop_error *err)
{
    const struct modprop_shape *s = &setup->shape;
    const size_t row = modprop_memory_product(s->tile, s->ldn), size = sizeof(modprop_real);
    struct modprop_memory_plan plan = {0};
    struct modprop_backward *back = modprop_memory_take(&plan, 1, sizeof *back);
    if (back) {
        back->setup = *setup;
        back->step = step;
        back->delta = modprop_memory_take(&plan, modprop_memory_product(CHUNK + 1, row), size);
        modprop_real **const rows[] = {&back->signal[0], &back->signal[1], &back->q,
                                       &back->carry,     &back->work,      &back->nonlocal,
                                       &back->S,         &back->D,         &back->da};
        const size_t wanted = setup->network->units->adapts ? 9 : 6;
        for (size_t k = 0; k < wanted; k++)
            *rows[k] = modprop_memory_take(&plan, row, size);
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
    modprop_memory_free(back->delta);
    modprop_real *const rows[] = {back->signal[0], back->signal[1], back->q,
                                  back->carry,     back->work,      back->nonlocal,
                                  back->S,         back->D,         back->da};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        modprop_memory_free(rows[k]);
    modprop_memory_free(back->sum);
    modprop_memory_free(back);
}

size_t modprop_backward_bytes(const struct modprop_config *config,
                              const struct modprop_shape *shape)
{
    const size_t rows = modprop_units_at((size_t)config->units)->adapts ? 9 : 6;
    return ((CHUNK + 1 + rows) * shape->tile + shape->m) * shape->ldn * sizeof(modprop_real);
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

/* q = h o S (+ N),   delta = q + keep delta_next */
MODPROP_KERNEL_CLONES
static void add_up(size_t count, modprop_real keep, const modprop_real *restrict h,
                   const modprop_real *restrict S, const modprop_real *restrict N,
                   const modprop_real *restrict delta_next, modprop_real *restrict q,
                   modprop_real *restrict delta)
{
    for (size_t k = 0; k < count; k++) {
        q[k] = N ? h[k] * S[k] + N[k] : h[k] * S[k];
        delta[k] = q[k] + keep * delta_next[k];
    }
}

/* D = h o L (+ N) + keep D */
MODPROP_KERNEL_CLONES
static void without_adaptation(size_t count, modprop_real keep, const modprop_real *restrict h,
                               const modprop_real *restrict L, const modprop_real *restrict N,
                               modprop_real *restrict D)
{
    for (size_t k = 0; k < count; k++)
        D[k] = h[k] * L[k] + (N ? N[k] : 0) + keep * D[k];
}

/* S = L + (1-rho) da */
MODPROP_KERNEL_CLONES
static void add_adaptation(size_t count, modprop_real take, const modprop_real *restrict L,
                           const modprop_real *restrict da, modprop_real *restrict S)
{
    for (size_t k = 0; k < count; k++)
        S[k] = L[k] + take * da[k];
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
    const modprop_real *const N = back->step && back->step(credit) ? credit->nonlocal : NULL;
    if (adapts) {
        add_adaptation(count, net->a_take, credit->L, back->da, back->S);
        without_adaptation(count, net->keep, credit->h, credit->L, N, back->D);
    }
    add_up(count, net->keep, credit->h, adapts ? back->S : credit->L, N, delta_next, q, delta);
    for (size_t r = 0; adapts && r < credit->R; r++)
        adapt(ldn, net->a_keep, net->beta, q + r * ldn, back->da + r * ldn);
}

/* delta of the piece's steps into back->delta, whose entry CHUNK holds delta[t1]: entry
 * t - t1 + CHUNK is step t. signal[t1 % 2] holds L[t1]. */
static void credit_of_piece(struct modprop_backward *back, size_t R,
                            const struct modprop_trajectory *piece)
{
    const struct modprop_shape *s = &back->setup.shape;
    const size_t row = R * s->ldn, quiet = s->T - s->loss_steps; /* steps without loss */
    const size_t silent = s->T - s->signal_steps;                /* without a learning signal */
    for (size_t t = piece->t1; t-- > piece->t0;) {
        const modprop_real *const h = piece->h + (t - piece->t0) * row;
        modprop_real *const L = back->signal[t % 2];
        if (t >= quiet)
            modprop_backward_signal(s, R, back->setup.W_fb_out,
                                    piece->dy + (t - quiet) * R * s->n_out, L);
        else if (t >= silent || t + 2 >= quiet) /* from here on both buffers stay zero */
            memset(L, 0, row * sizeof *L);
        if (back->setup.rates)
            modprop_rates_add(back->setup.rates, R, L);
        struct modprop_credit credit = {
            .setup = &back->setup,
            .R = R,
            .t = t,
            .count = row,
            .h = h,
            .h_next = t + 1 < s->T ? h + row : NULL,
            .L = L,
            .L_next = t + 1 < s->T && t + 1 >= silent ? back->signal[(t + 1) % 2] : NULL,
            .q_next = back->q,
            .carry = back->carry,
            .work = back->work,
            .nonlocal = back->nonlocal,
        };
        modprop_real *const delta = back->delta + (CHUNK + t - piece->t1) * row;
        credit_of_step(back, &credit, delta + row, delta);
    }
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
    const size_t row = R * s->ldn;
    modprop_real *const last = back->delta + CHUNK * row;
    const modprop_real *const first = last - (piece->t1 - piece->t0) * row;
    if (piece->t1 == s->T) {
        memset(last, 0, row * sizeof *last);
        modprop_real *const rows[] = {back->q, back->carry, back->D, back->da};
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            if (rows[k])
                memset(rows[k], 0, row * sizeof *last);
    }
    credit_of_piece(back, R, piece);
    modprop_network_correlate(back->setup.network, piece->t1 - piece->t0, R, piece->pre, first,
                              back->sum);
    memcpy(last, first, row * sizeof *last);
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
