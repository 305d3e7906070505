/*
 * context_integration: the sign of the one stream of evidence that counts in this context (after
 * Mante et al., Nature 2013; 750 ms of stimulus as in others' versions of it, such as NeuroGym's;
 * strengths, noise and what is asked for at the end are this program's).
 *
 * Inputs 0 and 1 carry two streams of evidence (motion and colour), each of a mean drawn uniformly
 * from [-context_strength, context_strength] plus noise N(0, context_noise) at every step; inputs 2
 * and 3 say which of the two counts: 1 for it and 0 for the other, with noise N(0, input_noise).
 * Class 1 if the mean of the stream that counts is positive, else 0. Loss: the mean cross entropy of
 * the last loss_steps steps.
 */
#include "engine/memory.h"
#include "engine/task.h"

enum { STREAMS = 2, CHANNELS = 2 * STREAMS, CLASSES = 2 };

struct context_task {
    double strength;
    modprop_real noise[CHANNELS];
};

static void shape(const struct modprop_config *config, struct modprop_task_shape *s)
{
    s->T = (size_t)config->context_ms;
    s->n_in = CHANNELS;
    s->n_out = CLASSES;
    s->loss_steps = (size_t)config->loss_steps < s->T ? (size_t)config->loss_steps : s->T;
    s->loss = MODPROP_LOSS_CROSS_ENTROPY;
}

static enum modprop_status create(void **state, const struct modprop_config *config,
                                  struct modprop_error *err)
{
    struct context_task *task = modprop_memory_get(1, sizeof *task);
    *state = task;
    if (!task)
        return modprop_memory_error("the task", sizeof *task, err);
    task->strength = config->context_strength;
    for (size_t c = 0; c < CHANNELS; c++)
        task->noise[c] = (modprop_real)(c < STREAMS ? config->context_noise : config->input_noise);
    return MODPROP_OK;
}

/* What the inputs of trial b are without noise; returns the context. */
static size_t means_of(const struct modprop_trials *trials, size_t b, double mean[CHANNELS])
{
    const struct context_task *task = trials->state;
    uint32_t words[4];
    modprop_task_words(trials, b, 0, words);
    const size_t context = words[STREAMS] >> 31;
    for (size_t k = 0; k < STREAMS; k++) {
        mean[k] = task->strength * (2 * modprop_task_share(words[k]) - 1);
        mean[STREAMS + k] = k == context;
    }
    return context;
}

static void begin(struct modprop_trials *trials)
{
    for (size_t b = 0; b < trials->B; b++) {
        double mean[CHANNELS];
        const size_t context = means_of(trials, b, mean);
        trials->label[b] = mean[context] > 0;
        trials->kind[b] = 2 * context + trials->label[b];
    }
}

static void input(const struct modprop_trials *trials, size_t t0, size_t steps, const size_t *trial,
                  size_t R, modprop_real *x)
{
    const struct context_task *task = trials->state;
    const struct modprop_task_input in = {trials, t0, steps, trial, R, CHANNELS, x};
    for (size_t r = 0; r < R; r++) {
        double mean[CHANNELS];
        means_of(trials, trial[r], mean);
        for (size_t k = 0; k < steps; k++)
            for (size_t c = 0; c < CHANNELS; c++)
                x[(k * R + r) * CHANNELS + c] = (modprop_real)mean[c];
    }
    modprop_task_noise(&in, task->noise);
}

const struct modprop_task modprop_task_context_integration = {
    .name = "context_integration",
    .summary = "say the sign of the stream of evidence that counts in this context",
    .citation = "Mante et al., Nature 2013",
    .params = (const char *const[]){"context_ms", "context_strength", "context_noise",
                                    "input_noise", "loss_steps", NULL},
    .shape = shape,
    .create = create,
    .free = modprop_memory_free,
    .begin = begin,
    .input = input,
};
