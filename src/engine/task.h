/*
 * task.h - tasks: the table entry each of them fills, and the batch of trials they make.
 *
 * A task never stores a whole trial: the input of a step is a function of (seed, stream, iteration,
 * step), so that memory does not grow with the trial's length.
 */
#ifndef MODPROP_ENGINE_TASK_H
#define MODPROP_ENGINE_TASK_H

#include "engine/random.h"
#include "modprop.h"

enum modprop_loss {
    MODPROP_LOSS_CROSS_ENTROPY, /* softmax cross entropy with the trial's class */
    MODPROP_LOSS_SQUARED        /* half the squared distance to a target, mean over outputs too */
};

/* Sizes of a task's trials. The loss is the mean over the last loss_steps of the T steps. */
struct modprop_task_shape {
    size_t T, n_in, n_out, loss_steps;
    enum modprop_loss loss;
};

/* A batch of trials, given step by step. */
struct modprop_trials {
    const struct modprop_task *task;
    const void *state;            /* of the task; borrowed */
    struct modprop_stream stream; /* what the batch is drawn from */
    size_t B;
    size_t *label; /* [B] class of each trial; unused with a squared loss */
    size_t *kind;  /* [B] trials of a kind make units active alike: they are worked off
                                  * together, so that a product can leave out more silent units. All 0
                                  * where a task knows no kinds; below MODPROP_KINDS. */
};

enum { MODPROP_KINDS = 64 };

struct modprop_task {
    const char *name;
    const char *summary;
    const char *citation;
    const char *const *params;
    void (*shape)(const struct modprop_config *config, struct modprop_task_shape *shape);

    /* Whether the values of its parameters fit each other and its files are there; NULL-able. */
    enum modprop_status (*check)(const struct modprop_config *config, struct modprop_error *err);
    /* Memory that create takes; NULL-able where it is next to nothing. */
    size_t (*bytes)(const struct modprop_config *config);

    /* What stays the same during a run, NULL-able. */
    enum modprop_status (*create)(void **state, const struct modprop_config *config,
                                  struct modprop_error *err);
    void (*free)(void *state);

    /* Draws what a batch's trials are: label, and kind, which is 0 before the first batch. */
    void (*begin)(struct modprop_trials *trials);
    /* Input of the steps t0 ... t0 + steps - 1 of the trials trial[0 ... R - 1]: x [steps][R][n_in]. */
    void (*input)(const struct modprop_trials *trials, size_t t0, size_t steps, const size_t *trial,
                  size_t R, modprop_real *x);
    /* Target of step t of these trials, [R][n_out]; NULL for tasks with a class. */
    void (*target)(const struct modprop_trials *trials, size_t t, const size_t *trial, size_t R,
                   modprop_real *y);
};

extern const struct modprop_task modprop_task_delayed_xor;
extern const struct modprop_task modprop_task_delayed_match;
extern const struct modprop_task modprop_task_evidence_accumulation;
extern const struct modprop_task modprop_task_pattern_generation;
extern const struct modprop_task modprop_task_sequential_digits;
extern const struct modprop_task modprop_task_context_integration;
extern const struct modprop_task modprop_task_flip_flop;

/* ------------------------------------------------------------------ what tasks are made from */

/* Words that say what a trial is: the k-th four of them. k < 2^27. */
void modprop_task_words(const struct modprop_trials *trials, size_t b, size_t k, uint32_t words[4]);

/* A word as a number in [0, 1), and as one of 0 ... count - 1. */
double modprop_task_share(uint32_t word);
size_t modprop_task_choice_of(uint32_t word, size_t count);

/* A cue's course, [steps]:
 *     cue_amplitude exp(-s^2 / (2 25^2)) + cue_baseline,   s = steps points from -50 to 50 inclusive */
void modprop_task_bump(const struct modprop_config *config, size_t steps, modprop_real *bump);

/* The part of a batch's input that a task is asked for, see struct modprop_task. */
struct modprop_task_input {
    const struct modprop_trials *trials;
    size_t t0, steps;
    const size_t *trial; /* [R] */
    size_t R, n_in;
    modprop_real *x; /* [steps][R][n_in] */
};

/* Sets all of it. */
void modprop_task_fill(const struct modprop_task_input *input, modprop_real value);

/* Lets the r-th trial's input number `channel` follow course [length] from step `start` on. */
void modprop_task_show(const struct modprop_task_input *input, size_t r, size_t channel,
                       size_t start, size_t length, const modprop_real *course);

/* Adds normal noise of deviation [n_in]. A trial's is one sequence over time, whatever the batch:
 * number t n_in + k of it. */
void modprop_task_noise(const struct modprop_task_input *input, const modprop_real *deviation);

#endif
