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

    /* What stays the same during a run, NULL-able. */
    enum modprop_status (*create)(void **state, const struct modprop_config *config,
                                  struct modprop_error *err);
    void (*free)(void *state);

    /* Draws what a batch's trials are: label, and kind, which is 0 before. */
    void (*begin)(struct modprop_trials *trials);
    /* Input of the steps t0 ... t0 + steps - 1 of the trials trial[0 ... R - 1]: x [steps][R][n_in]. */
    void (*input)(const struct modprop_trials *trials, size_t t0, size_t steps, const size_t *trial,
                  size_t R, modprop_real *x);
    /* Target of step t of these trials, [R][n_out]; NULL for tasks with a class. */
    void (*target)(const struct modprop_trials *trials, size_t t, const size_t *trial, size_t R,
                   modprop_real *y);
};

extern const struct modprop_task modprop_task_delayed_xor;

#endif
