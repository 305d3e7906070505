#include "engine/shape.h"

#include "engine/registry.h"

struct modprop_shape modprop_shape_of(const struct modprop_config *config)
{
    struct modprop_task_shape task;
    modprop_task_at((size_t)config->task)->shape(config, &task);
    const struct modprop_shape shape = {
        .B = (size_t)config->batch,
        .T = task.T,
        .n_in = task.n_in,
        .n = (size_t)config->n,
        .n_out = task.n_out,
        .loss_steps = task.loss_steps,
        .loss = task.loss,
    };
    return modprop_shape_complete(shape);
}
