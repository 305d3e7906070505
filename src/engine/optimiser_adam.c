/*
 * adam (Kingma & Ba, ICLR 2015) in the form of the published procedure: epsilon is added to the
 * uncorrected root,
 *     theta -= lr sqrt(1 - beta2^k) / (1 - beta1^k) m / (sqrt(v) + epsilon)
 */
#include <math.h>

#include "engine/blas.h"
#include "engine/kernel.h"
#include "engine/optimiser.h"

#define ROOT MODPROP_BLAS_PICK(sqrtf, sqrt)

static const double BETA1 = 0.9, EPSILON = 1e-8;

MODPROP_KERNEL_CLONES
static void update(size_t count, modprop_real *restrict parameters, modprop_real *restrict m,
                   modprop_real *restrict v, const modprop_real *restrict gradient, double beta2,
                   modprop_real rate)
{
    const modprop_real keep1 = (modprop_real)BETA1, take1 = (modprop_real)(1 - BETA1);
    const modprop_real keep2 = (modprop_real)beta2, take2 = (modprop_real)(1 - beta2);
    for (size_t i = 0; i < count; i++) {
        m[i] = keep1 * m[i] + take1 * gradient[i];
        v[i] = keep2 * v[i] + take2 * gradient[i] * gradient[i];
        parameters[i] -= rate * m[i] / (ROOT(v[i]) + (modprop_real)EPSILON);
    }
}

static void step(const struct modprop_config *config, size_t count,
                 modprop_real *restrict parameters, modprop_real *restrict state, size_t array,
                 const modprop_real *restrict gradient, double learning_rate, long k)
{
    const double rate = learning_rate * sqrt(1 - pow(config->beta2, (double)k)) /
                        (1 - pow(BETA1, (double)k));
    update(count, parameters, state, state + array, gradient, config->beta2, (modprop_real)rate);
}

const struct modprop_optimiser modprop_optimiser_adam = {
    .name = "adam",
    .summary = "Adam, epsilon added to the uncorrected root",
    .citation = "Kingma & Ba, ICLR 2015",
    .params = (const char *const[]){"beta2", NULL},
    .states = 2,
    .step = step,
};
