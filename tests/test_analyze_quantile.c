/*
 * Quantiles, intervals of a median and of a share, and the bootstrap, against NumPy, SciPy and
 * enumeration (tests/data/statistics/make.py).
 */
#include "close_to.h"

#include "analyze/bootstrap.h"
#include "analyze/quantile.h"
#include "engine/random.h"

#include "data/statistics/bootstrap_median_expected.h"
#include "data/statistics/median_interval_expected.h"
#include "data/statistics/quantile_expected.h"
#include "data/statistics/share_interval_expected.h"

/* ------------------------------------------------------------------ quantile.h */

static void a_summary_is_what_numpy_says(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES(quantile_expected); k++) {
        double value[CASES(quantile_expected[0].value)];
        struct modprop_quantile_summary summary;
        memcpy(value, quantile_expected[k].value, sizeof value);
        modprop_quantile_summarise(&summary, value, quantile_expected[k].count);
        assert_int_equal(summary.count, quantile_expected[k].known);
        assert_int_equal(summary.missing, quantile_expected[k].count - quantile_expected[k].known);
        close_to("minimum", k, summary.minimum, quantile_expected[k].minimum, 0);
        close_to("maximum", k, summary.maximum, quantile_expected[k].maximum, 0);
        close_to("lower", k, summary.lower, quantile_expected[k].lower, SAME_FORMULA);
        close_to("median", k, summary.median, quantile_expected[k].median, SAME_FORMULA);
        close_to("upper", k, summary.upper, quantile_expected[k].upper, SAME_FORMULA);
        close_to("mean", k, summary.mean, quantile_expected[k].mean, SAME_FORMULA);
        close_to("deviation", k, summary.deviation, quantile_expected[k].deviation, SAME_FORMULA);
        close_to("0.9 quantile", k, modprop_quantile(value, summary.count, 0.9),
                 quantile_expected[k].tenth, SAME_FORMULA);
    }
}

static void no_value_has_no_summary(void **state)
{
    (void)state;
    double missing[2] = {NAN, NAN};
    for (size_t count = 0; count <= 2; count += 2) {
        struct modprop_quantile_summary summary;
        modprop_quantile_summarise(&summary, missing, count);
        assert_int_equal(summary.count, 0);
        assert_int_equal(summary.missing, count);
        assert_true(isnan(summary.minimum) && isnan(summary.median) && isnan(summary.upper));
        assert_true(isnan(summary.mean) && isnan(summary.deviation));
    }
}

static void sorting_puts_missing_values_last(void **state)
{
    (void)state;
    double value[6] = {NAN, 2, INFINITY, NAN, -INFINITY, 1};
    assert_int_equal(modprop_quantile_sort(value, 6), 4);
    const double sorted[4] = {-INFINITY, 1, 2, INFINITY};
    for (size_t k = 0; k < 4; k++)
        assert_true(value[k] == sorted[k]);
    assert_true(isnan(value[4]) && isnan(value[5]));
}

/* A diverged run is worse than all others, and a median does not care by how much. */
static void infinite_values_take_part(void **state)
{
    (void)state;
    struct modprop_quantile_summary summary;
    double one_of_five[5] = {INFINITY, 0.1, 0.2, 0.4, 0.3};
    modprop_quantile_summarise(&summary, one_of_five, 5);
    assert_true(summary.median == 0.3 && summary.lower == 0.2 && summary.upper == 0.4);
    assert_true(summary.maximum == INFINITY && summary.mean == INFINITY);
    assert_true(isnan(summary.deviation));
    double two_of_four[4] = {INFINITY, 0.1, INFINITY, 0.2};
    modprop_quantile_summarise(&summary, two_of_four, 4);
    assert_true(summary.median == INFINITY && summary.maximum == INFINITY);
    close_to("lower quartile", 0, summary.lower, 0.175, 1e-15);
    double worst_accuracy[3] = {-INFINITY, -INFINITY, 0.5};
    modprop_quantile_summarise(&summary, worst_accuracy, 3);
    assert_true(summary.median == -INFINITY && summary.mean == -INFINITY);
}

/* ------------------------------------------------------------------ interval.h */

static void the_medians_interval_is_hettmansperger_and_sheathers(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES(median_interval_expected); k++) {
        double value[CASES(median_interval_expected[0].value)];
        const size_t count = median_interval_expected[k].count;
        memcpy(value, median_interval_expected[k].value, sizeof value);
        modprop_quantile_sort(value, count);
        const struct modprop_interval interval = modprop_interval_median(
            value, count, median_interval_expected[k].level);
        close_to("low", k, interval.low, median_interval_expected[k].low, SAME_FORMULA);
        close_to("high", k, interval.high, median_interval_expected[k].high, SAME_FORMULA);
        close_to("level", k, interval.level, median_interval_expected[k].holds, SAME_FORMULA);
    }
}

static void too_few_values_lower_the_level_that_is_told(void **state)
{
    (void)state;
    const double value[7] = {1, 2, 3, 4, 5, 6, 7};
    for (size_t count = 0; count < 2; count++) {
        const struct modprop_interval none = modprop_interval_median(value, count, 0.95);
        assert_true(isnan(none.low) && isnan(none.high) && none.level == 0);
    }
    for (size_t count = 2; count < 6; count++) {
        const struct modprop_interval all = modprop_interval_median(value, count, 0.95);
        assert_true(all.low == 1 && all.high == value[count - 1]);
        close_to("level", count, all.level, 1 - ldexp(1, 1 - (int)count), 1e-15);
    }
    assert_true(modprop_interval_median(value, 6, 0.95).level == 0.95);
}

/* The order statistics cover with a known probability; the interpolation is good to about one per cent
 * (interval.c). Standard error of 20,000 samples: 0.0015. */
static void the_medians_interval_covers_as_often_as_it_says(void **state)
{
    (void)state;
    enum { SAMPLES = 20000, MOST = 15 };
    for (size_t count = 5; count <= MOST; count++) {
        size_t covered = 0;
        double level = 0;
        for (long sample = 0; sample < SAMPLES; sample++) {
            modprop_real normal[MOST];
            double value[MOST];
            modprop_random_normals(modprop_random_stream((long)count, MODPROP_STREAM_TASK, sample),
                                   0, count, normal);
            for (size_t k = 0; k < count; k++)
                value[k] = exp((double)normal[k]); /* lognormal: its median is 1 */
            modprop_quantile_sort(value, count);
            const struct modprop_interval interval = modprop_interval_median(value, count, 0.95);
            covered += interval.low <= 1 && 1 <= interval.high;
            level = interval.level;
        }
        const double share = (double)covered / SAMPLES;
        if (fabs(share - level) > 0.01 + 4 * 0.0015)
            fail_msg("%zu values: %g instead of %g", count, share, level);
    }
}

static void a_diverged_run_leaves_the_lower_end_finite(void **state)
{
    (void)state;
    const double value[8] = {1, 2, 3, 4, 5, 6, INFINITY, INFINITY};
    const struct modprop_interval interval = modprop_interval_median(value, 8, 0.95);
    assert_true(interval.low > 1 && interval.low < 2);
    assert_true(interval.high == INFINITY);
}

static void a_shares_interval_is_scipys(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES(share_interval_expected); k++) {
        const struct modprop_interval interval = modprop_interval_share(
            share_interval_expected[k].hits, share_interval_expected[k].count,
            share_interval_expected[k].level);
        close_to("low", k, interval.low, share_interval_expected[k].low, SAME_FORMULA);
        close_to("high", k, interval.high, share_interval_expected[k].high, SAME_FORMULA);
    }
    assert_true(isnan(modprop_interval_share(0, 0, 0.95).low));
    assert_true(modprop_interval_share(0, 5, 0.95).low == 0);
    assert_true(modprop_interval_share(5, 5, 0.95).high == 1);
}

/* ------------------------------------------------------------------ bootstrap.h */

static void the_median_is_bootstrapped_as_by_all_resamples(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES(bootstrap_median_expected); k++) {
        double value[CASES(bootstrap_median_expected[0].value)];
        const size_t count = bootstrap_median_expected[k].count;
        memcpy(value, bootstrap_median_expected[k].value, sizeof value);
        modprop_quantile_sort(value, count);
        const struct modprop_interval interval = modprop_bootstrap_median(
            value, count, bootstrap_median_expected[k].level);
        close_to("low", k, interval.low, bootstrap_median_expected[k].low, SAME_FORMULA);
        close_to("high", k, interval.high, bootstrap_median_expected[k].high, SAME_FORMULA);
    }
}

/* The probabilities are symmetric in the values' order, so the interval of the mirrored values is the
 * mirrored one, but that a percentile which two values share goes to the lower. */
static void many_values_are_bootstrapped_alike(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    static double value[COUNT];
    for (size_t k = 0; k < COUNT; k++)
        value[k] = (double)k - 0.5 * (COUNT - 1);
    const struct modprop_interval interval = modprop_bootstrap_median(value, COUNT, 0.95);
    /* The resampled median's standard deviation is sqrt(n) / 2 for values 1 apart. */
    close_to("low", 0, interval.low / (1.96 * 0.5 * sqrt(COUNT)), -1, 0.02);
    close_to("high", 0, interval.high / (1.96 * 0.5 * sqrt(COUNT)), 1, 0.02);
    assert_true(fabs(interval.low + interval.high) <= 0.5);
}

static void diverged_runs_take_part_in_the_bootstrap(void **state)
{
    (void)state;
    const double upper[5] = {1, 2, 3, INFINITY, INFINITY}, lower[4] = {-INFINITY, -INFINITY, 1, 2};
    const double all[3] = {INFINITY, INFINITY, INFINITY};
    struct modprop_interval interval = modprop_bootstrap_median(upper, 5, 0.95);
    assert_true(interval.low == 1 && interval.high == INFINITY);
    interval = modprop_bootstrap_median(lower, 4, 0.95);
    assert_true(interval.low == -INFINITY && interval.high == 2);
    interval = modprop_bootstrap_median(all, 3, 0.95);
    assert_true(interval.low == INFINITY && interval.high == INFINITY);
    assert_true(isnan(modprop_bootstrap_median(upper, 1, 0.95).low));
    assert_true(isnan(modprop_bootstrap_median(upper, 0, 0.95).low));
}

static void the_kind_that_is_asked_for_is_made(void **state)
{
    (void)state;
    const double value[7] = {1, 2, 3, 4, 5, 6, 7};
    const struct modprop_interval ranks = modprop_interval_of_median(MODPROP_INTERVAL_RANKS, value,
                                                                     7, 0.95);
    const struct modprop_interval bootstrap = modprop_interval_of_median(MODPROP_INTERVAL_BOOTSTRAP,
                                                                         value, 7, 0.95);
    assert_true(ranks.low == modprop_interval_median(value, 7, 0.95).low);
    assert_true(bootstrap.low == modprop_bootstrap_median(value, 7, 0.95).low);
    assert_true(ranks.low < bootstrap.low && bootstrap.high < ranks.high);
    assert_string_equal(modprop_interval_kind_name(MODPROP_INTERVAL_BOOTSTRAP), "bootstrap");
    assert_null(modprop_interval_kind_name(MODPROP_INTERVAL_BOOTSTRAP + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_summary_is_what_numpy_says),
        cmocka_unit_test(no_value_has_no_summary),
        cmocka_unit_test(sorting_puts_missing_values_last),
        cmocka_unit_test(infinite_values_take_part),
        cmocka_unit_test(the_medians_interval_is_hettmansperger_and_sheathers),
        cmocka_unit_test(too_few_values_lower_the_level_that_is_told),
        cmocka_unit_test(the_medians_interval_covers_as_often_as_it_says),
        cmocka_unit_test(a_diverged_run_leaves_the_lower_end_finite),
        cmocka_unit_test(a_shares_interval_is_scipys),
        cmocka_unit_test(the_median_is_bootstrapped_as_by_all_resamples),
        cmocka_unit_test(many_values_are_bootstrapped_alike),
        cmocka_unit_test(diverged_runs_take_part_in_the_bootstrap),
        cmocka_unit_test(the_kind_that_is_asked_for_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
