/*
 * survival.h - times to a criterion where some runs never meet it: Kaplan-Meier and log-rank.
 *
 * A run is (time, censored): the criterion was first met at that time, or had not been met by then. At
 * equal times events come before censorings, as usual. NaN times are left out and counted.
 *
 * Censoring must not tell anything: a run that diverged would never have met the criterion, so its time is
 * the end it was to have, not where it broke off.
 */
#ifndef MODPROP_ANALYZE_SURVIVAL_H
#define MODPROP_ANALYZE_SURVIVAL_H

#include <stdint.h>

#include "analyze/interval.h"
#include "modprop.h"

/* At one time at which something happens; the curve holds from here until the next. */
struct modprop_survival_step {
    double time;
    size_t at_risk;          /* just before */
    size_t events, censored; /* at this time */
    double survival;         /* share that has not met the criterion */
    double variance;  /* of it, by Greenwood; 0 before the first event, NaN where survival is 0 */
    double low, high; /* log-log interval of it, within 0..1; NaN where survival is 1 or 0 */
};

struct modprop_survival {
    size_t runs, missing; /* used, left out */
    size_t events;        /* runs that met the criterion */
    size_t steps;
    struct modprop_survival_step *step; /* [steps] */
    /* First time with survival <= 1/2, as lifelines has it; R's survfit takes the middle of the stretch
     * where the curve is 1/2. NaN: fewer than half met it. */
    double median;
    struct modprop_interval
        median_interval; /* where the log-log band crosses 1/2; a side that is not
                                                reached is infinite (high) or NaN (no events) */
};

/* time, censored [count]. The caller clears it. MODPROP_NO_MEMORY. */
enum modprop_status modprop_survival_curve(struct modprop_survival *curve, size_t count,
                                           const double *time, const bool *censored, double level,
                                           struct modprop_error *err);
void modprop_survival_clear(struct modprop_survival *curve);

struct modprop_survival_test {
    double chi_square;
    size_t degrees; /* of freedom; 0: nothing to compare, p is NaN */
    double p; /* from the chi-square distribution: an approximation, see survival.c for few runs */
};

/* Log-rank test between groups; group [count] below `groups`, others (and NaN times) are left out.
 * observed, expected [groups]: events in each group, and as many as they were if all groups were alike;
 * both may be NULL. MODPROP_NO_MEMORY. */
enum modprop_status modprop_survival_log_rank(struct modprop_survival_test *test, size_t groups,
                                              size_t count, const double *time,
                                              const bool *censored, const uint32_t *group,
                                              double *observed, double *expected,
                                              struct modprop_error *err);

#endif
