#include "analyze/curve.h"

#include <assert.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "analyze/interval.h"
#include "analyze/quantile.h"
#include "engine/error.h"
#include "engine/memory.h"

void modprop_curve_smooth(double *smooth, const double *value, size_t count, size_t window)
{
    assert(window % 2 == 1);
    const size_t half = window / 2;
    for (size_t k = 0; k < count; k++) {
        const size_t first = k > half ? k - half : 0;
        const size_t end = half < count - k ? k + half + 1 : count;
        size_t known = 0;
        double sum = 0;
        for (size_t j = first; j < end; j++) {
            if (isnan(value[j]))
                continue;
            sum += value[j];
            known++;
        }
        smooth[k] = isnan(value[k]) ? NAN : sum / (double)known;
    }
}

static const char *const names[] = {
    [MODPROP_CURVE_QUARTILES] = "quartiles", [MODPROP_CURVE_DEVIATION] = "sd",
    [MODPROP_CURVE_INTERVAL] = "ci",         [MODPROP_CURVE_BOOTSTRAP] = "bootstrap",
    [MODPROP_CURVE_MINMAX] = "minmax",
};

const char *modprop_curve_band_name(size_t band)
{
    return band < sizeof names / sizeof *names ? names[band] : NULL;
}

static size_t without_infinite(double *values, size_t count)
{
    size_t finite = 0;
    for (size_t k = 0; k < count; k++)
        if (isfinite(values[k]))
            values[finite++] = values[k];
    return finite;
}

/* The band at one point from the runs' values there, which are sorted. */
static void describe(struct modprop_curve_bands *bands, size_t point, double *values, size_t count,
                     enum modprop_curve_band band)
{
    if (band == MODPROP_CURVE_DEVIATION)
        count = without_infinite(values, count);
    struct modprop_quantile_summary summary;
    modprop_quantile_summarise(&summary, values, count);
    struct modprop_interval interval;
    bands->count[point] = summary.count;
    bands->center[point] = band == MODPROP_CURVE_DEVIATION ? summary.mean : summary.median;
    switch (band) {
    case MODPROP_CURVE_QUARTILES:
        bands->low[point] = summary.lower;
        bands->high[point] = summary.upper;
        break;
    case MODPROP_CURVE_DEVIATION:
        bands->low[point] = summary.mean - summary.deviation;
        bands->high[point] = summary.mean + summary.deviation;
        break;
    case MODPROP_CURVE_INTERVAL:
    case MODPROP_CURVE_BOOTSTRAP:
        interval = modprop_interval_of_median(
            band == MODPROP_CURVE_BOOTSTRAP ? MODPROP_INTERVAL_BOOTSTRAP : MODPROP_INTERVAL_RANKS,
            values, summary.count, MODPROP_INTERVAL_LEVEL);
        bands->low[point] = interval.low;
        bands->high[point] = interval.high;
        break;
    case MODPROP_CURVE_MINMAX:
        bands->low[point] = summary.minimum;
        bands->high[point] = summary.maximum;
        break;
    }
}

enum modprop_status modprop_curve_bands_make(struct modprop_curve_bands *bands, size_t points,
                                             size_t runs, const double *const *value,
                                             const size_t *length, const double *after,
                                             enum modprop_curve_band band,
                                             struct modprop_error *err)
{
    *bands = (struct modprop_curve_bands){.points = points};
    double *values = calloc(runs + 1, sizeof *values);
    bands->center = calloc(points + 1, 3 * sizeof *bands->center);
    bands->count = calloc(points + 1, sizeof *bands->count);
    if (!values || !bands->center || !bands->count) {
        free(values);
        modprop_curve_bands_clear(bands);
        return modprop_memory_error("the bands of learning curves", points * sizeof *values, err);
    }
    bands->low = bands->center + points;
    bands->high = bands->low + points;
    for (size_t point = 0; point < points; point++) {
        for (size_t run = 0; run < runs; run++)
            values[run] = point < length[run] ? value[run][point] : after ? after[run] : NAN;
        describe(bands, point, values, runs, band);
    }
    free(values);
    return MODPROP_OK;
}

void modprop_curve_bands_clear(struct modprop_curve_bands *bands)
{
    free(bands->center);
    free(bands->count);
    *bands = (struct modprop_curve_bands){0};
}
