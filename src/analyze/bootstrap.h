/*
 * bootstrap.h - intervals from resampling the runs with replacement.
 *
 * The median's bootstrap distribution is computed exactly, without chance. The mean's is drawn: draw k
 * of resample b is a function of (seed, b, k), so that a seed gives the same interval to the byte.
 */
#ifndef MODPROP_ANALYZE_BOOTSTRAP_H
#define MODPROP_ANALYZE_BOOTSTRAP_H

#include <stdint.h>

#include "analyze/interval.h"
#include "modprop.h"

/* What is used, and stated, unless someone asks for others. */
#define MODPROP_BOOTSTRAP_RESAMPLES 10000
#define MODPROP_BOOTSTRAP_SEED 1

/* Percentile interval of the median from its exact bootstrap distribution; sorted values [count] without
 * NaN. It promises more than it holds with few runs: modprop_interval_median is the better one, and
 * interval.c tells by how much. */
struct modprop_interval modprop_bootstrap_median(const double *sorted, size_t count, double level);

/* BCa interval of the mean; values [count] without NaN, in an order that is the same each time.
 * MODPROP_NO_MEMORY. */
enum modprop_status modprop_bootstrap_mean(struct modprop_interval *interval, const double *values,
                                           size_t count, double level, size_t resamples,
                                           uint32_t seed, struct modprop_error *err);

#endif
