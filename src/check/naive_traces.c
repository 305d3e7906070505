/*
 * eprop and mdgl forward in time, with a trace per synapse and trial:
 *     eps_v[t] = alpha eps_v[t-1] + (1 - alpha) pre[t],   eps_a[t] = rho eps_a[t-1] + (1 - rho) e[t-1]
 *     e[t]     = h[t] (eps_v[t] - beta eps_a[t])
 * where pre[t] is z[t-1] or x[t]. The learning signal of step t meets e[t]; what mdgl sends across a
 * synapse at step t meets e[t-1].
 */
#include <math.h>
#include <string.h>

#include "check/naive.h"
#include "check/naive_loops.h"
#include "engine/error.h"
#include "engine/memory.h"

/* (1-alpha) sum over j of W_fb[i][j] h[j] L[j]: what unit i gets from step t across a synapse. */
static double across(const struct modprop_naive *a, long t, size_t b, size_t i)
{
    const double *const h = modprop_naive_at(a, a->h, t, b, a->n);
    const double *const L = modprop_naive_at(a, a->L, t, b, a->n);
    double sum = 0;
    for (size_t j = 0; strcmp(a->rule, "mdgl") == 0 && j < a->n; j++)
        sum += a->W_fb[i * a->n + j] * h[j] * L[j];
    return (1 - a->alpha) * sum;
}

/* The gradient of the synapse from row `pre` of W_rec over W_in to unit j, of trial b. */
static double follow(const struct modprop_naive *a, size_t b, size_t pre, size_t j)
{
    const double rho = exp(-1 / a->p->config.tau_a_ms), beta = modprop_naive_units_beta(a->p, j);
    double eps_v = 0, eps_a = 0, e = 0, sum = 0;
    for (long t = 0; t < (long)a->T; t++) {
        const double *const z_before = modprop_naive_at(a, a->z, t - 1, b, a->n);
        const double *const x = modprop_naive_at(a, a->p->x, t, b, a->n_in);
        const double in = pre < a->n ? (z_before ? z_before[pre] : 0) : x[pre - a->n];
        sum += across(a, t, b, j) * e;
        eps_a = rho * eps_a + (1 - rho) * e;
        eps_v = a->alpha * eps_v + (1 - a->alpha) * in;
        e = modprop_naive_at(a, a->h, t, b, a->n)[j] * (eps_v - beta * eps_a);
        sum += modprop_naive_at(a, a->L, t, b, a->n)[j] * e;
    }
    return sum;
}

enum modprop_status modprop_naive_traces(const struct modprop_problem *problem, double *gradient,
                                         double *loss, struct modprop_error *err)
{
    struct modprop_naive a;
    const enum modprop_status status = modprop_naive_init(&a, problem, err);
    if (status != MODPROP_OK)
        return status;
    modprop_naive_go_forward(&a);
    modprop_naive_sum_gradient(&a, gradient); /* of the readout; delta is zero */
    for (size_t pre = 0; pre < a.n + a.n_in; pre++)
        for (size_t j = 0; j < a.n; j++)
            for (size_t b = 0; b < a.B && pre != j; b++)
                gradient[pre * a.n + j] += follow(&a, b, pre, j);
    *loss = a.loss;
    modprop_naive_clear(&a);
    return MODPROP_OK;
}
