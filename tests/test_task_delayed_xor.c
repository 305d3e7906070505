/*
 * The delayed XOR task: what its trials look like and what they depend on.
 */
#include <string.h>

#include "small_run.h"
#include "statistics.h"

#include "engine/memory.h"
#include "engine/registry.h"
#include "engine/run.h"

enum { CHANNELS = 2 };

/* A batch of the task alone; `done` releases it. */
struct fixture {
    struct modprop_task_shape shape;
    struct modprop_trials trials;
    void *state;
    modprop_real *x; /* [B][CHANNELS] of the step last asked for */
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
    f.trials.kind = modprop_memory_get(f.trials.B, sizeof *f.trials.kind);
    f.x = modprop_memory_get(f.trials.B * CHANNELS, sizeof *f.x);
    assert_true(f.trials.label && f.trials.kind && f.x);
    task->begin(&f.trials);
    return f;
}

/* The trials 0, 1, ... of a batch. */
static size_t everyone[2048];

static void meet_everyone(void)
{
    for (size_t b = 0; b < sizeof everyone / sizeof *everyone; b++)
        everyone[b] = b;
}

static void step(struct fixture *f, size_t t)
{
    assert_true(f->trials.B <= sizeof everyone / sizeof *everyone);
    f->trials.task->input(&f->trials, t, 1, everyone, f->trials.B, f->x);
}

static void done(struct fixture *f)
{
    f->trials.task->free(f->state);
    modprop_memory_free(f->trials.label);
    modprop_memory_free(f->trials.kind);
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

/* Which cues each trial has, seen from the input at the cues' middle: [B][2], the caller frees it.
 */
static bool (*cues_of(struct fixture *f))[CHANNELS]
{
    bool(*present)[CHANNELS] = calloc(f->trials.B, sizeof *present);
    assert_non_null(present);
    for (size_t channel = 0; channel < CHANNELS; channel++) {
        step(f, channel ? 850 : 50);
        for (size_t b = 0; b < f->trials.B; b++)
            present[b][channel] = f->x[b * CHANNELS + channel] > 1;
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
                const double x = (double)f.x[b * CHANNELS + channel],
                             want = ideal(t, channel, present[b][channel]);
                with_cue += want > 0.02;
                /* two roundings to float32 of values up to 2.02: 2 * 2^-23 */
                if (!(fabs(x - want) < 2.5e-7))
                    fail_msg("trial %zu, channel %zu, step %zu: %.9g instead of %.9g", b, channel,
                             t, x, want);
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
            peaks += f.x[b * CHANNELS + t] > 2;
            assert_true(f.x[b * CHANNELS + t] > 2 || f.x[b * CHANNELS + t] == (modprop_real)0.02);
            assert_true(f.x[b * CHANNELS + 1 - t] == (modprop_real)0.02);
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
            least = f.x[b * CHANNELS] < least ? f.x[b * CHANNELS] : least;
            assert_true(f.x[b * CHANNELS + 1] == (modprop_real)0.5);
        }
    }
    const double s = 50.0 / 99; /* the points nearest to the middle */
    assert_true(fabs((double)least - (0.5 - 3 * exp(-s * s / 1250))) < 1e-6);
    done(&f);
}

/* What the input holds beyond the cues, in units of the noise, in the order step, trial, channel.
 */
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
                noise[k++] = ((double)f->x[b * CHANNELS + channel] -
                              ideal(t, channel, present[b][channel])) /
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

/* Steps 0 ... T - 1 of all trials at once, [T][B][CHANNELS]; the caller frees it. */
static modprop_real *whole(const struct fixture *f)
{
    modprop_real *x = calloc(f->shape.T * f->trials.B * CHANNELS, sizeof *x);
    assert_non_null(x);
    f->trials.task->input(&f->trials, 0, f->shape.T, everyone, f->trials.B, x);
    return x;
}

/* Steps that are not a multiple of anything, from even and odd ones, of trials in the middle. */
static void any_part_of_a_batch_can_be_asked_for_alone(void **state)
{
    (void)state;
    static const size_t starts[] = {0, 1, 2, 31, 32, 33, 99, 799, 895},
                        lengths[] = {0, 1, 2, 3, 31, 32, 33, 65, 100};
    const struct modprop_config config = published(9, 0.01);
    struct fixture f = make(&config, MODPROP_STREAM_TRAINING, 4);
    modprop_real *const all = whole(&f);
    for (size_t b0 = 0; b0 < 9; b0++)
        for (size_t R = 0; b0 + R <= 9; R++)
            for (size_t s = 0; s < sizeof starts / sizeof *starts; s++)
                for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
                    modprop_real part[100 * 9 * CHANNELS + 1];
                    const size_t t0 = starts[s], steps = lengths[l], row = R * CHANNELS;
                    if (t0 + steps > f.shape.T)
                        continue;
                    part[steps * row] = -99;
                    f.trials.task->input(&f.trials, t0, steps, everyone + b0, R, part);
                    for (size_t k = 0; k < steps; k++)
                        assert_memory_equal(part + k * row, all + ((t0 + k) * 9 + b0) * CHANNELS,
                                            row * sizeof *part);
                    assert_true(part[steps * row] == -99); /* nothing beyond is touched */
                }
    free(all);
    done(&f);
}

static void a_trial_noise_and_all_does_not_depend_on_the_size_of_its_batch(void **state)
{
    (void)state;
    const struct modprop_config large = published(64, 0.01);
    struct fixture a = make(&large, MODPROP_STREAM_TRAINING, 5);
    modprop_real *const of_large = whole(&a);
    for (long batch = 1; batch < 64; batch += 3) {
        const struct modprop_config small = published(batch, 0.01);
        struct fixture b = make(&small, MODPROP_STREAM_TRAINING, 5);
        modprop_real *const of_small = whole(&b);
        const size_t row = b.trials.B * CHANNELS;
        for (size_t t = 0; t < a.shape.T; t++)
            assert_memory_equal(of_large + t * 64 * CHANNELS, of_small + t * row,
                                row * sizeof *of_small);
        assert_memory_equal(a.trials.label, b.trials.label, b.trials.B * sizeof *b.trials.label);
        free(of_small);
        done(&b);
    }
    free(of_large);
    done(&a);
}

/* Steps can be asked for in any order and again. */
static void a_step_is_a_function_of_its_number(void **state)
{
    (void)state;
    const struct modprop_config config = published(6, 0.01);
    struct fixture f = make(&config, MODPROP_STREAM_TRAINING, 5);
    modprop_real before[6 * CHANNELS];
    step(&f, 20);
    memcpy(before, f.x, sizeof before);
    step(&f, 900 - 1);
    assert_memory_not_equal(before, f.x, sizeof before);
    step(&f, 20);
    assert_memory_equal(before, f.x, sizeof before);
    done(&f);
}

/* Philox written a second time, in Python: the cues of trial b are the top bits of the first two
 * words of block 2^60 + b, seed 1, training stream, iteration 0. A change of them changes every
 * result. */
static void the_labels_of_one_batch_are_pinned(void **state)
{
    (void)state;
    static const char labels[] = "01001101100001111000001100011100";
    const struct modprop_config config = published(32, 0.01);
    struct fixture f = make(&config, MODPROP_STREAM_TRAINING, 0);
    for (size_t b = 0; b < 32; b++)
        assert_int_equal(f.trials.label[b], labels[b] - '0');
    done(&f);
}

/* The same program: number 2 t + channel of trial b is that of block 2^32 b + (2 t + channel) / 4.
 * Tolerance: 1e-5 of the fast normal numbers, and float32's of the input, below 1, in units of
 * 0.01. */
static void the_noise_of_one_batch_is_pinned(void **state)
{
    (void)state;
    static const struct {
        size_t b, t;
        double noise[CHANNELS];
    } pins[] = {
        {0, 0, {-2.2676372160536853, -1.5822972237060373}},
        {0, 1, {1.680460477848731, -0.9675584818644529}},
        {3, 401, {1.3192089759177872, 0.29944948696408574}},
        {31, 899, {0.23157131614188708, 0.47611335147731687}},
    };
    const struct modprop_config config = published(32, 0.01);
    struct fixture f = make(&config, MODPROP_STREAM_TRAINING, 0);
    size_t count;
    double *noise = noise_of(&f, 0.01, &count);
    for (size_t k = 0; k < sizeof pins / sizeof *pins; k++)
        for (size_t c = 0; c < CHANNELS; c++) {
            const double drawn = noise[(pins[k].t * 32 + pins[k].b) * CHANNELS + c];
            if (!(fabs(drawn - pins[k].noise[c]) < 1e-5 + 0x1p-23 / 0.01))
                fail_msg("trial %zu, step %zu: %.9g instead of %.9g", pins[k].b, pins[k].t, drawn,
                         pins[k].noise[c]);
        }
    free(noise);
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
                assert_true(f[a].x[k * CHANNELS] != f[b].x[k * CHANNELS] ||
                            f[a].x[k * CHANNELS + 1] != f[b].x[k * CHANNELS + 1]);
        }
    }
    for (size_t a = 0; a < 4; a++)
        done(&f[a]);
}

/* ------------------------------------------------------------------ what the rules see */

enum { ITERATIONS = 3 };

struct seen {
    const struct modprop_run *run;
    uint64_t
        trials[ITERATIONS]; /* fingerprint of each iteration's inputs, FNV-1a over their bytes */
};

/* A method may want a batch twice: its first tile's step 0 starts afresh. A watched block has one
 * step.
 */
static void take_fingerprint(void *context, const struct modprop_block *block)
{
    struct seen *seen = context;
    const struct modprop_shape *s = &seen->run->shape;
    uint64_t *hash = &seen->trials[seen->run->iteration];
    assert_int_equal(block->steps, 1);
    if (block->t0 == 0 && block->trial == seen->run->pass.order)
        *hash = 0xcbf29ce484222325u;
    for (size_t r = 0; r < block->R; r++) {
        unsigned char bytes[CHANNELS * sizeof(modprop_real)];
        memcpy(bytes, block->pre + r * s->ld + s->n, sizeof bytes);
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
    meet_everyone();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shape_is_the_published_one),
        cmocka_unit_test(class_1_is_both_cues_or_neither),
        cmocka_unit_test(the_four_pairs_of_cues_are_equally_likely),
        cmocka_unit_test(without_noise_the_input_is_the_published_bump),
        cmocka_unit_test(cues_shrink_to_any_length),
        cmocka_unit_test(cue_parameters_are_in_effect),
        cmocka_unit_test(noise_is_normal_at_every_step_cues_included),
        cmocka_unit_test(noise_is_independent_of_its_neighbours),
        cmocka_unit_test(any_part_of_a_batch_can_be_asked_for_alone),
        cmocka_unit_test(a_trial_noise_and_all_does_not_depend_on_the_size_of_its_batch),
        cmocka_unit_test(a_step_is_a_function_of_its_number),
        cmocka_unit_test(the_labels_of_one_batch_are_pinned),
        cmocka_unit_test(the_noise_of_one_batch_is_pinned),
        cmocka_unit_test(batches_differ_between_iterations_seeds_and_kinds),
        cmocka_unit_test(rules_with_one_seed_see_the_same_trials_to_the_bit),
    };
    return cmocka_run_group_tests_name("task_delayed_xor", tests, NULL, NULL);
}
