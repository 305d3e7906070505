/*
 * spectrum.h - eigenvalues: the spectral radius of W_rec and of the modulatory filter.
 */
#ifndef MODPROP_ENGINE_SPECTRUM_H
#define MODPROP_ENGINE_SPECTRUM_H

#include "engine/krylov.h"
#include "modprop.h"

struct modprop_feedback;

/* Room for the eigenvalues of matrices up to n x n; the caller clears it. */
struct modprop_spectrum {
    size_t n;
    double *matrix;           /* [n][n], destroyed by each computation */
    double *real, *imaginary; /* [n] */
    double *work;
    size_t work_size;
    struct modprop_krylov krylov; /* for those where the outermost are enough */
    struct modprop_halting *halting; /* asked meanwhile; borrowed, NULL-able */
};

enum modprop_status modprop_spectrum_init(struct modprop_spectrum *spectrum, size_t n,
                                          struct modprop_error *err);
void modprop_spectrum_clear(struct modprop_spectrum *spectrum); /* accepts a zeroed one */
size_t modprop_spectrum_bytes(size_t n);

/* Eigenvalues of `matrix` (its first size * size values) into real and imaginary. false: it holds a
 * value that is not finite, or the iteration did not converge. */
bool modprop_spectrum_compute(struct modprop_spectrum *spectrum, size_t size);

/* max |shift + scale lambda| over the first `size` eigenvalues computed last, and 0 as the others of an n x n
 * matrix. */
double modprop_spectrum_radius(const struct modprop_spectrum *spectrum, size_t size, double shift,
                               double scale);

/* From so many units on all eigenvalues take more than a tenth of a second, in which nobody is asked. */
enum { MODPROP_SPECTRUM_LARGE = 512 };

/* Largest |eigenvalue| of `matrix`, all of it, which may be destroyed: from a subspace if it is large
 * and they come out of one. false: as above, or halted. */
bool modprop_spectrum_largest(struct modprop_spectrum *spectrum, double *radius);

/* Ends of the spectrum of `matrix`, all of it, which is not destroyed; the subspace they came out of stays
 * in spectrum->krylov. false: they do not come out of one, `matrix` is not finite, or halted. */
bool modprop_spectrum_ends(struct modprop_spectrum *spectrum, struct modprop_krylov_end *ends,
                           size_t count);

/* Largest |eigenvalue| of W_rec, and of the filter alpha I + (1-alpha) mu W_fb that modulatory credit
 * passes at each step; feedback NULL: no such filter. NaN where they cannot be had, or were not in
 * time for who halted. */
void modprop_spectrum_radii(struct modprop_spectrum *spectrum, const modprop_real *W_rec,
                            const struct modprop_feedback *feedback, double alpha, double mu,
                            double *radius, double *filter_radius);

#endif
