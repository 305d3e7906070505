/*
 * mu where it is measured: its mean over iterations, its clamp, and what an evaluation tells of it.
 */
#include <math.h>
#include <string.h>

#include "small_training.h"

#include "engine/modulation.h"
#include "engine/random.h"

/* Weights that are not balanced, so that the type filter has eigenvalues; the run is of its mode. */
static struct modprop_run *unbalanced(const char *mode, const char *feedback, double scale)
{
    struct modprop_config config = small_config();
    small_set(&config, "mu_mode", mode);
    small_set(&config, "feedback", feedback);
    config.types_per_sign = 2;
    config.mu_tau_iterations = 4;
    config.mu_gain = 0.8;
    struct modprop_run *run = create(&config);
    for (size_t i = 0; i < run->shape.n; i++)
        for (size_t j = 0; j < run->shape.n; j++)
            run->network->theta.W_rec[i * run->shape.n + j] *=
                (modprop_real)(scale * (i + 2 * j < run->shape.n ? 2 : 1));
    modprop_network_refresh(run->network);
    return run;
}

static void draw_trials(struct modprop_run *run)
{
    run->trials.stream = modprop_random_stream(1, MODPROP_STREAM_TRAINING, run->iteration);
    run->trials.task->begin(&run->trials);
}

static const char *const modes[] = {"adaptive", "trial"}, *const feedbacks[] = {"cell", "type"};

/* With the mean of h as a pass over the same trials observes it. */
static void mubar_is_the_running_mean_of_what_it_stands_for(void **state)
{
    (void)state;
    for (size_t k = 0; k < 8; k++) {
        const bool pools = k / 4;
        struct modprop_pass_figures seen, learnt;
        struct modprop_run *run = unbalanced(modes[k % 2], feedbacks[k / 2 % 2], 1);
        struct modprop_modulation *const m = run->modulation;
        small_set(&run->config, "mu_pool", pools ? "all" : "type");
        double mean = run->config.mu;
        for (int iteration = 0; iteration < 3; iteration++) {
            const double l = exp(-1.0 / 4);
            double after = 0;
            draw_trials(run);
            modprop_pass_run(&run->pass, &run->trials, NULL, NULL, NULL, true, &seen);
            assert_int_equal(modprop_run_gradient(run, &run->trials, &learnt, NULL), MODPROP_OK);
            mean = l * mean + (1 - l) * 0.8 * seen.active_fraction;
            for (size_t a = 0; a < m->types->C; a++)
                after += m->mubar[a] * (double)modprop_types_size(m->types, a) / 30;
            assert_true(fabs(after - mean) < 1e-6);
            for (size_t a = 1; a < m->types->C; a++)
                assert_int_equal(m->mubar[a] == m->mubar[0], pools);
        }
        modprop_run_free(run);
    }
}

static void evaluations_tell_mu_and_leave_it_alone(void **state)
{
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        struct modprop_evaluation now;
        struct modprop_run *run = unbalanced(modes[k % 2], feedbacks[k / 2], 1);
        train_steps(run, 2);
        const struct modprop_types *const types = run->modulation->types;
        double before[4], mean = 0;
        memcpy(before, run->modulation->mubar, sizeof before);
        assert_int_equal(modprop_run_evaluate(run, &now, NULL), MODPROP_OK);
        assert_memory_equal(before, run->modulation->mubar, sizeof before);
        for (size_t a = 0; a < types->C; a++)
            mean += before[a] * run->modulation->clamp * (double)modprop_types_size(types, a) / 30;
        assert_true(fabs(now.mu_effective - mean) < 1e-6);
        assert_true(now.filter_radius == run->modulation->radius);
        modprop_run_free(run);
    }
}

/* The radius of alpha I + (1-alpha) diag(mu) W_fb from its n x n matrix. */
static double radius_by_matrix(struct modprop_run *run, double factor)
{
    const size_t n = run->shape.n;
    const double alpha = run->network->alpha;
    struct modprop_spectrum *const s = &run->spectrum;
    modprop_real *unit = calloc(2 * run->shape.ldn, sizeof *unit);
    assert_non_null(unit);
    for (size_t j = 0; j < n; j++) { /* column j of W_fb: what a credit of unit j gives to all */
        memset(unit, 0, run->shape.ldn * sizeof *unit);
        unit[j] = 1;
        modprop_feedback_apply(run->feedback, 1, unit, unit + run->shape.ldn, NULL);
        for (size_t i = 0; i < n; i++)
            s->matrix[i * n + j] = (i == j ? alpha : 0) + (1 - alpha) * factor *
                                                              (double)run->modulation->mu[i] *
                                                              (double)unit[run->shape.ldn + i];
    }
    free(unit);
    assert_true(modprop_spectrum_compute(s, n));
    return modprop_spectrum_radius(s, n, 0, 1);
}

static void the_clamp_is_the_largest_stable_factor(void **state)
{
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        struct modprop_run *run = unbalanced(modes[k % 2], feedbacks[k / 2], 8);
        struct modprop_modulation *const m = run->modulation;
        modprop_feedback_refresh(run->feedback, 0);
        modprop_modulation_refresh(m, &run->spectrum);
        assert_true(m->clamp > 0 && m->clamp < 1);
        assert_true(m->radius_alone > run->config.radius_max);
        assert_true(fabs(m->radius - run->config.radius_max) < 1e-12);
        assert_true(fabs(radius_by_matrix(run, 1) - run->config.radius_max) < 1e-6);
        assert_true(radius_by_matrix(run, 1.001) > run->config.radius_max + 1e-6);
        modprop_run_free(run);
    }
}

static void a_stable_filter_is_not_clamped(void **state)
{
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        struct modprop_run *run = unbalanced(modes[k % 2], feedbacks[k / 2], 0.2);
        modprop_feedback_refresh(run->feedback, 0);
        modprop_modulation_refresh(run->modulation, &run->spectrum);
        assert_true(run->modulation->clamp == 1);
        for (size_t i = 0; i < run->shape.n; i++)
            assert_true(run->modulation->mu[i] == (modprop_real)run->config.mu);
        modprop_run_free(run);
    }
}

/* ------------------------------------------------------------------ limits */

static void train_with(const char *mode, double tau_iterations, double tau_ms,
                       struct modprop_record *record, struct modprop_config *config)
{
    *config = small_config();
    small_set(config, "mu_mode", mode);
    small_set(config, "feedback", "type");
    small_set(config, "path", "offline");
    config->mu_tau_iterations = tau_iterations;
    config->mu_tau_ms = tau_ms;
    config->radius_max = 0.9999;
    *record = train(config);
}

static void slow_means_are_the_simpler_modes(void **state)
{
    (void)state;
    static const struct {
        const char *slow, *simple;
        double tau_iterations, tau_ms;
    } limits[] = {{"adaptive", "fixed", 1e9, 1}, {"trial", "adaptive", 30, 1e18}};
    for (size_t k = 0; k < 2; k++) {
        struct modprop_config config;
        struct modprop_record slow, simple;
        train_with(limits[k].slow, limits[k].tau_iterations, limits[k].tau_ms, &slow, &config);
        train_with(limits[k].simple, limits[k].tau_iterations, 1, &simple, &config);
        for (size_t w = 0; w < modprop_config_weights(&config); w++)
            assert_true(fabs((double)(slow.weights[w] - simple.weights[w])) < 1e-4);
        release(&slow);
        release(&simple);
    }
}

static void a_mode_changes_what_is_learnt(void **state)
{
    (void)state;
    struct modprop_config config;
    struct modprop_record records[3];
    static const char *const all[] = {"fixed", "adaptive", "trial"};
    for (size_t k = 0; k < 3; k++)
        train_with(all[k], 5, 10, &records[k], &config);
    for (size_t k = 0; k < 3; k++)
        assert_false(same_weights(&config, &records[k], &records[(k + 1) % 3]));
    for (size_t k = 0; k < 3; k++)
        release(&records[k]);
}

static void a_trials_mu_does_not_depend_on_segments_or_tiles(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    struct modprop_pass_figures figures;
    small_set(&config, "mu_mode", "trial");
    small_set(&config, "feedback", "type");
    small_set(&config, "path", "offline");
    config.mu_tau_ms = 10;
    modprop_real *gradient = NULL;
    for (size_t segments = 1; segments < 3; segments++) {
        struct modprop_shape shape = modprop_shape_of(&config);
        struct modprop_run *whole = create(&config), *cut;
        modprop_shape_cut(&shape, segments);
        assert_int_equal(shape.segments, segments);
        assert_int_equal(modprop_run_assemble(&cut, &config, &shape, NULL), MODPROP_OK);
        memcpy(cut->network->theta.W_rec, whole->network->theta.W_rec,
               cut->gradient.count * sizeof *gradient);
        modprop_network_refresh(cut->network);
        draw_trials(whole);
        assert_int_equal(modprop_run_gradient(cut, &whole->trials, &figures, NULL), MODPROP_OK);
        if (!gradient) {
            gradient = malloc(cut->gradient.count * sizeof *gradient);
            assert_non_null(gradient);
            memcpy(gradient, cut->gradient.W_rec, cut->gradient.count * sizeof *gradient);
        }
        assert_memory_equal(gradient, cut->gradient.W_rec, cut->gradient.count * sizeof *gradient);
        modprop_run_free(cut);
        modprop_run_free(whole);
    }
    free(gradient);
}

/* ------------------------------------------------------------------ configurations */

static void a_radius_that_the_leak_alone_exceeds_is_refused(void **state)
{
    (void)state;
    struct modprop_error err = {0};
    struct modprop_config config = small_config();
    config.radius_max = exp(-1 / config.tau_ms);
    assert_int_equal(modprop_config_check(&config, &err), MODPROP_OK); /* fixed does not read it */
    small_set(&config, "mu_mode", "adaptive");
    assert_int_equal(modprop_config_check(&config, &err), MODPROP_INVALID);
    assert_non_null(strstr(err.message, "radius_max = 0.951229 is not above alpha"));
}

static void within_the_trial_the_online_form_takes_types(void **state)
{
    (void)state;
    struct modprop_error err = {0};
    struct modprop_config config = small_config();
    small_set(&config, "mu_mode", "trial");
    small_set(&config, "path", "online");
    assert_int_equal(modprop_config_check(&config, &err), MODPROP_INVALID);
    assert_non_null(strstr(err.message, "takes feedback = type"));
    small_set(&config, "feedback", "type");
    assert_int_equal(modprop_config_check(&config, NULL), MODPROP_OK);
    assert_int_equal(modprop_config_path(&config), MODPROP_PATH_ONLINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mubar_is_the_running_mean_of_what_it_stands_for),
        cmocka_unit_test(evaluations_tell_mu_and_leave_it_alone),
        cmocka_unit_test(the_clamp_is_the_largest_stable_factor),
        cmocka_unit_test(a_stable_filter_is_not_clamped),
        cmocka_unit_test(slow_means_are_the_simpler_modes),
        cmocka_unit_test(a_mode_changes_what_is_learnt),
        cmocka_unit_test(a_trials_mu_does_not_depend_on_segments_or_tiles),
        cmocka_unit_test(a_radius_that_the_leak_alone_exceeds_is_refused),
        cmocka_unit_test(within_the_trial_the_online_form_takes_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
