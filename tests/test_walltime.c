/*
 * When a sweep has to be over: times as users and SLURM give them.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "schedule/walltime.h"

static void times_are_read_as_they_are_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } good[] = {{"1", 1},
                {"5400", 5400},
                {"1:30:00", 5400},
                {"0:00:01", 1},
                {"100:00:00", 360000},
                {"1-12:00:00", 129600},
                {"0-00:59:59", 3599},
                {"999999999", 999999999}};
    for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
        double seconds = -1;
        struct modprop_error err = {0};
        if (modprop_walltime_parse(good[k].text, &seconds, &err) != MODPROP_OK)
            fail_msg("%s", err.message);
        if (seconds != good[k].seconds)
            fail_msg("%s is read as %g seconds", good[k].text, seconds);
    }
}

static void other_texts_are_refused_and_named(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "0",
                                      "0:00:00",
                                      "-5",
                                      "+5",
                                      " 5",
                                      "5 ",
                                      "5s",
                                      "1.5",
                                      "1e3",
                                      "0x10",
                                      "nan",
                                      "inf",
                                      "1:30",
                                      "1:60:00",
                                      "1:00:60",
                                      "1:00:00:00",
                                      "1-24:00:00",
                                      "1-2",
                                      "1-2:00",
                                      ":1:00",
                                      "1::00",
                                      "1:00:",
                                      "2000000000",
                                      "1e999",
                                      "99999999999999999999999",
                                      "20000-00:00:00",
                                      "1-1-1:00:00",
                                      "1:-1:00"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        double seconds = -1;
        struct modprop_error err = {0};
        if (modprop_walltime_parse(bad[k], &seconds, &err) != MODPROP_INVALID)
            fail_msg("\"%s\" is read as %g seconds", bad[k], seconds);
        assert_true(seconds == -1);
        assert_non_null(strstr(err.message, "--walltime"));
        assert_non_null(strstr(err.message, bad[k]));
    }
}

static void the_margin_is_a_tenth_and_half_a_minute_at_most(void **state)
{
    (void)state;
    assert_true(fabs(modprop_walltime_margin(20) - 2) < 1e-12);
    assert_true(modprop_walltime_margin(300) == 30);
    assert_true(modprop_walltime_margin(1e6) == 30);
}

/* What of SLURM's two variables is set, and where programs are found; none is. */
static double left_of(const char *job, const char *end)
{
    assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
    assert_int_equal(job ? setenv("SLURM_JOB_ID", job, 1) : unsetenv("SLURM_JOB_ID"), 0);
    assert_int_equal(end ? setenv("SLURM_JOB_END_TIME", end, 1) : unsetenv("SLURM_JOB_END_TIME"),
                     0);
    return modprop_walltime_allocation();
}

static void the_allocation_is_that_of_slurms_variables(void **state)
{
    (void)state;
    char soon[32], past[32];
    snprintf(soon, sizeof soon, "%lld", (long long)time(NULL) + 600);
    snprintf(past, sizeof past, "%lld", (long long)time(NULL) - 600);
    const double left_s = left_of("7", soon);
    assert_true(left_s > 590 && left_s <= 601);
    assert_true(left_of("7", past) == 0);
    assert_true(isnan(left_of(NULL, soon)));
    assert_true(isnan(left_of("", soon)));
    assert_true(isnan(left_of("7", NULL)));
    assert_true(isnan(left_of("7", "Unknown")));
    assert_true(isnan(left_of("7", "12:00")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_as_they_are_written),
        cmocka_unit_test(other_texts_are_refused_and_named),
        cmocka_unit_test(the_margin_is_a_tenth_and_half_a_minute_at_most),
        cmocka_unit_test(the_allocation_is_that_of_slurms_variables),
    };
    return cmocka_run_group_tests_name("walltime", tests, NULL, NULL);
}
