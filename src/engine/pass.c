#include "engine/pass.h"

#include <math.h>
#include <string.h>

#include "engine/backward.h"
#include "engine/blas.h"
#include "engine/loss.h"
#include "engine/memory.h"

size_t modprop_pass_bytes(const struct modprop_shape *shape, const struct modprop_units *units,
                          bool trajectory)
{
    const size_t Bn = shape->B * shape->n, out = shape->B * shape->n_out;
    const size_t kept = trajectory ? (shape->T + 1) * shape->B * shape->ld + shape->T * Bn
                                   : 2 * shape->B * shape->ld + Bn;
    const size_t dy = trajectory ? shape->loss_steps * out : out;
    return (kept + dy + (units->states + 2) * Bn + 3 * out) * sizeof(modprop_real);
}

enum modprop_status modprop_pass_init(struct modprop_pass *pass, const struct modprop_network *network,
                                      const modprop_real *W_fb_out, const struct modprop_shape *shape,
                                      bool trajectory, struct modprop_error *err)
{
    const size_t size = sizeof(modprop_real), B = shape->B, T = shape->T;
    const size_t row = modprop_memory_product(B, shape->ld);
    const size_t Bn = modprop_memory_product(B, shape->n);
    const size_t out = modprop_memory_product(B, shape->n_out);
    struct modprop_memory_plan plan = {0};
    *pass = (struct modprop_pass){.network = network, .W_fb_out = W_fb_out, .shape = *shape};
    pass->slots = trajectory ? T + 1 : 2;
    struct modprop_trajectory *kept = &pass->trajectory;
    kept->pre = modprop_memory_take(&plan, modprop_memory_product(pass->slots, row), size);
    kept->h = modprop_memory_take(&plan, modprop_memory_product(trajectory ? T : 1, Bn), size);
    kept->dy = modprop_memory_take(
        &plan, modprop_memory_product(trajectory ? shape->loss_steps : 1, out), size);
    pass->state = modprop_memory_take(&plan, modprop_memory_product(network->units->states, Bn), size);
    pass->input = modprop_memory_take(&plan, Bn, size);
    pass->L = modprop_memory_take(&plan, Bn, size);
    pass->y = modprop_memory_take(&plan, out, size);
    pass->y_sum = modprop_memory_take(&plan, out, size);
    pass->target = modprop_memory_take(&plan, out, size);
    if (plan.refused) {
        modprop_pass_clear(pass);
        return modprop_memory_error(trajectory ? "the trajectory" : "the forward pass", plan.bytes, err);
    }
    return MODPROP_OK;
}

void modprop_pass_clear(struct modprop_pass *pass)
{
    modprop_memory_free(pass->trajectory.pre);
    modprop_memory_free(pass->trajectory.h);
    modprop_memory_free(pass->trajectory.dy);
    modprop_memory_free(pass->state);
    modprop_memory_free(pass->input);
    modprop_memory_free(pass->L);
    modprop_memory_free(pass->y);
    modprop_memory_free(pass->y_sum);
    modprop_memory_free(pass->target);
    *pass = (struct modprop_pass){0};
}

/* y [B][n_out] = z W_out + b_out */
static void read_out(struct modprop_pass *pass, const modprop_real *z)
{
    const struct modprop_shape *s = &pass->shape;
    const struct modprop_weights *w = &pass->network->w;
    for (size_t b = 0; b < s->B; b++) {
        memcpy(pass->y + b * s->n_out, w->b_out, s->n_out * sizeof *pass->y);
        for (size_t i = 0; i < s->n; i++)
            for (size_t k = 0; k < s->n_out; k++)
                pass->y[b * s->n_out + k] += z[b * s->ld + i] * w->W_out[i * s->n_out + k];
    }
}

/* dE/dW_out += z^T dy, dE/db_out += sum over trials of dy */
static void readout_gradient(const struct modprop_shape *s, const modprop_real *z, const modprop_real *dy,
                             const struct modprop_weights *readout)
{
    for (size_t b = 0; b < s->B; b++) {
        for (size_t k = 0; k < s->n_out; k++)
            readout->b_out[k] += dy[b * s->n_out + k];
        for (size_t i = 0; i < s->n; i++)
            for (size_t k = 0; k < s->n_out; k++)
                readout->W_out[i * s->n_out + k] += z[b * s->ld + i] * dy[b * s->n_out + k];
    }
}

/* The loss of step t, and with a gradient also the learning signal. Returns this step's loss. */
static double lose(struct modprop_pass *pass, const struct modprop_trials *trials, size_t t,
                   const modprop_real *z, modprop_real *dy, const struct modprop_weights *readout)
{
    const struct modprop_shape *s = &pass->shape;
    read_out(pass, z);
    if (s->loss == MODPROP_LOSS_SQUARED)
        trials->task->target(trials, t, pass->target);
    const double loss = modprop_loss_step(s, pass->y, trials->label, pass->target, dy);
    for (size_t k = 0; k < s->B * s->n_out; k++)
        pass->y_sum[k] += pass->y[k];
    if (readout) {
        readout_gradient(s, z, dy, readout);
        modprop_backward_signal(s, pass->W_fb_out, dy, pass->L);
    }
    return loss;
}

static double share_right(const struct modprop_pass *pass, const struct modprop_trials *trials)
{
    const struct modprop_shape *s = &pass->shape;
    size_t right = 0;
    if (s->loss == MODPROP_LOSS_SQUARED)
        return NAN;
    for (size_t b = 0; b < s->B; b++) {
        size_t best = 0;
        for (size_t k = 1; k < s->n_out; k++)
            if (pass->y_sum[b * s->n_out + k] > pass->y_sum[b * s->n_out + best])
                best = k;
        right += best == trials->label[b];
    }
    return (double)right / (double)s->B;
}

/* Adds one step's activity to the figures. */
static void look(const struct modprop_shape *s, const modprop_real *z, const modprop_real *h,
                 struct modprop_pass_figures *figures)
{
    modprop_real rate = 0, active = 0, largest = (modprop_real)figures->largest_rate;
    for (size_t b = 0; b < s->B; b++) {
        for (size_t i = 0; i < s->n; i++) {
            const modprop_real here = z[b * s->ld + i];
            rate += here;
            largest = here > largest ? here : largest;
            active += h[b * s->n + i];
        }
    }
    figures->mean_rate += (double)rate / (double)(s->B * s->n * s->T);
    figures->active_fraction += (double)active / (double)(s->B * s->n * s->T);
    figures->largest_rate = (double)largest;
}

static void start(struct modprop_pass *pass, const struct modprop_weights *readout)
{
    const struct modprop_shape *s = &pass->shape;
    const size_t size = sizeof *pass->state, out = s->B * s->n_out;
    memset(pass->trajectory.pre, 0, s->B * s->ld * size); /* z before the first step */
    memset(pass->state, 0, pass->network->units->states * s->B * s->n * size);
    memset(pass->y_sum, 0, out * size);
    if (readout)
        memset(readout->W_out, 0, (s->n * s->n_out + s->n_out) * size); /* and b_out behind it */
}

void modprop_pass_run(struct modprop_pass *pass, const struct modprop_trials *trials,
                      const struct modprop_method *method, void *method_state,
                      const struct modprop_weights *readout, bool observe,
                      struct modprop_pass_figures *figures)
{
    const struct modprop_shape *s = &pass->shape;
    const struct modprop_network *net = pass->network;
    const size_t row = s->B * s->ld, Bn = s->B * s->n, quiet = s->T - s->loss_steps;
    const bool all = pass->slots > 2; /* steps are kept */
    *figures = (struct modprop_pass_figures){0};
    start(pass, readout);
    if (method && method->begin)
        method->begin(method_state);
    for (size_t t = 0; t < s->T; t++) {
        modprop_real *const pre = pass->trajectory.pre + (all ? t : t % 2) * row;
        modprop_real *const z = pass->trajectory.pre + (all ? t + 1 : (t + 1) % 2) * row;
        modprop_real *const h = pass->trajectory.h + (all ? t : 0) * Bn;
        trials->task->input(trials, t, pre + s->n, s->ld);
        /* input = z[t-1] W_rec + x[t] W_in */
        modprop_blas_multiply(false, false, s->B, s->n, s->m, 1, pre, s->ld, net->w.W_rec, s->n, 0,
                              pass->input, s->n);
        net->units->step(net, s->B, pass->state, pass->input, z, s->ld, h);
        const bool lossy = t >= quiet;
        if (lossy)
            figures->loss += lose(pass, trials, t, z,
                                  pass->trajectory.dy + (all ? t - quiet : 0) * s->B * s->n_out, readout);
        if (observe)
            look(s, z, h, figures);
        const struct modprop_moment moment = {.t = t, .pre = pre, .state = pass->state, .z = z, .h = h,
                                              .y = lossy ? pass->y : NULL, .L = lossy ? pass->L : NULL};
        if (method && method->step)
            method->step(method_state, &moment);
        if (pass->watch)
            pass->watch(pass->context, &moment);
    }
    figures->accuracy = share_right(pass, trials);
}
