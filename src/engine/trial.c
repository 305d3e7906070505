#include "engine/trial.h"

#include "engine/drift.h"
#include "engine/memory.h"
#include "engine/registry.h"

static enum modprop_status take_memory(struct modprop_trial *trial, struct modprop_error *err)
{
    const struct modprop_task_shape *s = &trial->shape;
    const size_t size = sizeof(modprop_real);
    struct modprop_memory_plan plan = {0};
    trial->x = modprop_memory_take(&plan, modprop_memory_product(s->T, s->n_in), size);
    if (s->loss == MODPROP_LOSS_SQUARED)
        trial->y = modprop_memory_take(&plan, modprop_memory_product(s->T, s->n_out), size);
    return plan.refused ? modprop_memory_error("a trial", plan.bytes, err) : MODPROP_OK;
}

static void fill(struct modprop_trial *trial, const struct modprop_task *task, const void *state,
                 const struct modprop_config *config)
{
    size_t kind = 0;
    const size_t only = 0;
    struct modprop_trials trials = {
        .task = task,
        .state = state,
        .stream = modprop_random_stream(config->seed, MODPROP_STREAM_TRAINING, 0),
        .B = 1,
        .label = &trial->label,
        .kind = &kind,
    };
    task->begin(&trials);
    task->input(&trials, 0, trial->shape.T, &only, 1, trial->x);
    for (size_t t = 0; trial->y && t < trial->shape.T; t++)
        task->target(&trials, t, &only, 1, trial->y + t * trial->shape.n_out);
}

enum modprop_status modprop_trial_draw(struct modprop_trial *trial,
                                       const struct modprop_config *config,
                                       struct modprop_error *err)
{
    const struct modprop_task *task = NULL;
    void *state = NULL;
    *trial = (struct modprop_trial){0};
    enum modprop_status status = modprop_config_check(config, err);
    if (status == MODPROP_OK) {
        modprop_task_at((size_t)config->task)->shape(config, &trial->shape);
        task = modprop_drift_task(config);
        status = take_memory(trial, err);
    }
    if (status == MODPROP_OK && task->create)
        status = task->create(&state, config, err);
    if (status == MODPROP_OK)
        fill(trial, task, state, config);
    if (state)
        task->free(state);
    if (status != MODPROP_OK)
        modprop_trial_clear(trial);
    return status;
}

void modprop_trial_clear(struct modprop_trial *trial)
{
    modprop_memory_free(trial->x);
    modprop_memory_free(trial->y);
    *trial = (struct modprop_trial){0};
}
