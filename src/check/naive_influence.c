/*
 * snap1 and snap2 by the definition: the whole influence of each synapse on all units, forward in time, of
 * which the units it does not reach within so many steps are set to zero after every step.
 */
#include <math.h>
#include <string.h>

#include "check/naive_loops.h"
#include "engine/memory.h"

/* Of one synapse: dv/dW, da/dW and dz/dW of every unit, and dv/dW one step on. */
struct influence {
    double *v, *a, *z, *next;
};

static bool reaches(const struct modprop_naive *a, size_t post, size_t k)
{
    const bool connected = a->W_rec[post * a->n + k] != 0;
    return k == post || (strcmp(a->rule, "snap2") == 0 && connected);
}

/* One step of the influence of the synapse from row `pre` of W_rec over W_in onto unit post. */
static void advance(const struct modprop_naive *a, long t, size_t b, size_t pre, size_t post,
                    struct influence *J)
{
    const size_t n = a->n;
    const double rho = exp(-1 / a->p->config.tau_a_ms);
    const double *const z_before = modprop_naive_at(a, a->z, t - 1, b, n);
    const double *const x = modprop_naive_at(a, a->p->x, t, b, a->n_in);
    const double in = pre < n ? (z_before ? z_before[pre] : 0) : x[pre - n];
    for (size_t k = 0; k < n; k++) {
        double sum = k == post ? in : 0;
        for (size_t l = 0; l < n; l++)
            sum += J->z[l] * a->W_rec[l * n + k];
        J->next[k] = a->alpha * J->v[k] + (1 - a->alpha) * sum;
    }
    for (size_t k = 0; k < n; k++) {
        const bool kept = reaches(a, post, k);
        J->a[k] = kept ? rho * J->a[k] + (1 - rho) * J->z[k] : 0;
        J->v[k] = kept ? J->next[k] : 0;
    }
    for (size_t k = 0; k < n; k++)
        J->z[k] = modprop_naive_at(a, a->h, t, b, n)[k] *
                  (J->v[k] - modprop_naive_units_beta(a->p, k) * J->a[k]);
}

static double follow(const struct modprop_naive *a, size_t b, size_t pre, size_t post,
                     struct influence *J)
{
    double sum = 0;
    for (size_t k = 0; k < a->n; k++)
        J->v[k] = J->a[k] = J->z[k] = 0;
    for (long t = 0; t < (long)a->T; t++) {
        advance(a, t, b, pre, post, J);
        for (size_t k = 0; k < a->n; k++)
            sum += modprop_naive_at(a, a->L, t, b, a->n)[k] * J->z[k];
    }
    return sum;
}

enum modprop_status modprop_naive_influence(struct modprop_naive *a, double *gradient,
                                            struct modprop_error *err)
{
    double *const work = modprop_memory_get(4 * a->n, sizeof *work);
    if (!work)
        return modprop_memory_error("a check", 4 * a->n * sizeof *work, err);
    struct influence J = {work, work + a->n, work + 2 * a->n, work + 3 * a->n};
    for (size_t pre = 0; pre < a->n + a->n_in; pre++)
        for (size_t post = 0; post < a->n; post++)
            for (size_t b = 0; b < a->B && pre != post; b++)
                gradient[pre * a->n + post] += follow(a, b, pre, post, &J);
    modprop_memory_free(work);
    return MODPROP_OK;
}
