/*
 * analyze_fixture.h - results files with made-up curves, for tests of the analysis.
 *
 * What a run does is a function of its key alone, so that the same run is the same in every file:
 * one of 16 diverges half way, one of 32 fails, one of 32 runs out of time, one of 16 collapses, and
 * all others decay with some noise.
 */
#ifndef MODPROP_TESTS_ANALYZE_FIXTURE_H
#define MODPROP_TESTS_ANALYZE_FIXTURE_H

#include "results_fixture.h"

#include "analyze/runs.h"

#define ANALYZE_SWEEP \
    "seed = 1..8\n[network]\nn = 8\n[training]\niterations = 400\nevaluate_every = 20\n" \
    "learning_rate = 5e-4, 1e-3\n[rule]\nrule = modprop\nmu = linspace(0, 0.5, 6)\n" \
    "[variant baselines]\nrule = bptt, eprop\n"

enum { ANALYZE_RUNS = 8 * 2 * (6 + 2), ANALYZE_EVALUATIONS = 21 };

/* Bits of a run's fate: 64 well mixed ones for each (key, salt). */
static inline uint64_t analyze_bits(uint64_t key, uint64_t salt)
{
    uint64_t x = key + salt * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static inline double analyze_unit(uint64_t key, uint64_t salt)
{
    return (double)(analyze_bits(key, salt) >> 11) * 0x1p-53;
}

static inline enum modprop_run_state analyze_state(uint64_t key)
{
    const unsigned fate = (unsigned)(analyze_bits(key, 1) & 31);
    return fate < 2    ? MODPROP_RUN_DIVERGED
           : fate == 2 ? MODPROP_RUN_FAILED
           : fate == 3 ? MODPROP_RUN_TIMEOUT
                       : MODPROP_RUN_DONE;
}

static inline bool analyze_collapses(uint64_t key)
{
    return (analyze_bits(key, 2) & 15) == 0;
}

static inline double analyze_loss(uint64_t key, size_t evaluation, size_t evaluations)
{
    const double t = (double)evaluation / (double)(evaluations - 1);
    const double rate = 1 + 4 * analyze_unit(key, 3);
    const double noise = 0.05 * analyze_unit(key, 100 + evaluation);
    return analyze_collapses(key) && t > 0.9 ? 0.65 + noise : 0.69 * exp(-rate * t) + noise;
}

/* Fills an outcome; evaluation has room for `evaluations`. */
static inline void analyze_fill(struct modprop_outcome *outcome,
                                struct modprop_evaluation *evaluation, size_t evaluations,
                                long every, uint64_t key)
{
    const enum modprop_run_state state = analyze_state(key);
    const size_t filled = state == MODPROP_RUN_DONE ? evaluations : evaluations / 2;
    const long done = (long)(filled - 1) * every;
    for (size_t k = 0; k < evaluations; k++) {
        const double loss = analyze_loss(key, k, evaluations);
        evaluation[k] = (struct modprop_evaluation){.iteration = (double)k * (double)every,
                                                    .loss = loss,
                                                    .loss_total = loss + 0.01,
                                                    .accuracy = 1 - loss / 2,
                                                    .mean_rate = 0.5,
                                                    .largest_rate = 1,
                                                    .active_fraction = 0.5,
                                                    .spectral_radius = 1,
                                                    .filter_radius = NAN,
                                                    .mu_effective = 0.25,
                                                    .gradient_norm = 0.1,
                                                    .taps = NAN,
                                                    .elapsed_s = (double)k};
    }
    *outcome = (struct modprop_outcome){
        .state = state,
        .record = {.iterations_done = done,
                   .diverged_at = state == MODPROP_RUN_DIVERGED ? done + 1 : -1,
                   .wall_s = 1 + analyze_unit(key, 4),
                   .cpu_s = 1,
                   .evaluations = filled,
                   .evaluation = evaluation},
        .rank = 0,
        .host = "node",
        .started = 1.7e9,
        .message = state == MODPROP_RUN_FAILED ? "no memory" : ""};
}

/* A results file in which the runs first to last - 1 of the plan are finished. */
static inline void analyze_write(const struct modprop_plan *plan, size_t first, size_t last)
{
    struct modprop_results *results = fixture_open(plan);
    struct modprop_config config;
    struct modprop_error err = {0};
    modprop_plan_config(plan, 0, &config);
    const size_t evaluations = modprop_config_evaluations(&config);
    struct modprop_evaluation *evaluation = calloc(evaluations, sizeof *evaluation);
    assert_non_null(evaluation);
    for (size_t run = first; run < last; run++) {
        struct modprop_outcome outcome;
        analyze_fill(&outcome, evaluation, evaluations, config.evaluate_every, plan->key[run]);
        if (modprop_results_write(results, run, &outcome, &err) != MODPROP_OK)
            fail_msg("run %zu: %s", run, err.message);
    }
    free(evaluation);
    fixture_close(results);
}

/* The same for a sweep file's text; all its runs, if `last` is SIZE_MAX. */
static inline void analyze_make(const char *path, const char *sweep, size_t first, size_t last)
{
    struct modprop_plan *plan = fixture_plan(path, sweep);
    analyze_write(plan, first, last < plan->runs ? last : plan->runs);
    modprop_plan_free(plan);
}

static inline struct modprop_runs *analyze_read(size_t files, const char *const *path)
{
    struct modprop_runs *runs = NULL;
    struct modprop_error err = {0};
    if (modprop_runs_read(&runs, files, path, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    return runs;
}

#endif
