/*
 * The kinds of units by what they do, one at a time; against plain loops they stand in --check.
 */
#include <math.h>
#include <string.h>

#include "small_training.h"

#include "engine/network.h"
#include "engine/random.h"
#include "engine/registry.h"

enum { N = 20, LDN = 32 };

/* A network of a kind with all weights zero but W_in, which hands the one input of a step on. */
struct bench {
    struct modprop_config config;
    struct modprop_shape shape;
    struct modprop_network *net;
    modprop_real pre[LDN * 2], input[LDN], state[3 * LDN], z[LDN * 2], h[LDN];
};

static void set_up(struct bench *b, const char *units, const struct modprop_config *config)
{
    *b = (struct bench){.config = *config};
    small_set(&b->config, "units", units);
    b->config.n = N;
    b->shape = modprop_shape_complete(
        (struct modprop_shape){.B = 1, .T = 10, .n_in = 1, .n = N, .n_out = 2, .loss_steps = 1});
    assert_int_equal(b->shape.ldn, LDN);
    assert_int_equal(modprop_network_create(&b->net, &b->config, &b->shape, NULL), MODPROP_OK);
    for (size_t i = 0; i < N; i++)
        b->net->theta.W_in[i] = 1;
    modprop_network_refresh(b->net);
}

/* One step with that input; z and h of unit `i` are then in b->z[i], b->h[i]. */
static void step(struct bench *b, double x)
{
    b->pre[N] = (modprop_real)x;
    b->net->units->step(b->net, &b->shape, 1, b->pre, b->input, b->state, LDN, b->z, b->h);
    memcpy(b->pre, b->z, N * sizeof *b->z);
}

static void spikes_take_the_threshold_from_the_membrane_one_step_later(void **state)
{
    (void)state;
    struct bench b;
    struct modprop_config config = small_config();
    config.spike_threshold = 0.5;
    config.refractory_steps = 0;
    set_up(&b, "lif", &config);
    const double alpha = exp(-1 / config.tau_ms), jump = 0.75 / (1 - alpha);
    step(&b, jump);
    assert_true(b.z[0] == 1);
    assert_true(fabs(b.state[0] - 0.75) < 1e-6);
    assert_true(fabs(b.h[0] - config.gamma / 0.5 * 0.5) < 1e-6); /* halfway to where it vanishes */
    step(&b, 0);
    assert_true(b.z[0] == 0);
    assert_true(fabs(b.state[0] - (alpha * 0.75 - 0.5)) < 1e-6);
    modprop_network_free(b.net);
}

static void refractory_units_neither_spike_nor_learn_while_the_membrane_goes_on(void **state)
{
    (void)state;
    static const char *const kinds[] = {"lif", "alif"};
    for (size_t kind = 0; kind < 2; kind++) {
        struct bench b;
        struct modprop_config config = small_config();
        config.spike_threshold = 0.5;
        config.refractory_steps = 3;
        config.n_adaptive = 0;
        set_up(&b, kinds[kind], &config);
        const double alpha = exp(-1 / config.tau_ms), jump = 0.75 / (1 - alpha);
        for (int t = 0; t < 9; t++) {
            const modprop_real before = b.state[0];
            step(&b, jump);
            assert_true(b.z[0] == (t % 4 == 0));
            assert_true(t % 4 == 0 || b.h[0] == 0);
            assert_true(b.state[0] > before);
        }
        modprop_network_free(b.net);
    }
}

static void the_last_units_adapt_and_fire_less(void **state)
{
    (void)state;
    static const char *const kinds[] = {"adaptive", "alif"};
    for (size_t kind = 0; kind < 2; kind++) {
        struct bench b;
        struct modprop_config config = small_config();
        double early = 0, late = 0;
        config.n_adaptive = 7;
        config.tau_a_ms = 50;
        config.spike_threshold = 0.1;
        config.refractory_steps = 0;
        config.beta = 3;
        set_up(&b, kinds[kind], &config);
        for (int t = 0; t < 400; t++) {
            step(&b, 0.9);
            early += (double)b.z[N - 8];
            late += (double)b.z[N - 7];
            assert_true(b.z[0] == b.z[N - 8] && b.z[N - 1] == b.z[N - 7]);
        }
        assert_true(late > 0 && late < 0.8 * early);
        modprop_network_free(b.net);
    }
}

/* The steady state of a rate unit: z = v - beta a with a = z, so that z = v / (1 + beta). */
static void adaptation_divides_the_steady_rate(void **state)
{
    (void)state;
    struct bench b;
    struct modprop_config config = small_config();
    config.n_adaptive = 1;
    config.tau_a_ms = 30;
    set_up(&b, "adaptive", &config);
    for (int t = 0; t < 2000; t++)
        step(&b, 1);
    assert_true(fabs(b.z[0] - 1) < 1e-5);
    assert_true(fabs(b.z[N - 1] - 1 / (1 + config.beta)) < 1e-5);
    modprop_network_free(b.net);
}

/* Just above the threshold, too, where z is of the size of v's last bit. */
static void h_follows_from_z_where_a_kind_says_so_and_nowhere_else(void **state)
{
    (void)state;
    for (size_t k = 0; modprop_units_choice(k); k++) {
        struct bench b;
        struct modprop_config config = small_config();
        bool follows = true;
        size_t active = 0;
        config.n_adaptive = 3;
        config.threshold = 0.3;
        set_up(&b, modprop_units_choice(k), &config);
        for (int t = 0; t < 3000; t++) {
            step(&b, 0.3 + 0.2 * sin(0.01 * t) + (t % 3 - 1) * 1e-6);
            for (size_t i = 0; i < N; i++) {
                follows = follows && b.h[i] == (b.z[i] > 0);
                active += b.z[i] > 0;
            }
        }
        assert_true(active > 0 && active < 3000 * N);
        assert_int_equal(b.net->units->rectifies, follows);
        modprop_network_free(b.net);
    }
}

static void what_is_no_number_does_not_look_silent(void **state)
{
    (void)state;
    for (size_t k = 0; modprop_units_choice(k); k++) {
        struct bench b;
        struct modprop_config config = small_config();
        config.n_adaptive = 3;
        set_up(&b, modprop_units_choice(k), &config);
        step(&b, NAN);
        assert_true(isnan(b.z[0]) && isnan(b.z[N - 1]));
        modprop_network_free(b.net);
    }
}

static void without_adaptive_units_a_kind_is_its_plain_twin(void **state)
{
    (void)state;
    static const char *const twins[][2] = {{"adaptive", "relu"}, {"alif", "lif"}};
    for (size_t pair = 0; pair < 2; pair++) {
        struct modprop_record records[2];
        struct modprop_config config = small_config();
        small_set(&config, "path", "offline");
        config.n_adaptive = 0;
        config.batch = 9; /* two tiles, no full vectors */
        for (size_t k = 0; k < 2; k++) {
            small_set(&config, "units", twins[pair][k]);
            records[k] = train(&config);
        }
        /* relu multiplies and adds in one rounding where the CPU can */
        for (size_t k = 0; k < modprop_config_weights(&config); k++)
            assert_true(fabs((double)(records[0].weights[k] - records[1].weights[k])) < 2e-4);
        release(&records[0]);
        release(&records[1]);
    }
}

/* ------------------------------------------------------------------ configurations */

static void more_adaptive_units_than_units_are_refused(void **state)
{
    (void)state;
    struct modprop_error err = {0};
    struct modprop_config config = small_config();
    config.n_adaptive = config.n + 1;
    assert_int_equal(modprop_config_check(&config, &err), MODPROP_OK); /* relu does not read it */
    small_set(&config, "units", "alif");
    assert_int_equal(modprop_config_check(&config, &err), MODPROP_INVALID);
    assert_non_null(strstr(err.message, "n_adaptive = 31 is above n = 30"));
}

static void adapting_units_go_offline_and_say_why(void **state)
{
    (void)state;
    static const char *const rules[] = {"eprop", "mdgl", "modprop"};
    for (size_t k = 0; k < 3; k++) {
        struct modprop_error err = {0};
        struct modprop_config config = small_config();
        config.n_adaptive = 5;
        small_set(&config, "rule", rules[k]);
        small_set(&config, "units", "lif");
        small_set(&config, "path", "online");
        assert_int_equal(modprop_config_check(&config, &err), MODPROP_OK);
        small_set(&config, "units", "alif");
        assert_int_equal(modprop_config_path(&config), MODPROP_PATH_OFFLINE);
        assert_int_equal(modprop_config_check(&config, &err), MODPROP_INVALID);
        assert_non_null(strstr(err.message, "path = online cannot be had: where thresholds adapt"));
        small_set(&config, "path", "auto");
        assert_int_equal(modprop_config_check(&config, NULL), MODPROP_OK);
    }
}

/* The reason is the thresholds, whatever mu and feedback are. */
static void adapting_units_say_why_with_every_mu(void **state)
{
    (void)state;
    static const char *const modes[] = {"fixed", "adaptive", "trial"}, *const feedbacks[] = {
                                                                           "cell", "type"};
    for (size_t k = 0; k < 6; k++) {
        struct modprop_error err = {0};
        struct modprop_config config = small_config();
        config.n_adaptive = 5;
        small_set(&config, "rule", "modprop");
        small_set(&config, "units", "alif");
        small_set(&config, "path", "online");
        small_set(&config, "mu_mode", modes[k % 3]);
        small_set(&config, "feedback", feedbacks[k / 3]);
        assert_int_equal(modprop_config_check(&config, &err), MODPROP_INVALID);
        assert_non_null(strstr(err.message, "path = online cannot be had: where thresholds adapt"));
    }
}

static void every_kind_trains_by_every_rule(void **state)
{
    (void)state;
    for (size_t units = 1; modprop_units_choice(units); units++) {
        for (size_t rule = 0; modprop_rule_choice(rule); rule++) {
            struct modprop_config config = small_config();
            config.n = 12;
            config.batch = 4;
            config.n_adaptive = 5;
            config.spike_threshold = 0.2;
            small_set(&config, "units", modprop_units_choice(units));
            small_set(&config, "rule", modprop_rule_choice(rule));
            struct modprop_record record = train(&config);
            assert_int_equal(record.evaluations, 2);
            assert_true(record.evaluation[1].mean_rate > 0);
            assert_true(record.evaluation[1].loss != record.evaluation[0].loss);
            release(&record);
        }
    }
}

/* ------------------------------------------------------------------ rates with a cost */

static double mean_rate_after(double cost, double target_hz)
{
    struct modprop_config config = small_config();
    small_set(&config, "units", "lif");
    small_set(&config, "rule", "eprop");
    config.refractory_steps = 2;
    config.spike_threshold = 0.1;
    config.iterations = 200;
    config.rate_cost = cost;
    config.rate_target_hz = target_hz;
    struct modprop_record record = train(&config);
    const double rate = record.evaluation[record.evaluations - 1].mean_rate;
    release(&record);
    return rate * 1000;
}

/* What MODEL.md tells of the default threshold. */
static void spiking_units_begin_near_their_target_rate(void **state)
{
    (void)state;
    static const char *const kinds[] = {"lif", "alif"};
    for (size_t k = 0; k < 6; k++) {
        struct modprop_config config;
        modprop_config_init(&config);
        small_set(&config, "units", kinds[k % 2]);
        small_set(&config, "task", "evidence_accumulation");
        config.seed = (long)(1 + k / 2);
        struct modprop_run *run = create(&config);
        struct modprop_evaluation now;
        assert_int_equal(modprop_run_evaluate(run, &now, NULL), MODPROP_OK);
        const double hz = now.mean_rate * 1000; /* steps of 1 ms */
        print_message("%s, seed %ld: %.1f Hz\n", kinds[k % 2], config.seed, hz);
        assert_true(hz > 10.5 && hz < 13.5);
        modprop_run_free(run);
    }
}

static void a_cost_moves_the_rates_to_their_target(void **state)
{
    (void)state;
    const double free_rate = mean_rate_after(0, 10);
    const double low = mean_rate_after(1e4, free_rate / 3),
                 high = mean_rate_after(1e4, 3 * free_rate);
    assert_true(low < 0.7 * free_rate);
    assert_true(high > 1.3 * free_rate);
}

/* Against a pass over the same batch that observes. */
static void rates_are_measured_over_batch_and_time(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    struct modprop_pass_figures seen, learnt;
    small_set(&config, "units", "lif");
    config.batch = 11;
    config.rate_cost = 1;
    struct modprop_run *run = create(&config);
    for (size_t i = 0; i < run->shape.n; i++)
        assert_true(run->rates->rate[i] == 0.01); /* the target: nothing to do yet */
    run->trials.stream = modprop_random_stream(1, MODPROP_STREAM_TRAINING, 0);
    run->trials.task->begin(&run->trials);
    modprop_pass_run(&run->pass, &run->trials, NULL, NULL, NULL, true, &seen);
    assert_int_equal(modprop_run_gradient(run, &run->trials, &learnt, NULL), MODPROP_OK);
    double mean = 0;
    for (size_t i = 0; i < run->shape.n; i++)
        mean += run->rates->rate[i] / (double)run->shape.n;
    assert_true(seen.mean_rate > 0 && fabs(mean - seen.mean_rate) < 1e-6 * mean);
    modprop_run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spikes_take_the_threshold_from_the_membrane_one_step_later),
        cmocka_unit_test(refractory_units_neither_spike_nor_learn_while_the_membrane_goes_on),
        cmocka_unit_test(the_last_units_adapt_and_fire_less),
        cmocka_unit_test(adaptation_divides_the_steady_rate),
        cmocka_unit_test(h_follows_from_z_where_a_kind_says_so_and_nowhere_else),
        cmocka_unit_test(what_is_no_number_does_not_look_silent),
        cmocka_unit_test(without_adaptive_units_a_kind_is_its_plain_twin),
        cmocka_unit_test(more_adaptive_units_than_units_are_refused),
        cmocka_unit_test(adapting_units_go_offline_and_say_why),
        cmocka_unit_test(adapting_units_say_why_with_every_mu),
        cmocka_unit_test(every_kind_trains_by_every_rule),
        cmocka_unit_test(spiking_units_begin_near_their_target_rate),
        cmocka_unit_test(a_cost_moves_the_rates_to_their_target),
        cmocka_unit_test(rates_are_measured_over_batch_and_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
