/*
 * delayed_match: is the second cue the same as the first, a delay before? (Delayed match to sample,
 * after Liu et al., PNAS 2021. Their published code does not have it: inputs and timing, 50 ms of
 * fixation and two cues of 150 ms with 750 ms between them, are this program's.)
 *
 * One of match_cues cues, each an input of its own, then a second one, the same with probability
 * 1/2 and otherwise one of the others, all alike. A cue follows the course of modprop_task_bump.
 * Noise N(0, input_noise) is added to every input at every step. Class 1 if the cues match, else 0.
 * Loss: the mean cross entropy of the last loss_steps steps.
 */
#include "engine/memory.h"
#include "engine/task.h"

enum { CLASSES = 2 };

struct match_task {
    size_t cues, cue;     /* number of cues, steps of one */
    size_t first, second; /* the steps they begin at */
    modprop_real baseline;
    modprop_real *noise; /* [cues] */
    modprop_real bump[]; /* [cue], noise behind */
};

static void shape(const struct modprop_config *config, struct modprop_task_shape *s)
{
    s->T = (size_t)config->match_fixation_ms + 2 * (size_t)config->match_cue_ms +
           (size_t)config->match_delay_ms;
    s->n_in = (size_t)config->match_cues;
    s->n_out = CLASSES;
    s->loss_steps = (size_t)config->loss_steps < s->T ? (size_t)config->loss_steps : s->T;
    s->loss = MODPROP_LOSS_CROSS_ENTROPY;
}

static enum modprop_status create(void **state, const struct modprop_config *config,
                                  struct modprop_error *err)
{
    const size_t cue = (size_t)config->match_cue_ms, cues = (size_t)config->match_cues;
    const size_t bytes = sizeof(struct match_task) + (cue + cues) * sizeof(modprop_real);
    struct match_task *task = modprop_memory_get(1, bytes);
    *state = task;
    if (!task)
        return modprop_memory_error("the task", bytes, err);
    task->cues = cues;
    task->cue = cue;
    task->first = (size_t)config->match_fixation_ms;
    task->second = task->first + cue + (size_t)config->match_delay_ms;
    task->baseline = (modprop_real)config->cue_baseline;
    modprop_task_bump(config, cue, task->bump);
    task->noise = task->bump + cue;
    for (size_t c = 0; c < cues; c++)
        task->noise[c] = (modprop_real)config->input_noise;
    return MODPROP_OK;
}

/* The two cues of trial b. */
static void cues_of(const struct modprop_trials *trials, size_t b, size_t cue[2])
{
    const struct match_task *task = trials->state;
    uint32_t words[4];
    modprop_task_words(trials, b, 0, words);
    const bool same = words[0] >> 31;
    const size_t further = same ? 0 : 1 + modprop_task_choice_of(words[2], task->cues - 1);
    cue[0] = modprop_task_choice_of(words[1], task->cues);
    cue[1] = (cue[0] + further) % task->cues;
}

static void begin(struct modprop_trials *trials)
{
    const struct match_task *task = trials->state;
    for (size_t b = 0; b < trials->B; b++) {
        size_t cue[2];
        cues_of(trials, b, cue);
        trials->label[b] = cue[0] == cue[1];
        trials->kind[b] = (cue[0] * task->cues + cue[1]) % MODPROP_KINDS;
    }
}

static void input(const struct modprop_trials *trials, size_t t0, size_t steps, const size_t *trial,
                  size_t R, modprop_real *x)
{
    const struct match_task *task = trials->state;
    const struct modprop_task_input in = {trials, t0, steps, trial, R, task->cues, x};
    modprop_task_fill(&in, task->baseline);
    for (size_t r = 0; r < R; r++) {
        size_t cue[2];
        cues_of(trials, trial[r], cue);
        modprop_task_show(&in, r, cue[0], task->first, task->cue, task->bump);
        modprop_task_show(&in, r, cue[1], task->second, task->cue, task->bump);
    }
    modprop_task_noise(&in, task->noise);
}

const struct modprop_task modprop_task_delayed_match = {
    .name = "delayed_match",
    .summary = "say whether the second of two cues is the same as the first",
    .citation = "Liu et al., PNAS 2021",
    .params = (const char *const[]){"match_cues", "match_fixation_ms", "match_cue_ms",
                                    "match_delay_ms", "cue_amplitude", "cue_baseline",
                                    "input_noise", "loss_steps", NULL},
    .shape = shape,
    .create = create,
    .free = modprop_memory_free,
    .begin = begin,
    .input = input,
};
