/*
 * From the command line to the runs and the question.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/selection.h"
#include "cli/analyze_commands.h"
#include "cli/analyze_print.h"
#include "engine/error.h"

static enum modprop_curve_band band_named(const char *name)
{
    size_t k = 0;
    while (modprop_curve_band_name(k) && strcmp(modprop_curve_band_name(k), name) != 0)
        k++;
    return (enum modprop_curve_band)k;
}

static enum modprop_interval_kind interval_named(const char *name)
{
    size_t k = 0;
    while (modprop_interval_kind_name(k) && strcmp(modprop_interval_kind_name(k), name) != 0)
        k++;
    return (enum modprop_interval_kind)k;
}

/* "rule,mu" into names. */
static enum modprop_status read_by(struct modprop_analyze_input *input, const char *text,
                                   struct modprop_error *err)
{
    struct modprop_question *question = &input->question;
    char *rest = NULL;
    question->by_given = true;
    input->by = strdup(text);
    if (!input->by)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for --by");
    for (char *name = strtok_r(input->by, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
        if (question->by_count == MODPROP_QUESTION_BY)
            return MODPROP_FAIL(err, MODPROP_INVALID, "--by takes up to %d parameters",
                                MODPROP_QUESTION_BY);
        question->by[question->by_count++] = name;
    }
    return MODPROP_OK;
}

static enum modprop_status read_criterion(struct modprop_measures_options *measures,
                                          const struct modprop_analyze_options *options,
                                          struct modprop_error *err)
{
    const bool below = modprop_analyze_given(options, MODPROP_ANALYZE_BELOW);
    const bool above = modprop_analyze_given(options, MODPROP_ANALYZE_ABOVE);
    if (below && above)
        return MODPROP_FAIL(err, MODPROP_INVALID, "--below and --above are two criteria: give one");
    measures->at_least = above;
    if (below || above)
        measures->criterion =
            options->number[below ? MODPROP_ANALYZE_BELOW : MODPROP_ANALYZE_ABOVE];
    return MODPROP_OK;
}

static enum modprop_status read_question(struct modprop_analyze_input *input,
                                         const struct modprop_analyze_options *options,
                                         struct modprop_error *err)
{
    struct modprop_question *question = &input->question;
    struct modprop_measures_options *measures = &question->measures;
    modprop_question_defaults(question);
    question->x = options->text[MODPROP_ANALYZE_X];
    question->y = options->text[MODPROP_ANALYZE_Y];
    question->baseline = options->text[MODPROP_ANALYZE_BASELINE];
    question->over = options->text[MODPROP_ANALYZE_OVER];
    question->seconds = modprop_analyze_given(options, MODPROP_ANALYZE_SECONDS);
    question->interval = interval_named(options->text[MODPROP_ANALYZE_INTERVAL]);
    question->band = band_named(options->text[MODPROP_ANALYZE_BAND]);
    question->smooth = (size_t)options->number[MODPROP_ANALYZE_SMOOTH];
    measures->last = (size_t)options->number[MODPROP_ANALYZE_LAST];
    measures->below = options->number[MODPROP_ANALYZE_COLLAPSE_BELOW];
    measures->above = options->number[MODPROP_ANALYZE_COLLAPSE_ABOVE];
    measures->metric = options->text[MODPROP_ANALYZE_METRIC];
    if (question->smooth % 2 == 0)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "--smooth %zu is even: an odd number has a middle", question->smooth);
    if (measures->below > measures->above)
        return MODPROP_FAIL(
            err, MODPROP_INVALID,
            "--collapse-below %g is above --collapse-above %g: a collapse is a rise",
            measures->below, measures->above);
    const enum modprop_status status = read_criterion(measures, options, err);
    return status == MODPROP_OK && options->text[MODPROP_ANALYZE_BY]
               ? read_by(input, options->text[MODPROP_ANALYZE_BY], err)
               : status;
}

enum modprop_status modprop_analyze_input_open(struct modprop_analyze_input *input,
                                               const struct modprop_analyze_options *options,
                                               int first, struct modprop_error *err)
{
    *input = (struct modprop_analyze_input){0};
    enum modprop_status status = read_question(input, options, err);
    if (status == MODPROP_OK)
        status = modprop_runs_read(&input->runs, (size_t)(options->files - first),
                                   (const char *const *)options->file + first, err);
    if (status == MODPROP_OK) {
        modprop_analyze_print_troubles(stderr, input->runs);
        input->chosen = calloc(input->runs->count + 1, sizeof *input->chosen);
        status = input->chosen ? modprop_selection_choose(input->chosen, input->runs, "--where",
                                                          options->wheres, options->where, err)
                               : MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the runs");
    }
    input->question.chosen = input->chosen;
    if (status != MODPROP_OK)
        modprop_analyze_input_close(input);
    return status;
}

void modprop_analyze_input_close(struct modprop_analyze_input *input)
{
    modprop_runs_free(input->runs);
    free(input->chosen);
    free(input->by);
    *input = (struct modprop_analyze_input){0};
}
