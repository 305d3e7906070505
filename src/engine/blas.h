/*
 * blas.h - the OpenBLAS and LAPACK routines the engine uses, in the engine's precision.
 */
#ifndef MODPROP_ENGINE_BLAS_H
#define MODPROP_ENGINE_BLAS_H

#include <cblas.h>
#include <stddef.h>

#include "modprop.h"

#define MODPROP_BLAS_PICK(single, twice) _Generic((modprop_real)0, float : single, double : twice)

/* C [M][N] = scale A B + keep C, row-major; transposed operands are [K][M] and [N][K] in memory.
 * lda, ldb, ldc: row lengths in memory. */
static inline void modprop_blas_multiply(bool a_transposed, bool b_transposed, size_t M, size_t N,
                                         size_t K, modprop_real scale, const modprop_real *A,
                                         size_t lda, const modprop_real *B, size_t ldb,
                                         modprop_real keep, modprop_real *C, size_t ldc)
{
    MODPROP_BLAS_PICK(cblas_sgemm, cblas_dgemm)
    (CblasRowMajor, a_transposed ? CblasTrans : CblasNoTrans,
     b_transposed ? CblasTrans : CblasNoTrans, (blasint)M, (blasint)N, (blasint)K, scale, A,
     (blasint)lda, B, (blasint)ldb, keep, C, (blasint)ldc);
}

#endif
