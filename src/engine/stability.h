/*
 * stability.h - which fixed mu the modulatory filter bears.
 */
#ifndef MODPROP_ENGINE_STABILITY_H
#define MODPROP_ENGINE_STABILITY_H

#include "modprop.h"

/* The largest mu for which alpha I + (1-alpha) mu W_fb has a spectral radius of at most 1 at the
 * configuration's initial weights; infinite if there is none. */
enum modprop_status modprop_stability_bound(const struct modprop_config *config, double *bound,
                                            struct modprop_error *err);

#endif
