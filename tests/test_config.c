/*
 * Configurations: which combinations are refused, with which advice, and what follows from the
 * others.
 */
#include <math.h>
#include <string.h>

#include "small_run.h"

#include "engine/registry.h"

static void refused(const struct modprop_config *config, const char *what, const char *advice)
{
    struct modprop_error err = {0};
    struct modprop_run *run = (struct modprop_run *)&err; /* anything but NULL */
    assert_int_equal(modprop_config_check(config, &err), MODPROP_INVALID);
    assert_int_equal(err.code, MODPROP_INVALID);
    if (!strstr(err.message, what) || !strstr(err.message, advice))
        fail_msg("\"%s\" lacks \"%s\" or \"%s\"", err.message, what, advice);
    assert_int_equal(modprop_run_create(&run, config, NULL), MODPROP_INVALID);
    assert_null(run);
}

static void accepted(const struct modprop_config *config)
{
    struct modprop_error err = {0};
    if (modprop_config_check(config, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    assert_int_equal(err.code, MODPROP_OK);
}

static void fields_set_past_the_text_are_checked_too(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    accepted(&config);
    config.n = 1;
    refused(&config, "n = 1", "minimum 2");
    config = small_config();
    config.mu = NAN;
    refused(&config, "mu", "finite");
    config = small_config();
    config.batch = -4;
    refused(&config, "batch", "minimum 1");
    config = small_config();
    config.cue_ms = -1;
    refused(&config, "cue_ms", "minimum 1");
    config = small_config();
    config.tau_ms = 0;
    refused(&config, "tau_ms", "above 0");
}

static void indices_past_the_tables_are_refused(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.rule = 1000;
    refused(&config, "rule", "modprop_config_set");
    config = small_config();
    config.task = 1000;
    refused(&config, "task", "modprop_config_set");
    config = small_config();
    config.units = -1;
    refused(&config, "units", "modprop_config_set");
    config = small_config();
    config.feedback = 2;
    refused(&config, "feedback", "modprop_config_set");
}

static void a_network_without_inhibition_is_refused(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.proportion_excitatory = 1;
    refused(&config, "no inhibitory unit", "smaller proportion");
    config.proportion_excitatory = 0.97; /* floor(29.1) + 1 = 30 of 30 */
    refused(&config, "n = 30", "larger n");
    config.proportion_excitatory = 0.96; /* floor(28.8) + 1 = 29 */
    accepted(&config);
    config.proportion_excitatory = 0; /* one excitatory unit */
    accepted(&config);
}

static void types_need_units_of_both_signs(void **state)
{
    (void)state;
    struct modprop_config config = small_config(); /* 25 excitatory, 5 inhibitory */
    config.feedback = MODPROP_FEEDBACK_TYPE;
    config.types_per_sign = 6;
    refused(&config, "types_per_sign = 6", "take at most 5");
    config.types_per_sign = 5;
    accepted(&config);
    config.proportion_excitatory = 0.1; /* 4 excitatory */
    refused(&config, "26 inhibitory, 4 excitatory", "take at most 4");
    config.types_per_sign = 4;
    accepted(&config);
}

static void types_that_are_not_read_do_not_matter(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.types_per_sign = 1000;
    accepted(&config);
    config.feedback = MODPROP_FEEDBACK_TYPE;
    small_set(&config, "rule", "bptt");
    accepted(&config);
    small_set(&config, "rule", "mdgl");
    refused(&config, "types_per_sign", "take at most");
}

static void the_loss_fits_into_the_trial(void **state)
{
    (void)state;
    struct modprop_config config = small_config(); /* 60 steps */
    config.loss_steps = 61;
    refused(&config, "loss_steps = 61", "60 steps");
    config.loss_steps = 60;
    accepted(&config);
}

static void iterations_end_with_an_evaluation(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.iterations = 50;
    refused(&config, "evaluate_every = 20", "take 60");
    config.iterations = 60;
    accepted(&config);
    config.evaluate_every = 100;
    refused(&config, "evaluate_every = 100", "take 100");
    config.evaluate_every = 60;
    accepted(&config);
}

/* 2 * tile * (n + 2) * n^2 values; a tile has eight trials at most, however many the batch has. */
static void a_large_influence_matrix_is_refused(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    small_set(&config, "rule", "rtrl");
    refused(&config, "112 MB", "rule = bptt"); /* the published network */
    config.n = 62;                             /* 15.7 MB */
    accepted(&config);
    config.batch = 1000000;
    accepted(&config);
    config.batch = 8;
    config.n = 63;
    refused(&config, "16.5 MB", "smaller n");
    refused(&config, "n = 63 and batch = 8", "smaller n");
    config.batch = 7;
    accepted(&config);
    config.n = 100000;
    config.batch = 1000000; /* overflows the count */
    refused(&config, "rtrl", "smaller n");
}

static void a_rule_with_one_method_takes_it_whatever_the_path_says(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    for (int path = 0; path < 3; path++) {
        config.path = path;
        small_set(&config, "rule", "bptt");
        assert_int_equal(modprop_config_path(&config), MODPROP_PATH_OFFLINE);
        small_set(&config, "rule", "rtrl");
        assert_int_equal(modprop_config_path(&config), MODPROP_PATH_ONLINE);
    }
}

static void a_path_that_is_asked_for_is_taken(void **state)
{
    (void)state;
    static const char *const rules[] = {"modprop", "eprop"};
    for (size_t k = 0; k < 2; k++) {
        struct modprop_config config = small_config();
        small_set(&config, "rule", rules[k]);
        small_set(&config, "path", "online");
        assert_int_equal(modprop_config_path(&config), MODPROP_PATH_ONLINE);
        small_set(&config, "path", "offline");
        assert_int_equal(modprop_config_path(&config), MODPROP_PATH_OFFLINE);
    }
    assert_string_equal(modprop_path_name(MODPROP_PATH_AUTO), "auto");
    assert_string_equal(modprop_path_name(MODPROP_PATH_ONLINE), "online");
    assert_string_equal(modprop_path_name(MODPROP_PATH_OFFLINE), "offline");
}

/* A loss at the last step costs the online form one product a tap and trial; a loss at every step
 * costs it one a tap and step, where going back costs one a step. */
static void auto_goes_online_for_a_last_step_loss_and_back_for_a_loss_everywhere(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    assert_int_equal(config.path, MODPROP_PATH_AUTO);
    assert_int_equal(modprop_config_path(&config), MODPROP_PATH_ONLINE);
    config.loss_steps = 900;
    assert_int_equal(modprop_config_path(&config), MODPROP_PATH_OFFLINE);
}

static void sizes_follow_from_task_and_network(void **state)
{
    (void)state;
    const struct modprop_config config = small_config();
    size_t n_in = 0, n_out = 0;
    modprop_config_shape(&config, &n_in, &n_out);
    assert_int_equal(n_in, 2);
    assert_int_equal(n_out, 2);
    assert_int_equal(modprop_config_weights(&config), 2 * 30 + 30 * 30 + 30 * 2 + 2);
}

static void evaluations_are_counted_with_the_one_before_training(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    assert_int_equal(modprop_config_evaluations(&config), 151);
    config.evaluate_every = 3000;
    assert_int_equal(modprop_config_evaluations(&config), 2);
}

static void the_blas_has_a_name(void **state)
{
    (void)state;
    assert_non_null(strstr(modprop_blas_name(), "OpenBLAS 0."));
    assert_non_null(strstr(modprop_blas_name(), ", core "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_set_past_the_text_are_checked_too),
        cmocka_unit_test(indices_past_the_tables_are_refused),
        cmocka_unit_test(a_network_without_inhibition_is_refused),
        cmocka_unit_test(types_need_units_of_both_signs),
        cmocka_unit_test(types_that_are_not_read_do_not_matter),
        cmocka_unit_test(the_loss_fits_into_the_trial),
        cmocka_unit_test(iterations_end_with_an_evaluation),
        cmocka_unit_test(a_large_influence_matrix_is_refused),
        cmocka_unit_test(a_rule_with_one_method_takes_it_whatever_the_path_says),
        cmocka_unit_test(a_path_that_is_asked_for_is_taken),
        cmocka_unit_test(auto_goes_online_for_a_last_step_loss_and_back_for_a_loss_everywhere),
        cmocka_unit_test(sizes_follow_from_task_and_network),
        cmocka_unit_test(evaluations_are_counted_with_the_one_before_training),
        cmocka_unit_test(the_blas_has_a_name),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
