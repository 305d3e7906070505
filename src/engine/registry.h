/*
 * registry.h - the tables of rules, tasks, units and optimisers: a line each in registry.c.
 */
#ifndef MODPROP_ENGINE_REGISTRY_H
#define MODPROP_ENGINE_REGISTRY_H

#include "engine/optimiser.h"
#include "engine/rule.h"
#include "engine/task.h"
#include "engine/units.h"

/* index as in struct modprop_config; never NULL. */
const struct modprop_rule *modprop_rule_at(size_t index);
const struct modprop_task *modprop_task_at(size_t index);
const struct modprop_units *modprop_units_at(size_t index);
const struct modprop_optimiser *modprop_optimiser_at(size_t index);

/* Names in the order of the tables, NULL past the last. */
const char *modprop_rule_choice(size_t index);
const char *modprop_task_choice(size_t index);
const char *modprop_units_choice(size_t index);
const char *modprop_optimiser_choice(size_t index);

#endif
