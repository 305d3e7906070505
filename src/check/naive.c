#include "check/naive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check/naive_loops.h"
#include "engine/error.h"
#include "engine/memory.h"
#include "engine/registry.h"

void modprop_naive_clear(struct modprop_naive *a)
{
    double *const arrays[] = {a->all.v, a->y,    a->dy,   a->L,    a->delta, a->D,
                              a->da,    a->W_fb, a->W_ab, a->none, a->r};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++)
        modprop_memory_free(arrays[k]);
    modprop_memory_free(a->type);
}

enum modprop_status modprop_naive_init(struct modprop_naive *a, const struct modprop_problem *p,
                                       struct modprop_error *err)
{
    const struct modprop_shape *s = &p->shape;
    *a = (struct modprop_naive){
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
    double **const arrays[] = {&a->L, &a->delta, &a->D, &a->da};
    const size_t values = s->T * s->B * s->n, kinds = MODPROP_NAIVE_UNITS_ARRAYS;
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++)
        *arrays[k] = modprop_memory_take(&plan, values, sizeof(double));
    a->all = modprop_naive_units_lay(modprop_memory_take(&plan, kinds * values, sizeof(double)),
                                     values);
    a->none = modprop_memory_take(&plan, kinds * s->n, sizeof(double));
    a->z = a->all.z;
    a->h = a->all.h;
    a->y = modprop_memory_take(&plan, s->T * s->B * s->n_out, sizeof(double));
    a->dy = modprop_memory_take(&plan, s->T * s->B * s->n_out, sizeof(double));
    a->r = modprop_memory_take(&plan, s->T * s->B * a->C, sizeof(double));
    a->clamp = 1;
    a->W_fb_base = p->config.feedback_weights == MODPROP_WEIGHTS_SYMMETRIC ? p->weights : p->W_fb;
    a->W_fb = modprop_memory_take(&plan, s->n * s->n, sizeof(double));
    a->W_ab = modprop_memory_take(&plan, a->C * a->C, sizeof(double));
    a->type = modprop_memory_take(&plan, s->n, sizeof(size_t));
    if (!plan.refused)
        return MODPROP_OK;
    modprop_naive_clear(a);
    return modprop_memory_error("plain loops", plan.bytes, err);
}

/* Step t of trial b in an array [T][B][width]; NULL before the first and after the last step. */
double *modprop_naive_at(const struct modprop_naive *a, double *array, long t, size_t b,
                         size_t width)
{
    return t < 0 || t >= (long)a->T ? NULL : array + ((size_t)t * a->B + b) * width;
}

/* ------------------------------------------------------------------ forward, loss */

/* The units of trial b at step t. */
static struct modprop_naive_units units_at(const struct modprop_naive *a, long t, size_t b)
{
    const size_t n = a->n;
    return t < 0 ? modprop_naive_units_lay(a->none, n)
                 : (struct modprop_naive_units){modprop_naive_at(a, a->all.v, t, b, n),
                                                modprop_naive_at(a, a->all.a, t, b, n),
                                                modprop_naive_at(a, a->all.rest, t, b, n),
                                                modprop_naive_at(a, a->z, t, b, n),
                                                modprop_naive_at(a, a->h, t, b, n)};
}

static void forward(struct modprop_naive *a, long t, size_t b)
{
    const struct modprop_naive_units before = units_at(a, t - 1, b), now = units_at(a, t, b);
    modprop_naive_units_step(a->p, &before, modprop_naive_at(a, a->p->x, t, b, a->n_in), &now);
    for (size_t k = 0; k < a->n_out; k++) {
        double sum = a->b_out[k];
        for (size_t i = 0; i < a->n; i++)
            sum += modprop_naive_at(a, a->z, t, b, a->n)[i] * a->W_out[i * a->n_out + k];
        modprop_naive_at(a, a->y, t, b, a->n_out)[k] = sum;
    }
}

/* E = mean over the batch and the loss steps of -log p[class], or of (y - target)^2 / (2 n_out). */
static void lose(struct modprop_naive *a, long t, size_t b)
{
    const double *const y = modprop_naive_at(a, a->y, t, b, a->n_out);
    double *const dy = modprop_naive_at(a, a->dy, t, b, a->n_out);
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
            const double off = y[k] - modprop_naive_at(a, a->p->target, t, b, a->n_out)[k];
            a->loss += off * off / 2 / (double)a->n_out * share;
            dy[k] = off / (double)a->n_out * share;
        }
    }
}

static bool is_snap(const struct modprop_naive *a)
{
    return strncmp(a->rule, "snap", 4) == 0;
}

static void signal(struct modprop_naive *a, long t, size_t b)
{
    const bool exact = strcmp(a->rule, "bptt") == 0 || strcmp(a->rule, "rtrl") == 0 || is_snap(a);
    const bool random = !exact && a->p->config.learning_signal != MODPROP_SIGNAL_SYMMETRIC;
    const double *const W = random ? a->p->W_fb_out : a->W_out;
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < a->n_out; k++)
            modprop_naive_at(a, a->L, t, b, a->n)[i] += modprop_naive_at(a, a->dy, t, b,
                                                                         a->n_out)[k] *
                                                        W[i * a->n_out + k];
    const bool spikes = modprop_units_at((size_t)a->p->config.units)->spikes;
    const double cost = spikes ? a->p->config.rate_cost : a->p->config.activity_cost;
    const double target = spikes ? a->p->config.rate_target_hz / 1000 : 0, trials = (double)a->B;
    for (size_t i = 0; cost > 0 && i < a->n; i++)
        modprop_naive_at(a, a->L, t, b, a->n)[i] += cost * (a->p->rate[i] - target) / trials /
                                                    (double)a->T;
}

/* ------------------------------------------------------------------ feedback weights */

static void sort_into_types(struct modprop_naive *a)
{
    const size_t excitatory = (size_t)floor(a->p->config.proportion_excitatory * (double)a->n) + 1;
    const size_t inhibitory = a->n - excitatory, each = a->C / 2;
    for (size_t i = 0; i < a->n; i++) {
        if (a->p->type) {
            a->type[i] = a->p->type[i];
            continue;
        }
        const size_t rank = i < inhibitory ? i : i - inhibitory;
        const size_t size = (i < inhibitory ? inhibitory : excitatory) / each;
        a->type[i] = (rank / size < each ? rank / size : each - 1) + (i < inhibitory ? 0 : each);
    }
}

static void average_types(struct modprop_naive *a)
{
    for (size_t from = 0; from < a->C; from++) {
        for (size_t to = 0; to < a->C; to++) {
            double sum = 0, pairs = 0;
            for (size_t i = 0; i < a->n; i++) {
                for (size_t j = 0; j < a->n; j++) {
                    if (a->type[i] == from && a->type[j] == to) {
                        sum += a->W_fb_base[i * a->n + j];
                        pairs++;
                    }
                }
            }
            a->W_ab[from * a->C + to] = sum / pairs;
        }
    }
}

static void make_feedback(struct modprop_naive *a)
{
    const bool by_type = a->p->config.feedback == MODPROP_FEEDBACK_TYPE;
    sort_into_types(a);
    average_types(a);
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < a->n; j++)
            a->W_fb[i * a->n + j] = by_type ? a->W_ab[a->type[i] * a->C + a->type[j]]
                                            : a->W_fb_base[i * a->n + j];
}

/* ------------------------------------------------------------------ credit, gradients */

/* sum over j of W[i][j] credit[j]; 0 where there is no later step. */
static double backward(const struct modprop_naive *a, const double *W, const double *credit,
                       size_t i)
{
    double sum = 0;
    for (size_t j = 0; credit && j < a->n; j++)
        sum += W[i * a->n + j] * credit[j];
    return sum;
}

/* What unit i gets across synapses at step t, N[t], by the table of rules. */
static double nonlocal(const struct modprop_naive *a, long t, size_t b, size_t i)
{
    const struct modprop_config *const c = &a->p->config;
    const double *const h = modprop_naive_at(a, a->h, t, b, a->n), *const h1 = modprop_naive_at(
                                                                       a, a->h, t + 1, b, a->n);
    const double *const L1 = modprop_naive_at(a, a->L, t + 1, b, a->n);
    const bool open = c->window == 0 || t + 1 >= (long)a->T - c->window;
    double sum = 0;
    if (strcmp(a->rule, "bptt") == 0 || strcmp(a->rule, "rtrl") == 0)
        return h[i] * (1 - a->alpha) *
               backward(a, a->W_rec, modprop_naive_at(a, a->delta, t + 1, b, a->n), i);
    if (strcmp(a->rule, "modprop") == 0 && open)
        return modprop_naive_mu(a, t, b, i) * (1 - a->alpha) *
               backward(a, a->W_fb, modprop_naive_at(a, a->D, t + 1, b, a->n), i);
    for (size_t j = 0; strcmp(a->rule, "mdgl") == 0 && h1 && j < a->n; j++)
        sum += a->W_fb[i * a->n + j] * h1[j] * L1[j];
    return h[i] * (1 - a->alpha) * sum;
}

/* The recursion for all units: D knows nothing of the adaptation, the other three do, but for rflo. */
static void assign_credit(struct modprop_naive *a, long t, size_t b)
{
    const double *const h = modprop_naive_at(a, a->h, t, b, a->n), *const L = modprop_naive_at(
                                                                       a, a->L, t, b, a->n);
    const double *const delta1 = modprop_naive_at(a, a->delta, t + 1, b, a->n);
    const double *const D1 = modprop_naive_at(a, a->D, t + 1, b, a->n),
                        *const da1 = modprop_naive_at(a, a->da, t + 1, b, a->n);
    const double rho = exp(-1 / a->p->config.tau_a_ms);
    for (size_t i = 0; i < a->n; i++) {
        const double beta = strcmp(a->rule, "rflo") == 0 ? 0 : modprop_naive_units_beta(a->p, i);
        const double g = h[i] * L[i] + nonlocal(a, t, b, i);
        const double q = g + (da1 ? h[i] * (1 - rho) * da1[i] : 0);
        modprop_naive_at(a, a->D, t, b, a->n)[i] = g + (D1 ? a->alpha * D1[i] : 0);
        modprop_naive_at(a, a->delta, t, b, a->n)[i] = q + (delta1 ? a->alpha * delta1[i] : 0);
        modprop_naive_at(a, a->da, t, b, a->n)[i] = -beta * q + (da1 ? rho * da1[i] : 0);
    }
}

static void add_gradient(struct modprop_naive *a, long t, size_t b, double *gradient)
{
    double *const g_rec = gradient, *const g_in = g_rec + a->n * a->n,
                  *const g_out = g_in + a->n_in * a->n;
    double *const g_b = g_out + a->n * a->n_out;
    const double *const before = modprop_naive_at(a, a->z, t - 1, b, a->n),
                        *const delta = modprop_naive_at(a, a->delta, t, b, a->n);
    const double *const z = modprop_naive_at(a, a->z, t, b, a->n), *const dy = modprop_naive_at(
                                                                       a, a->dy, t, b, a->n_out);
    for (size_t i = 0; before && i < a->n; i++)
        for (size_t j = 0; j < a->n; j++)
            g_rec[i * a->n + j] += i == j ? 0 : (1 - a->alpha) * before[i] * delta[j];
    for (size_t i = 0; i < a->n_in; i++)
        for (size_t j = 0; j < a->n; j++)
            g_in[i * a->n + j] += (1 - a->alpha) * modprop_naive_at(a, a->p->x, t, b, a->n_in)[i] *
                                  delta[j];
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < a->n_out; k++)
            g_out[i * a->n_out + k] += z[i] * dy[k];
    for (size_t k = 0; k < a->n_out; k++)
        g_b[k] += dy[k];
}

/* Everything up to the learning signal. */
void modprop_naive_go_forward(struct modprop_naive *a)
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

void modprop_naive_sum_gradient(struct modprop_naive *a, double *gradient)
{
    memset(gradient, 0, modprop_problem_weights(&a->p->shape) * sizeof *gradient);
    for (size_t b = 0; b < a->B; b++)
        for (long t = 0; t < (long)a->T; t++)
            add_gradient(a, t, b, gradient);
}

static bool known(const char *rule)
{
    static const char *const rules[] = {"bptt",    "rtrl",  "eprop", "mdgl",
                                        "modprop", "snap1", "snap2", "rflo"};
    for (size_t k = 0; k < sizeof rules / sizeof *rules; k++)
        if (strcmp(rule, rules[k]) == 0)
            return true;
    return false;
}

enum modprop_status modprop_naive_gradient(const struct modprop_problem *problem, double *gradient,
                                           double *loss, struct modprop_error *err)
{
    struct modprop_naive a;
    enum modprop_status status = modprop_naive_init(&a, problem, err);
    if (status != MODPROP_OK)
        return status;
    if (!known(a.rule)) {
        MODPROP_FAIL(err, MODPROP_INVALID, "rule = %s has no plain loops yet", a.rule);
        modprop_naive_clear(&a);
        return MODPROP_INVALID;
    }
    modprop_naive_go_forward(&a);
    status = modprop_naive_measure(&a, err);
    for (size_t b = 0; b < a.B; b++)
        for (long t = (long)a.T - 1; t >= 0 && !is_snap(&a); t--)
            assign_credit(&a, t, b);
    modprop_naive_sum_gradient(&a, gradient);
    if (status == MODPROP_OK && is_snap(&a))
        status = modprop_naive_influence(&a, gradient, err);
    *loss = a.loss;
    modprop_naive_clear(&a);
    return status;
}
