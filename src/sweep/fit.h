/*
 * fit.h - what can only be seen once a sweep is expanded: values that do not fit each other,
 * values that must not differ, keys without effect.
 */
#ifndef MODPROP_SWEEP_FIT_H
#define MODPROP_SWEEP_FIT_H

#include "sweep/expand.h"

/* Checks every condition (modprop_config_check). Each kind of mistake is told once, with the number
 * of runs it concerns, at the line of a key it names. Errors: MODPROP_NO_MEMORY. */
enum modprop_status modprop_fit_conditions(const struct modprop_expansion *expansion,
                                           struct modprop_mistakes *mistakes);

/* Notes conditions that are allowed but doubtful (modprop_config_doubt), in the same way. Of many
 * conditions some are asked about, in even steps. */
enum modprop_status modprop_fit_doubts(const struct modprop_expansion *expansion,
                                       struct modprop_mistakes *notes);

/* Tells parameters that must have one value in a sweep (one_value) and have several. */
void modprop_fit_one_value(const struct modprop_grid *grid, size_t grids,
                           struct modprop_mistakes *mistakes);

/* Notes keys that change nothing, and variants without a run of their own. */
void modprop_fit_effect(const struct modprop_expansion *expansion, const struct modprop_spec *spec,
                        struct modprop_mistakes *notes);

#endif
