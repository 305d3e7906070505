#include "engine/backward.h"

#include <string.h>

#include "engine/blas.h"
#include "engine/memory.h"
#include "engine/network.h"

/* Steps whose delta is kept before their weight gradient is taken in one product: enough for the
 * product to run at its full speed, few enough to stay in the cache. */
enum { CHUNK = 32 };

struct modprop_backward {
    struct modprop_setup setup;
    modprop_credit_step *step;
    modprop_real *delta;     /* [CHUNK + 1][B][n]: of steps t0 ... t0 + CHUNK */
    modprop_real *signal[2]; /* [B][n]: L of steps t and t + 1 */
    modprop_real *work[2];   /* [B][n] */
};

enum modprop_status modprop_backward_create(void **backward,
                                            const struct modprop_setup *setup,
                                            modprop_credit_step *step, struct modprop_error *err)
{
    struct modprop_memory_plan plan = {0};
    struct modprop_backward *back = modprop_memory_take(&plan, 1, sizeof *back);
    if (back) {
        const size_t Bn = modprop_memory_product(setup->shape.B, setup->shape.n);
        back->setup = *setup;
        back->step = step;
        back->delta = modprop_memory_take(&plan, modprop_memory_product(CHUNK + 1, Bn), sizeof *back->delta);
        for (int k = 0; k < 2; k++) {
            back->signal[k] = modprop_memory_take(&plan, Bn, sizeof *back->delta);
            back->work[k] = modprop_memory_take(&plan, Bn, sizeof *back->delta);
        }
    }
    *backward = back;
    if (plan.refused) {
        modprop_backward_free(back);
        *backward = NULL;
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
    modprop_memory_free(back);
}

size_t modprop_backward_bytes(const struct modprop_config *config, const struct modprop_shape *shape)
{
    (void)config;
    return (CHUNK + 5) * shape->B * shape->n * sizeof(modprop_real);
}

double modprop_backward_cost(const struct modprop_config *config, const struct modprop_shape *shape)
{
    (void)config;
    return 2.0 * (double)shape->m * (double)shape->n * (double)shape->B * (double)shape->T;
}

void modprop_backward_signal(const struct modprop_shape *shape, const modprop_real *W_fb_out,
                             const modprop_real *dy, modprop_real *L)
{
    const size_t n = shape->n, n_out = shape->n_out;
    for (size_t b = 0; b < shape->B; b++) {
        for (size_t i = 0; i < n; i++) {
            modprop_real sum = 0;
            for (size_t k = 0; k < n_out; k++)
                sum += dy[b * n_out + k] * W_fb_out[i * n_out + k];
            L[b * n + i] = sum;
        }
    }
}

/* delta of steps t1 - 1 ... t0 into back->delta, whose entry CHUNK holds delta[t1]. signal[now] is
 * scratch on entry, signal[!now] holds L[t1]. Entry t - t1 + CHUNK is step t. */
static void credit_of_chunk(struct modprop_backward *back, const struct modprop_trajectory *trajectory,
                            size_t t0, size_t t1)
{
    const struct modprop_shape *s = &back->setup.shape;
    const size_t Bn = s->B * s->n, quiet = s->T - s->loss_steps; /* steps without loss */
    for (size_t t = t1; t-- > t0;) {
        modprop_real *const L = back->signal[t % 2];
        if (t >= quiet)
            modprop_backward_signal(s, back->setup.W_fb_out,
                                    trajectory->dy + (t - quiet) * s->B * s->n_out, L);
        else if (t + 2 >= quiet) /* from here on both buffers stay zero */
            memset(L, 0, Bn * sizeof *L);
        const modprop_real *const next = back->delta + (CHUNK + t + 1 - t1) * Bn;
        const struct modprop_credit credit = {
            .setup = &back->setup,
            .t = t,
            .h = trajectory->h + t * Bn,
            .h_next = t + 1 < s->T ? trajectory->h + (t + 1) * Bn : NULL,
            .L = L,
            .L_next = t + 1 < s->T && t + 1 >= quiet ? back->signal[(t + 1) % 2] : NULL,
            .delta_next = next,
            .work = back->work[0],
            .work2 = back->work[1],
            .delta = back->delta + (CHUNK + t - t1) * Bn,
        };
        back->step(&credit);
    }
}

enum modprop_status modprop_backward_end(void *backward, const struct modprop_trajectory *trajectory,
                                         modprop_real *gradient, bool *again,
                                         struct modprop_error *err)
{
    (void)again;
    (void)err;
    struct modprop_backward *back = backward;
    const struct modprop_shape *s = &back->setup.shape;
    const size_t Bn = s->B * s->n;
    modprop_real *const last = back->delta + CHUNK * Bn;
    memset(last, 0, Bn * sizeof *last);
    memset(gradient, 0, s->m * s->n * sizeof *gradient);
    for (size_t t1 = s->T; t1 > 0;) {
        const size_t t0 = t1 > CHUNK ? t1 - CHUNK : 0;
        const modprop_real *const first = back->delta + (CHUNK + t0 - t1) * Bn;
        credit_of_chunk(back, trajectory, t0, t1);
        /* grad [m][n] += (1 - alpha) sum_t pre[t]^T delta[t] */
        modprop_blas_multiply(true, false, s->m, s->n, (t1 - t0) * s->B, back->setup.network->take,
                              trajectory->pre + t0 * s->B * s->ld, s->ld, first, s->n, 1, gradient, s->n);
        memcpy(last, first, Bn * sizeof *last);
        t1 = t0;
    }
    return MODPROP_OK;
}
