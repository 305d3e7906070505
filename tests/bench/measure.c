#include "measure.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/memory.h"
#include "engine/run.h"
#include "machine.h"

/* A case while it is measured. */
struct subject {
    struct bench_case *c;
    struct modprop_run *runs[BENCH_SEEDS]; /* NULL: skipped */
    struct modprop_run *run;               /* of this round's seed */
    modprop_real *x;                       /* [MODPROP_BLOCK_STEPS][tile][n_in] */
    long repeats;                          /* of the work in a round */
    size_t rounds;
    double ms[BENCH_ROUNDS], peak[BENCH_ROUNDS], dense[BENCH_ROUNDS];
    double clock_s, cpu_s;
};

/* ------------------------------------------------------------------ figures */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t count, double share)
{
    const double at = share * (double)(count - 1);
    const size_t low = (size_t)at, high = low + 1 < count ? low + 1 : low;
    return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
}

struct bench_spread bench_spread_of(double *values, size_t count)
{
    qsort(values, count, sizeof *values, ascending);
    return (struct bench_spread){quantile(values, count, 0.25), quantile(values, count, 0.5),
                                 quantile(values, count, 0.75)};
}

/* ------------------------------------------------------------------ the work */

/* All inputs of a batch, tile by tile as the forward pass asks for them. */
static void make_trials(struct subject *s)
{
    const struct modprop_shape *shape = &s->run->shape;
    struct modprop_trials *trials = &s->run->trials;
    trials->task->begin(trials);
    for (size_t tile = 0; tile < shape->tiles; tile++) {
        const size_t b0 = modprop_shape_first(shape, tile),
                     R = modprop_shape_first(shape, tile + 1) - b0;
        for (size_t t = 0; t < shape->T; t += MODPROP_BLOCK_STEPS) {
            const size_t left = shape->T - t;
            trials->task->input(trials, t, left < MODPROP_BLOCK_STEPS ? left : MODPROP_BLOCK_STEPS,
                                s->run->pass.order + b0, R, s->x);
        }
    }
}

static enum modprop_status do_work(struct subject *s, struct modprop_error *err)
{
    struct modprop_pass_figures figures;
    struct modprop_evaluation evaluation;
    switch (s->c->work) {
    case BENCH_ITERATION: return modprop_run_step(s->run, err);
    case BENCH_GRADIENT: return modprop_run_gradient(s->run, &s->run->trials, &figures, err);
    case BENCH_FORWARD:
        modprop_pass_run(&s->run->pass, &s->run->trials, NULL, NULL, NULL, false, &figures);
        return MODPROP_OK;
    case BENCH_TRIALS: make_trials(s); return MODPROP_OK;
    case BENCH_EVALUATION: return modprop_run_evaluate(s->run, &evaluation, err);
    }
    return MODPROP_INVALID;
}

static void skip(struct subject *s, const char *reason)
{
    snprintf(s->c->skipped, sizeof s->c->skipped, "%.*s", (int)sizeof s->c->skipped - 1, reason);
    for (size_t k = 0; k < BENCH_SEEDS; k++) {
        modprop_run_free(s->runs[k]);
        s->runs[k] = NULL;
    }
    s->run = NULL;
}

static bool works(struct subject *s)
{
    struct modprop_error err = {0};
    if (do_work(s, &err) == MODPROP_OK)
        return true;
    skip(s, err.message);
    return false;
}

/* ------------------------------------------------------------------ before */

/* Whether the case fits into time and memory; `taken`: bytes of the runs already open. */
static bool affordable(struct subject *s, double taken, const struct bench_limits *limits)
{
    const double slowest = 4; /* dense forward limits that the slowest rule stays below */
    const double share = 0.8; /* of the memory, the rest is for everybody else */
    const double time_s = slowest * bench_dense(&s->c->size) / bench_peak();
    const double bytes = (double)s->c->size.seeds * (double)modprop_config_bytes(&s->c->config);
    const double available = share * (taken + bench_memory_available());
    char reason[160];
    if (time_s > limits->iteration_s)
        snprintf(reason, sizeof reason, "an iteration could take %.1f s, more than --limit %g",
                 time_s, limits->iteration_s);
    else if (taken + bytes > available)
        snprintf(reason, sizeof reason,
                 "needs %.0f MiB beside %.0f MiB of others; %.0f MiB available", bytes / 1048576,
                 taken / 1048576, available / 1048576);
    else
        return true;
    skip(s, reason);
    return false;
}

/* Makes the run of a seed and brings it to the iteration from which it is measured. */
static bool bring(struct subject *s, long seed, struct modprop_error *err)
{
    struct modprop_config config = s->c->config;
    config.seed += seed;
    enum modprop_status status = modprop_run_create(&s->run, &config, err);
    s->runs[seed] = s->run;
    while (status == MODPROP_OK && modprop_run_iteration(s->run) < s->c->first)
        status = modprop_run_step(s->run, err);
    /* One iteration more draws the batch that parts of an iteration work on. */
    if (status == MODPROP_OK && s->c->work != BENCH_ITERATION)
        status = modprop_run_step(s->run, err);
    return status == MODPROP_OK;
}

/* The runs, and how often a round repeats its work. */
static bool prepare(struct subject *s, struct modprop_error *err)
{
    const double round_s = 0.02; /* that the clock and the first call's cold caches do not show */
    const long most = 20;        /* the network should not change much while it is measured */
    for (long seed = 0; seed < s->c->size.seeds; seed++)
        if (!bring(s, seed, err))
            return false;
    const struct modprop_shape *shape = &s->run->shape;
    s->x = modprop_memory_get(MODPROP_BLOCK_STEPS * shape->tile * shape->n_in, sizeof *s->x);
    const double start = bench_now_s();
    if (!s->x || do_work(s, err) != MODPROP_OK)
        return false;
    const double wanted = round_s / (bench_now_s() - start);
    s->repeats = wanted > (double)most ? most : 1 + (long)wanted;
    return true;
}

/* ------------------------------------------------------------------ rounds */

static void one_round(struct subject *s)
{
    const double peak = bench_peak();
    s->run = s->runs[s->rounds % (size_t)s->c->size.seeds];
    if (s->repeats > 1 && !works(s)) /* brings its data back into the caches */
        return;
    const double start = bench_now_s(), cpu = bench_cpu_s();
    for (long k = 0; k < s->repeats; k++)
        if (!works(s))
            return;
    const double clock_s = bench_now_s() - start, seconds = clock_s / (double)s->repeats;
    s->cpu_s += bench_cpu_s() - cpu;
    s->clock_s += clock_s;
    s->ms[s->rounds] = 1e3 * seconds;
    s->peak[s->rounds] = peak;
    s->dense[s->rounds++] = seconds * peak / bench_dense(&s->c->size);
}

static void conclude(struct subject *s, struct bench_result *result)
{
    double active = 0;
    for (long seed = 0; seed < s->c->size.seeds; seed++) {
        struct modprop_pass_figures figures = {0};
        struct modprop_run *run = s->runs[seed];
        modprop_pass_run(&run->pass, &run->trials, NULL, NULL, NULL, true, &figures);
        active += figures.active_fraction / (double)s->c->size.seeds;
    }
    *result = (struct bench_result){
        .rounds = s->rounds,
        .last = modprop_run_iteration(s->run),
        .bytes = (double)modprop_config_bytes(&s->c->config),
        .ms = bench_spread_of(s->ms, s->rounds),
        .peak = bench_spread_of(s->peak, s->rounds),
        .dense = bench_spread_of(s->dense, s->rounds),
        .active = active,
        .kept = s->cpu_s / s->clock_s,
    };
}

static void open_all(struct subject *subjects, size_t count, const struct bench_limits *limits)
{
    double taken = 0;
    for (size_t k = 0; k < count; k++) {
        struct subject *s = &subjects[k];
        struct modprop_error err = {0};
        if (s->c->skipped[0] || !affordable(s, taken, limits))
            continue;
        if (!prepare(s, &err))
            skip(s, err.code ? err.message : "no memory");
        else
            taken += (double)s->c->size.seeds * (double)modprop_config_bytes(&s->c->config);
    }
}

void bench_measure(struct bench_case *cases, struct bench_result *results, size_t count,
                   const struct bench_limits *limits)
{
    struct subject *subjects = calloc(count, sizeof *subjects);
    for (size_t k = 0; k < count; k++) {
        results[k] = (struct bench_result){0};
        if (!subjects)
            snprintf(cases[k].skipped, sizeof cases[k].skipped, "no memory");
    }
    if (!subjects)
        return;
    for (size_t k = 0; k < count; k++)
        subjects[k].c = &cases[k];
    open_all(subjects, count, limits);
    const double start = bench_now_s();
    for (size_t round = 0; round < limits->rounds; round++) {
        if (round >= 3 && bench_now_s() - start > limits->group_s)
            break;
        for (size_t k = 0; k < count; k++)
            if (subjects[k].run)
                one_round(&subjects[k]);
    }
    for (size_t k = 0; k < count; k++) {
        if (subjects[k].run)
            conclude(&subjects[k], &results[k]);
        for (size_t seed = 0; seed < BENCH_SEEDS; seed++)
            modprop_run_free(subjects[k].runs[seed]);
        modprop_memory_free(subjects[k].x);
    }
    free(subjects);
}
