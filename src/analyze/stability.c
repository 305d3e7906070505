/*
 * Where runs diverge and collapse, over two parameters.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/question.h"
#include "analyze/spread.h"
#include "engine/error.h"

enum { DIVERGED, COLLAPSED, LOSS, PANELS };

static const char *const names[PANELS] = {
    [DIVERGED] = "diverged", [COLLAPSED] = "collapsed", [LOSS] = "final_loss"};

struct stability {
    const struct modprop_runs *runs;
    const struct modprop_question *question;
    struct modprop_result *result;
    size_t axis[2]; /* parameters: x, y */
    bool *chosen;   /* [runs]; those that read both */
    double *level[2];
    size_t levels[2];
    struct modprop_conditions cells;
    struct modprop_measure measure[PANELS];
    double *value[PANELS]; /* [runs] */
    double *shown[PANELS]; /* [levels[1]][levels[0]]; in the arena */
    size_t used;
};

static enum modprop_status no_memory(struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the map");
}

static enum modprop_status measure_all(struct stability *s, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    for (size_t k = 0; status == MODPROP_OK && k < PANELS; k++) {
        s->value[k] = calloc(s->runs->count + 1, sizeof *s->value[k]);
        status = s->value[k] ? modprop_measures_find(&s->measure[k], s->runs, names[k], err)
                             : no_memory(err);
        if (status == MODPROP_OK)
            status = modprop_measures_compute(s->value[k], NULL, &s->measure[k], s->runs,
                                              &s->question->measures, err);
        if (status == MODPROP_OK)
            modprop_spread_count_diverged(s->value[k], &s->measure[k], s->runs);
    }
    return status;
}

static size_t place_of(const struct stability *s, int axis, double value)
{
    size_t k = 0;
    while (k < s->levels[axis] && s->level[axis][k] != value)
        k++;
    return k;
}

static enum modprop_status add_cell(struct stability *s, size_t cell, struct modprop_error *err)
{
    struct modprop_spread of[PANELS];
    enum modprop_status status = MODPROP_OK;
    const size_t *run = s->cells.run + s->cells.start[cell];
    const size_t count = modprop_conditions_size(&s->cells, cell);
    const size_t x = place_of(s, 0, modprop_conditions_value(&s->cells, s->runs, cell, s->axis[0]));
    const size_t y = place_of(s, 1, modprop_conditions_value(&s->cells, s->runs, cell, s->axis[1]));
    char label[400];
    for (size_t k = 0; status == MODPROP_OK && k < PANELS; k++)
        status = modprop_spread_make(&of[k], s->value[k], run, count, s->question->interval, err);
    if (status != MODPROP_OK)
        return status;
    modprop_conditions_label(&s->cells, s->runs, cell, label, sizeof label);
    modprop_result_row(s->result, label);
    modprop_result_count(s->result, of[DIVERGED].of.count, true);
    modprop_result_share(s->result, of[DIVERGED].hits, of[DIVERGED].of.count, false);
    modprop_result_share(s->result, of[COLLAPSED].hits, of[COLLAPSED].of.count, false);
    modprop_result_number(s->result, "%.3g", of[LOSS].of.median);
    const size_t place = y * s->levels[0] + x;
    s->shown[DIVERGED][place] = of[DIVERGED].of.mean;
    s->shown[COLLAPSED][place] = of[COLLAPSED].of.mean;
    s->shown[LOSS][place] = of[LOSS].of.median;
    s->used += of[DIVERGED].of.count;
    return MODPROP_OK;
}

/* The values of an axis as texts. */
static struct modprop_plot_axis make_axis(struct stability *s, int axis)
{
    const struct modprop_runs_parameter *parameter = &s->runs->parameter[s->axis[axis]];
    struct modprop_arena *arena = &s->result->arena;
    const char **name = modprop_arena_get(arena, s->levels[axis], sizeof *name);
    for (size_t k = 0; name && k < s->levels[axis]; k++) {
        char text[80];
        modprop_runs_format(s->runs, s->axis[axis], s->level[axis][k], text, sizeof text);
        name[k] = modprop_arena_text(arena, "%s", text);
    }
    return (struct modprop_plot_axis){
        .label = parameter->name, .unit = parameter->unit, .names = s->levels[axis], .name = name};
}

static void make_plot(struct stability *s)
{
    const struct modprop_measures_options *m = &s->question->measures;
    struct modprop_arena *arena = &s->result->arena;
    const char *caption = modprop_arena_text(
        arena,
        "%s. Collapsed: the loss fell below %g and later rose above %g. Median final loss "
        "over all runs of a cell (%s; a diverged run counts as "
        "worse than all others).",
        modprop_result_runs(s->result, s->used), m->below, m->above,
        modprop_measures_last(m, arena));
    struct modprop_plot *plot = &s->result->plot;
    *plot = (struct modprop_plot){.title = "Stability", .caption = caption, .panels = PANELS};
    plot->x = make_axis(s, 0);
    plot->y = make_axis(s, 1);
    plot->panel[DIVERGED] = (struct modprop_plot_heat){
        .title = "share of runs that diverged", .value = s->shown[DIVERGED], .share = true};
    plot->panel[COLLAPSED] = (struct modprop_plot_heat){
        .title = "share of runs that collapsed", .value = s->shown[COLLAPSED], .share = true};
    plot->panel[LOSS] = (struct modprop_plot_heat){
        .title = "median final loss", .value = s->shown[LOSS], .log = true};
    s->result->has_plot = s->used > 0;
    modprop_result_note(s->result, "%s", caption);
}

/* The chosen runs that read both parameters. */
static enum modprop_status take_readers(struct stability *s, struct modprop_error *err)
{
    const double *x = s->runs->parameter[s->axis[0]].value,
                 *y = s->runs->parameter[s->axis[1]].value;
    size_t left = 0;
    s->chosen = calloc(s->runs->count + 1, sizeof *s->chosen);
    if (!s->chosen)
        return no_memory(err);
    for (size_t run = 0; run < s->runs->count; run++) {
        s->chosen[run] = (!s->question->chosen || s->question->chosen[run]) && !isnan(x[run]) &&
                         !isnan(y[run]);
        left += s->chosen[run];
    }
    return left ? MODPROP_OK
                : MODPROP_FAIL(err, MODPROP_INVALID, "no run reads both %s and %s", s->question->x,
                               s->question->y);
}

static enum modprop_status find_axes(struct stability *s, struct modprop_error *err)
{
    const char *name[2] = {s->question->x, s->question->y};
    if (!name[0] || !name[1] || strcmp(name[0], name[1]) == 0)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "stability needs two parameters: --x mu --y learning_rate");
    enum modprop_status status = modprop_runs_need(s->runs, name[0], "--x", &s->axis[0], err);
    if (status == MODPROP_OK)
        status = modprop_runs_need(s->runs, name[1], "--y", &s->axis[1], err);
    if (status == MODPROP_OK)
        status = take_readers(s, err);
    for (int k = 0; status == MODPROP_OK && k < 2; k++)
        status = modprop_conditions_levels(&s->level[k], &s->levels[k], s->runs, s->chosen,
                                           s->axis[k], err);
    return status;
}

static enum modprop_status compute(struct stability *s, struct modprop_error *err)
{
    static const struct modprop_result_column columns[] = {
        {"runs", "runs"},           {"diverged", "diverged"}, {"diverged_of", NULL},
        {"collapsed", "collapsed"}, {"collapsed_of", NULL},   {"final_loss_median", "loss"}};
    enum modprop_status status = find_axes(s, err);
    if (status == MODPROP_OK)
        status = measure_all(s, err);
    if (status == MODPROP_OK)
        status = modprop_conditions_group(&s->cells, s->runs, s->chosen, 2, s->axis, err);
    if (status != MODPROP_OK)
        return status;
    const size_t room = s->levels[0] * s->levels[1];
    for (size_t k = 0; k < PANELS; k++) {
        s->shown[k] = modprop_arena_get(&s->result->arena, room, sizeof(double));
        for (size_t at = 0; s->shown[k] && at < room; at++)
            s->shown[k][at] = NAN;
    }
    status = modprop_result_check(s->result, err);
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
        modprop_result_column(s->result, columns[k].name, columns[k].head);
    for (size_t cell = 0; status == MODPROP_OK && cell < s->cells.count; cell++)
        status = add_cell(s, cell, err);
    if (status != MODPROP_OK)
        return status;
    make_plot(s);
    modprop_spread_warn_mixed(s->result, &s->cells, s->runs, 2, s->axis);
    return modprop_result_check(s->result, err);
}

enum modprop_status modprop_stability_make(struct modprop_result *result,
                                           const struct modprop_runs *runs,
                                           const struct modprop_question *question,
                                           struct modprop_error *err)
{
    struct stability s = {.runs = runs, .question = question, .result = result};
    modprop_result_clear(result);
    result->title = "Stability";
    const enum modprop_status status = compute(&s, err);
    if (status != MODPROP_OK)
        modprop_result_clear(result);
    modprop_conditions_clear(&s.cells);
    for (size_t k = 0; k < PANELS; k++)
        free(s.value[k]);
    free(s.chosen);
    free(s.level[0]);
    free(s.level[1]);
    return status;
}
