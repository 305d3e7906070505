/*
 * delayed_xor: are two cues, a delay apart, equal? (Liu et al., NeurIPS 2022.)
 *
 * Channel 0 carries the first cue in the first cue_ms steps, channel 1 the second one in the last
 * cue_ms; each is present with probability 1/2. A present cue replaces its channel's baseline by
 *     cue_amplitude exp(-s^2 / (2 25^2)) + cue_baseline,   s = cue_ms points from -50 to 50 inclusive
 * Noise N(0, input_noise) is added to every input at every step. Class 1 if both or neither cue is
 * present, else 0. Loss: the mean cross entropy of the last loss_steps steps.
 */
#include <math.h>
#include <string.h>

#include "engine/memory.h"
#include "engine/random.h"
#include "engine/task.h"

enum {
    CHANNELS = 2,
    CLASSES = 2,
};
/* Noise has the blocks below, cues those from here. */
static const uint64_t CUE_BLOCKS = (uint64_t)1 << 60;

struct xor_task {
    size_t T, cue; /* steps of a trial, of a cue */
    modprop_real baseline, noise;
    modprop_real bump[]; /* [cue] */
};

static void shape(const struct modprop_config *config, struct modprop_task_shape *s)
{
    s->T = 2 * (size_t)config->cue_ms + (size_t)config->delay_ms;
    s->n_in = CHANNELS;
    s->n_out = CLASSES;
    s->loss_steps = (size_t)config->loss_steps < s->T ? (size_t)config->loss_steps : s->T;
    s->loss = MODPROP_LOSS_CROSS_ENTROPY;
}

static enum modprop_status create(void **state, const struct modprop_config *config,
                                  struct modprop_error *err)
{
    const double reach = 50, width = 25;
    const size_t cue = (size_t)config->cue_ms;
    const size_t bytes = sizeof(struct xor_task) + cue * sizeof(modprop_real);
    struct xor_task *task = modprop_memory_get(1, bytes);
    *state = task;
    if (!task)
        return modprop_memory_error("the task", bytes, err);
    task->T = 2 * cue + (size_t)config->delay_ms;
    task->cue = cue;
    task->baseline = (modprop_real)config->cue_baseline;
    task->noise = (modprop_real)config->input_noise;
    for (size_t k = 0; k < cue; k++) {
        const double s = cue > 1 ? reach * (2 * (double)k / (double)(cue - 1) - 1) : 0;
        task->bump[k] = (modprop_real)(config->cue_amplitude * exp(-s * s / (2 * width * width)) +
                                       config->cue_baseline);
    }
    return MODPROP_OK;
}

/* Whether trial b has its first and second cue. */
static void cues(const struct modprop_trials *trials, size_t b, bool present[CHANNELS])
{
    uint32_t words[4];
    modprop_random_words(trials->stream, CUE_BLOCKS + b, words);
    present[0] = words[0] >> 31;
    present[1] = words[1] >> 31;
}

static void begin(struct modprop_trials *trials)
{
    for (size_t b = 0; b < trials->B; b++) {
        bool present[CHANNELS];
        cues(trials, b, present);
        trials->label[b] = present[0] == present[1];
        trials->kind[b] = (size_t)(2 * present[0] + present[1]);
    }
}

/* The channel whose cue may be on at step t and how far the cue is, or CHANNELS. */
static size_t channel_at(const struct xor_task *task, size_t t, size_t *along)
{
    if (t < task->cue) {
        *along = t;
        return 0;
    }
    *along = t - (task->T - task->cue);
    return t >= task->T - task->cue ? 1 : CHANNELS;
}

/* The noise of a trial is one sequence over time, whatever the batch: number t CHANNELS + k of it. */
static void noise(const struct modprop_trials *trials, size_t t0, size_t steps, size_t b,
                  modprop_real *normal)
{
    const size_t first = t0 * CHANNELS, skip = first % 4; /* blocks hold four numbers */
    modprop_random_noise(trials->stream, ((uint64_t)b << 32) + first / 4, skip + steps * CHANNELS,
                         normal);
    if (skip)
        memmove(normal, normal + skip, steps * CHANNELS * sizeof *normal);
}

static void input(const struct modprop_trials *trials, size_t t0, size_t steps, const size_t *trial,
                  size_t R, modprop_real *x)
{
    enum { SPAN = 32 };
    const struct xor_task *task = trials->state;
    for (size_t r = 0; r < R; r++) {
        bool present[CHANNELS];
        cues(trials, trial[r], present);
        for (size_t begin = 0; begin < steps; begin += SPAN) {
            modprop_real normal[SPAN * CHANNELS + 3];
            const size_t span = steps - begin < SPAN ? steps - begin : SPAN;
            noise(trials, t0 + begin, span, trial[r], normal);
            for (size_t k = 0; k < span; k++) {
                modprop_real *const at = x + ((begin + k) * R + r) * CHANNELS;
                size_t along;
                const size_t channel = channel_at(task, t0 + begin + k, &along);
                for (size_t c = 0; c < CHANNELS; c++) {
                    const bool on = c == channel && present[c];
                    at[c] = (on ? task->bump[along] : task->baseline) +
                            task->noise * normal[k * CHANNELS + c];
                }
            }
        }
    }
}

const struct modprop_task modprop_task_delayed_xor = {
    .name = "delayed_xor",
    .summary = "say whether two cues, a delay apart, are equal",
    .citation = "Liu et al., NeurIPS 2022",
    .params = (const char *const[]){"delay_ms", "cue_ms", "cue_amplitude", "cue_baseline",
                                    "input_noise", "loss_steps", NULL},
    .shape = shape,
    .create = create,
    .free = modprop_memory_free,
    .begin = begin,
    .input = input,
};
