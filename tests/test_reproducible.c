/*
 * What a run's bits depend on: its configuration, and nothing else.
 */
#include <string.h>

#include "small_training.h"

static void the_same_configuration_gives_the_same_bits(void **state)
{
    (void)state;
    for (size_t k = 0; k < WAYS; k++) {
        const struct modprop_config config = way(k);
        struct modprop_record first = train(&config), second = train(&config);
        assert_true(same_weights(&config, &first, &second));
        for (size_t e = 0; e < first.evaluations; e++)
            first.evaluation[e].elapsed_s = second.evaluation[e].elapsed_s = 0;
        assert_memory_equal(first.evaluation, second.evaluation,
                            first.evaluations * sizeof *first.evaluation);
        release(&first);
        release(&second);
    }
}

static void different_seeds_give_different_runs(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    struct modprop_record first = train(&config);
    config.seed = 2;
    struct modprop_record second = train(&config);
    size_t equal = 0;
    for (size_t k = 0; k < 1022; k++)
        equal += first.weights[k] == second.weights[k] && first.weights[k] != 0;
    assert_true(equal < 30); /* newborn connections are all 1e-12 */
    assert_true(first.evaluation[0].loss != second.evaluation[0].loss);
    release(&first);
    release(&second);
}

static void evaluations_do_not_change_the_course(void **state)
{
    (void)state;
    for (size_t k = 0; k < WAYS; k++) {
        struct modprop_config config = way(k);
        config.evaluate_every = 20;
        struct modprop_record seldom = train(&config);
        config.evaluate_every = 1;
        struct modprop_record often = train(&config);
        assert_int_equal(often.evaluations, 21);
        assert_true(same_weights(&config, &seldom, &often));
        assert_true(often.evaluation[20].loss == seldom.evaluation[1].loss);
        release(&seldom);
        release(&often);
    }
}

static void an_evaluation_repeated_is_the_same(void **state)
{
    (void)state;
    const struct modprop_config config = small_config();
    struct modprop_run *run = create(&config);
    train_steps(run, 3);
    struct modprop_evaluation first, second;
    assert_int_equal(modprop_run_evaluate(run, &first, NULL), MODPROP_OK);
    assert_int_equal(modprop_run_evaluate(run, &second, NULL), MODPROP_OK);
    assert_int_equal(modprop_run_iteration(run), 3);
    assert_true(second.gradient_norm == 0);
    second.gradient_norm = first.gradient_norm;
    second.elapsed_s = first.elapsed_s;
    assert_memory_equal(&first, &second, sizeof first);
    modprop_run_free(run);
}

static void what_is_not_read_has_no_influence(void **state)
{
    (void)state;
    for (size_t k = 0; k < WAYS; k++) {
        const struct modprop_config config = way(k);
        bool read[256];
        modprop_config_reads(&config, read);
        struct modprop_record plain = train(&config);
        for (size_t p = 0; p < modprop_parameter_count(); p++) {
            if (read[p])
                continue;
            struct modprop_config other = config;
            const struct modprop_parameter *row = modprop_parameter_at(p);
            const double now = modprop_parameter_value(p, &config);
            if (row->kind == MODPROP_TEXT_VALUE)
                small_set(&other, row->name, "another");
            else
                modprop_parameter_assign(
                    p, &other, row->kind == MODPROP_NAME_VALUE ? 1 - now : row->maximum);
            struct modprop_record same = train(&other);
            if (!same_weights(&config, &plain, &same))
                fail_msg("rule %s does not read %s, and yet it matters", ways[k].rule, row->name);
            release(&same);
        }
        release(&plain);
    }
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_configuration_gives_the_same_bits),
        cmocka_unit_test(different_seeds_give_different_runs),
        cmocka_unit_test(evaluations_do_not_change_the_course),
        cmocka_unit_test(an_evaluation_repeated_is_the_same),
        cmocka_unit_test(what_is_not_read_has_no_influence),
    };
    return cmocka_run_group_tests_name("reproducible", tests, NULL, NULL);
}
