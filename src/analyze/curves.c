/*
 * Learning curves of groups, with bands.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/question.h"
#include "analyze/series.h"
#include "analyze/spread.h"
#include "engine/error.h"

enum { SHOWN = 5 }; /* points of each curve in the table for people */

struct curves {
    const struct modprop_runs *runs;
    const struct modprop_question *question;
    struct modprop_result *result;
    struct modprop_conditions groups;
    struct modprop_runs_figure figure, elapsed; /* elapsed: with seconds alone */
    enum modprop_direction direction;
    const double *iteration; /* [points]; of all files */
    size_t points;
    struct modprop_plot_series *series;
    size_t used, diverged, least; /* least: runs behind a point of a band */
};

/* The curves of one group. */
struct bundle {
    size_t runs;
    const double **curve; /* [runs]; smoothed */
    size_t *length;       /* [runs] */
    double *after;        /* [runs]; what stands for a curve behind its end */
    double *x;            /* [points] */
    double *block;        /* the smoothed values */
};

static enum modprop_status no_memory(struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the curves");
}

/* ------------------------------------------------------------------ one group */

static void clear_bundle(struct bundle *b)
{
    free(b->curve);
    free(b->length);
    free(b->after);
    free(b->x);
    free(b->block);
}

static enum modprop_status fill_bundle(struct bundle *b, struct curves *c, size_t group,
                                       struct modprop_error *err)
{
    const size_t most = modprop_conditions_size(&c->groups, group);
    b->curve = calloc(most + 1, sizeof *b->curve);
    b->length = calloc(most + 1, sizeof *b->length);
    b->after = calloc(most + 1, sizeof *b->after);
    b->x = calloc(c->points + 1, sizeof *b->x);
    b->block = calloc(most * c->points + 1, sizeof *b->block);
    if (!b->curve || !b->length || !b->after || !b->x || !b->block)
        return no_memory(err);
    for (size_t k = c->groups.start[group]; k < c->groups.start[group + 1]; k++) {
        const size_t run = c->groups.run[k];
        const double *iteration;
        size_t count;
        const double *series = modprop_runs_series(c->runs, &c->figure, run, &iteration, &count);
        if (count == 0)
            continue;
        const bool diverged = c->runs->state[run] == MODPROP_RUN_DIVERGED;
        double *smooth = b->block + b->runs * c->points;
        modprop_curve_smooth(smooth, series, count, c->question->smooth);
        b->curve[b->runs] = smooth;
        b->length[b->runs] = count;
        b->after[b->runs++] = !diverged || c->direction == MODPROP_NEITHER ? NAN
                              : c->direction == MODPROP_LOWER_IS_BETTER    ? INFINITY
                                                                           : -INFINITY;
        c->diverged += diverged;
    }
    c->used += b->runs;
    return MODPROP_OK;
}

/* Iterations, or the median over the group's runs of the seconds at each evaluation. */
static enum modprop_status fill_x(struct bundle *b, const struct curves *c, size_t group,
                                  struct modprop_error *err)
{
    memcpy(b->x, c->iteration, c->points * sizeof *b->x);
    if (!c->question->seconds)
        return MODPROP_OK;
    const size_t most = modprop_conditions_size(&c->groups, group);
    double *seconds = calloc(most + 1, sizeof *seconds);
    if (!seconds)
        return no_memory(err);
    for (size_t point = 0; point < c->points; point++) {
        struct modprop_quantile_summary of;
        for (size_t k = 0; k < most; k++) {
            const size_t run = c->groups.run[c->groups.start[group] + k];
            seconds[k] = c->elapsed.value[run * c->elapsed.width + point];
        }
        modprop_quantile_summarise(&of, seconds, most);
        b->x[point] = of.median;
    }
    free(seconds);
    return MODPROP_OK;
}

static void put_point(struct curves *c, const char *label, const struct bundle *b,
                      const struct modprop_curve_bands *bands, size_t point)
{
    struct modprop_result *result = c->result;
    modprop_result_row(result, label);
    if (result->rows) /* about every fifth part of the way, and the last */
        result->row[result->rows - 1].detail = (point + 1) * SHOWN / c->points ==
                                               point * SHOWN / c->points;
    modprop_result_number(result, "%.0f", c->iteration[point]);
    modprop_result_number(result, "%.3g", b->x[point]);
    modprop_result_number(result, "%.3g", bands->center[point]);
    modprop_result_range(result, "%.3g", bands->low[point], bands->high[point]);
    modprop_result_count(result, bands->count[point], true);
}

static enum modprop_status add_group(struct curves *c, size_t group, struct modprop_error *err)
{
    struct bundle b = {0};
    struct modprop_curve_bands bands = {0};
    struct modprop_series series = {0};
    char label[400], name[200];
    modprop_conditions_label(&c->groups, c->runs, group, label, sizeof label);
    modprop_conditions_title(&c->groups, c->runs, group, name, sizeof name);
    enum modprop_status status = fill_bundle(&b, c, group, err);
    if (status == MODPROP_OK)
        status = fill_x(&b, c, group, err);
    if (status == MODPROP_OK)
        status = modprop_curve_bands_make(&bands, c->points, b.runs, b.curve, b.length, b.after,
                                          c->question->band, err);
    modprop_series_init(&series, &c->result->arena, c->points, 0);
    if (status == MODPROP_OK)
        status = modprop_result_check(c->result, err);
    for (size_t point = 0; status == MODPROP_OK && point < c->points; point++) {
        if (bands.count[point] == 0)
            continue;
        put_point(c, label, &b, &bands, point);
        c->least = modprop_spread_least(c->least, bands.count[point]);
        modprop_series_point(&series, b.x[point], bands.center[point], bands.low[point],
                             bands.high[point]);
    }
    c->series[group] = modprop_series_plot(
        &series, modprop_arena_text(&c->result->arena, "%s (%zu)", name, b.runs),
        MODPROP_PLOT_LINES);
    modprop_curve_bands_clear(&bands);
    clear_bundle(&b);
    return status;
}

/* ------------------------------------------------------------------ the whole */

/* One iteration(evaluation) for all: files may be longer than others, but not evaluated at other
 * iterations. */
static enum modprop_status find_points(struct curves *c, struct modprop_error *err)
{
    const struct modprop_runs_file *longest = &c->runs->from[0];
    for (size_t k = 1; k < c->runs->files; k++)
        if (c->runs->from[k].evaluations > longest->evaluations)
            longest = &c->runs->from[k];
    for (size_t k = 0; k < c->runs->files; k++)
        for (size_t e = 0; e < c->runs->from[k].evaluations; e++)
            if (c->runs->from[k].iteration[e] != longest->iteration[e])
                return MODPROP_FAIL(err, MODPROP_INVALID,
                                    "%s and %s were evaluated at different iterations: draw their "
                                    "curves apart",
                                    c->runs->from[k].path, longest->path);
    c->iteration = longest->iteration;
    c->points = longest->evaluations;
    return MODPROP_OK;
}

static const char *band_text(enum modprop_curve_band band)
{
    switch (band) {
    case MODPROP_CURVE_QUARTILES: return "Median and quartiles";
    case MODPROP_CURVE_DEVIATION: return "Mean and sample standard deviation";
    case MODPROP_CURVE_INTERVAL: return "Median and its 95 % interval by order statistics";
    case MODPROP_CURVE_BOOTSTRAP: return "Median and its 95 % interval by the percentile bootstrap";
    case MODPROP_CURVE_MINMAX: return "Median, smallest and largest";
    }
    return "";
}

static const char *smooth_text(const struct curves *c)
{
    return c->question->smooth == 1
               ? "not smoothed"
               : modprop_arena_text(&c->result->arena,
                                    "each run smoothed by the moving mean of %zu evaluations",
                                    c->question->smooth);
}

static void make_plot(struct curves *c)
{
    const char *about = modprop_arena_text(
        &c->result->arena, "%s over runs, %s; %s, %zu diverged%s.", band_text(c->question->band),
        smooth_text(c), modprop_result_runs(c->result, c->used), c->diverged,
        c->diverged
            ? " and counted as worse than all others from there on: a median ends where half have"
            : "");
    modprop_result_note(c->result, "%s: %s", c->figure.name, about);
    if (c->question->seconds)
        modprop_result_note(
            c->result, "Seconds: median over a group's runs of the time each evaluation was at.");
    c->result->plot = (struct modprop_plot){
        .title = modprop_result_title(c->result, "%s during training", c->figure.name),
        .caption = about,
        .x = {.label = c->question->seconds ? "training" : "iteration",
              .unit = c->question->seconds ? "s" : NULL},
        .y = {.label = c->figure.name, .unit = c->figure.unit, .wide = true},
        .series_count = c->groups.count,
        .series = c->series};
    c->result->has_plot = c->used > 0;
}

static enum modprop_status read_figures(struct curves *c, struct modprop_error *err)
{
    struct modprop_measure measure;
    char name[100];
    const char *metric = c->question->measures.metric;
    enum modprop_status status = modprop_runs_read_figure(&c->figure, c->runs, metric, err);
    snprintf(name, sizeof name, "final_%s", metric);
    if (status == MODPROP_OK)
        status = modprop_measures_find(&measure, c->runs, name, err);
    if (status == MODPROP_OK)
        c->direction = measure.direction;
    if (status == MODPROP_OK && c->question->seconds)
        status = modprop_runs_read_figure(&c->elapsed, c->runs, "elapsed_s", err);
    return status;
}

static enum modprop_status compute(struct curves *c, struct modprop_error *err)
{
    static const char *const rule[] = {"rule"};
    static const struct modprop_result_column columns[] = {{"iteration", "iteration"},
                                                           {"x", NULL},
                                                           {"center", "center"},
                                                           {"low", "band"},
                                                           {"high", NULL},
                                                           {"runs", "runs"}};
    size_t by[MODPROP_QUESTION_BY], count = 0;
    enum modprop_status status = find_points(c, err);
    if (status == MODPROP_OK)
        status = read_figures(c, err);
    if (status == MODPROP_OK)
        status = modprop_question_groups(c->question, c->runs, 1, rule, by, &count, err);
    if (status == MODPROP_OK)
        status = modprop_conditions_group(&c->groups, c->runs, c->question->chosen, count, by, err);
    if (status != MODPROP_OK)
        return status;
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
        modprop_result_column(c->result, columns[k].name,
                              k == 1 && c->question->seconds ? "seconds" : columns[k].head);
    c->series = modprop_arena_get(&c->result->arena, c->groups.count, sizeof *c->series);
    for (size_t g = 0; status == MODPROP_OK && c->series && g < c->groups.count; g++)
        status = add_group(c, g, err);
    make_plot(c);
    if (c->question->band == MODPROP_CURVE_INTERVAL || c->question->band == MODPROP_CURVE_BOOTSTRAP)
        modprop_spread_warn_few(c->result, c->least);
    modprop_spread_warn_mixed(c->result, &c->groups, c->runs, count, by);
    return status == MODPROP_OK ? modprop_result_check(c->result, err) : status;
}

enum modprop_status modprop_curves_make(struct modprop_result *result,
                                        const struct modprop_runs *runs,
                                        const struct modprop_question *question,
                                        struct modprop_error *err)
{
    struct curves c = {.runs = runs, .question = question, .result = result, .least = SIZE_MAX};
    modprop_result_clear(result);
    result->title = "Learning curves";
    const enum modprop_status status = compute(&c, err);
    if (status != MODPROP_OK)
        modprop_result_clear(result);
    modprop_conditions_clear(&c.groups);
    modprop_runs_clear_figure(&c.figure);
    modprop_runs_clear_figure(&c.elapsed);
    return status;
}
