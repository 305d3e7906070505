/*
 * Initial weights against tests/data/golden/initial_weights.json: the properties every sample must
 * have with their tolerances, and the numbers of units and sizes of types that must come out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "engine/feedback.h"
#include "engine/network.h"
#include "engine/spectrum.h"

/* "networks" of the file: n, n_in, n_out, proportion_excitatory, n_inh, n_exc, and
 * units_of_type_by_types_per_sign for 1, 2 and 3. */
static const struct expected {
    size_t n, n_in, n_out;
    double proportion_excitatory;
    size_t n_inh, n_exc, units[3][6];
} networks[] = {
    {120, 2, 2, 0.8, 23, 97, {{23, 97}, {11, 12, 48, 49}, {7, 7, 9, 32, 32, 33}}},
    {35, 3, 4, 0.75, 8, 27, {{8, 27}, {4, 4, 13, 14}, {2, 2, 4, 9, 9, 9}}},
    {16, 2, 2, 0.6, 6, 10, {{6, 10}, {3, 3, 5, 5}, {2, 2, 2, 3, 3, 4}}},
};
enum { NETWORKS = sizeof networks / sizeof *networks, SEEDS = 5 };

static struct modprop_config config_of(const struct expected *x)
{
    struct modprop_config config;
    modprop_config_init(&config);
    config.n = (long)x->n;
    config.batch = 1;
    config.proportion_excitatory = x->proportion_excitatory;
    return config;
}

static struct modprop_network *start(const struct expected *x, long seed)
{
    const struct modprop_config config = config_of(x);
    const struct modprop_shape shape = modprop_shape_complete((struct modprop_shape){
        .B = 1, .T = 1, .n_in = x->n_in, .n = x->n, .n_out = x->n_out, .loss_steps = 1});
    struct modprop_network *network;
    struct modprop_error err = {0};
    assert_int_equal(modprop_network_create(&network, &config, &shape, &err), MODPROP_OK);
    assert_int_equal(modprop_network_start(network, seed, &err), MODPROP_OK);
    return network;
}

/* Calls `look` for every network and seed. */
static void for_each(void (*look)(const struct expected *, const struct modprop_network *))
{
    for (size_t k = 0; k < NETWORKS; k++) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            struct modprop_network *network = start(&networks[k], seed);
            look(&networks[k], network);
            modprop_network_free(network);
        }
    }
}

static void look_at_diagonal(const struct expected *x, const struct modprop_network *network)
{
    for (size_t i = 0; i < x->n; i++)
        assert_true(network->w.W_rec[i * x->n + i] == 0);
}

static void the_diagonal_of_W_rec_is_zero(void **state)
{
    (void)state;
    for_each(look_at_diagonal);
}

static void look_at_signs(const struct expected *x, const struct modprop_network *network)
{
    assert_int_equal(network->n_inh, x->n_inh);
    assert_int_equal(network->n - network->n_inh, x->n_exc);
    for (size_t i = 0; i < x->n; i++) {
        const modprop_real sign = i < x->n_inh ? -1 : 1;
        for (size_t j = 0; j < x->n; j++)
            assert_true(sign * network->w.W_rec[i * x->n + j] >= 0);
        for (size_t k = 0; k < x->n_out; k++)
            assert_true(sign * network->w.W_out[i * x->n_out + k] >= 0);
    }
}

static void signs_belong_to_the_presynaptic_unit_and_inhibitory_ones_come_first(void **state)
{
    (void)state;
    for_each(look_at_signs);
}

/* Largest |sum of a column| / sum of |its entries|. */
static double imbalance(const modprop_real *W, size_t rows, size_t columns)
{
    double largest = 0;
    for (size_t j = 0; j < columns; j++) {
        double sum = 0, size = 0;
        for (size_t i = 0; i < rows; i++) {
            sum += (double)W[i * columns + j];
            size += fabs((double)W[i * columns + j]);
        }
        assert_true(size > 0);
        largest = fmax(largest, fabs(sum) / size);
    }
    return largest;
}

/* Tolerance: each entry is rounded to float32 (6e-8), the sum may be taken in float32. */
static void look_at_columns(const struct expected *x, const struct modprop_network *network)
{
    assert_true(imbalance(network->w.W_rec, x->n, x->n) <= 1e-5);
    assert_true(imbalance(network->w.W_out, x->n, x->n_out) <= 1e-5);
}

static void every_column_sums_to_zero(void **state)
{
    (void)state;
    for_each(look_at_columns);
}

/* Tolerance: rounding to float32 times the condition of an eigenvalue of a matrix that is not
 * normal.
 */
static void look_at_radius(const struct expected *x, const struct modprop_network *network)
{
    struct modprop_spectrum spectrum;
    double radius, filter;
    assert_int_equal(modprop_spectrum_init(&spectrum, x->n, NULL), MODPROP_OK);
    modprop_spectrum_radii(&spectrum, network->w.W_rec, NULL, 0.9, 0, &radius, &filter);
    modprop_spectrum_clear(&spectrum);
    assert_true(fabs(radius - 1) <= 1e-4);
}

static void the_spectral_radius_of_W_rec_is_one(void **state)
{
    (void)state;
    for_each(look_at_radius);
}

/* Standard errors that mean and variance of `count` values lie from 0 and 2 / n_in; 5 are allowed.
 */
static void assert_moments(double sum, double squares, double count, size_t n_in)
{
    const double variance = 2 / (double)n_in, mean = sum / count;
    assert_true(fabs(mean) / sqrt(variance) * sqrt(count) <= 5);
    assert_true(fabs((squares / count - mean * mean) / variance - 1) * sqrt(count / 2) <= 5);
}

static void the_moments_of_W_in_are_right_alone_and_over_many_seeds(void **state)
{
    (void)state;
    enum { MANY = 40 };
    for (size_t k = 0; k < NETWORKS; k++) {
        const struct expected *const x = &networks[k];
        const size_t count = x->n_in * x->n;
        double all = 0, all_squares = 0;
        for (long seed = 1; seed <= MANY; seed++) {
            struct modprop_network *network = start(x, seed);
            double sum = 0, squares = 0;
            for (size_t i = 0; i < count; i++) {
                assert_true(network->w.W_in[i] != 0);
                sum += (double)network->w.W_in[i];
                squares += (double)network->w.W_in[i] * (double)network->w.W_in[i];
            }
            assert_moments(sum, squares, (double)count, x->n_in);
            all += sum;
            all_squares += squares;
            modprop_network_free(network);
        }
        assert_moments(all, all_squares, (double)(MANY * count), x->n_in);
    }
}

static void look_at_bias(const struct expected *x, const struct modprop_network *network)
{
    for (size_t k = 0; k < x->n_out; k++)
        assert_true(network->w.b_out[k] == 0);
}

static void b_out_is_zero(void **state)
{
    (void)state;
    for_each(look_at_bias);
}

static void a_seed_decides_every_bit(void **state)
{
    (void)state;
    for (size_t k = 0; k < NETWORKS; k++) {
        const struct expected *const x = &networks[k];
        struct modprop_network *one = start(x, 3), *same = start(x, 3), *other = start(x, 4);
        assert_memory_equal(one->w.W_rec, same->w.W_rec, one->w.count * sizeof(modprop_real));
        assert_memory_not_equal(one->w.W_rec, other->w.W_rec, x->n * x->n * sizeof(modprop_real));
        assert_memory_not_equal(one->w.W_in, other->w.W_in, x->n_in * x->n * sizeof(modprop_real));
        assert_memory_not_equal(one->w.W_out, other->w.W_out,
                                x->n * x->n_out * sizeof(modprop_real));
        modprop_network_free(one);
        modprop_network_free(same);
        modprop_network_free(other);
    }
}

static void types_have_the_expected_sizes(void **state)
{
    (void)state;
    for (size_t k = 0; k < NETWORKS; k++) {
        for (size_t count = 1; count <= 3; count++) {
            struct modprop_config config = config_of(&networks[k]);
            struct modprop_types types;
            config.types_per_sign = (long)count;
            assert_int_equal(modprop_types_init(&types, &config, NULL), MODPROP_OK);
            assert_int_equal(types.C, 2 * count);
            assert_int_equal(types.first[0], 0);
            for (size_t a = 0; a < types.C; a++)
                assert_int_equal(modprop_types_size(&types, a), networks[k].units[count - 1][a]);
            modprop_types_clear(&types);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_diagonal_of_W_rec_is_zero),
        cmocka_unit_test(signs_belong_to_the_presynaptic_unit_and_inhibitory_ones_come_first),
        cmocka_unit_test(every_column_sums_to_zero),
        cmocka_unit_test(the_spectral_radius_of_W_rec_is_one),
        cmocka_unit_test(the_moments_of_W_in_are_right_alone_and_over_many_seeds),
        cmocka_unit_test(b_out_is_zero),
        cmocka_unit_test(a_seed_decides_every_bit),
        cmocka_unit_test(types_have_the_expected_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
