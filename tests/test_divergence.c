/*
 * Runs that blow up: noticed at once, recorded with their iteration, never as numbers.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "small_training.h"

#include "engine/registry.h"

/* Trains, and looks at what is recorded: numbers alone, and where the run diverged, if it did. */
static enum modprop_status trained(const struct modprop_config *config)
{
    struct modprop_error err = {0};
    struct modprop_record record = record_for(config);
    char when[64];
    const enum modprop_status status = modprop_train(config, NULL, NULL, &record, &err);
    assert_int_equal(err.code, status);
    if (status == MODPROP_DIVERGED) {
        assert_int_equal(record.diverged_at, record.iterations_done);
        assert_true(record.iterations_done < config->iterations);
        snprintf(when, sizeof when, "diverged at iteration %ld", record.diverged_at);
        if (!strstr(err.message, when))
            fail_msg("\"%s\" does not say \"%s\"", err.message, when);
    } else {
        assert_int_equal(record.diverged_at, -1);
        assert_int_equal(record.iterations_done, config->iterations);
    }
    for (size_t k = 0; k < record.evaluations; k++) {
        const struct modprop_evaluation *e = &record.evaluation[k];
        assert_true(isfinite(e->loss) && isfinite(e->loss_total) && isfinite(e->accuracy));
        assert_true(isfinite(e->mean_rate) && isfinite(e->largest_rate) &&
                    isfinite(e->active_fraction));
    }
    for (size_t k = 0; k < modprop_config_weights(config); k++)
        assert_true(isfinite(record.weights[k]));
    release(&record);
    return status;
}

static void blows_up(const struct modprop_config *config)
{
    const enum modprop_status status = trained(config);
    if (status != MODPROP_DIVERGED)
        fail_msg("%s, rate %g, seed %ld: status %d", modprop_rule_at((size_t)config->rule)->name,
                 config->learning_rate, config->seed, (int)status);
}

/* A network whose rates overflow must not pass for a silent one: rates of infinity make membranes
 * that are not numbers, and max(0, not a number) would be 0. */
static void a_huge_learning_rate_ends_in_divergence(void **state)
{
    (void)state;
    static const double rates[] = {30, 100, 300, 1000};
    for (size_t k = 0; k < WAYS; k++)
        for (size_t r = 0; r < 4; r++)
            for (long seed = 1; seed <= 2; seed++) {
                struct modprop_config config = way(k);
                config.evaluate_every = 1;
                config.learning_rate = rates[r];
                config.seed = seed;
                blows_up(&config);
            }
}

/* At 10 some runs blow up and some do not, by the trials they see. */
static void what_does_not_diverge_is_finite_throughout(void **state)
{
    (void)state;
    size_t diverged = 0, survived = 0;
    for (size_t k = 0; k < WAYS; k++)
        for (long seed = 1; seed <= 6; seed++) {
            struct modprop_config config = way(k);
            config.evaluate_every = 1;
            config.learning_rate = 10;
            config.iterations = 40;
            config.seed = seed;
            if (trained(&config) == MODPROP_DIVERGED)
                diverged++;
            else
                survived++;
        }
    assert_true(diverged > 0 && survived > 0);
}

static void a_huge_mu_ends_in_divergence(void **state)
{
    (void)state;
    static const char *const paths[] = {"online", "offline"};
    for (size_t k = 0; k < 2; k++) {
        struct modprop_config config = small_config();
        small_set(&config, "path", paths[k]);
        config.mu = 1000;
        blows_up(&config);
    }
}

static void a_diverged_step_leaves_the_weights(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    struct modprop_run *run = create(&config);
    train_steps(run, 2);
    modprop_real before[1022], after[1022];
    modprop_run_weights(run, before);
    run->gradient.W_in[7] = (modprop_real)INFINITY;
    assert_int_equal(modprop_run_update(run, NULL), MODPROP_DIVERGED);
    run->gradient.W_in[7] = (modprop_real)2e18; /* its square would not fit Adam's second moment */
    assert_int_equal(modprop_run_update(run, NULL), MODPROP_DIVERGED);
    run->gradient.W_in[7] = (modprop_real)NAN;
    assert_int_equal(modprop_run_update(run, NULL), MODPROP_DIVERGED);
    modprop_run_weights(run, after);
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(modprop_run_iteration(run), 2);
    modprop_run_free(run);
}

static void a_weight_that_is_not_a_number_is_noticed(void **state)
{
    (void)state;
    const struct modprop_config config = small_config();
    struct modprop_evaluation now;
    struct modprop_run *run = create(&config);
    run->network->theta.W_rec[40] = (modprop_real)NAN;
    modprop_network_refresh(run->network);
    assert_int_equal(modprop_run_evaluate(run, &now, NULL), MODPROP_DIVERGED);
    assert_int_equal(modprop_run_step(run, NULL), MODPROP_DIVERGED);
    modprop_run_free(run);
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_huge_learning_rate_ends_in_divergence),
        cmocka_unit_test(what_does_not_diverge_is_finite_throughout),
        cmocka_unit_test(a_huge_mu_ends_in_divergence),
        cmocka_unit_test(a_diverged_step_leaves_the_weights),
        cmocka_unit_test(a_weight_that_is_not_a_number_is_noticed),
    };
    return cmocka_run_group_tests_name("divergence", tests, NULL, NULL);
}
