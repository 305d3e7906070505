/*
 * evidence_accumulation: on which side were more cues? (Bellec et al., Nat. Commun. 2020, after the
 * task of Morcos & Harvey 2016. By default timing, probability and loss are those of their published
 * code: seven times 50 ms of silence and a cue of 100 ms, 1050 ms of delay, 150 ms of recall. One
 * input in place of each group of spiking ones is this program's. The code of Liu et al., PNAS 2021,
 * has 850 ms of delay, no silence before the first cue, and cues on either side alike.)
 *
 * Each trial favours one side, left or right with probability 1/2; every cue is on that side with
 * probability evidence_bias. Inputs: cues on the left, cues on the right, the recall cue; each cue
 * comes after a gap of evidence_gap_ms and follows the course of modprop_task_bump. Noise N(0,
 * input_noise) is added to every input at every
 * step. Class 1 if more cues were on the right, else 0. Loss: the mean cross entropy of the recall.
 */
#include "engine/error.h"
#include "engine/memory.h"
#include "engine/task.h"

enum { LEFT, RIGHT, RECALL, CHANNELS };
enum { CLASSES = 2 };

struct evidence_task {
    size_t cues, gap, cue; /* number of cues, steps before one, of one */
    size_t recall, recall_steps;
    double bias;
    modprop_real baseline, noise[CHANNELS];
    modprop_real *recall_bump; /* [recall_steps] */
    modprop_real bump[];       /* [cue], recall_bump behind */
};

static void shape(const struct modprop_config *config, struct modprop_task_shape *s)
{
    s->loss_steps = (size_t)config->evidence_recall_ms;
    s->T = (size_t)config->evidence_cues *
               (size_t)(config->evidence_cue_ms + config->evidence_gap_ms) +
           (size_t)config->evidence_delay_ms + s->loss_steps;
    s->n_in = CHANNELS;
    s->n_out = CLASSES;
    s->loss = MODPROP_LOSS_CROSS_ENTROPY;
}

static enum modprop_status check(const struct modprop_config *config, struct modprop_error *err)
{
    return config->evidence_cues % 2 == 1
               ? MODPROP_OK
               : MODPROP_FAIL(err, MODPROP_INVALID,
                              "evidence_cues = %ld must be odd, so that one side has more",
                              config->evidence_cues);
}

static enum modprop_status create(void **state, const struct modprop_config *config,
                                  struct modprop_error *err)
{
    struct modprop_task_shape s;
    shape(config, &s);
    const size_t cue = (size_t)config->evidence_cue_ms, recall = s.loss_steps;
    const size_t bytes = sizeof(struct evidence_task) + (cue + recall) * sizeof(modprop_real);
    struct evidence_task *task = modprop_memory_get(1, bytes);
    *state = task;
    if (!task)
        return modprop_memory_error("the task", bytes, err);
    task->cues = (size_t)config->evidence_cues;
    task->cue = cue;
    task->gap = (size_t)config->evidence_gap_ms;
    task->recall = s.T - recall;
    task->recall_steps = recall;
    task->bias = config->evidence_bias;
    task->baseline = (modprop_real)config->cue_baseline;
    for (size_t c = 0; c < CHANNELS; c++)
        task->noise[c] = (modprop_real)config->input_noise;
    task->recall_bump = task->bump + cue;
    modprop_task_bump(config, cue, task->bump);
    modprop_task_bump(config, recall, task->recall_bump);
    return MODPROP_OK;
}

/* The sides of trial b's cues, a bit each, 1 for the right; word 0 says which side it favours. */
static uint64_t sides_of(const struct modprop_trials *trials, size_t b)
{
    const struct evidence_task *task = trials->state;
    uint32_t words[4];
    uint64_t sides = 0, favoured = 0;
    for (size_t k = 0; k <= task->cues; k++) {
        if (k % 4 == 0)
            modprop_task_words(trials, b, k / 4, words);
        if (k == 0) {
            favoured = words[0] >> 31;
            continue;
        }
        const bool on_it = modprop_task_share(words[k % 4]) < task->bias;
        sides |= (on_it ? favoured : 1 - favoured) << (k - 1);
    }
    return sides;
}

static size_t count_right(const struct evidence_task *task, uint64_t sides)
{
    size_t right = 0;
    for (size_t k = 0; k < task->cues; k++)
        right += sides >> k & 1;
    return right;
}

static void begin(struct modprop_trials *trials)
{
    const struct evidence_task *task = trials->state;
    for (size_t b = 0; b < trials->B; b++) {
        const size_t right = count_right(task, sides_of(trials, b));
        trials->label[b] = right > task->cues / 2;
        trials->kind[b] = right % MODPROP_KINDS;
    }
}

static void input(const struct modprop_trials *trials, size_t t0, size_t steps, const size_t *trial,
                  size_t R, modprop_real *x)
{
    const struct evidence_task *task = trials->state;
    const struct modprop_task_input in = {trials, t0, steps, trial, R, CHANNELS, x};
    modprop_task_fill(&in, task->baseline);
    for (size_t r = 0; r < R; r++) {
        const uint64_t sides = sides_of(trials, trial[r]);
        for (size_t k = 0; k < task->cues; k++)
            modprop_task_show(&in, r, sides >> k & 1 ? RIGHT : LEFT,
                              k * (task->gap + task->cue) + task->gap, task->cue, task->bump);
        modprop_task_show(&in, r, RECALL, task->recall, task->recall_steps, task->recall_bump);
    }
    modprop_task_noise(&in, task->noise);
}

const struct modprop_task modprop_task_evidence_accumulation = {
    .name = "evidence_accumulation",
    .summary = "say on which side more of a row of cues were",
    .citation = "Bellec et al., Nat. Commun. 2020",
    .params = (const char *const[]){"evidence_cues", "evidence_bias", "evidence_cue_ms",
                                    "evidence_gap_ms", "evidence_delay_ms", "evidence_recall_ms",
                                    "cue_amplitude", "cue_baseline", "input_noise", NULL},
    .shape = shape,
    .check = check,
    .create = create,
    .free = modprop_memory_free,
    .begin = begin,
    .input = input,
};
