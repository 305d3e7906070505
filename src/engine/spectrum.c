#include "engine/spectrum.h"

#include <math.h>

#include "engine/blas.h"
#include "engine/error.h"
#include "engine/feedback.h"
#include "engine/halting.h"
#include "engine/memory.h"

/* LAPACK, part of OpenBLAS: eigenvalues of a general matrix. */
void dgeev_(const char *left, const char *right, const blasint *n, double *a, const blasint *lda,
            double *wr, double *wi, double *vl, const blasint *ldvl, double *vr,
            const blasint *ldvr, double *work, const blasint *lwork, blasint *info);

/* A matrix and its transpose have the same eigenvalues: the order of storage does not matter. */
static bool geev(struct modprop_spectrum *s, size_t size, double *work, blasint lwork)
{
    const blasint n = (blasint)size, one = 1;
    blasint info = 0;
    double none = 0;
    dgeev_("N", "N", &n, s->matrix, &n, s->real, s->imaginary, &none, &one, &none, &one, work,
           &lwork, &info);
    return info == 0;
}

/* dgeev's own least is 3 n; blocked code wants up to the block size times n. */
static size_t work_values(size_t n)
{
    enum { BLOCK = 64 };
    return (BLOCK + 2) * n;
}

size_t modprop_spectrum_bytes(size_t n)
{
    return (n * n + 2 * n + work_values(n)) * sizeof(double) + modprop_krylov_bytes(n);
}

enum modprop_status modprop_spectrum_init(struct modprop_spectrum *spectrum, size_t n,
                                          struct modprop_error *err)
{
    struct modprop_memory_plan plan = {0};
    *spectrum = (struct modprop_spectrum){.n = n, .work_size = work_values(n)};
    spectrum->matrix = modprop_memory_take(&plan, modprop_memory_product(n, n), sizeof(double));
    spectrum->real = modprop_memory_take(&plan, n, sizeof(double));
    spectrum->imaginary = modprop_memory_take(&plan, n, sizeof(double));
    spectrum->work = modprop_memory_take(&plan, spectrum->work_size, sizeof(double));
    if (plan.refused) {
        modprop_spectrum_clear(spectrum);
        return modprop_memory_error("the eigenvalues", plan.bytes, err);
    }
    const enum modprop_status status = modprop_krylov_init(&spectrum->krylov, n, err);
    if (status != MODPROP_OK)
        modprop_spectrum_clear(spectrum);
    return status;
}

void modprop_spectrum_clear(struct modprop_spectrum *spectrum)
{
    modprop_memory_free(spectrum->matrix);
    modprop_memory_free(spectrum->real);
    modprop_memory_free(spectrum->imaginary);
    modprop_memory_free(spectrum->work);
    modprop_krylov_clear(&spectrum->krylov);
    *spectrum = (struct modprop_spectrum){0};
}

/* LAPACK may not return from one that is not. */
static bool is_finite(const double *matrix, size_t size)
{
    for (size_t k = 0; k < size * size; k++)
        if (!isfinite(matrix[k]))
            return false;
    return true;
}

bool modprop_spectrum_compute(struct modprop_spectrum *spectrum, size_t size)
{
    return is_finite(spectrum->matrix, size) &&
           geev(spectrum, size, spectrum->work, (blasint)spectrum->work_size);
}

double modprop_spectrum_radius(const struct modprop_spectrum *spectrum, size_t size, double shift,
                               double scale)
{
    double largest = size < spectrum->n ? fabs(shift) : 0;
    for (size_t k = 0; k < size; k++)
        largest = fmax(largest,
                       hypot(shift + scale * spectrum->real[k], scale * spectrum->imaginary[k]));
    return largest;
}

bool modprop_spectrum_ends(struct modprop_spectrum *spectrum, struct modprop_krylov_end *ends,
                           size_t count)
{
    return is_finite(spectrum->matrix, spectrum->n) &&
           modprop_krylov_find(&spectrum->krylov, spectrum->matrix, spectrum->halting, ends, count);
}

/* The ends of `matrix`, [n][n]: from a subspace if they come out of one, else from all eigenvalues. */
static bool find_ends(struct modprop_spectrum *s, struct modprop_krylov_end *ends, size_t count)
{
    if (modprop_spectrum_ends(s, ends, count))
        return true;
    if (modprop_halting_is(s->halting) || !modprop_spectrum_compute(s, s->n))
        return false;
    for (size_t e = 0; e < count; e++)
        ends[e].radius = modprop_spectrum_radius(s, s->n, ends[e].shift, ends[e].scale);
    return true;
}

bool modprop_spectrum_largest(struct modprop_spectrum *spectrum, double *radius)
{
    struct modprop_krylov_end end = {0, 1, 0};
    const bool large = spectrum->n > MODPROP_SPECTRUM_LARGE;
    const bool found = large ? find_ends(spectrum, &end, 1)
                             : modprop_spectrum_compute(spectrum, spectrum->n);
    *radius = large ? end.radius : modprop_spectrum_radius(spectrum, spectrum->n, 0, 1);
    return found;
}

/* Of shift I + scale W_fb; NaN: cannot be had. */
static double filter_radius_of(struct modprop_spectrum *s, const struct modprop_feedback *feedback,
                               struct modprop_krylov_end end)
{
    const size_t size = modprop_feedback_matrix(feedback, NULL, s->matrix);
    if (size == s->n)
        return find_ends(s, &end, 1) ? end.radius : (double)NAN;
    return modprop_spectrum_compute(s, size)
               ? modprop_spectrum_radius(s, size, end.shift, end.scale)
               : (double)NAN;
}

void modprop_spectrum_radii(struct modprop_spectrum *spectrum, const modprop_real *W_rec,
                            const struct modprop_feedback *feedback, double alpha, double mu,
                            double *radius, double *filter_radius)
{
    const size_t n = spectrum->n;
    struct modprop_krylov_end ends[] = {{0, 1, 0}, {alpha, (1 - alpha) * mu, 0}};
    const bool same = feedback && feedback->C == 0 && modprop_feedback_weights(feedback) == W_rec;
    *radius = *filter_radius = (double)NAN;
    for (size_t k = 0; k < n * n; k++)
        spectrum->matrix[k] = (double)W_rec[k];
    if (!find_ends(spectrum, ends, same ? 2 : 1))
        return;
    *radius = ends[0].radius;
    if (same)
        *filter_radius = ends[1].radius;
    else if (feedback)
        *filter_radius = filter_radius_of(spectrum, feedback, ends[1]);
}
