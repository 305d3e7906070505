/*
 * flip_flop: each output holds the sign of its input's last pulse (Sussillo & Barak, Neural Comput.
 * 2013, with three bits; lengths and likelihood of pulses are this program's).
 *
 * A trial has flip_intervals intervals of flip_interval_ms. In the first one every input has a pulse
 * of flip_pulse_ms, in each later one with probability 1/2; pulses are +1 or -1 with probability 1/2
 * and begin at any step that lets them end within the interval. Noise N(0, input_noise) is added to
 * every input at every step. Target: 0 up to the end of the first pulse, then the sign of the last
 * pulse that has ended. Loss: squared, at every step.
 */
#include <stdlib.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "engine/task.h"

struct flip_task {
    size_t bits, intervals, interval, pulse; /* the last two in steps */
    modprop_real *noise, *course[2];         /* [bits]; [pulse]: down, up */
    int32_t *begin; /* [B][bits][intervals] of the present batch: +-(1 + step of the interval), 0:
                       no pulse; what the const state points to may change */
};

static void shape(const struct modprop_config *config, struct modprop_task_shape *s)
{
    s->T = (size_t)config->flip_intervals * (size_t)config->flip_interval_ms;
    s->n_in = (size_t)config->flip_bits;
    s->n_out = (size_t)config->flip_bits;
    s->loss_steps = s->T;
    s->loss = MODPROP_LOSS_SQUARED;
}

static enum modprop_status check(const struct modprop_config *config, struct modprop_error *err)
{
    return config->flip_pulse_ms <= config->flip_interval_ms
               ? MODPROP_OK
               : MODPROP_FAIL(err, MODPROP_INVALID,
                              "flip_pulse_ms = %ld is above flip_interval_ms = %ld",
                              config->flip_pulse_ms, config->flip_interval_ms);
}

static size_t pulses(const struct modprop_config *config)
{
    return modprop_memory_product((size_t)config->batch,
                                  (size_t)(config->flip_bits * config->flip_intervals));
}

static size_t bytes_of(const struct modprop_config *config)
{
    return modprop_memory_product(pulses(config), sizeof(int32_t));
}

static void release(void *state)
{
    struct flip_task *task = state;
    if (!task)
        return;
    modprop_memory_free(task->noise);
    modprop_memory_free(task->course[0]);
    modprop_memory_free(task->course[1]);
    modprop_memory_free(task->begin);
    modprop_memory_free(task);
}

static enum modprop_status create(void **state, const struct modprop_config *config,
                                  struct modprop_error *err)
{
    const size_t size = sizeof(modprop_real);
    struct modprop_memory_plan plan = {0};
    struct flip_task *task = modprop_memory_take(&plan, 1, sizeof *task);
    *state = task;
    if (!task)
        return modprop_memory_error("the task", plan.bytes, err);
    task->bits = (size_t)config->flip_bits;
    task->intervals = (size_t)config->flip_intervals;
    task->interval = (size_t)config->flip_interval_ms;
    task->pulse = (size_t)config->flip_pulse_ms;
    task->noise = modprop_memory_take(&plan, task->bits, size);
    task->course[0] = modprop_memory_take(&plan, task->pulse, size);
    task->course[1] = modprop_memory_take(&plan, task->pulse, size);
    task->begin = modprop_memory_take(&plan, pulses(config), sizeof *task->begin);
    if (plan.refused) {
        release(task);
        *state = NULL;
        return modprop_memory_error("the task", plan.bytes, err);
    }
    for (size_t c = 0; c < task->bits; c++)
        task->noise[c] = (modprop_real)config->input_noise;
    for (size_t k = 0; k < task->pulse; k++) {
        task->course[0][k] = -1;
        task->course[1][k] = 1;
    }
    return MODPROP_OK;
}

/* A pulse from its word: bit 31 is its sign, bit 30 whether it is there, the rest its step. */
static int32_t pulse_from(const struct flip_task *task, uint32_t word, bool always)
{
    const size_t starts = task->interval - task->pulse + 1;
    const int32_t step = 1 + (int32_t)modprop_task_choice_of(word << 2, starts);
    if (!always && !(word >> 30 & 1))
        return 0;
    return word >> 31 ? step : -step;
}

static void begin(struct modprop_trials *trials)
{
    const struct flip_task *task = trials->state;
    const size_t of_trial = task->bits * task->intervals;
    for (size_t b = 0; b < trials->B; b++) {
        uint32_t words[4];
        for (size_t k = 0; k < of_trial; k++) {
            if (k % 4 == 0)
                modprop_task_words(trials, b, k / 4, words);
            task->begin[b * of_trial + k] = pulse_from(task, words[k % 4],
                                                       k % task->intervals == 0);
        }
    }
}

static void input(const struct modprop_trials *trials, size_t t0, size_t steps, const size_t *trial,
                  size_t R, modprop_real *x)
{
    const struct flip_task *task = trials->state;
    const struct modprop_task_input in = {trials, t0, steps, trial, R, task->bits, x};
    modprop_task_fill(&in, 0);
    for (size_t r = 0; r < R; r++)
        for (size_t bit = 0; bit < task->bits; bit++) {
            const int32_t *const begin_of = task->begin +
                                            (trial[r] * task->bits + bit) * task->intervals;
            for (size_t k = t0 / task->interval;
                 k < task->intervals && k * task->interval < t0 + steps; k++)
                if (begin_of[k])
                    modprop_task_show(&in, r, bit,
                                      k * task->interval + (size_t)labs(begin_of[k]) - 1,
                                      task->pulse, task->course[begin_of[k] > 0]);
        }
    modprop_task_noise(&in, task->noise);
}

/* The sign of the last pulse that has ended before or at step t. */
static int held(const struct flip_task *task, const int32_t *begin_of, size_t t)
{
    for (size_t k = t / task->interval + 1; k-- > 0;) {
        const size_t end = k * task->interval + (size_t)labs(begin_of[k]) - 1 + task->pulse;
        if (begin_of[k] && t >= end)
            return begin_of[k] > 0 ? 1 : -1;
    }
    return 0;
}

static void target(const struct modprop_trials *trials, size_t t, const size_t *trial, size_t R,
                   modprop_real *y)
{
    const struct flip_task *task = trials->state;
    for (size_t r = 0; r < R; r++)
        for (size_t bit = 0; bit < task->bits; bit++)
            y[r * task->bits + bit] = (modprop_real)held(
                task, task->begin + (trial[r] * task->bits + bit) * task->intervals, t);
}

const struct modprop_task modprop_task_flip_flop = {
    .name = "flip_flop",
    .summary = "hold the sign of the last pulse on each input",
    .citation = "Sussillo & Barak, Neural Comput. 2013",
    .params = (const char *const[]){"flip_bits", "flip_intervals", "flip_interval_ms",
                                    "flip_pulse_ms", "input_noise", NULL},
    .shape = shape,
    .check = check,
    .bytes = bytes_of,
    .create = create,
    .free = release,
    .begin = begin,
    .input = input,
    .target = target,
};
