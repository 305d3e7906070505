/*
 * A measure against one parameter.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/question.h"
#include "analyze/series.h"
#include "analyze/spread.h"
#include "engine/error.h"

struct trend {
    const struct modprop_runs *runs;
    const struct modprop_question *question;
    struct modprop_result *result;
    size_t x; /* parameter */
    size_t by[MODPROP_QUESTION_BY + 1], by_count;
    struct modprop_measure measure;
    double *value;                    /* [runs] */
    struct modprop_conditions groups; /* the series */
    struct modprop_conditions cells;  /* by the same parameters and x */
    double *level;                    /* all values of x */
    size_t levels;
    struct modprop_plot_series *series; /* [groups] */
    size_t used, lost; /* runs with a value, and those of them whose value is infinite */
    size_t least;      /* values behind an interval */
};

/* ------------------------------------------------------------------ one series */

/* Where a value of x stands: names stand at 0, 1, ... */
static double place_of(const struct trend *t, double x)
{
    size_t k = 0;
    if (!t->runs->parameter[t->x].text)
        return x;
    while (k < t->levels && t->level[k] != x)
        k++;
    return (double)k;
}

static void put_row(struct trend *t, size_t cell, const struct modprop_spread *of, double center,
                    double low, double high)
{
    struct modprop_result *result = t->result;
    const size_t runs = modprop_conditions_size(&t->cells, cell);
    size_t states[MODPROP_RUN_STATES];
    char label[400];
    modprop_conditions_label(&t->cells, t->runs, cell, label, sizeof label);
    modprop_spread_states(states, t->runs, t->cells.run + t->cells.start[cell], runs);
    modprop_result_row(result, label);
    modprop_result_number(result, "%g", modprop_conditions_value(&t->cells, t->runs, cell, t->x));
    modprop_result_count(result, runs, false);
    modprop_result_count(result, of->of.count, true);
    modprop_result_count(result, states[MODPROP_RUN_DIVERGED], false);
    modprop_result_number(result, "%.3g", center);
    modprop_result_range(result, "%.2g", of->of.lower, of->of.upper);
    modprop_result_range(result, "%.2g", low, high);
    modprop_result_number(result, "%.3g", of->of.mean);
}

/* The dots of a cell: runs with a finite value. */
static void add_dots(struct trend *t, size_t cell, double place, struct modprop_series *series)
{
    for (size_t k = t->cells.start[cell]; k < t->cells.start[cell + 1]; k++) {
        const double value = t->value[t->cells.run[k]];
        t->used += isnan(value) ? 0 : 1;
        if (isfinite(value) && !t->measure.share)
            modprop_series_dot(series, place, value);
    }
}

static enum modprop_status add_cell(struct trend *t, size_t cell, struct modprop_series *series,
                                    struct modprop_error *err)
{
    struct modprop_spread of;
    const enum modprop_status status = modprop_spread_make(
        &of, t->value, t->cells.run + t->cells.start[cell],
        modprop_conditions_size(&t->cells, cell), t->question->interval, err);
    if (status != MODPROP_OK)
        return status;
    const double place = place_of(t, modprop_conditions_value(&t->cells, t->runs, cell, t->x));
    struct modprop_interval interval = of.interval;
    double center = of.of.median;
    if (t->measure.share) {
        interval = modprop_interval_share(of.hits, of.of.count, MODPROP_INTERVAL_LEVEL);
        center = of.of.mean;
    }
    put_row(t, cell, &of, center, interval.low, interval.high);
    modprop_series_point(series, place, center, interval.low, interval.high);
    modprop_series_lose(series, place, of.infinite, of.of.count);
    add_dots(t, cell, place, series);
    t->lost += of.infinite;
    t->least = modprop_spread_least(t->least, of.of.count);
    return MODPROP_OK;
}

/* Whether a group reads x at all: else it is a level. */
static bool reads_x(const struct trend *t, size_t group)
{
    for (size_t k = t->groups.start[group]; k < t->groups.start[group + 1]; k++)
        if (!isnan(t->runs->parameter[t->x].value[t->groups.run[k]]))
            return true;
    return false;
}

/* The cell of a group at a value of x; cells.count: there is none. */
static size_t cell_at(const struct trend *t, size_t group, double x)
{
    size_t cell = 0;
    for (; cell < t->cells.count; cell++) {
        const double here = modprop_conditions_value(&t->cells, t->runs, cell, t->x);
        if (t->groups.group[t->cells.run[t->cells.start[cell]]] == group &&
            (here == x || (isnan(here) && isnan(x))))
            break;
    }
    return cell;
}

static enum modprop_status add_group(struct trend *t, size_t group, struct modprop_error *err)
{
    struct modprop_series series;
    enum modprop_status status = MODPROP_OK;
    const bool reads = reads_x(t, group);
    const size_t runs = modprop_conditions_size(&t->groups, group);
    char name[200];
    modprop_conditions_title(&t->groups, t->runs, group, name, sizeof name);
    modprop_series_init(&series, &t->result->arena, t->levels + 1, runs);
    status = modprop_result_check(t->result, err);
    for (size_t k = 0; status == MODPROP_OK && k < (reads ? t->levels : 1); k++) {
        const size_t cell = cell_at(t, group, reads ? t->level[k] : NAN);
        if (cell < t->cells.count)
            status = add_cell(t, cell, &series, err);
    }
    t->series[group] = modprop_series_plot(
        &series, modprop_arena_text(&t->result->arena, "%s", t->by_count ? name : ""),
        reads ? MODPROP_PLOT_POINTS : MODPROP_PLOT_LEVEL);
    return status;
}

/* ------------------------------------------------------------------ the whole */

static void put_columns(struct trend *t)
{
    static const struct modprop_result_column columns[] = {{"x", NULL},
                                                           {"runs", NULL},
                                                           {"values", "runs"},
                                                           {"diverged", "diverged"},
                                                           {"median", "median"},
                                                           {"lower_quartile", "quartiles"},
                                                           {"upper_quartile", NULL},
                                                           {"low", "95 %"},
                                                           {"high", NULL},
                                                           {"mean", NULL}};
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
        modprop_result_column(t->result, columns[k].name,
                              t->measure.share && strcmp(columns[k].name, "median") == 0 ? "share"
                              : t->measure.share && strstr(columns[k].name, "quartile")
                                  ? NULL
                                  : columns[k].head);
}

/* What became of runs with an infinite value. */
static const char *lost_word(const struct trend *t)
{
    return strcmp(t->measure.name, "iterations_to_criterion") == 0 ? "never met it" : "diverged";
}

static void put_notes(struct trend *t)
{
    struct modprop_arena *arena = &t->result->arena;
    const char *lost = t->lost ? modprop_arena_text(arena,
                                                    ", of which %zu %s and count as worse than all "
                                                    "others",
                                                    t->lost, lost_word(t))
                               : "";
    modprop_result_note(t->result, "%s (%s) against %s: %s%s; %s%s.%s", t->measure.axis,
                        t->measure.name, t->runs->parameter[t->x].name,
                        t->measure.share
                            ? "share of the runs and its 95 % interval (Wilson)"
                            : "median over runs, quartiles and the median's 95 % interval ",
                        t->measure.share ? "" : modprop_interval_kind_text(t->question->interval),
                        modprop_result_runs(t->result, t->used), lost,
                        modprop_measures_say(&t->measure, &t->question->measures, arena));
}

static void make_plot(struct trend *t)
{
    const struct modprop_runs_parameter *x = &t->runs->parameter[t->x];
    struct modprop_plot *plot = &t->result->plot;
    struct modprop_arena *arena = &t->result->arena;
    *plot = (struct modprop_plot){
        .title = modprop_result_title(t->result, "%s against %s", t->measure.axis, x->name),
        .x = {.label = x->name,
              .unit = x->unit,
              .log = !x->text && modprop_conditions_logarithmic(t->level, t->levels)},
        .y = {.label = modprop_arena_text(arena, "%s", t->measure.axis),
              .unit = t->measure.unit,
              .wide = true},
        .series_count = t->groups.count,
        .series = t->series,
        .caption = modprop_arena_text(
            arena, "%s with 95 %% interval %s; %s%s%s.%s",
            t->measure.share ? "Share of runs" : "Median over runs",
            t->measure.share ? "(Wilson)" : modprop_interval_kind_text(t->question->interval),
            t->measure.share ? "" : "dots are runs; ", modprop_result_runs(t->result, t->used),
            t->lost ? modprop_arena_text(arena,
                                         ", %zu %s (shown at the top, counted as worse than all "
                                         "others)",
                                         t->lost, lost_word(t))
                    : "",
            modprop_measures_say(&t->measure, &t->question->measures, arena)),
        .lost_word = lost_word(t)};
    if (x->text) {
        const char **name = modprop_arena_get(arena, t->levels, sizeof *name);
        for (size_t k = 0; name && k < t->levels; k++)
            name[k] = modprop_arena_text(arena, "%s", x->choice[(size_t)t->level[k]]);
        plot->x.names = t->levels;
        plot->x.name = name;
    }
    t->result->has_plot = t->used > 0;
}

static enum modprop_status find_parameters(struct trend *t, struct modprop_error *err)
{
    static const char *const rule[] = {"rule"};
    const char *y = t->question->y ? t->question->y : "final_loss";
    if (!t->question->x)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "trend needs the parameter on its x axis: --x mu");
    enum modprop_status status = modprop_runs_need(t->runs, t->question->x, "--x", &t->x, err);
    if (status == MODPROP_OK)
        status = modprop_question_groups(t->question, t->runs, strcmp(t->question->x, "rule") != 0,
                                         rule, t->by, &t->by_count, err);
    for (size_t k = 0; status == MODPROP_OK && k < t->by_count; k++)
        if (t->by[k] == t->x)
            return MODPROP_FAIL(err, MODPROP_INVALID, "%s is on the x axis and cannot be in --by",
                                t->question->x);
    return status == MODPROP_OK ? modprop_measures_find(&t->measure, t->runs, y, err) : status;
}

static enum modprop_status compute(struct trend *t, struct modprop_error *err)
{
    const struct modprop_runs *runs = t->runs;
    enum modprop_status status = MODPROP_OK;
    t->value = calloc(runs->count + 1, sizeof *t->value);
    if (!t->value)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the trend");
    status = modprop_measures_compute(t->value, NULL, &t->measure, runs, &t->question->measures,
                                      err);
    if (status != MODPROP_OK)
        return status;
    modprop_spread_count_diverged(t->value, &t->measure, runs);
    status = modprop_conditions_group(&t->groups, runs, t->question->chosen, t->by_count, t->by,
                                      err);
    t->by[t->by_count] = t->x;
    if (status == MODPROP_OK)
        status = modprop_conditions_group(&t->cells, runs, t->question->chosen, t->by_count + 1,
                                          t->by, err);
    if (status == MODPROP_OK)
        status = modprop_conditions_levels(&t->level, &t->levels, runs, t->question->chosen, t->x,
                                           err);
    if (status != MODPROP_OK)
        return status;
    t->series = modprop_arena_get(&t->result->arena, t->groups.count + 1, sizeof *t->series);
    put_columns(t);
    for (size_t g = 0; status == MODPROP_OK && t->series && g < t->groups.count; g++)
        status = add_group(t, g, err);
    if (status == MODPROP_OK) {
        put_notes(t);
        make_plot(t);
        if (!t->measure.share)
            modprop_spread_warn_few(t->result, t->least);
        modprop_spread_warn_mixed(t->result, &t->cells, runs, t->by_count + 1, t->by);
    }
    return status == MODPROP_OK ? modprop_result_check(t->result, err) : status;
}

enum modprop_status modprop_trend_make(struct modprop_result *result,
                                       const struct modprop_runs *runs,
                                       const struct modprop_question *question,
                                       struct modprop_error *err)
{
    struct trend t = {.runs = runs, .question = question, .result = result, .least = SIZE_MAX};
    modprop_result_clear(result);
    result->title = "Trend";
    enum modprop_status status = find_parameters(&t, err);
    if (status == MODPROP_OK)
        status = compute(&t, err);
    if (status != MODPROP_OK)
        modprop_result_clear(result);
    modprop_conditions_clear(&t.groups);
    modprop_conditions_clear(&t.cells);
    free(t.value);
    free(t.level);
    return status;
}
