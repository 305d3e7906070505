/*
 * The fast normal numbers: how far they are from those in double, that they are as normal and as
 * independent, and that their bits depend on nothing but stream and block.
 */
#include <string.h>

#include "small_run.h"
#include "statistics.h"

#include "engine/kernel.h"
#include "engine/random.h"

enum { MANY = 1 << 16 };

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
    const struct modprop_stream stream = modprop_random_stream(5, MODPROP_STREAM_TRAINING, 0);
    modprop_real all[256], part[257];
    modprop_random_noise(stream, 7, 256, all);
    for (size_t count = 0; count <= 256; count++) {
        for (size_t k = 0; k < 257; k++)
            part[k] = -99;
        modprop_random_noise(stream, 7, count, part);
        assert_memory_equal(part, all, count * sizeof *part);
        for (size_t k = count; k < 257; k++)
            assert_true(part[k] == -99); /* nothing beyond the count is touched */
    }
}

static void blocks_follow_one_another_four_numbers_each(void **state)
{
    (void)state;
    const struct modprop_stream stream = modprop_random_stream(5, MODPROP_STREAM_TRAINING, 0);
    modprop_real all[256], some[23];
    modprop_random_noise(stream, 100, 256, all);
    for (uint64_t block = 0; 4 * block + 23 <= 256; block++) {
        modprop_random_noise(stream, 100 + block, 23, some);
        assert_memory_equal(some, all + 4 * block, sizeof some);
    }
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
    static modprop_real x[MANY];
    double moment[5] = {0};
    modprop_random_noise(modprop_random_stream(1, MODPROP_STREAM_TRAINING, 0), 0, MANY, x);
    for (size_t k = 0; k < MANY; k++)
        for (int power = 1; power <= 4; power++)
            moment[power] += pow((double)x[k], power) / MANY;
    /* Var x^p = (2p-1)!! - ((p-1)!! for even p, else 0)^2 */
    near_mean("mean", moment[1], 0, sqrt(1.0 / MANY));
    near_mean("second moment", moment[2], 1, sqrt(2.0 / MANY));
    near_mean("third moment", moment[3], 0, sqrt(15.0 / MANY));
    near_mean("fourth moment", moment[4], 3, sqrt(96.0 / MANY));
}

static void noise_follows_the_normal_distribution(void **state)
{
    (void)state;
    static modprop_real x[MANY];
    static double values[MANY];
    modprop_random_noise(modprop_random_stream(2, MODPROP_STREAM_TRAINING, 9), 0, MANY, x);
    for (size_t place = 0; place < 4; place++) { /* each of a block's four numbers alone */
        for (size_t k = 0; k < MANY / 4; k++)
            values[k] = (double)x[4 * k + place];
        follows("one of the four", MANY / 4, values, standard_normal);
    }
    for (size_t k = 0; k < MANY; k++)
        values[k] = (double)x[k];
    follows("all", MANY, values, standard_normal);
}

/* No number is beyond the radius of the smallest uniform one, sqrt(2 * 33 log 2). */
static void tails_are_as_heavy_as_normal_ones(void **state)
{
    (void)state;
    static modprop_real x[MANY];
    double beyond[2][3] = {{0}}, count = 0;
    for (long iteration = 0; iteration < 16; iteration++) {
        modprop_random_noise(modprop_random_stream(3, MODPROP_STREAM_TRAINING, iteration), 0, MANY,
                             x);
        count += MANY;
        for (size_t k = 0; k < MANY; k++) {
            assert_true(fabs((double)x[k]) < 6.764);
            for (int sigma = 2; sigma <= 4; sigma++) {
                beyond[0][sigma - 2] += (double)x[k] > sigma;
                beyond[1][sigma - 2] += (double)x[k] < -sigma;
            }
        }
    }
    for (int sigma = 2; sigma <= 4; sigma++)
        for (int side = 0; side < 2; side++) {
            const double p = standard_normal(-sigma);
            near_mean("tail", beyond[side][sigma - 2], count * p, sqrt(count * p));
        }
}

/* Each against the first: they differ in one of the coordinates alone; the last is another trial's.
 */
static void streams_are_independent(void **state)
{
    (void)state;
    static modprop_real first[MANY], other[MANY], squares[2][MANY];
    static const struct {
        long seed;
        enum modprop_stream_name name;
        long iteration;
        uint64_t block;
    } streams[] = {
        {1, MODPROP_STREAM_TRAINING, 0, 0},
        {2, MODPROP_STREAM_TRAINING, 0, 0},
        {1, MODPROP_STREAM_EVALUATION, 0, 0},
        {1, MODPROP_STREAM_TRAINING, 1, 0},
        {1, MODPROP_STREAM_TRAINING, 1L << 24, 0},
        {1, MODPROP_STREAM_TRAINING, 0, 1},
        {1L << 31, MODPROP_STREAM_TRAINING, 0, 0},
        {1, MODPROP_STREAM_TRAINING, 0, (uint64_t)1 << 32},
    };
    for (size_t s = 0; s < sizeof streams / sizeof *streams; s++) {
        modprop_random_noise(
            modprop_random_stream(streams[s].seed, streams[s].name, streams[s].iteration),
            streams[s].block, MANY, s ? other : first);
        for (size_t k = 0; k < MANY; k++)
            squares[s > 0][k] = s ? other[k] * other[k] : first[k] * first[k];
        if (s == 0)
            continue;
        uncorrelated("values of two streams", MANY, first, other);
        uncorrelated("squares of two streams", MANY, squares[0], squares[1]);
    }
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
