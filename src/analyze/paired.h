/*
 * paired.h - two conditions compared seed by seed: differences, signed-rank test, and the
 * correction for many comparisons.
 *
 * A difference is (value - baseline). Runs of one seed share their initial weights and trials, so the
 * difference is free of what is common to them.
 */
#ifndef MODPROP_ANALYZE_PAIRED_H
#define MODPROP_ANALYZE_PAIRED_H

#include <stdbool.h>
#include <stddef.h>

struct modprop_paired_match {
    size_t pairs;   /* differences */
    size_t missing; /* keys on both sides, but one value is NaN */
    size_t alone;   /* keys on one side only */
    size_t
        repeated; /* keys that are more than once on a side: left out, as no pair is told by them */
};

/* difference [the smaller of both counts] = value - baseline at equal keys (seeds). Keys ascend. A
 * difference that is only rounding, below 1e-12 of the values, is 0. Of two infinite values of the same
 * sign it is 0, too: both diverged. */
struct modprop_paired_match modprop_paired_differences(double *difference, size_t count,
                                                       const double *key, const double *value,
                                                       size_t baseline_count,
                                                       const double *baseline_key,
                                                       const double *baseline_value);

struct modprop_paired_test {
    size_t pairs;                    /* differences that are not NaN */
    size_t negative, zero, positive; /* of them */
    double statistic;                /* sum of the ranks of the positive ones */
    double p; /* two-sided; 1 where all differences are 0, NaN where there is none */
    double
        smallest_p; /* the least that so many differences other than 0 can give: 2 / 2^n, at most 1.
                          Above the threshold: too few pairs, whatever they are */
    bool exact;     /* else the normal approximation */
};

/* Pairs up to which the signed-rank test is exact. */
enum { MODPROP_PAIRED_EXACT = 100 };

/* Wilcoxon's signed-rank test. Pratt's handling of zeros: they are ranked with the others, then left out.
 * Ties get the mean of their ranks; the distribution is the one of these ranks under all sign changes.
 * Sizes that agree to 1e-9 are tied. difference [count] is sorted by size in place, NaN last. */
struct modprop_paired_test modprop_paired_signed_rank(double *difference, size_t count);

/* Holm's correction: adjusted [count] from p [count]. NaN is no comparison: it stays NaN and does not
 * count. Returns the number of comparisons. */
size_t modprop_paired_holm(double *adjusted, const double *p, size_t count);

#endif
