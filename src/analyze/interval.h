/*
 * interval.h - an interval with what it promises: of a median, and of a share.
 */
#ifndef MODPROP_ANALYZE_INTERVAL_H
#define MODPROP_ANALYZE_INTERVAL_H

#include <stddef.h>

struct modprop_interval {
    double low, high; /* NaN: there is none (no values, or too few); may be infinite */
    double
        level; /* the confidence it really has, as far as known: below what was asked for where the
                         values are too few for that (five runs: min to max, 0.9375) */
};

/* The confidence that is used unless someone asks for another. */
#define MODPROP_INTERVAL_LEVEL 0.95

/* How the interval of a median is made. */
enum modprop_interval_kind {
    MODPROP_INTERVAL_RANKS,    /* order statistics, interpolated: holds what it says (interval.c) */
    MODPROP_INTERVAL_BOOTSTRAP /* percentile bootstrap (bootstrap.h): says more than it holds */
};

/* "ranks", "bootstrap"; NULL past the last. */
const char *modprop_interval_kind_name(size_t kind);

/* "by order statistics", ... */
const char *modprop_interval_kind_text(enum modprop_interval_kind kind);

/* Interval of the median from sorted values [count] without NaN. */
struct modprop_interval modprop_interval_of_median(enum modprop_interval_kind kind,
                                                   const double *sorted, size_t count,
                                                   double level);

/* The same by order statistics. */
struct modprop_interval modprop_interval_median(const double *sorted, size_t count, double level);

/* Interval of a share, hits of `count` runs: Wilson's score interval. NaN if count is 0. */
struct modprop_interval modprop_interval_share(size_t hits, size_t count, double level);

#endif
