/*
 * curve.h - learning curves: smoothing of one, and the band of several.
 *
 * A run that ended early has no values after its end, and what stands in for them decides what the band
 * says. `after` is that value, run by run: NaN leaves the run out from there on (the count falls),
 * INFINITY (or -INFINITY where higher is better) counts it as worse than all others: a median or
 * quartile then stays honest where diverged runs would otherwise leave the survivors alone.
 */
#ifndef MODPROP_ANALYZE_CURVE_H
#define MODPROP_ANALYZE_CURVE_H

#include "modprop.h"

/* smooth[k] = mean of the values at k - window/2 .. k + window/2 that exist and are not NaN, so windows
 * are cut at both ends; window is odd, 1 copies. A NaN stays NaN. smooth and value [count] may not
 * overlap. */
void modprop_curve_smooth(double *smooth, const double *value, size_t count, size_t window);

enum modprop_curve_band {
    MODPROP_CURVE_QUARTILES, /* median, quartiles */
    MODPROP_CURVE_DEVIATION, /* mean, one sample standard deviation to each side */
    MODPROP_CURVE_INTERVAL,  /* median and its 95 % interval by order statistics (interval.h) */
    MODPROP_CURVE_BOOTSTRAP, /* the same by the percentile bootstrap */
    MODPROP_CURVE_MINMAX     /* median, smallest and largest */
};

/* "quartiles", "sd", "ci", "bootstrap", "minmax"; NULL past the last. */
const char *modprop_curve_band_name(size_t band);

struct modprop_curve_bands {
    size_t points;
    double *center, *low, *high; /* [points]; NaN: no run; infinite: diverged runs reach that far */
    size_t *count;               /* [points]; runs that count there */
};

/* value [runs] points to the values of each run [length of that run]; after [runs], NULL: all NaN.
 * MODPROP_CURVE_DEVIATION leaves infinite values out. The caller clears it. MODPROP_NO_MEMORY. */
enum modprop_status modprop_curve_bands_make(struct modprop_curve_bands *bands, size_t points,
                                             size_t runs, const double *const *value,
                                             const size_t *length, const double *after,
                                             enum modprop_curve_band band,
                                             struct modprop_error *err);
void modprop_curve_bands_clear(struct modprop_curve_bands *bands);

#endif
