/*
 * types.h - cell types: which units belong together.
 *
 * Inhibitory and excitatory units are each cut into types_per_sign contiguous groups of
 * floor(size / types_per_sign) units, the last one taking the remainder. As a control the labels are
 * shuffled afterwards: among the units of a sign, or among all. Clustered types begin contiguous, and
 * clusters.h groups their units anew; those of a file (type_file.h) may have any sizes, and may be more
 * among the units of one sign than of the other.
 */
#ifndef MODPROP_ENGINE_TYPES_H
#define MODPROP_ENGINE_TYPES_H

#include "modprop.h"

struct modprop_types {
    size_t C;      /* types; 0: none are asked for */
    size_t *first; /* [C + 1]: where each type begins in `unit`, then n */
    size_t *unit;  /* [n]: the units, type after type */
    bool ordered;  /* unit[k] = k: loops over them need not look it up */
};

/* Whether the configuration's rule asks for cell types. */
bool modprop_types_wanted(const struct modprop_config *config);

/* Their number; 0 for a file that cannot be read, which modprop_types_check tells. */
size_t modprop_types_count(const struct modprop_config *config);

/* Whether there can be such types, where they are wanted: units enough of each sign, a file that says
 * them. */
enum modprop_status modprop_types_check(const struct modprop_config *config,
                                        struct modprop_error *err);

/* The caller clears it. */
enum modprop_status modprop_types_init(struct modprop_types *types,
                                       const struct modprop_config *config,
                                       struct modprop_error *err);
void modprop_types_clear(struct modprop_types *types); /* accepts a zeroed one */
size_t modprop_types_bytes(const struct modprop_config *config);

/* Sorts the units by label [n]: each below C, and each of these is the label of some unit. */
void modprop_types_arrange(struct modprop_types *types, const size_t *label);

/* Whether these labels [n] can be those of as many types for each sign, each with a unit. */
bool modprop_types_fit(const struct modprop_types *types, size_t n_inh, const size_t *label);

/* label [n]: the type of each unit. */
void modprop_types_label(const struct modprop_types *types, size_t *label);

static inline size_t modprop_types_size(const struct modprop_types *types, size_t type)
{
    return types->first[type + 1] - types->first[type];
}

#endif
