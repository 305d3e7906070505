/*
 * A row per condition: what became of its runs.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/question.h"
#include "analyze/spread.h"

/* Measures of the table, by the figure they are made from, so that each figure is read once. */
enum { LOSS, BEST, COLLAPSED, ACCURACY, SECONDS, MEASURES };

static const char *const names[MEASURES] = {[LOSS] = "final_loss",
                                            [BEST] = "best_loss",
                                            [COLLAPSED] = "collapsed",
                                            [ACCURACY] = "final_accuracy",
                                            [SECONDS] = "seconds_per_iteration"};

struct table {
    const struct modprop_runs *runs;
    const struct modprop_question *question;
    struct modprop_conditions conditions;
    double *value[MEASURES]; /* [runs]; all NaN if the files lack the figure */
};

static enum modprop_status measure_all(struct table *t, struct modprop_error *err)
{
    struct modprop_runs_figure figure = {0};
    char known[64] = "";
    enum modprop_status status = MODPROP_OK;
    for (size_t k = 0; status == MODPROP_OK && k < MEASURES; k++) {
        struct modprop_measure measure;
        t->value[k] = calloc(t->runs->count + 1, sizeof *t->value[k]);
        if (!t->value[k])
            status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the measures");
        if (status == MODPROP_OK)
            status = modprop_measures_find(&measure, t->runs, names[k], err);
        if (status == MODPROP_OK && measure.figure[0] && strcmp(known, measure.figure) != 0) {
            modprop_runs_clear_figure(&figure);
            status = modprop_runs_read_figure(&figure, t->runs, measure.figure, err);
            snprintf(known, sizeof known, "%s", measure.figure);
        }
        if (status != MODPROP_OK)
            break;
        modprop_measures_reduce(t->value[k], NULL, &measure, t->runs,
                                measure.figure[0] ? &figure : NULL, &t->question->measures);
        modprop_spread_count_diverged(t->value[k], &measure, t->runs);
    }
    modprop_runs_clear_figure(&figure);
    return status;
}

/* ------------------------------------------------------------------ table */

static void put_columns(struct modprop_result *result)
{
    static const struct modprop_result_column columns[] = {
        {"runs", NULL},
        {"done", "done"},
        {"diverged", "diverged"},
        {"failed", "failed"},
        {"to_do", "to do"},
        {"final_loss_median", "loss"},
        {"final_loss_lower_quartile", "quartiles"},
        {"final_loss_upper_quartile", NULL},
        {"final_loss_low", "95 %"},
        {"final_loss_high", NULL},
        {"final_accuracy_median", "accuracy"},
        {"final_accuracy_lower_quartile", NULL},
        {"final_accuracy_upper_quartile", NULL},
        {"final_accuracy_low", NULL},
        {"final_accuracy_high", NULL},
        {"best_loss", "best"},
        {"collapsed", "collapsed"},
        {"collapsed_of", NULL},
        {"seconds_per_iteration", NULL},
        {NULL, "ms/iter"}};
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
        modprop_result_column(result, columns[k].name, columns[k].head);
}

static void put_states(struct modprop_result *result, const size_t *states, size_t runs)
{
    modprop_result_count(result, runs, true);
    modprop_result_count(result, states[MODPROP_RUN_DONE], true);
    modprop_result_count(result, states[MODPROP_RUN_DIVERGED], false);
    modprop_result_count(result, states[MODPROP_RUN_FAILED] + states[MODPROP_RUN_TIMEOUT], false);
    modprop_result_count(result, states[MODPROP_RUN_PENDING] + states[MODPROP_RUN_RUNNING], false);
}

static void put_row(struct modprop_result *result, const struct modprop_spread *of, size_t group,
                    const struct table *t)
{
    const size_t runs = modprop_conditions_size(&t->conditions, group);
    const size_t *run = t->conditions.run + t->conditions.start[group];
    const struct modprop_spread *loss = &of[LOSS], *accuracy = &of[ACCURACY];
    size_t states[MODPROP_RUN_STATES];
    char label[400];
    modprop_conditions_label(&t->conditions, t->runs, group, label, sizeof label);
    modprop_result_row(result, label);
    modprop_spread_states(states, t->runs, run, runs);
    put_states(result, states, runs);
    modprop_result_number(result, "%.3g", loss->of.median);
    modprop_result_range(result, "%.2g", loss->of.lower, loss->of.upper);
    modprop_result_range(result, "%.2g", loss->interval.low, loss->interval.high);
    modprop_result_number(result, "%.3f", accuracy->of.median);
    modprop_result_range(result, "%.3f", accuracy->of.lower, accuracy->of.upper);
    modprop_result_range(result, "%.3f", accuracy->interval.low, accuracy->interval.high);
    modprop_result_number(result, "%.3g", of[BEST].of.minimum);
    modprop_result_share(result, of[COLLAPSED].hits, of[COLLAPSED].of.count, false);
    modprop_result_number(result, "%.3g", of[SECONDS].of.median);
    modprop_result_number(result, "%.3g", 1e3 * of[SECONDS].of.median);
}

static enum modprop_status put_rows(struct modprop_result *result, const struct table *t,
                                    struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    size_t least = SIZE_MAX;
    for (size_t g = 0; status == MODPROP_OK && g < t->conditions.count; g++) {
        struct modprop_spread of[MEASURES];
        for (size_t k = 0; status == MODPROP_OK && k < MEASURES; k++)
            status = modprop_spread_make(
                &of[k], t->value[k], t->conditions.run + t->conditions.start[g],
                modprop_conditions_size(&t->conditions, g), t->question->interval, err);
        if (status != MODPROP_OK)
            break;
        put_row(result, of, g, t);
        least = modprop_spread_least(least, of[LOSS].of.count);
    }
    modprop_spread_warn_few(result, least);
    return status;
}

/* The parameters that are the same in all runs. */
static void put_constants(struct modprop_result *result, const struct table *t)
{
    char text[8000] = "";
    size_t used = 0;
    for (size_t k = 0; k < t->conditions.constants && used < sizeof text; k++) {
        const size_t p = t->conditions.constant[k];
        char value[80];
        double known = NAN;
        for (size_t run = 0; run < t->runs->count && isnan(known); run++)
            if (t->conditions.group[run] != MODPROP_CONDITIONS_NONE)
                known = t->runs->parameter[p].value[run];
        modprop_runs_format(t->runs, p, known, value, sizeof value);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s=%s", used ? " " : "",
                                 t->runs->parameter[p].name, value);
    }
    modprop_result_note(result, "The same in all runs: %s", text);
}

static void put_notes(struct modprop_result *result, const struct table *t)
{
    const struct modprop_measures_options *options = &t->question->measures;
    put_constants(result, t);
    modprop_result_note(
        result,
        "Loss and accuracy: median over the runs of the %s; a diverged run counts as worse than "
        "all others (inf). 95 %%: interval of the median %s. Best: lowest loss of any run and "
        "evaluation.",
        modprop_measures_last(options, &result->arena),
        modprop_interval_kind_text(t->question->interval));
    modprop_result_note(result, "Collapsed: the loss fell below %g and later rose above %g.",
                        options->below, options->above);
}

enum modprop_status modprop_summary_make(struct modprop_result *result,
                                         const struct modprop_runs *runs,
                                         const struct modprop_question *question,
                                         struct modprop_error *err)
{
    struct table t = {.runs = runs, .question = question};
    modprop_result_clear(result);
    result->title = "Conditions";
    size_t by[MODPROP_QUESTION_BY], count = 0;
    enum modprop_status status = modprop_question_groups(question, runs, 0, NULL, by, &count, err);
    if (status == MODPROP_OK)
        status = question->by_given
                     ? modprop_conditions_group(&t.conditions, runs, question->chosen, count, by,
                                                err)
                     : modprop_conditions_init(&t.conditions, runs, question->chosen, err);
    if (status == MODPROP_OK)
        status = measure_all(&t, err);
    if (status == MODPROP_OK) {
        put_notes(result, &t);
        put_columns(result);
        status = put_rows(result, &t, err);
    }
    if (status == MODPROP_OK && question->by_given)
        modprop_spread_warn_mixed(result, &t.conditions, runs, count, by);
    if (status == MODPROP_OK)
        status = modprop_result_check(result, err);
    if (status != MODPROP_OK)
        modprop_result_clear(result);
    for (size_t k = 0; k < MEASURES; k++)
        free(t.value[k]);
    modprop_conditions_clear(&t.conditions);
    return status;
}
