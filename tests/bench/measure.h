/*
 * measure.h - interleaved measurement: rounds over all cases of a group, so that a machine that
 * drifts treats all of them alike, and the core's peak again beside every figure, so that the drift
 * is seen.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "cases.h"

enum { BENCH_ROUNDS = 99 }; /* most rounds */

struct bench_spread {
    double lower, median, upper; /* quartiles */
};

/* Sorts values [count > 0]. */
struct bench_spread bench_spread_of(double *values, size_t count);

struct bench_limits {
    size_t rounds;      /* wanted, <= BENCH_ROUNDS */
    double group_s;     /* after three rounds no new one starts beyond this */
    double iteration_s; /* cases whose iteration takes longer are skipped */
};

struct bench_result {
    size_t rounds;             /* 0: skipped, the case says why */
    long last;                 /* iterations done at the end */
    double bytes;              /* of the run */
    struct bench_spread ms;    /* of the work */
    struct bench_spread peak;  /* operations a second, beside each figure */
    struct bench_spread dense; /* time in dense forward limits, each with its round's peak */
    double active;             /* active fraction at the end */
    double kept;               /* processor time over clock time: below 1, others had the core */
};

/* Measures cases[0 ... count - 1] together. A case that cannot be measured gets its `skipped`. */
void bench_measure(struct bench_case *cases, struct bench_result *results, size_t count,
                   const struct bench_limits *limits);

#endif
