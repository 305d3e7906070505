/*
 * random.h - counter-based random numbers: Philox 4x32-10 (Salmon et al., SC'11) of Random123.
 *
 * Every draw is a function of (seed, stream, iteration, block): nothing is carried along, so a run
 * gives the same numbers on any rank, in any order, resumed or not.
 */
#ifndef MODPROP_ENGINE_RANDOM_H
#define MODPROP_ENGINE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "modprop.h"

enum modprop_stream_name {
    MODPROP_STREAM_WEIGHTS = 1, /* initial weights */
    MODPROP_STREAM_TRAINING,    /* trials of the training iterations */
    MODPROP_STREAM_EVALUATION,  /* trials of the evaluations */
    MODPROP_STREAM_REWIRING,    /* reconnection and noise of DEEP R */
    MODPROP_STREAM_TASK,        /* what a task draws once per run */
    MODPROP_STREAM_FEEDBACK,    /* random learning signals */
    MODPROP_STREAM_DRIFT,       /* what wanders from iteration to iteration */
    MODPROP_STREAM_TYPES,       /* shuffled labels of cell types */
    MODPROP_STREAM_APART = 64   /* added to the names of trials: what wanders within them */
};

struct modprop_stream {
    uint32_t seed;
    uint32_t name;
    uint64_t iteration;
};

struct modprop_stream modprop_random_stream(long seed, enum modprop_stream_name name,
                                            long iteration);

/* The four words of one block. */
void modprop_random_words(struct modprop_stream stream, uint64_t block, uint32_t words[4]);

/* count standard normal numbers (Box-Muller, in double), four a block from `block` on. */
void modprop_random_normals(struct modprop_stream stream, uint64_t block, size_t count,
                            modprop_real *normals);

/* The same numbers in float arithmetic, much faster: for noise. Within 1e-5 of the others, but for
 * pairs next to 0 (one in 500 has a radius below 0.06): within 1e-6 / radius, and 8e-4 in any case. */
void modprop_random_noise(struct modprop_stream stream, uint64_t block, size_t count,
                          modprop_real *normals);

/* Uniform in (0, 1), first word of the block. */
double modprop_random_uniform(struct modprop_stream stream, uint64_t block);

#endif
