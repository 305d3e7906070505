/*
 * Smoothing, the published recipe, and the halves of the seeds, against NumPy and pandas
 * (tests/data/statistics/make.py); bands by hand.
 */
#include "close_to.h"

#include "analyze/curve.h"
#include "analyze/recipe.h"
#include "analyze/split.h"

#include "data/statistics/recipe_expected.h"
#include "data/statistics/smooth_expected.h"
#include "data/statistics/split_expected.h"

/* ------------------------------------------------------------------ curve.h */

static void the_moving_mean_is_pandas(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES(smooth_expected); k++) {
        double smooth[CASES(smooth_expected[0].value)];
        modprop_curve_smooth(smooth, smooth_expected[k].value, smooth_expected[k].count,
                             smooth_expected[k].window);
        for (size_t j = 0; j < smooth_expected[k].count; j++)
            close_to("smooth", k, smooth[j], smooth_expected[k].smooth[j], SAME_FORMULA);
    }
}

/* Six runs; the last one diverged after its first evaluation. */
static const double runs[6][3] = {{1, 2, 3}, {2, 3, NAN}, {3, 4, 5}, {4, 5, 6}, {5, 6, 7}, {6}};
static const double *const run[6] = {runs[0], runs[1], runs[2], runs[3], runs[4], runs[5]};
static const size_t length[6] = {3, 3, 3, 3, 3, 1};

static void make_bands(struct modprop_curve_bands *bands, const double *after,
                       enum modprop_curve_band band)
{
    struct modprop_error err = {0};
    assert_int_equal(modprop_curve_bands_make(bands, 3, 6, run, length, after, band, &err),
                     MODPROP_OK);
}

static void assert_band(const struct modprop_curve_bands *bands, size_t point, size_t count,
                        double center, double low, double high)
{
    assert_int_equal(bands->count[point], count);
    close_to("center", point, bands->center[point], center, 1e-14);
    close_to("low", point, bands->low[point], low, 1e-14);
    close_to("high", point, bands->high[point], high, 1e-14);
}

static void every_band_is_what_its_name_says(void **state)
{
    (void)state;
    struct modprop_curve_bands bands;
    make_bands(&bands, NULL, MODPROP_CURVE_QUARTILES);
    assert_band(&bands, 0, 6, 3.5, 2.25, 4.75);
    assert_band(&bands, 1, 5, 4, 3, 5);
    assert_band(&bands, 2, 4, 5.5, 4.5, 6.25);
    modprop_curve_bands_clear(&bands);
    make_bands(&bands, NULL, MODPROP_CURVE_MINMAX);
    assert_band(&bands, 0, 6, 3.5, 1, 6);
    assert_band(&bands, 2, 4, 5.5, 3, 7);
    modprop_curve_bands_clear(&bands);
    make_bands(&bands, NULL, MODPROP_CURVE_DEVIATION);
    assert_band(&bands, 0, 6, 3.5, 3.5 - sqrt(3.5), 3.5 + sqrt(3.5));
    assert_band(&bands, 1, 5, 4, 4 - sqrt(2.5), 4 + sqrt(2.5));
    modprop_curve_bands_clear(&bands);
    make_bands(&bands, NULL, MODPROP_CURVE_INTERVAL);
    assert_band(&bands, 1, 5, 4, 2, 6); /* five values: all of them */
    modprop_curve_bands_clear(&bands);
    make_bands(&bands, NULL, MODPROP_CURVE_BOOTSTRAP);
    assert_band(&bands, 1, 5, 4, 2, 6); /* of all resamples 5.8 % have the smallest as median */
    modprop_curve_bands_clear(&bands);
}

static void a_diverged_run_may_count_as_worse_than_all(void **state)
{
    (void)state;
    const double after[6] = {NAN, NAN, NAN, NAN, NAN, INFINITY};
    struct modprop_curve_bands bands;
    make_bands(&bands, after, MODPROP_CURVE_QUARTILES);
    assert_band(&bands, 0, 6, 3.5, 2.25, 4.75);
    assert_band(&bands, 1, 6, 4.5, 3.25, 5.75);
    assert_band(&bands, 2, 5, 6, 5, 7);
    modprop_curve_bands_clear(&bands);
    make_bands(&bands, after, MODPROP_CURVE_MINMAX);
    assert_band(&bands, 1, 6, 4.5, 2, INFINITY);
    modprop_curve_bands_clear(&bands);
    make_bands(&bands, after, MODPROP_CURVE_DEVIATION); /* has no infinite values */
    assert_band(&bands, 1, 5, 4, 4 - sqrt(2.5), 4 + sqrt(2.5));
    modprop_curve_bands_clear(&bands);
}

static void no_run_has_no_band(void **state)
{
    (void)state;
    struct modprop_curve_bands bands;
    struct modprop_error err = {0};
    for (size_t band = 0; modprop_curve_band_name(band); band++) {
        assert_int_equal(modprop_curve_bands_make(&bands, 2, 0, NULL, NULL, NULL,
                                                  (enum modprop_curve_band)band, &err),
                         MODPROP_OK);
        assert_band(&bands, 1, 0, NAN, NAN, NAN);
        modprop_curve_bands_clear(&bands);
    }
    assert_string_equal(modprop_curve_band_name(MODPROP_CURVE_DEVIATION), "sd");
    assert_null(modprop_curve_band_name(MODPROP_CURVE_MINMAX + 1));
}

/* ------------------------------------------------------------------ recipe.h */

static void make_recipe(struct modprop_recipe *recipe, size_t count, size_t evaluations,
                        const double *const *value)
{
    struct modprop_error err = {0};
    assert_int_equal(modprop_recipe_make(recipe, count, evaluations, value, &err), MODPROP_OK);
}

static void the_recipe_is_the_published_one(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES(recipe_expected); k++) {
        const double *value[7];
        struct modprop_recipe recipe;
        for (size_t j = 0; j < 7; j++)
            value[j] = recipe_expected[k].loss[j];
        make_recipe(&recipe, recipe_expected[k].runs, recipe_expected[k].evaluations, value);
        assert_int_equal(recipe.points, recipe_expected[k].evaluations - 14);
        assert_int_equal(recipe.worst, recipe_expected[k].worst);
        close_to("best", k, recipe.best == MODPROP_RECIPE_NONE ? NAN : (double)recipe.best,
                 recipe_expected[k].best, 0);
        assert_int_equal(recipe.runs,
                         recipe_expected[k].runs > 2 ? recipe_expected[k].runs - 2 : 0);
        for (size_t j = 0; j < recipe.points; j++) {
            close_to("mean", k, recipe.mean[j], recipe_expected[k].mean[j], SAME_FORMULA);
            close_to("deviation", k, recipe.deviation[j], recipe_expected[k].deviation[j],
                     SAME_FORMULA);
        }
        close_to("last", k, recipe.last, recipe_expected[k].last, SAME_FORMULA);
        modprop_recipe_clear(&recipe);
    }
}

/* `count` runs of 16 evaluations: run k has the loss k throughout. */
static void level_runs(double loss[][16], const double **value, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        for (size_t j = 0; j < 16; j++)
            loss[k][j] = (double)k;
        value[k] = loss[k];
    }
}

static void incomplete_runs_are_the_worst(void **state)
{
    (void)state;
    double loss[5][16];
    const double *value[5];
    struct modprop_recipe recipe;
    level_runs(loss, value, 5);
    loss[1][15] = NAN;
    loss[2][0] = INFINITY;
    make_recipe(&recipe, 5, 16, value);
    assert_int_equal(recipe.incomplete, 2);
    assert_int_equal(recipe.worst, MODPROP_RECIPE_NONE);
    assert_int_equal(recipe.best, 0);
    assert_int_equal(recipe.runs, 2);
    close_to("mean", 0, recipe.mean[1], 3.5, 1e-15);
    modprop_recipe_clear(&recipe);
}

static void of_equal_runs_the_first_are_left_out(void **state)
{
    (void)state;
    double loss[3][16];
    const double *value[3];
    struct modprop_recipe recipe;
    level_runs(loss, value, 1);
    value[1] = value[2] = value[0];
    make_recipe(&recipe, 3, 16, value);
    assert_true(recipe.worst == 0 && recipe.best == 1 && recipe.runs == 1);
    modprop_recipe_clear(&recipe);
}

static void short_or_no_runs_have_no_recipe(void **state)
{
    (void)state;
    double loss[3][16];
    const double *value[3];
    struct modprop_recipe recipe;
    level_runs(loss, value, 3);
    make_recipe(&recipe, 3, 14, value);
    assert_true(recipe.points == 0 && isnan(recipe.last));
    modprop_recipe_clear(&recipe);
    make_recipe(&recipe, 0, 16, value);
    assert_true(recipe.points == 2 && recipe.runs == 0 && isnan(recipe.mean[0]));
    assert_true(isnan(recipe.last) && recipe.worst == MODPROP_RECIPE_NONE);
    modprop_recipe_clear(&recipe);
    make_recipe(&recipe, 3, 15, value);
    assert_true(recipe.points == 1 && recipe.mean[0] == 1 && isnan(recipe.deviation[0]));
    modprop_recipe_clear(&recipe);
}

static void the_better_learning_rate_is_lower_at_the_end(void **state)
{
    (void)state;
    const struct modprop_recipe recipes[4] = {
        {.last = NAN}, {.last = 0.4}, {.last = 0.2}, {.last = 0.2}};
    assert_int_equal(modprop_recipe_better(recipes, 4), 2);
    assert_int_equal(modprop_recipe_better(recipes, 1), MODPROP_RECIPE_NONE);
    assert_int_equal(modprop_recipe_better(recipes, 0), MODPROP_RECIPE_NONE);
}

/* ------------------------------------------------------------------ split.h */

static struct modprop_split split_of(size_t levels, size_t seeds, const double *value, bool higher)
{
    struct modprop_split split;
    struct modprop_error err = {0};
    assert_int_equal(modprop_split_best(&split, levels, seeds, value, higher, &err), MODPROP_OK);
    return split;
}

static double level_of(const struct modprop_split_way *way)
{
    return way->level == MODPROP_SPLIT_NONE ? NAN : (double)way->level;
}

static void the_halves_are_pandas(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES(split_expected); k++) {
        const struct modprop_split split = split_of(
            split_expected[k].levels, split_expected[k].seeds, split_expected[k].value,
            split_expected[k].higher);
        const struct modprop_split_way *const way[3] = {&split.way[0], &split.way[1], &split.all};
        for (size_t w = 0; w < 3; w++) {
            close_to("level", k, level_of(way[w]), split_expected[k].level[w], 0);
            close_to("chosen on", k, way[w]->chosen_on, split_expected[k].chosen_on[w],
                     SAME_FORMULA);
        }
        for (size_t w = 0; w < 2; w++)
            close_to("reported on the other half", k, way[w]->reported,
                     split_expected[k].reported_on[w], SAME_FORMULA);
        close_to("reported", k, split.reported, split_expected[k].reported, SAME_FORMULA);
        assert_int_equal(split.reported_count, split_expected[k].count);
        close_to("optimism", k, split.optimism, split_expected[k].optimism, SAME_FORMULA);
    }
}

/* Level 0 is lucky on seeds 0, 2, 4, level 1 on 1, 3; level 2 is good on all. */
static const double lucky[3][5] = {
    {0.1, 0.9, 0.1, 0.8, 0.1}, {0.7, 0.2, 0.8, 0.1, 0.9}, {0.3, 0.3, 0.4, 0.4, 0.2}};

static void luck_on_one_half_is_not_reported(void **state)
{
    (void)state;
    const struct modprop_split split = split_of(3, 5, *lucky, false);
    assert_int_equal(split.way[0].level, 0);
    close_to("chosen on", 0, split.way[0].chosen_on, 0.1, 1e-15);
    close_to("reported", 0, split.way[0].reported, 0.85, 1e-15);
    assert_true(split.way[0].chosen_count == 3 && split.way[0].reported_count == 2);
    assert_int_equal(split.way[1].level, 1);
    close_to("chosen on", 1, split.way[1].chosen_on, 0.15, 1e-15);
    close_to("reported", 1, split.way[1].reported, 0.8, 1e-15);
    assert_int_equal(split.all.level, 0); /* median 0.1: the lucky one on more seeds */
    close_to("in-sample", 0, split.all.reported, 0.1, 1e-15);
    /* Level 1 on 0, 2, 4, level 0 on 1, 3: 0.7, 0.9, 0.8, 0.8, 0.9. */
    close_to("out of sample", 0, split.reported, 0.8, 1e-15);
    close_to("optimism", 0, split.optimism, 0.7, 1e-15);
    assert_int_equal(split.reported_count, 5);
}

static void higher_is_better_turns_everything_round(void **state)
{
    (void)state;
    double mirrored[3][5];
    for (size_t k = 0; k < 15; k++)
        mirrored[k / 5][k % 5] = 1 - lucky[k / 5][k % 5];
    const struct modprop_split low = split_of(3, 5, *lucky, false);
    const struct modprop_split high = split_of(3, 5, *mirrored, true);
    for (size_t half = 0; half < 2; half++) {
        assert_int_equal(high.way[half].level, low.way[half].level);
        close_to("reported", half, high.way[half].reported, 1 - low.way[half].reported, 1e-15);
    }
    assert_int_equal(high.all.level, low.all.level);
    close_to("optimism", 0, high.optimism, low.optimism, 1e-15);
}

static void a_level_that_diverges_is_not_chosen_for_its_survivors(void **state)
{
    (void)state;
    const double value[2][4] = {{INFINITY, INFINITY, 0.01, INFINITY}, {0.3, 0.3, 0.3, 0.3}};
    const struct modprop_split split = split_of(2, 4, *value, false);
    assert_true(split.way[0].level == 1 && split.way[1].level == 1 && split.all.level == 1);
    assert_true(split.optimism == 0);
}

static void without_values_there_is_no_best(void **state)
{
    (void)state;
    const double one[2] = {NAN, 0.5}, none[2] = {NAN, NAN};
    struct modprop_split split = split_of(2, 1, one, false);
    assert_int_equal(split.way[0].level, 1);
    assert_int_equal(split.way[1].level, MODPROP_SPLIT_NONE);
    assert_true(isnan(split.way[0].reported) && isnan(split.reported) && isnan(split.optimism));
    assert_true(split.reported_count == 0 && split.all.reported == 0.5);
    split = split_of(1, 2, none, false);
    assert_true(split.all.level == MODPROP_SPLIT_NONE && isnan(split.all.reported));
    split = split_of(0, 0, none, true);
    assert_true(split.all.level == MODPROP_SPLIT_NONE && split.reported_count == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_moving_mean_is_pandas),
        cmocka_unit_test(every_band_is_what_its_name_says),
        cmocka_unit_test(a_diverged_run_may_count_as_worse_than_all),
        cmocka_unit_test(no_run_has_no_band),
        cmocka_unit_test(the_recipe_is_the_published_one),
        cmocka_unit_test(incomplete_runs_are_the_worst),
        cmocka_unit_test(of_equal_runs_the_first_are_left_out),
        cmocka_unit_test(short_or_no_runs_have_no_recipe),
        cmocka_unit_test(the_better_learning_rate_is_lower_at_the_end),
        cmocka_unit_test(the_halves_are_pandas),
        cmocka_unit_test(luck_on_one_half_is_not_reported),
        cmocka_unit_test(higher_is_better_turns_everything_round),
        cmocka_unit_test(a_level_that_diverges_is_not_chosen_for_its_survivors),
        cmocka_unit_test(without_values_there_is_no_best),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
