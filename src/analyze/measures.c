#include "analyze/measures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/name.h"

/* ------------------------------------------------------------------ one run */

/* All that a measure may look at. */
struct view {
    const struct modprop_runs *runs;
    const struct modprop_measures_options *options;
    size_t run;
    const double *series, *iteration; /* [count]; of the measure's figure */
    size_t count;
    enum modprop_direction direction;
    bool censored; /* set by the measure */
};

/* A mean over more than the end of a short run would be one over its training. */
static size_t last_of(const struct modprop_measures_options *options, size_t count)
{
    enum { MOST = 10 };
    if (options->last > 0)
        return options->last;
    const size_t tenth = count < 10 ? 1 : count / 10;
    return tenth < MOST ? tenth : MOST;
}

static double final_of(struct view *v)
{
    const size_t last = last_of(v->options, v->count);
    double sum = 0;
    size_t number = 0;
    if (v->runs->state[v->run] != MODPROP_RUN_DONE)
        return NAN;
    for (size_t k = v->count; k-- > 0 && number < last;)
        if (!isnan(v->series[k])) {
            sum += v->series[k];
            number++;
        }
    return number > 0 ? sum / (double)number : NAN;
}

static double best_of(struct view *v)
{
    double best = NAN;
    for (size_t k = 0; k < v->count; k++)
        best = v->direction == MODPROP_HIGHER_IS_BETTER ? fmax(best, v->series[k])
                                                        : fmin(best, v->series[k]);
    return best; /* fmin and fmax leave NaN out */
}

static double collapsed(struct view *v)
{
    bool fell = false;
    if (v->count == 0)
        return NAN;
    for (size_t k = 0; k < v->count; k++) {
        fell = fell || v->series[k] < v->options->below;
        if (fell && v->series[k] > v->options->above)
            return 1;
    }
    return 0;
}

static double diverged(struct view *v)
{
    return v->runs->state[v->run] == MODPROP_RUN_DIVERGED;
}

static double seconds_per_iteration(struct view *v)
{
    const double iterations = v->runs->iterations_done[v->run];
    return iterations > 0 ? v->runs->wall_s[v->run] / iterations : NAN;
}

static double iterations_to_criterion(struct view *v)
{
    const double bound = v->options->criterion;
    for (size_t k = 0; k < v->count; k++)
        if (v->options->at_least ? v->series[k] >= bound : v->series[k] <= bound)
            return v->iteration[k];
    v->censored = true;
    return v->runs->iterations_done[v->run];
}

static double iterations_done(struct view *v)
{
    return v->runs->iterations_done[v->run];
}

static double wall_s(struct view *v)
{
    return v->runs->wall_s[v->run];
}

static double cpu_s(struct view *v)
{
    return v->runs->cpu_s[v->run];
}

/* ------------------------------------------------------------------ the table */

/* `name` ending in _ is followed by a figure's name; figure "?": that of the criterion. */
struct kind {
    const char *name, *figure, *unit, *axis, *help;
    enum modprop_direction direction;
    bool share;
    double (*of_run)(struct view *v);
};

#define LOWER MODPROP_LOWER_IS_BETTER

static const struct kind kinds[] = {
    {"final_", "", NULL, "final %s", "mean of the last evaluations of a figure: final_loss, ...",
     LOWER, false, final_of},
    {"best_", "", NULL, "best %s", "best evaluation of a figure: best_loss, best_accuracy, ...",
     LOWER, false, best_of},
    {"collapsed", "loss", "1", "share of runs that collapsed",
     "whether the loss fell below --collapse-below and later rose above --collapse-above", LOWER,
     true, collapsed},
    {"diverged", NULL, "1", "share of runs that diverged", "whether the network blew up", LOWER,
     true, diverged},
    {"seconds_per_iteration", NULL, "s", "time per iteration", "wall time over iterations", LOWER,
     false, seconds_per_iteration},
    {"iterations_to_criterion", "?", "1", "iterations to criterion",
     "iterations to the first evaluation that meets the criterion", LOWER, false,
     iterations_to_criterion},
    {"iterations_done", NULL, "1", "iterations", "training iterations that were finished",
     MODPROP_NEITHER, false, iterations_done},
    {"wall_s", NULL, "s", "time", "time the run took", LOWER, false, wall_s},
    {"cpu_s", NULL, "s", "processor time", "processor time the run took", LOWER, false, cpu_s},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* Figures of which less, or more, is better; of the others neither is. */
static enum modprop_direction direction_of(const char *figure)
{
    if (strcmp(figure, "accuracy") == 0)
        return MODPROP_HIGHER_IS_BETTER;
    return strncmp(figure, "loss", 4) == 0 ? MODPROP_LOWER_IS_BETTER : MODPROP_NEITHER;
}

const char *modprop_measures_kind(size_t index, const char **help)
{
    if (index >= KINDS)
        return NULL;
    *help = kinds[index].help;
    return kinds[index].name;
}

void modprop_measures_defaults(struct modprop_measures_options *options)
{
    *options = (struct modprop_measures_options){
        .below = 0.3, .above = 0.6, .metric = "loss", .criterion = NAN};
}

/* ------------------------------------------------------------------ finding */

static bool of_figures(const struct kind *kind)
{
    return kind->figure && kind->figure[0] == '\0';
}

static const char *figure_named(const struct modprop_runs *runs, const char *name)
{
    const char *figure;
    for (size_t k = 0; (figure = modprop_runs_figure_name(runs, k)) != NULL; k++)
        if (strcmp(figure, name) == 0)
            return figure;
    return NULL;
}

static const char *unit_of(const char *figure)
{
    for (size_t k = 0; k < modprop_figure_count(); k++)
        if (strcmp(modprop_figure_at(k)->name, figure) == 0)
            return modprop_figure_at(k)->unit;
    return "1";
}

static void fill(struct modprop_measure *measure, size_t kind, const char *figure)
{
    const struct kind *row = &kinds[kind];
    *measure = (struct modprop_measure){.unit = row->unit ? row->unit : unit_of(figure),
                                        .help = row->help,
                                        .direction = row->direction,
                                        .share = row->share,
                                        .kind = kind};
    const bool any = of_figures(row);
    if (any)
        measure->direction = direction_of(figure);
    snprintf(measure->figure, sizeof measure->figure, "%s", row->figure ? row->figure : "");
    if (any)
        snprintf(measure->figure, sizeof measure->figure, "%s", figure);
    snprintf(measure->name, sizeof measure->name, "%s%s", row->name, any ? figure : "");
    const size_t before = strcspn(row->axis, "%");
    snprintf(measure->axis, sizeof measure->axis, "%.*s%s", (int)before, row->axis,
             any ? figure : "");
    for (char *at = measure->axis; *at; at++)
        *at = *at == '_' ? ' ' : *at;
}

static enum modprop_status unknown(const struct modprop_runs *runs, const char *name,
                                   struct modprop_error *err)
{
    enum { MOST = 200 };
    char names[MOST][80];
    const char *list[MOST], *figure;
    size_t count = 0;
    for (size_t k = 0; k < KINDS; k++) {
        if (!of_figures(&kinds[k]) && count < MOST)
            snprintf(names[count++], sizeof names[0], "%s", kinds[k].name);
        for (size_t f = 0; of_figures(&kinds[k]) && count < MOST &&
                           (figure = modprop_runs_figure_name(runs, f)) != NULL;
             f++)
            snprintf(names[count++], sizeof names[0], "%s%s", kinds[k].name, figure);
    }
    for (size_t k = 0; k < count; k++)
        list[k] = names[k];
    const char *near = modprop_name_nearest_of(list, count, name);
    return MODPROP_FAIL(
        err, MODPROP_INVALID,
        "there is no measure %s%s%s%s; there are final_FIGURE and best_FIGURE "
        "(loss, accuracy, ...), collapsed, diverged, seconds_per_iteration and more: "
        "`modprop_analyze help measures`",
        name, near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
}

enum modprop_status modprop_measures_find(struct modprop_measure *measure,
                                          const struct modprop_runs *runs, const char *name,
                                          struct modprop_error *err)
{
    for (size_t k = 0; k < KINDS; k++) {
        const size_t letters = strlen(kinds[k].name);
        const char *figure = NULL;
        if (!of_figures(&kinds[k]) && strcmp(kinds[k].name, name) == 0)
            figure = "";
        else if (of_figures(&kinds[k]) && strncmp(kinds[k].name, name, letters) == 0)
            figure = figure_named(runs, name + letters);
        if (figure) {
            fill(measure, k, figure);
            return MODPROP_OK;
        }
    }
    return unknown(runs, name, err);
}

const char *modprop_measures_last(const struct modprop_measures_options *options,
                                  struct modprop_arena *arena)
{
    return options->last > 0
               ? modprop_arena_text(arena, "mean of a run's last %zu evaluations", options->last)
               : "mean of a run's last tenth of evaluations, 10 at most";
}

const char *modprop_measures_say(const struct modprop_measure *measure,
                                 const struct modprop_measures_options *options,
                                 struct modprop_arena *arena)
{
    const struct kind *kind = &kinds[measure->kind];
    if (kind->of_run == final_of)
        return modprop_arena_text(arena, " Final: %s.", modprop_measures_last(options, arena));
    if (kind->of_run == collapsed)
        return modprop_arena_text(arena,
                                  " Collapsed: the loss fell below %g and later rose above %g.",
                                  options->below, options->above);
    if (kind->of_run == iterations_to_criterion)
        return modprop_arena_text(arena, " Criterion: %s at or %s %g.", options->metric,
                                  options->at_least ? "above" : "below", options->criterion);
    return "";
}

/* ------------------------------------------------------------------ computing */

void modprop_measures_reduce(double *value, bool *censored, const struct modprop_measure *measure,
                             const struct modprop_runs *runs,
                             const struct modprop_runs_figure *figure,
                             const struct modprop_measures_options *options)
{
    for (size_t run = 0; run < runs->count; run++) {
        struct view v = {
            .runs = runs, .options = options, .run = run, .direction = measure->direction};
        value[run] = NAN;
        if (censored)
            censored[run] = false;
        if (!modprop_runs_has_result(runs, run))
            continue;
        if (figure)
            v.series = modprop_runs_series(runs, figure, run, &v.iteration, &v.count);
        value[run] = kinds[measure->kind].of_run(&v);
        if (censored)
            censored[run] = v.censored;
        else if (v.censored)
            value[run] = INFINITY;
    }
}

enum modprop_status modprop_measures_compute(double *value, bool *censored,
                                             const struct modprop_measure *measure,
                                             const struct modprop_runs *runs,
                                             const struct modprop_measures_options *options,
                                             struct modprop_error *err)
{
    struct modprop_runs_figure figure = {0};
    const bool criterion = strcmp(measure->figure, "?") == 0;
    const char *name = criterion ? options->metric : measure->figure;
    enum modprop_status status = MODPROP_OK;
    if (criterion && isnan(options->criterion))
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s needs a criterion: --below or --above",
                            measure->name);
    if (name[0])
        status = modprop_runs_read_figure(&figure, runs, name, err);
    if (status == MODPROP_OK)
        modprop_measures_reduce(value, censored, measure, runs, name[0] ? &figure : NULL, options);
    modprop_runs_clear_figure(&figure);
    return status;
}
