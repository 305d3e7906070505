/*
 * adam (Kingma & Ba, ICLR 2015) in the form of the published procedure: epsilon is added to the
 * uncorrected root,
 *     theta -= lr sqrt(1 - beta2^k) / (1 - beta1^k) m / (sqrt(v) + epsilon)
 */
#include <math.h>

#include "engine/blas.h"
#include "engine/optimiser.h"

static void step(size_t count, modprop_real *restrict parameters, modprop_real *restrict state,
                 const modprop_real *restrict gradient, double learning_rate, long k)
{
    const double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
    const modprop_real b1 = (modprop_real)beta1, a1 = (modprop_real)(1 - beta1);
    const modprop_real b2 = (modprop_real)beta2, a2 = (modprop_real)(1 - beta2);
    const modprop_real rate = (modprop_real)(learning_rate * sqrt(1 - pow(beta2, (double)k)) /
                                             (1 - pow(beta1, (double)k)));
    modprop_real *restrict m = state, *restrict v = state + count;
    for (size_t i = 0; i < count; i++) {
        const modprop_real g = gradient[i];
        m[i] = b1 * m[i] + a1 * g;
        v[i] = b2 * v[i] + a2 * g * g;
        parameters[i] -= rate * m[i] / (MODPROP_BLAS_PICK(sqrtf, sqrt)(v[i]) + (modprop_real)epsilon);
    }
}

const struct modprop_optimiser modprop_optimiser_adam = {
    .name = "adam",
    .summary = "Adam, epsilon added to the uncorrected root",
    .citation = "Kingma & Ba, ICLR 2015",
    .params = (const char *const[]){NULL},
    .states = 2,
    .step = step,
};
