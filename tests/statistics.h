/*
 * statistics.h - tests of hypotheses for tests of random numbers. Every threshold is at a
 * false-alarm probability of one in a million, and every seed is fixed: an alarm is a defect, not
 * bad luck.
 */
#ifndef MODPROP_TESTS_STATISTICS_H
#define MODPROP_TESTS_STATISTICS_H

#include <math.h>
#include <stdlib.h>

#include "small_run.h"

/* Two-sided 1e-6 point of the standard normal distribution. */
static const double NORMAL_LIMIT = 4.892;

/* Fails unless `value`, normal with this mean and standard deviation, is within the limit. */
static inline void near_mean(const char *what, double value, double mean, double deviation)
{
    const double z = (value - mean) / deviation;
    if (!(fabs(z) < NORMAL_LIMIT))
        fail_msg("%s: %g instead of %g is %.1f standard deviations off", what, value, mean, z);
}

/* Chi-square with k degrees of freedom; its 1e-6 point by Wilson and Hilferty (z = 4.753). */
static inline void below_chi_square(const char *what, double chi_square, double k)
{
    const double root = 1 - 2 / (9 * k) + 4.753 * sqrt(2 / (9 * k));
    const double limit = k * root * root * root;
    if (!(chi_square < limit))
        fail_msg("%s: chi-square %g with %g degrees of freedom, limit %g", what, chi_square, k,
                 limit);
}

static inline int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov-Smirnov: sorts the values and compares them with the distribution function. For large
 * counts P(sqrt(count) D > K) = 2 exp(-2 K^2), so K = 2.694. */
static inline void follows(const char *what, size_t count, double *values,
                           double (*distribution)(double))
{
    double distance = 0;
    qsort(values, count, sizeof *values, by_size);
    for (size_t k = 0; k < count; k++) {
        const double expected = distribution(values[k]);
        distance = fmax(distance, fabs(expected - (double)k / (double)count));
        distance = fmax(distance, fabs(expected - (double)(k + 1) / (double)count));
    }
    if (!(distance * sqrt((double)count) < 2.694))
        fail_msg("%s: greatest distance %g from its distribution", what, distance);
}

static inline double standard_normal(double x)
{
    return 0.5 * erfc(-x / sqrt(2));
}

static inline double uniform_01(double x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

/* Sample correlation of two independent sequences is normal with deviation 1 / sqrt(count). */
static inline void uncorrelated(const char *what, size_t count, const modprop_real *a,
                                const modprop_real *b)
{
    double ab = 0, aa = 0, bb = 0, mean_a = 0, mean_b = 0;
    for (size_t k = 0; k < count; k++) {
        mean_a += (double)a[k] / (double)count;
        mean_b += (double)b[k] / (double)count;
    }
    for (size_t k = 0; k < count; k++) {
        const double x = (double)a[k] - mean_a, y = (double)b[k] - mean_b;
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    near_mean(what, ab / sqrt(aa * bb), 0, 1 / sqrt((double)count));
}

#endif
