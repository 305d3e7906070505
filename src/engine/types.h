/*
 * types.h - cell types: which units belong together.
 *
 * Inhibitory and excitatory units are each cut into types_per_sign contiguous groups of
 * floor(size / types_per_sign) units, the last one taking the remainder. As a control the labels are
 * shuffled afterwards: among the units of a sign, or among all.
 */
#ifndef MODPROP_ENGINE_TYPES_H
#define MODPROP_ENGINE_TYPES_H

#include "modprop.h"

struct modprop_types {
    size_t C;      /* types */
    size_t *first; /* [C + 1]: where each type begins in `unit`, then n */
    size_t *unit;  /* [n]: the units, type after type */
    bool ordered;  /* unit[k] = k: loops over them need not look it up */
};

/* The caller clears it. */
enum modprop_status modprop_types_init(struct modprop_types *types,
                                       const struct modprop_config *config,
                                       struct modprop_error *err);
void modprop_types_clear(struct modprop_types *types); /* accepts a zeroed one */
size_t modprop_types_bytes(const struct modprop_config *config);

static inline size_t modprop_types_size(const struct modprop_types *types, size_t type)
{
    return types->first[type + 1] - types->first[type];
}

#endif
