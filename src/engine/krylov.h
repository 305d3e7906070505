/*
 * krylov.h - the outermost eigenvalues of a matrix from a few dozen products with it (Arnoldi, Quart.
 * Appl. Math. 1951): far cheaper than all of them.
 */
#ifndef MODPROP_ENGINE_KRYLOV_H
#define MODPROP_ENGINE_KRYLOV_H

#include <cblas.h>

#include "modprop.h"

/* Room for matrices up to n x n; the caller clears it. */
struct modprop_krylov {
    size_t n, most;    /* most: dimensions of the subspace */
    double *basis;     /* [most + 1][n]: orthonormal vectors */
    double *projected; /* [most][most], columns one after the other: the matrix in that basis */
    double *copy;      /* [most][most] */
    size_t size;       /* dimensions that were needed */
    double *real, *imaginary; /* [size]: eigenvalues of `projected` */
    double *vector;           /* [2][most]: real and imaginary part of one of its eigenvectors */
    double *work;             /* [most (most + 2)] */
    blasint *chosen;          /* [most] */
};

/* An outer end of the spectrum: the largest |shift + scale lambda| over the eigenvalues. */
struct modprop_krylov_end {
    double shift, scale;
    double radius; /* found */
};

enum modprop_status modprop_krylov_init(struct modprop_krylov *krylov, size_t n,
                                        struct modprop_error *err);
void modprop_krylov_clear(struct modprop_krylov *krylov); /* accepts a zeroed one */
size_t modprop_krylov_bytes(size_t n);

struct modprop_halting;

/* Finds the ends of matrix [n][n] of finite values, with a residual of 1e-7 of the radius or less.
 * false: the matrix is too small for this to pay, they do not come out in `most` dimensions, or halted
 * (NULL-able). */
bool modprop_krylov_find(struct modprop_krylov *krylov, const double *matrix,
                         struct modprop_halting *halting, struct modprop_krylov_end *ends,
                         size_t count);

#endif
