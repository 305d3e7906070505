/*
 * budget.h - how much memory a run takes, and how much of a trajectory max_memory leaves room for.
 *
 * A method that goes back over a trial of T steps need not have all of them in memory: the pass keeps
 * the state at K - 1 steps and makes what follows each anew, with the same bits, when the way back gets
 * there. That takes (K - 1) / K of a forward pass more, and memory for T / K steps and K - 1 states,
 * which is least about K = sqrt(T). As few segments are made as the limit allows.
 */
#ifndef MODPROP_ENGINE_BUDGET_H
#define MODPROP_ENGINE_BUDGET_H

#include "engine/shape.h"

/* Memory of the configuration's run with a shape, all arrays together, and that of a checkpoint. */
size_t modprop_budget_bytes(const struct modprop_config *config, const struct modprop_shape *shape);

/* The shape of the configuration's run, cut so that max_memory suffices; if no cut is small enough, into
 * the segments that take least. */
struct modprop_shape modprop_budget_shape(const struct modprop_config *config);

/* MODPROP_INVALID: the run takes more than max_memory; with the least that works. */
enum modprop_status modprop_budget_check(const struct modprop_config *config,
                                         struct modprop_error *err);

#endif
