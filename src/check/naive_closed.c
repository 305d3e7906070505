/*
 * modprop with feedback = type by the closed form of the filter's powers (naive.h).
 */
#include "check/naive.h"
#include "check/naive_loops.h"
#include "engine/memory.h"

/* K_{s+1} from K_s, both [C][C]; power = alpha^s. */
static void advance_powers(const struct modprop_naive *a, const size_t *units, double power,
                           const double *K, double *next)
{
    for (size_t from = 0; from < a->C; from++) {
        for (size_t to = 0; to < a->C; to++) {
            double sum = 0; /* of W_ab^T (alpha^s I + N K_s) */
            for (size_t c = 0; c < a->C; c++)
                sum += a->W_ab[c * a->C + from] *
                       ((c == to ? power : 0) + (double)units[c] * K[c * a->C + to]);
            next[from * a->C + to] = a->alpha * K[from * a->C + to] +
                                     a->p->config.mu * (1 - a->alpha) * sum;
        }
    }
}

/* delta[t] += u[t+s] (alpha^s I + P K_s P^T) for every t */
static void add_power(struct modprop_naive *a, long s, double power, const double *K)
{
    for (size_t b = 0; b < a->B; b++) {
        for (long t = 0; t + s < (long)a->T; t++) {
            const double *const h = modprop_naive_at(a, a->h, t + s, b, a->n),
                                *const L = modprop_naive_at(a, a->L, t + s, b, a->n);
            double *const delta = modprop_naive_at(a, a->delta, t, b, a->n);
            for (size_t j = 0; j < a->n; j++) {
                delta[j] += power * h[j] * L[j];
                for (size_t i = 0; i < a->n; i++)
                    delta[j] += h[i] * L[i] * K[a->type[i] * a->C + a->type[j]];
            }
        }
    }
}

enum modprop_status modprop_naive_closed_form(const struct modprop_problem *problem,
                                              double *gradient, double *loss,
                                              struct modprop_error *err)
{
    struct modprop_naive a;
    enum modprop_status status = modprop_naive_init(&a, problem, err);
    if (status != MODPROP_OK)
        return status;
    struct modprop_memory_plan plan = {0};
    double *K = modprop_memory_take(&plan, a.C * a.C, sizeof *K);
    double *next = modprop_memory_take(&plan, a.C * a.C, sizeof *K);
    size_t *units = modprop_memory_take(&plan, a.C, sizeof *units);
    if (plan.refused) {
        status = modprop_memory_error("the closed form", plan.bytes, err);
        goto cleanup;
    }
    modprop_naive_go_forward(&a);
    for (size_t i = 0; i < a.n; i++)
        units[a.type[i]]++;
    double power = 1;
    for (long s = 0; s < (long)a.T; s++) {
        add_power(&a, s, power, K);
        advance_powers(&a, units, power, K, next);
        double *const spare = K;
        K = next;
        next = spare;
        power *= a.alpha;
    }
    modprop_naive_sum_gradient(&a, gradient);
    *loss = a.loss;
cleanup:
    modprop_memory_free(K);
    modprop_memory_free(next);
    modprop_memory_free(units);
    modprop_naive_clear(&a);
    return status;
}
