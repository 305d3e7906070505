/*
 * The log-rank test's chi-square is an approximation. Per cent of false alarms at p < 0.05 among 40,000
 * pairs of like groups (standard error 0.11) when all runs meet the criterion, and when half of them do, as
 * tests/data/statistics/coverage.py tells:
 *     runs per group    5          7          10         20         30
 *                       7.2 6.2    7.0 5.4    6.4 5.4    5.8 5.1    5.6 4.9
 */
#include "analyze/survival.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "engine/error.h"
#include "engine/memory.h"

struct observation {
    double time;
    bool censored;
    uint32_t group;
};

static int by_time(const void *a, const void *b)
{
    const struct observation *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

/* The observations that take part, by time; group NULL: all in group 0. NULL if refused. */
static struct observation *sorted_observations(size_t count, const double *time,
                                               const bool *censored, const uint32_t *group,
                                               size_t groups, size_t *taken)
{
    struct observation *all = calloc(count + 1, sizeof *all);
    *taken = 0;
    if (!all)
        return NULL;
    for (size_t k = 0; k < count; k++) {
        const uint32_t in = group ? group[k] : 0;
        if (!isnan(time[k]) && in < groups)
            all[(*taken)++] = (struct observation){time[k], censored[k], in};
    }
    qsort(all, *taken, sizeof *all, by_time);
    return all;
}

/* Number of observations from `at` on with the same time. */
static size_t at_once(const struct observation *all, size_t count, size_t at)
{
    size_t end = at + 1;
    while (end < count && all[end].time == all[at].time)
        end++;
    return end - at;
}

/* ------------------------------------------------------------------ Kaplan-Meier */

/*
 * S falls at each time by the share of the runs at risk (n) that have their event (d) there:
 *     S = prod (1 - d / n),   Var S = S^2 V,   V = sum d / (n (n - d))   (Greenwood)
 *     interval: S^exp(+-z s),   s = sqrt(V) / |log S|                    (log-log)
 */
static void make_steps(struct modprop_survival *curve, const struct observation *all, double z)
{
    double survival = 1, sum = 0;
    size_t at_risk = curve->runs;
    for (size_t at = 0, here; at < curve->runs; at += here) {
        struct modprop_survival_step *step = &curve->step[curve->steps++];
        here = at_once(all, curve->runs, at);
        *step = (struct modprop_survival_step){.time = all[at].time, .at_risk = at_risk};
        for (size_t k = at; k < at + here; k++)
            step->censored += all[k].censored;
        step->events = here - step->censored;
        const double n = (double)at_risk, d = (double)step->events;
        survival *= (n - d) / n;
        sum += d > 0 ? d / (n * (n - d)) : 0;
        const double s = sqrt(sum) / fabs(log(survival));
        const bool inside = survival > 0 && survival < 1;
        step->survival = survival;
        step->variance = survival > 0 ? survival * survival * sum : NAN;
        step->low = inside ? pow(survival, exp(z * s)) : NAN;
        step->high = inside ? pow(survival, exp(-z * s)) : NAN;
        curve->events += step->events;
        at_risk -= here;
    }
}

/* Where the curve and its band come down to one half; not for rounding alone they miss it. */
static void find_median(struct modprop_survival *curve, double level)
{
    const double half = 0.5 + 1e-12;
    curve->median = NAN;
    curve->median_interval = (struct modprop_interval){NAN, INFINITY, level};
    struct modprop_interval *interval = &curve->median_interval;
    for (size_t k = curve->steps; k-- > 0;) { /* backwards: the first time is what remains */
        const struct modprop_survival_step *step = &curve->step[k];
        if (step->survival <= half)
            curve->median = step->time;
        if (step->low <= half)
            interval->low = step->time;
        if (step->high <= half)
            interval->high = step->time;
    }
}

enum modprop_status modprop_survival_curve(struct modprop_survival *curve, size_t count,
                                           const double *time, const bool *censored, double level,
                                           struct modprop_error *err)
{
    *curve = (struct modprop_survival){0};
    struct observation *all = sorted_observations(count, time, censored, NULL, 1, &curve->runs);
    if (all) {
        curve->missing = count - curve->runs;
        curve->step = calloc(curve->runs + 1, sizeof *curve->step);
    }
    if (!curve->step) {
        free(all);
        return modprop_memory_error("the times to the criterion", count * sizeof *all, err);
    }
    make_steps(curve, all, gsl_cdf_ugaussian_Pinv(0.5 + level / 2));
    find_median(curve, level);
    free(all);
    return MODPROP_OK;
}

void modprop_survival_clear(struct modprop_survival *curve)
{
    free(curve->step);
    *curve = (struct modprop_survival){0};
}

/* ------------------------------------------------------------------ log-rank */

/* Sums over the times with an event, per group g (and h):
 *     expected[g] = sum d n[g] / n
 *     covariance[g][h] = sum d (n - d) / (n - 1) n[g] / n ((g == h) - n[h] / n)
 * with d events and n runs at risk, n[g] of them in group g. */
struct tally {
    size_t groups;
    double *observed, *expected, *at_risk; /* [groups] */
    double *covariance;                    /* [groups][groups] */
};

static void add_time(struct tally *tally, double n, double d)
{
    const size_t groups = tally->groups;
    const double scale = n > 1 ? d * (n - d) / (n - 1) : 0;
    for (size_t g = 0; g < groups; g++) {
        const double share = tally->at_risk[g] / n;
        if (share <= 0)
            continue;
        tally->expected[g] += d * share;
        tally->covariance[g * groups + g] += scale * share;
        for (size_t h = 0; h < groups; h++)
            tally->covariance[g * groups + h] -= scale * share * tally->at_risk[h] / n;
    }
}

static void add_all(struct tally *tally, const struct observation *all, size_t count)
{
    for (size_t k = 0; k < count; k++)
        tally->at_risk[all[k].group]++;
    for (size_t at = 0, here; at < count; at += here) {
        double events = 0;
        here = at_once(all, count, at);
        for (size_t k = at; k < at + here; k++) {
            events += !all[k].censored;
            tally->observed[all[k].group] += !all[k].censored;
        }
        if (events > 0)
            add_time(tally, (double)(count - at), events);
        for (size_t k = at; k < at + here; k++)
            tally->at_risk[all[k].group]--;
    }
}

/*
 * chi^2 = z' V^- z with z = observed - expected and V their covariance, by eliminating one group after
 * the other. V is singular: its rows sum to 0, and groups that were never at risk together make more of
 * that. A group whose remaining variance is nothing but rounding says nothing new; the others are the
 * degrees of freedom. at_risk is used for z.
 */
static void eliminate(struct modprop_survival_test *test, struct tally *tally)
{
    const size_t groups = tally->groups;
    double *z = tally->at_risk, *v = tally->covariance, largest = 0;
    for (size_t g = 0; g < groups; g++) {
        z[g] = tally->observed[g] - tally->expected[g];
        largest = fmax(largest, v[g * groups + g]);
    }
    for (size_t g = 0; g < groups; g++) {
        const double pivot = v[g * groups + g];
        if (!(pivot > 1e-10 * largest))
            continue;
        test->chi_square += z[g] * z[g] / pivot;
        test->degrees++;
        for (size_t h = g + 1; h < groups; h++) {
            const double factor = v[h * groups + g] / pivot;
            z[h] -= factor * z[g];
            for (size_t k = g + 1; k < groups; k++)
                v[h * groups + k] -= factor * v[g * groups + k];
        }
    }
}

enum modprop_status modprop_survival_log_rank(struct modprop_survival_test *test, size_t groups,
                                              size_t count, const double *time,
                                              const bool *censored, const uint32_t *group,
                                              double *observed, double *expected,
                                              struct modprop_error *err)
{
    *test = (struct modprop_survival_test){.p = NAN};
    const size_t numbers = modprop_memory_product(groups, groups + 3);
    size_t taken = 0;
    double *block = calloc(numbers < SIZE_MAX ? numbers + 1 : SIZE_MAX, sizeof *block);
    struct observation *all = block ? sorted_observations(count, time, censored, group, groups,
                                                          &taken)
                                    : NULL;
    if (!all) {
        free(block);
        return modprop_memory_error("the log-rank test", count * sizeof *all, err);
    }
    struct tally tally = {groups, block, block + groups, block + 2 * groups, block + 3 * groups};
    add_all(&tally, all, taken);
    for (size_t g = 0; g < groups; g++) {
        if (observed)
            observed[g] = tally.observed[g];
        if (expected)
            expected[g] = tally.expected[g];
    }
    eliminate(test, &tally);
    if (test->degrees > 0)
        test->p = gsl_cdf_chisq_Q(test->chi_square, (double)test->degrees);
    free(all);
    free(block);
    return MODPROP_OK;
}
