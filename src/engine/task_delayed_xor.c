/*
 * delayed_xor: are two cues, a delay apart, equal? (Liu et al., NeurIPS 2022; by default all of it,
 * inputs and timing, is that of their published code: 100 ms, 700 ms, 100 ms.)
 *
 * Channel 0 carries the first cue in the first cue_ms steps, channel 1 the second one in the last
 * cue_ms; each is present with probability 1/2. A present cue replaces its channel's baseline by
 * the course of modprop_task_bump. Noise N(0, input_noise) is added to every input at every step.
 * Class 1 if both or neither cue is present, else 0. Loss: the mean cross entropy of the last
 * loss_steps steps.
 */
#include "engine/memory.h"
#include "engine/task.h"

enum {
    CHANNELS = 2,
    CLASSES = 2,
};

struct xor_task {
    size_t T, cue; /* steps of a trial, of a cue */
    modprop_real baseline, noise[CHANNELS];
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
    const size_t cue = (size_t)config->cue_ms;
    const size_t bytes = sizeof(struct xor_task) + cue * sizeof(modprop_real);
    struct xor_task *task = modprop_memory_get(1, bytes);
    *state = task;
    if (!task)
        return modprop_memory_error("the task", bytes, err);
    task->T = 2 * cue + (size_t)config->delay_ms;
    task->cue = cue;
    task->baseline = (modprop_real)config->cue_baseline;
    for (size_t c = 0; c < CHANNELS; c++)
        task->noise[c] = (modprop_real)config->input_noise;
    modprop_task_bump(config, cue, task->bump);
    return MODPROP_OK;
}

/* Whether trial b has its first and second cue. */
static void cues(const struct modprop_trials *trials, size_t b, bool present[CHANNELS])
{
    uint32_t words[4];
    modprop_task_words(trials, b, 0, words);
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

static void input(const struct modprop_trials *trials, size_t t0, size_t steps, const size_t *trial,
                  size_t R, modprop_real *x)
{
    const struct xor_task *task = trials->state;
    const struct modprop_task_input in = {trials, t0, steps, trial, R, CHANNELS, x};
    const size_t start[CHANNELS] = {0, task->T - task->cue};
    modprop_task_fill(&in, task->baseline);
    for (size_t r = 0; r < R; r++) {
        bool present[CHANNELS];
        cues(trials, trial[r], present);
        for (size_t c = 0; c < CHANNELS; c++)
            if (present[c])
                modprop_task_show(&in, r, c, start[c], task->cue, task->bump);
    }
    modprop_task_noise(&in, task->noise);
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
