#include "engine/types.h"

#include "engine/memory.h"
#include "engine/network.h"
#include "engine/random.h"

/* Boundaries of the types of the units [begin, end): `count` groups, the last with the remainder. */
static void cut(size_t begin, size_t end, size_t count, size_t *first)
{
    for (size_t k = 0; k < count; k++)
        first[k] = begin + k * ((end - begin) / count);
}

/* A random order of unit[begin] ... unit[end - 1] (Fisher and Yates). */
static void shuffle(struct modprop_stream stream, size_t begin, size_t end, size_t *unit)
{
    for (size_t k = begin; k + 1 < end; k++) {
        const double draw = modprop_random_uniform(stream, k);
        const size_t other = k + (size_t)(draw * (double)(end - k)), kept = unit[k];
        unit[k] = unit[other];
        unit[other] = kept;
    }
}

enum modprop_status modprop_types_init(struct modprop_types *types,
                                       const struct modprop_config *config,
                                       struct modprop_error *err)
{
    const size_t n = (size_t)config->n, n_inh = modprop_network_inhibitory(config);
    const size_t each = (size_t)config->types_per_sign;
    struct modprop_memory_plan plan = {0};
    *types = (struct modprop_types){.C = 2 * each};
    types->first = modprop_memory_take(&plan, 2 * each + 1, sizeof *types->first);
    types->unit = modprop_memory_take(&plan, n, sizeof *types->unit);
    if (plan.refused) {
        modprop_types_clear(types);
        return modprop_memory_error("the cell types", plan.bytes, err);
    }
    cut(0, n_inh, each, types->first);
    cut(n_inh, n, each, types->first + each);
    types->first[2 * each] = n;
    for (size_t i = 0; i < n; i++)
        types->unit[i] = i;
    const struct modprop_stream stream = modprop_random_stream(config->seed, MODPROP_STREAM_TYPES,
                                                               0);
    types->ordered = config->type_labels == MODPROP_LABELS_CONTIGUOUS;
    if (config->type_labels == MODPROP_LABELS_SHUFFLED)
        shuffle(stream, 0, n, types->unit);
    if (config->type_labels == MODPROP_LABELS_SHUFFLED_BY_SIGN) {
        shuffle(stream, 0, n_inh, types->unit);
        shuffle(stream, n_inh, n, types->unit);
    }
    return MODPROP_OK;
}

void modprop_types_clear(struct modprop_types *types)
{
    modprop_memory_free(types->first);
    modprop_memory_free(types->unit);
    *types = (struct modprop_types){0};
}

size_t modprop_types_bytes(const struct modprop_config *config)
{
    return (2 * (size_t)config->types_per_sign + 1 + (size_t)config->n) * sizeof(size_t);
}
