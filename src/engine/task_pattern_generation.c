/*
 * pattern_generation: one output follows a fixed target (after the e-prop and MDGL work: Nicola &
 * Clopath 2017; Bellec et al. 2020; Liu et al., PNAS 2021). The range of amplitudes is that of Bellec
 * et al.'s published code, which has 1, 2, 3 and 5 Hz in 1000 ms and a hundred spiking inputs;
 * frequencies, length and inputs are this program's.
 *
 *     y*[t] = sum over f of a_f sin(2 pi f t / 1000 + phi_f) / largest,   f = 0.5, 1, 2, 3, 4 Hz
 *
 * with amplitudes a_f from [0.5, 2] and phases phi_f drawn once per run, and `largest` such that
 * max |y*| = 1. The input is one realisation of white noise N(0, pattern_amplitude), drawn once per
 * run and the same in every trial but for N(0, input_noise). Loss: squared, at every step.
 */
#include <math.h>

#include "engine/memory.h"
#include "engine/task.h"

enum { SINES = 5 };
static const double frequency_hz[SINES] = {0.5, 1, 2, 3, 4};

struct pattern_task {
    size_t n_in;
    modprop_real *target; /* [T] */
    modprop_real *frozen; /* [T][n_in] */
    modprop_real noise[]; /* [n_in], target and frozen behind */
};

static void shape(const struct modprop_config *config, struct modprop_task_shape *s)
{
    s->T = (size_t)config->pattern_ms;
    s->n_in = (size_t)config->pattern_inputs;
    s->n_out = 1;
    s->loss_steps = s->T;
    s->loss = MODPROP_LOSS_SQUARED;
}

static size_t bytes_of(const struct modprop_config *config)
{
    const size_t T = (size_t)config->pattern_ms, n_in = (size_t)config->pattern_inputs;
    return sizeof(struct pattern_task) +
           modprop_memory_product(n_in + T + T * n_in, sizeof(modprop_real));
}

/* y* before it is normalised, in double. */
static double wave(const double amplitude[SINES], const double phase[SINES], size_t t)
{
    const double two_pi = 6.283185307179586, step_s = 1e-3;
    double sum = 0;
    for (size_t k = 0; k < SINES; k++)
        sum += amplitude[k] * sin(two_pi * frequency_hz[k] * (double)t * step_s + phase[k]);
    return sum;
}

static void draw_target(const struct modprop_stream stream, size_t T, modprop_real *target)
{
    const double two_pi = 6.283185307179586, least = 0.5, most = 2;
    double amplitude[SINES], phase[SINES], largest = 0;
    for (size_t k = 0; k < SINES; k++) {
        amplitude[k] = least + (most - least) * modprop_random_uniform(stream, 2 * k);
        phase[k] = two_pi * modprop_random_uniform(stream, 2 * k + 1);
    }
    for (size_t t = 0; t < T; t++)
        largest = fmax(largest, fabs(wave(amplitude, phase, t)));
    for (size_t t = 0; t < T; t++)
        target[t] = (modprop_real)(wave(amplitude, phase, t) / largest);
}

static enum modprop_status create(void **state, const struct modprop_config *config,
                                  struct modprop_error *err)
{
    const size_t T = (size_t)config->pattern_ms, n_in = (size_t)config->pattern_inputs;
    const struct modprop_stream stream = modprop_random_stream(config->seed, MODPROP_STREAM_TASK,
                                                               0);
    struct pattern_task *task = modprop_memory_get(1, bytes_of(config));
    *state = task;
    if (!task)
        return modprop_memory_error("the task", bytes_of(config), err);
    task->n_in = n_in;
    task->target = task->noise + n_in;
    task->frozen = task->target + T;
    for (size_t c = 0; c < n_in; c++)
        task->noise[c] = (modprop_real)config->input_noise;
    draw_target(stream, T, task->target);
    modprop_random_noise(stream, 2 * SINES, T * n_in, task->frozen);
    for (size_t k = 0; k < T * n_in; k++)
        task->frozen[k] *= (modprop_real)config->pattern_amplitude;
    return MODPROP_OK;
}

/* All trials are of one kind and have no class. */
static void begin(struct modprop_trials *trials)
{
    (void)trials;
}

static void input(const struct modprop_trials *trials, size_t t0, size_t steps, const size_t *trial,
                  size_t R, modprop_real *x)
{
    const struct pattern_task *task = trials->state;
    const struct modprop_task_input in = {trials, t0, steps, trial, R, task->n_in, x};
    for (size_t k = 0; k < steps; k++)
        for (size_t r = 0; r < R; r++)
            for (size_t c = 0; c < task->n_in; c++)
                x[(k * R + r) * task->n_in + c] = task->frozen[(t0 + k) * task->n_in + c];
    modprop_task_noise(&in, task->noise);
}

static void target(const struct modprop_trials *trials, size_t t, const size_t *trial, size_t R,
                   modprop_real *y)
{
    const struct pattern_task *task = trials->state;
    (void)trial;
    for (size_t r = 0; r < R; r++)
        y[r] = task->target[t];
}

const struct modprop_task modprop_task_pattern_generation = {
    .name = "pattern_generation",
    .summary = "follow a fixed sum of sinusoids, driven by frozen noise",
    .citation = "Liu et al., PNAS 2021; Bellec et al., Nat. Commun. 2020",
    .params = (const char *const[]){"pattern_ms", "pattern_inputs", "pattern_amplitude",
                                    "input_noise", NULL},
    .shape = shape,
    .bytes = bytes_of,
    .create = create,
    .free = modprop_memory_free,
    .begin = begin,
    .input = input,
    .target = target,
};
