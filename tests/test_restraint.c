/*
 * What keeps recurrent weights small: a bound on their spectral radius, homeostasis, a learning rate of
 * their own.
 */
#include <math.h>

#include "small_training.h"

/* Weights that grow fast. */
static struct modprop_config growing(void)
{
    struct modprop_config config = small_config();
    config.learning_rate = 0.03;
    return config;
}

static double radius_of(struct modprop_run *run)
{
    struct modprop_evaluation now;
    assert_int_equal(modprop_run_evaluate(run, &now, NULL), MODPROP_OK);
    return now.spectral_radius;
}

static void assert_same_weights(const struct modprop_run *a, const struct modprop_run *b)
{
    assert_memory_equal(a->network->theta.W_rec, b->network->theta.W_rec,
                        a->network->theta.count * sizeof(modprop_real));
}

/* ------------------------------------------------------------------ spectral radius */

/* The scaled weights are rounded, each by up to 6e-8 of itself. */
static void the_radius_stays_within_its_bound(void **state)
{
    (void)state;
    struct modprop_config config = growing();
    struct modprop_run *free_run = create(&config);
    config.radius_bound = 1.1;
    struct modprop_run *bound = create(&config);
    double largest = 0;
    for (int k = 0; k < 20; k++) {
        train_steps(bound, 1);
        train_steps(free_run, 1);
        assert_true(radius_of(bound) <= 1.1 * (1 + 1e-5));
        largest = fmax(largest, radius_of(free_run));
    }
    assert_true(largest > 1.2);
    modprop_run_free(free_run);
    modprop_run_free(bound);
}

static void a_bound_that_is_not_reached_changes_no_bit(void **state)
{
    (void)state;
    struct modprop_config config = growing();
    struct modprop_run *free_run = create(&config);
    config.radius_bound = 1000;
    struct modprop_run *bound = create(&config);
    train_steps(free_run, 5);
    train_steps(bound, 5);
    assert_same_weights(free_run, bound);
    modprop_run_free(free_run);
    modprop_run_free(bound);
}

/* One factor for all of W_rec, none for the other weights. */
static void exceeding_weights_are_scaled_together(void **state)
{
    (void)state;
    struct modprop_config config = growing();
    struct modprop_run *free_run = create(&config);
    config.radius_bound = 0.5; /* half of the initial radius */
    struct modprop_run *bound = create(&config);
    const struct modprop_weights *a = &free_run->network->theta, *b = &bound->network->theta;
    train_steps(free_run, 1);
    train_steps(bound, 1);
    const double factor = 0.5 / radius_of(free_run);
    for (size_t k = 0; k < 900; k++)
        assert_true(fabs((double)b->W_rec[k] - factor * (double)a->W_rec[k]) <=
                    1e-5 * (double)b->W_rec[k]);
    assert_memory_equal(a->W_in, b->W_in, (a->count - 900) * sizeof(modprop_real));
    for (size_t k = 0; k < 900; k++) /* what the network computes with follows */
        assert_true(fabs((double)bound->network->w.W_rec[k]) == (double)b->W_rec[k]);
    modprop_run_free(free_run);
    modprop_run_free(bound);
}

/* ------------------------------------------------------------------ homeostasis */

static double onto(const struct modprop_run *run, size_t post)
{
    double sum = 0;
    for (size_t pre = 0; pre < 30; pre++)
        sum += (double)run->network->theta.W_rec[pre * 30 + post];
    return sum;
}

/* Roundings of 30 scaled entries: 2e-6 of their sum. */
static void full_homeostasis_keeps_each_units_sum(void **state)
{
    (void)state;
    struct modprop_config config = growing();
    config.homeostasis = 1;
    struct modprop_run *run = create(&config);
    double first[30];
    for (size_t post = 0; post < 30; post++)
        first[post] = onto(run, post);
    for (int k = 0; k < 10; k++) {
        train_steps(run, 1);
        for (size_t post = 0; post < 30; post++)
            assert_true(fabs(onto(run, post) / first[post] - 1) < 2e-6);
    }
    modprop_run_free(run);
}

/* After one step s becomes sqrt(s(0) s), and the entries onto a unit keep their proportions. */
static void half_homeostasis_goes_half_the_way_by_ratio(void **state)
{
    (void)state;
    struct modprop_config config = growing();
    struct modprop_run *free_run = create(&config);
    config.homeostasis = 0.5;
    struct modprop_run *run = create(&config);
    double first[30], moved = 0;
    for (size_t post = 0; post < 30; post++)
        first[post] = onto(run, post);
    train_steps(free_run, 1);
    train_steps(run, 1);
    for (size_t post = 0; post < 30; post++) {
        const double before = onto(free_run, post), factor = sqrt(first[post] / before);
        assert_true(fabs(onto(run, post) / (before * factor) - 1) < 2e-6);
        for (size_t k = post; k < 900; k += 30)
            assert_true(fabs((double)run->network->theta.W_rec[k] -
                             factor * (double)free_run->network->theta.W_rec[k]) <=
                        1e-6 * factor * (double)free_run->network->theta.W_rec[k]);
        moved = fmax(moved, fabs(factor - 1));
    }
    assert_true(moved > 0.01);
    modprop_run_free(free_run);
    modprop_run_free(run);
}

static void nothing_is_held_back_by_default(void **state)
{
    (void)state;
    const struct modprop_config config = small_config();
    struct modprop_run *run = create(&config);
    assert_true(config.homeostasis == 0 && config.radius_bound == 0);
    assert_true(config.learning_rate_rec == 1);
    assert_null(run->restraint.target);
    assert_int_equal(modprop_restraint_bytes(&config), 0);
    modprop_run_free(run);
}

/* ------------------------------------------------------------------ learning rate of W_rec */

/* Its L1 pressure too. */
static void without_a_learning_rate_recurrent_weights_stay(void **state)
{
    (void)state;
    struct modprop_config config = growing();
    config.learning_rate_rec = 0;
    struct modprop_run *run = create(&config), *start = create(&config);
    train_steps(run, 5);
    assert_memory_equal(run->network->theta.W_rec, start->network->theta.W_rec,
                        900 * sizeof(modprop_real));
    assert_memory_not_equal(run->network->theta.W_in, start->network->theta.W_in,
                            60 * sizeof(modprop_real));
    modprop_run_free(run);
    modprop_run_free(start);
}

/* The first step of both starts from the same gradient: displacements of about 0.015, of weights up to
 * about 1 that are rounded by 6e-8. */
static void a_smaller_learning_rate_scales_the_step_of_recurrent_weights_alone(void **state)
{
    (void)state;
    struct modprop_config config = growing();
    struct modprop_run *start = create(&config), *whole = create(&config);
    config.learning_rate_rec = 0.5;
    struct modprop_run *half = create(&config);
    train_steps(whole, 1);
    train_steps(half, 1);
    const struct modprop_weights *a = &whole->network->theta, *b = &half->network->theta;
    size_t compared = 0;
    for (size_t k = 0; k < 900; k++) {
        const double from = (double)start->network->theta.W_rec[k];
        if (a->W_rec[k] < (modprop_real)1e-9 || b->W_rec[k] < (modprop_real)1e-9)
            continue; /* fell to zero, and was born again perhaps */
        assert_true(fabs(((double)b->W_rec[k] - from) - ((double)a->W_rec[k] - from) / 2) < 3e-7);
        compared++;
    }
    assert_true(compared > 500);
    assert_memory_equal(a->W_in, b->W_in, 60 * sizeof(modprop_real));
    modprop_run_free(start);
    modprop_run_free(whole);
    modprop_run_free(half);
}

/* ------------------------------------------------------------------ a cost of activity */

static void a_cost_of_activity_lowers_the_rates_of_rate_units(void **state)
{
    (void)state;
    static const char *const units[] = {"relu", "adaptive"};
    for (size_t u = 0; u < 2; u++) {
        double rates[2], first = 0;
        for (int k = 0; k < 2; k++) {
            struct modprop_config config = growing();
            struct modprop_evaluation now;
            small_set(&config, "units", units[u]);
            config.n_adaptive = 10;
            config.activity_cost = k ? 30 : 0;
            struct modprop_run *run = create(&config);
            assert_int_equal(run->rates != NULL, k);
            assert_int_equal(modprop_run_evaluate(run, &now, NULL), MODPROP_OK);
            first = now.mean_rate;
            train_steps(run, 30);
            assert_int_equal(modprop_run_evaluate(run, &now, NULL), MODPROP_OK);
            rates[k] = now.mean_rate;
            modprop_run_free(run);
        }
        assert_true(rates[1] < 0.7 * rates[0] && rates[1] < first);
    }
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_radius_stays_within_its_bound),
        cmocka_unit_test(a_bound_that_is_not_reached_changes_no_bit),
        cmocka_unit_test(exceeding_weights_are_scaled_together),
        cmocka_unit_test(full_homeostasis_keeps_each_units_sum),
        cmocka_unit_test(half_homeostasis_goes_half_the_way_by_ratio),
        cmocka_unit_test(nothing_is_held_back_by_default),
        cmocka_unit_test(without_a_learning_rate_recurrent_weights_stay),
        cmocka_unit_test(a_smaller_learning_rate_scales_the_step_of_recurrent_weights_alone),
        cmocka_unit_test(a_cost_of_activity_lowers_the_rates_of_rate_units),
    };
    return cmocka_run_group_tests_name("restraint", tests, NULL, NULL);
}
