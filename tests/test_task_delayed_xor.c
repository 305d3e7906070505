/*
 * The delayed XOR task: what its trials look like and what they depend on.
 */
#include <string.h>

#include "small_run.h"
#include "statistics.h"

#include "engine/memory.h"
#include "engine/registry.h"
#include "engine/run.h"

enum { LD = 5, CHANNELS = 2 };

/* A batch of the task alone; `done` releases it. */
struct fixture {
    struct modprop_task_shape shape;
    struct modprop_trials trials;
    void *state;
    modprop_real *x; /* [B][LD] of the step last asked for */
};

static struct fixture make(const struct modprop_config *config, enum modprop_stream_name name,
                           long iteration)
{
    const struct modprop_task *task = modprop_task_at((size_t)config->task);
    struct fixture f = {.trials = {.task = task, .B = (size_t)config->batch}};
    task->shape(config, &f.shape);
    assert_int_equal(task->create(&f.state, config, NULL), MODPROP_OK);
    f.trials.state = f.state;
    f.trials.stream = modprop_random_stream(config->seed, name, iteration);
    f.trials.label = modprop_memory_get(f.trials.B, sizeof *f.trials.label);
    f.x = modprop_memory_get(f.trials.B * LD, sizeof *f.x);
    assert_true(f.trials.label && f.x);
    task->begin(&f.trials);
    return f;
}

static void step(struct fixture *f, size_t t)
{
    f->trials.task->input(&f->trials, t, f->x, LD);
}

static void done(struct fixture *f)
{
    f->trials.task->free(f->state);
    modprop_memory_free(f->trials.label);
    modprop_memory_free(f->x);
}

static struct modprop_config published(long batch, double noise)
{
    struct modprop_config config;
    modprop_config_init(&config);
    config.batch = batch;
    config.input_noise = noise;
    return config;
}

/* Which cues each trial has, seen from the input at the cues' middle: [B][2], the caller frees it. */
static bool (*cues_of(struct fixture *f))[CHANNELS]
{
    bool(*present)[CHANNELS] = calloc(f->trials.B, sizeof *present);
    assert_non_null(present);
    for (size_t channel = 0; channel < CHANNELS; channel++) {
        step(f, channel ? 850 : 50);
        for (size_t b = 0; b < f->trials.B; b++)
            present[b][channel] = f->x[b * LD + channel] > 1;
    }
    return present;
}

static void shape_is_the_published_one(void **state)
{
    (void)state;
    const struct modprop_config config = published(32, 0.01);
    struct modprop_task_shape s;
    modprop_task_delayed_xor.shape(&config, &s);
    assert_int_equal(s.T, 900);
    assert_int_equal(s.n_in, 2);
    assert_int_equal(s.n_out, 2);
    assert_int_equal(s.loss_steps, 1);
    assert_int_equal(s.loss, MODPROP_LOSS_CROSS_ENTROPY);
}

static void class_1_is_both_cues_or_neither(void **state)
{
    (void)state;
    const struct modprop_config config = published(501, 0);
    struct fixture f = make(&config, MODPROP_STREAM_TRAINING, 0);
    bool(*present)[CHANNELS] = cues_of(&f);
    size_t kinds[2][2] = {{0}};
    for (size_t b = 0; b < f.trials.B; b++) {
        assert_int_equal(f.trials.label[b], present[b][0] == present[b][1]);
        kinds[present[b][0]][present[b][1]]++;
    }
    assert_true(kinds[0][0] && kinds[0][1] && kinds[1][0] && kinds[1][1]);
    free(present);
    done(&f);
}

static void the_four_pairs_of_cues_are_equally_likely(void **state)
{
    (void)state;
    const struct modprop_config config = published(1000, 0);
    double kinds[4] = {0}, chi_square = 0;
    for (long iteration = 0; iteration < 20; iteration++) {
        struct fixture f = make(&config, MODPROP_STREAM_TRAINING, iteration);
        bool(*present)[CHANNELS] = cues_of(&f);
        for (size_t b = 0; b < f.trials.B; b++)
            kinds[2 * present[b][0] + present[b][1]]++;
        free(present);
        done(&f);
    }
    for (size_t k = 0; k < 4; k++)
        chi_square += (kinds[k] - 5000) * (kinds[k] - 5000) / 5000;
    below_chi_square("pairs of cues", chi_square, 3);
}

/* x = 2 exp(-s^2 / (2 25^2)) + 0.02, s = 100 points from -50 to 50 inclusive; 0.02 elsewhere. */
static double ideal(size_t t, size_t channel, bool present)
{
    const size_t start = channel ? 800 : 0;
    const double s = -50 + 100 * (double)(t - start) / 99;
    return present && t >= start && t < start + 100 ? 2 * exp(-s * s / 1250) + 0.02 : 0.02;
}

static void without_noise_the_input_is_the_published_bump(void **state)
{
    (void)state;
    const struct modprop_config config = published(9, 0);
    struct fixture f = make(&config, MODPROP_STREAM_EVALUATION, 3);
    bool(*present)[CHANNELS] = cues_of(&f);
    size_t with_cue = 0;
    for (size_t t = 0; t < f.shape.T; t++) {
        step(&f, t);
        for (size_t b = 0; b < f.trials.B; b++)
            for (size_t channel = 0; channel < CHANNELS; channel++) {
                const double x = (double)f.x[b * LD + channel],
                             want = ideal(t, channel, present[b][channel]);
                with_cue += want > 0.02;
                /* two roundings to float32 of values up to 2.02: 2 * 2^-23 */
                if (!(fabs(x - want) < 2.5e-7))
                    fail_msg("trial %zu, channel %zu, step %zu: %.9g instead of %.9g", b, channel, t, x,
                             want);
            }
    }
    assert_true(with_cue >= 100 && with_cue % 100 == 0); /* whole cues, and at least one */
    free(present);
    done(&f);
}

static void cues_shrink_to_any_length(void **state)
{
    (void)state;
    struct modprop_config config = published(64, 0);
    config.cue_ms = 1;
    config.delay_ms = 0;
    struct fixture f = make(&config, MODPROP_STREAM_TRAINING, 0);
    assert_int_equal(f.shape.T, 2);
    size_t peaks = 0;
    for (size_t t = 0; t < 2; t++) {
        step(&f, t);
        for (size_t b = 0; b < f.trials.B; b++) {
            peaks += f.x[b * LD + t] > 2;
            assert_true(f.x[b * LD + t] > 2 || f.x[b * LD + t] == (modprop_real)0.02);
            assert_true(f.x[b * LD + 1 - t] == (modprop_real)0.02);
        }
    }
    assert_true(peaks > 32 && peaks < 96); /* 128 chances of 1/2; 5.7 deviations */
    done(&f);
}

static void cue_parameters_are_in_effect(void **state)
{
    (void)state;
    struct modprop_config config = published(64, 0);
    config.cue_amplitude = -3;
    config.cue_baseline = 0.5;
    struct fixture f = make(&config, MODPROP_STREAM_TRAINING, 0);
    modprop_real least = 1;
    for (size_t t = 0; t < 100; t++) {
        step(&f, t);
        for (size_t b = 0; b < f.trials.B; b++) {
            least = f.x[b * LD] < least ? f.x[b * LD] : least;
            assert_true(f.x[b * LD + 1] == (modprop_real)0.5);
        }
    }
    const double s = 50.0 / 99; /* the points nearest to the middle */
    assert_true(fabs((double)least - (0.5 - 3 * exp(-s * s / 1250))) < 1e-6);
    done(&f);
}

/* What the input holds beyond the cues, in units of the noise, in the order step, trial, channel. */
static double *noise_of(struct fixture *f, double deviation, size_t *count)
{
    *count = f->shape.T * f->trials.B * CHANNELS;
    double *noise = calloc(*count, sizeof *noise);
    assert_non_null(noise);
    bool(*present)[CHANNELS] = cues_of(f);
    size_t k = 0;
    for (size_t t = 0; t < f->shape.T; t++) {
        step(f, t);
        for (size_t b = 0; b < f->trials.B; b++)
            for (size_t channel = 0; channel < CHANNELS; channel++)
                noise[k++] = ((double)f->x[b * LD + channel] - ideal(t, channel, present[b][channel])) /
                             deviation;
    }
    free(present);
    return noise;
}

static void noise_is_normal_at_every_step_cues_included(void **state)
{
    (void)state;
    for (long batch = 31; batch <= 32; batch++) {
        const struct modprop_config config = published(batch, 0.01);
        struct fixture f = make(&config, MODPROP_STREAM_TRAINING, 0);
        size_t count;
        double *noise = noise_of(&f, 0.01, &count), squares = 0, during = 0;
        const size_t of_cues = 200 * f.trials.B * CHANNELS, first = of_cues / 2;
        for (size_t k = 0; k < count; k++) {
            squares += noise[k] * noise[k];
            during += k < first || k >= count - first ? noise[k] * noise[k] : 0;
        }
        near_mean("variance", squares / (double)count, 1, sqrt(2 / (double)count));
        near_mean("variance during cues", during / (double)of_cues, 1, sqrt(2 / (double)of_cues));
        follows("noise", count, noise, standard_normal);
        free(noise);
        done(&f);
    }
}

/* Neighbours in trial, channel and time, and trials at both ends of an odd batch. */
static void noise_is_independent_of_its_neighbours(void **state)
{
    (void)state;
    for (long batch = 5; batch <= 6; batch++) {
        const struct modprop_config config = published(batch, 0.01);
        struct fixture f = make(&config, MODPROP_STREAM_TRAINING, 0);
        size_t count;
        double *noise = noise_of(&f, 0.01, &count);
        const size_t row = f.trials.B * CHANNELS;
        modprop_real *here = calloc(count, sizeof *here), *there = calloc(count, sizeof *there);
        assert_true(here && there);
        for (size_t lag = 1; lag <= 2 * row; lag++) {
            for (size_t k = 0; k + lag < count; k++) {
                here[k] = (modprop_real)noise[k];
                there[k] = (modprop_real)noise[k + lag];
            }
            uncorrelated("noise at a lag", count - lag, here, there);
        }
        free(here);
        free(there);
        free(noise);
        done(&f);
    }
}

static void rows_are_filled_up_to_their_two_channels(void **state)
{
    (void)state;
    for (long batch = 1; batch <= 4; batch++) {
        const struct modprop_config config = published(batch, 0.01);
        struct fixture f = make(&config, MODPROP_STREAM_TRAINING, 0);
        for (size_t k = 0; k < f.trials.B * LD; k++)
            f.x[k] = -99;
        step(&f, 10);
        for (size_t b = 0; b < f.trials.B; b++)
            for (size_t k = 0; k < LD; k++)
                assert_int_equal(f.x[b * LD + k] == -99, k >= CHANNELS);
        done(&f);
    }
}

/* The noise does depend on it: trials share blocks of random numbers in pairs. */
static void cues_of_a_trial_do_not_depend_on_the_size_of_its_batch(void **state)
{
    (void)state;
    const struct modprop_config large = published(64, 0), small = published(7, 0);
    struct fixture a = make(&large, MODPROP_STREAM_TRAINING, 5),
                   b = make(&small, MODPROP_STREAM_TRAINING, 5);
    for (size_t t = 0; t < a.shape.T; t++) {
        step(&a, t);
        step(&b, t);
        for (size_t k = 0; k < b.trials.B; k++)
            assert_memory_equal(a.x + k * LD, b.x + k * LD, CHANNELS * sizeof *a.x);
    }
    assert_memory_equal(a.trials.label, b.trials.label, b.trials.B * sizeof *b.trials.label);
    done(&a);
    done(&b);
}

/* Steps can be asked for in any order and again. */
static void a_step_is_a_function_of_its_number(void **state)
{
    (void)state;
    const struct modprop_config config = published(6, 0.01);
    struct fixture f = make(&config, MODPROP_STREAM_TRAINING, 5);
    modprop_real before[6 * LD];
    step(&f, 20);
    memcpy(before, f.x, sizeof before);
    step(&f, 900 - 1);
    assert_memory_not_equal(before, f.x, sizeof before);
    step(&f, 20);
    assert_memory_equal(before, f.x, sizeof before);
    done(&f);
}

/* Philox written a second time, in Python: the cues of trial b are the top bits of the first two words
 * of block 2^48 + b, seed 1, training stream, iteration 0. A change of them changes every result. */
static void the_labels_of_one_batch_are_pinned(void **state)
{
    (void)state;
    static const char labels[] = "11110010001110101110110110100111";
    const struct modprop_config config = published(32, 0.01);
    struct fixture f = make(&config, MODPROP_STREAM_TRAINING, 0);
    for (size_t b = 0; b < 32; b++)
        assert_int_equal(f.trials.label[b], labels[b] - '0');
    done(&f);
}

/* 100 trials: two independent sets of labels are equal with probability 2^-100. */
static void batches_differ_between_iterations_seeds_and_kinds(void **state)
{
    (void)state;
    const struct modprop_config config = published(100, 0.01);
    struct modprop_config other_seed = config;
    other_seed.seed = 2;
    struct fixture f[] = {
        make(&config, MODPROP_STREAM_TRAINING, 0),
        make(&config, MODPROP_STREAM_TRAINING, 1),
        make(&config, MODPROP_STREAM_EVALUATION, 0),
        make(&other_seed, MODPROP_STREAM_TRAINING, 0),
    };
    for (size_t a = 0; a < 4; a++) {
        step(&f[a], 400);
        for (size_t b = 0; b < a; b++) {
            assert_memory_not_equal(f[a].trials.label, f[b].trials.label, 100 * sizeof(size_t));
            for (size_t k = 0; k < 100; k++)
                assert_true(f[a].x[k * LD] != f[b].x[k * LD] ||
                            f[a].x[k * LD + 1] != f[b].x[k * LD + 1]);
        }
    }
    for (size_t a = 0; a < 4; a++)
        done(&f[a]);
}

/* ------------------------------------------------------------------ what the rules see */

enum { ITERATIONS = 3 };

struct seen {
    const struct modprop_run *run;
    uint64_t trials[ITERATIONS]; /* fingerprint of each iteration's inputs, FNV-1a over their bytes */
};

/* A method may want a batch twice: step 0 starts afresh. */
static void take_fingerprint(void *context, const struct modprop_moment *moment)
{
    struct seen *seen = context;
    const struct modprop_shape *s = &seen->run->shape;
    uint64_t *hash = &seen->trials[seen->run->iteration];
    if (moment->t == 0)
        *hash = 0xcbf29ce484222325u;
    for (size_t b = 0; b < s->B; b++) {
        unsigned char bytes[CHANNELS * sizeof(modprop_real)];
        memcpy(bytes, moment->pre + b * s->ld + s->n, sizeof bytes);
        for (size_t k = 0; k < sizeof bytes; k++)
            *hash = (*hash ^ bytes[k]) * 0x100000001b3u;
    }
}

static struct seen look(const char *rule, const char *seed)
{
    struct modprop_config config = small_config();
    struct modprop_run *run;
    small_set(&config, "rule", rule);
    small_set(&config, "seed", seed);
    assert_int_equal(modprop_run_create(&run, &config, NULL), MODPROP_OK);
    struct seen seen = {.run = run};
    run->pass.watch = take_fingerprint;
    run->pass.context = &seen;
    for (int k = 0; k < ITERATIONS; k++)
        assert_int_equal(modprop_run_step(run, NULL), MODPROP_OK);
    modprop_run_free(run);
    return seen;
}

static void rules_with_one_seed_see_the_same_trials_to_the_bit(void **state)
{
    (void)state;
    static const char *const rules[] = {"bptt", "eprop", "mdgl"};
    const struct seen first = look("modprop", "7"), other = look("modprop", "8");
    for (size_t k = 0; k < 3; k++) {
        const struct seen same = look(rules[k], "7");
        assert_memory_equal(same.trials, first.trials, sizeof first.trials);
    }
    for (size_t k = 0; k < ITERATIONS; k++)
        assert_true(other.trials[k] != first.trials[k]);
    assert_true(first.trials[0] != first.trials[1] && first.trials[1] != first.trials[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shape_is_the_published_one),
        cmocka_unit_test(class_1_is_both_cues_or_neither),
        cmocka_unit_test(the_four_pairs_of_cues_are_equally_likely),
        cmocka_unit_test(without_noise_the_input_is_the_published_bump),
        cmocka_unit_test(cues_shrink_to_any_length),
        cmocka_unit_test(cue_parameters_are_in_effect),
        cmocka_unit_test(noise_is_normal_at_every_step_cues_included),
        cmocka_unit_test(noise_is_independent_of_its_neighbours),
        cmocka_unit_test(rows_are_filled_up_to_their_two_channels),
        cmocka_unit_test(cues_of_a_trial_do_not_depend_on_the_size_of_its_batch),
        cmocka_unit_test(a_step_is_a_function_of_its_number),
        cmocka_unit_test(the_labels_of_one_batch_are_pinned),
        cmocka_unit_test(batches_differ_between_iterations_seeds_and_kinds),
        cmocka_unit_test(rules_with_one_seed_see_the_same_trials_to_the_bit),
    };
    return cmocka_run_group_tests_name("task_delayed_xor", tests, NULL, NULL);
}
