#include "engine/feedback.h"

#include <math.h>
#include <string.h>

#include "engine/error.h"
#include "engine/memory.h"

static bool by_type(const struct modprop_config *config)
{
    return config->feedback == MODPROP_FEEDBACK_TYPE;
}

static size_t count_of(const struct modprop_config *config)
{
    return by_type(config) ? modprop_types_count(config) : 0;
}

static bool has_own(const struct modprop_config *config)
{
    return config->feedback_weights != MODPROP_WEIGHTS_SYMMETRIC;
}

/* ------------------------------------------------------------------ life cycle */

static enum modprop_status take_memory(struct modprop_feedback *fb,
                                       const struct modprop_config *config,
                                       struct modprop_error *err)
{
    const size_t C = fb->C, n = fb->network->n, size = sizeof(modprop_real);
    struct modprop_memory_plan plan = {0};
    fb->W_ab = modprop_memory_take(&plan, modprop_memory_product(C, C), size);
    fb->W_ba = modprop_memory_take(&plan, modprop_memory_product(C, C), size);
    fb->pooled = modprop_memory_take(&plan, 2 * C, size);
    if (has_own(config)) {
        fb->own = modprop_memory_take(&plan, modprop_memory_product(n, n), size);
        fb->W = modprop_memory_take(&plan, modprop_memory_product(n, n), size);
        if (C == 0)
            fb->back = modprop_memory_take(&plan, modprop_memory_product(n, fb->network->ldn),
                                           size);
    }
    return plan.refused ? modprop_memory_error("the feedback weights", plan.bytes, err)
                        : MODPROP_OK;
}

enum modprop_status modprop_feedback_create(struct modprop_feedback **feedback,
                                            const struct modprop_config *config,
                                            const struct modprop_network *network,
                                            struct modprop_error *err)
{
    struct modprop_feedback *fb = modprop_memory_get(1, sizeof *fb);
    *feedback = NULL;
    if (!fb)
        return modprop_memory_error("the feedback weights", sizeof *fb, err);
    fb->network = network;
    fb->kind = (enum modprop_feedback_weights)config->feedback_weights;
    fb->decay = config->feedback_decay;
    fb->C = by_type(config) ? network->types.C : 0;
    const enum modprop_status status = take_memory(fb, config, err);
    if (status != MODPROP_OK) {
        modprop_feedback_free(fb);
        return status;
    }
    *feedback = fb;
    return MODPROP_OK;
}

void modprop_feedback_free(struct modprop_feedback *feedback)
{
    if (!feedback)
        return;
    modprop_memory_free(feedback->W_ab);
    modprop_memory_free(feedback->W_ba);
    modprop_memory_free(feedback->pooled);
    modprop_memory_free(feedback->own);
    modprop_memory_free(feedback->W);
    modprop_memory_free(feedback->back);
    modprop_memory_free(feedback);
}

size_t modprop_feedback_bytes(const struct modprop_config *config)
{
    const size_t C = count_of(config), n = (size_t)config->n, ldn = modprop_shape_of(config).ldn;
    const size_t own = has_own(config) ? modprop_memory_product(n, 2 * n + (C ? 0 : ldn)) : 0;
    return (2 * C * C + 2 * C + own) * sizeof(modprop_real);
}

/* ------------------------------------------------------------------ weights */

void modprop_feedback_begin(struct modprop_feedback *feedback, const modprop_real *W)
{
    const size_t count = feedback->network->n * feedback->network->n;
    const bool follows = feedback->kind == MODPROP_WEIGHTS_ADAPTIVE;
    for (size_t k = 0; feedback->own && k < count; k++)
        feedback->own[k] = W[k] - (follows ? feedback->network->w.W_rec[k] : 0);
}

enum modprop_status modprop_feedback_start(struct modprop_feedback *feedback, long seed,
                                           struct modprop_error *err)
{
    if (!feedback->own)
        return MODPROP_OK;
    const enum modprop_status status = modprop_network_sample(feedback->network, seed, feedback->W,
                                                              err);
    if (status == MODPROP_OK)
        modprop_feedback_begin(feedback, feedback->W);
    return status;
}

const modprop_real *modprop_feedback_weights(const struct modprop_feedback *feedback)
{
    return feedback->own ? feedback->W : feedback->network->w.W_rec;
}

/* W of this iteration, and its transpose where it is multiplied with. */
static void make_own(struct modprop_feedback *fb, long iteration)
{
    const size_t n = fb->network->n, ldn = fb->network->ldn;
    const bool follows = fb->kind == MODPROP_WEIGHTS_ADAPTIVE;
    const modprop_real left = follows ? (modprop_real)pow(1 - fb->decay, (double)iteration) : 1;
    for (size_t k = 0; k < n * n; k++)
        fb->W[k] = (follows ? fb->network->w.W_rec[k] : 0) + left * fb->own[k];
    for (size_t pre = 0; fb->back && pre < n; pre++)
        for (size_t post = 0; post < n; post++)
            fb->back[post * ldn + pre] = fb->W[pre * n + post];
}

/* Mean of W [n][n] over the synapses from type a to type b. */
static double mean(const struct modprop_types *types, size_t n, const modprop_real *W, size_t a,
                   size_t b)
{
    double sum = 0;
    for (size_t pre = types->first[a]; pre < types->first[a + 1]; pre++)
        for (size_t post = types->first[b]; post < types->first[b + 1]; post++)
            sum += (double)W[types->unit[pre] * n + types->unit[post]];
    return sum / ((double)modprop_types_size(types, a) * (double)modprop_types_size(types, b));
}

void modprop_feedback_refresh(struct modprop_feedback *feedback, long iteration)
{
    const size_t C = feedback->C, n = feedback->network->n;
    if (feedback->own)
        make_own(feedback, iteration);
    const modprop_real *const W = modprop_feedback_weights(feedback);
    const struct modprop_types *const types = &feedback->network->types;
    for (size_t a = 0; a < C; a++)
        for (size_t b = 0; b < C; b++) {
            feedback->W_ab[a * C + b] = (modprop_real)mean(types, n, W, a, b);
            feedback->W_ba[b * C + a] = feedback->W_ab[a * C + b];
        }
}

/* ------------------------------------------------------------------ credit */

/* pooled [C] = sums of in [n] over the units of each type */
static void pool(const struct modprop_types *types, const modprop_real *restrict in,
                 modprop_real *restrict pooled)
{
    const size_t *const unit = types->ordered ? NULL : types->unit;
    for (size_t c = 0; c < types->C; c++) {
        modprop_real sum = 0;
        for (size_t k = types->first[c]; k < types->first[c + 1]; k++)
            sum += in[unit ? unit[k] : k];
        pooled[c] = sum;
    }
}

/* sent [C] = received [C] W_ba, all sums side by side */
MODPROP_KERNEL_CLONES
static void cross(size_t C, const modprop_real *restrict received,
                  const modprop_real *restrict W_ba, modprop_real *restrict sent)
{
    for (size_t a = 0; a < C; a++)
        sent[a] = 0;
    for (size_t b = 0; b < C; b++)
        for (size_t a = 0; a < C; a++)
            sent[a] += received[b] * W_ba[b * C + a];
}

/* out [n]: each unit gets its type's value */
static void spread(const struct modprop_types *types, const modprop_real *restrict sent,
                   modprop_real *restrict out)
{
    const size_t *const unit = types->ordered ? NULL : types->unit;
    for (size_t c = 0; c < types->C; c++)
        for (size_t k = types->first[c]; k < types->first[c + 1]; k++)
            out[unit ? unit[k] : k] = sent[c];
}

static void lay_types(const struct modprop_feedback *fb, const double *mu, double *matrix)
{
    const size_t C = fb->C;
    for (size_t k = 0; k < C * C; k++)
        matrix[k] = (mu ? mu[k / C] : 1) * (double)fb->W_ab[k] *
                    (double)modprop_types_size(&fb->network->types, k % C);
}

size_t modprop_feedback_matrix(const struct modprop_feedback *feedback, const double *mu,
                               double *matrix)
{
    const struct modprop_types *const types = &feedback->network->types;
    const modprop_real *const W = modprop_feedback_weights(feedback);
    const size_t n = feedback->network->n;
    if (feedback->C > 0) {
        lay_types(feedback, mu, matrix);
        return feedback->C;
    }
    for (size_t k = 0; k < n * n; k++)
        matrix[k] = (double)W[k];
    for (size_t a = 0; mu && a < types->C; a++)
        for (size_t k = types->first[a]; k < types->first[a + 1]; k++)
            for (size_t j = 0; j < n; j++)
                matrix[types->unit[k] * n + j] *= mu[a];
    return n;
}

void modprop_feedback_apply(const struct modprop_feedback *feedback, size_t R,
                            const modprop_real *in, modprop_real *out,
                            const struct modprop_kernel_leaky *units)
{
    const size_t C = feedback->C, ldn = feedback->network->ldn;
    const struct modprop_types *const types = &feedback->network->types;
    if (C == 0) {
        modprop_network_multiply(feedback->network, R, in,
                                 feedback->back ? feedback->back : feedback->network->back, out,
                                 units);
        return;
    }
    for (size_t r = 0; r < R; r++) {
        pool(types, in + r * ldn, feedback->pooled);
        cross(C, feedback->pooled, feedback->W_ba, feedback->pooled + C);
        spread(types, feedback->pooled + C, out + r * ldn);
    }
    if (units)
        feedback->network->kernel->leak(R, feedback->network->n, out, ldn, units);
}

double modprop_feedback_cost(const struct modprop_config *config)
{
    const double n = (double)config->n, C = (double)count_of(config), B = (double)config->batch;
    return C > 0 ? B * (2 * n + 2 * C * C) : 2 * B * n * n;
}
