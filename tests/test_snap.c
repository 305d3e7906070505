/*
 * snap1 and snap2 on sparse networks; that they are the published approximation is shown by --check.
 */
#include <math.h>

#include "small_training.h"

static struct modprop_config config_of(const char *rule)
{
    struct modprop_config config = small_config();
    small_set(&config, "rule", rule);
    small_set(&config, "structure", "random");
    config.n = 20;
    config.batch = 4;
    config.connectivity = 0.2;
    return config;
}

/* The gradient of the first iteration, with respect to theta. */
static void first_gradient(const char *rule, modprop_real gradient[20 * 22])
{
    const struct modprop_config config = config_of(rule);
    struct modprop_run *run = create(&config);
    train_steps(run, 1);
    memcpy(gradient, run->gradient.W_rec, 20 * 22 * sizeof *gradient);
    modprop_run_free(run);
}

static double distance(const modprop_real *a, const modprop_real *b)
{
    double sum = 0;
    for (size_t k = 0; k < 20 * 22; k++)
        sum += ((double)a[k] - (double)b[k]) * ((double)a[k] - (double)b[k]);
    return sqrt(sum);
}

static void more_steps_come_nearer_to_the_exact_gradient(void **state)
{
    (void)state;
    modprop_real exact[20 * 22], one[20 * 22], two[20 * 22], none[20 * 22] = {0};
    first_gradient("rtrl", exact);
    first_gradient("snap1", one);
    first_gradient("snap2", two);
    assert_true(distance(two, exact) > 1e-3 * distance(exact, none));
    assert_true(distance(two, exact) < 0.8 * distance(one, exact));
}

/* What is kept is made anew from the connections of each iteration, in the room for as many. */
static void training_goes_on_while_connections_move(void **state)
{
    (void)state;
    static const char *const units[] = {"relu", "alif"};
    for (size_t u = 0; u < 2; u++) {
        struct modprop_config config = config_of("snap2");
        struct modprop_evaluation now;
        small_set(&config, "units", units[u]);
        config.n_adaptive = 10;
        config.l1 = 2;
        struct modprop_run *run = create(&config);
        train_steps(run, 20);
        assert_int_equal(modprop_run_evaluate(run, &now, NULL), MODPROP_OK);
        assert_true(isfinite(now.loss));
        modprop_run_free(run);
    }
}

static void what_is_too_large_is_refused_with_what_would_do(void **state)
{
    (void)state;
    struct modprop_error err = {0};
    struct modprop_config config;
    modprop_config_init(&config);
    small_set(&config, "rule", "snap2");
    assert_int_equal(modprop_config_check(&config, &err), MODPROP_INVALID);
    assert_non_null(strstr(err.message, "smaller connectivity"));
    small_set(&config, "structure", "random");
    config.connectivity = 0.1;
    assert_int_equal(modprop_config_check(&config, NULL), MODPROP_OK);
    small_set(&config, "structure", "full");
    small_set(&config, "rule", "snap1"); /* keeps no more than the units */
    assert_int_equal(modprop_config_check(&config, NULL), MODPROP_OK);
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_steps_come_nearer_to_the_exact_gradient),
        cmocka_unit_test(training_goes_on_while_connections_move),
        cmocka_unit_test(what_is_too_large_is_refused_with_what_would_do),
    };
    return cmocka_run_group_tests_name("snap", tests, NULL, NULL);
}
