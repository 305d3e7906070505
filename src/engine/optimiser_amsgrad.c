/*
 * amsgrad (Reddi, Kale & Kumar, ICLR 2018): Adam that never forgets the largest second moment, so that a
 * step after a quiet time is not longer than one before it. In the form `adam` has here:
 *     u = max(u, v),   theta -= lr sqrt(1 - beta2^k) / (1 - beta1^k) m / (sqrt(u) + epsilon)
 */
#include <math.h>

#include "engine/blas.h"
#include "engine/kernel.h"
#include "engine/optimiser.h"

#define ROOT MODPROP_BLAS_PICK(sqrtf, sqrt)

static const double BETA1 = 0.9, EPSILON = 1e-8;

MODPROP_KERNEL_CLONES
static void update(size_t count, modprop_real *restrict parameters, modprop_real *restrict m,
                   modprop_real *restrict v, modprop_real *restrict u,
                   const modprop_real *restrict gradient, double beta2, modprop_real rate)
{
    const modprop_real keep1 = (modprop_real)BETA1, take1 = (modprop_real)(1 - BETA1);
    const modprop_real keep2 = (modprop_real)beta2, take2 = (modprop_real)(1 - beta2);
    for (size_t i = 0; i < count; i++) {
        m[i] = keep1 * m[i] + take1 * gradient[i];
        v[i] = keep2 * v[i] + take2 * gradient[i] * gradient[i];
        u[i] = u[i] < v[i] ? v[i] : u[i];
        parameters[i] -= rate * m[i] / (ROOT(u[i]) + (modprop_real)EPSILON);
    }
}

static void step(const struct modprop_config *config, size_t count,
                 modprop_real *restrict parameters, modprop_real *restrict state, size_t array,
                 const modprop_real *restrict gradient, double learning_rate, long k)
{
    const double rate = learning_rate * sqrt(1 - pow(config->beta2, (double)k)) /
                        (1 - pow(BETA1, (double)k));
    update(count, parameters, state, state + array, state + 2 * array, gradient, config->beta2,
           (modprop_real)rate);
}

const struct modprop_optimiser modprop_optimiser_amsgrad = {
    .name = "amsgrad",
    .summary = "Adam with the largest second moment so far",
    .citation = "Reddi, Kale & Kumar, ICLR 2018",
    .params = (const char *const[]){"beta2", NULL},
    .states = 3,
    .step = step,
};
