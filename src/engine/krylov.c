#include "engine/krylov.h"

#include <math.h>
#include <string.h>

#include "engine/error.h"
#include "engine/halting.h"
#include "engine/memory.h"
#include "engine/random.h"

enum {
    FIRST = 48, /* dimensions that are tried first, then half as many again each time */
    MOST = 243, /* of these, or a fifth of n */
};
static const double RESIDUAL = 1e-7;

/* LAPACK, part of OpenBLAS: eigenvalues of a Hessenberg matrix, and chosen eigenvectors. */
void dhseqr_(const char *job, const char *z, const blasint *n, const blasint *low,
             const blasint *high, double *h, const blasint *ldh, double *wr, double *wi, double *q,
             const blasint *ldq, double *work, const blasint *lwork, blasint *info);
void dhsein_(const char *side, const char *source, const char *start, blasint *select,
             const blasint *n, const double *h, const blasint *ldh, double *wr, const double *wi,
             double *vl, const blasint *ldvl, double *vr, const blasint *ldvr, const blasint *mm,
             blasint *m, double *work, blasint *ifaill, blasint *ifailr, blasint *info);

/* Below FIRST * 2 all eigenvalues by QR take no longer. */
static size_t most_for(size_t n)
{
    const size_t share = n - n / 4, most = n / 5 > MOST ? n / 5 : MOST;
    return n < 2 * FIRST ? 0 : share < most ? share : most;
}

size_t modprop_krylov_bytes(size_t n)
{
    const size_t most = most_for(n);
    return most ? ((most + 1) * n + 2 * most * most + 4 * most + most * (most + 2)) *
                          sizeof(double) +
                      most * sizeof(blasint)
                : 0;
}

enum modprop_status modprop_krylov_init(struct modprop_krylov *krylov, size_t n,
                                        struct modprop_error *err)
{
    const size_t most = most_for(n), size = sizeof(double);
    struct modprop_memory_plan plan = {0};
    *krylov = (struct modprop_krylov){.n = n, .most = most};
    if (!most)
        return MODPROP_OK;
    krylov->basis = modprop_memory_take(&plan, modprop_memory_product(most + 1, n), size);
    krylov->projected = modprop_memory_take(&plan, most * most, size);
    krylov->copy = modprop_memory_take(&plan, most * most, size);
    krylov->real = modprop_memory_take(&plan, most, size);
    krylov->imaginary = modprop_memory_take(&plan, most, size);
    krylov->vector = modprop_memory_take(&plan, 2 * most, size);
    krylov->work = modprop_memory_take(&plan, most * (most + 2), size);
    krylov->chosen = modprop_memory_take(&plan, most, sizeof *krylov->chosen);
    if (plan.refused) {
        modprop_krylov_clear(krylov);
        return modprop_memory_error("the eigenvalues", plan.bytes, err);
    }
    return MODPROP_OK;
}

void modprop_krylov_clear(struct modprop_krylov *krylov)
{
    modprop_memory_free(krylov->basis);
    modprop_memory_free(krylov->projected);
    modprop_memory_free(krylov->copy);
    modprop_memory_free(krylov->real);
    modprop_memory_free(krylov->imaginary);
    modprop_memory_free(krylov->vector);
    modprop_memory_free(krylov->work);
    modprop_memory_free(krylov->chosen);
    *krylov = (struct modprop_krylov){0};
}

/* The first vector: the same for every matrix, and of no structure that one might have. */
static void start(struct modprop_krylov *k)
{
    const struct modprop_stream stream = modprop_random_stream(0, MODPROP_STREAM_WEIGHTS, -1);
    for (size_t i = 0; i < k->n; i++)
        k->basis[i] = modprop_random_uniform(stream, i) - 0.5;
    cblas_dscal((blasint)k->n, 1 / cblas_dnrm2((blasint)k->n, k->basis, 1), k->basis, 1);
    memset(k->projected, 0, k->most * k->most * sizeof *k->projected);
}

/* Adds the matrix's product with vector j to the basis, orthogonalised twice (Daniel et al., Math.
 * Comput. 1976), and fills column j of `projected`. Returns what was left of it: 0 where the subspace
 * holds all that the first vector leads to. */
static double extend(struct modprop_krylov *k, const double *matrix, size_t j)
{
    const blasint n = (blasint)k->n, vectors = (blasint)j + 1;
    double *const next = k->basis + (j + 1) * k->n, *const part = k->work;
    cblas_dgemv(CblasRowMajor, CblasNoTrans, n, n, 1, matrix, n, k->basis + j * k->n, 1, 0, next,
                1);
    const double before = cblas_dnrm2(n, next, 1);
    for (int twice = 0; twice < 2; twice++) {
        cblas_dgemv(CblasRowMajor, CblasNoTrans, vectors, n, 1, k->basis, n, next, 1, 0, part, 1);
        cblas_dgemv(CblasRowMajor, CblasTrans, vectors, n, -1, k->basis, n, part, 1, 1, next, 1);
        cblas_daxpy(vectors, 1, part, 1, k->projected + j * k->most, 1);
    }
    const double left = cblas_dnrm2(n, next, 1);
    if (!(left > 1e-14 * before))
        return 0;
    cblas_dscal(n, 1 / left, next, 1);
    if (j + 1 < k->most)
        k->projected[j * k->most + j + 1] = left;
    return left;
}

/* Eigenvalues of the leading `size` rows and columns of `projected`. */
static bool solve(struct modprop_krylov *k, size_t size)
{
    const blasint n = (blasint)size, one = 1, ld = (blasint)k->most;
    const blasint room = (blasint)(k->most * (k->most + 2));
    blasint info = 0;
    double none = 0;
    memcpy(k->copy, k->projected, k->most * size * sizeof *k->copy);
    dhseqr_("E", "N", &n, &one, &n, k->copy, &ld, k->real, k->imaginary, &none, &one, k->work,
            &room, &info);
    return info == 0;
}

/* |last entry| of the eigenvector of the index-th eigenvalue, of length 1: `left` times that is the
 * residual of the eigenvalue. Infinite where the vector cannot be had. */
static double last_entry(struct modprop_krylov *k, size_t size, size_t index)
{
    const blasint n = (blasint)size, one = 1, two = 2, ld = (blasint)k->most;
    blasint found = 0, failed[2] = {0, 0}, info = 0;
    double none = 0;
    if (k->imaginary[index] < 0) /* the second of a pair; LAPACK wants the first */
        index--;
    const bool pair = k->imaginary[index] != 0;
    memset(k->chosen, 0, size * sizeof *k->chosen);
    k->chosen[index] = 1;
    dhsein_("R", "Q", "N", k->chosen, &n, k->projected, &ld, k->real, k->imaginary, &none, &one,
            k->vector, &ld, &two, &found, k->work, failed, failed, &info);
    if (info != 0)
        return HUGE_VAL;
    const double *const re = k->vector, *const im = k->vector + k->most;
    const double length = hypot(cblas_dnrm2(n, re, 1), pair ? cblas_dnrm2(n, im, 1) : 0);
    return hypot(re[size - 1], pair ? im[size - 1] : 0) / length;
}

/* The end's radius from the eigenvalues, and whether its residual is small enough. */
static bool settle(struct modprop_krylov *k, size_t size, double left,
                   struct modprop_krylov_end *end)
{
    size_t best = 0;
    end->radius = -1;
    for (size_t i = 0; i < size; i++) {
        const double radius = hypot(end->shift + end->scale * k->real[i],
                                    end->scale * k->imaginary[i]);
        if (radius > end->radius) {
            end->radius = radius;
            best = i;
        }
    }
    return left == 0 ||
           fabs(end->scale) * left * last_entry(k, size, best) <= RESIDUAL * end->radius;
}

/* Operations of `extend`: a product with the matrix, and four with the basis. */
static double operations_of(const struct modprop_krylov *k, size_t j)
{
    return 2 * (double)k->n * (double)(k->n + 4 * (j + 1));
}

bool modprop_krylov_find(struct modprop_krylov *krylov, const double *matrix,
                         struct modprop_halting *halting, struct modprop_krylov_end *ends,
                         size_t count)
{
    size_t size = 0;
    if (!krylov->most)
        return false;
    start(krylov);
    for (size_t goal = FIRST; goal <= krylov->most; goal += goal / 2) {
        double left = 1;
        while (size < goal && left > 0) {
            if (modprop_halting_after(halting, operations_of(krylov, size)))
                return false;
            left = extend(krylov, matrix, size++);
        }
        bool settled = solve(krylov, size);
        for (size_t e = 0; settled && e < count; e++)
            settled = settle(krylov, size, left, &ends[e]);
        krylov->size = size;
        if (settled || left == 0)
            return settled;
    }
    return false;
}
