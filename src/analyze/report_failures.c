#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/html.h"
#include "analyze/html_page.h"
#include "analyze/report_parts.h"
#include "engine/error.h"

enum { GROUPS = 16, ROWS = 40, TEXT = 512 };

/* Runs that ended badly in the same way. */
struct group {
    enum modprop_run_state state;
    const char *message; /* of the runs */
    size_t count;
};

static bool is_chosen(const struct modprop_report_page *page, size_t run)
{
    return !page->chosen || page->chosen[run];
}

static bool is_bad(enum modprop_run_state state)
{
    return state == MODPROP_RUN_DIVERGED || state == MODPROP_RUN_FAILED ||
           state == MODPROP_RUN_TIMEOUT;
}

/* Those that diverged are alike, whatever the message says of the iteration. */
static bool belongs(const struct modprop_report_page *page, size_t run, const struct group *group)
{
    return is_chosen(page, run) && page->runs->state[run] == group->state &&
           (group->state == MODPROP_RUN_DIVERGED ||
            strcmp(page->runs->message[run], group->message) == 0);
}

/* What there is beyond GROUPS is left to the table by value. */
static size_t find_groups(const struct modprop_report_page *page, struct group group[GROUPS])
{
    size_t groups = 0;
    for (size_t run = 0; run < page->runs->count; run++) {
        if (!is_chosen(page, run) || !is_bad(page->runs->state[run]))
            continue;
        size_t at = 0;
        while (at < groups && !belongs(page, run, &group[at]))
            at++;
        if (at == groups && groups < GROUPS)
            group[groups++] = (struct group){page->runs->state[run], page->runs->message[run], 0};
        if (at < groups)
            group[at].count++;
    }
    return groups;
}

/* ------------------------------------------------------------------ what a group shares */

struct span {
    double low, high; /* indices of texts too */
    size_t none;      /* runs in which it is not applicable */
    size_t runs;
};

static void widen(struct span *span, double value)
{
    span->runs++;
    if (isnan(value)) {
        span->none++;
        return;
    }
    span->low = fmin(span->low, value);
    span->high = fmax(span->high, value);
}

/* Values of a parameter in a group, NULL: in all chosen runs. */
static struct span span_of(const struct modprop_report_page *page, size_t parameter,
                           const struct group *group)
{
    struct span span = {INFINITY, -INFINITY, 0, 0};
    for (size_t run = 0; run < page->runs->count; run++)
        if (group ? belongs(page, run, group) : is_chosen(page, run))
            widen(&span, page->runs->parameter[parameter].value[run]);
    return span;
}

static void append(char *text, const char *more)
{
    const size_t length = strlen(text);
    if (length + strlen(more) + 1 < TEXT)
        strcpy(text + length, more);
}

/* "rule=modprop, mu 0.35 to 0.5": where the group is narrower than the sweep. */
static void shared_values(const struct modprop_report_page *page, const struct group *group,
                          char text[TEXT])
{
    const struct modprop_runs *runs = page->runs;
    *text = '\0';
    for (size_t k = 0; k < page->conditions.names; k++) {
        const size_t parameter = page->conditions.name[k];
        const bool words = runs->parameter[parameter].text;
        const struct span all = span_of(page, parameter, NULL);
        const struct span here = span_of(page, parameter, group);
        char low[96], high[96], piece[256];
        if (here.none || here.low > here.high)
            continue;
        modprop_runs_format(runs, parameter, here.low, low, sizeof low);
        modprop_runs_format(runs, parameter, here.high, high, sizeof high);
        if (here.low == here.high && (all.low < all.high || all.none))
            snprintf(piece, sizeof piece, "%s=%s", runs->parameter[parameter].name, low);
        else if (!words && (here.low > all.low || here.high < all.high))
            snprintf(piece, sizeof piece, "%s %s to %s", runs->parameter[parameter].name, low,
                     high);
        else
            continue;
        append(text, *text ? ", " : "");
        append(text, piece);
    }
    if (!*text)
        append(text, "no value of a swept parameter");
}

/* "120 to 900": iterations at which they diverged. */
static void write_when(const struct modprop_report_page *page, const struct group *group)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t run = 0; run < page->runs->count; run++) {
        const double at = page->runs->diverged_at[run];
        if (!belongs(page, run, group) || isnan(at))
            continue;
        low = fmin(low, at);
        high = fmax(high, at);
    }
    if (!(low <= high))
        modprop_html_page_number(page->out, NAN, "%s", "");
    else if (low == high)
        modprop_html_page_number(page->out, low, "%.0f", low);
    else
        modprop_html_page_number(page->out, low, "%.0f to %.0f", low, high);
}

static void write_groups(const struct modprop_report_page *page, const struct group *group,
                         size_t groups)
{
    bool diverged = false, others = false;
    for (size_t k = 0; k < groups; k++) {
        diverged |= group[k].state == MODPROP_RUN_DIVERGED;
        others |= group[k].state != MODPROP_RUN_DIVERGED;
    }
    struct modprop_html_page_column column[5] = {
        {"what", NULL, false}, {"runs", NULL, true}, {"all of them have", NULL, false}};
    size_t count = 3;
    char text[TEXT];
    if (diverged)
        column[count++] = (struct modprop_html_page_column){"at iteration", NULL, true};
    if (others)
        column[count++] = (struct modprop_html_page_column){"message", NULL, false};
    modprop_html_page_table(page->out, column, count, false, "How runs ended");
    for (size_t k = 0; k < groups; k++) {
        shared_values(page, &group[k], text);
        modprop_html_page_row(page->out);
        modprop_html_page_text(page->out, modprop_run_state_name(group[k].state));
        modprop_html_page_number(page->out, (double)group[k].count, "%zu", group[k].count);
        modprop_html_page_text(page->out, text);
        if (diverged)
            write_when(page, &group[k]);
        if (others)
            modprop_html_page_text(page->out,
                                   group[k].state == MODPROP_RUN_DIVERGED ? "" : group[k].message);
        modprop_html_page_row_end(page->out);
    }
    modprop_html_page_table_end(page->out);
}

/* ------------------------------------------------------------------ by value */

/* Runs that have one value of one parameter. */
struct tally {
    size_t parameter;
    double value;
    size_t ended, bad[MODPROP_RUN_STATES], worst; /* worst: all bad ones */
};

static void count_runs(const struct modprop_report_page *page, struct tally *tally)
{
    for (size_t run = 0; run < page->runs->count; run++) {
        const enum modprop_run_state state = page->runs->state[run];
        if (!is_chosen(page, run) ||
            page->runs->parameter[tally->parameter].value[run] != tally->value)
            continue;
        if (!is_bad(state) && state != MODPROP_RUN_DONE)
            continue;
        tally->ended++;
        if (is_bad(state)) {
            tally->bad[state]++;
            tally->worst++;
        }
    }
}

/* Larger share first; of equal ones that of more runs, then as they came. */
static int by_share(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;
    const double share_x = (double)x->worst / (double)x->ended;
    const double share_y = (double)y->worst / (double)y->ended;
    if (share_x != share_y)
        return share_x < share_y ? 1 : -1;
    if (x->worst != y->worst)
        return x->worst < y->worst ? 1 : -1;
    if (x->parameter != y->parameter)
        return x->parameter < y->parameter ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

static enum modprop_status collect(const struct modprop_report_page *page, size_t parameter,
                                   struct tally **tally, size_t *count, struct modprop_error *err)
{
    double *level = NULL;
    size_t levels = 0;
    enum modprop_status status = modprop_conditions_levels(&level, &levels, page->runs,
                                                           page->chosen, parameter, err);
    struct tally *grown = status == MODPROP_OK
                              ? realloc(*tally, (*count + levels + 1) * sizeof *grown)
                              : NULL;
    if (status == MODPROP_OK && !grown)
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the failures");
    if (grown)
        *tally = grown;
    for (size_t k = 0; status == MODPROP_OK && k < levels; k++) {
        struct tally here = {.parameter = parameter, .value = level[k]};
        count_runs(page, &here);
        if (here.worst)
            (*tally)[(*count)++] = here;
    }
    free(level);
    return status;
}

/* The ways to end badly, and which of them occurred. */
static const enum modprop_run_state ways[] = {MODPROP_RUN_DIVERGED, MODPROP_RUN_FAILED,
                                              MODPROP_RUN_TIMEOUT};
enum { WAYS = sizeof ways / sizeof *ways };

static void write_head(const struct modprop_report_page *page, const bool occurred[WAYS])
{
    struct modprop_html_page_column column[4 + WAYS] = {
        {"parameter", NULL, false}, {"value", NULL, true}, {"runs ended", NULL, true}};
    size_t count = 3;
    for (size_t k = 0; k < WAYS; k++)
        if (occurred[k])
            column[count++] = (struct modprop_html_page_column){modprop_run_state_name(ways[k]),
                                                                NULL, true};
    column[count++] = (struct modprop_html_page_column){"share", NULL, true};
    modprop_html_page_table(page->out, column, count, true, "Failures by value");
}

static void write_tally(const struct modprop_report_page *page, const struct tally *tally,
                        const bool occurred[WAYS])
{
    const double share = (double)tally->worst / (double)tally->ended;
    char text[96];
    modprop_runs_format(page->runs, tally->parameter, tally->value, text, sizeof text);
    modprop_html_page_row(page->out);
    modprop_html_page_text(page->out, page->runs->parameter[tally->parameter].name);
    modprop_html_page_number(page->out, tally->value, "%s", text);
    modprop_html_page_number(page->out, (double)tally->ended, "%zu", tally->ended);
    for (size_t k = 0; k < WAYS; k++)
        if (occurred[k])
            modprop_html_page_number(page->out, (double)tally->bad[ways[k]], "%zu",
                                     tally->bad[ways[k]]);
    modprop_html_page_number(page->out, share, "%.0f %%", 100 * share);
    modprop_html_page_row_end(page->out);
}

static void write_tallies(const struct modprop_report_page *page, const struct tally *tally,
                          size_t count)
{
    bool occurred[WAYS] = {false};
    for (size_t k = 0; k < count * WAYS; k++)
        occurred[k % WAYS] |= tally[k / WAYS].bad[ways[k % WAYS]] > 0;
    write_head(page, occurred);
    for (size_t k = 0; k < count && k < ROWS; k++)
        write_tally(page, &tally[k], occurred);
    modprop_html_page_table_end(page->out);
    if (count > ROWS)
        fprintf(page->out,
                "<p class=\"small\">%zu further values with a smaller share are left "
                "out.</p>\n",
                count - ROWS);
}

static enum modprop_status write_by_value(const struct modprop_report_page *page,
                                          struct modprop_error *err)
{
    const size_t seed = modprop_runs_find(page->runs, "seed");
    struct tally *tally = NULL;
    size_t count = 0;
    enum modprop_status status = MODPROP_OK;
    for (size_t k = 0; k <= page->conditions.names && status == MODPROP_OK; k++) {
        const size_t parameter = k < page->conditions.names ? page->conditions.name[k] : seed;
        if (parameter < page->runs->parameters)
            status = collect(page, parameter, &tally, &count, err);
    }
    if (status == MODPROP_OK && count) {
        qsort(tally, count, sizeof *tally, by_share);
        fputs("<h3>By parameter value</h3>\n", page->out);
        write_tallies(page, tally, count);
    }
    free(tally);
    return status;
}

enum modprop_status modprop_report_failures(struct modprop_report_page *page,
                                            struct modprop_error *err)
{
    struct group group[GROUPS];
    const size_t groups = find_groups(page, group);
    enum modprop_status status = MODPROP_OK;
    modprop_report_section(page, "failures", "Failures", "Runs that diverged or failed");
    if (!groups) {
        fputs("<p>None.</p>\n", page->out);
    } else {
        write_groups(page, group, groups);
        status = write_by_value(page, err);
    }
    modprop_html_page_section_end(page->out);
    return status;
}
