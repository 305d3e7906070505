/*
 * The published plot: learning curves by the recipe of the authors (recipe.h).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/question.h"
#include "analyze/recipe.h"
#include "analyze/series.h"
#include "analyze/spread.h"
#include "engine/error.h"

struct published {
    const struct modprop_runs *runs;
    const struct modprop_question *question;
    struct modprop_result *result;
    size_t over; /* parameter; runs->parameters: there is none */
    struct modprop_runs_figure figure;
    struct modprop_conditions groups;
    double *level; /* all values of `over` */
    size_t levels;
    struct modprop_plot_series *series;
    size_t used, evaluations; /* evaluations: of the longest run */
    size_t emptied;           /* groups at a level whose runs are all left out */
};

/* The runs of one group at one level, as the recipe takes them. */
struct set {
    size_t count, evaluations;
    size_t *run;          /* [count] */
    const double **value; /* [count] */
    struct modprop_recipe recipe;
};

static enum modprop_status no_memory(struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the recipe");
}

static void clear_sets(struct set *set, size_t count)
{
    for (size_t k = 0; set && k < count; k++) {
        free(set[k].run);
        free(set[k].value);
        modprop_recipe_clear(&set[k].recipe);
    }
    free(set);
}

/* Evaluations that the set's runs should have: those of the longest that is done. */
static enum modprop_status fill_set(struct set *set, struct published *p, size_t group,
                                    double level, struct modprop_error *err)
{
    const size_t most = modprop_conditions_size(&p->groups, group);
    set->run = calloc(most + 1, sizeof *set->run);
    set->value = calloc(most + 1, sizeof *set->value);
    if (!set->run || !set->value)
        return no_memory(err);
    for (size_t k = p->groups.start[group]; k < p->groups.start[group + 1]; k++) {
        const size_t run = p->groups.run[k];
        const double *iteration;
        size_t count;
        if (!modprop_runs_has_result(p->runs, run) ||
            (p->over < p->runs->parameters && p->runs->parameter[p->over].value[run] != level))
            continue;
        set->run[set->count] = run;
        set->value[set->count++] = modprop_runs_series(p->runs, &p->figure, run, &iteration,
                                                       &count);
        if (p->runs->state[run] == MODPROP_RUN_DONE && count > set->evaluations)
            set->evaluations = count;
    }
    if (set->evaluations == 0 && set->count > 0) /* all diverged: none is complete */
        set->evaluations = p->runs->from[p->runs->file[set->run[0]]].evaluations;
    p->evaluations = set->evaluations > p->evaluations ? set->evaluations : p->evaluations;
    return modprop_recipe_make(&set->recipe, set->count, set->evaluations, set->value, err);
}

/* ------------------------------------------------------------------ one group */

static void put_seed(struct published *p, const struct set *set, size_t index)
{
    const size_t seed = modprop_runs_find(p->runs, "seed");
    modprop_result_number(p->result, "%.0f",
                          index == MODPROP_RECIPE_NONE || seed == p->runs->parameters
                              ? NAN
                              : p->runs->parameter[seed].value[set->run[index]]);
}

static void put_row(struct published *p, const char *label, const struct set *set, double level,
                    bool shown)
{
    char text[80] = "";
    if (p->over < p->runs->parameters)
        modprop_runs_format(p->runs, p->over, level, text, sizeof text);
    modprop_result_row(p->result, label);
    modprop_result_text(p->result, text);
    modprop_result_count(p->result, set->count, true);
    modprop_result_count(p->result, set->recipe.runs, true);
    modprop_result_count(p->result, set->recipe.incomplete, false);
    put_seed(p, set, set->recipe.worst);
    put_seed(p, set, set->recipe.best);
    modprop_result_number(p->result, "%.3g", set->recipe.last);
    modprop_result_text(p->result, shown ? "yes" : "");
    p->emptied += set->recipe.runs == 0;
}

static enum modprop_status draw(struct published *p, size_t group, const struct set *set,
                                double level, struct modprop_error *err)
{
    struct modprop_series series;
    const struct modprop_recipe *recipe = &set->recipe;
    char name[200], value[80], at[160] = "";
    modprop_conditions_title(&p->groups, p->runs, group, name, sizeof name);
    if (p->levels > 1) {
        modprop_runs_format(p->runs, p->over, level, value, sizeof value);
        snprintf(at, sizeof at, ", %s = %s", p->runs->parameter[p->over].name, value);
    }
    modprop_series_init(&series, &p->result->arena, recipe->points, 0);
    const enum modprop_status status = modprop_result_check(p->result, err);
    if (status != MODPROP_OK)
        return status;
    const double *iteration = p->runs->from[p->runs->file[set->run[0]]].iteration;
    for (size_t k = 0; k < recipe->points; k++)
        modprop_series_point(&series, iteration[k + MODPROP_RECIPE_WINDOW - 1], recipe->mean[k],
                             recipe->mean[k] - recipe->deviation[k],
                             recipe->mean[k] + recipe->deviation[k]);
    p->used += recipe->runs;
    p->series[p->result->plot.series_count++] = modprop_series_plot(
        &series, modprop_arena_text(&p->result->arena, "%s%s (%zu)", name, at, recipe->runs),
        MODPROP_PLOT_LINES);
    return MODPROP_OK;
}

static enum modprop_status add_group(struct published *p, size_t group, struct modprop_error *err)
{
    char label[400];
    struct set *set = calloc(p->levels, sizeof *set);
    struct modprop_recipe *recipes = calloc(p->levels, sizeof *recipes);
    enum modprop_status status = set && recipes ? MODPROP_OK : no_memory(err);
    for (size_t k = 0; status == MODPROP_OK && k < p->levels; k++) {
        status = fill_set(&set[k], p, group, p->level[k], err);
        recipes[k] = set[k].recipe; /* borrowed */
    }
    if (status == MODPROP_OK) {
        const size_t better = modprop_recipe_better(recipes, p->levels);
        modprop_conditions_label(&p->groups, p->runs, group, label, sizeof label);
        for (size_t k = 0; k < p->levels; k++)
            if (set[k].count)
                put_row(p, label, &set[k], p->level[k], k == better);
        if (better != MODPROP_RECIPE_NONE && set[better].recipe.points)
            status = draw(p, group, &set[better], p->level[better], err);
    }
    clear_sets(set, p->levels);
    free(recipes);
    return status;
}

/* ------------------------------------------------------------------ the whole */

static void put_notes(struct published *p)
{
    const size_t points = p->evaluations < MODPROP_RECIPE_WINDOW
                              ? 0
                              : p->evaluations - MODPROP_RECIPE_WINDOW + 1;
    modprop_result_note(p->result, "%s", p->result->plot.caption);
    modprop_result_note(
        p->result,
        "Runs that diverged are incomplete: they count as worst, and all of them are left out. "
        "The authors' script does not use the last evaluation; here it counts.");
    if (p->emptied)
        modprop_result_warn(
            p->result,
            "%zu of %zu rows have no run left: of fewer than three complete runs the "
            "worst and the best are all there are.",
            p->emptied, p->result->rows);
    if (points == 0 && p->evaluations)
        modprop_result_warn(
            p->result,
            "The recipe needs %d evaluations for its first point; these runs have %zu: "
            "a smaller evaluate_every makes more.",
            MODPROP_RECIPE_WINDOW, p->evaluations);
    else if (points && points < MODPROP_RECIPE_LAST && p->levels > 1)
        modprop_result_warn(
            p->result,
            "The curves have %zu points of the %d that the choice between values of %s "
            "is made by.",
            points, MODPROP_RECIPE_LAST, p->question->over ? p->question->over : "learning_rate");
}

static void make_plot(struct published *p)
{
    struct modprop_plot *plot = &p->result->plot;
    struct modprop_arena *arena = &p->result->arena;
    const char *choice = "";
    if (p->levels > 1)
        choice = modprop_arena_text(arena, "; the %s whose mean over the last %d points is lower",
                                    p->runs->parameter[p->over].name, MODPROP_RECIPE_LAST);
    plot->title = modprop_result_title(p->result, "%s by the published recipe", p->figure.name);
    plot->caption = modprop_arena_text(
        arena,
        "Each run's moving mean of %d evaluations; the runs with the largest and then the smallest "
        "area are left out; mean and sample standard deviation of the others (%s)%s.",
        MODPROP_RECIPE_WINDOW, modprop_result_runs(p->result, p->used), choice);
    plot->x.label = "iteration";
    plot->y.label = p->figure.name;
    plot->y.unit = p->figure.unit;
    plot->series = p->series;
    p->result->has_plot = plot->series_count > 0;
}

static enum modprop_status find_over(struct published *p, struct modprop_error *err)
{
    const char *over = p->question->over ? p->question->over : "learning_rate";
    enum modprop_status status = MODPROP_OK;
    p->over = modprop_runs_find(p->runs, over);
    if (p->question->over)
        status = modprop_runs_need(p->runs, over, "--over", &p->over, err);
    if (status == MODPROP_OK && p->over < p->runs->parameters)
        return modprop_conditions_levels(&p->level, &p->levels, p->runs, p->question->chosen,
                                         p->over, err);
    p->level = calloc(1, sizeof *p->level);
    p->levels = 1;
    return status == MODPROP_OK && !p->level ? no_memory(err) : status;
}

static enum modprop_status compute(struct published *p, struct modprop_error *err)
{
    static const char *const rule[] = {"rule"};
    static const struct modprop_result_column columns[] = {{"over", NULL},
                                                           {"runs", "runs"},
                                                           {"runs_used", "used"},
                                                           {"incomplete", "incomplete"},
                                                           {"worst_seed", "worst seed"},
                                                           {"best_seed", "best seed"},
                                                           {"last", "last"},
                                                           {"shown", "shown"}};
    size_t by[MODPROP_QUESTION_BY + 1], count = 0;
    enum modprop_status status = find_over(p, err);
    if (status == MODPROP_OK)
        status = modprop_question_groups(p->question, p->runs, 1, rule, by, &count, err);
    if (status == MODPROP_OK)
        status = modprop_runs_read_figure(&p->figure, p->runs, p->question->measures.metric, err);
    if (status == MODPROP_OK)
        status = modprop_conditions_group(&p->groups, p->runs, p->question->chosen, count, by, err);
    if (status != MODPROP_OK)
        return status;
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
        modprop_result_column(p->result, columns[k].name,
                              k == 0 && p->over < p->runs->parameters
                                  ? p->runs->parameter[p->over].name
                                  : columns[k].head);
    p->series = modprop_arena_get(&p->result->arena, p->groups.count, sizeof *p->series);
    for (size_t g = 0; status == MODPROP_OK && p->series && p->levels && g < p->groups.count; g++)
        status = add_group(p, g, err);
    by[count] = p->over; /* by[count]: tells levels apart itself */
    modprop_spread_warn_mixed(p->result, &p->groups, p->runs, count + 1, by);
    make_plot(p);
    put_notes(p);
    return status == MODPROP_OK ? modprop_result_check(p->result, err) : status;
}

enum modprop_status modprop_published_make(struct modprop_result *result,
                                           const struct modprop_runs *runs,
                                           const struct modprop_question *question,
                                           struct modprop_error *err)
{
    struct published p = {.runs = runs, .question = question, .result = result};
    modprop_result_clear(result);
    result->title = "The published recipe";
    const enum modprop_status status = compute(&p, err);
    if (status != MODPROP_OK)
        modprop_result_clear(result);
    modprop_conditions_clear(&p.groups);
    modprop_runs_clear_figure(&p.figure);
    free(p.level);
    return status;
}
