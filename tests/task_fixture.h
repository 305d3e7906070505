/*
 * task_fixture.h - batches of any task, whole: what its trials look like.
 */
#ifndef MODPROP_TESTS_TASK_FIXTURE_H
#define MODPROP_TESTS_TASK_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "small_run.h"
#include "statistics.h"

#include "engine/drift.h"
#include "engine/memory.h"
#include "engine/registry.h"

#define DIGITS "tests/data/digits" /* tests run in the root of the repository */

/* A batch; `done` releases it. */
struct batch {
    struct modprop_task_shape shape;
    struct modprop_trials trials;
    void *state;
    modprop_real *x; /* [T][B][n_in] */
    modprop_real *y; /* [T][B][n_out]: the target; zeros for tasks with classes */
};

enum { MOST_TRIALS = 4096 };

/* The trials 0, 1, ... of a batch. */
static inline const size_t *everyone(void)
{
    static size_t trial[MOST_TRIALS];
    for (size_t b = 0; b < MOST_TRIALS; b++)
        trial[b] = b;
    return trial;
}

/* Input and target of the batch as it is now. */
static inline void draw(struct batch *f)
{
    const struct modprop_task *task = f->trials.task;
    task->begin(&f->trials);
    task->input(&f->trials, 0, f->shape.T, everyone(), f->trials.B, f->x);
    for (size_t t = 0; f->shape.loss == MODPROP_LOSS_SQUARED && t < f->shape.T; t++)
        task->target(&f->trials, t, everyone(), f->trials.B,
                     f->y + t * f->trials.B * f->shape.n_out);
}

/* Goes to another iteration or stream. */
static inline void go(struct batch *f, const struct modprop_config *config,
                      enum modprop_stream_name name, long iteration)
{
    f->trials.stream = modprop_random_stream(config->seed, name, iteration);
    draw(f);
}

static inline struct batch make(const struct modprop_config *config, enum modprop_stream_name name,
                                long iteration)
{
    struct modprop_error err = {0};
    struct batch f = {.trials = {.task = modprop_drift_task(config), .B = (size_t)config->batch}};
    if (modprop_config_check(config, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    modprop_task_at((size_t)config->task)->shape(config, &f.shape);
    if (f.trials.task->create(&f.state, config, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    f.trials.state = f.state;
    f.trials.label = calloc(f.trials.B, sizeof *f.trials.label);
    f.trials.kind = calloc(f.trials.B, sizeof *f.trials.kind);
    f.x = calloc(f.shape.T * f.trials.B * f.shape.n_in, sizeof *f.x);
    f.y = calloc(f.shape.T * f.trials.B * f.shape.n_out, sizeof *f.y);
    assert_true(f.trials.label && f.trials.kind && f.x && f.y && f.trials.B <= MOST_TRIALS);
    go(&f, config, name, iteration);
    return f;
}

static inline void done(struct batch *f)
{
    f->trials.task->free(f->state);
    free(f->trials.label);
    free(f->trials.kind);
    free(f->x);
    free(f->y);
}

static inline double input_at(const struct batch *f, size_t t, size_t b, size_t channel)
{
    return (double)f->x[(t * f->trials.B + b) * f->shape.n_in + channel];
}

static inline double target_at(const struct batch *f, size_t t, size_t b, size_t output)
{
    return (double)f->y[(t * f->trials.B + b) * f->shape.n_out + output];
}

static inline size_t inputs(const struct batch *f)
{
    return f->shape.T * f->trials.B * f->shape.n_in;
}

/* A task at its defaults. */
static inline struct modprop_config task_config(const char *task, long batch)
{
    struct modprop_config config;
    modprop_config_init(&config);
    small_set(&config, "task", task);
    config.batch = batch;
    small_set(&config, "data", DIGITS);
    config.digit_rows = config.digit_columns = 8;
    return config;
}

/* Shorter trials, odd sizes. */
static inline struct modprop_config short_config(const char *task, long batch)
{
    struct modprop_config config = task_config(task, batch);
    config.n = 30;
    config.tau_ms = 20;
    config.cue_ms = 13;
    config.delay_ms = 17;
    config.match_cues = 3;
    config.match_fixation_ms = 5;
    config.match_cue_ms = 13;
    config.match_delay_ms = 17;
    config.evidence_cues = 5;
    config.evidence_cue_ms = 7;
    config.evidence_gap_ms = 3;
    config.evidence_delay_ms = 11;
    config.evidence_recall_ms = 9;
    config.pattern_ms = 71;
    config.pattern_inputs = 5;
    config.context_ms = 67;
    config.flip_interval_ms = 23;
    config.flip_pulse_ms = 7;
    config.digit_step_ms = 3;
    config.digit_blank_ms = 5;
    return config;
}

/* The same with every task in turn; NULL past the last. */
static inline const char *task_name(size_t index)
{
    return modprop_task_choice(index);
}

/* Fails unless a count of independent events of this probability is as it should be. */
static inline void near_share(const char *what, size_t count, size_t of, double probability)
{
    near_mean(what, (double)count / (double)of, probability,
              sqrt(probability * (1 - probability) / (double)of));
}

#endif
