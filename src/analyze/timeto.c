/*
 * Iterations to a criterion, with runs that never meet it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/question.h"
#include "analyze/series.h"
#include "analyze/spread.h"
#include "analyze/survival.h"
#include "engine/error.h"

struct timeto {
    const struct modprop_runs *runs;
    const struct modprop_question *question;
    struct modprop_result *result;
    struct modprop_conditions groups;
    double *time;   /* [runs]; NaN: the run has no result */
    bool *censored; /* [runs] */
    struct modprop_plot_series *series;
    size_t used;
};

static enum modprop_status no_memory(struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the times");
}

/* A run that diverged would never have met the criterion: it stays at risk for all the iterations it was
 * to have. Censored where it broke off it would count as one that might still have met it. */
static void keep_diverged_at_risk(struct timeto *t)
{
    const size_t iterations = modprop_runs_find(t->runs, "iterations");
    for (size_t run = 0; iterations < t->runs->parameters && run < t->runs->count; run++)
        if (t->censored[run] && t->runs->state[run] == MODPROP_RUN_DIVERGED)
            t->time[run] = fmax(t->time[run], t->runs->parameter[iterations].value[run]);
}

static void put_row(struct timeto *t, size_t group, const struct modprop_survival *curve)
{
    char label[400];
    modprop_conditions_label(&t->groups, t->runs, group, label, sizeof label);
    modprop_result_row(t->result, label);
    modprop_result_count(t->result, curve->runs, true);
    modprop_result_count(t->result, curve->events, true);
    modprop_result_count(t->result, curve->runs - curve->events, false);
    modprop_result_number(t->result, "%.0f", curve->median);
    /* Neither end is reached: there is nothing to say of the median. */
    const struct modprop_interval *interval = &curve->median_interval;
    modprop_result_range(t->result, "%.0f", interval->low,
                         isnan(interval->low) && isinf(interval->high) ? NAN : interval->high);
}

static void fill_series(struct modprop_series *series, const struct modprop_survival *curve)
{
    if (curve->runs)
        modprop_series_point(series, 0, 1, NAN, NAN);
    for (size_t k = 0; k < curve->steps; k++) {
        const struct modprop_survival_step *step = &curve->step[k];
        modprop_series_point(series, step->time, step->survival, step->low, step->high);
        if (step->censored)
            modprop_series_censor(series, step->time, step->survival);
    }
}

static enum modprop_status add_group(struct timeto *t, size_t group, struct modprop_error *err)
{
    struct modprop_survival curve = {0};
    struct modprop_series series = {0};
    char name[200];
    const size_t count = modprop_conditions_size(&t->groups, group);
    double *time = calloc(count + 1, sizeof *time);
    bool *censored = calloc(count + 1, sizeof *censored);
    enum modprop_status status = time && censored ? MODPROP_OK : no_memory(err);
    for (size_t k = 0; status == MODPROP_OK && k < count; k++) {
        time[k] = t->time[t->groups.run[t->groups.start[group] + k]];
        censored[k] = t->censored[t->groups.run[t->groups.start[group] + k]];
    }
    if (status == MODPROP_OK)
        status = modprop_survival_curve(&curve, count, time, censored, MODPROP_INTERVAL_LEVEL, err);
    if (status == MODPROP_OK) {
        modprop_series_init(&series, &t->result->arena, curve.steps + 1, 0);
        status = modprop_result_check(t->result, err);
    }
    if (status == MODPROP_OK) {
        modprop_conditions_title(&t->groups, t->runs, group, name, sizeof name);
        put_row(t, group, &curve);
        fill_series(&series, &curve);
        t->used += curve.runs;
        t->series[group] = modprop_series_plot(
            &series, modprop_arena_text(&t->result->arena, "%s (%zu)", name, curve.runs),
            MODPROP_PLOT_STEPS);
    }
    modprop_survival_clear(&curve);
    free(time);
    free(censored);
    return status;
}

static enum modprop_status test_groups(struct timeto *t, struct modprop_error *err)
{
    struct modprop_survival_test test;
    const enum modprop_status status = modprop_survival_log_rank(
        &test, t->groups.count, t->runs->count, t->time, t->censored, t->groups.group, NULL, NULL,
        err);
    if (status != MODPROP_OK || test.degrees == 0)
        return status;
    modprop_result_note(
        t->result,
        "Log-rank test between the groups: chi-square %.4g, %zu degrees of freedom, "
        "p = %.3g (approximate, for few runs).",
        test.chi_square, test.degrees, test.p);
    t->result->plot.caption = modprop_arena_text(&t->result->arena,
                                                 "%s Log-rank test between the groups: p = %.3g.",
                                                 t->result->plot.caption, test.p);
    return status;
}

static void make_plot(struct timeto *t)
{
    const struct modprop_measures_options *m = &t->question->measures;
    struct modprop_arena *arena = &t->result->arena;
    const char *criterion = modprop_arena_text(
        arena, "%s %s %g", m->metric, m->at_least ? "at or above" : "at or below", m->criterion);
    modprop_result_note(
        t->result,
        "Iterations to the first evaluation with %s; %s. Those that never met "
        "it are censored at their last iteration, diverged ones as if they had gone on without "
        "meeting it. Median and 95 %% interval by Kaplan and "
        "Meier (log-log); inf or nothing: not reached.",
        criterion, modprop_result_runs(t->result, t->used));
    t->result->plot = (struct modprop_plot){
        .title = modprop_arena_text(arena, "Iterations to %s", criterion),
        .caption = modprop_arena_text(
            arena,
            "Kaplan-Meier curves with 95 %% bands; ticks are runs that ended "
            "without meeting it; %s.",
            modprop_result_runs(t->result, t->used)),
        .x = {.label = "iteration"},
        .y = {.label = "share of runs that have not met it", .low = 0, .high = 1},
        .series_count = t->groups.count,
        .series = t->series};
    t->result->has_plot = t->used > 0;
}

static enum modprop_status compute(struct timeto *t, struct modprop_error *err)
{
    static const char *const rule[] = {"rule"};
    static const struct modprop_result_column columns[] = {{"runs", "runs"},   {"met", "met"},
                                                           {"never", "never"}, {"median", "median"},
                                                           {"low", "95 %"},    {"high", NULL}};
    struct modprop_measure measure;
    size_t by[MODPROP_QUESTION_BY], count = 0;
    t->time = calloc(t->runs->count + 1, sizeof *t->time);
    t->censored = calloc(t->runs->count + 1, sizeof *t->censored);
    if (!t->time || !t->censored)
        return no_memory(err);
    if (isnan(t->question->measures.criterion))
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "time-to needs a criterion, as --metric loss --below 0.1");
    enum modprop_status status = modprop_measures_find(&measure, t->runs, "iterations_to_criterion",
                                                       err);
    if (status == MODPROP_OK)
        status = modprop_measures_compute(t->time, t->censored, &measure, t->runs,
                                          &t->question->measures, err);
    keep_diverged_at_risk(t);
    if (status == MODPROP_OK)
        status = modprop_question_groups(t->question, t->runs, 1, rule, by, &count, err);
    if (status == MODPROP_OK)
        status = modprop_conditions_group(&t->groups, t->runs, t->question->chosen, count, by, err);
    if (status != MODPROP_OK)
        return status;
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
        modprop_result_column(t->result, columns[k].name, columns[k].head);
    t->series = modprop_arena_get(&t->result->arena, t->groups.count, sizeof *t->series);
    for (size_t g = 0; status == MODPROP_OK && t->series && g < t->groups.count; g++)
        status = add_group(t, g, err);
    make_plot(t);
    modprop_spread_warn_mixed(t->result, &t->groups, t->runs, count, by);
    if (status == MODPROP_OK)
        status = test_groups(t, err);
    return status == MODPROP_OK ? modprop_result_check(t->result, err) : status;
}

enum modprop_status modprop_timeto_make(struct modprop_result *result,
                                        const struct modprop_runs *runs,
                                        const struct modprop_question *question,
                                        struct modprop_error *err)
{
    struct timeto t = {.runs = runs, .question = question, .result = result};
    modprop_result_clear(result);
    result->title = "Time to criterion";
    const enum modprop_status status = compute(&t, err);
    if (status != MODPROP_OK)
        modprop_result_clear(result);
    modprop_conditions_clear(&t.groups);
    free(t.time);
    free(t.censored);
    return status;
}
