/*
 * rates.h - regularisation of the firing rates (after Bellec et al., Nat. Commun. 2020, for spiking units).
 *
 * The cost rate_cost / 2 sum_j (f_j - f*)^2, with f_j the spikes of unit j per step, averaged over time
 * and batch, and f* the target, adds to the learning signal of every step and trial
 *     dE/ds_j = rate_cost (f_j - f*) / (B T)
 * f_j is that of the iteration before, so that it is known before the trials start, to an online
 * method too; in the first one f_j = f*. For rate units f_j is the mean of z_j, f* = 0, and the factor
 * activity_cost.
 */
#ifndef MODPROP_ENGINE_RATES_H
#define MODPROP_ENGINE_RATES_H

#include "engine/rule.h"

struct modprop_rates {
    size_t n, ld, ldn;
    double cost, target;  /* target in spikes per step */
    double *rate;         /* [n]: f, what the next iteration depends on */
    double *total;        /* [n]: spikes of this batch so far */
    modprop_real *sum;    /* [ld]: of a block */
    modprop_real *signal; /* [ldn] */
};

/* Whether the configuration has such a cost. */
bool modprop_rates_wanted(const struct modprop_config *config);

enum modprop_status modprop_rates_create(struct modprop_rates **rates,
                                         const struct modprop_config *config,
                                         const struct modprop_shape *shape,
                                         struct modprop_error *err);
void modprop_rates_free(struct modprop_rates *rates); /* accepts NULL */
size_t modprop_rates_bytes(const struct modprop_shape *shape);

/* The signal of the next iteration. */
void modprop_rates_refresh(struct modprop_rates *rates, const struct modprop_shape *shape);

/* L [R][ldn] += signal */
void modprop_rates_add(const struct modprop_rates *rates, size_t R, modprop_real *L);

/* Before a batch, after each of its blocks, and after the iteration. */
void modprop_rates_start(struct modprop_rates *rates);
void modprop_rates_watch(struct modprop_rates *rates, const struct modprop_block *block);
void modprop_rates_end(struct modprop_rates *rates, const struct modprop_shape *shape);

#endif
