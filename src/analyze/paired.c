#include "analyze/paired.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* ------------------------------------------------------------------ pairs */

/* Number of equal keys from `at` on; NaN is equal to nothing. */
static size_t equal_keys(const double *key, size_t count, size_t at)
{
    size_t end = at + 1;
    while (end < count && key[end] == key[at])
        end++;
    return end - at;
}

static double difference_of(double value, double baseline)
{
    const double rounding = 1e-12; /* of numbers that are means of some ten others */
    if (value == baseline)
        return 0;
    const double difference = value - baseline;
    return fabs(difference) <= rounding * fmax(fabs(value), fabs(baseline)) && isfinite(difference)
               ? 0
               : difference;
}

struct modprop_paired_match modprop_paired_differences(double *difference, size_t count,
                                                       const double *key, const double *value,
                                                       size_t baseline_count,
                                                       const double *baseline_key,
                                                       const double *baseline_value)
{
    struct modprop_paired_match match = {0};
    size_t a = 0, b = 0;
    while (a < count && b < baseline_count) {
        const size_t here = equal_keys(key, count, a);
        const size_t there = equal_keys(baseline_key, baseline_count, b);
        if (key[a] != baseline_key[b]) {
            match.alone++;
            if (key[a] < baseline_key[b])
                a += here;
            else
                b += there;
            continue;
        }
        if (here > 1 || there > 1)
            match.repeated++;
        else if (isnan(value[a]) || isnan(baseline_value[b]))
            match.missing++;
        else
            difference[match.pairs++] = difference_of(value[a], baseline_value[b]);
        a += here;
        b += there;
    }
    for (; a < count; a += equal_keys(key, count, a))
        match.alone++;
    for (; b < baseline_count; b += equal_keys(baseline_key, baseline_count, b))
        match.alone++;
    return match;
}

/* ------------------------------------------------------------------ signed-rank test */

static struct modprop_paired_test count_signs(const double *difference, size_t count)
{
    struct modprop_paired_test test = {0};
    for (size_t k = 0; k < count; k++) {
        test.negative += difference[k] < 0;
        test.positive += difference[k] > 0;
        test.zero += difference[k] == 0;
    }
    const size_t signs = test.negative + test.positive;
    test.pairs = signs + test.zero;
    test.smallest_p = signs > 0 ? ldexp(1, 1 - (int)(signs < 1000 ? signs : 1000)) : 1;
    test.p = test.pairs > 0 ? 1 : NAN;
    test.exact = true;
    return test;
}

static int by_size(const void *a, const void *b)
{
    const double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    if (isnan(x) || isnan(y))
        return (int)isnan(x) - (int)isnan(y);
    return (x > y) - (x < y);
}

/* Number of differences from `at` on whose sizes are tied with the first of them. */
static size_t tied(const double *difference, size_t count, size_t at)
{
    const double size = fabs(difference[at]), limit = size * (1 + 1e-9);
    size_t end = at + 1;
    while (end < count && fabs(difference[end]) <= limit)
        end++;
    return end - at;
}

/* Twice the rank of the values at..at+ties-1 (counted from 0): an integer, ties or none. */
static size_t doubled_rank(size_t at, size_t ties)
{
    return 2 * at + ties + 1;
}

/*
 * Two-sided probability of a sum of positive ranks at least as far from the middle. Every difference has
 * either sign with probability 1/2, so the sum's distribution is the convolution of {0, rank}, one rank
 * after the other; with doubled ranks all sums are integers, at most n (n + 1).
 */
static double exact_p(const double *difference, size_t pairs, size_t zero, size_t doubled_sum)
{
    double probability[MODPROP_PAIRED_EXACT * (MODPROP_PAIRED_EXACT + 1) + 1] = {1};
    size_t largest = 0;
    for (size_t at = zero, ties; at < pairs; at += ties) {
        ties = tied(difference, pairs, at);
        const size_t rank = doubled_rank(at, ties);
        for (size_t k = 0; k < ties; k++) {
            largest += rank;
            for (size_t sum = largest + 1; sum-- > 0;)
                probability[sum] = 0.5 * probability[sum] +
                                   (sum >= rank ? 0.5 * probability[sum - rank] : 0);
        }
    }
    /* The distribution is symmetric: the tail on the left for either side. */
    const size_t tail = doubled_sum < largest - doubled_sum ? doubled_sum : largest - doubled_sum;
    double p = 0;
    for (size_t sum = 0; sum <= tail; sum++)
        p += probability[sum];
    return fmin(1, 2 * p);
}

/* The normal approximation of the same, half a rank nearer to the middle. The sum of the ranks of a
 * random half has mean sum r / 2 and variance sum r^2 / 4. */
static double normal_p(const double *difference, size_t pairs, size_t zero, double statistic)
{
    double mean = 0, variance = 0;
    for (size_t at = zero, ties; at < pairs; at += ties) {
        ties = tied(difference, pairs, at);
        const double rank = 0.5 * (double)doubled_rank(at, ties);
        mean += 0.5 * rank * (double)ties;
        variance += 0.25 * rank * rank * (double)ties;
    }
    const double distance = fmax(0, fabs(statistic - mean) - 0.5);
    return fmin(1, 2 * gsl_cdf_ugaussian_Q(distance / sqrt(variance)));
}

struct modprop_paired_test modprop_paired_signed_rank(double *difference, size_t count)
{
    struct modprop_paired_test test = count_signs(difference, count);
    size_t doubled_sum = 0;
    qsort(difference, count, sizeof *difference, by_size);
    for (size_t at = test.zero, ties; at < test.pairs; at += ties) {
        ties = tied(difference, test.pairs, at);
        for (size_t k = at; k < at + ties; k++)
            doubled_sum += difference[k] > 0 ? doubled_rank(at, ties) : 0;
    }
    test.statistic = 0.5 * (double)doubled_sum;
    test.exact = test.pairs <= MODPROP_PAIRED_EXACT;
    if (test.negative + test.positive == 0)
        return test;
    test.p = test.exact ? exact_p(difference, test.pairs, test.zero, doubled_sum)
                        : normal_p(difference, test.pairs, test.zero, test.statistic);
    return test;
}

/* ------------------------------------------------------------------ many comparisons */

/* Sorted, p of place k (from 0) is multiplied by (number - k), and is at least what its predecessor is.
 * A value's place is the number of smaller ones: equal values get the first one's factor, as they would
 * by the second rule. */
size_t modprop_paired_holm(double *adjusted, const double *p, size_t count)
{
    size_t comparisons = 0;
    for (size_t k = 0; k < count; k++)
        comparisons += isnan(p[k]) ? 0 : 1;
    for (size_t k = 0; k < count; k++) {
        size_t smaller = 0;
        for (size_t j = 0; j < count; j++)
            smaller += p[j] < p[k];
        adjusted[k] = fmin(1, p[k] * (double)(comparisons - smaller));
        if (isnan(p[k]))
            adjusted[k] = NAN;
    }
    for (size_t k = 0; k < count; k++)
        for (size_t j = 0; j < count; j++)
            if (p[j] < p[k])
                adjusted[k] = fmax(adjusted[k], adjusted[j]);
    return comparisons;
}
