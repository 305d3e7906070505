#include "engine/backward.h"

#include <string.h>

#include "engine/memory.h"
#include "engine/network.h"

/* Steps whose delta is kept before their weight gradient is taken: enough for a product to run at its
 * full speed, few enough to stay in the cache. */
enum { CHUNK = 32 };

struct modprop_backward {
    struct modprop_setup setup;
    modprop_credit_step *step;
    modprop_real *delta;     /* [CHUNK + 1][R][ldn]: of steps t0 ... t0 + CHUNK */
    modprop_real *signal[2]; /* [R][ldn]: L of steps t and t + 1 */
    modprop_real *carry;     /* [R][ldn] */
    modprop_real *work[2];   /* [R][ldn] */
    modprop_real *sum;       /* [m][ldn]: gradient of the tiles so far, without 1 - alpha */
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
        for (int k = 0; k < 2; k++) {
            back->signal[k] = modprop_memory_take(&plan, row, size);
            back->work[k] = modprop_memory_take(&plan, row, size);
        }
        back->carry = modprop_memory_take(&plan, row, size);
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
    for (int k = 0; k < 2; k++) {
        modprop_memory_free(back->signal[k]);
        modprop_memory_free(back->work[k]);
    }
    modprop_memory_free(back->carry);
    modprop_memory_free(back->sum);
    modprop_memory_free(back);
}

size_t modprop_backward_bytes(const struct modprop_config *config,
                              const struct modprop_shape *shape)
{
    (void)config;
    return ((CHUNK + 6) * shape->tile + shape->m) * shape->ldn * sizeof(modprop_real);
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

MODPROP_KERNEL_CLONES
static void local(size_t count, modprop_real keep, const modprop_real *restrict h,
                  const modprop_real *restrict L, const modprop_real *restrict delta_next,
                  modprop_real *restrict delta)
{
    for (size_t k = 0; k < count; k++)
        delta[k] = h[k] * L[k] + keep * delta_next[k];
}

void modprop_backward_local(const struct modprop_credit *credit)
{
    local(credit->count, credit->setup->network->keep, credit->h, credit->L, credit->delta_next,
          credit->delta);
}

/* delta of steps t1 - 1 ... t0 into back->delta, whose entry CHUNK holds delta[t1]: entry
 * t - t1 + CHUNK is step t. signal[t1 % 2] holds L[t1]. */
static void credit_of_chunk(struct modprop_backward *back, size_t R,
                            const struct modprop_trajectory *trajectory, size_t t0, size_t t1)
{
    const struct modprop_shape *s = &back->setup.shape;
    const size_t row = R * s->ldn, quiet = s->T - s->loss_steps; /* steps without loss */
    for (size_t t = t1; t-- > t0;) {
        modprop_real *const L = back->signal[t % 2];
        if (t >= quiet)
            modprop_backward_signal(s, R, back->setup.W_fb_out,
                                    trajectory->dy + (t - quiet) * R * s->n_out, L);
        else if (t + 2 >= quiet) /* from here on both buffers stay zero */
            memset(L, 0, row * sizeof *L);
        const struct modprop_credit credit = {
            .setup = &back->setup,
            .R = R,
            .t = t,
            .count = row,
            .h = trajectory->h + t * row,
            .h_next = t + 1 < s->T ? trajectory->h + (t + 1) * row : NULL,
            .L = L,
            .L_next = t + 1 < s->T && t + 1 >= quiet ? back->signal[(t + 1) % 2] : NULL,
            .delta_next = back->delta + (CHUNK + t + 1 - t1) * row,
            .carry = back->carry,
            .work = back->work[0],
            .work2 = back->work[1],
            .delta = back->delta + (CHUNK + t - t1) * row,
        };
        back->step(&credit);
    }
}

void modprop_backward_start(void *backward)
{
    struct modprop_backward *back = backward;
    memset(back->sum, 0, back->setup.shape.m * back->setup.shape.ldn * sizeof *back->sum);
}

void modprop_backward_finish(void *backward, size_t R, const struct modprop_trajectory *trajectory)
{
    struct modprop_backward *back = backward;
    const struct modprop_shape *s = &back->setup.shape;
    const size_t row = R * s->ldn;
    modprop_real *const last = back->delta + CHUNK * row;
    memset(last, 0, row * sizeof *last);
    memset(back->carry, 0, row * sizeof *back->carry);
    for (size_t t1 = s->T; t1 > 0;) {
        const size_t t0 = t1 > CHUNK ? t1 - CHUNK : 0;
        const modprop_real *const first = back->delta + (CHUNK + t0 - t1) * row;
        credit_of_chunk(back, R, trajectory, t0, t1);
        modprop_network_correlate(back->setup.network, t1 - t0, R, trajectory->pre + t0 * R * s->ld,
                                  first, back->sum);
        memcpy(last, first, row * sizeof *last);
        t1 = t0;
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
