/*
 * Rewiring: L1 pressure, disconnection and reconnection of sign-constrained weights.
 */
#include <math.h>
#include <string.h>

#include "connections.h"
#include "small_run.h"
#include "statistics.h"

#include "engine/memory.h"
#include "engine/rewire.h"

enum {
    N = 12,
    OUT = 2,
    REC_POSSIBLE = N * N - N,
    OUT_POSSIBLE = N * OUT,
    POSSIBLE = REC_POSSIBLE + OUT_POSSIBLE
};

struct fixture {
    struct modprop_config config;
    struct modprop_network *net;
    struct modprop_rewire rewire;
};

/* A network whose possible connections all are `theta`. */
static struct fixture make(double theta)
{
    struct fixture f = {.config = small_config()};
    f.config.n = N;
    const struct modprop_shape shape = modprop_shape_of(&f.config);
    assert_int_equal(modprop_network_create(&f.net, &f.config, &shape, NULL), MODPROP_OK);
    assert_int_equal(modprop_rewire_init(&f.rewire, f.net, NULL), MODPROP_OK);
    for (size_t k = 0; k < N * N; k++)
        f.net->theta.W_rec[k] = k % (N + 1) ? (modprop_real)theta : 0;
    for (size_t k = 0; k < N * OUT; k++)
        f.net->theta.W_out[k] = (modprop_real)theta;
    return f;
}

static void done(struct fixture *f)
{
    modprop_rewire_clear(&f->rewire);
    modprop_network_free(f->net);
}

static void no_autapses(const struct fixture *f)
{
    for (size_t i = 0; i < N; i++)
        assert_true(f->net->theta.W_rec[i * N + i] == 0);
}

/* Disconnects the first `rec` possible entries of W_rec and the first `out` of W_out. */
static void disconnect(struct fixture *f, size_t rec, size_t out)
{
    for (size_t k = 0; k < N * N && rec > 0; k++)
        if (f->net->theta.W_rec[k] > 0) {
            f->net->theta.W_rec[k] = 0;
            rec--;
        }
    for (size_t k = 0; k < out; k++)
        f->net->theta.W_out[k] = 0;
}

/* ------------------------------------------------------------------ reconnection */

static void connections_come_back_to_the_floor_of_the_share(void **state)
{
    (void)state;
    static const double share[] = {0.3, 0.5, 0.99, 1};
    static const size_t wanted[] = {46, 78, 154, 156}; /* floor(46.8), 78, floor(154.44), 156 */
    for (size_t k = 0; k < 4; k++)
        for (size_t kept = 0; kept < 40; kept += 13) {
            struct fixture f = make(0.5);
            disconnect(&f, REC_POSSIBLE - kept, OUT_POSSIBLE);
            f.config.connectivity = share[k];
            modprop_rewire_reconnect(&f.rewire, &f.config, (long)kept);
            assert_int_equal(connections(f.net), wanted[k]);
            no_autapses(&f);
            done(&f);
        }
}

static void the_present_connections_stay_and_new_ones_are_tiny(void **state)
{
    (void)state;
    struct fixture f = make(0.5);
    disconnect(&f, 30, 5);
    modprop_real before[N * N + N * OUT];
    memcpy(before, f.net->theta.W_rec, N * N * sizeof *before);
    memcpy(before + N * N, f.net->theta.W_out, N * OUT * sizeof *before);
    modprop_rewire_reconnect(&f.rewire, &f.config, 0);
    size_t born = 0;
    for (size_t k = 0; k < N * N + N * OUT; k++) {
        const modprop_real now = k < N * N ? f.net->theta.W_rec[k] : f.net->theta.W_out[k - N * N];
        born += now == (modprop_real)1e-12;
        assert_true(now == before[k] || (before[k] == 0 && now == (modprop_real)1e-12));
    }
    assert_int_equal(born, 154 - (POSSIBLE - 35));
    done(&f);
}

static void enough_connections_are_left_alone(void **state)
{
    (void)state;
    for (size_t lost = 0; lost <= 2; lost++) { /* 154 are wanted of 156 */
        struct fixture f = make(0.5);
        disconnect(&f, lost, 0);
        modprop_rewire_reconnect(&f.rewire, &f.config, 0);
        assert_int_equal(connections(f.net), POSSIBLE - lost);
        done(&f);
    }
}

static void input_weights_and_bias_are_not_touched(void **state)
{
    (void)state;
    struct fixture f = make(0.5);
    disconnect(&f, 100, 20);
    f.net->theta.W_in[3] = -1;
    f.config.l1 = 1e3;
    modprop_rewire_note(&f.rewire);
    modprop_rewire_guard(&f.rewire, &f.config, 1, 0);
    modprop_rewire_reconnect(&f.rewire, &f.config, 0);
    for (size_t k = 0; k < 2 * N; k++)
        assert_true(f.net->theta.W_in[k] == (k == 3 ? -1 : 0));
    for (size_t k = 0; k < OUT; k++)
        assert_true(f.net->theta.b_out[k] == 0);
    done(&f);
}

static void a_full_side_leaves_the_rest_to_the_other(void **state)
{
    (void)state;
    for (long iteration = 0; iteration < 50; iteration++) {
        struct fixture f = make(0.5);
        disconnect(&f, 60, 0);
        modprop_rewire_reconnect(&f.rewire, &f.config, iteration);
        assert_int_equal(connections_of(f.net->theta.W_rec, N * N), 154 - OUT_POSSIBLE);
        done(&f);
        f = make(0.5);
        disconnect(&f, 0, 20);
        modprop_rewire_reconnect(&f.rewire, &f.config, iteration);
        assert_int_equal(connections_of(f.net->theta.W_out, N * OUT), 154 - REC_POSSIBLE);
        done(&f);
    }
}

/* Drawing `chosen` of `candidates` without replacement, R times: the count of one candidate has the
 * variance R p (1 - p), p = chosen / candidates, and sum (count - R p)^2 / (R p (1 - p)) times
 * (candidates - 1) / candidates is chi-square with candidates - 1 degrees of freedom. */
static void every_candidate_is_equally_likely(void **state)
{
    (void)state;
    enum { R = 3000, CANDIDATES = 40, CHOSEN = 10 };
    struct fixture f = make(0.5);
    double count[N * N] = {0}, chi_square = 0;
    for (long iteration = 0; iteration < R; iteration++) {
        disconnect(&f, SIZE_MAX, 0);
        for (size_t k = 0, kept = 0; kept < REC_POSSIBLE - CANDIDATES; k++)
            if (k % (N + 1)) {
                f.net->theta.W_rec[k] = 1;
                kept++;
            }
        f.config.connectivity = (POSSIBLE - CANDIDATES + CHOSEN + 0.5) / POSSIBLE;
        modprop_rewire_reconnect(&f.rewire, &f.config, iteration);
        for (size_t k = 0; k < N * N; k++)
            count[k] += f.net->theta.W_rec[k] > 0 && f.net->theta.W_rec[k] < 1;
    }
    const double p = (double)CHOSEN / CANDIDATES;
    size_t candidates = 0;
    for (size_t k = 0; k < N * N; k++)
        if (count[k] > 0) {
            candidates++;
            chi_square += (count[k] - R * p) * (count[k] - R * p) / (R * p * (1 - p));
        }
    assert_int_equal(candidates, CANDIDATES);
    below_chi_square("candidates", chi_square * (CANDIDATES - 1) / CANDIDATES, CANDIDATES - 1);
    done(&f);
}

/* Everything is disconnected and M = 46 come back: W_rec gets a binomial number of them with
 * p = 132 / 156. A split that is always in proportion has the mean but not the variance. */
static void the_split_is_a_multinomial_in_proportion_to_the_possible_entries(void **state)
{
    (void)state;
    enum { R = 3000, M = 46 };
    struct fixture f = make(0.5);
    f.config.connectivity = 0.3;
    double sum = 0, squares = 0;
    const double p = (double)REC_POSSIBLE / POSSIBLE, variance = M * p * (1 - p);
    for (long iteration = 0; iteration < R; iteration++) {
        disconnect(&f, SIZE_MAX, OUT_POSSIBLE);
        modprop_rewire_reconnect(&f.rewire, &f.config, iteration);
        const double off = (double)connections_of(f.net->theta.W_rec, N * N) - M * p;
        assert_int_equal(connections(f.net), M);
        sum += off;
        squares += off * off;
    }
    near_mean("share of W_rec", sum / R, 0, sqrt(variance / R));
    near_mean("its variance", squares / R / variance, 1, sqrt(2.0 / R));
    done(&f);
}

static void the_choice_depends_on_seed_and_iteration_alone(void **state)
{
    (void)state;
    modprop_real first[N * N];
    static const struct {
        long seed, iteration;
        bool same;
    } cases[] = {
        {1, 5, true},
        {1, 5, true},
        {1, 6, false},
        {2, 5, false},
    };
    for (size_t k = 0; k < 4; k++) {
        struct fixture f = make(0.5);
        disconnect(&f, 100, 10);
        f.config.seed = cases[k].seed;
        f.config.connectivity = 0.6;
        modprop_rewire_reconnect(&f.rewire, &f.config, cases[k].iteration);
        if (k == 0)
            memcpy(first, f.net->theta.W_rec, sizeof first);
        assert_int_equal(memcmp(first, f.net->theta.W_rec, sizeof first) == 0, cases[k].same);
        done(&f);
    }
}

/* ------------------------------------------------------------------ the guard */

static void connected_weights_lose_exactly_learning_rate_times_l1(void **state)
{
    (void)state;
    struct fixture f = make(0.5);
    const double learning_rate = 3e-3;
    f.config.l1 = 0.07;
    modprop_rewire_note(&f.rewire);
    modprop_rewire_guard(&f.rewire, &f.config, learning_rate, 0);
    const modprop_real left = (modprop_real)0.5 - (modprop_real)(learning_rate * 0.07);
    for (size_t k = 0; k < N * N; k++)
        assert_true(f.net->theta.W_rec[k] == (k % (N + 1) ? left : 0));
    for (size_t k = 0; k < N * OUT; k++)
        assert_true(f.net->theta.W_out[k] == left);
    done(&f);
}

static void what_was_disconnected_before_the_step_stays_so(void **state)
{
    (void)state;
    struct fixture f = make(0.5);
    disconnect(&f, 50, 10);
    modprop_rewire_note(&f.rewire);
    for (size_t k = 0; k < N * N; k++) /* the optimiser moves everything up, autapses too */
        f.net->theta.W_rec[k] += 1;
    for (size_t k = 0; k < N * OUT; k++)
        f.net->theta.W_out[k] += 1;
    modprop_rewire_guard(&f.rewire, &f.config, 1e-3, 0);
    assert_int_equal(connections_of(f.net->theta.W_rec, N * N), REC_POSSIBLE - 50);
    assert_int_equal(connections_of(f.net->theta.W_out, N * OUT), OUT_POSSIBLE - 10);
    no_autapses(&f);
    assert_true(f.net->theta.W_out[0] == 0 && f.net->theta.W_out[9] == 0 &&
                f.net->theta.W_out[10] > 1);
    done(&f);
}

static void what_falls_to_zero_or_below_is_disconnected(void **state)
{
    (void)state;
    struct fixture f = make(0.5);
    f.config.l1 = 1;
    modprop_rewire_note(&f.rewire);
    f.net->theta.W_rec[1] = (modprop_real)-0.2;  /* by the optimiser */
    f.net->theta.W_rec[2] = (modprop_real)0.125; /* exactly to zero by the pressure */
    f.net->theta.W_rec[3] = (modprop_real)0.126;
    f.net->theta.W_out[0] = 0;
    modprop_rewire_guard(&f.rewire, &f.config, 0.125, 0);
    assert_true(f.net->theta.W_rec[1] == 0 && f.net->theta.W_rec[2] == 0);
    assert_true(f.net->theta.W_rec[3] > 0 && f.net->theta.W_out[0] == 0);
    for (size_t k = 0; k < N * N; k++)
        assert_true(f.net->theta.W_rec[k] >= 0);
    done(&f);
}

static void temperature_adds_noise_of_its_variance_to_connected_weights(void **state)
{
    (void)state;
    enum { R = 200 };
    struct fixture f = make(100); /* far from zero: nothing is cut off */
    static double noise[R * (REC_POSSIBLE - 7 + OUT_POSSIBLE)];
    const double learning_rate = 0.02;
    f.config.l1 = 0;
    f.config.temperature = 9;
    const double deviation = sqrt(2 * learning_rate * 9);
    double squares = 0, sum = 0;
    size_t count = 0;
    disconnect(&f, 7, 0);
    for (long iteration = 0; iteration < R; iteration++) {
        for (size_t k = 0; k < N * N; k++)
            f.net->theta.W_rec[k] = f.net->theta.W_rec[k] > 0 ? 100 : 0;
        for (size_t k = 0; k < N * OUT; k++)
            f.net->theta.W_out[k] = 100;
        modprop_rewire_note(&f.rewire);
        modprop_rewire_guard(&f.rewire, &f.config, learning_rate, iteration);
        for (size_t k = 0; k < N * N + N * OUT; k++) {
            const modprop_real theta = k < N * N ? f.net->theta.W_rec[k]
                                                 : f.net->theta.W_out[k - N * N];
            if (theta > 0)
                noise[count++] = ((double)theta - 100) / deviation;
        }
    }
    assert_int_equal(count, sizeof noise / sizeof *noise);
    for (size_t k = 0; k < count; k++) {
        sum += noise[k];
        squares += noise[k] * noise[k];
    }
    near_mean("mean", sum / (double)count, 0, sqrt(1 / (double)count));
    near_mean("variance", squares / (double)count, 1, sqrt(2 / (double)count));
    follows("noise", count, noise, standard_normal);
    done(&f);
}

/* A weight that is not a number must reach the divergence check, not be taken for disconnected. */
static void a_weight_that_is_not_a_number_stays(void **state)
{
    (void)state;
    struct fixture f = make(0.5);
    modprop_rewire_note(&f.rewire);
    f.net->theta.W_rec[1] = (modprop_real)NAN;
    modprop_rewire_guard(&f.rewire, &f.config, 1e-3, 0);
    assert_true(isnan(f.net->theta.W_rec[1]));
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_come_back_to_the_floor_of_the_share),
        cmocka_unit_test(the_present_connections_stay_and_new_ones_are_tiny),
        cmocka_unit_test(enough_connections_are_left_alone),
        cmocka_unit_test(input_weights_and_bias_are_not_touched),
        cmocka_unit_test(a_full_side_leaves_the_rest_to_the_other),
        cmocka_unit_test(every_candidate_is_equally_likely),
        cmocka_unit_test(the_split_is_a_multinomial_in_proportion_to_the_possible_entries),
        cmocka_unit_test(the_choice_depends_on_seed_and_iteration_alone),
        cmocka_unit_test(connected_weights_lose_exactly_learning_rate_times_l1),
        cmocka_unit_test(what_was_disconnected_before_the_step_stays_so),
        cmocka_unit_test(what_falls_to_zero_or_below_is_disconnected),
        cmocka_unit_test(temperature_adds_noise_of_its_variance_to_connected_weights),
        cmocka_unit_test(a_weight_that_is_not_a_number_stays),
    };
    return cmocka_run_group_tests_name("rewire", tests, NULL, NULL);
}
