#include "analyze/selection.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/conditions.h"
#include "engine/error.h"
#include "engine/name.h"

enum comparison { EQUAL, UNEQUAL, BELOW, AT_MOST, ABOVE, AT_LEAST };

/* One clause taken apart. The values are a list of ranges; a single value is a range of its own. */
struct clause {
    const char *what, *text; /* the option, and as given */
    size_t parameter;
    enum comparison comparison;
    size_t ranges;
    struct range {
        double low, high; /* NaN: not applicable */
    } * range;
};

/* Equal but for rounding, as a selection sees them. */
static bool equal_values(double a, double b)
{
    const double near = 1e-9;
    return a == b || fabs(a - b) <= near * fmax(fabs(a), fabs(b)) || (isnan(a) && isnan(b));
}

/* ------------------------------------------------------------------ reading */

static enum modprop_status unreadable(const struct clause *clause, const char *why,
                                      struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_INVALID,
                        "%s %s: %s; write NAME=VALUE, as rule=modprop,bptt or 'mu<=0.3'",
                        clause->what, clause->text, why);
}

/* The operator behind a name; *length is its letters. */
static enum comparison read_comparison(const char *at, size_t *length)
{
    static const struct {
        const char *text;
        enum comparison comparison;
    } known[] = {{"!=", UNEQUAL}, {"<=", AT_MOST}, {">=", AT_LEAST}, {"==", EQUAL},
                 {"=", EQUAL},    {"<", BELOW},    {">", ABOVE}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        *length = strlen(known[k].text);
        if (strncmp(at, known[k].text, *length) == 0)
            return known[k].comparison;
    }
    *length = 0;
    return EQUAL;
}

/* "0, 0.1, 0.2, ..., 0.5": what the files have of a parameter. */
static void list_values(const struct modprop_runs *runs, size_t parameter, char *text, size_t size)
{
    enum { FIRST = 8 };
    struct modprop_error err = {0};
    double *level = NULL;
    size_t count = 0, used = 0;
    snprintf(text, size, "not applicable");
    if (modprop_conditions_levels(&level, &count, runs, NULL, parameter, &err) != MODPROP_OK)
        return;
    for (size_t k = 0; k < count && used < size; k++) {
        char value[80];
        if (k == FIRST && count > FIRST + 1) {
            used += (size_t)snprintf(text + used, size - used, ", ...");
            k = count - 1;
        }
        modprop_runs_format(runs, parameter, level[k], value, sizeof value);
        if (used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s", k ? ", " : "", value);
    }
    free(level);
}

static enum modprop_status read_name(const struct modprop_runs *runs, const char *item,
                                     const struct clause *clause, double *value,
                                     struct modprop_error *err)
{
    const struct modprop_runs_parameter *parameter = &runs->parameter[clause->parameter];
    for (size_t k = 0; k < parameter->choices; k++)
        if (strcmp(parameter->choice[k], item) == 0) {
            *value = (double)k;
            return MODPROP_OK;
        }
    const char *near = modprop_name_nearest_of((const char *const *)parameter->choice,
                                               parameter->choices, item);
    char there[200];
    list_values(runs, clause->parameter, there, sizeof there);
    return MODPROP_FAIL(err, MODPROP_INVALID, "%s %s: no run has %s = %s%s%s%s", clause->what,
                        clause->text, parameter->name, item,
                        near ? ", did you mean " : "; there is ", near ? near : there,
                        near ? "?" : "");
}

/* "0.1", or "1..5". */
static bool read_range(const char *item, struct range *range)
{
    char *end;
    range->low = range->high = strtod(item, &end);
    if (end == item)
        return false;
    const char *dots = strstr(item, "..");
    if (dots) { /* strtod may take the first dot for one of the number */
        char low[64];
        if ((size_t)(dots - item) >= sizeof low)
            return false;
        memcpy(low, item, (size_t)(dots - item));
        low[dots - item] = '\0';
        range->low = strtod(low, &end);
        if (*end || end == low)
            return false;
        range->high = strtod(dots + 2, &end);
        if (end == dots + 2)
            return false;
    }
    return *end == '\0' && range->low <= range->high;
}

static enum modprop_status read_item(struct clause *clause, const struct modprop_runs *runs,
                                     const char *item, struct modprop_error *err)
{
    struct range *range = &clause->range[clause->ranges++];
    enum modprop_status status = MODPROP_OK;
    if (strcmp(item, "-") == 0) {
        range->low = range->high = NAN;
    } else if (runs->parameter[clause->parameter].text) {
        status = read_name(runs, item, clause, &range->low, err);
        range->high = range->low;
    } else if (!read_range(item, range)) {
        status = MODPROP_FAIL(err, MODPROP_INVALID, "%s %s: %s is no number", clause->what,
                              clause->text, item);
    }
    return status;
}

/* Values separated by commas; `values` is cut up. */
static enum modprop_status read_values(struct clause *clause, const struct modprop_runs *runs,
                                       char *values, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    clause->range = calloc(strlen(values) + 1, sizeof *clause->range);
    if (!clause->range)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for --where");
    for (char *rest = values, *item; status == MODPROP_OK && rest;) {
        item = rest;
        rest = strchr(rest, ',');
        if (rest)
            *rest++ = '\0';
        item += strspn(item, " ");
        for (size_t n = strlen(item); n > 0 && item[n - 1] == ' ';)
            item[--n] = '\0';
        status = read_item(clause, runs, item, err);
    }
    if (status == MODPROP_OK && clause->comparison > UNEQUAL &&
        (clause->ranges != 1 || clause->range[0].low != clause->range[0].high ||
         runs->parameter[clause->parameter].text))
        status = unreadable(clause, "< and > take one number", err);
    return status;
}

static enum modprop_status read_clause(struct clause *clause, const struct modprop_runs *runs,
                                       const char *what, const char *text,
                                       struct modprop_error *err)
{
    *clause = (struct clause){.what = what, .text = text};
    size_t letters = 0, length;
    while (isalnum((unsigned char)text[letters]) || text[letters] == '_')
        letters++;
    char *copy = strdup(text);
    if (!copy)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for --where");
    char *at = copy + letters + strspn(copy + letters, " ");
    clause->comparison = read_comparison(at, &length);
    char *const values = at + length;
    copy[letters] = length ? '\0' : copy[letters];
    enum modprop_status status = MODPROP_OK;
    if (letters == 0 || length == 0)
        status = unreadable(clause, letters ? "there is no = in it" : "it begins with no name",
                            err);
    if (status == MODPROP_OK)
        status = modprop_runs_need(runs, copy, what, &clause->parameter, err);
    if (status == MODPROP_OK)
        status = read_values(clause, runs, values, err);
    free(copy);
    return status;
}

/* ------------------------------------------------------------------ choosing */

static bool in_range(double value, const struct range *range)
{
    if (isnan(range->low) || isnan(value))
        return isnan(range->low) && isnan(value);
    return (value >= range->low && value <= range->high) || equal_values(value, range->low) ||
           equal_values(value, range->high);
}

static bool satisfies(double value, const struct clause *clause)
{
    bool found = false;
    for (size_t k = 0; k < clause->ranges; k++)
        found = found || in_range(value, &clause->range[k]);
    const double bound = clause->range[0].low;
    const bool equal = equal_values(value, bound);
    switch (clause->comparison) {
    case EQUAL: return found;
    case UNEQUAL: return !found;
    case BELOW: return value < bound && !equal;
    case AT_MOST: return value < bound || (equal && !isnan(value));
    case ABOVE: return value > bound && !equal;
    case AT_LEAST: return value > bound || (equal && !isnan(value));
    }
    return false;
}

enum modprop_status modprop_selection_choose(bool *chosen, const struct modprop_runs *runs,
                                             const char *what, size_t clauses,
                                             const char *const *clause, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    size_t left = 0, last = 0; /* last: parameter of the last clause */
    char there[200];
    for (size_t run = 0; run < runs->count; run++)
        chosen[run] = true;
    for (size_t k = 0; status == MODPROP_OK && k < clauses; k++) {
        struct clause read;
        status = read_clause(&read, runs, what, clause[k], err);
        last = read.parameter;
        for (size_t run = 0; status == MODPROP_OK && run < runs->count; run++)
            chosen[run] = chosen[run] &&
                          satisfies(runs->parameter[read.parameter].value[run], &read);
        free(read.range);
    }
    for (size_t run = 0; run < runs->count; run++)
        left += chosen[run];
    if (status != MODPROP_OK || left)
        return status;
    if (!clauses)
        return MODPROP_FAIL(err, MODPROP_INVALID, "there are no runs");
    list_values(runs, last, there, sizeof there);
    return MODPROP_FAIL(err, MODPROP_INVALID, "no run satisfies %s %s%s; in these files %s is %s",
                        what, clause[clauses - 1], clauses > 1 ? " and the others before it" : "",
                        runs->parameter[last].name, there);
}
