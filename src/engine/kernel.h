/*
 * kernel.h - the loops an iteration spends its time in, once per instruction set.
 *
 * kernel_loops.inc is compiled for AVX-512, AVX2 and plain C; the best one the CPU has is chosen at run
 * time. MODPROP_KERNEL=avx512|avx2|portable in the environment forces one, for tests and comparisons.
 * Sums are taken in the same order by all, but two of them multiply and add in one rounding: results
 * are equal up to rounding between instruction sets, and to the bit on the same one.
 */
#ifndef MODPROP_ENGINE_KERNEL_H
#define MODPROP_ENGINE_KERNEL_H

#include <stdint.h>

#include "modprop.h"

/* 1 where modprop_real is double: MODPROP_REAL is pasted to a name that is defined for it alone. */
#define MODPROP_KERNEL_REAL_IS_double 1
#define MODPROP_KERNEL_PASTE(a, b) a##b
#define MODPROP_KERNEL_IS(real) MODPROP_KERNEL_PASTE(MODPROP_KERNEL_REAL_IS_, real)
#define MODPROP_KERNEL_DOUBLE MODPROP_KERNEL_IS(MODPROP_REAL)

/* Compiles an elementwise loop for each instruction set. Without sums, and without fused operations
 * (which the compiler is told not to make), the bits do not depend on the choice. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define MODPROP_KERNEL_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define MODPROP_KERNEL_CLONES
#endif

enum {
    MODPROP_KERNEL_VECTOR = 16, /* rows in memory are padded to a multiple of so many values */
    MODPROP_KERNEL_TILE = 8,    /* trials of a product */
    MODPROP_KERNEL_TAPS = 16,   /* taps whose cascade stays in registers */
};

/* What a cascade of leaky integrators computes at each step t, eps_{j-1} being that before the step:
 *     eps_0 = keep eps_0 + first in[t],   eps_j = keep eps_j + cross eps_{j-1}
 * low_pass: keep = 1 - first and cross = first, which is cheaper. */
struct modprop_kernel_leak {
    modprop_real keep, first, cross;
    bool low_pass;
};

/* What `relu` makes of a product s: v = keep v + take s, z = v - theta where v > theta and 0
 * elsewhere, h = 1 where v > theta. */
struct modprop_kernel_relu {
    modprop_real keep, take, theta;
    modprop_real *v, *h; /* rows ldv apart; h may be NULL */
    size_t ldv;
    modprop_real *z; /* rows ldz apart */
    size_t ldz;
};

/* What leaky integrators make of a product s: out = keep before + take (gain o) s; gain NULL: without.
 * out may be before. */
struct modprop_kernel_leaky {
    modprop_real keep, take;
    const modprop_real *gain;   /* [n] */
    const modprop_real *before; /* rows ld apart, as those of out */
    modprop_real *out;
    size_t ld;
};

/* A matrix of few entries, row after row: those of row p are the first[p] ... first[p + 1] - 1. */
struct modprop_kernel_sparse {
    const uint32_t *first;  /* [m + 1] */
    const uint32_t *column; /* MODPROP_KERNEL_TILE times the index of the column, ascending */
    const modprop_real *value;
};

struct modprop_kernel {
    const char *name;

    /* out [R][n] = a [R][m] W [m][n], R <= MODPROP_KERNEL_TILE, visiting only the rows of W for which
     * an entry of a is not 0 in one of the trials. Rows are lda, ldw and ldo apart and padded to
     * whole vectors; what a is padded with does not matter. work: room for
     * m + MODPROP_KERNEL_VECTOR indices. */
    void (*product)(size_t R, size_t m, size_t n, const modprop_real *a, size_t lda,
                    const modprop_real *W, size_t ldw, modprop_real *out, size_t ldo,
                    uint32_t *work);

    /* The same product, handed to leaky units with a threshold instead of stored. */
    void (*relu)(size_t R, size_t m, size_t n, const modprop_real *a, size_t lda,
                 const modprop_real *W, size_t ldw, const struct modprop_kernel_relu *units,
                 uint32_t *work);

    /* The same product, handed to leaky integrators; */
    void (*leaky)(size_t R, size_t m, size_t n, const modprop_real *a, size_t lda,
                  const modprop_real *W, size_t ldw, const struct modprop_kernel_leaky *units,
                  uint32_t *work);

    /* and a product s [R][n] that has been made, to the same bits. */
    void (*leak)(size_t R, size_t n, const modprop_real *s, size_t lds,
                 const struct modprop_kernel_leaky *units);

    /* The first two with W sparse, to the same bits as long as all is finite: sums are taken in the
     * same order, and what is left out is zero. units: NULL, or out is. sums: room for n padded columns
     * of MODPROP_KERNEL_TILE values. */
    void (*sparse)(size_t R, size_t m, size_t n, const modprop_real *a, size_t lda,
                   const struct modprop_kernel_sparse *W, modprop_real *out, size_t ldo,
                   const struct modprop_kernel_relu *units, modprop_real *sums, uint32_t *work);

    /* sum [m][n] += sum over T steps and R trials of a[t][r]^T b[t][r], leaving out the rows of sum
     * whose entries of a are 0 for a while: in whole windows of 64 rows of a, counted from the first.
     * Padding and work as above. */
    void (*outer)(size_t T, size_t R, size_t m, size_t n, const modprop_real *a, size_t lda,
                  const modprop_real *b, size_t ldb, modprop_real *sum, size_t lds, uint32_t *work);

    /* Indices, ascending, of the columns of a [rows][m] that have an entry other than 0, rows lda apart
     * and padded; returns how many. index: room for m + MODPROP_KERNEL_VECTOR. */
    size_t (*visit)(size_t rows, size_t m, const modprop_real *a, size_t lda, uint32_t *index);

    /* Moves columns together: out[r][k] = a[r][index[k]] for `count` ascending indices. Nothing else is
     * written; rows of a are padded. */
    void (*pack)(size_t rows, size_t count, const uint32_t *index, const modprop_real *a,
                 size_t lda, modprop_real *out, size_t ldo);

    /* And apart: a[r][index[k]] += in[r][k]. */
    void (*unpack_add)(size_t rows, size_t count, const uint32_t *index, const modprop_real *in,
                       size_t ldi, modprop_real *a, size_t lda);

    /* Moves `taps` <= MODPROP_KERNEL_TAPS leaky integrators over `steps` steps, for `count` (a whole
     * number of vectors) independent values side by side. eps: [taps], row apart. in: [steps], in_row
     * apart. out: NULL, or [steps], out_row apart: the last tap before each step, what the next one
     * takes in. */
    void (*cascade)(size_t taps, size_t steps, size_t count, const struct modprop_kernel_leak *leak,
                    modprop_real *eps, size_t row, const modprop_real *in, size_t in_row,
                    modprop_real *out, size_t out_row);
};

extern const struct modprop_kernel modprop_kernel_avx512;
extern const struct modprop_kernel modprop_kernel_avx2;
extern const struct modprop_kernel modprop_kernel_portable;

/* The index-th that this CPU can run, best first; NULL past the last. */
const struct modprop_kernel *modprop_kernel_at(size_t index);

/* The one to use: the first, or what MODPROP_KERNEL names if the CPU can run it. */
const struct modprop_kernel *modprop_kernel_choose(void);

#endif
