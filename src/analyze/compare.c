/*
 * Conditions against a baseline, paired by seed.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/compare_figure.h"
#include "analyze/paired.h"
#include "analyze/question.h"
#include "analyze/selection.h"
#include "analyze/spread.h"
#include "engine/error.h"

enum { CLAUSES = 8 };

/* One comparison. */
struct contrast {
    size_t group, baseline;
    struct modprop_paired_match match;
    struct modprop_paired_test test;
    struct modprop_quantile_summary of;
    struct modprop_interval interval;
    size_t better;
    double adjusted;
    double *difference; /* [match.pairs]; as the test sorted it */
};

struct compare {
    const struct modprop_runs *runs;
    const struct modprop_question *question;
    struct modprop_result *result;
    struct modprop_measure measure;
    struct modprop_conditions groups;
    double *value;     /* [runs] */
    bool *is_baseline; /* [runs]; satisfies the clauses */
    bool *fixed;       /* [parameters]; named by the clauses */
    size_t contrasts;
    struct contrast *contrast;
    size_t mixed; /* seeds that stand more than once in a group */
};

static enum modprop_status no_memory(struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the comparison");
}

/* ------------------------------------------------------------------ baseline */

/* "rule=bptt learning_rate=5e-4": clauses separated by blanks. */
static enum modprop_status read_baseline(struct compare *c, struct modprop_error *err)
{
    const char *clause[CLAUSES];
    size_t clauses = 0;
    char *rest = NULL, *copy = c->question->baseline ? strdup(c->question->baseline) : NULL;
    enum modprop_status status = MODPROP_OK;
    if (!c->question->baseline)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "compare needs what to compare with: --baseline rule=bptt");
    if (!copy)
        return no_memory(err);
    for (char *word = strtok_r(copy, " ", &rest); word && clauses < CLAUSES;
         word = strtok_r(NULL, " ", &rest))
        clause[clauses++] = word;
    status = modprop_selection_choose(c->is_baseline, c->runs, "--baseline", clauses, clause, err);
    for (size_t k = 0; k < clauses; k++) /* the names alone, from here on */
        copy[clause[k] - copy + (ptrdiff_t)strcspn(clause[k], "=!<>")] = '\0';
    for (size_t p = 0; p < c->runs->parameters; p++)
        for (size_t k = 0; k < clauses; k++)
            c->fixed[p] = c->fixed[p] || strcmp(c->runs->parameter[p].name, clause[k]) == 0;
    free(copy);
    return status;
}

static bool all_baseline(const struct compare *c, size_t group)
{
    for (size_t k = c->groups.start[group]; k < c->groups.start[group + 1]; k++)
        if (!c->is_baseline[c->groups.run[k]])
            return false;
    return true;
}

/* Whether a baseline group is the counterpart of a group: equal in all that tells groups apart, where
 * both read it, but for what the baseline is made of. */
static bool counterpart(const struct compare *c, size_t group, size_t baseline)
{
    for (size_t k = 0; k < c->groups.names; k++) {
        const size_t p = c->groups.name[k];
        const double a = modprop_conditions_value(&c->groups, c->runs, group, p);
        const double b = modprop_conditions_value(&c->groups, c->runs, baseline, p);
        if (!c->fixed[p] && !isnan(a) && !isnan(b) && a != b)
            return false;
    }
    return true;
}

static enum modprop_status find_baseline(const struct compare *c, size_t group, size_t *baseline,
                                         struct modprop_error *err)
{
    size_t found = 0;
    char label[300], one[200] = "", other[200] = "";
    for (size_t b = 0; b < c->groups.count; b++) {
        if (!all_baseline(c, b) || !counterpart(c, group, b))
            continue;
        modprop_conditions_label(&c->groups, c->runs, b, found ? other : one, sizeof one);
        *baseline = found++ ? *baseline : b;
    }
    if (found == 1)
        return MODPROP_OK;
    modprop_conditions_label(&c->groups, c->runs, group, label, sizeof label);
    if (found == 0)
        return MODPROP_FAIL(
            err, MODPROP_INVALID,
            "--baseline %s: no condition of it is the counterpart of %s; say in which "
            "parameters they may differ, as in --baseline 'rule=modprop mu=0.25', or "
            "leave the others out with --where",
            c->question->baseline, label);
    return MODPROP_FAIL(err, MODPROP_INVALID,
                        "--baseline %s: %s could be compared with %s and with %s; name one, as in "
                        "--baseline '%s NAME=VALUE'",
                        c->question->baseline, label, one, other, c->question->baseline);
}

/* ------------------------------------------------------------------ one comparison */

/* Seeds and values of a group, ascending. */
static size_t collect(const struct compare *c, size_t group, double *seed, double *value)
{
    const size_t p = modprop_runs_find(c->runs, "seed");
    size_t count = 0;
    for (size_t k = c->groups.start[group]; k < c->groups.start[group + 1]; k++) {
        const size_t run = c->groups.run[k];
        if (!modprop_runs_has_result(c->runs, run))
            continue;
        seed[count] = p < c->runs->parameters ? c->runs->parameter[p].value[run] : 0;
        value[count++] = c->value[run];
    }
    return count;
}

static void examine(struct compare *c, struct contrast *contrast, double *scratch)
{
    const size_t pairs = contrast->match.pairs;
    const double sign = c->measure.direction == MODPROP_HIGHER_IS_BETTER ? -1 : 1;
    for (size_t k = 0; k < pairs; k++)
        contrast->better += sign * contrast->difference[k] < 0;
    memcpy(scratch, contrast->difference, pairs * sizeof *scratch);
    contrast->test = modprop_paired_signed_rank(scratch, pairs);
    memcpy(scratch, contrast->difference, pairs * sizeof *scratch);
    modprop_quantile_summarise(&contrast->of, scratch, pairs);
    contrast->interval = modprop_interval_of_median(c->question->interval, scratch,
                                                    contrast->of.count, MODPROP_INTERVAL_LEVEL);
    c->mixed += contrast->match.repeated;
}

static enum modprop_status contrast_groups(struct compare *c, struct contrast *contrast,
                                           struct modprop_error *err)
{
    const size_t n = modprop_conditions_size(&c->groups, contrast->group);
    const size_t m = modprop_conditions_size(&c->groups, contrast->baseline);
    double *block = calloc(3 * (n + m) + 1, sizeof *block);
    contrast->difference = modprop_arena_get(&c->result->arena, n < m ? n : m, sizeof(double));
    if (!block || !contrast->difference) {
        free(block);
        return no_memory(err);
    }
    double *seed = block, *value = block + n, *base_seed = value + n, *base_value = base_seed + m;
    const size_t count = collect(c, contrast->group, seed, value);
    const size_t base_count = collect(c, contrast->baseline, base_seed, base_value);
    contrast->match = modprop_paired_differences(contrast->difference, count, seed, value,
                                                 base_count, base_seed, base_value);
    examine(c, contrast, block + 2 * (n + m));
    free(block);
    return MODPROP_OK;
}

static enum modprop_status contrast_all(struct compare *c, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    double *p = calloc(2 * c->groups.count + 1, sizeof *p);
    c->contrast = calloc(c->groups.count + 1, sizeof *c->contrast);
    if (!p || !c->contrast)
        status = no_memory(err);
    for (size_t g = 0; status == MODPROP_OK && g < c->groups.count; g++) {
        if (all_baseline(c, g))
            continue;
        struct contrast *contrast = &c->contrast[c->contrasts++];
        contrast->group = g;
        status = find_baseline(c, g, &contrast->baseline, err);
        if (status == MODPROP_OK)
            status = contrast_groups(c, contrast, err);
    }
    for (size_t k = 0; status == MODPROP_OK && k < c->contrasts; k++)
        p[k] = c->contrast[k].test.p;
    if (status == MODPROP_OK)
        modprop_paired_holm(p + c->groups.count, p, c->contrasts);
    for (size_t k = 0; status == MODPROP_OK && k < c->contrasts; k++)
        c->contrast[k].adjusted = p[c->groups.count + k];
    if (status == MODPROP_OK && c->contrasts == 0)
        status = MODPROP_FAIL(
            err, MODPROP_INVALID,
            "--baseline %s: all runs are the baseline, there is nothing to compare",
            c->question->baseline);
    free(p);
    return status;
}

/* ------------------------------------------------------------------ table and plot */

static void put_rows(struct compare *c)
{
    static const struct modprop_result_column columns[] = {
        {"pairs", "pairs"},     {"alone", NULL},      {"median_difference", "difference"},
        {"low", "95 %"},        {"high", NULL},       {"better", "better"},
        {"better_of", NULL},    {"statistic", NULL},  {"p", "p"},
        {"p_holm", "p (Holm)"}, {"smallest_p", NULL}, {"baseline", NULL}};
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
        modprop_result_column(c->result, columns[k].name, columns[k].head);
    for (size_t k = 0; k < c->contrasts; k++) {
        const struct contrast *x = &c->contrast[k];
        char label[400];
        modprop_conditions_label(&c->groups, c->runs, x->group, label, sizeof label);
        modprop_result_row(c->result, label);
        modprop_result_count(c->result, x->match.pairs, true);
        modprop_result_count(c->result, x->match.alone + x->match.missing, false);
        modprop_result_number(c->result, "%+.3g", x->of.median);
        modprop_result_range(c->result, "%+.2g", x->interval.low, x->interval.high);
        modprop_result_share(c->result, x->better, x->match.pairs, true);
        modprop_result_number(c->result, "%g", x->test.statistic);
        modprop_result_number(c->result, "%.2g", x->test.p);
        modprop_result_number(c->result, "%.2g", x->adjusted);
        modprop_result_number(c->result, "%.2g", x->test.smallest_p);
        modprop_conditions_label(&c->groups, c->runs, x->baseline, label, sizeof label);
        modprop_result_text(c->result, label);
    }
}

static void put_notes(struct compare *c)
{
    const double threshold = 1 - MODPROP_INTERVAL_LEVEL;
    size_t few = 0, least = SIZE_MAX, behind = SIZE_MAX; /* behind: pairs behind an interval */
    double smallest = 0;
    for (size_t k = 0; k < c->contrasts; k++) {
        const struct modprop_paired_test *test = &c->contrast[k].test;
        const size_t differ = test->negative + test->positive;
        least = differ < least ? differ : least;
        behind = modprop_spread_least(behind, c->contrast[k].match.pairs);
        few += !(test->smallest_p * (double)c->contrasts <= threshold);
        smallest = fmax(smallest, test->smallest_p);
    }
    modprop_result_note(
        c->result,
        "%s against %s: difference of runs with the same seed (negative: %s); median over seeds, its "
        "95 %% interval %s, seeds that are better; Wilcoxon's signed-rank test, two-sided (exact up to %d "
        "differences), and with Holm's correction for %zu comparisons.%s",
        c->measure.axis, c->question->baseline,
        c->measure.direction == MODPROP_HIGHER_IS_BETTER ? "worse" : "better",
        modprop_interval_kind_text(c->question->interval), MODPROP_PAIRED_EXACT, c->contrasts,
        modprop_measures_say(&c->measure, &c->question->measures, &c->result->arena));
    if (few)
        modprop_result_warn(
            c->result,
            "Too few pairs: where as few as %zu differ the smallest possible p is %.2g, so "
            "that after the correction for %zu comparisons %zu of them cannot fall "
            "below %.2g whatever the runs do. Compare fewer conditions (--where), or "
            "add seeds.",
            least, smallest, c->contrasts, few, threshold);
    modprop_spread_warn_few(c->result, behind);
    if (c->mixed)
        modprop_result_warn(
            c->result,
            "%zu seeds stand more than once in a group and were left out: give --by "
            "more parameters.",
            c->mixed);
}

static enum modprop_status make_plot(struct compare *c, struct modprop_error *err)
{
    struct modprop_arena *arena = &c->result->arena;
    struct modprop_plot *plot = &c->result->plot;
    struct modprop_compare_row *row = modprop_arena_get(arena, c->contrasts, sizeof *row);
    size_t rows = 0, pairs = 0;
    for (size_t k = 0; row && k < c->contrasts; k++) {
        const struct contrast *x = &c->contrast[k];
        char title[200];
        if (!x->match.pairs)
            continue;
        modprop_conditions_title(&c->groups, c->runs, x->group, title, sizeof title);
        row[rows++] = (struct modprop_compare_row){modprop_arena_text(arena, "%s", title),
                                                   x->of.median, x->interval, x->difference,
                                                   x->match.pairs};
        pairs += x->match.pairs;
    }
    enum modprop_status status = modprop_result_check(c->result, err);
    if (status == MODPROP_OK)
        status = modprop_compare_figure(plot, arena, rows, row, err);
    if (status != MODPROP_OK)
        return status;
    plot->title = modprop_result_title(c->result, "%s against %s", c->measure.axis,
                                       c->question->baseline);
    plot->caption = modprop_arena_text(
        arena,
        "Differences of runs with the same seed (dots), median and 95 %% interval %s, %zu pairs in "
        "all; negative is %s.%s%s",
        modprop_interval_kind_text(c->question->interval), pairs,
        c->measure.direction == MODPROP_HIGHER_IS_BETTER ? "worse" : "better",
        plot->x.low < plot->x.high
            ? " Numbers at the ends: pairs that lie beyond, such as those with a "
              "run that diverged."
            : "",
        modprop_measures_say(&c->measure, &c->question->measures, arena));
    plot->x.label = modprop_arena_text(arena, "difference in %s", c->measure.axis);
    plot->x.unit = c->measure.unit;
    plot->mark_label = modprop_arena_text(arena, "%s", c->question->baseline);
    c->result->has_plot = pairs > 0;
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ the whole */

static enum modprop_status compute(struct compare *c, struct modprop_error *err)
{
    const struct modprop_question *question = c->question;
    size_t by[MODPROP_QUESTION_BY], count = 0;
    c->value = calloc(c->runs->count + 1, sizeof *c->value);
    c->is_baseline = calloc(c->runs->count + 1, sizeof *c->is_baseline);
    c->fixed = calloc(c->runs->parameters + 1, sizeof *c->fixed);
    if (!c->value || !c->is_baseline || !c->fixed)
        return no_memory(err);
    enum modprop_status status = read_baseline(c, err);
    if (status == MODPROP_OK)
        status = modprop_measures_find(&c->measure, c->runs,
                                       question->y ? question->y : "final_loss", err);
    if (status == MODPROP_OK)
        status = modprop_measures_compute(c->value, NULL, &c->measure, c->runs, &question->measures,
                                          err);
    if (status == MODPROP_OK)
        status = modprop_question_groups(question, c->runs, 0, NULL, by, &count, err);
    if (status != MODPROP_OK)
        return status;
    modprop_spread_count_diverged(c->value, &c->measure, c->runs);
    status = question->by_given
                 ? modprop_conditions_group(&c->groups, c->runs, question->chosen, count, by, err)
                 : modprop_conditions_init(&c->groups, c->runs, question->chosen, err);
    if (status == MODPROP_OK)
        status = contrast_all(c, err);
    if (status != MODPROP_OK)
        return status;
    put_notes(c);
    put_rows(c);
    if (question->by_given)
        modprop_spread_warn_mixed(c->result, &c->groups, c->runs, count, by);
    return make_plot(c, err);
}

enum modprop_status modprop_compare_make(struct modprop_result *result,
                                         const struct modprop_runs *runs,
                                         const struct modprop_question *question,
                                         struct modprop_error *err)
{
    struct compare c = {.runs = runs, .question = question, .result = result};
    modprop_result_clear(result);
    result->title = "Comparison";
    const enum modprop_status status = compute(&c, err);
    if (status != MODPROP_OK)
        modprop_result_clear(result);
    modprop_conditions_clear(&c.groups);
    free(c.contrast);
    free(c.value);
    free(c.is_baseline);
    free(c.fixed);
    return status;
}
