/*
 * optimiser.h - optimisers: the table entry each of them fills.
 */
#ifndef MODPROP_ENGINE_OPTIMISER_H
#define MODPROP_ENGINE_OPTIMISER_H

#include "modprop.h"

struct modprop_optimiser {
    const char *name;
    const char *summary;
    const char *citation;
    const char *const *params;
    size_t states; /* arrays of the length of the weights it carries, all starting at zero */

    /* One step on `count` parameters. state: arrays [count], `array` values apart. k = 1, 2, ... counts
     * the steps. */
    void (*step)(const struct modprop_config *config, size_t count,
                 modprop_real *restrict parameters, modprop_real *restrict state, size_t array,
                 const modprop_real *restrict gradient, double learning_rate, long k);
};

extern const struct modprop_optimiser modprop_optimiser_adam;
extern const struct modprop_optimiser modprop_optimiser_amsgrad;

#endif
