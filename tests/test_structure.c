/*
 * Which recurrent connections there are at the start, and which ones are born later.
 */
#include <math.h>

#include "small_training.h"
#include "statistics.h"

#include "engine/structure.h"
#include "engine/types.h"

static const char *const sparse_kinds[] = {"random", "ring", "grid", "block"};
enum { KINDS = sizeof sparse_kinds / sizeof *sparse_kinds };

static struct modprop_config config_of(const char *kind, double connectivity)
{
    struct modprop_config config = small_config();
    small_set(&config, "structure", kind);
    config.connectivity = connectivity;
    config.blocks = 2;
    return config;
}

static size_t connected(const modprop_real *theta, size_t count)
{
    size_t sum = 0;
    for (size_t k = 0; k < count; k++)
        sum += theta[k] > 0;
    return sum;
}

static struct modprop_structure structure_of(const struct modprop_config *config)
{
    struct modprop_structure s;
    assert_int_equal(modprop_structure_init(&s, config, NULL), MODPROP_OK);
    return s;
}

static struct modprop_stream stream_of(long iteration)
{
    return modprop_random_stream(1, MODPROP_STREAM_REWIRING, iteration);
}

/* ------------------------------------------------------------------ likelihoods */

/* Of 30 units floor(0.8 * 30) + 1 = 25 are excitatory and 5 inhibitory. On the ring the 25 stand
 * 1 / 25 apart, and inhibitory unit 2 of 5, at 0.5, stands where excitatory unit 12 does. */
static void on_a_ring_likelihoods_are_gaussian_in_the_distance_around_it(void **state)
{
    (void)state;
    struct modprop_config config = config_of("ring", 0.1);
    config.structure_width = 0.2;
    struct modprop_structure s = structure_of(&config);
    for (size_t k = 1; k < 25; k++) {
        const double distance = fmin((double)k, 25.0 - (double)k) / 25;
        const double want = exp(-distance * distance / (2 * 0.2 * 0.2));
        assert_true(fabs(s.likelihood[5 * 30 + 5 + k] - want) < 1e-12);
        assert_true(fabs(s.likelihood[(5 + k) * 30 + 5] - want) < 1e-12);
    }
    assert_true(s.likelihood[2 * 30 + 5 + 12] == 1 && s.likelihood[(5 + 12) * 30 + 2] == 1);
    assert_int_equal(s.possible, 30 * 29);
    modprop_structure_clear(&s);
}

/* The 25 excitatory units make five rows of five. */
static void on_a_grid_opposite_sides_meet(void **state)
{
    (void)state;
    struct modprop_config config = config_of("grid", 0.1);
    config.structure_width = 0.2;
    struct modprop_structure s = structure_of(&config);
    for (size_t a = 0; a < 25; a++)
        for (size_t b = 0; b < 25; b++) {
            const double dx = fabs((double)(a % 5) - (double)(b % 5));
            const double dy = fabs((double)(a / 5) - (double)(b / 5));
            const double x = fmin(dx, 5 - dx) / 5, y = fmin(dy, 5 - dy) / 5;
            const double want = a == b ? 0 : exp(-(x * x + y * y) / (2 * 0.2 * 0.2));
            assert_true(fabs(s.likelihood[(5 + a) * 30 + 5 + b] - want) < 1e-12);
        }
    modprop_structure_clear(&s);
}

static void no_connection_of_a_ring_or_grid_is_impossible_at_any_width(void **state)
{
    (void)state;
    static const char *const kinds[] = {"ring", "grid"};
    for (size_t k = 0; k < 2; k++) {
        struct modprop_config config = config_of(kinds[k], 0.1);
        small_set(&config, "structure_width", "0.02"); /* the least */
        config.n = 101;
        struct modprop_structure s = structure_of(&config);
        assert_int_equal(s.possible, 101 * 100);
        modprop_structure_clear(&s);
    }
}

/* types_per_sign = blocks: units are of the same group where their types are, of either sign. */
static void blocks_are_cut_as_types_are(void **state)
{
    (void)state;
    for (long blocks = 1; blocks <= 5; blocks++) {
        struct modprop_config config = config_of("block", 0.1);
        size_t group[30], possible = 0;
        struct modprop_types types;
        config.blocks = config.types_per_sign = blocks;
        config.block_between = 0.25;
        struct modprop_structure s = structure_of(&config);
        assert_int_equal(modprop_types_init(&types, &config, NULL), MODPROP_OK);
        for (size_t type = 0; type < types.C; type++)
            for (size_t k = types.first[type]; k < types.first[type + 1]; k++)
                group[types.unit[k]] = type % (size_t)blocks;
        for (size_t pre = 0; pre < 30; pre++)
            for (size_t post = 0; post < 30; post++) {
                const double want = pre == post ? 0 : group[pre] == group[post] ? 1 : 0.25;
                assert_true(s.likelihood[pre * 30 + post] == want);
                possible += want == 1;
            }
        modprop_structure_clear(&s);
        config.block_between = 0;
        s = structure_of(&config);
        assert_int_equal(s.possible, possible);
        modprop_structure_clear(&s);
        modprop_types_clear(&types);
    }
}

static void more_blocks_than_units_of_a_sign_are_refused(void **state)
{
    (void)state;
    struct modprop_error err = {0};
    struct modprop_config config = config_of("block", 0.1);
    config.blocks = 5;
    assert_int_equal(modprop_config_check(&config, &err), MODPROP_OK);
    config.blocks = 6; /* 5 inhibitory ones */
    assert_int_equal(modprop_config_check(&config, &err), MODPROP_INVALID);
    assert_non_null(strstr(err.message, "take at most 5"));
    small_set(&config, "structure", "ring");
    assert_int_equal(modprop_config_check(&config, NULL), MODPROP_OK);
}

/* ------------------------------------------------------------------ births */

/* One birth in an empty network, R times: each entry gets its share of the likelihoods. Entries that
 * expect fewer than 10 are counted together. */
static void a_birth_is_as_likely_as_the_structure_has_it(void **state)
{
    (void)state;
    enum { N = 30, R = 60000 };
    for (size_t kind = 1; kind < KINDS; kind++) {
        const struct modprop_config config = config_of(sparse_kinds[kind], 0.1);
        struct modprop_structure s = structure_of(&config);
        static modprop_real W[N * N];
        static double count[N * N];
        double total = 0, chi_square = 0, rest = 0, of_rest = 0, cells = 0;
        memset(count, 0, sizeof count);
        for (long iteration = 0; iteration < R; iteration++) {
            memset(W, 0, sizeof W);
            modprop_structure_connect(&s, W, 1, 1, stream_of(iteration), 0);
            assert_int_equal(connected(W, N * N), 1);
            for (size_t k = 0; k < N * N; k++)
                count[k] += W[k] > 0;
        }
        for (size_t k = 0; k < N * N; k++)
            total += s.likelihood[k];
        for (size_t k = 0; k < N * N; k++) {
            const double expected = R * s.likelihood[k] / total;
            if (expected < 10) {
                rest += expected;
                of_rest += count[k];
                continue;
            }
            chi_square += (count[k] - expected) * (count[k] - expected) / expected;
            cells++;
        }
        if (rest >= 10)
            chi_square += (of_rest - rest) * (of_rest - rest) / rest;
        below_chi_square(sparse_kinds[kind], chi_square, cells);
        modprop_structure_clear(&s);
    }
}

static void births_spare_what_is_there_and_end_when_all_is(void **state)
{
    (void)state;
    enum { N = 30 };
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct modprop_config config = config_of(sparse_kinds[kind], 0.1);
        config.block_between = 0;
        struct modprop_structure s = structure_of(&config);
        static modprop_real W[N * N];
        memset(W, 0, sizeof W);
        modprop_structure_connect(&s, W, 100, 2, stream_of(1), 0);
        assert_int_equal(connected(W, N * N), 100);
        modprop_structure_connect(&s, W, 57, 1, stream_of(2), 0);
        size_t old = 0;
        for (size_t k = 0; k < N * N; k++)
            old += W[k] == 2;
        assert_int_equal(old, 100);
        assert_int_equal(connected(W, N * N), 157);
        modprop_structure_connect(&s, W, SIZE_MAX, 1, stream_of(3), 0);
        assert_int_equal(connected(W, N * N), s.possible);
        for (size_t i = 0; i < N; i++)
            assert_true(W[i * N + i] == 0);
        modprop_structure_clear(&s);
    }
}

/* Where near ones are all taken, far ones of a likelihood of 1e-271 still come. */
static void the_last_birth_finds_the_only_place_left(void **state)
{
    (void)state;
    enum { N = 30 };
    struct modprop_config config = config_of("ring", 0.1);
    config.structure_width = 0.02;
    struct modprop_structure s = structure_of(&config);
    static modprop_real W[N * N];
    for (size_t k = 0; k < N * N; k++)
        W[k] = k % (N + 1) > 0;
    W[5 * N + 17] = 0; /* half around the ring */
    modprop_structure_connect(&s, W, 1, 1, stream_of(1), 0);
    assert_true(W[5 * N + 17] == 1);
    modprop_structure_clear(&s);
}

/* ------------------------------------------------------------------ the start */

/* floor(c possible) in W_rec, and floor(c (possible + 60)) with W_out. */
static void a_sparse_network_starts_with_its_share_of_connections(void **state)
{
    (void)state;
    static const double shares[] = {0.1, 0.21, 0.5, 0.99, 1};
    for (size_t kind = 0; kind < KINDS; kind++)
        for (size_t c = 0; c < 5; c++)
            for (long seed = 1; seed < 4; seed++) {
                struct modprop_config config = config_of(sparse_kinds[kind], shares[c]);
                config.seed = seed;
                struct modprop_run *run = create(&config);
                const struct modprop_weights *w = &run->network->theta;
                const size_t rec = connected(w->W_rec, 900), out = connected(w->W_out, 60);
                assert_int_equal(rec, (size_t)floor(shares[c] * 870));
                assert_int_equal(rec + out, (size_t)floor(shares[c] * 930));
                modprop_run_free(run);
            }
}

/* Columns with both signs sum to zero (roundings of 30 entries), and the radius is 1. */
static void a_sparse_start_is_balanced_and_has_spectral_radius_1(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        const struct modprop_config config = config_of(sparse_kinds[kind], 0.3);
        struct modprop_evaluation now;
        struct modprop_run *run = create(&config);
        size_t balanced = 0;
        for (size_t post = 0; post < 30; post++) {
            double inh = 0, exc = 0;
            for (size_t pre = 0; pre < 30; pre++)
                *(pre < 5 ? &inh : &exc) += (double)run->network->theta.W_rec[pre * 30 + post];
            assert_true(inh == 0 || exc == 0 || fabs(inh - exc) < 1e-5 * exc);
            balanced += inh > 0 && exc > 0;
        }
        assert_true(balanced > 15);
        assert_int_equal(modprop_run_evaluate(run, &now, NULL), MODPROP_OK);
        assert_true(fabs(now.spectral_radius - 1) < 1e-4);
        modprop_run_free(run);
    }
}

static void a_share_of_1_is_the_full_network_to_the_bit(void **state)
{
    (void)state;
    const struct modprop_config random = config_of("random", 1), full = config_of("full", 1);
    struct modprop_run *one = create(&random), *other = create(&full);
    assert_memory_equal(one->network->w.W_rec, other->network->w.W_rec,
                        one->network->w.count * sizeof(modprop_real));
    modprop_run_free(one);
    modprop_run_free(other);
}

/* A hundredth of 870: eight connections rarely close a loop. */
static void a_network_without_any_loop_is_refused(void **state)
{
    (void)state;
    int refused = 0;
    for (long seed = 1; seed <= 10; seed++) {
        struct modprop_config config = config_of("random", 0.01);
        struct modprop_error err = {0};
        struct modprop_run *run = NULL;
        config.seed = seed;
        if (modprop_run_create(&run, &config, &err) != MODPROP_OK) {
            assert_int_equal(err.code, MODPROP_INVALID);
            assert_non_null(strstr(err.message, "no activity comes back"));
            refused++;
        }
        modprop_run_free(run);
    }
    assert_true(refused > 0);
}

/* ------------------------------------------------------------------ training */

static void training_keeps_the_number_of_connections_while_they_move(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct modprop_config config = config_of(sparse_kinds[kind], 0.2);
        config.l1 = 0.5;
        struct modprop_run *run = create(&config);
        const struct modprop_weights *w = &run->network->theta;
        static bool before[900];
        size_t moved = 0;
        for (size_t k = 0; k < 900; k++)
            before[k] = w->W_rec[k] > 0;
        for (int iteration = 0; iteration < 20; iteration++) {
            train_steps(run, 1);
            assert_int_equal(connected(w->W_rec, 900) + connected(w->W_out, 60), 186);
        }
        for (size_t k = 0; k < 900; k++)
            moved += before[k] != (w->W_rec[k] > 0);
        assert_true(moved > 10);
        modprop_run_free(run);
    }
}

static void groups_that_may_not_meet_never_do(void **state)
{
    (void)state;
    struct modprop_config config = config_of("block", 0.4);
    config.block_between = 0;
    config.l1 = 0.5;
    struct modprop_run *run = create(&config);
    const struct modprop_structure *s = &run->network->structure;
    for (int iteration = 0; iteration < 20; iteration++) {
        train_steps(run, 1);
        for (size_t k = 0; k < 900; k++)
            assert_true(s->likelihood[k] > 0 || run->network->theta.W_rec[k] == 0);
    }
    modprop_run_free(run);
}

/* Mean distance along the ring of the recurrent connections; at random it would be 1/4. */
static double mean_distance(const struct modprop_run *run)
{
    double sum = 0, count = 0;
    for (size_t k = 0; k < 900; k++)
        if (run->network->theta.W_rec[k] > 0) {
            sum += sqrt(-2 * log(run->network->structure.likelihood[k])) * 0.1;
            count++;
        }
    return sum / count;
}

static void a_ring_stays_local_when_most_connections_were_born_again(void **state)
{
    (void)state;
    struct modprop_config config = config_of("ring", 0.1);
    config.l1 = 5; /* 0.025 per iteration, of weights of about 0.3 */
    struct modprop_run *run = create(&config);
    assert_true(mean_distance(run) < 0.15);
    train_steps(run, 40);
    assert_true(mean_distance(run) < 0.15);
    modprop_run_free(run);
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_a_ring_likelihoods_are_gaussian_in_the_distance_around_it),
        cmocka_unit_test(on_a_grid_opposite_sides_meet),
        cmocka_unit_test(no_connection_of_a_ring_or_grid_is_impossible_at_any_width),
        cmocka_unit_test(blocks_are_cut_as_types_are),
        cmocka_unit_test(more_blocks_than_units_of_a_sign_are_refused),
        cmocka_unit_test(a_birth_is_as_likely_as_the_structure_has_it),
        cmocka_unit_test(births_spare_what_is_there_and_end_when_all_is),
        cmocka_unit_test(the_last_birth_finds_the_only_place_left),
        cmocka_unit_test(a_sparse_network_starts_with_its_share_of_connections),
        cmocka_unit_test(a_sparse_start_is_balanced_and_has_spectral_radius_1),
        cmocka_unit_test(a_share_of_1_is_the_full_network_to_the_bit),
        cmocka_unit_test(a_network_without_any_loop_is_refused),
        cmocka_unit_test(training_keeps_the_number_of_connections_while_they_move),
        cmocka_unit_test(groups_that_may_not_meet_never_do),
        cmocka_unit_test(a_ring_stays_local_when_most_connections_were_born_again),
    };
    return cmocka_run_group_tests_name("structure", tests, NULL, NULL);
}
