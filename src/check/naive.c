#include "check/naive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "engine/registry.h"

/* What the loops carry; every array [T][B][n] or [T][B][n_out], t outermost. */
struct naive {
    const struct modprop_problem *p;
    const char *rule;
    size_t T, B, n, n_in, n_out, C;
    double alpha;
    const double *W_rec, *W_in, *W_out, *b_out;
    double *v, *z, *h;   /* forward */
    double *y, *dy, *L;  /* readout, dE/dy, learning signal */
    double *delta;       /* credit at the membrane */
    double *W_fb, *W_ab; /* [n][n], [C][C] */
    size_t *type;        /* [n] */
    double loss;
};

static void clear(struct naive *a)
{
    double *const arrays[] = {a->v, a->z, a->h, a->y, a->dy, a->L, a->delta, a->W_fb, a->W_ab};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++)
        modprop_memory_free(arrays[k]);
    modprop_memory_free(a->type);
}

static enum modprop_status init(struct naive *a, const struct modprop_problem *p,
                                struct modprop_error *err)
{
    const struct modprop_shape *s = &p->shape;
    *a = (struct naive){
        .p = p,
        .rule = modprop_rule_at((size_t)p->config.rule)->name,
        .T = s->T,
        .B = s->B,
        .n = s->n,
        .n_in = s->n_in,
        .n_out = s->n_out,
        .C = 2 * (size_t)p->config.types_per_sign,
        .alpha = exp(-1 / p->config.tau_ms),
        .W_rec = p->weights,
        .W_in = p->weights + s->n * s->n,
    };
    a->W_out = a->W_in + s->n_in * s->n;
    a->b_out = a->W_out + s->n * s->n_out;
    struct modprop_memory_plan plan = {0};
    double **const arrays[] = {&a->v, &a->z, &a->h, &a->L, &a->delta};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++)
        *arrays[k] = modprop_memory_take(&plan, s->T * s->B * s->n, sizeof(double));
    a->y = modprop_memory_take(&plan, s->T * s->B * s->n_out, sizeof(double));
    a->dy = modprop_memory_take(&plan, s->T * s->B * s->n_out, sizeof(double));
    a->W_fb = modprop_memory_take(&plan, s->n * s->n, sizeof(double));
    a->W_ab = modprop_memory_take(&plan, a->C * a->C, sizeof(double));
    a->type = modprop_memory_take(&plan, s->n, sizeof(size_t));
    if (!plan.refused)
        return MODPROP_OK;
    clear(a);
    return modprop_memory_error("plain loops", plan.bytes, err);
}

/* Step t of trial b in an array [T][B][width]; NULL before the first and after the last step. */
static double *at(const struct naive *a, double *array, long t, size_t b, size_t width)
{
    return t < 0 || t >= (long)a->T ? NULL : array + ((size_t)t * a->B + b) * width;
}

/* ------------------------------------------------------------------ forward, loss */

static void forward(struct naive *a, long t, size_t b)
{
    const double *const before_v = at(a, a->v, t - 1, b, a->n), *const before_z = at(a, a->z, t - 1,
                                                                                     b, a->n);
    const double *const x = at(a, a->p->x, t, b, a->n_in), theta = a->p->config.threshold;
    for (size_t j = 0; j < a->n; j++) {
        double input = 0;
        for (size_t i = 0; i < a->n_in; i++)
            input += x[i] * a->W_in[i * a->n + j];
        for (size_t i = 0; before_z && i < a->n; i++)
            input += before_z[i] * a->W_rec[i * a->n + j];
        const double v = (before_v ? a->alpha * before_v[j] : 0) + (1 - a->alpha) * input;
        at(a, a->v, t, b, a->n)[j] = v;
        at(a, a->z, t, b, a->n)[j] = v > theta ? v - theta : 0;
        at(a, a->h, t, b, a->n)[j] = v > theta ? 1 : 0;
    }
    for (size_t k = 0; k < a->n_out; k++) {
        double sum = a->b_out[k];
        for (size_t i = 0; i < a->n; i++)
            sum += at(a, a->z, t, b, a->n)[i] * a->W_out[i * a->n_out + k];
        at(a, a->y, t, b, a->n_out)[k] = sum;
    }
}

/* E = mean over the batch and the loss steps of -log p[class], or of (y - target)^2 / (2 n_out). */
static void lose(struct naive *a, long t, size_t b)
{
    const double *const y = at(a, a->y, t, b, a->n_out);
    double *const dy = at(a, a->dy, t, b, a->n_out);
    const double share = 1 / ((double)a->B * (double)a->p->shape.loss_steps);
    if (t < (long)a->T - (long)a->p->shape.loss_steps)
        return;
    double sum = 0;
    for (size_t k = 0; k < a->n_out; k++)
        sum += exp(y[k]);
    for (size_t k = 0; k < a->n_out; k++) {
        if (a->p->shape.loss == MODPROP_LOSS_CROSS_ENTROPY) {
            const double hit = (double)k == a->p->label[b] ? 1 : 0, probability = exp(y[k]) / sum;
            a->loss -= hit * log(probability) * share;
            dy[k] = (probability - hit) * share;
        } else {
            const double off = y[k] - at(a, a->p->target, t, b, a->n_out)[k];
            a->loss += off * off / 2 / (double)a->n_out * share;
            dy[k] = off / (double)a->n_out * share;
        }
    }
}

static void signal(struct naive *a, long t, size_t b)
{
    const bool exact = strcmp(a->rule, "bptt") == 0 || strcmp(a->rule, "rtrl") == 0;
    const bool random = !exact && a->p->config.learning_signal == MODPROP_SIGNAL_RANDOM;
    const double *const W = random ? a->p->W_fb_out : a->W_out;
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < a->n_out; k++)
            at(a, a->L, t, b, a->n)[i] += at(a, a->dy, t, b, a->n_out)[k] * W[i * a->n_out + k];
}

/* ------------------------------------------------------------------ feedback weights */

static void sort_into_types(struct naive *a)
{
    const size_t excitatory = (size_t)floor(a->p->config.proportion_excitatory * (double)a->n) + 1;
    const size_t inhibitory = a->n - excitatory, each = a->C / 2;
    for (size_t i = 0; i < a->n; i++) {
        const size_t rank = i < inhibitory ? i : i - inhibitory;
        const size_t size = (i < inhibitory ? inhibitory : excitatory) / each;
        a->type[i] = (rank / size < each ? rank / size : each - 1) + (i < inhibitory ? 0 : each);
    }
}

static void average_types(struct naive *a)
{
    for (size_t from = 0; from < a->C; from++) {
        for (size_t to = 0; to < a->C; to++) {
            double sum = 0, pairs = 0;
            for (size_t i = 0; i < a->n; i++) {
                for (size_t j = 0; j < a->n; j++) {
                    if (a->type[i] == from && a->type[j] == to) {
                        sum += a->W_rec[i * a->n + j];
                        pairs++;
                    }
                }
            }
            a->W_ab[from * a->C + to] = sum / pairs;
        }
    }
}

static void make_feedback(struct naive *a)
{
    const bool by_type = a->p->config.feedback == MODPROP_FEEDBACK_TYPE;
    if (by_type) {
        sort_into_types(a);
        average_types(a);
    }
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < a->n; j++)
            a->W_fb[i * a->n + j] = by_type ? a->W_ab[a->type[i] * a->C + a->type[j]]
                                            : a->W_rec[i * a->n + j];
}

/* ------------------------------------------------------------------ credit, gradients */

/* sum over j of W[i][j] credit[j]; 0 where there is no later step. */
static double backward(const struct naive *a, const double *W, const double *credit, size_t i)
{
    double sum = 0;
    for (size_t j = 0; credit && j < a->n; j++)
        sum += W[i * a->n + j] * credit[j];
    return sum;
}

/* The table of rules. */
static void assign_credit(struct naive *a, long t, size_t b)
{
    const struct modprop_config *const c = &a->p->config;
    const double *const h = at(a, a->h, t, b, a->n), *const L = at(a, a->L, t, b, a->n);
    const double *const later = at(a, a->delta, t + 1, b, a->n);
    const double *const h1 = at(a, a->h, t + 1, b, a->n), *const L1 = at(a, a->L, t + 1, b, a->n);
    const bool open = c->window == 0 || t + 1 >= (long)a->T - c->window;
    for (size_t i = 0; i < a->n; i++) {
        double source = L[i], nonlocal = 0;
        if (strcmp(a->rule, "bptt") == 0 || strcmp(a->rule, "rtrl") == 0)
            source += (1 - a->alpha) * backward(a, a->W_rec, later, i);
        else if (strcmp(a->rule, "mdgl") == 0)
            for (size_t j = 0; h1 && j < a->n; j++)
                source += (1 - a->alpha) * a->W_fb[i * a->n + j] * h1[j] * L1[j];
        else if (strcmp(a->rule, "modprop") == 0 && open)
            nonlocal = c->mu * (1 - a->alpha) * backward(a, a->W_fb, later, i);
        at(a, a->delta, t, b, a->n)[i] = h[i] * source + (later ? a->alpha * later[i] : 0) +
                                         nonlocal;
    }
}

static void add_gradient(struct naive *a, long t, size_t b, double *gradient)
{
    double *const g_rec = gradient, *const g_in = g_rec + a->n * a->n,
                  *const g_out = g_in + a->n_in * a->n;
    double *const g_b = g_out + a->n * a->n_out;
    const double *const before = at(a, a->z, t - 1, b, a->n), *const delta = at(a, a->delta, t, b,
                                                                                a->n);
    const double *const z = at(a, a->z, t, b, a->n), *const dy = at(a, a->dy, t, b, a->n_out);
    for (size_t i = 0; before && i < a->n; i++)
        for (size_t j = 0; j < a->n; j++)
            g_rec[i * a->n + j] += i == j ? 0 : (1 - a->alpha) * before[i] * delta[j];
    for (size_t i = 0; i < a->n_in; i++)
        for (size_t j = 0; j < a->n; j++)
            g_in[i * a->n + j] += (1 - a->alpha) * at(a, a->p->x, t, b, a->n_in)[i] * delta[j];
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < a->n_out; k++)
            g_out[i * a->n_out + k] += z[i] * dy[k];
    for (size_t k = 0; k < a->n_out; k++)
        g_b[k] += dy[k];
}

/* Everything up to the learning signal. */
static void go_forward(struct naive *a)
{
    for (size_t b = 0; b < a->B; b++) {
        for (long t = 0; t < (long)a->T; t++) {
            forward(a, t, b);
            lose(a, t, b);
            signal(a, t, b);
        }
    }
    if (modprop_rule_at((size_t)a->p->config.rule)->feedback)
        make_feedback(a);
}

static void sum_gradient(struct naive *a, double *gradient)
{
    memset(gradient, 0, modprop_problem_weights(&a->p->shape) * sizeof *gradient);
    for (size_t b = 0; b < a->B; b++)
        for (long t = 0; t < (long)a->T; t++)
            add_gradient(a, t, b, gradient);
}

static bool known(const char *rule)
{
    static const char *const rules[] = {"bptt", "rtrl", "eprop", "mdgl", "modprop"};
    for (size_t k = 0; k < sizeof rules / sizeof *rules; k++)
        if (strcmp(rule, rules[k]) == 0)
            return true;
    return false;
}

enum modprop_status modprop_naive_gradient(const struct modprop_problem *problem, double *gradient,
                                           double *loss, struct modprop_error *err)
{
    struct naive a;
    const enum modprop_status status = init(&a, problem, err);
    if (status != MODPROP_OK)
        return status;
    if (!known(a.rule)) {
        MODPROP_FAIL(err, MODPROP_INVALID, "rule = %s has no plain loops yet", a.rule);
        clear(&a);
        return MODPROP_INVALID;
    }
    go_forward(&a);
    for (size_t b = 0; b < a.B; b++)
        for (long t = (long)a.T - 1; t >= 0; t--)
            assign_credit(&a, t, b);
    sum_gradient(&a, gradient);
    *loss = a.loss;
    clear(&a);
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ modprop by the closed form */

/* K_{s+1} from K_s, both [C][C]; power = alpha^s. */
static void advance_powers(const struct naive *a, const size_t *units, double power,
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
static void add_power(struct naive *a, long s, double power, const double *K)
{
    for (size_t b = 0; b < a->B; b++) {
        for (long t = 0; t + s < (long)a->T; t++) {
            const double *const h = at(a, a->h, t + s, b, a->n), *const L = at(a, a->L, t + s, b,
                                                                               a->n);
            double *const delta = at(a, a->delta, t, b, a->n);
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
    struct naive a;
    enum modprop_status status = init(&a, problem, err);
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
    go_forward(&a);
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
    sum_gradient(&a, gradient);
    *loss = a.loss;
cleanup:
    modprop_memory_free(K);
    modprop_memory_free(next);
    modprop_memory_free(units);
    clear(&a);
    return status;
}
