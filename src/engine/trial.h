/*
 * trial.h - one trial of a configuration's task, whole: to be looked at.
 */
#ifndef MODPROP_ENGINE_TRIAL_H
#define MODPROP_ENGINE_TRIAL_H

#include "engine/task.h"

/* The first trial of the first training batch. */
struct modprop_trial {
    struct modprop_task_shape shape;
    modprop_real *x; /* [T][n_in] */
    modprop_real *y; /* [T][n_out]: the target; NULL where there is a class */
    size_t label;    /* the class */
};

/* Draws it; the caller clears it. Errors: those of modprop_config_check, MODPROP_NO_MEMORY. */
enum modprop_status modprop_trial_draw(struct modprop_trial *trial,
                                       const struct modprop_config *config,
                                       struct modprop_error *err);
void modprop_trial_clear(struct modprop_trial *trial); /* accepts a zeroed one */

#endif
