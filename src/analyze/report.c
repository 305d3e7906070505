#include "analyze/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/gnuplot.h"
#include "analyze/html.h"
#include "analyze/html_page.h"
#include "analyze/plot_file.h"
#include "analyze/report_command.h"
#include "analyze/report_parts.h"
#include "engine/error.h"

enum { TRENDS = 3, INTERVALS = 8, LINES = 16 }; /* axes; series side by side; lines in a figure */

typedef enum modprop_status make_function(struct modprop_result *result,
                                          const struct modprop_runs *runs,
                                          const struct modprop_question *question,
                                          struct modprop_error *err);

/* An analysis on the page. */
struct part {
    const char *id, *name, *heading;
    const char *command; /* its name on the command line */
    const char *output;  /* of its figure, if it has one: "trend.svg" */
    make_function *make;
    bool courses; /* it shows whole courses: how many evaluations are the last is no option of it */
};

/* The command that makes a part alone; the caller frees it. NULL: no memory. */
static char *command_of(const struct modprop_report_page *page, const struct part *part,
                        const struct modprop_question *question, bool has_plot)
{
    char *command = NULL, number[64];
    size_t bytes = 0;
    struct modprop_question usual = {0};
    FILE *out = open_memstream(&command, &bytes);
    if (!out)
        return NULL;
    modprop_question_defaults(&usual);
    fprintf(out, "modprop_analyze %s%s", part->command, page->request->input);
    if (!part->courses && question->measures.last != usual.measures.last)
        fprintf(out, " --last %zu", question->measures.last);
    modprop_report_command_option(out, "--x", question->x);
    for (size_t k = 0; question->by_given && k < question->by_count; k++)
        fprintf(out, "%s%s", k ? "," : " --by ", question->by[k]);
    modprop_report_command_option(out, "--y", question->y);
    modprop_report_command_option(out, "--baseline", question->baseline);
    modprop_report_command_option(out, "--over", question->over);
    if (!isnan(question->measures.criterion)) {
        modprop_runs_number(question->measures.criterion, number, sizeof number);
        modprop_report_command_option(out, "--metric", question->measures.metric);
        modprop_report_command_option(out, question->measures.at_least ? "--above" : "--below",
                                      number);
    }
    if (has_plot)
        modprop_report_command_option(out, "-o", part->output);
    return fclose(out) == 0 ? command : NULL;
}

/* ------------------------------------------------------------------ parts */

/* An analysis that these runs do not allow is told in its place. */
static enum modprop_status write_answer(struct modprop_report_page *page, const struct part *part,
                                        const struct modprop_question *question,
                                        struct modprop_error *err)
{
    struct modprop_result result = {0};
    struct modprop_error why = {0};
    char *command = NULL;
    enum modprop_status status = part->make(&result, page->runs, question, &why);
    if (status == MODPROP_OK) {
        command = command_of(page, part, question, result.has_plot);
        if (!command)
            status = MODPROP_FAIL(&why, MODPROP_NO_MEMORY, "no memory for the report");
    }
    if (status == MODPROP_OK) {
        status = modprop_report_result(page, &result, command, err);
    } else if (status == MODPROP_INVALID) {
        fputs("<p class=\"note\">", page->out);
        modprop_html_words(page->out, why.message);
        fputs("</p>\n", page->out);
        status = MODPROP_OK;
    } else {
        MODPROP_FAIL(err, status, "%s", why.message);
    }
    modprop_result_clear(&result);
    free(command);
    return status;
}

static enum modprop_status write_part(struct modprop_report_page *page, const struct part *part,
                                      const struct modprop_question *question,
                                      struct modprop_error *err)
{
    modprop_report_section(page, part->id, part->name, part->heading);
    const enum modprop_status status = write_answer(page, part, question, err);
    modprop_html_page_section_end(page->out);
    return status;
}

/* What all parts are asked; only a part that needs it gets more. */
static struct modprop_question asked(const struct modprop_report_page *page)
{
    struct modprop_question question = *page->request->question;
    question.x = question.y = question.baseline = question.over = NULL;
    question.measures.criterion = NAN;
    return question;
}

static size_t levels_of(const struct modprop_report_page *page, size_t parameter)
{
    struct modprop_error err = {0};
    double *level = NULL;
    size_t count = 0;
    if (modprop_conditions_levels(&level, &count, page->runs, page->chosen, parameter, &err) !=
        MODPROP_OK)
        count = 0;
    free(level);
    return count;
}

/* What tells groups apart and has the most values, but for the rule; runs->parameters: nothing else. */
static size_t most_varied(const struct modprop_report_page *page,
                          const struct modprop_conditions *groups)
{
    const size_t rule = modprop_runs_find(page->runs, "rule");
    size_t found = page->runs->parameters, most = 0;
    for (size_t k = 0; k < groups->names; k++) {
        const size_t here = groups->name[k] == rule ? 0 : levels_of(page, groups->name[k]);
        if (here > most) {
            most = here;
            found = groups->name[k];
        }
    }
    return found;
}

/* Groups by all that differs; if those cannot be told apart in a figure, not by what has the most values,
 * and so on: the analysis says what it throws together. x: what stands on its axis; runs->parameters:
 * nothing. most: groups. */
static enum modprop_status set_groups(const struct modprop_report_page *page, size_t x, size_t most,
                                      struct modprop_question *question, struct modprop_error *err)
{
    enum { OUT = 32 };
    struct modprop_conditions groups;
    size_t out[OUT] = {x}, count = x < page->runs->parameters;
    for (;;) {
        const enum modprop_status status = modprop_conditions_without(
            &groups, page->runs, page->chosen, count, out, err);
        if (status != MODPROP_OK)
            return status;
        const size_t next = most_varied(page, &groups);
        if ((groups.count <= most && groups.names <= MODPROP_QUESTION_BY) || count == OUT ||
            next == page->runs->parameters)
            break;
        out[count++] = next;
        modprop_conditions_clear(&groups);
    }
    if (groups.count <= most && groups.names <= MODPROP_QUESTION_BY) {
        question->by_given = groups.names > 0;
        question->by_count = groups.names;
        for (size_t k = 0; k < groups.names; k++)
            question->by[k] = page->runs->parameter[groups.name[k]].name;
    }
    modprop_conditions_clear(&groups);
    return MODPROP_OK;
}

/* Parameters with numbers that differ, those with the most values first; at most TRENDS. */
static size_t find_axes(const struct modprop_report_page *page, size_t axis[TRENDS])
{
    size_t count = 0, levels[TRENDS];
    for (size_t k = 0; k < page->conditions.names; k++) {
        const size_t parameter = page->conditions.name[k];
        const size_t here = page->runs->parameter[parameter].text ? 0 : levels_of(page, parameter);
        size_t at = count;
        while (at > 0 && levels[at - 1] < here)
            at--;
        if (here < 2 || at == TRENDS)
            continue;
        count += count < TRENDS;
        for (size_t m = count - 1; m > at; m--) {
            axis[m] = axis[m - 1];
            levels[m] = levels[m - 1];
        }
        axis[at] = parameter;
        levels[at] = here;
    }
    return count;
}

static enum modprop_status write_trends(struct modprop_report_page *page, size_t axes,
                                        const size_t axis[TRENDS], struct modprop_error *err)
{
    char output[256] = "trend.svg";
    const struct part part = {"trend", "Trend", "Trend", "trend", output, modprop_trend_make,
                              false};
    enum modprop_status status = MODPROP_OK;
    if (!axes)
        return MODPROP_OK;
    modprop_report_section(page, part.id, part.name, part.heading);
    for (size_t k = 0; k < axes && status == MODPROP_OK; k++) {
        struct modprop_question question = asked(page);
        question.x = page->runs->parameter[axis[k]].name;
        if (axes > 1) {
            snprintf(output, sizeof output, "trend_%s.svg", question.x);
            fputs("<h3>", page->out);
            modprop_html_format(page->out, "Against %s", question.x);
            fputs("</h3>\n", page->out);
        }
        status = set_groups(page, axis[k], INTERVALS, &question, err);
        if (status == MODPROP_OK)
            status = write_answer(page, &part, &question, err);
    }
    modprop_html_page_section_end(page->out);
    return status;
}

/* Whether a rule of that name is among the chosen runs, and others too. */
static bool has_baseline(const struct modprop_report_page *page, const char *name)
{
    const size_t rule = modprop_runs_find(page->runs, "rule");
    bool found = false, others = false;
    if (rule == page->runs->parameters || !page->runs->parameter[rule].text)
        return false;
    const struct modprop_runs_parameter *parameter = &page->runs->parameter[rule];
    for (size_t run = 0; run < page->runs->count; run++) {
        if ((page->chosen && !page->chosen[run]) || isnan(parameter->value[run]))
            continue;
        const bool same = strcmp(parameter->choice[(size_t)parameter->value[run]], name) == 0;
        found |= same;
        others |= !same;
    }
    return found && others;
}

static enum modprop_status write_compare(struct modprop_report_page *page,
                                         struct modprop_error *err)
{
    static const struct part part = {"compare", "Comparison",  "Compared on the same seeds",
                                     "compare", "compare.svg", modprop_compare_make,
                                     false};
    struct modprop_question question = asked(page);
    question.baseline = page->request->question->baseline;
    if (!question.baseline && has_baseline(page, "bptt"))
        question.baseline = "rule=bptt";
    return question.baseline ? write_part(page, &part, &question, err) : MODPROP_OK;
}

/* Without a criterion of the user's: the loss at which a run counts as having learned (the threshold
 * of "collapsed"). */
static enum modprop_status write_time_to(struct modprop_report_page *page,
                                         struct modprop_error *err)
{
    static const struct part part = {"time-to", "Time to criterion", "Time to the criterion",
                                     "time-to", "time-to.svg",       modprop_timeto_make,
                                     true};
    struct modprop_question question = asked(page);
    question.measures = page->request->question->measures;
    if (isnan(question.measures.criterion)) {
        question.measures.metric = "loss";
        question.measures.criterion = question.measures.below;
        question.measures.at_least = false;
    }
    const enum modprop_status status = set_groups(page, page->runs->parameters, LINES, &question,
                                                  err);
    return status == MODPROP_OK ? write_part(page, &part, &question, err) : status;
}

static enum modprop_status write_best(struct modprop_report_page *page, struct modprop_error *err)
{
    static const struct part part = {
        "best", "Best", "The best learning rate", "best", "best.svg", modprop_best_make, false};
    struct modprop_question question = asked(page);
    const size_t rate = modprop_runs_find(page->runs, "learning_rate");
    if (rate == page->runs->parameters || levels_of(page, rate) < 2)
        return MODPROP_OK;
    question.over = "learning_rate";
    return write_part(page, &part, &question, err);
}

static enum modprop_status write_stability(struct modprop_report_page *page, size_t axes,
                                           const size_t axis[TRENDS], struct modprop_error *err)
{
    static const struct part part = {"stability", "Stability",     "Stability",
                                     "stability", "stability.svg", modprop_stability_make,
                                     false};
    struct modprop_question question = asked(page);
    if (axes < 2)
        return MODPROP_OK;
    question.x = page->runs->parameter[axis[0]].name;
    question.y = page->runs->parameter[axis[1]].name;
    return write_part(page, &part, &question, err);
}

static enum modprop_status write_curves(struct modprop_report_page *page, struct modprop_error *err)
{
    static const struct part part = {
        "curves", "Curves", "Learning curves", "curves", "curves.svg", modprop_curves_make, true};
    struct modprop_question question = asked(page);
    const enum modprop_status status = set_groups(page, page->runs->parameters, LINES, &question,
                                                  err);
    return status == MODPROP_OK ? write_part(page, &part, &question, err) : status;
}

static enum modprop_status write_analyses(struct modprop_report_page *page,
                                          struct modprop_error *err)
{
    size_t axis[TRENDS];
    const size_t axes = find_axes(page, axis);
    enum modprop_status status = write_trends(page, axes, axis, err);
    if (status == MODPROP_OK)
        status = write_curves(page, err);
    if (status == MODPROP_OK)
        status = write_compare(page, err);
    if (status == MODPROP_OK)
        status = write_time_to(page, err);
    if (status == MODPROP_OK)
        status = write_best(page, err);
    return status == MODPROP_OK ? write_stability(page, axes, axis, err) : status;
}

static enum modprop_status write_parts(struct modprop_report_page *page, struct modprop_error *err)
{
    static const struct part summary = {"conditions", "Conditions",         "Conditions", "summary",
                                        NULL,         modprop_summary_make, false};
    const struct modprop_question question = asked(page);
    enum modprop_status status = modprop_report_swept(page, err);
    if (status == MODPROP_OK)
        status = write_part(page, &summary, &question, err);
    if (status == MODPROP_OK && page->results)
        status = write_analyses(page, err);
    if (status == MODPROP_OK)
        status = modprop_report_failures(page, err);
    if (status == MODPROP_OK)
        modprop_report_origin(page);
    return status;
}

static void write_title(FILE *out, const struct modprop_runs *runs)
{
    const char *name = runs->from[0].sweep_file && *runs->from[0].sweep_file
                           ? runs->from[0].sweep_file
                           : runs->from[0].path;
    const char *slash = strrchr(name, '/');
    char title[512];
    snprintf(title, sizeof title, "%s - modprop", slash ? slash + 1 : name);
    modprop_html_page_begin(out, title);
}

static void write_page(FILE *out, const struct modprop_report_page *page, const char *sections)
{
    write_title(out, page->runs);
    modprop_report_header(out, page);
    modprop_report_contents(out, page);
    fprintf(out, "<main>\n%s</main>\n<footer>\n<p>Made by ", sections);
    modprop_html_text(out, page->request->program);
    fputs(" with this command; the same results give the same page.</p>\n", out);
    modprop_html_page_command(out, page->request->command);
    fputs("</footer>\n", out);
    modprop_html_page_end(out);
}

/* Closes a memory stream; MODPROP_NO_MEMORY if what was written to it did not fit. */
static enum modprop_status close_stream(FILE *stream, enum modprop_status status,
                                        struct modprop_error *err)
{
    const bool whole = !ferror(stream);
    if ((fclose(stream) != 0 || !whole) && status == MODPROP_OK)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the report");
    return status;
}

enum modprop_status modprop_report_write(FILE *out, const struct modprop_report_request *request,
                                         struct modprop_report_outcome *outcome,
                                         struct modprop_error *err)
{
    struct modprop_report_page page = {.request = request,
                                       .runs = request->runs,
                                       .chosen = request->question->chosen,
                                       .outcome = outcome,
                                       .gnuplot = modprop_gnuplot_found()};
    char *sections = NULL;
    size_t bytes = 0;
    for (size_t run = 0; run < page.runs->count; run++)
        page.results += (!page.chosen || page.chosen[run]) &&
                        modprop_runs_has_result(page.runs, run);
    *outcome = (struct modprop_report_outcome){0};
    enum modprop_status status = modprop_conditions_init(&page.conditions, page.runs, page.chosen,
                                                         err);
    if (status != MODPROP_OK)
        return status;
    page.out = open_memstream(&sections, &bytes);
    if (!page.out)
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the report");
    else
        status = close_stream(page.out, write_parts(&page, err), err);
    if (status == MODPROP_OK)
        write_page(out, &page, sections);
    if (!page.gnuplot && outcome->figures)
        snprintf(outcome->why, sizeof outcome->why, "%s", modprop_gnuplot_advice());
    free(sections);
    modprop_conditions_clear(&page.conditions);
    return status;
}

enum modprop_status modprop_report_save(const char *path,
                                        const struct modprop_report_request *request,
                                        struct modprop_report_outcome *outcome,
                                        struct modprop_error *err)
{
    char *page = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&page, &bytes);
    if (!out)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the report");
    enum modprop_status status = close_stream(out, modprop_report_write(out, request, outcome, err),
                                              err);
    if (status == MODPROP_OK)
        status = modprop_plot_file_write(path, page, bytes, err);
    free(page);
    return status;
}
