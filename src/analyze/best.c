/*
 * The best value of a parameter, chosen on one half of the seeds and reported on the other.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/question.h"
#include "analyze/split.h"
#include "analyze/spread.h"
#include "engine/error.h"

struct best {
    const struct modprop_runs *runs;
    const struct modprop_question *question;
    struct modprop_result *result;
    struct modprop_measure measure;
    size_t over, seed; /* parameters */
    struct modprop_conditions groups;
    double *value;          /* [runs] */
    double *level, *number; /* all values of `over`, all seeds */
    size_t levels, seeds;
    size_t halved;  /* groups with runs on one half of the seeds alone */
    size_t partial; /* groups that lack some of the levels */
};

static enum modprop_status no_memory(struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the best values");
}

static size_t place_in(const double *sorted, size_t count, double value)
{
    size_t low = 0, beyond = count;
    while (beyond - low > 1) {
        const size_t middle = low + (beyond - low) / 2;
        if (sorted[middle] <= value)
            low = middle;
        else
            beyond = middle;
    }
    return low;
}

/* The values of a group as [levels][seeds]. */
static enum modprop_status fill_matrix(const struct best *b, size_t group, double *matrix,
                                       struct modprop_error *err)
{
    for (size_t k = 0; k < b->levels * b->seeds; k++)
        matrix[k] = NAN;
    for (size_t k = b->groups.start[group]; k < b->groups.start[group + 1]; k++) {
        const size_t run = b->groups.run[k];
        const double x = b->runs->parameter[b->over].value[run];
        if (isnan(x) || !modprop_runs_has_result(b->runs, run))
            continue;
        double *place =
            &matrix[place_in(b->level, b->levels, x) * b->seeds +
                    place_in(b->number, b->seeds, b->runs->parameter[b->seed].value[run])];
        if (!isnan(*place))
            return MODPROP_FAIL(
                err, MODPROP_INVALID,
                "--by: several runs of one group have the same seed and the same %s: "
                "give --by more parameters, or leave it out",
                b->question->over);
        *place = b->value[run];
    }
    return MODPROP_OK;
}

/* What was chosen; where all that there is diverged that is no choice. */
static void put_level(const struct best *b, const struct modprop_split_way *way)
{
    const size_t level = isinf(way->chosen_on) ? MODPROP_SPLIT_NONE : way->level;
    char text[80] = "";
    if (!b->runs->parameter[b->over].text) {
        modprop_result_number(b->result, "%g", level == MODPROP_SPLIT_NONE ? NAN : b->level[level]);
        return;
    }
    if (level != MODPROP_SPLIT_NONE)
        modprop_runs_format(b->runs, b->over, b->level[level], text, sizeof text);
    modprop_result_text(b->result, text);
}

/* Counts what makes the choice worth less: of a sweep that is not at its end, mostly. */
static void note_gaps(struct best *b, const double *matrix, const struct modprop_split *split)
{
    bool partial = false;
    for (size_t level = 0; level < b->levels; level++) {
        size_t known = 0;
        for (size_t seed = 0; seed < b->seeds; seed++)
            known += isnan(matrix[level * b->seeds + seed]) ? 0 : 1;
        partial |= known == 0;
    }
    b->partial += partial;
    b->halved += !split->way[0].chosen_count || !split->way[1].chosen_count;
}

static void warn_of_gaps(const struct best *b)
{
    if (b->halved)
        modprop_result_warn(b->result,
                            "%zu of %zu groups have runs on one half of the seeds alone: there is "
                            "nothing to report them on but what they were chosen on.",
                            b->halved, b->result->rows);
    if (b->partial)
        modprop_result_warn(b->result,
                            "%zu of %zu groups have no run at some values of %s: they were chosen "
                            "among the others.",
                            b->partial, b->result->rows, b->question->over);
}

static void put_row(const struct best *b, size_t group, const struct modprop_split *split)
{
    char label[400];
    modprop_conditions_label(&b->groups, b->runs, group, label, sizeof label);
    modprop_result_row(b->result, label);
    modprop_result_count(b->result, split->way[0].reported_count, true);
    modprop_result_count(b->result, split->way[1].reported_count, true);
    for (size_t k = 0; k < 2; k++) {
        put_level(b, &split->way[k]);
        modprop_result_number(b->result, "%.3g", split->way[k].chosen_on);
        modprop_result_number(b->result, "%.3g", split->way[k].reported);
    }
    modprop_result_number(b->result, "%.3g", split->reported);
    put_level(b, &split->all);
    modprop_result_number(b->result, "%.3g", split->all.reported);
    modprop_result_number(b->result, "%.2g", split->optimism);
}

static enum modprop_status add_group(struct best *b, size_t group, struct modprop_error *err)
{
    struct modprop_split split;
    double *matrix = calloc(b->levels * b->seeds + 1, sizeof *matrix);
    enum modprop_status status = matrix ? fill_matrix(b, group, matrix, err) : no_memory(err);
    if (status == MODPROP_OK)
        status = modprop_split_best(&split, b->levels, b->seeds, matrix,
                                    b->measure.direction == MODPROP_HIGHER_IS_BETTER, err);
    if (status == MODPROP_OK && split.all.level != MODPROP_SPLIT_NONE) {
        put_row(b, group, &split);
        note_gaps(b, matrix, &split);
    }
    free(matrix);
    return status;
}

static void put_head(const struct best *b)
{
    static const struct modprop_result_column columns[] = {
        {"seeds_reported_a", NULL}, {"seeds_reported_b", NULL},
        {"chosen_a", "A chose"},    {"chosen_on_a", NULL},
        {"reported_a", "on B"},     {"chosen_b", "B chose"},
        {"chosen_on_b", NULL},      {"reported_b", "on A"},
        {"reported", "reported"},   {"in_sample_chosen", "all chose"},
        {"in_sample", "in-sample"}, {"optimism", "optimism"}};
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
        modprop_result_column(b->result, columns[k].name, columns[k].head);
    modprop_result_note(
        b->result,
        "The %s with the best median of %s: chosen by half A of the seeds (the first, third, fifth "
        "...) and that median on half B (the second, fourth, ...), then the other way round. "
        "Reported: median over all seeds, each at the value chosen without it. In-sample: chosen and "
        "reported on all seeds, better than the truth by luck: by the optimism, as far as these runs "
        "can tell. A diverged run counts as worse than all others.%s",
        b->question->over, b->measure.axis,
        modprop_measures_say(&b->measure, &b->question->measures, &b->result->arena));
}

static enum modprop_status find_parameters(struct best *b, struct modprop_error *err)
{
    const char *y = b->question->y ? b->question->y : "final_loss";
    if (!b->question->over)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "best needs the parameter whose best value is sought: --over "
                            "learning_rate");
    enum modprop_status status = modprop_runs_need(b->runs, b->question->over, "--over", &b->over,
                                                   err);
    if (status == MODPROP_OK)
        status = modprop_runs_need(b->runs, "seed", "best", &b->seed, err);
    if (status == MODPROP_OK && b->over == b->seed)
        status = MODPROP_FAIL(err, MODPROP_INVALID,
                              "--over seed: seeds are what the others are chosen and judged on");
    if (status == MODPROP_OK)
        status = modprop_measures_find(&b->measure, b->runs, y, err);
    if (status == MODPROP_OK && b->measure.direction == MODPROP_NEITHER)
        status = MODPROP_FAIL(err, MODPROP_INVALID,
                              "-y %s: of this measure neither more nor less is better", y);
    return status;
}

static enum modprop_status compute(struct best *b, struct modprop_error *err)
{
    const bool *chosen = b->question->chosen;
    size_t by[MODPROP_QUESTION_BY], count = 0;
    enum modprop_status status = find_parameters(b, err);
    b->value = calloc(b->runs->count + 1, sizeof *b->value);
    if (status == MODPROP_OK && !b->value)
        status = no_memory(err);
    if (status == MODPROP_OK)
        status = modprop_measures_compute(b->value, NULL, &b->measure, b->runs,
                                          &b->question->measures, err);
    if (status == MODPROP_OK)
        status = modprop_question_groups(b->question, b->runs, 0, NULL, by, &count, err);
    if (status != MODPROP_OK)
        return status;
    modprop_spread_count_diverged(b->value, &b->measure, b->runs);
    status = b->question->by_given
                 ? modprop_conditions_group(&b->groups, b->runs, chosen, count, by, err)
                 : modprop_conditions_without(&b->groups, b->runs, chosen, 1, &b->over, err);
    if (status == MODPROP_OK)
        status = modprop_conditions_levels(&b->level, &b->levels, b->runs, chosen, b->over, err);
    if (status == MODPROP_OK)
        status = modprop_conditions_levels(&b->number, &b->seeds, b->runs, chosen, b->seed, err);
    if (status != MODPROP_OK)
        return status;
    put_head(b);
    if (b->levels < 2)
        modprop_result_warn(b->result, "%s has only one value in these runs.", b->question->over);
    for (size_t g = 0; status == MODPROP_OK && b->levels && g < b->groups.count; g++)
        status = add_group(b, g, err);
    warn_of_gaps(b);
    return status == MODPROP_OK ? modprop_result_check(b->result, err) : status;
}

enum modprop_status modprop_best_make(struct modprop_result *result,
                                      const struct modprop_runs *runs,
                                      const struct modprop_question *question,
                                      struct modprop_error *err)
{
    struct best b = {.runs = runs, .question = question, .result = result};
    modprop_result_clear(result);
    result->title = "Best value";
    const enum modprop_status status = compute(&b, err);
    if (status != MODPROP_OK)
        modprop_result_clear(result);
    modprop_conditions_clear(&b.groups);
    free(b.value);
    free(b.level);
    free(b.number);
    return status;
}
