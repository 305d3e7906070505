/*
 * The fast normal numbers: how far they are from those in double, that they are as normal and as
 * independent, and that their bits depend on nothing but stream and block.
 */
#include <string.h>

#include "normal_draws.h"

#include "engine/kernel.h"

/* ------------------------------------------------------------------ against double */

/*
 * With e = 2^-24 and a radius r of which log = -r^2 / 2:
 * - the uniform number is rounded twice, 2 e in its log; exponent, series and their sum lose at
 * most e (3 + 3 |log|) more. |sqrt a - sqrt b| <= |a - b| / sqrt b: 2 e (5 + 1.5 r^2) / r of the
 * radius, and e r by the root;
 * - the angle loses e (2.4 + 0.01) and cosine and sine 4 e of their own: 7 e r;
 * - the products and the rounding of the number in double: 2 e r.
 * Where r is next to 0, |sqrt a - sqrt b| <= sqrt |a - b| with a log that is off by 2.2 e.
 */
static double bound(double radius)
{
    const double e = 0x1p-24;
    return fmin(e * (10 / radius + 13 * radius), 2 * sqrt(2.2 * e));
}

static void numbers_are_those_in_double_up_to_roundings(void **state)
{
    (void)state;
    static modprop_real exact[4 * MANY], fast[4 * MANY];
    size_t near_zero = 0;
    double largest = 0;
    for (long iteration = 0; iteration < 16; iteration++) {
        const struct modprop_stream stream = modprop_random_stream(1, MODPROP_STREAM_TRAINING,
                                                                   iteration);
        modprop_random_normals(stream, 0, 4 * MANY, exact);
        modprop_random_noise(stream, 0, 4 * MANY, fast);
        for (size_t k = 0; k < 4 * MANY; k++) {
            uint32_t words[4];
            modprop_random_words(stream, k / 4, words);
            const double u = ((double)words[k % 4 / 2 * 2] + 0.5) * 0x1p-32,
                         radius = sqrt(-2 * log(u));
            const double off = fabs((double)fast[k] - (double)exact[k]);
            if (!(off <= bound(radius)))
                fail_msg("radius %g: %.9g instead of %.9g", radius, (double)fast[k],
                         (double)exact[k]);
            if (radius < 0.1)
                near_zero++;
            else
                largest = fmax(largest, off);
        }
    }
    assert_true(largest < 1e-5);
    assert_true(near_zero > 0 &&
                (double)near_zero < 0.006 * 16 * 4 * MANY); /* 1 - exp(-0.1^2 / 2) */
}

/* Blocks below and above 2^32, where a word of the counter is carried, and at the end of a trial's.
 */
static void counters_carry_into_their_second_word(void **state)
{
    (void)state;
    static const uint64_t starts[] = {((uint64_t)1 << 32) - 3, ((uint64_t)1 << 32) - 16,
                                      ((uint64_t)1 << 32), ((uint64_t)7 << 32) + 5,
                                      UINT64_MAX - 20};
    for (size_t s = 0; s < sizeof starts / sizeof *starts; s++) {
        const struct modprop_stream stream = modprop_random_stream(
            4294967295, MODPROP_STREAM_TRAINING, ((long)5 << 32) + 3);
        modprop_real exact[80], fast[80];
        modprop_random_normals(stream, starts[s], 80, exact);
        modprop_random_noise(stream, starts[s], 80, fast);
        for (size_t k = 0; k < 80; k++)
            assert_true(fabs((double)fast[k] - (double)exact[k]) < 1e-5);
    }
}

/* ------------------------------------------------------------------ which bits */

static void a_shorter_draw_is_a_prefix_of_a_longer_one(void **state)
{
    (void)state;
    a_shorter_one_is_a_prefix_of_a_longer_one(modprop_random_noise,
                                              modprop_random_stream(5, MODPROP_STREAM_TRAINING, 0));
}

static void blocks_follow_one_another_four_numbers_each(void **state)
{
    (void)state;
    blocks_follow_one_another(modprop_random_noise,
                              modprop_random_stream(5, MODPROP_STREAM_TRAINING, 0));
}

static uint64_t fingerprint(const modprop_real *values, size_t count)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a over the values' bits */
    for (size_t k = 0; k < count; k++) {
        uint32_t bits;
        memcpy(&bits, values + k, sizeof bits);
        hash = (hash ^ bits) * 0x100000001b3u;
    }
    return hash;
}

/* Pinned: two compilers with and without wide registers agree on it, and whoever changes it changes
 * every result. */
static void the_bits_depend_neither_on_the_kernel_nor_on_the_machine(void **state)
{
    (void)state;
    static modprop_real x[MANY];
    const struct modprop_stream stream = modprop_random_stream(1, MODPROP_STREAM_TRAINING, 2);
    for (size_t k = 0; modprop_kernel_at(k); k++) {
        setenv("MODPROP_KERNEL", modprop_kernel_at(k)->name, 1);
        memset(x, 0, sizeof x);
        modprop_random_noise(stream, 3, MANY, x);
        if (fingerprint(x, MANY) != 0xd3cbd331acb49e6au)
            fail_msg("%s: fingerprint %#llx", modprop_kernel_at(k)->name,
                     (unsigned long long)fingerprint(x, MANY));
    }
    unsetenv("MODPROP_KERNEL");
}

/* ------------------------------------------------------------------ distribution */

static void noise_has_normal_moments(void **state)
{
    (void)state;
    moments_are_normal(modprop_random_noise, modprop_random_stream(1, MODPROP_STREAM_TRAINING, 0));
}

static void noise_follows_the_normal_distribution(void **state)
{
    (void)state;
    distribution_is_normal(modprop_random_noise,
                           modprop_random_stream(2, MODPROP_STREAM_TRAINING, 9));
}

static void tails_are_as_heavy_as_normal_ones(void **state)
{
    (void)state;
    tails_are_normal(modprop_random_noise);
}

static void streams_are_independent(void **state)
{
    (void)state;
    other_streams_are_independent(modprop_random_noise);
}

/* Also across blocks that are drawn side by side. */
static void neighbours_are_independent(void **state)
{
    (void)state;
    static modprop_real x[MANY + 130], squares[MANY + 130];
    modprop_random_noise(modprop_random_stream(6, MODPROP_STREAM_TRAINING, 0), 0, MANY + 130, x);
    for (size_t k = 0; k < MANY + 130; k++)
        squares[k] = x[k] * x[k];
    for (size_t lag = 1; lag <= 130; lag++) {
        uncorrelated("values at a lag", MANY, x, x + lag);
        uncorrelated("squares at a lag", MANY, squares, squares + lag);
        uncorrelated("value and later square", MANY, x, squares + lag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_in_double_up_to_roundings),
        cmocka_unit_test(counters_carry_into_their_second_word),
        cmocka_unit_test(a_shorter_draw_is_a_prefix_of_a_longer_one),
        cmocka_unit_test(blocks_follow_one_another_four_numbers_each),
        cmocka_unit_test(the_bits_depend_neither_on_the_kernel_nor_on_the_machine),
        cmocka_unit_test(noise_has_normal_moments),
        cmocka_unit_test(noise_follows_the_normal_distribution),
        cmocka_unit_test(tails_are_as_heavy_as_normal_ones),
        cmocka_unit_test(streams_are_independent),
        cmocka_unit_test(neighbours_are_independent),
    };
    return cmocka_run_group_tests_name("noise", tests, NULL, NULL);
}
