/*
 * Online credit by filter taps: how many there are, and that they grow until they are enough.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "small_run.h"

#include "engine/run.h"
#include "engine/taps.h"

/* A run whose recurrent weights are `factor` times the initial ones, with the gradient of its first
 * training batch. */
static struct modprop_run *with_gradient(const struct modprop_config *config, double factor)
{
    struct modprop_error err = {0};
    struct modprop_pass_figures figures;
    struct modprop_run *run;
    if (modprop_run_create(&run, config, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    for (size_t k = 0; k < run->shape.n * run->shape.n; k++)
        run->network->theta.W_rec[k] *= (modprop_real)factor;
    modprop_network_refresh(run->network);
    run->trials.stream = modprop_random_stream(config->seed, MODPROP_STREAM_TRAINING, 0);
    run->trials.task->begin(&run->trials);
    if (modprop_run_gradient(run, &run->trials, &figures, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    return run;
}

static double taps_of(const struct modprop_run *run)
{
    return run->method->taps(run->method_state);
}

/* |a - b| / |b| of the gradients of W_rec and W_in. */
static double difference(const struct modprop_run *a, const struct modprop_run *b)
{
    double off = 0, all = 0;
    for (size_t k = 0; k < a->shape.m * a->shape.n; k++) {
        const double x = (double)a->gradient.W_rec[k], y = (double)b->gradient.W_rec[k];
        off += (x - y) * (x - y);
        all += y * y;
    }
    return sqrt(off / all);
}

/* Tolerance: the taps left out are a geometric rest of the last one's share, and float32 rounds
 * each of 60 steps forth and back, 1e-5 in all. */
static void too_few_taps_grow_until_the_gradient_is_the_offline_one(void **state)
{
    (void)state;
    static const double tolerances[] = {1e-2, 1e-4, 1e-6};
    static const char *const feedbacks[] = {"cell", "type"};
    for (size_t f = 0; f < 2; f++) {
        double before = 0;
        for (size_t k = 0; k < 3; k++) {
            struct modprop_config config = small_config();
            small_set(&config, "feedback", feedbacks[f]);
            config.types_per_sign = 5;
            config.mu = 0.1;
            config.tap_tolerance = tolerances[k];
            small_set(&config, "path", "online");
            const struct modprop_shape shape = modprop_shape_of(&config);
            struct modprop_run *online = with_gradient(&config, 4);
            small_set(&config, "path", "offline");
            struct modprop_run *offline = with_gradient(&config, 4);
            const double off = difference(online, offline), taps = taps_of(online);
            print_message("%s, tolerance %g: %g taps (expected %zu), %g off\n", feedbacks[f],
                          tolerances[k], taps, modprop_taps_expected(&config, &shape), off);
            assert_true(off < tolerances[k] + 1e-5);
            assert_true(taps >= before);
            before = taps;
            modprop_run_free(online);
            modprop_run_free(offline);
        }
        assert_true(before > 4 && before < 59); /* more than at first, fewer than all */
    }
}

/* 51 taps: 10^51 does not fit float32, but goes with (1-alpha)^51 T^51 / 51!. */
static void a_large_mu_stays_within_range(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.mu = 10;
    small_set(&config, "path", "online");
    struct modprop_run *online = with_gradient(&config, 1);
    small_set(&config, "path", "offline");
    struct modprop_run *offline = with_gradient(&config, 1);
    assert_true(taps_of(online) > 39);
    assert_true(difference(online, offline) < 1e-4);
    modprop_run_free(online);
    modprop_run_free(offline);
}

static void taps_grow_from_the_expected_count_by_themselves(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    small_set(&config, "path", "online");
    config.mu = 0.02;
    const struct modprop_shape shape = modprop_shape_of(&config);
    struct modprop_run *run = with_gradient(&config, 4);
    assert_true(taps_of(run) > (double)modprop_taps_expected(&config, &shape));
    modprop_run_free(run);
}

static void grown_taps_stay(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    small_set(&config, "path", "online");
    struct modprop_run *run = with_gradient(&config, 4);
    const double grown = taps_of(run);
    for (size_t k = 0; k < 900; k++)
        run->network->theta.W_rec[k] /= 8;
    modprop_network_refresh(run->network);
    assert_int_equal(modprop_run_step(run, NULL), MODPROP_OK);
    assert_true(taps_of(run) == grown);
    modprop_run_free(run);
}

/* At T - 1 taps nothing is left out, whatever the weights: no more are asked for. */
static void taps_end_where_every_link_has_one(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.cue_ms = 3;
    config.delay_ms = 1; /* T = 7 */
    config.mu = 1;
    config.tap_tolerance = 1e-30;
    small_set(&config, "path", "online");
    struct modprop_run *online = with_gradient(&config, 10);
    small_set(&config, "path", "offline");
    struct modprop_run *offline = with_gradient(&config, 10);
    assert_true(taps_of(online) <= 6);
    assert_true(difference(online, offline) < 1e-5);
    modprop_run_free(online);
    modprop_run_free(offline);
}

static void without_credit_across_synapses_there_are_no_taps(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    small_set(&config, "path", "online");
    config.mu = 0;
    struct modprop_run *run = with_gradient(&config, 10);
    assert_true(taps_of(run) == 0);
    small_set(&config, "rule", "eprop");
    struct modprop_run *eprop = with_gradient(&config, 10);
    assert_true(difference(run, eprop) == 0);
    modprop_run_free(run);
    modprop_run_free(eprop);
}

/* Measured in float64 at n = 120, T = 900 and spectral radius 1: 9 taps for 1e-6 at mu = 0.25, 14
 * at 0.5, 24 at 1. A count near that saves the growing, which is two at a time. */
static void the_expected_count_is_near_the_measured_one(void **state)
{
    (void)state;
    static const struct {
        double mu;
        size_t measured;
    } cases[] = {{0.25, 9}, {0.5, 14}, {1, 24}};
    for (size_t k = 0; k < 3; k++) {
        struct modprop_config config;
        modprop_config_init(&config);
        config.mu = cases[k].mu;
        const struct modprop_shape shape = modprop_shape_of(&config);
        const size_t expected = modprop_taps_expected(&config, &shape);
        assert_true(expected + 3 >= cases[k].measured && expected <= cases[k].measured + 3);
    }
}

static void the_expected_count_stays_within_the_trial(void **state)
{
    (void)state;
    static const double mus[] = {0, 1e-6, 0.25, 10, 1000};
    for (size_t k = 0; k < 5; k++)
        for (long delay = 0; delay < 200; delay += 33) {
            struct modprop_config config = small_config();
            config.cue_ms = 1;
            config.delay_ms = delay;
            config.mu = mus[k];
            const struct modprop_shape shape = modprop_shape_of(&config);
            assert_true(modprop_taps_expected(&config, &shape) < shape.T);
        }
}

static void a_link_is_open_in_the_last_steps_of_the_window(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    for (size_t t = 0; t < 60; t++) {
        config.window = 0;
        assert_true(modprop_taps_link_open(&config, 60, t));
        config.window = 1000;
        assert_true(modprop_taps_link_open(&config, 60, t));
        config.window = 10;
        assert_int_equal(modprop_taps_link_open(&config, 60, t), t >= 50);
    }
}

static void a_window_gives_the_offline_gradient_too(void **state)
{
    (void)state;
    static const long windows[] = {1, 2, 7, 59, 60};
    for (size_t k = 0; k < 5; k++) {
        struct modprop_config config = small_config();
        config.window = windows[k];
        config.mu = 1;
        small_set(&config, "path", "online");
        struct modprop_run *online = with_gradient(&config, 2);
        small_set(&config, "path", "offline");
        struct modprop_run *offline = with_gradient(&config, 2);
        config.window = 0;
        struct modprop_run *whole = with_gradient(&config, 2);
        assert_true(difference(online, offline) < 1e-5);
        assert_int_equal(difference(offline, whole) > 1e-4, windows[k] < 10);
        modprop_run_free(online);
        modprop_run_free(offline);
        modprop_run_free(whole);
    }
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_few_taps_grow_until_the_gradient_is_the_offline_one),
        cmocka_unit_test(a_large_mu_stays_within_range),
        cmocka_unit_test(taps_grow_from_the_expected_count_by_themselves),
        cmocka_unit_test(grown_taps_stay),
        cmocka_unit_test(taps_end_where_every_link_has_one),
        cmocka_unit_test(without_credit_across_synapses_there_are_no_taps),
        cmocka_unit_test(the_expected_count_is_near_the_measured_one),
        cmocka_unit_test(the_expected_count_stays_within_the_trial),
        cmocka_unit_test(a_link_is_open_in_the_last_steps_of_the_window),
        cmocka_unit_test(a_window_gives_the_offline_gradient_too),
    };
    return cmocka_run_group_tests_name("taps", tests, NULL, NULL);
}
