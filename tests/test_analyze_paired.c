/*
 * Differences by seed, the signed-rank test, Holm's correction, against SciPy and
 * statsmodels (tests/data/statistics/make.py).
 */
#include "close_to.h"

#include "analyze/paired.h"

#include "data/statistics/holm_expected.h"
#include "data/statistics/signed_rank_expected.h"

/* ------------------------------------------------------------------ pairs */

static void runs_are_paired_by_their_seeds(void **state)
{
    (void)state;
    const double seed[6] = {1, 2, 3, 5, 7, 8}, value[6] = {0.5, 0.75, 1, NAN, 2, 0.25};
    const double base_seed[5] = {2, 3, 4, 5, 7}, base_value[5] = {0.5, 3, 9, 1, NAN};
    double difference[5];
    const struct modprop_paired_match match = modprop_paired_differences(difference, 6, seed, value,
                                                                         5, base_seed, base_value);
    assert_int_equal(match.pairs, 2);
    assert_true(difference[0] == 0.25 && difference[1] == -2);
    assert_int_equal(match.missing, 2); /* 5 and 7 */
    assert_int_equal(match.alone, 3);   /* 1, 8; 4 */
    assert_int_equal(match.repeated, 0);
}

static void a_seed_that_is_there_twice_makes_no_pair(void **state)
{
    (void)state;
    const double seed[4] = {1, 1, 2, 3}, value[4] = {1, 2, 3, 4};
    const double base_seed[4] = {1, 2, 3, 3}, base_value[4] = {0, 1, 0, 0};
    double difference[4];
    const struct modprop_paired_match match = modprop_paired_differences(difference, 4, seed, value,
                                                                         4, base_seed, base_value);
    assert_int_equal(match.pairs, 1);
    assert_true(difference[0] == 2);
    assert_int_equal(match.repeated, 2);
    assert_int_equal(match.alone + match.missing, 0);
}

static void nothing_pairs_with_nothing(void **state)
{
    (void)state;
    const double seed[2] = {1, 2}, value[2] = {1, 2};
    double difference[2];
    struct modprop_paired_match match = modprop_paired_differences(difference, 0, NULL, NULL, 2,
                                                                   seed, value);
    assert_true(match.pairs == 0 && match.alone == 2);
    match = modprop_paired_differences(difference, 2, seed, value, 0, NULL, NULL);
    assert_true(match.pairs == 0 && match.alone == 2);
    match = modprop_paired_differences(difference, 0, NULL, NULL, 0, NULL, NULL);
    assert_true(match.pairs == 0 && match.alone == 0);
}

static void rounding_is_no_difference_and_two_diverged_runs_are_equal(void **state)
{
    (void)state;
    const double seed[4] = {1, 2, 3, 4}, value[4] = {0.1 + 0.2, INFINITY, INFINITY, 0.5};
    const double base[4] = {0.3, INFINITY, 0.5, INFINITY};
    double difference[4];
    const struct modprop_paired_match match = modprop_paired_differences(difference, 4, seed, value,
                                                                         4, seed, base);
    assert_int_equal(match.pairs, 4);
    assert_true(value[0] != base[0]);
    assert_true(difference[0] == 0 && difference[1] == 0);
    assert_true(difference[2] == INFINITY && difference[3] == -INFINITY);
}

/* ------------------------------------------------------------------ signed-rank test */

static void the_signed_rank_test_is_scipys(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES(signed_rank_expected); k++) {
        double difference[CASES(signed_rank_expected[0].difference)];
        const size_t count = signed_rank_expected[k].count;
        memcpy(difference, signed_rank_expected[k].difference, sizeof difference);
        const struct modprop_paired_test rank = modprop_paired_signed_rank(difference, count);
        close_to("signed-rank statistic", k, rank.statistic, signed_rank_expected[k].statistic, 0);
        close_to("signed-rank p", k, rank.p, signed_rank_expected[k].p, SAME_FORMULA);
        assert_true(rank.exact == (count <= MODPROP_PAIRED_EXACT));
        assert_int_equal(rank.pairs, count);
        assert_int_equal(rank.negative + rank.zero + rank.positive, count);
    }
}

/* The least p of n differences is 2 / 2^n, met when all have one sign: below 0.05 from six on. */
static void fewer_than_six_pairs_cannot_be_significant(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 7; count++) {
        double difference[7] = {3, 1, 4, 1.5, 9, 2.6, 5};
        const struct modprop_paired_test rank = modprop_paired_signed_rank(difference, count);
        assert_true(rank.smallest_p == ldexp(1, 1 - (int)count));
        close_to("signed-rank p", count, rank.p, rank.smallest_p, 1e-15);
        assert_true((rank.p < 0.05) == (count >= 6));
    }
    double with_zeros[7] = {0, 3, 0, 1, 4, 2, 5};
    assert_true(modprop_paired_signed_rank(with_zeros, 7).smallest_p == 0.0625);
}

static void no_difference_is_no_evidence(void **state)
{
    (void)state;
    double zero[3] = {0, 0, 0}, missing[2] = {NAN, NAN};
    struct modprop_paired_test test = modprop_paired_signed_rank(zero, 3);
    assert_true(test.p == 1 && test.smallest_p == 1 && test.pairs == 3 && test.zero == 3);
    test = modprop_paired_signed_rank(missing, 2);
    assert_true(isnan(test.p) && test.pairs == 0);
}

/* Tied: ranks 1.5, 1.5, 3, so R+ = 4.5 of {0, 1.5, 1.5, 3, 3, 4.5, 4.5, 6}. */
static void sizes_that_differ_by_rounding_are_tied(void **state)
{
    (void)state;
    double difference[4] = {0.9 - 0.8, 0.7 - 0.8, 0.5, NAN}, apart[3] = {0.1, -0.1000001, 0.5};
    assert_true(difference[0] != -difference[1]);
    const struct modprop_paired_test test = modprop_paired_signed_rank(difference, 4);
    assert_true(test.statistic == 4.5 && test.p == 0.75 && test.pairs == 3);
    assert_true(modprop_paired_signed_rank(apart, 3).statistic == 4);
}

static void a_diverged_run_is_the_largest_difference(void **state)
{
    (void)state;
    double difference[5] = {-1, INFINITY, 2, INFINITY, -INFINITY};
    const struct modprop_paired_test test = modprop_paired_signed_rank(difference, 5);
    assert_true(test.statistic == 2 + 4 + 4); /* ranks 1, 2, 4, 4, 4 */
    assert_int_equal(test.positive, 3);
}

/* The same differences, and one that is zero: it changes all ranks from k to k + 1 and takes the test
 * beyond the border. At p of about 0.02 the normal approximation of 100 ranks is good to some per cent. */
static void the_approximation_takes_over_smoothly(void **state)
{
    (void)state;
    double most[MODPROP_PAIRED_EXACT], more[MODPROP_PAIRED_EXACT + 1] = {0};
    for (size_t k = 0; k < MODPROP_PAIRED_EXACT; k++)
        most[k] = more[k + 1] = (k % 8 < 5 ? 1 : -1) * (double)(k + 1);
    const struct modprop_paired_test exact = modprop_paired_signed_rank(most, CASES(most));
    const struct modprop_paired_test normal = modprop_paired_signed_rank(more, CASES(more));
    assert_true(exact.exact && !normal.exact);
    close_to("log p", 0, log(normal.p), log(exact.p), 0.03);
    assert_true(exact.p < 0.05 && exact.p > 0.01);
}

/* ------------------------------------------------------------------ Holm */

static void corrected_values_are_statsmodels(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES(holm_expected); k++) {
        double adjusted[CASES(holm_expected[0].p)];
        const size_t count = holm_expected[k].count;
        assert_int_equal(modprop_paired_holm(adjusted, holm_expected[k].p, count), count);
        for (size_t j = 0; j < count; j++)
            close_to("adjusted p", k, adjusted[j], holm_expected[k].adjusted[j], SAME_FORMULA);
    }
}

static void what_was_not_tested_does_not_count(void **state)
{
    (void)state;
    const double p[4] = {NAN, 0.01, NAN, 0.03};
    double adjusted[4];
    assert_int_equal(modprop_paired_holm(adjusted, p, 4), 2);
    assert_true(isnan(adjusted[0]) && isnan(adjusted[2]));
    close_to("adjusted p", 1, adjusted[1], 0.02, 1e-15);
    close_to("adjusted p", 3, adjusted[3], 0.03, 1e-15);
    assert_int_equal(modprop_paired_holm(adjusted, p, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_paired_by_their_seeds),
        cmocka_unit_test(a_seed_that_is_there_twice_makes_no_pair),
        cmocka_unit_test(nothing_pairs_with_nothing),
        cmocka_unit_test(rounding_is_no_difference_and_two_diverged_runs_are_equal),
        cmocka_unit_test(the_signed_rank_test_is_scipys),
        cmocka_unit_test(fewer_than_six_pairs_cannot_be_significant),
        cmocka_unit_test(no_difference_is_no_evidence),
        cmocka_unit_test(sizes_that_differ_by_rounding_are_tied),
        cmocka_unit_test(a_diverged_run_is_the_largest_difference),
        cmocka_unit_test(the_approximation_takes_over_smoothly),
        cmocka_unit_test(corrected_values_are_statsmodels),
        cmocka_unit_test(what_was_not_tested_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
