#include "engine/budget.h"

#include "engine/error.h"
#include "engine/feedback.h"
#include "engine/modulation.h"
#include "engine/network.h"
#include "engine/pass.h"
#include "engine/rates.h"
#include "engine/registry.h"
#include "engine/restraint.h"
#include "engine/run.h"
#include "engine/spectrum.h"

static const size_t MEGABYTE = 1000000;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* What is there for a while: when a run begins, and later, when its state is saved. */
static size_t passing_bytes(const struct modprop_config *config, const struct modprop_shape *shape)
{
    return larger(modprop_network_start_bytes(shape->n), modprop_run_state_needs(config, shape));
}

size_t modprop_budget_bytes(const struct modprop_config *config, const struct modprop_shape *shape)
{
    const struct modprop_rule *rule = modprop_rule_at((size_t)config->rule);
    const struct modprop_method *method = modprop_config_method(config);
    const struct modprop_task *task = modprop_task_at((size_t)config->task);
    const size_t count = modprop_weights_lay(shape, NULL).count;
    const size_t arrays = 3 + modprop_optimiser_at((size_t)config->optimiser)->states;
    const size_t small = shape->n + shape->ldn; /* signs, strengths of adaptation */
    const size_t signals = config->learning_signal == MODPROP_SIGNAL_ADAPTIVE ? 2 : 1;
    return (arrays * count + modprop_network_padded(shape) + small +
            signals * shape->n * shape->n_out) *
               sizeof(modprop_real) +
           count /* rewiring */ + 2 * shape->B * sizeof(size_t) /* labels, kinds */ +
           modprop_network_extra_bytes(config, shape) + modprop_restraint_bytes(config) +
           (task->bytes ? task->bytes(config) : 0) + modprop_spectrum_bytes(shape->n) +
           passing_bytes(config, shape) + method->bytes(config, shape) +
           (rule->feedback ? modprop_feedback_bytes(config) : 0) +
           (modprop_rates_wanted(config) ? modprop_rates_bytes(shape) : 0) +
           (rule->modulates ? modprop_modulation_bytes(config, shape, method->trajectory) : 0) +
           modprop_pass_bytes(shape, modprop_units_at((size_t)config->units), method->trajectory);
}

struct modprop_shape modprop_budget_shape(const struct modprop_config *config)
{
    const struct modprop_shape whole = modprop_shape_of(config);
    const struct modprop_units *units = modprop_units_at((size_t)config->units);
    struct modprop_shape best = whole;
    if (!config->max_memory || !modprop_config_method(config)->trajectory)
        return whole;
    const size_t limit = (size_t)config->max_memory * MEGABYTE;
    const size_t most = whole.T / MODPROP_BLOCK_STEPS + 1;
    size_t least = modprop_pass_bytes(&whole, units, true);
    const size_t others = modprop_budget_bytes(config, &whole) - least;
    for (size_t segments = 2; segments <= most && others + least > limit; segments++) {
        struct modprop_shape shape = whole;
        modprop_shape_cut(&shape, segments);
        const size_t bytes = modprop_pass_bytes(&shape, units, true);
        if (bytes < least) {
            least = bytes;
            best = shape;
        }
    }
    return best;
}

enum modprop_status modprop_budget_check(const struct modprop_config *config,
                                         struct modprop_error *err)
{
    if (!config->max_memory)
        return MODPROP_OK;
    const struct modprop_shape shape = modprop_budget_shape(config);
    const size_t least = modprop_budget_bytes(config, &shape);
    if (least <= (size_t)config->max_memory * MEGABYTE)
        return MODPROP_OK;
    return MODPROP_FAIL(err, MODPROP_INVALID,
                        "max_memory = %ld MB is too small for this run, which needs %zu MB%s; take "
                        "that, or a smaller n or batch",
                        config->max_memory, (least + MEGABYTE - 1) / MEGABYTE,
                        shape.segments > 1 ? " even in segments" : "");
}
