/*
 * The comparisons that need no file. Each is a row: two sides, a setting, and all three losses. After
 * those of the table come all combinations of units, rules and ways against plain loops.
 */
#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "check/combinations.h"
#include "check/compare.h"
#include "check/naive.h"
#include "check/witness.h"
#include "engine/memory.h"

#define SIZES(units_, inputs, outputs, steps, trials) \
    .n = units_, .n_in = inputs, .n_out = outputs, .T = steps, .B = trials

/* Odd sizes, so that no vector or block of a product is full. Unequal types with remainders. */
static const struct modprop_draw_setting odd = {
    SIZES(19, 3, 3, 23, 5), .proportion_excitatory = 0.6, .types_per_sign = 2, .tau_ms = 12,
    .threshold = 0,         .recurrent_scale = 1};
static const struct modprop_draw_setting raised = {
    SIZES(19, 3, 3, 23, 5), .proportion_excitatory = 0.6, .types_per_sign = 2,
    .tau_ms = 12,           .threshold = 0.0625,          .recurrent_scale = 1};
static const struct modprop_draw_setting wide = {
    SIZES(21, 2, 4, 40, 3), .proportion_excitatory = 0.5, .types_per_sign = 3, .tau_ms = 30,
    .threshold = 0,         .recurrent_scale = 1.5};
static const struct modprop_draw_setting small = {
    SIZES(7, 2, 2, 12, 2), .proportion_excitatory = 0.6, .types_per_sign = 1, .tau_ms = 8,
    .threshold = 0,        .recurrent_scale = 1};
static const struct modprop_draw_setting unconnected = {
    SIZES(7, 2, 2, 12, 2), .proportion_excitatory = 0.6, .types_per_sign = 1, .tau_ms = 8,
    .threshold = 0,        .recurrent_scale = 0};
static const struct modprop_draw_setting two_steps = {
    SIZES(7, 2, 2, 2, 2), .proportion_excitatory = 0.6, .types_per_sign = 1, .tau_ms = 4,
    .threshold = 0,       .recurrent_scale = 1};
/* The threshold lies far below what the weak recurrence can reach: h = 1 everywhere. */
static const struct modprop_draw_setting active = {
    SIZES(7, 2, 2, 12, 2), .proportion_excitatory = 0.6, .types_per_sign = 1, .tau_ms = 8,
    .threshold = -8,       .recurrent_scale = 0.1};
/* floor(0.35 * 6) + 1 = 3 excitatory and 3 inhibitory units: three types of one unit each. */
static const struct modprop_draw_setting six = {
    SIZES(6, 2, 2, 15, 3), .proportion_excitatory = 0.35, .types_per_sign = 3, .tau_ms = 8,
    .threshold = 0,        .recurrent_scale = 1};

static const struct modprop_draw_setting adaptive = {
    SIZES(7, 2, 2, 12, 2), .proportion_excitatory = 0.6, .types_per_sign = 1, .tau_ms = 8,
    .threshold = 0.0625,   .recurrent_scale = 1,         .units = "adaptive", .n_adaptive = 4};
static const struct modprop_draw_setting odd_alif = {
    SIZES(19, 3, 3, 23, 5), .proportion_excitatory = 0.6, .types_per_sign = 2, .tau_ms = 12,
    .threshold = 0.5,       .recurrent_scale = 2,         .input_scale = 3,    .units = "alif",
    .n_adaptive = 9,        .refractory_steps = 2};
static const struct modprop_draw_setting odd_lif = {
    SIZES(19, 3, 3, 23, 5), .proportion_excitatory = 0.6, .types_per_sign = 2, .tau_ms = 12,
    .threshold = 0.5,       .recurrent_scale = 2,         .input_scale = 3,    .units = "lif",
    .refractory_steps = 2};
static const struct modprop_draw_setting two_alif = {
    SIZES(7, 2, 2, 2, 2), .proportion_excitatory = 0.6, .types_per_sign = 1, .tau_ms = 4,
    .threshold = 0.5,     .recurrent_scale = 2,         .input_scale = 3,    .units = "alif",
    .n_adaptive = 4};

static const struct modprop_draw_setting sparse = {
    SIZES(19, 3, 3, 23, 5), .proportion_excitatory = 0.6, .types_per_sign = 2, .tau_ms = 12,
    .threshold = 0,         .recurrent_scale = 2,         .share = 0.2};
static const struct modprop_draw_setting sparse_alif = {
    SIZES(19, 3, 3, 23, 5), .proportion_excitatory = 0.6, .types_per_sign = 2, .tau_ms = 12,
    .threshold = 0.5,       .recurrent_scale = 4,         .input_scale = 3,    .units = "alif",
    .n_adaptive = 9,        .refractory_steps = 2,        .share = 0.2};
static const struct modprop_draw_setting uneven = {
    SIZES(19, 3, 3, 23, 5), .proportion_excitatory = 0.6, .types_per_sign = 3, .tau_ms = 12,
    .threshold = 0,         .recurrent_scale = 1,         .uneven = true};
static const struct modprop_draw_setting whole = {
    SIZES(11, 3, 3, 23, 5), .proportion_excitatory = 0.6, .types_per_sign = 2, .tau_ms = 12,
    .threshold = 0,         .recurrent_scale = 1,         .share = 1};

#define BPTT .rule = "bptt"
#define RTRL .rule = "rtrl"
#define EPROP .rule = "eprop"
#define RFLO .rule = "rflo"
#define SNAP1 .rule = "snap1"
#define SNAP2 .rule = "snap2"
#define MDGL(kind, count) .rule = "mdgl", .feedback = kind, .types = count
#define MODPROP(kind, count, strength) \
    .rule = "modprop", .feedback = kind, .types = count, .mu = strength
#define ONLINE .path = "online"
#define WINDOW(steps) .window = steps
#define RANDOM .random = true
#define OWN .own = true
#define RATES .rate_cost = 20
#define POOLED .mu_mode = MODPROP_MU_TRIAL, .mu_pool = MODPROP_POOL_ALL
#define DIFFERENCES modprop_witness_differences
#define LOOPS modprop_naive_gradient
#define CLOSED_FORM modprop_naive_closed_form
#define TRACES modprop_naive_traces
#define ENGINE modprop_problem_gradient
#define SAME .rule = NULL

static const struct modprop_comparison table[] = {
    {"bptt = finite differences", &small, {BPTT}, DIFFERENCES, {SAME}},
    {"bptt, adaptive = finite differences", &adaptive, {BPTT}, DIFFERENCES, {SAME}},
    {"rtrl = finite differences", &small, {RTRL}, DIFFERENCES, {SAME}},
    {"eprop = differences, W_rec = 0", &unconnected, {EPROP}, DIFFERENCES, {SAME}},
    {"mdgl, cell = differences, T = 2", &two_steps, {MDGL("cell", 1)}, DIFFERENCES, {SAME}},
    {"modprop, mu = 1, h = 1 = differences", &active, {MODPROP("cell", 1, 1)}, DIFFERENCES, {SAME}},

    {"eprop, alif = traces per synapse", &odd_alif, {EPROP}, TRACES, {SAME}},
    {"mdgl, cell, alif = traces", &odd_alif, {MDGL("cell", 1)}, TRACES, {SAME}},
    {"mdgl, 4 types, alif = traces", &odd_alif, {MDGL("type", 2)}, TRACES, {SAME}},
    {"modprop, mu = 0, alif = traces", &odd_alif, {MODPROP("type", 2, 0)}, TRACES, {SAME}},
    {"mdgl, cell, T = 2, alif = bptt", &two_alif, {MDGL("cell", 1)}, ENGINE, {BPTT}},
    {"rtrl, alif = bptt", &odd_alif, {RTRL}, ENGINE, {BPTT}},

    {"bptt = plain loops", &odd, {BPTT}, LOOPS, {SAME}},
    {"bptt, threshold = plain loops", &raised, {BPTT}, LOOPS, {SAME}},
    {"rtrl = plain loops", &odd, {RTRL}, LOOPS, {SAME}},
    {"eprop, offline = plain loops", &odd, {EPROP}, LOOPS, {SAME}},
    {"eprop, online = plain loops", &odd, {EPROP, ONLINE}, LOOPS, {SAME}},
    {"eprop, random signal = plain loops", &odd, {EPROP, RANDOM}, LOOPS, {SAME}},
    {"mdgl, cell = plain loops", &odd, {MDGL("cell", 1)}, LOOPS, {SAME}},
    {"mdgl, 4 types = plain loops", &odd, {MDGL("type", 2)}, LOOPS, {SAME}},
    {"modprop, cell = plain loops", &odd, {MODPROP("cell", 1, 0.5)}, LOOPS, {SAME}},
    {"modprop, cell, online = plain loops", &odd, {MODPROP("cell", 1, 0.5), ONLINE}, LOOPS, {SAME}},
    {"modprop, cell, window = plain loops",
     &odd,
     {MODPROP("cell", 1, 0.5), WINDOW(6)},
     LOOPS,
     {SAME}},
    {"modprop, 2 types = plain loops", &odd, {MODPROP("type", 1, 0.5)}, LOOPS, {SAME}},
    {"modprop, 4 types = plain loops", &odd, {MODPROP("type", 2, 0.5)}, LOOPS, {SAME}},
    {"modprop, 6 types, long = plain loops", &wide, {MODPROP("type", 3, 0.25)}, LOOPS, {SAME}},
    {"modprop, types, window = plain loops",
     &odd,
     {MODPROP("type", 2, 0.5), WINDOW(6)},
     LOOPS,
     {SAME}},
    {"modprop, random signal = plain loops",
     &odd,
     {MODPROP("type", 2, 0.5), RANDOM},
     LOOPS,
     {SAME}},

    {"mdgl, cell, own = plain loops", &odd, {MDGL("cell", 1), OWN}, LOOPS, {SAME}},
    {"mdgl, 4 types, own = plain loops", &odd, {MDGL("type", 2), OWN, ONLINE}, LOOPS, {SAME}},
    {"modprop, cell, own = plain loops", &odd, {MODPROP("cell", 1, 0.5), OWN}, LOOPS, {SAME}},
    {"modprop, cell, own, taps = loops",
     &odd,
     {MODPROP("cell", 1, 0.5), OWN, ONLINE},
     LOOPS,
     {SAME}},
    {"modprop, 4 types, own = plain loops", &odd, {MODPROP("type", 2, 0.5), OWN}, LOOPS, {SAME}},
    {"modprop, mu(t), window = plain loops",
     &odd,
     {MODPROP("type", 2, 0.5), WINDOW(6), .mu_mode = MODPROP_MU_TRIAL},
     LOOPS,
     {SAME}},
    {"modprop, mu(t), window, online = loops",
     &odd,
     {MODPROP("type", 2, 0.5), WINDOW(6), ONLINE, .mu_mode = MODPROP_MU_TRIAL},
     LOOPS,
     {SAME}},
    {"modprop, mu(t), online = backward",
     &odd,
     {MODPROP("type", 2, 0.5), ONLINE, .mu_mode = MODPROP_MU_TRIAL},
     ENGINE,
     {MODPROP("type", 2, 0.5), .mu_mode = MODPROP_MU_TRIAL}},

    {"bptt, rates = plain loops", &odd, {BPTT, RATES}, LOOPS, {SAME}},
    {"modprop, cell, taps, rates = loops",
     &odd,
     {MODPROP("cell", 1, 0.5), ONLINE, RATES},
     LOOPS,
     {SAME}},
    {"bptt, alif, rates = plain loops", &odd_alif, {BPTT, RATES}, LOOPS, {SAME}},
    {"rtrl, alif, rates = plain loops", &odd_alif, {RTRL, RATES}, LOOPS, {SAME}},
    {"eprop, lif, rates, online = plain loops", &odd_lif, {EPROP, ONLINE, RATES}, LOOPS, {SAME}},
    {"mdgl, lif, rates = plain loops", &odd_lif, {MDGL("cell", 1), RATES}, LOOPS, {SAME}},
    {"mdgl, lif, rates, online = plain loops",
     &odd_lif,
     {MDGL("type", 2), ONLINE, RATES},
     LOOPS,
     {SAME}},
    {"modprop, lif, rates, online = loops",
     &odd_lif,
     {MODPROP("cell", 1, 0.5), ONLINE, RATES},
     LOOPS,
     {SAME}},
    {"modprop, alif, rates = plain loops",
     &odd_alif,
     {MODPROP("type", 2, 0.5), RATES},
     LOOPS,
     {SAME}},
    {"modprop, lif, mu(t), rates, online = loops",
     &odd_lif,
     {MODPROP("type", 2, 0.5), ONLINE, RATES, .mu_mode = MODPROP_MU_TRIAL},
     LOOPS,
     {SAME}},

    {"rtrl = bptt", &odd, {RTRL}, ENGINE, {BPTT}},
    {"rtrl = bptt, threshold", &raised, {RTRL}, ENGINE, {BPTT}},
    {"rflo = eprop", &odd, {RFLO}, ENGINE, {EPROP}},
    {"rflo, lif = eprop", &odd_lif, {RFLO}, ENGINE, {EPROP}},
    {"rflo, alif, rates = plain loops", &odd_alif, {RFLO, RATES}, LOOPS, {SAME}},
    {"snap1 = eprop", &odd, {SNAP1}, ENGINE, {EPROP}},
    {"snap1, alif = eprop", &odd_alif, {SNAP1}, ENGINE, {EPROP}},
    {"snap2, all connected = bptt", &whole, {SNAP2}, ENGINE, {BPTT}},
    {"snap2, T = 2 = bptt", &two_steps, {SNAP2}, ENGINE, {BPTT}},
    {"snap2, T = 2, alif = bptt", &two_alif, {SNAP2}, ENGINE, {BPTT}},
    {"snap2, sparse = plain loops", &sparse, {SNAP2}, LOOPS, {SAME}},
    {"snap2, sparse, alif = plain loops", &sparse_alif, {SNAP2}, LOOPS, {SAME}},
    {"snap2, alif, rates = plain loops", &sparse_alif, {SNAP2, RATES}, LOOPS, {SAME}},
    {"bptt, sparse = plain loops", &sparse, {BPTT}, LOOPS, {SAME}},
    {"rtrl, sparse = bptt", &sparse, {RTRL}, ENGINE, {BPTT}},
    {"modprop, sparse, taps = plain loops",
     &sparse,
     {MODPROP("cell", 1, 0.5), ONLINE},
     LOOPS,
     {SAME}},
    {"eprop, online = offline", &odd, {EPROP, ONLINE}, ENGINE, {EPROP}},
    {"modprop, cell, taps = backward",
     &odd,
     {MODPROP("cell", 1, 0.5), ONLINE},
     ENGINE,
     {MODPROP("cell", 1, 0.5)}},
    {"modprop, 4 types, taps = backward",
     &odd,
     {MODPROP("type", 2, 0.5), ONLINE},
     ENGINE,
     {MODPROP("type", 2, 0.5)}},
    {"modprop, window, taps = backward",
     &odd,
     {MODPROP("type", 2, 0.5), ONLINE, WINDOW(6)},
     ENGINE,
     {MODPROP("type", 2, 0.5), WINDOW(6)}},
    {"modprop, 4 types = closed form", &odd, {MODPROP("type", 2, 0.5)}, CLOSED_FORM, {SAME}},
    {"modprop, 6 types, taps = closed form",
     &wide,
     {MODPROP("type", 3, 0.25), ONLINE},
     CLOSED_FORM,
     {SAME}},

    {"mdgl, uneven types = plain loops", &uneven, {MDGL("type", 3)}, LOOPS, {SAME}},
    {"mdgl, uneven types, online = loops", &uneven, {MDGL("type", 3), ONLINE}, LOOPS, {SAME}},
    {"modprop, uneven types = plain loops", &uneven, {MODPROP("type", 3, 0.5)}, LOOPS, {SAME}},
    {"modprop, uneven types, taps = backward",
     &uneven,
     {MODPROP("type", 3, 0.5), ONLINE},
     ENGINE,
     {MODPROP("type", 3, 0.5)}},
    {"modprop, uneven, taps = closed form",
     &uneven,
     {MODPROP("type", 3, 0.5), ONLINE},
     CLOSED_FORM,
     {SAME}},
    {"modprop, uneven, cell, mu(k) = loops",
     &uneven,
     {MODPROP("cell", 3, 0.5), .mu_mode = MODPROP_MU_ADAPTIVE},
     LOOPS,
     {SAME}},
    {"modprop, uneven, mu(k), taps = loops",
     &uneven,
     {MODPROP("type", 3, 0.5), ONLINE, .mu_mode = MODPROP_MU_ADAPTIVE},
     LOOPS,
     {SAME}},
    {"modprop, uneven, mu(t) = plain loops",
     &uneven,
     {MODPROP("type", 3, 0.5), .mu_mode = MODPROP_MU_TRIAL},
     LOOPS,
     {SAME}},
    {"modprop, uneven, mu(t), online = loops",
     &uneven,
     {MODPROP("type", 3, 0.5), ONLINE, .mu_mode = MODPROP_MU_TRIAL},
     LOOPS,
     {SAME}},
    {"modprop, pooled mu(t) = loops", &uneven, {MODPROP("type", 3, 0.5), POOLED}, LOOPS, {SAME}},
    {"modprop, pooled mu(t), cell = loops",
     &uneven,
     {MODPROP("cell", 3, 0.5), POOLED},
     LOOPS,
     {SAME}},
    {"modprop, pooled mu(t), online = loops",
     &uneven,
     {MODPROP("type", 3, 0.5), ONLINE, POOLED},
     LOOPS,
     {SAME}},

    {"modprop, mu = 0 = eprop", &odd, {MODPROP("type", 2, 0)}, ENGINE, {EPROP, ONLINE}},
    {"modprop, mu = 1, h = 1 = bptt", &active, {MODPROP("cell", 1, 1)}, ENGINE, {BPTT}},
    {"modprop, mu = 1, h = 1, taps = bptt",
     &active,
     {MODPROP("cell", 1, 1), ONLINE},
     ENGINE,
     {BPTT}},
    {"mdgl, cell, T = 2 = bptt", &two_steps, {MDGL("cell", 1)}, ENGINE, {BPTT}},
    {"modprop, window 1, T = 2 = window 0",
     &two_steps,
     {MODPROP("type", 1, 0.5), WINDOW(1)},
     ENGINE,
     {MODPROP("type", 1, 0.5), ONLINE}},
    {"modprop, types of one unit = cell",
     &six,
     {MODPROP("type", 3, 0.5)},
     ENGINE,
     {MODPROP("cell", 1, 0.5)}},
    {"mdgl, types of one unit = cell", &six, {MDGL("type", 3)}, ENGINE, {MDGL("cell", 1)}},

    {"bptt, batch = mean of its trials", &odd, {BPTT}, modprop_witness_single_trials, {SAME}},
    {"modprop, batch = mean of its trials",
     &odd,
     {MODPROP("type", 2, 0.5), ONLINE},
     modprop_witness_single_trials,
     {SAME}},
    {"bptt, order of trials", &odd, {BPTT}, modprop_witness_reversed_batch, {SAME}},
    {"modprop, order of trials",
     &odd,
     {MODPROP("type", 2, 0.5), ONLINE},
     modprop_witness_reversed_batch,
     {SAME}},
};

/* Little above alpha, so that a measured mu is clamped in most settings. */
static const double RADIUS_MAX = 0.93;

enum { ROWS = sizeof table / sizeof *table };

size_t modprop_check_gradients_count(void)
{
    return ROWS + modprop_combinations_count();
}

static enum modprop_status configure(struct modprop_config *config, const struct modprop_way *way,
                                     struct modprop_error *err)
{
    enum modprop_status status = modprop_config_set(config, "rule", way->rule, err);
    if (status == MODPROP_OK)
        status = modprop_config_set(config, "path", way->path ? way->path : "offline", err);
    if (status == MODPROP_OK)
        status = modprop_config_set(config, "feedback", way->feedback ? way->feedback : "cell",
                                    err);
    config->mu = way->mu;
    config->mu_mode = way->mu_mode;
    config->mu_pool = way->mu_pool;
    config->rate_cost = config->activity_cost = way->rate_cost;
    config->radius_max = RADIUS_MAX;
    config->feedback_weights = way->own ? MODPROP_WEIGHTS_RANDOM : MODPROP_WEIGHTS_SYMMETRIC;
    config->window = way->window;
    config->types_per_sign = way->types ? way->types : 1;
    config->learning_signal = way->random ? MODPROP_SIGNAL_RANDOM : MODPROP_SIGNAL_SYMMETRIC;
    return status;
}

/*
 * Rounding: an entry of a gradient is a sum of T B products whose factors went through at most T steps
 * forward and T back, each a sum of m or n products and a few operations more. With unit roundoff u,
 * k operations in a row leave a relative error of at most k u of the sum of the terms' sizes (Higham,
 * Accuracy and Stability of Numerical Algorithms, ch. 3): k = T (m + n + 8) + T B. The bound is k u.
 * Cancellation makes the sum smaller than its terms, but the errors' random signs gain more.
 *
 * Where mu is measured and clamped, the plain loops find the clamp c from a spectral radius R with an
 * error of about 2 n u of their double, and c follows R with a relative slope of 1 / (R - alpha).
 *
 * Central differences with step d: each loss carries about 10 u |E| of rounding, so the quotient
 * 10 u |E| / d = 1e-10 |E|, and d^2 / 6 |E'''| = 2e-11 |E'''| of truncation. |E| and |E'''| reach some
 * ten times a matrix's largest derivative (a loss near 1, derivatives of 0.1 and less): 1e-8 in all.
 */
static double bound_of(const struct modprop_comparison *row, const struct modprop_shape *s)
{
    if (row->witness == DIFFERENCES)
        return 1e-8;
    const double steps = (double)(s->T * (s->m + s->n + 8) + s->T * s->B);
    const double clamp = 2 * (double)s->n * 0x1p-53 / (RADIUS_MAX - exp(-1 / row->setting->tau_ms));
    return modprop_compare_roundoff() * steps + (row->way.mu_mode == MODPROP_MU_FIXED ? 0 : clamp);
}

static void compare(struct modprop_check_line *line, const struct modprop_shape *shape,
                    const char *loss, double bound, const double *gradient, const double *other)
{
    for (size_t k = 0; k < MODPROP_PARTS; k++) {
        const struct modprop_part part = modprop_problem_part(shape, k);
        modprop_compare_arrays(line, part.name, loss, gradient + part.offset, other + part.offset,
                               part.rows * part.columns, bound);
    }
}

static enum modprop_status run(const struct modprop_comparison *row, enum modprop_draw_loss loss,
                               struct modprop_check_line *line, struct modprop_error *err)
{
    struct modprop_problem problem;
    enum modprop_status status = modprop_draw_problem(&problem, row->setting, loss, err);
    if (status != MODPROP_OK)
        return status;
    const size_t count = modprop_problem_weights(&problem.shape);
    struct modprop_memory_plan plan = {0};
    double *ours = modprop_memory_take(&plan, count, sizeof *ours), E = 0;
    double *others = modprop_memory_take(&plan, count, sizeof *others), E_other = 0;
    if (plan.refused)
        status = modprop_memory_error("the gradients", plan.bytes, err);
    if (status == MODPROP_OK)
        status = configure(&problem.config, &row->way, err);
    if (row->way.rate_cost > 0)
        problem.shape.signal_steps = problem.shape.T;
    if (status == MODPROP_OK)
        status = modprop_problem_gradient(&problem, ours, &E, err);
    if (status == MODPROP_OK && row->witness_way.rule)
        status = configure(&problem.config, &row->witness_way, err);
    if (status == MODPROP_OK)
        status = row->witness(&problem, others, &E_other, err);
    if (status == MODPROP_OK) {
        const char *const name = modprop_draw_loss_name(loss);
        const double bound = bound_of(row, &problem.shape);
        compare(line, &problem.shape, name, bound, ours, others);
        modprop_compare_arrays(line, "loss", name, &E, &E_other, 1, bound);
    }
    modprop_memory_free(ours);
    modprop_memory_free(others);
    modprop_problem_clear(&problem);
    return status;
}

/* The row of that index: of the table, or a combination, which is made into *made. */
static const struct modprop_comparison *row_at(size_t index, struct modprop_combination *made)
{
    if (index < ROWS)
        return &table[index];
    modprop_combinations_at(index - ROWS, made);
    return &made->comparison;
}

void modprop_check_gradients(size_t index, struct modprop_check_line *line)
{
    assert(index < modprop_check_gradients_count());
    struct modprop_combination made;
    const struct modprop_comparison *const row = row_at(index, &made);
    const bool coarse = sizeof(modprop_real) < sizeof(double);
    *line = (struct modprop_check_line){
        .n = row->setting->n, .T = row->setting->T, .B = row->setting->B};
    snprintf(line->subject, sizeof line->subject, "%s", row->subject);
    if (coarse &&
        row->witness == DIFFERENCES) { /* float32's rounding leaves nothing of a difference */
        line->verdict = MODPROP_CHECK_NOT_HERE;
        return;
    }
    for (int loss = 0; loss < MODPROP_DRAW_LOSSES; loss++) {
        struct modprop_error err = {0};
        if (run(row, (enum modprop_draw_loss)loss, line, &err) != MODPROP_OK) {
            modprop_compare_fail(line, MODPROP_CHECK_FAILED, &err);
            return;
        }
    }
}
