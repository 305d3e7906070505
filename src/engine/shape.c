#include "engine/shape.h"

#include "engine/rates.h"
#include "engine/registry.h"
#include "engine/sparse.h"

/* Above this a product of the whole batch by BLAS may be faster than several of eight trials, whose
 * weights then come from beyond the core's own cache. Up to here the tiles measured 1.2 to 2.6 times
 * as fast, since they leave out silent units (`make bench`). */
enum { LARGEST_TILED = 1024 };

static size_t padded(size_t count)
{
    return (count + MODPROP_KERNEL_VECTOR - 1) / MODPROP_KERNEL_VECTOR * MODPROP_KERNEL_VECTOR;
}

/* count / size rounded up; 1 for a count of 0, so that sizes not yet checked can be given. */
static size_t parts(size_t count, size_t size)
{
    return count > 0 ? (count - 1) / size + 1 : 1;
}

struct modprop_shape modprop_shape_complete(struct modprop_shape shape)
{
    const bool tiled = shape.n <= LARGEST_TILED || shape.sparse || shape.B == 0;
    const size_t most = tiled ? MODPROP_KERNEL_TILE : shape.B;
    shape.m = shape.n + shape.n_in;
    shape.ld = padded(shape.m);
    shape.ldn = padded(shape.n);
    shape.tiles = parts(shape.B, most);
    shape.tile = shape.B < most && shape.B > 0 ? shape.B : most;
    if (shape.signal_steps < shape.loss_steps)
        shape.signal_steps = shape.loss_steps;
    modprop_shape_cut(&shape, 1);
    return shape;
}

void modprop_shape_cut(struct modprop_shape *shape, size_t segments)
{
    const size_t blocks = parts(parts(shape->T, MODPROP_BLOCK_STEPS), segments);
    const size_t steps = blocks * MODPROP_BLOCK_STEPS;
    shape->segment = steps < shape->T ? steps : shape->T;
    shape->segments = parts(shape->T, steps);
}

/* Whether the network has few connections all the time. */
static bool is_sparse(const struct modprop_config *config)
{
    const size_t n = (size_t)config->n;
    return config->structure != MODPROP_STRUCTURE_FULL &&
           config->connectivity * (double)n * (double)n <=
               (double)modprop_sparse_most(n, n, MODPROP_KERNEL_TILE);
}

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
        .signal_steps = modprop_rates_wanted(config) ? task.T : task.loss_steps,
        .loss = task.loss,
        .sparse = is_sparse(config),
    };
    return modprop_shape_complete(shape);
}
