#include "check/draw.h"

#include <math.h>
#include <string.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "engine/random.h"

/* Draws one after another. */
struct dice {
    struct modprop_stream stream;
    uint64_t block;
};

static double uniform(struct dice *dice, double low, double high)
{
    return low + (high - low) * modprop_random_uniform(dice->stream, dice->block++);
}

/* Near enough to N(0,1): the sum of twelve uniform numbers (Irwin-Hall). Exact in float32. */
static double normal(struct dice *dice)
{
    double sum = -6;
    for (int k = 0; k < 12; k++)
        sum += uniform(dice, 0, 1);
    return (float)sum;
}

const char *modprop_draw_loss_name(enum modprop_draw_loss loss)
{
    static const char *const names[] = {"last", "window", "regression"};
    return names[loss];
}

static void shape_of(const struct modprop_draw_setting *s, enum modprop_draw_loss loss,
                     struct modprop_shape *shape)
{
    const size_t third = s->T / 3 < 2 ? 2 : s->T / 3, window = third < s->T ? third : s->T;
    *shape = modprop_shape_complete((struct modprop_shape){
        .B = s->B,
        .T = s->T,
        .n_in = s->n_in,
        .n = s->n,
        .n_out = s->n_out,
        .loss_steps = loss == MODPROP_DRAW_LAST     ? 1
                      : loss == MODPROP_DRAW_WINDOW ? window
                                                    : s->T,
        .loss = loss == MODPROP_DRAW_REGRESSION ? MODPROP_LOSS_SQUARED : MODPROP_LOSS_CROSS_ENTROPY,
    });
}

static void configure(const struct modprop_draw_setting *s, struct modprop_config *config)
{
    modprop_config_init(config);
    config->n = (long)s->n;
    config->batch = (long)s->B;
    config->proportion_excitatory = s->proportion_excitatory;
    config->types_per_sign = s->types_per_sign;
    config->tau_ms = s->tau_ms;
    config->threshold = s->threshold;
    config->tap_tolerance = 0; /* all T - 1 taps, unless one is exactly zero */
}

/* Group of unit i among `groups` of each sign; any grouping will do. */
static size_t group(size_t i, size_t n, size_t n_inh, size_t groups)
{
    return i < n_inh ? i * groups / n_inh : groups + (i - n_inh) * groups / (n - n_inh);
}

static void draw_recurrent(const struct modprop_draw_setting *s, size_t n_inh, struct dice *dice,
                           double *W)
{
    enum { MOST = 8 };
    double scale[2 * MOST][2 * MOST];
    const size_t groups = s->types_per_sign > MOST ? MOST : (size_t)s->types_per_sign;
    for (size_t a = 0; a < 2 * groups; a++)
        for (size_t b = 0; b < 2 * groups; b++)
            scale[a][b] = uniform(dice, 0.4, 2.2);
    for (size_t i = 0; i < s->n; i++) {
        /* the few inhibitory units together weigh as much as the excitatory ones */
        const double weight = i < n_inh ? -(double)(s->n - n_inh) / (double)n_inh : 1;
        for (size_t j = 0; j < s->n; j++) {
            const double block =
                scale[group(i, s->n, n_inh, groups)][group(j, s->n, n_inh, groups)];
            const bool connected = i != j && uniform(dice, 0, 1) > 0.04;
            const double size = fabs(normal(dice)) * block * s->recurrent_scale /
                                sqrt((double)s->n);
            W[i * s->n + j] = connected ? (float)(weight * size / 2) : 0;
        }
    }
}

static void draw_weights(const struct modprop_draw_setting *s, struct dice *dice,
                         struct modprop_problem *p)
{
    const size_t n_inh = modprop_network_inhibitory(&p->config);
    double *const W_in = p->weights + modprop_problem_part(&p->shape, 1).offset;
    double *const W_out = p->weights + modprop_problem_part(&p->shape, 2).offset;
    double *const b_out = p->weights + modprop_problem_part(&p->shape, 3).offset;
    draw_recurrent(s, n_inh, dice, p->weights);
    for (size_t k = 0; k < s->n_in * s->n; k++)
        W_in[k] = (float)(normal(dice) / sqrt((double)s->n_in / 2));
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->n_out; k++)
            W_out[i * s->n_out + k] = (float)((i < n_inh ? -1 : 1) * fabs(normal(dice)) * 2 /
                                              sqrt((double)s->n));
    for (size_t k = 0; k < s->n_out; k++)
        b_out[k] = (float)(0.3 * normal(dice));
    for (size_t k = 0; k < s->n * s->n_out; k++)
        p->W_fb_out[k] = (float)(normal(dice) * 2 / sqrt((double)s->n));
}

/* One relu step of one trial from v and z into v_new; returns the least distance from the threshold. */
static double step(const struct modprop_problem *p, const double *v, const double *z,
                   const double *x, double *v_new)
{
    const size_t n = p->shape.n;
    const double alpha = exp(-1 / p->config.tau_ms), *const W_in = p->weights + n * n;
    double margin = INFINITY;
    for (size_t j = 0; j < n; j++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += z[i] * p->weights[i * n + j];
        for (size_t i = 0; i < p->shape.n_in; i++)
            sum += x[i] * W_in[i * n + j];
        v_new[j] = alpha * v[j] + (1 - alpha) * sum;
        margin = fmin(margin, fabs(v_new[j] - p->config.threshold));
    }
    return margin;
}

/* Slow waves and noise for one trial. work: [3][n], zero. */
static enum modprop_status draw_input(struct modprop_problem *p, size_t b, struct dice *dice,
                                      double *work, struct modprop_error *err)
{
    enum { ATTEMPTS = 5000 };
    const size_t n = p->shape.n, n_in = p->shape.n_in;
    const double period = uniform(dice, 15, 60), phase = uniform(dice, 0, 6.28);
    double *const v = work, *const z = work + n, *const v_new = work + 2 * n;
    for (size_t t = 0; t < p->shape.T; t++) {
        double *const x = p->x + (t * p->shape.B + b) * n_in;
        int attempt = 0;
        do {
            for (size_t i = 0; i < n_in; i++)
                x[i] = (float)(0.5 + sin(6.28 * (double)t / period + phase + (double)i) +
                               0.5 * normal(dice));
        } while (step(p, v, z, x, v_new) < MODPROP_DRAW_MARGIN && ++attempt < ATTEMPTS);
        if (attempt == ATTEMPTS)
            return MODPROP_FAIL(err, MODPROP_INVALID,
                                "no input keeps all units off their threshold");
        memcpy(v, v_new, n * sizeof *v);
        for (size_t i = 0; i < n; i++)
            z[i] = fmax(0, v[i] - p->config.threshold);
    }
    return MODPROP_OK;
}

static enum modprop_status take_memory(struct modprop_problem *p, struct modprop_error *err)
{
    const struct modprop_shape *s = &p->shape;
    struct modprop_memory_plan plan = {0};
    const size_t size = sizeof(double);
    p->x = modprop_memory_take(&plan, s->T * s->B * s->n_in, size);
    if (s->loss == MODPROP_LOSS_SQUARED)
        p->target = modprop_memory_take(&plan, s->T * s->B * s->n_out, size);
    else
        p->label = modprop_memory_take(&plan, s->B, size);
    p->weights = modprop_memory_take(&plan, modprop_problem_weights(s), size);
    p->W_fb_out = modprop_memory_take(&plan, s->n * s->n_out, size);
    return plan.refused ? modprop_memory_error("a check", plan.bytes, err) : MODPROP_OK;
}

enum modprop_status modprop_draw_problem(struct modprop_problem *problem,
                                         const struct modprop_draw_setting *setting,
                                         enum modprop_draw_loss loss, struct modprop_error *err)
{
    struct modprop_problem *const p = problem;
    struct dice dice = {modprop_random_stream(1, MODPROP_STREAM_TASK, (long)loss), 0};
    *p = (struct modprop_problem){0};
    configure(setting, &p->config);
    shape_of(setting, loss, &p->shape);
    double *work = modprop_memory_get(3 * setting->n, sizeof *work);
    enum modprop_status status = take_memory(p, err);
    if (status == MODPROP_OK && !work)
        status = modprop_memory_error("a check", 3 * setting->n * sizeof *work, err);
    if (status == MODPROP_OK)
        draw_weights(setting, &dice, p);
    for (size_t b = 0; status == MODPROP_OK && b < setting->B; b++) {
        memset(work, 0, 3 * setting->n * sizeof *work);
        status = draw_input(p, b, &dice, work, err);
        if (p->label)
            p->label[b] = floor(uniform(&dice, 0, (double)setting->n_out));
    }
    for (size_t k = 0; p->target && k < setting->T * setting->B * setting->n_out; k++)
        p->target[k] = normal(&dice);
    modprop_memory_free(work);
    if (status != MODPROP_OK)
        modprop_problem_clear(p);
    return status;
}
