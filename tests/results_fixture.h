/*
 * results_fixture.h - a small sweep and made-up outcomes, for tests of the results file.
 *
 * Outcomes are a function of the run, so that what a file holds can be compared with what was
 * meant.
 */
#ifndef MODPROP_TESTS_RESULTS_FIXTURE_H
#define MODPROP_TESTS_RESULTS_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/datafile.h"
#include "store/results.h"

enum { FIXTURE_EVALUATIONS = 4, FIXTURE_WEIGHTS = 1000 };

#define FIXTURE_SWEEP \
    "seed = 1, 2\nsave_weights = yes\n[network]\nn = 8, 10\n" \
    "[training]\niterations = 60\nevaluate_every = 20\n" \
    "[rule]\nrule = modprop, bptt\nmu = 0, 0.25, 0.5\n[variant \xC3\xA9]\nrule = eprop\n"

enum { FIXTURE_RUNS = 2 * 2 * (3 + 1 + 1) };

/* A folder of its own for each test; *state is its path. */
static inline int fixture_setup(void **state)
{
    char *folder = strdup("/tmp/modprop-results-XXXXXX");
    *state = folder && mkdtemp(folder) ? folder : NULL;
    return *state ? 0 : -1;
}

static inline int fixture_teardown(void **state)
{
    char command[200];
    snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
    free(*state);
    return system(command);
}

static inline const char *fixture_path(void **state, const char *name)
{
    static char path[4][200]; /* a few at a time */
    static int next;
    char *made = path[next++ % 4];
    snprintf(made, sizeof path[0], "%s/%s", (const char *)*state, name);
    return made;
}

/* The plan of a sweep file that writes to `output`. */
static inline struct modprop_plan *fixture_plan(const char *output, const char *sweep)
{
    struct modprop_plan *plan = NULL;
    struct modprop_mistakes mistakes = {0};
    const size_t size = strlen(output) + strlen(sweep) + 100;
    char *text = malloc(size);
    assert_non_null(text);
    snprintf(text, size, "[sweep]\noutput = %s\n%s", output, sweep);
    if (modprop_plan_parse(&plan, "fixture.ini", text, &mistakes) != MODPROP_OK)
        fail_msg("%s", mistakes.count > 0 ? mistakes.line[0] : "no plan");
    modprop_mistakes_clear(&mistakes);
    free(text);
    return plan;
}

static inline struct modprop_results *fixture_open(const struct modprop_plan *plan)
{
    static const struct modprop_provenance provenance = {.command_line = "test"};
    struct modprop_results *results = NULL;
    struct modprop_error err = {0};
    if (modprop_results_open(&results, plan, &provenance, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    return results;
}

static inline void fixture_close(struct modprop_results *results)
{
    struct modprop_error err = {0};
    if (modprop_results_close(results, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
}

static inline double fixture_figure(size_t run, size_t evaluation, size_t figure)
{
    return (double)run + 0.01 * (double)evaluation + 0.0001 * (double)figure;
}

/* Everything an outcome points to. */
struct fixture_outcome {
    struct modprop_outcome outcome;
    struct modprop_evaluation evaluation[FIXTURE_EVALUATIONS];
    modprop_real weights[FIXTURE_WEIGHTS];
    char message[300];
};

/* Every fifth run diverges, one evaluation early, with a message longer than the file keeps. */
static inline void fixture_fill(struct fixture_outcome *made, size_t run)
{
    const bool diverged = run % 5 == 4;
    memset(made, 0, sizeof *made);
    for (size_t k = 0; k < FIXTURE_EVALUATIONS; k++)
        for (size_t figure = 0; figure < modprop_figure_count(); figure++)
            *(double *)(void *)((char *)&made->evaluation[k] +
                                modprop_figure_at(figure)->offset) = fixture_figure(run, k, figure);
    for (size_t k = 0; k < FIXTURE_WEIGHTS; k++)
        made->weights[k] = (modprop_real)(1000 * run + k);
    if (diverged)
        for (size_t k = 0; k < 149; k++)
            memcpy(made->message + 2 * k, "\xC3\xA9", 2); /* 298 bytes of two-byte characters */
    made->outcome = (struct modprop_outcome){
        .state = diverged ? MODPROP_RUN_DIVERGED : MODPROP_RUN_DONE,
        .record = {.iterations_done = diverged ? 41 : 60,
                   .diverged_at = diverged ? 41 : -1,
                   .wall_s = 1.5 + (double)run,
                   .cpu_s = 1.25 + (double)run,
                   .evaluations = FIXTURE_EVALUATIONS - (diverged ? 1 : 0),
                   .evaluation = made->evaluation,
                   .weights = made->weights},
        .rank = (long)run % 3,
        .host = "n\xC3\xB6"
                "de",
        .started = 1.7e9 + (double)run,
        .message = made->message};
}

static inline void fixture_write(struct modprop_results *results, size_t run)
{
    struct fixture_outcome made;
    struct modprop_error err = {0};
    fixture_fill(&made, run);
    if (modprop_results_begin(results, run, made.outcome.rank, made.outcome.host,
                              made.outcome.started, &err) != MODPROP_OK ||
        modprop_results_write(results, run, &made.outcome, &err) != MODPROP_OK)
        fail_msg("run %zu: %s", run, err.message);
}

/* A file in which every run is finished. */
static inline void fixture_finished(const struct modprop_plan *plan)
{
    struct modprop_results *results = fixture_open(plan);
    for (size_t run = 0; run < plan->runs; run++)
        fixture_write(results, run);
    fixture_close(results);
}

/* ------------------------------------------------------------------ reading */

/* A numeric variable of the file; free() it. */
static inline double *fixture_read(const char *path, const char *name, size_t *count)
{
    struct modprop_datafile *file = NULL;
    struct modprop_error err = {0};
    double *values = NULL;
    size_t rank, dims[MODPROP_DATAFILE_RANK] = {0};
    if (modprop_datafile_open(&file, path, &err) != MODPROP_OK ||
        modprop_datafile_read(file, name, &values, &rank, dims, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    *count = dims[0] * dims[1] * dims[2] * dims[3];
    modprop_datafile_close(file);
    return values;
}

/* The file's finished rows hold what was meant; returns how many there are. */
static inline size_t fixture_check(const char *path)
{
    size_t count, found = 0;
    double *state = fixture_read(path, "status", &count);
    for (size_t figure = 0; figure < modprop_figure_count(); figure++) {
        double *values = fixture_read(path, modprop_figure_at(figure)->name, &count);
        for (size_t k = 0; k < count; k++) {
            const size_t run = k / FIXTURE_EVALUATIONS, evaluation = k % FIXTURE_EVALUATIONS;
            const bool filled = evaluation + 1 < FIXTURE_EVALUATIONS || run % 5 != 4;
            if (state[run] < MODPROP_RUN_DONE)
                continue;
            if (filled)
                assert_true(values[k] == fixture_figure(run, evaluation, figure));
            else
                assert_true(isnan(values[k]));
        }
        free(values);
    }
    for (size_t run = 0; run < count / FIXTURE_EVALUATIONS; run++)
        found += state[run] >= MODPROP_RUN_DONE ? 1 : 0;
    free(state);
    return found;
}

/* Number of damaged rows. */
static inline size_t fixture_damaged(const char *path, size_t *checked)
{
    size_t *damaged = NULL, count = 0;
    struct modprop_error err = {0};
    if (modprop_results_verify(path, &damaged, &count, checked, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    free(damaged);
    return count;
}

#endif
