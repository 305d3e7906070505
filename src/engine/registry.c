#include "engine/registry.h"

#include <assert.h>

static const struct modprop_rule *const rules[] = {
    &modprop_rule_modprop, &modprop_rule_bptt,  &modprop_rule_mdgl,  &modprop_rule_eprop,
    &modprop_rule_rtrl,    &modprop_rule_snap1, &modprop_rule_snap2, &modprop_rule_rflo,
};
static const struct modprop_task *const tasks[] = {
    &modprop_task_delayed_xor,
    &modprop_task_delayed_match,
    &modprop_task_evidence_accumulation,
    &modprop_task_pattern_generation,
    &modprop_task_sequential_digits,
    &modprop_task_context_integration,
    &modprop_task_flip_flop,
};
static const struct modprop_units *const units[] = {
    &modprop_units_relu,
    &modprop_units_adaptive,
    &modprop_units_lif,
    &modprop_units_alif,
};
static const struct modprop_optimiser *const optimisers[] = {
    &modprop_optimiser_adam,
    &modprop_optimiser_amsgrad,
};

/* The two ways to look into each table. */
#define LOOKUP(kind, table) \
    const struct modprop_##kind *modprop_##kind##_at(size_t index) \
    { \
        assert(index < sizeof table / sizeof *table); \
        return table[index]; \
    } \
    const char *modprop_##kind##_choice(size_t index) \
    { \
        return index < sizeof table / sizeof *table ? table[index]->name : NULL; \
    }

LOOKUP(rule, rules)
LOOKUP(task, tasks)
LOOKUP(units, units)
LOOKUP(optimiser, optimisers)
