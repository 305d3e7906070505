/*
 * mu where it is measured, from the equations alone. The clamp is found by bisection on the spectral
 * radius, and that as the limit of |A^k|^(1/k), k = 2^50, by squaring: no eigenvalues are computed.
 */
#include <math.h>
#include <string.h>

#include "check/naive_loops.h"
#include "engine/error.h"
#include "engine/memory.h"
#include "engine/registry.h"

static bool measures(const struct modprop_naive *a)
{
    return strcmp(a->rule, "modprop") == 0 && a->p->config.mu_mode != MODPROP_MU_FIXED;
}

static double mubar(const struct modprop_naive *a, size_t type)
{
    return a->p->mubar ? a->p->mubar[type] : a->p->config.mu;
}

static void follow(struct modprop_naive *a, size_t b)
{
    const struct modprop_config *const c = &a->p->config;
    const double l = exp(-1 / c->mu_tau_ms);
    for (size_t type = 0; type < a->C; type++) {
        double r = mubar(a, type);
        for (long t = 0; t < (long)a->T; t++) {
            double sum = 0, units = 0;
            for (size_t i = 0; i < a->n; i++) {
                if (a->type[i] == type || c->mu_pool == MODPROP_POOL_ALL) {
                    sum += modprop_naive_at(a, a->h, t, b, a->n)[i];
                    units++;
                }
            }
            r = l * r + (1 - l) * c->mu_gain * sum / units;
            modprop_naive_at(a, a->r, t, b, a->C)[type] = r;
        }
    }
}

/* A [n][n] = A A, divided by its largest entry, whose logarithm is returned. work [n][n] */
static double square(size_t n, double *A, double *work)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t k = 0; k < n; k++)
                sum += A[i * n + k] * A[k * n + j];
            work[i * n + j] = sum;
            largest = fmax(largest, fabs(sum));
        }
    }
    for (size_t k = 0; k < n * n; k++)
        A[k] = work[k] / largest;
    return log(largest);
}

/* Of the n x n filter alpha I + (1-alpha) factor diag(mubar) W_fb. A, work [n][n] */
static double radius(const struct modprop_naive *a, double factor, double *A, double *work)
{
    double logarithm = 0, part = 1;
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < a->n; j++)
            A[i * a->n + j] = (i == j ? a->alpha : 0) + (1 - a->alpha) * factor *
                                                            mubar(a, a->type[i]) *
                                                            a->W_fb[i * a->n + j];
    for (int k = 0; k < 50; k++) {
        part /= 2;
        logarithm += part * square(a->n, A, work);
    }
    return exp(logarithm);
}

enum modprop_status modprop_naive_measure(struct modprop_naive *a, struct modprop_error *err)
{
    double low = 0, high = 1;
    if (!measures(a))
        return MODPROP_OK;
    for (size_t b = 0; b < a->B; b++)
        follow(a, b);
    double *A = modprop_memory_get(2 * a->n * a->n, sizeof *A);
    if (!A)
        return modprop_memory_error("a filter", 2 * a->n * a->n * sizeof *A, err);
    if (radius(a, 1, A, A + a->n * a->n) > a->p->config.radius_max) {
        for (int k = 0; k < 60; k++) {
            const double middle = (low + high) / 2;
            const bool over = radius(a, middle, A, A + a->n * a->n) > a->p->config.radius_max;
            low = over ? low : middle;
            high = over ? middle : high;
        }
        a->clamp = low;
    }
    modprop_memory_free(A);
    return MODPROP_OK;
}

double modprop_naive_mu(const struct modprop_naive *a, long t, size_t b, size_t i)
{
    if (!measures(a))
        return a->p->config.mu;
    if (a->p->config.mu_mode == MODPROP_MU_TRIAL)
        return a->clamp * modprop_naive_at(a, a->r, t, b, a->C)[a->type[i]];
    return a->clamp * mubar(a, a->type[i]);
}
