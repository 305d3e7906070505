/*
 * Kaplan-Meier and log-rank against lifelines and statsmodels (tests/data/statistics/make.py).
 */
#include "close_to.h"

#include "analyze/survival.h"

#include "data/statistics/log_rank_expected.h"
#include "data/statistics/survival_expected.h"

static void make_curve(struct modprop_survival *curve, size_t count, const double *time,
                       const bool *censored)
{
    struct modprop_error err = {0};
    assert_int_equal(
        modprop_survival_curve(curve, count, time, censored, MODPROP_INTERVAL_LEVEL, &err),
        MODPROP_OK);
}

static void the_curve_is_lifelines(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES(survival_expected); k++) {
        struct modprop_survival curve;
        make_curve(&curve, survival_expected[k].count, survival_expected[k].time,
                   survival_expected[k].censored);
        assert_int_equal(curve.runs, survival_expected[k].count);
        assert_int_equal(curve.steps, survival_expected[k].steps);
        double events = 0;
        for (size_t j = 0; j < curve.steps; j++) {
            const struct modprop_survival_step *step = &curve.step[j];
            close_to("time", k, step->time, survival_expected[k].at[j], 0);
            close_to("runs at risk", k, (double)step->at_risk, survival_expected[k].at_risk[j], 0);
            close_to("events", k, (double)step->events, survival_expected[k].events[j], 0);
            close_to("survival", k, step->survival, survival_expected[k].survival[j], SAME_FORMULA);
            close_to("variance", k, step->variance, survival_expected[k].variance[j], SAME_FORMULA);
            close_to("low", k, step->low, survival_expected[k].low[j], SAME_FORMULA);
            close_to("high", k, step->high, survival_expected[k].high[j], SAME_FORMULA);
            events += (double)step->events;
        }
        assert_true((double)curve.events == events);
        modprop_survival_clear(&curve);
    }
}

static void the_median_is_where_curve_and_band_cross_one_half(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES(survival_expected); k++) {
        struct modprop_survival curve;
        make_curve(&curve, survival_expected[k].count, survival_expected[k].time,
                   survival_expected[k].censored);
        close_to("median", k, curve.median, survival_expected[k].median, 0);
        close_to("low", k, curve.median_interval.low, survival_expected[k].median_low, 0);
        close_to("high", k, curve.median_interval.high, survival_expected[k].median_high, 0);
        modprop_survival_clear(&curve);
    }
}

/* Without censoring the curve of n runs is (n - k) / n: with ten, one half at the fifth whatever the
 * product's rounding. */
static void rounding_does_not_move_the_median(void **state)
{
    (void)state;
    for (size_t count = 2; count <= 60; count += 2) {
        double time[60];
        bool censored[60] = {false};
        struct modprop_survival curve;
        for (size_t k = 0; k < count; k++)
            time[k] = (double)(k + 1);
        make_curve(&curve, count, time, censored);
        if (curve.median != (double)(count / 2))
            fail_msg("median of 1..%zu: %g", count, curve.median);
        modprop_survival_clear(&curve);
    }
}

static void no_run_makes_an_empty_curve(void **state)
{
    (void)state;
    const double missing[2] = {NAN, NAN};
    const bool censored[2] = {false, true};
    for (size_t count = 0; count <= 2; count += 2) {
        struct modprop_survival curve;
        make_curve(&curve, count, missing, censored);
        assert_true(curve.runs == 0 && curve.steps == 0 && curve.events == 0);
        assert_int_equal(curve.missing, count);
        assert_true(isnan(curve.median) && isnan(curve.median_interval.low));
        modprop_survival_clear(&curve);
    }
}

static void run_log_rank(struct modprop_survival_test *test, size_t groups, size_t count,
                         const double *time, const bool *censored, const uint32_t *group,
                         double *observed, double *expected)
{
    struct modprop_error err = {0};
    assert_int_equal(modprop_survival_log_rank(test, groups, count, time, censored, group, observed,
                                               expected, &err),
                     MODPROP_OK);
}

static void the_log_rank_test_is_lifelines(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES(log_rank_expected); k++) {
        const size_t groups = log_rank_expected[k].groups, count = log_rank_expected[k].count;
        struct modprop_survival_test test;
        double observed[4], expected[4], sum[2] = {0};
        run_log_rank(&test, groups, count, log_rank_expected[k].time, log_rank_expected[k].censored,
                     log_rank_expected[k].group, observed, expected);
        close_to("chi-square", k, test.chi_square, log_rank_expected[k].chi_square, SAME_FORMULA);
        close_to("p", k, test.p, log_rank_expected[k].p, SAME_FORMULA);
        assert_int_equal(test.degrees, groups - 1);
        for (size_t g = 0; g < groups; g++) {
            sum[0] += observed[g];
            sum[1] += expected[g];
        }
        close_to("all events", k, sum[0], sum[1], SAME_FORMULA);
    }
}

static void groups_may_be_in_any_order(void **state)
{
    (void)state;
    struct modprop_survival_test test, turned;
    uint32_t group[CASES(log_rank_expected[0].group)];
    const size_t k = CASES(log_rank_expected) - 1, count = log_rank_expected[k].count;
    for (size_t j = 0; j < count; j++)
        group[j] = 3 - log_rank_expected[k].group[j];
    run_log_rank(&test, 4, count, log_rank_expected[k].time, log_rank_expected[k].censored,
                 log_rank_expected[k].group, NULL, NULL);
    run_log_rank(&turned, 4, count, log_rank_expected[k].time, log_rank_expected[k].censored, group,
                 NULL, NULL);
    close_to("chi-square", 0, turned.chi_square, test.chi_square, SAME_FORMULA);
}

static void what_is_not_chosen_or_not_there_is_left_out(void **state)
{
    (void)state;
    const double time[7] = {1, 2, 3, 4, 0.5, NAN, 2};
    const bool censored[7] = {false};
    const uint32_t group[7] = {0, 0, 2, 2, UINT32_MAX, 0, 7};
    struct modprop_survival_test test, two;
    const uint32_t first[4] = {0, 0, 1, 1};
    run_log_rank(&test, 4, 7, time, censored, group, NULL, NULL); /* groups 1 and 3 are empty */
    run_log_rank(&two, 2, 4, time, censored, first, NULL, NULL);
    assert_int_equal(test.degrees, 1);
    close_to("chi-square", 0, test.chi_square, two.chi_square, 1e-15);
    close_to("p", 0, test.p, two.p, 1e-15);
}

static void nothing_to_compare_has_no_p(void **state)
{
    (void)state;
    const double time[3] = {1, 2, 3};
    const bool none[3] = {false}, all[3] = {true, true, true};
    const uint32_t one[3] = {0}, both[3] = {0, 1, 1};
    struct modprop_survival_test test;
    run_log_rank(&test, 1, 3, time, none, one, NULL, NULL);
    assert_true(test.degrees == 0 && isnan(test.p));
    run_log_rank(&test, 2, 3, time, all, both, NULL, NULL);
    assert_true(test.degrees == 0 && isnan(test.p));
    run_log_rank(&test, 2, 0, time, all, both, NULL, NULL);
    assert_true(test.degrees == 0 && isnan(test.p));
    run_log_rank(&test, 0, 3, time, none, both, NULL, NULL);
    assert_true(test.degrees == 0 && isnan(test.p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_curve_is_lifelines),
        cmocka_unit_test(the_median_is_where_curve_and_band_cross_one_half),
        cmocka_unit_test(rounding_does_not_move_the_median),
        cmocka_unit_test(no_run_makes_an_empty_curve),
        cmocka_unit_test(the_log_rank_test_is_lifelines),
        cmocka_unit_test(groups_may_be_in_any_order),
        cmocka_unit_test(what_is_not_chosen_or_not_there_is_left_out),
        cmocka_unit_test(nothing_to_compare_has_no_p),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
