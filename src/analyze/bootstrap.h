/*
 * bootstrap.h - the interval of a median from resampling the runs with replacement.
 *
 * The distribution over all resamples is computed exactly: no draws, no seed, no error of chance.
 */
#ifndef MODPROP_ANALYZE_BOOTSTRAP_H
#define MODPROP_ANALYZE_BOOTSTRAP_H

#include "analyze/interval.h"

/* Percentile interval of the median from its exact bootstrap distribution; sorted values [count] without
 * NaN. It promises more than it holds with few runs: modprop_interval_median is the better one, and
 * interval.c tells by how much. */
struct modprop_interval modprop_bootstrap_median(const double *sorted, size_t count, double level);

#endif
