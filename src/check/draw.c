#include "check/draw.h"

#include <math.h>
#include <string.h>

#include "check/naive_units.h"
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

static enum modprop_status configure(const struct modprop_draw_setting *s,
                                     struct modprop_config *config, struct modprop_error *err)
{
    modprop_config_init(config);
    config->n = (long)s->n;
    config->batch = (long)s->B;
    config->proportion_excitatory = s->proportion_excitatory;
    config->types_per_sign = s->types_per_sign;
    config->tau_ms = s->tau_ms;
    config->threshold = s->threshold;
    config->spike_threshold = s->threshold > 0 ? s->threshold : 1;
    config->refractory_steps = s->refractory_steps;
    config->n_adaptive = s->n_adaptive;
    config->tau_a_ms = 3 * s->tau_ms;
    config->mu_tau_ms = s->tau_ms;
    config->mu_tau_iterations = 5;
    config->tap_tolerance = 0; /* all T - 1 taps, unless one is exactly zero */
    return modprop_config_set(config, "units", s->units ? s->units : "relu", err);
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
    const double missing = s->share > 0 ? 1 - s->share : 0.04;
    for (size_t a = 0; a < 2 * groups; a++)
        for (size_t b = 0; b < 2 * groups; b++)
            scale[a][b] = uniform(dice, 0.4, 2.2);
    for (size_t i = 0; i < s->n; i++) {
        /* the few inhibitory units together weigh as much as the excitatory ones */
        const double weight = i < n_inh ? -(double)(s->n - n_inh) / (double)n_inh : 1;
        for (size_t j = 0; j < s->n; j++) {
            const double block =
                scale[group(i, s->n, n_inh, groups)][group(j, s->n, n_inh, groups)];
            const bool connected = i != j && uniform(dice, 0, 1) > missing;
            const double size = fabs(normal(dice)) * block * s->recurrent_scale /
                                sqrt((double)s->n);
            W[i * s->n + j] = connected ? (float)(weight * size / 2) : 0;
        }
    }
}

/* Of the units [begin, end), in turn: one of the first type, two of the second, ... */
static void label(size_t begin, size_t end, size_t first, size_t types, size_t *type)
{
    for (size_t i = begin, k = 0, left = 1; i < end; i++) {
        type[i] = first + k;
        if (--left == 0) {
            k = (k + 1) % types;
            left = k + 1;
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
    const double scale_in = s->input_scale > 0 ? s->input_scale : 1;
    draw_recurrent(s, n_inh, dice, p->weights);
    for (size_t k = 0; k < s->n_in * s->n; k++)
        W_in[k] = (float)(scale_in * normal(dice) / sqrt((double)s->n_in / 2));
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->n_out; k++)
            W_out[i * s->n_out + k] = (float)((i < n_inh ? -1 : 1) * fabs(normal(dice)) * 2 /
                                              sqrt((double)s->n));
    for (size_t k = 0; k < s->n_out; k++)
        b_out[k] = (float)(0.3 * normal(dice));
    draw_recurrent(s, n_inh, dice, p->W_fb);
    for (size_t a = 0; a < 2 * (size_t)s->types_per_sign; a++)
        p->mubar[a] = (float)uniform(dice, 0.2, 0.8);
    if (s->uneven) {
        const size_t each = (size_t)s->types_per_sign;
        label(0, n_inh, 0, each - 1, p->type);
        label(n_inh, s->n, each - 1, each + 1, p->type);
    }
    for (size_t i = 0; i < s->n; i++)
        p->rate[i] = uniform(dice, 0, 0.1);
    for (size_t k = 0; k < s->n * s->n_out; k++)
        p->W_fb_out[k] = (float)(normal(dice) * 2 / sqrt((double)s->n));
}

/* Slow waves and noise for one trial. work: two states of the units, the first one zero. */
static enum modprop_status draw_input(struct modprop_problem *p, size_t b, struct dice *dice,
                                      double *work, struct modprop_error *err)
{
    enum { ATTEMPTS = 5000 };
    const size_t n = p->shape.n, n_in = p->shape.n_in, values = MODPROP_NAIVE_UNITS_ARRAYS * n;
    const double period = uniform(dice, 15, 60), phase = uniform(dice, 0, 6.28);
    const struct modprop_naive_units before = modprop_naive_units_lay(work, n);
    const struct modprop_naive_units after = modprop_naive_units_lay(work + values, n);
    for (size_t t = 0; t < p->shape.T; t++) {
        double *const x = p->x + (t * p->shape.B + b) * n_in;
        int attempt = 0;
        do {
            for (size_t i = 0; i < n_in; i++)
                x[i] = (float)(0.5 + sin(6.28 * (double)t / period + phase + (double)i) +
                               0.5 * normal(dice));
        } while (modprop_naive_units_step(p, &before, x, &after) < MODPROP_DRAW_MARGIN &&
                 ++attempt < ATTEMPTS);
        if (attempt == ATTEMPTS)
            return MODPROP_FAIL(err, MODPROP_INVALID,
                                "no input keeps all units off their threshold");
        memcpy(work, work + values, values * sizeof *work);
    }
    return MODPROP_OK;
}

static enum modprop_status take_memory(struct modprop_problem *p, bool uneven,
                                       struct modprop_error *err)
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
    p->W_fb = modprop_memory_take(&plan, s->n * s->n, size);
    p->rate = modprop_memory_take(&plan, s->n, size);
    p->mubar = modprop_memory_take(&plan, 2 * (size_t)p->config.types_per_sign, size);
    if (uneven)
        p->type = modprop_memory_take(&plan, s->n, sizeof *p->type);
    return plan.refused ? modprop_memory_error("a check", plan.bytes, err) : MODPROP_OK;
}

enum modprop_status modprop_draw_problem(struct modprop_problem *problem,
                                         const struct modprop_draw_setting *setting,
                                         enum modprop_draw_loss loss, struct modprop_error *err)
{
    struct modprop_problem *const p = problem;
    struct dice dice = {modprop_random_stream(1, MODPROP_STREAM_TASK, (long)loss), 0};
    *p = (struct modprop_problem){0};
    enum modprop_status status = configure(setting, &p->config, err);
    if (status != MODPROP_OK)
        return status;
    shape_of(setting, loss, &p->shape);
    const size_t values = 2 * MODPROP_NAIVE_UNITS_ARRAYS * setting->n;
    double *work = modprop_memory_get(values, sizeof *work);
    status = take_memory(p, setting->uneven, err);
    if (status == MODPROP_OK && !work)
        status = modprop_memory_error("a check", values * sizeof *work, err);
    if (status == MODPROP_OK)
        draw_weights(setting, &dice, p);
    for (size_t b = 0; status == MODPROP_OK && b < setting->B; b++) {
        memset(work, 0, values * sizeof *work);
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
