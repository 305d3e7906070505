/*
 * What each task's trials look like: timing, balance, targets. (Delayed XOR: test_task_delayed_xor.c;
 * images: test_task_digits.c.)
 */
#include "task_fixture.h"

/* 2 exp(-s^2 / (2 25^2)) + 0.02, s = `length` points from -50 to 50 inclusive. */
static double bump(size_t k, size_t length)
{
    const double s = -50 + 100 * (double)k / (double)(length - 1);
    return 2 * exp(-s * s / 1250) + 0.02;
}

/* Two roundings to float32 of values up to 2.02. */
static void same(const char *what, double x, double expected)
{
    if (!(fabs(x - expected) < 2.5e-7))
        fail_msg("%s: %.9g instead of %.9g", what, x, expected);
}

/* The input that shows a cue with its middle at step t, or n_in. */
static size_t cue_at(const struct batch *f, size_t t, size_t b)
{
    size_t cue = f->shape.n_in;
    for (size_t c = 0; c < f->shape.n_in; c++)
        if (input_at(f, t, b, c) > 1) {
            assert_int_equal(cue, f->shape.n_in); /* one at a time */
            cue = c;
        }
    return cue;
}

static struct modprop_config silent_config(const char *task, long batch)
{
    struct modprop_config config = task_config(task, batch);
    config.input_noise = 0;
    return config;
}

/* ------------------------------------------------------------------ delayed match */

static void match_cues_follow_fixation_and_delay(void **state)
{
    (void)state;
    const struct modprop_config config = silent_config("delayed_match", 20);
    struct batch f = make(&config, MODPROP_STREAM_TRAINING, 0);
    for (size_t b = 0; b < 20; b++) {
        const size_t first = cue_at(&f, 125, b), second = cue_at(&f, 1025, b);
        assert_int_equal(f.trials.label[b], first == second);
        for (size_t t = 0; t < 1100; t++)
            for (size_t c = 0; c < 2; c++) {
                const bool on1 = c == first && t >= 50 && t < 200, on2 = c == second && t >= 950;
                same("cue", input_at(&f, t, b, c),
                     on1   ? bump(t - 50, 150)
                     : on2 ? bump(t - 950, 150)
                           : 0.02);
            }
    }
    done(&f);
}

static void half_of_the_cues_match_and_all_pairs_are_alike(void **state)
{
    (void)state;
    enum { CUES = 5, TRIALS = 4000 };
    struct modprop_config config = silent_config("delayed_match", TRIALS);
    config.match_cues = CUES;
    config.match_delay_ms = 10;
    struct batch f = make(&config, MODPROP_STREAM_TRAINING, 3);
    double pairs[CUES][CUES] = {{0}}, chi_square = 0;
    size_t matches = 0;
    for (size_t b = 0; b < TRIALS; b++) {
        pairs[cue_at(&f, 125, b)][cue_at(&f, 285, b)]++;
        matches += f.trials.label[b];
    }
    near_share("matches", matches, TRIALS, 0.5);
    for (size_t i = 0; i < CUES; i++)
        for (size_t j = 0; j < CUES; j++) {
            const double expected = i == j ? TRIALS / 2.0 / CUES
                                           : TRIALS / 2.0 / (CUES * (CUES - 1));
            chi_square += (pairs[i][j] - expected) * (pairs[i][j] - expected) / expected;
        }
    below_chi_square("pairs of cues", chi_square, CUES * CUES - 1);
    done(&f);
}

/* ------------------------------------------------------------------ evidence accumulation */

static void evidence_has_the_published_timing(void **state)
{
    (void)state;
    const struct modprop_config config = silent_config("evidence_accumulation", 12);
    struct batch f = make(&config, MODPROP_STREAM_TRAINING, 0);
    for (size_t b = 0; b < 12; b++) {
        size_t right = 0;
        for (size_t k = 0; k < 7; k++)
            right += cue_at(&f, k * 150 + 100, b);
        assert_int_equal(f.trials.label[b], right > 3);
        for (size_t t = 0; t < 2250; t++) {
            const size_t along = t % 150, side = t < 1050 ? cue_at(&f, t - along + 100, b) : 3;
            for (size_t c = 0; c < 3; c++)
                same("evidence", input_at(&f, t, b, c),
                     c == side && along >= 50 ? bump(along - 50, 100)
                     : c == 2 && t >= 2100    ? bump(t - 2100, 150)
                                              : 0.02);
        }
    }
    done(&f);
}

/* Every cue is on the favoured side with probability 0.7: the number on it is binomial, that on the
 * right a mixture of two binomials. */
static void cues_are_on_the_favoured_side_with_the_given_probability(void **state)
{
    (void)state;
    enum { TRIALS = 4000, CUES = 7 };
    struct modprop_config config = silent_config("evidence_accumulation", TRIALS);
    config.evidence_delay_ms = 0;
    config.evidence_cue_ms = 3;
    config.evidence_gap_ms = 0;
    config.evidence_recall_ms = 3;
    struct batch f = make(&config, MODPROP_STREAM_EVALUATION, 1);
    double counts[CUES + 1] = {0}, chi_square = 0;
    size_t class_1 = 0;
    for (size_t b = 0; b < TRIALS; b++) {
        size_t right = 0;
        for (size_t k = 0; k < CUES; k++)
            right += cue_at(&f, 3 * k + 1, b);
        counts[right]++;
        class_1 += f.trials.label[b];
    }
    near_share("right", class_1, TRIALS, 0.5);
    double choose = 1; /* 7 choose k */
    for (size_t k = 0; k <= CUES; k++) {
        const double expected = TRIALS * choose / 2 *
                                (pow(0.7, (double)k) * pow(0.3, CUES - (double)k) +
                                 pow(0.3, (double)k) * pow(0.7, CUES - (double)k));
        chi_square += (counts[k] - expected) * (counts[k] - expected) / expected;
        choose *= (double)(CUES - k) / (double)(k + 1);
    }
    below_chi_square("cues on the right", chi_square, CUES);
    done(&f);
}

static void an_even_number_of_cues_is_refused(void **state)
{
    (void)state;
    struct modprop_config config = silent_config("evidence_accumulation", 1);
    struct modprop_error err = {0};
    config.evidence_cues = 6;
    assert_int_equal(modprop_config_check(&config, &err), MODPROP_INVALID);
    assert_non_null(strstr(err.message, "evidence_cues = 6 must be odd"));
}

/* ------------------------------------------------------------------ context integration */

static double within(double x)
{
    return uniform_01((x / 0.1875 + 1) / 2);
}

static void the_stream_in_context_decides(void **state)
{
    (void)state;
    enum { TRIALS = 4000 };
    struct modprop_config config = silent_config("context_integration", TRIALS);
    config.context_ms = 3;
    config.context_noise = 0;
    struct batch f = make(&config, MODPROP_STREAM_TRAINING, 2);
    double *means[2] = {calloc(TRIALS, sizeof(double)), calloc(TRIALS, sizeof(double))};
    modprop_real *copy = calloc(2 * TRIALS, sizeof *copy);
    assert_true(means[0] && means[1] && copy);
    size_t colour = 0, positive = 0;
    for (size_t b = 0; b < TRIALS; b++) {
        const size_t context = input_at(&f, 0, b, 3) == 1;
        for (size_t t = 0; t < 3; t++)
            for (size_t k = 0; k < 2; k++) {
                assert_true(input_at(&f, t, b, 2 + k) == (k == context));
                assert_true(input_at(&f, t, b, k) == input_at(&f, 0, b, k));
            }
        for (size_t k = 0; k < 2; k++)
            copy[k * TRIALS + b] = (modprop_real)(means[k][b] = input_at(&f, 0, b, k));
        assert_int_equal(f.trials.label[b], means[context][b] > 0);
        colour += context;
        positive += f.trials.label[b];
    }
    near_share("second context", colour, TRIALS, 0.5);
    near_share("class 1", positive, TRIALS, 0.5);
    uncorrelated("streams", TRIALS, copy, copy + TRIALS);
    for (size_t k = 0; k < 2; k++)
        follows("mean", TRIALS, means[k], within);
    free(means[0]);
    free(means[1]);
    free(copy);
    done(&f);
}

static void streams_have_a_noise_of_their_own(void **state)
{
    (void)state;
    struct modprop_config config = silent_config("context_integration", 40);
    config.context_noise = 0.8;
    struct batch noisy = make(&config, MODPROP_STREAM_TRAINING, 2);
    config.context_noise = 0;
    struct batch clean = make(&config, MODPROP_STREAM_TRAINING, 2);
    double *noise = calloc(inputs(&noisy), sizeof *noise);
    assert_non_null(noise);
    size_t kept = 0;
    for (size_t i = 0; i < inputs(&noisy); i++)
        if (i % 4 < 2)
            noise[kept++] = ((double)noisy.x[i] - (double)clean.x[i]) / 0.8;
        else
            assert_true(noisy.x[i] == clean.x[i]);
    follows("noise of the streams", kept, noise, standard_normal);
    free(noise);
    done(&noisy);
    done(&clean);
}

/* ------------------------------------------------------------------ pattern generation */

/* Over whole periods of 0.5 Hz the five sinusoids are orthogonal: their parts of the target add up to
 * all of its power. */
static void the_target_is_made_of_the_five_frequencies(void **state)
{
    (void)state;
    static const double frequency[] = {0.5, 1, 2, 3, 4};
    double amplitude[3][5];
    for (long seed = 1; seed <= 3; seed++) {
        struct modprop_config config = silent_config("pattern_generation", 1);
        config.seed = seed;
        struct batch f = make(&config, MODPROP_STREAM_TRAINING, 0);
        double power = 0, explained = 0, largest = 0;
        for (size_t t = 0; t < 2000; t++) {
            power += target_at(&f, t, 0, 0) * target_at(&f, t, 0, 0) / 2000;
            largest = fmax(largest, fabs(target_at(&f, t, 0, 0)));
        }
        for (size_t k = 0; k < 5; k++) {
            double sine = 0, cosine = 0;
            for (size_t t = 0; t < 2000; t++) {
                const double angle = 2 * acos(-1) * frequency[k] * (double)t / 1000;
                sine += target_at(&f, t, 0, 0) * sin(angle) / 1000;
                cosine += target_at(&f, t, 0, 0) * cos(angle) / 1000;
            }
            amplitude[seed - 1][k] = sqrt(sine * sine + cosine * cosine);
            explained += (sine * sine + cosine * cosine) / 2;
        }
        assert_true(largest == 1);
        assert_true(fabs(explained / power - 1) <
                    1e-6);             /* float32 targets: 2^-24 each, at random */
        for (size_t k = 1; k < 5; k++) /* [0.5, 2] each */
            assert_true(amplitude[seed - 1][k] / amplitude[seed - 1][0] > 0.249 &&
                        amplitude[seed - 1][k] / amplitude[seed - 1][0] < 4.01);
        done(&f);
    }
    assert_true(amplitude[0][1] / amplitude[0][0] != amplitude[1][1] / amplitude[1][0]);
    assert_true(amplitude[1][1] / amplitude[1][0] != amplitude[2][1] / amplitude[2][0]);
}

static void pattern_and_frozen_input_are_those_of_the_run(void **state)
{
    (void)state;
    struct modprop_config config = silent_config("pattern_generation", 2);
    config.pattern_amplitude = 0.5;
    struct batch one = make(&config, MODPROP_STREAM_TRAINING, 0),
                 two = make(&config, MODPROP_STREAM_EVALUATION, 9);
    config.seed = 2;
    struct batch other = make(&config, MODPROP_STREAM_TRAINING, 0);
    const size_t size = inputs(&one) * sizeof *one.x;
    double *drawn = calloc(inputs(&one) / 2, sizeof *drawn);
    assert_non_null(drawn);
    assert_memory_equal(one.x, two.x, size);
    assert_memory_equal(one.y, two.y, 2 * 2000 * sizeof *one.y);
    assert_memory_not_equal(one.x, other.x, size);
    assert_memory_not_equal(one.y, other.y, 2 * 2000 * sizeof *one.y);
    size_t count = 0;
    for (size_t t = 0; t < 2000; t++)
        for (size_t c = 0; c < 20; c++) {
            assert_true(input_at(&one, t, 0, c) == input_at(&one, t, 1, c));
            drawn[count++] = input_at(&one, t, 0, c) / 0.5;
        }
    follows("frozen input", count, drawn, standard_normal);
    free(drawn);
    done(&one);
    done(&two);
    done(&other);
}

/* ------------------------------------------------------------------ flip-flop */

enum { INTERVAL = 40, PULSE = 9, INTERVALS = 6, STARTS = INTERVAL - PULSE + 1 };

/* What was seen of the pulses of many trials. */
struct pulses {
    size_t first, further, up;
    double start[STARTS];
};

/* Follows one bit of a trial by its input alone and compares the target. */
static void follow_bit(const struct batch *f, size_t b, size_t bit, struct pulses *seen)
{
    int held = 0;
    for (size_t k = 0; k < INTERVALS; k++) {
        size_t begins = INTERVAL, length = 0;
        double sign = 0;
        for (size_t i = 0; i < INTERVAL; i++) {
            const double x = input_at(f, k * INTERVAL + i, b, bit);
            const double y = target_at(f, k * INTERVAL + i, b, bit);
            if (x != 0 && length == 0) {
                begins = i;
                sign = x;
            }
            if (length == PULSE && i == begins + PULSE)
                held = (int)sign;
            assert_true(y == held);
            if (x != 0) {
                assert_true(x == sign && fabs(x) == 1 && i == begins + length);
                length++;
            }
        }
        assert_true(length == 0 || length == PULSE);
        if (length == 0)
            continue;
        held = (int)sign;
        seen->first += k == 0;
        seen->further += k > 0;
        seen->up += sign > 0;
        seen->start[begins]++;
    }
}

static void outputs_hold_the_sign_of_the_last_pulse(void **state)
{
    (void)state;
    enum { TRIALS = 500, BITS = 3 };
    struct modprop_config config = silent_config("flip_flop", TRIALS);
    config.flip_intervals = INTERVALS;
    config.flip_interval_ms = INTERVAL;
    config.flip_pulse_ms = PULSE;
    struct batch f = make(&config, MODPROP_STREAM_TRAINING, 0);
    struct pulses seen = {0};
    for (size_t b = 0; b < TRIALS; b++)
        for (size_t bit = 0; bit < BITS; bit++)
            follow_bit(&f, b, bit, &seen);
    const size_t all = seen.first + seen.further;
    double chi_square = 0;
    for (size_t k = 0; k < STARTS; k++)
        chi_square += pow(seen.start[k] - (double)all / STARTS, 2) / ((double)all / STARTS);
    assert_int_equal(seen.first, TRIALS * BITS);
    near_share("later pulses", seen.further, TRIALS * BITS * (INTERVALS - 1), 0.5);
    near_share("upward pulses", seen.up, all, 0.5);
    below_chi_square("begin of pulses", chi_square, STARTS - 1);
    done(&f);
}

static void pulses_longer_than_their_interval_are_refused(void **state)
{
    (void)state;
    struct modprop_config config = silent_config("flip_flop", 3);
    config.flip_pulse_ms = config.flip_interval_ms;
    struct batch f = make(&config, MODPROP_STREAM_TRAINING, 0);
    done(&f);
    config.flip_pulse_ms++;
    assert_int_equal(modprop_config_check(&config, NULL), MODPROP_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(match_cues_follow_fixation_and_delay),
        cmocka_unit_test(half_of_the_cues_match_and_all_pairs_are_alike),
        cmocka_unit_test(evidence_has_the_published_timing),
        cmocka_unit_test(cues_are_on_the_favoured_side_with_the_given_probability),
        cmocka_unit_test(an_even_number_of_cues_is_refused),
        cmocka_unit_test(the_stream_in_context_decides),
        cmocka_unit_test(streams_have_a_noise_of_their_own),
        cmocka_unit_test(the_target_is_made_of_the_five_frequencies),
        cmocka_unit_test(pattern_and_frozen_input_are_those_of_the_run),
        cmocka_unit_test(outputs_hold_the_sign_of_the_last_pulse),
        cmocka_unit_test(pulses_longer_than_their_interval_are_refused),
    };
    return cmocka_run_group_tests_name("tasks", tests, NULL, NULL);
}
