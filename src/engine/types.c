#include "engine/types.h"

#include <string.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "engine/network.h"
#include "engine/random.h"
#include "engine/type_file.h"

bool modprop_types_wanted(const struct modprop_config *config)
{
    return modprop_config_reads_parameter(config, "type_labels");
}

static bool from_file(const struct modprop_config *config)
{
    return config->type_labels == MODPROP_LABELS_FILE;
}

size_t modprop_types_count(const struct modprop_config *config)
{
    size_t C = 0;
    if (!from_file(config))
        return 2 * (size_t)config->types_per_sign;
    return modprop_type_file_read(config, NULL, &C, NULL) == MODPROP_OK ? C : 0;
}

enum modprop_status modprop_types_check(const struct modprop_config *config,
                                        struct modprop_error *err)
{
    const long inh = (long)modprop_network_inhibitory(config), exc = config->n - inh;
    size_t C;
    if (!modprop_types_wanted(config))
        return MODPROP_OK;
    if (from_file(config))
        return modprop_type_file_read(config, NULL, &C, err);
    if (config->types_per_sign > inh || config->types_per_sign > exc)
        return MODPROP_FAIL(
            err, MODPROP_INVALID,
            "types_per_sign = %ld is above the number of units of a sign (%ld inhibitory, "
            "%ld excitatory); take at most %ld",
            config->types_per_sign, inh, exc, inh < exc ? inh : exc);
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ by rank, and shuffled */

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

static void cut_all(struct modprop_types *types, const struct modprop_config *config)
{
    const size_t n = (size_t)config->n, n_inh = modprop_network_inhibitory(config);
    const size_t each = types->C / 2;
    cut(0, n_inh, each, types->first);
    cut(n_inh, n, each, types->first + each);
    types->first[types->C] = n;
    for (size_t i = 0; i < n; i++)
        types->unit[i] = i;
    const struct modprop_stream stream = modprop_random_stream(config->seed, MODPROP_STREAM_TYPES,
                                                               0);
    if (config->type_labels == MODPROP_LABELS_SHUFFLED)
        shuffle(stream, 0, n, types->unit);
    if (config->type_labels == MODPROP_LABELS_SHUFFLED_BY_SIGN) {
        shuffle(stream, 0, n_inh, types->unit);
        shuffle(stream, n_inh, n, types->unit);
    }
    types->ordered = config->type_labels != MODPROP_LABELS_SHUFFLED &&
                     config->type_labels != MODPROP_LABELS_SHUFFLED_BY_SIGN;
}

/* ------------------------------------------------------------------ by labels */

void modprop_types_arrange(struct modprop_types *types, const size_t *label)
{
    const size_t C = types->C, n = types->first[C];
    size_t *const first = types->first;
    memset(first, 0, (C + 1) * sizeof *first);
    for (size_t i = 0; i < n; i++)
        first[label[i] + 1]++;
    for (size_t a = 0; a < C; a++)
        first[a + 1] += first[a];
    for (size_t i = 0; i < n; i++) /* first[a] runs to where a + 1 begins */
        types->unit[first[label[i]]++] = i;
    memmove(first + 1, first, C * sizeof *first);
    first[0] = 0;
    types->ordered = true;
    for (size_t k = 0; k < n; k++)
        types->ordered = types->ordered && types->unit[k] == k;
}

bool modprop_types_fit(const struct modprop_types *types, size_t n_inh, const size_t *label)
{
    const size_t n = types->first[types->C], each = types->C / 2;
    size_t appeared = 0;
    for (size_t i = 0; i < n; i++)
        if (label[i] >= types->C || (label[i] < each) != (i < n_inh))
            return false;
    for (size_t a = 0; a < types->C; a++)
        for (size_t i = 0; i < n; i++)
            if (label[i] == a) {
                appeared++;
                break;
            }
    return appeared == types->C;
}

void modprop_types_label(const struct modprop_types *types, size_t *label)
{
    for (size_t a = 0; a < types->C; a++)
        for (size_t k = types->first[a]; k < types->first[a + 1]; k++)
            label[types->unit[k]] = a;
}

/* ------------------------------------------------------------------ life cycle */

static enum modprop_status take_memory(struct modprop_types *types, size_t C, size_t n,
                                       struct modprop_error *err)
{
    struct modprop_memory_plan plan = {0};
    *types = (struct modprop_types){.C = C};
    types->first = modprop_memory_take(&plan, C + 1, sizeof *types->first);
    types->unit = modprop_memory_take(&plan, n, sizeof *types->unit);
    if (plan.refused) {
        modprop_types_clear(types);
        return modprop_memory_error("the cell types", plan.bytes, err);
    }
    types->first[C] = n;
    return MODPROP_OK;
}

static enum modprop_status read_file(struct modprop_types *types,
                                     const struct modprop_config *config, struct modprop_error *err)
{
    const size_t n = (size_t)config->n;
    size_t C = 0, *label = modprop_memory_get(n, sizeof *label);
    if (!label)
        return modprop_memory_error("the cell types", n * sizeof *label, err);
    enum modprop_status status = modprop_type_file_read(config, label, &C, err);
    if (status == MODPROP_OK)
        status = take_memory(types, C, n, err);
    if (status == MODPROP_OK)
        modprop_types_arrange(types, label);
    modprop_memory_free(label);
    return status;
}

enum modprop_status modprop_types_init(struct modprop_types *types,
                                       const struct modprop_config *config,
                                       struct modprop_error *err)
{
    *types = (struct modprop_types){0};
    if (from_file(config))
        return read_file(types, config, err);
    const enum modprop_status status = take_memory(types, 2 * (size_t)config->types_per_sign,
                                                   (size_t)config->n, err);
    if (status == MODPROP_OK)
        cut_all(types, config);
    return status;
}

void modprop_types_clear(struct modprop_types *types)
{
    modprop_memory_free(types->first);
    modprop_memory_free(types->unit);
    *types = (struct modprop_types){0};
}

size_t modprop_types_bytes(const struct modprop_config *config)
{
    return (modprop_types_count(config) + 1 + (size_t)config->n) * sizeof(size_t);
}
