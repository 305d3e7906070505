#include "analyze/quantile.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

size_t modprop_quantile_sort(double *values, size_t count)
{
    size_t known = 0;
    for (size_t k = 0; k < count; k++) {
        if (isnan(values[k]))
            continue;
        const double value = values[k];
        values[k] = values[known];
        values[known++] = value;
    }
    gsl_sort(values, 1, known);
    return known;
}

double modprop_quantile(const double *sorted, size_t count, double p)
{
    if (count == 0)
        return NAN;
    const double at = p * (double)(count - 1);
    const size_t k = at >= (double)(count - 1) ? count - 1 : (size_t)at;
    const double part = at - (double)k;
    /* Alone where it stands for itself: 0 * INFINITY would be NaN. */
    if (part <= 0 || sorted[k] == sorted[k + 1])
        return sorted[k];
    return (1 - part) * sorted[k] + part * sorted[k + 1];
}

void modprop_quantile_summarise(struct modprop_quantile_summary *summary, double *values,
                                size_t count)
{
    const size_t known = modprop_quantile_sort(values, count);
    *summary = (struct modprop_quantile_summary){.count = known, .missing = count - known};
    summary->minimum = modprop_quantile(values, known, 0);
    summary->lower = modprop_quantile(values, known, 0.25);
    summary->median = modprop_quantile(values, known, 0.5);
    summary->upper = modprop_quantile(values, known, 0.75);
    summary->maximum = modprop_quantile(values, known, 1);
    summary->deviation = NAN;
    if (isfinite(summary->minimum) && isfinite(summary->maximum)) {
        summary->mean = gsl_stats_mean(values, 1, known);
        if (known > 1)
            summary->deviation = gsl_stats_sd_m(values, 1, known, summary->mean);
    } else {
        summary->mean = summary->minimum + summary->maximum; /* infinite, or NaN */
    }
}
