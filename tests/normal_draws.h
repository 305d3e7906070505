/*
 * normal_draws.h - what any generator of normal numbers must hold to, for those of random.h: the one
 * in double and the fast one.
 */
#ifndef TESTS_NORMAL_DRAWS_H
#define TESTS_NORMAL_DRAWS_H

#include <math.h>

#include "small_run.h"
#include "statistics.h"

#include "engine/random.h"

enum { MANY = 1 << 16 };

/* modprop_random_normals or modprop_random_noise. */
typedef void normal_draw(struct modprop_stream stream, uint64_t block, size_t count,
                         modprop_real *normals);

/* ------------------------------------------------------------------ which numbers */

static void a_shorter_one_is_a_prefix_of_a_longer_one(normal_draw *draw,
                                                      struct modprop_stream stream)
{
    modprop_real all[256], part[257];
    draw(stream, 7, 256, all);
    for (size_t count = 0; count <= 256; count++) {
        for (size_t k = 0; k < 257; k++)
            part[k] = -99;
        draw(stream, 7, count, part);
        assert_memory_equal(part, all, count * sizeof *part);
        for (size_t k = count; k < 257; k++)
            assert_true(part[k] == -99); /* nothing beyond the count is touched */
    }
}

/* Drawn from any block on, whole blocks or not. */
static void blocks_follow_one_another(normal_draw *draw, struct modprop_stream stream)
{
    static const size_t counts[] = {4, 23};
    modprop_real all[256], some[23];
    draw(stream, 100, 256, all);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (uint64_t block = 0; 4 * block + counts[c] <= 256; block++) {
            draw(stream, 100 + block, counts[c], some);
            assert_memory_equal(some, all + 4 * block, counts[c] * sizeof *some);
        }
}

/* ------------------------------------------------------------------ distribution */

static void moments_are_normal(normal_draw *draw, struct modprop_stream stream)
{
    static modprop_real x[MANY];
    double moment[5] = {0};
    draw(stream, 0, MANY, x);
    for (size_t k = 0; k < MANY; k++)
        for (int power = 1; power <= 4; power++)
            moment[power] += pow((double)x[k], power) / MANY;
    /* Var x^p = (2p-1)!! - ((p-1)!! for even p, else 0)^2 */
    near_mean("mean", moment[1], 0, sqrt(1.0 / MANY));
    near_mean("second moment", moment[2], 1, sqrt(2.0 / MANY));
    near_mean("third moment", moment[3], 0, sqrt(15.0 / MANY));
    near_mean("fourth moment", moment[4], 3, sqrt(96.0 / MANY));
}

static void distribution_is_normal(normal_draw *draw, struct modprop_stream stream)
{
    static modprop_real x[MANY];
    static double values[MANY];
    draw(stream, 0, MANY, x);
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
static void tails_are_normal(normal_draw *draw)
{
    static modprop_real x[MANY];
    double beyond[2][3] = {{0}}, count = 0;
    for (long iteration = 0; iteration < 16; iteration++) {
        draw(modprop_random_stream(3, MODPROP_STREAM_TRAINING, iteration), 0, MANY, x);
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

/* ------------------------------------------------------------------ independence */

/* Each against the first: they differ in one of the coordinates alone; the last is another trial's.
 */
static void other_streams_are_independent(normal_draw *draw)
{
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
        {1, MODPROP_STREAM_WEIGHTS, 0, 0},
        {1, MODPROP_STREAM_TRAINING, 1, 0},
        {1, MODPROP_STREAM_TRAINING, 1L << 24, 0},
        {1, MODPROP_STREAM_TRAINING, 0, 1},
        {1L << 31, MODPROP_STREAM_TRAINING, 0, 0},
        {1, MODPROP_STREAM_TRAINING, 0, (uint64_t)1 << 32},
    };
    for (size_t s = 0; s < sizeof streams / sizeof *streams; s++) {
        draw(modprop_random_stream(streams[s].seed, streams[s].name, streams[s].iteration),
             streams[s].block, MANY, s ? other : first);
        for (size_t k = 0; k < MANY; k++)
            squares[s > 0][k] = s ? other[k] * other[k] : first[k] * first[k];
        if (s == 0)
            continue;
        uncorrelated("values of two streams", MANY, first, other);
        uncorrelated("squares of two streams", MANY, squares[0], squares[1]);
    }
}

#endif
