/*
 * quantile.h - what is said of a handful of numbers: quartiles, mean, standard deviation, extremes.
 *
 * NaN is a missing value: left out and counted. Infinity is a value, larger (smaller) than all others:
 * that is how a diverged run takes part in a median. The mean is infinite then, the deviation NaN.
 *
 * Quantiles are those of Hyndman and Fan's type 7 (NumPy, R and Excel have it as their default): with
 * the values x[0] <= ... <= x[n-1] and h = (n - 1) p the value at h, linear between floor(h) and its
 * successor.
 */
#ifndef MODPROP_ANALYZE_QUANTILE_H
#define MODPROP_ANALYZE_QUANTILE_H

#include <stddef.h>

struct modprop_quantile_summary {
    size_t count;                                  /* values */
    size_t missing;                                /* NaN, left out */
    double minimum, lower, median, upper, maximum; /* lower, upper: quartiles */
    double mean;
    double deviation; /* sample standard deviation (n - 1); NaN for fewer than two values */
};

/* Sorts values [count] in place, ascending, NaN last. Returns how many are not NaN. */
size_t modprop_quantile_sort(double *values, size_t count);

/* Quantile p in [0, 1] of sorted values [count] without NaN; NaN if count is 0. */
double modprop_quantile(const double *sorted, size_t count, double p);

/* Sorts values [count] in place as above and describes them; all NaN where there is none. */
void modprop_quantile_summarise(struct modprop_quantile_summary *summary, double *values,
                                size_t count);

#endif
