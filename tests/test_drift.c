/*
 * Nonstationary data: what wanders, how far and how fast, and what depends on what.
 */
#include "small_training.h"
#include "task_fixture.h"

/* Delayed XOR without cues, noise and baseline: its input is what wanders. */
static struct modprop_config flat_config(long batch)
{
    struct modprop_config config = short_config("delayed_xor", batch);
    config.cue_amplitude = config.cue_baseline = config.input_noise = 0;
    config.wander = true;
    config.wander_gain = config.wander_baseline = config.wander_noise = 0;
    return config;
}

/* ------------------------------------------------------------------ off */

static void without_drift_a_task_is_asked_itself(void **state)
{
    (void)state;
    for (size_t k = 0; task_name(k); k++) {
        struct modprop_config config = short_config(task_name(k), 5);
        assert_ptr_equal(modprop_drift_task(&config), modprop_task_at(k));
        config.change = true;
        assert_ptr_not_equal(modprop_drift_task(&config), modprop_task_at(k));
    }
}

static void wandering_by_nothing_leaves_every_bit(void **state)
{
    (void)state;
    for (size_t k = 0; task_name(k); k++) {
        struct modprop_config config = short_config(task_name(k), 5);
        struct batch plain = make(&config, MODPROP_STREAM_TRAINING, 8);
        config.wander = config.change = true;
        config.wander_gain = config.wander_baseline = config.wander_noise = 0;
        config.change_at = 9;
        struct batch still = make(&config, MODPROP_STREAM_TRAINING, 8);
        for (size_t i = 0; i < inputs(&plain); i++)
            assert_true(plain.x[i] == still.x[i]);
        assert_memory_equal(plain.trials.label, still.trials.label, 5 * sizeof(size_t));
        assert_memory_equal(plain.y, still.y,
                            plain.shape.T * 5 * plain.shape.n_out * sizeof *plain.y);
        done(&plain);
        done(&still);
    }
}

/* ------------------------------------------------------------------ processes */

/* The numbers that drive an Ornstein-Uhlenbeck process of unit variance: independent and N(0,1), and
 * the first value is one too, if it is stationary. */
static void is_a_walk(const char *what, const double *value, size_t count, double tau,
                      double *driving)
{
    const double keep = exp(-1 / tau);
    driving[0] = value[0];
    for (size_t k = 1; k < count; k++)
        driving[k] = (value[k] - keep * value[k - 1]) / sqrt(1 - keep * keep);
    modprop_real *copy = calloc(count, sizeof *copy);
    assert_non_null(copy);
    for (size_t k = 0; k < count; k++)
        copy[k] = (modprop_real)driving[k];
    uncorrelated(what, count - 1, copy, copy + 1);
    free(copy);
}

static void baseline_walks_within_each_trial(void **state)
{
    (void)state;
    enum { TRIALS = 300 };
    struct modprop_config config = flat_config(TRIALS);
    config.wander_baseline = 0.7;
    config.wander_within = 1;
    config.wander_ms = 11;
    struct batch f = make(&config, MODPROP_STREAM_TRAINING, 4);
    const size_t T = f.shape.T;
    double *driving = calloc(T * TRIALS, sizeof *driving), first[TRIALS], value[128];
    assert_true(driving && T <= 128);
    for (size_t b = 0; b < TRIALS; b++) {
        for (size_t t = 0; t < T; t++) {
            value[t] = input_at(&f, t, b, 0) / 0.7;
            assert_true(input_at(&f, t, b, 1) == input_at(&f, t, b, 0)); /* all inputs alike */
        }
        is_a_walk("steps", value, T, 11, driving + b * T);
        first[b] = value[0];
    }
    follows("driving noise", T * TRIALS, driving, standard_normal);
    follows("first value", TRIALS, first, standard_normal);
    free(driving);
    done(&f);
}

static void baseline_walks_from_iteration_to_iteration(void **state)
{
    (void)state;
    enum { ITERATIONS = 4000, SEEDS = 60 };
    static double value[ITERATIONS], driving[ITERATIONS], first[SEEDS];
    struct modprop_config config = flat_config(2);
    config.wander_baseline = 0.7;
    config.wander_within = 0;
    config.wander_iterations = 20;
    struct batch f = make(&config, MODPROP_STREAM_TRAINING, 0);
    for (long k = 0; k < ITERATIONS; k++) {
        go(&f, &config, k % 2 ? MODPROP_STREAM_TRAINING : MODPROP_STREAM_EVALUATION, k);
        value[k] = input_at(&f, 0, 0, 0) / 0.7;
        for (size_t i = 0; i < inputs(&f); i++) /* the same in all trials, all of the time */
            assert_true(f.x[i] == f.x[0]);
    }
    is_a_walk("iterations", value, ITERATIONS, 20, driving);
    follows("driving noise", ITERATIONS, driving, standard_normal);
    done(&f);
    for (long seed = 0; seed < SEEDS; seed++) {
        config.seed = seed + 1;
        f = make(&config, MODPROP_STREAM_TRAINING, 0);
        first[seed] = input_at(&f, 0, 0, 0) / 0.7;
        done(&f);
    }
    follows("first value", SEEDS, first, standard_normal);
}

/* In any order, from anywhere: a function of (seed, iteration). */
static void an_iterations_world_does_not_depend_on_what_was_asked_before(void **state)
{
    (void)state;
    static const long order[] = {17, 3, 3, 0, 40, 39, 17};
    struct modprop_config config = short_config("evidence_accumulation", 3);
    config.wander = true;
    struct batch one = make(&config, MODPROP_STREAM_EVALUATION, 2);
    for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
        struct batch fresh = make(&config, MODPROP_STREAM_TRAINING, order[k]);
        go(&one, &config, MODPROP_STREAM_TRAINING, order[k]);
        assert_memory_equal(one.x, fresh.x, inputs(&one) * sizeof *one.x);
        done(&fresh);
    }
    done(&one);
}

/* Of the variance, the share w differs between the trials of a batch, the rest is theirs in common. */
static void variance_is_shared_between_the_levels(void **state)
{
    (void)state;
    enum { ITERATIONS = 2000, TRIALS = 8 };
    const double share = 0.3;
    struct modprop_config config = flat_config(TRIALS);
    config.wander_baseline = 1;
    config.wander_within = share;
    config.wander_iterations = 1e-3; /* no memory, for independent samples */
    struct batch f = make(&config, MODPROP_STREAM_TRAINING, 0);
    double products = 0, differences = 0;
    for (long k = 0; k < ITERATIONS; k++) {
        go(&f, &config, MODPROP_STREAM_TRAINING, k);
        products += input_at(&f, 0, 0, 0) * input_at(&f, 0, 1, 0) / ITERATIONS;
        for (size_t b = 0; b < TRIALS; b += 2)
            differences += pow(input_at(&f, 0, b, 0) - input_at(&f, 0, b + 1, 0), 2) / 2 /
                           (ITERATIONS * TRIALS / 2);
    }
    /* of unit normals with correlation r: var(x y) = 1 + r^2; of a squared normal of variance w: 2 w^2 */
    near_mean("common variance", products, 1 - share,
              sqrt((1 + (1 - share) * (1 - share)) / ITERATIONS));
    near_mean("variance within", differences, share, share * sqrt(2.0 / (ITERATIONS * TRIALS / 2)));
    done(&f);
}

static void gain_multiplies_and_is_another_process_than_the_baseline(void **state)
{
    (void)state;
    enum { TRIALS = 4000 };
    struct modprop_config config = flat_config(TRIALS);
    config.wander_within = 1;
    config.cue_baseline = 2;
    config.wander_gain = 0.5;
    struct batch gain = make(&config, MODPROP_STREAM_TRAINING, 0);
    config.wander_gain = 0;
    config.wander_baseline = 1;
    struct batch baseline = make(&config, MODPROP_STREAM_TRAINING, 0);
    double g[TRIALS];
    modprop_real *a = calloc(2 * TRIALS, sizeof *a), *b = a + TRIALS;
    assert_non_null(a);
    for (size_t k = 0; k < TRIALS; k++) {
        a[k] = (modprop_real)(g[k] = (input_at(&gain, 9, k, 0) / 2 - 1) / 0.5);
        b[k] = (modprop_real)(input_at(&baseline, 9, k, 0) - 2);
    }
    uncorrelated("gain and baseline", TRIALS, a, b);
    follows("gain", TRIALS, g, standard_normal);
    free(a);
    done(&gain);
    done(&baseline);
}

/* The noise of a trial has the size |s[t]|: fourth moments are those of a product of two normals. */
static void noise_wanders_in_size(void **state)
{
    (void)state;
    enum { TRIALS = 4000 };
    struct modprop_config config = flat_config(TRIALS);
    config.wander_noise = 0.5;
    config.wander_within = 1;
    config.wander_ms = 1e6; /* one size for a whole trial */
    struct batch f = make(&config, MODPROP_STREAM_TRAINING, 0);
    double squares = 0, in_common = 0;
    modprop_real *a = calloc(2 * TRIALS, sizeof *a), *b = a + TRIALS;
    assert_non_null(a);
    for (size_t k = 0; k < TRIALS; k++) {
        const double x = input_at(&f, 5, k, 0) / 0.5, y = input_at(&f, 30, k, 1) / 0.5;
        a[k] = (modprop_real)x;
        b[k] = (modprop_real)y;
        squares += x * x / TRIALS;
        in_common += x * x * y * y / TRIALS;
    }
    uncorrelated("noise of two inputs", TRIALS, a, b);
    /* x = s xi, E x^2 = 1, var x^2 = 9 - 1; E x^2 y^2 = E s^4 = 3, var = 105 * 9 - 9 */
    near_mean("mean square", squares, 1, sqrt(8.0 / TRIALS));
    near_mean("common size", in_common, 3, sqrt(936.0 / TRIALS));
    free(a);
    done(&f);
}

/* Within a trial, whose size s hardly moves: over many trials its sign would hide a common source. */
static void added_noise_is_not_that_of_the_task(void **state)
{
    (void)state;
    enum { TRIALS = 20, STEPS = 400 };
    struct modprop_config config = flat_config(TRIALS);
    config.delay_ms = STEPS;
    config.input_noise = 1;
    config.wander_within = 1;
    config.wander_ms = 1e6;
    struct batch plain = make(&config, MODPROP_STREAM_TRAINING, 0);
    config.wander_noise = 1;
    struct batch noisy = make(&config, MODPROP_STREAM_TRAINING, 0);
    modprop_real *a = calloc(2 * STEPS, sizeof *a), *b = a + STEPS;
    assert_non_null(a);
    for (size_t trial = 0; trial < TRIALS; trial++) {
        for (size_t t = 0; t < STEPS; t++) {
            a[t] = (modprop_real)input_at(&plain, t, trial, 0);
            b[t] = (modprop_real)(input_at(&noisy, t, trial, 0) - input_at(&plain, t, trial, 0));
        }
        uncorrelated("the task's noise and what is added", STEPS, a, b);
    }
    free(a);
    done(&plain);
    done(&noisy);
}

/* ------------------------------------------------------------------ changes */

static void classes_move_on_at_each_change(void **state)
{
    (void)state;
    static const struct {
        long iteration;
        size_t once, often;
    } cases[] = {{0, 0, 0},  {6, 0, 0},  {7, 1, 1},  {9, 1, 1},
                 {10, 1, 2}, {12, 1, 2}, {13, 1, 3}, {37, 1, 11}};
    for (size_t k = 0; task_name(k); k++)
        for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
            for (int often = 0; often < 2; often++) {
                struct modprop_config config = short_config(task_name(k), 20);
                struct batch plain = make(&config, MODPROP_STREAM_EVALUATION, cases[c].iteration);
                config.change = true;
                config.change_at = 7;
                config.change_every = often ? 3 : 0;
                struct batch changed = make(&config, MODPROP_STREAM_EVALUATION, cases[c].iteration);
                const size_t changes = often ? cases[c].often : cases[c].once,
                             n_out = plain.shape.n_out;
                assert_memory_equal(plain.x, changed.x, inputs(&plain) * sizeof *plain.x);
                for (size_t b = 0; b < 20; b++)
                    assert_int_equal(changed.trials.label[b],
                                     plain.shape.loss == MODPROP_LOSS_CROSS_ENTROPY
                                         ? (plain.trials.label[b] + changes) % n_out
                                         : changed.trials.label[b]);
                for (size_t i = 0; i < plain.shape.T * 20 * n_out; i++)
                    assert_true(changed.y[i] == (changes % 2 ? -plain.y[i] : plain.y[i]));
                done(&plain);
                done(&changed);
            }
}

/* ------------------------------------------------------------------ runs */

static struct modprop_config drifting_run(void)
{
    struct modprop_config config = small_config();
    config.wander = config.change = true;
    config.change_at = 6;
    return config;
}

static void drift_changes_a_run_and_repeats_to_the_bit(void **state)
{
    (void)state;
    const struct modprop_config still = small_config(), drifting = drifting_run();
    struct modprop_record one = train(&drifting), two = train(&drifting), plain = train(&still);
    assert_true(same_weights(&drifting, &one, &two));
    assert_false(same_weights(&drifting, &one, &plain));
    release(&one);
    release(&two);
    release(&plain);
}

/* There is nothing of the drift to save. */
static void a_restored_run_drifts_on_as_if_it_had_not_stopped(void **state)
{
    (void)state;
    const struct modprop_config config = drifting_run();
    struct modprop_run *through = create(&config), *stopped = create(&config),
                       *restored = create(&config);
    const size_t bytes = modprop_run_state_bytes(stopped), count = modprop_config_weights(&config);
    void *saved = malloc(bytes);
    modprop_real *a = calloc(2 * count, sizeof *a), *b = a + count;
    assert_true(saved && a);
    train_steps(through, 12);
    train_steps(stopped, 5);
    modprop_run_save(stopped, saved);
    assert_int_equal(modprop_run_restore(restored, saved, bytes, NULL), MODPROP_OK);
    train_steps(restored, 7);
    modprop_run_weights(through, a);
    modprop_run_weights(restored, b);
    assert_memory_equal(a, b, count * sizeof *a);
    free(saved);
    free(a);
    modprop_run_free(through);
    modprop_run_free(stopped);
    modprop_run_free(restored);
}

/* What was learnt is wrong after the change: from below chance to far above. */
static void a_change_of_the_rule_undoes_what_was_learnt(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    struct modprop_evaluation before, after;
    config.change = true;
    config.change_at = 150;
    small_set(&config, "rule", "bptt");
    struct modprop_run *run = create(&config);
    train_steps(run, 149);
    assert_int_equal(modprop_run_evaluate(run, &before, NULL), MODPROP_OK);
    train_steps(run, 1);
    assert_int_equal(modprop_run_evaluate(run, &after, NULL), MODPROP_OK);
    assert_true(before.accuracy > 0.8 && after.accuracy < 0.2);
    modprop_run_free(run);
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_drift_a_task_is_asked_itself),
        cmocka_unit_test(wandering_by_nothing_leaves_every_bit),
        cmocka_unit_test(baseline_walks_within_each_trial),
        cmocka_unit_test(baseline_walks_from_iteration_to_iteration),
        cmocka_unit_test(an_iterations_world_does_not_depend_on_what_was_asked_before),
        cmocka_unit_test(variance_is_shared_between_the_levels),
        cmocka_unit_test(gain_multiplies_and_is_another_process_than_the_baseline),
        cmocka_unit_test(noise_wanders_in_size),
        cmocka_unit_test(added_noise_is_not_that_of_the_task),
        cmocka_unit_test(classes_move_on_at_each_change),
        cmocka_unit_test(drift_changes_a_run_and_repeats_to_the_bit),
        cmocka_unit_test(a_restored_run_drifts_on_as_if_it_had_not_stopped),
        cmocka_unit_test(a_change_of_the_rule_undoes_what_was_learnt),
    };
    return cmocka_run_group_tests_name("drift", tests, NULL, NULL);
}
