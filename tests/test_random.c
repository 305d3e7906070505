/*
 * Random numbers: the generator, the definition of the streams, and the normal numbers made of
 * them.
 */
#include <string.h>

#include "normal_draws.h"

static void philox_gives_the_published_answers(void **state)
{
    (void)state;
    /* Random123, tests/kat_vectors, lines "philox4x32 10": counter, key, answer. */
    static const uint32_t known[3][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d,
         0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
         0x94fdcceb, 0x5001e420, 0x24126ea1},
    };
    for (size_t k = 0; k < 3; k++) {
        const uint32_t *v = known[k];
        /* counter = block, iteration; key = seed, name of the stream */
        const struct modprop_stream stream = {v[4], v[5], v[2] | (uint64_t)v[3] << 32};
        uint32_t words[4];
        modprop_random_words(stream, v[0] | (uint64_t)v[1] << 32, words);
        assert_memory_equal(words, v + 6, sizeof words);
    }
}

/* Whoever changes what these numbers are changes every published result. */
static void streams_keep_their_numbers(void **state)
{
    (void)state;
    static const struct {
        enum modprop_stream_name name;
        uint32_t number;
    } names[] = {
        {MODPROP_STREAM_WEIGHTS, 1},  {MODPROP_STREAM_TRAINING, 2}, {MODPROP_STREAM_EVALUATION, 3},
        {MODPROP_STREAM_REWIRING, 4}, {MODPROP_STREAM_TASK, 5},     {MODPROP_STREAM_FEEDBACK, 6},
    };
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const struct modprop_stream stream = modprop_random_stream(4294967295, names[k].name,
                                                                   1L << 30);
        assert_int_equal(stream.seed, 0xffffffff);
        assert_int_equal(stream.name, names[k].number);
        assert_int_equal(stream.iteration, 1 << 30);
    }
}

static void one_block_is_pinned(void **state)
{
    (void)state;
    /* Philox 4x32-10 and Box-Muller written a second time, in Python with integers and floats:
     * counter {3, 0, 2, 0}, key {1, 2}. */
    static const uint32_t words[4] = {0xd4d1edff, 0xa8251870, 0x8f38bbd0, 0xeb705979};
    static const double normals[4] = {-0.3358944081, -0.5065925426, 0.9434132461, -0.5210949557};
    const struct modprop_stream stream = modprop_random_stream(1, MODPROP_STREAM_TRAINING, 2);
    uint32_t drawn[4];
    modprop_real normal[4];
    modprop_random_words(stream, 3, drawn);
    modprop_random_normals(stream, 3, 4, normal);
    assert_memory_equal(drawn, words, sizeof words);
    for (size_t k = 0; k < 4; k++) /* float32's rounding */
        assert_true(fabs((double)normal[k] - normals[k]) < 2e-7 * (1 + fabs(normals[k])));
    assert_true(fabs(modprop_random_uniform(stream, 3) - ((double)words[0] + 0.5) / 4294967296.0) <
                1e-15);
}

static void a_shorter_draw_is_a_prefix_of_a_longer_one(void **state)
{
    (void)state;
    a_shorter_one_is_a_prefix_of_a_longer_one(modprop_random_normals,
                                              modprop_random_stream(5, MODPROP_STREAM_WEIGHTS, 0));
}

static void blocks_follow_one_another_four_numbers_each(void **state)
{
    (void)state;
    blocks_follow_one_another(modprop_random_normals,
                              modprop_random_stream(5, MODPROP_STREAM_WEIGHTS, 0));
}

static void normals_have_normal_moments(void **state)
{
    (void)state;
    moments_are_normal(modprop_random_normals, modprop_random_stream(1, MODPROP_STREAM_WEIGHTS, 0));
}

static void normals_follow_the_normal_distribution(void **state)
{
    (void)state;
    distribution_is_normal(modprop_random_normals,
                           modprop_random_stream(2, MODPROP_STREAM_TRAINING, 9));
}

static void tails_are_as_heavy_as_normal_ones(void **state)
{
    (void)state;
    tails_are_normal(modprop_random_normals);
}

static void uniforms_fill_the_open_unit_interval(void **state)
{
    (void)state;
    static double u[MANY];
    const struct modprop_stream stream = modprop_random_stream(4, MODPROP_STREAM_REWIRING, 1);
    for (uint64_t block = 0; block < MANY; block++) {
        u[block] = modprop_random_uniform(stream, block);
        assert_true(u[block] > 0 && u[block] < 1);
    }
    follows("uniform", MANY, u, uniform_01);
}

static void streams_are_independent(void **state)
{
    (void)state;
    other_streams_are_independent(modprop_random_normals);
}

static void the_numbers_of_a_block_are_independent(void **state)
{
    (void)state;
    static modprop_real x[4 * MANY], place[4][MANY], square[4][MANY];
    modprop_random_normals(modprop_random_stream(6, MODPROP_STREAM_TRAINING, 0), 0, 4 * MANY, x);
    for (size_t p = 0; p < 4; p++)
        for (size_t k = 0; k < MANY; k++) {
            place[p][k] = x[4 * k + p];
            square[p][k] = place[p][k] * place[p][k];
        }
    for (size_t a = 0; a < 4; a++)
        for (size_t b = 0; b < a; b++) {
            uncorrelated("values", MANY, place[a], place[b]);
            uncorrelated("squares", MANY, square[a], square[b]);
            uncorrelated("value and square", MANY, place[a], square[b]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_answers),
        cmocka_unit_test(streams_keep_their_numbers),
        cmocka_unit_test(one_block_is_pinned),
        cmocka_unit_test(a_shorter_draw_is_a_prefix_of_a_longer_one),
        cmocka_unit_test(blocks_follow_one_another_four_numbers_each),
        cmocka_unit_test(normals_have_normal_moments),
        cmocka_unit_test(normals_follow_the_normal_distribution),
        cmocka_unit_test(tails_are_as_heavy_as_normal_ones),
        cmocka_unit_test(uniforms_fill_the_open_unit_interval),
        cmocka_unit_test(streams_are_independent),
        cmocka_unit_test(the_numbers_of_a_block_are_independent),
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
