#include "analyze/bootstrap.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

/* Number of values <= limit. */
static size_t up_to(const double *sorted, size_t count, double limit)
{
    size_t k = 0;
    while (k < count && sorted[k] <= limit)
        k++;
    return k;
}

/*
 * P(median of a resample <= limit). With k values <= limit, m of n draws from those k values is a
 * binomial event, which is all for odd n. For even n the median is the mean of the resample's values m
 * and m + 1, m = n / 2. Value m is <= limit with the binomial probability; to be taken off are the
 * resamples in which it is x[i] <= limit, but value m + 1 lies beyond every partner that keeps the mean
 * <= limit. With J(i) partners x[j] that do, those have m draws from x[1..i], one at least x[i] itself,
 * and m from x[J+1..n]:
 *     C(n, m) (i / n)^m (1 - ((i - 1) / i)^m) ((n - J) / n)^m
 */
static double resampled_median_below(const double *sorted, size_t count, double limit)
{
    const size_t m = (count + 1) / 2, below = up_to(sorted, count, limit);
    const double n = (double)count, half = (double)m;
    if (below == 0)
        return 0;
    double probability = below == count ? 1
                                        : gsl_cdf_binomial_Q((unsigned)(m - 1), (double)below / n,
                                                             (unsigned)count);
    if (count % 2)
        return probability;
    const double choose = gsl_sf_lnchoose((unsigned)count, (unsigned)m);
    size_t partners = count;
    for (size_t i = 1; i <= below; i++) {
        while (partners > i && !(0.5 * sorted[i - 1] + 0.5 * sorted[partners - 1] <= limit))
            partners--;
        if (partners == count)
            continue;
        const double share = (double)i * (n - (double)partners) / (n * n);
        probability -= exp(choose + half * log(share)) * (1 - pow(1 - 1 / (double)i, half));
    }
    return probability;
}

/* The least value that a resample's median is below or at with this probability. */
static double median_percentile(const double *sorted, size_t count, double probability)
{
    const double slack = 1e-12; /* rounding of the probabilities, which may be equal to the level */
    size_t first = 0, last = count - 1;
    while (first < last && isinf(sorted[first]))
        first++;
    while (last > first && isinf(sorted[last]))
        last--;
    double low = sorted[first], high = sorted[last];
    if (resampled_median_below(sorted, count, high) < probability - slack)
        return sorted[count - 1];
    if (resampled_median_below(sorted, count, low) >= probability - slack)
        return first > 0 && resampled_median_below(sorted, count, sorted[0]) >= probability - slack
                   ? sorted[0]
                   : low;
    for (;;) { /* ends at neighbouring numbers: `high` is the value itself */
        const double middle = 0.5 * low + 0.5 * high;
        if (!(low < middle && middle < high))
            return high;
        if (resampled_median_below(sorted, count, middle) >= probability - slack)
            high = middle;
        else
            low = middle;
    }
}

struct modprop_interval modprop_bootstrap_median(const double *sorted, size_t count, double level)
{
    if (count < 2)
        return (struct modprop_interval){NAN, NAN, 0};
    return (struct modprop_interval){median_percentile(sorted, count, (1 - level) / 2),
                                     median_percentile(sorted, count, (1 + level) / 2), level};
}
