#include "analyze/conditions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "sweep/hashmap.h"
#include "sweep/key.h"

static enum modprop_status no_memory(struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the conditions");
}

static bool is_chosen(const bool *chosen, size_t run)
{
    return !chosen || chosen[run];
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* ------------------------------------------------------------------ groups */

static uint64_t hash_of(const struct modprop_runs *runs, size_t run, size_t parameters,
                        const size_t *by)
{
    uint64_t hash = 0;
    for (size_t k = 0; k < parameters; k++) {
        const double value = runs->parameter[by[k]].value[run] + 0.0; /* -0 is 0 */
        uint64_t bits = UINT64_MAX;                                   /* of all NaN */
        if (!isnan(value))
            memcpy(&bits, &value, sizeof bits);
        hash = modprop_key_chain(hash + k, bits);
    }
    return hash;
}

static bool equal_runs(const struct modprop_runs *runs, size_t a, size_t b, size_t parameters,
                       const size_t *by)
{
    for (size_t k = 0; k < parameters; k++)
        if (!same(runs->parameter[by[k]].value[a], runs->parameter[by[k]].value[b]))
            return false;
    return true;
}

/* Gives each chosen run the number of its group, in order of appearance. first [runs]: work memory. */
static enum modprop_status number_groups(struct modprop_conditions *c,
                                         const struct modprop_runs *runs, const bool *chosen,
                                         size_t parameters, const size_t *by, size_t *first,
                                         struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    struct modprop_hashmap known = {0};
    for (size_t run = 0; status == MODPROP_OK && run < runs->count; run++) {
        uint32_t group = (uint32_t)c->count;
        c->group[run] = MODPROP_CONDITIONS_NONE;
        if (!is_chosen(chosen, run))
            continue;
        if (!modprop_hashmap_put(&known, hash_of(runs, run, parameters, by), group, &group))
            status = no_memory(err);
        else if (group == c->count)
            first[c->count++] = run;
        else if (!equal_runs(runs, run, first[group], parameters, by)) /* once in 10^9 sweeps */
            status = MODPROP_FAIL(err, MODPROP_INVALID, "two conditions have the same hash");
        c->group[run] = group;
    }
    modprop_hashmap_clear(&known);
    return status;
}

/* A run with what it is sorted by. */
struct place {
    double seed;
    size_t run;
};

static int by_seed(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->seed != y->seed)
        return x->seed < y->seed ? -1 : x->seed > y->seed;
    return x->run < y->run ? -1 : x->run > y->run;
}

/* The runs of each group, by seed. */
static enum modprop_status sort_runs(struct modprop_conditions *c, const struct modprop_runs *runs,
                                     struct modprop_error *err)
{
    const size_t seed = modprop_runs_find(runs, "seed");
    struct place *place = calloc(runs->count + 1, sizeof *place);
    size_t *next = calloc(c->count + 1, sizeof *next);
    c->start = calloc(c->count + 1, sizeof *c->start);
    c->run = calloc(runs->count + 1, sizeof *c->run);
    enum modprop_status status = place && next && c->start && c->run ? MODPROP_OK : no_memory(err);
    if (status != MODPROP_OK)
        goto cleanup;
    for (size_t run = 0; run < runs->count; run++)
        if (c->group[run] != MODPROP_CONDITIONS_NONE)
            c->start[c->group[run] + 1]++;
    for (size_t g = 0; g < c->count; g++) {
        c->start[g + 1] += c->start[g];
        next[g] = c->start[g];
    }
    for (size_t run = 0; run < runs->count; run++)
        if (c->group[run] != MODPROP_CONDITIONS_NONE)
            place[next[c->group[run]]++] = (struct place){
                seed < runs->parameters ? runs->parameter[seed].value[run] : 0, run};
    for (size_t g = 0; g < c->count; g++)
        qsort(place + c->start[g], modprop_conditions_size(c, g), sizeof *place, by_seed);
    for (size_t k = 0; k < c->start[c->count]; k++)
        c->run[k] = place[k].run;
cleanup:
    free(place);
    free(next);
    return status;
}

/* ------------------------------------------------------------------ names and constants */

/* How many different values the chosen runs that read the parameter have: 0, 1, or 2 for more. */
static int variety(const struct modprop_runs *runs, const bool *chosen, size_t parameter)
{
    double known = NAN;
    for (size_t run = 0; run < runs->count; run++) {
        const double value = runs->parameter[parameter].value[run];
        if (!is_chosen(chosen, run) || isnan(value))
            continue;
        if (!isnan(known) && value != known)
            return 2;
        known = value;
    }
    return isnan(known) ? 0 : 1;
}

static enum modprop_status name_groups(struct modprop_conditions *c,
                                       const struct modprop_runs *runs, const bool *chosen,
                                       size_t parameters, const size_t *by,
                                       struct modprop_error *err)
{
    c->name = calloc(parameters + 1, sizeof *c->name);
    c->constant = calloc(runs->parameters + 1, sizeof *c->constant);
    if (!c->name || !c->constant)
        return no_memory(err);
    for (size_t k = 0; k < parameters; k++)
        if (variety(runs, chosen, by[k]) == 2)
            c->name[c->names++] = by[k];
    for (size_t p = 0; p < runs->parameters; p++)
        if (!runs->parameter[p].of_plan && strcmp(runs->parameter[p].name, "seed") != 0 &&
            variety(runs, chosen, p) == 1)
            c->constant[c->constants++] = p;
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ making */

enum modprop_status modprop_conditions_group(struct modprop_conditions *conditions,
                                             const struct modprop_runs *runs, const bool *chosen,
                                             size_t parameters, const size_t *by,
                                             struct modprop_error *err)
{
    *conditions = (struct modprop_conditions){0};
    size_t *first = calloc(runs->count + 1, sizeof *first);
    conditions->group = calloc(runs->count + 1, sizeof *conditions->group);
    enum modprop_status status = first && conditions->group ? MODPROP_OK : no_memory(err);
    if (status == MODPROP_OK)
        status = number_groups(conditions, runs, chosen, parameters, by, first, err);
    if (status == MODPROP_OK)
        status = sort_runs(conditions, runs, err);
    if (status == MODPROP_OK)
        status = name_groups(conditions, runs, chosen, parameters, by, err);
    if (status != MODPROP_OK)
        modprop_conditions_clear(conditions);
    free(first);
    return status;
}

enum modprop_status modprop_conditions_without(struct modprop_conditions *conditions,
                                               const struct modprop_runs *runs, const bool *chosen,
                                               size_t parameters, const size_t *left_out,
                                               struct modprop_error *err)
{
    *conditions = (struct modprop_conditions){0};
    size_t count = 0;
    size_t *by = calloc(runs->parameters + 1, sizeof *by);
    if (!by)
        return no_memory(err);
    for (size_t p = 0; p < runs->parameters; p++) {
        bool out = runs->parameter[p].of_plan || strcmp(runs->parameter[p].name, "seed") == 0;
        for (size_t k = 0; k < parameters; k++)
            out = out || left_out[k] == p;
        if (!out)
            by[count++] = p;
    }
    const enum modprop_status status = modprop_conditions_group(conditions, runs, chosen, count, by,
                                                                err);
    free(by);
    return status;
}

enum modprop_status modprop_conditions_init(struct modprop_conditions *conditions,
                                            const struct modprop_runs *runs, const bool *chosen,
                                            struct modprop_error *err)
{
    return modprop_conditions_without(conditions, runs, chosen, 0, NULL, err);
}

void modprop_conditions_clear(struct modprop_conditions *conditions)
{
    free(conditions->name);
    free(conditions->constant);
    free(conditions->start);
    free(conditions->run);
    free(conditions->group);
    *conditions = (struct modprop_conditions){0};
}

/* ------------------------------------------------------------------ asking */

size_t modprop_conditions_size(const struct modprop_conditions *conditions, size_t group)
{
    return conditions->start[group + 1] - conditions->start[group];
}

double modprop_conditions_value(const struct modprop_conditions *conditions,
                                const struct modprop_runs *runs, size_t group, size_t parameter)
{
    return runs->parameter[parameter].value[conditions->run[conditions->start[group]]];
}

void modprop_conditions_label(const struct modprop_conditions *conditions,
                              const struct modprop_runs *runs, size_t group, char *text,
                              size_t size)
{
    size_t used = 0;
    if (size)
        text[0] = '\0';
    for (size_t k = 0; k < conditions->names && used < size; k++) {
        const size_t p = conditions->name[k];
        const double value = modprop_conditions_value(conditions, runs, group, p);
        char shown[80];
        if (isnan(value))
            continue;
        modprop_runs_format(runs, p, value, shown, sizeof shown);
        for (char *blank = shown; (blank = strchr(blank, ' ')) != NULL;)
            *blank = '_'; /* a blank ends the value */
        used += (size_t)snprintf(text + used, size - used, "%s%s=%s", used ? " " : "",
                                 runs->parameter[p].name, shown);
    }
    if (used == 0 && conditions->count > 1)
        snprintf(text, size, "others");
    else if (used == 0)
        modprop_conditions_title(conditions, runs, group, text, size);
}

/* "modprop", or "mu = 0.25". */
static size_t put_title(const struct modprop_runs *runs, size_t parameter, double value, char *text,
                        size_t size)
{
    char shown[80];
    modprop_runs_format(runs, parameter, value, shown, sizeof shown);
    const bool text_value = runs->parameter[parameter].text;
    return (size_t)snprintf(text, size, "%s%s%s", text_value ? "" : runs->parameter[parameter].name,
                            text_value ? "" : " = ", shown);
}

void modprop_conditions_title(const struct modprop_conditions *conditions,
                              const struct modprop_runs *runs, size_t group, char *text,
                              size_t size)
{
    const size_t rule = modprop_runs_find(runs, "rule");
    size_t used = 0;
    /* The rule first, then the others: k counts them all twice. */
    for (size_t k = 0; k < 2 * conditions->names && used < size; k++) {
        const size_t p = conditions->name[k % conditions->names];
        const double value = modprop_conditions_value(conditions, runs, group, p);
        if (isnan(value) || (p == rule) != (k < conditions->names))
            continue;
        if (used)
            used += (size_t)snprintf(text + used, size - used, ", ");
        if (used < size)
            used += put_title(runs, p, value, text + used, size - used);
    }
    if (used)
        return;
    snprintf(text, size, "all");
    for (size_t k = 0; k < conditions->constants; k++)
        if (conditions->constant[k] == rule)
            (void)put_title(runs, rule, modprop_conditions_value(conditions, runs, group, rule),
                            text, size);
}

/* ------------------------------------------------------------------ levels */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum modprop_status modprop_conditions_levels(double **values, size_t *count,
                                              const struct modprop_runs *runs, const bool *chosen,
                                              size_t parameter, struct modprop_error *err)
{
    const double *value = runs->parameter[parameter].value;
    size_t found = 0;
    *count = 0;
    *values = calloc(runs->count + 1, sizeof **values);
    if (!*values)
        return no_memory(err);
    for (size_t run = 0; run < runs->count; run++)
        if (is_chosen(chosen, run) && !isnan(value[run]))
            (*values)[found++] = value[run];
    qsort(*values, found, sizeof **values, ascending);
    for (size_t k = 0; k < found; k++)
        if (k == 0 || (*values)[k] != (*values)[*count - 1])
            (*values)[(*count)++] = (*values)[k];
    return MODPROP_OK;
}

/* How far the median lies from the middle of the range, as a share of it. */
static double lopsided(double low, double median, double high)
{
    return fabs((median - low) / (high - low) - 0.5);
}

bool modprop_conditions_logarithmic(const double *values, size_t count)
{
    if (count < 3 || values[0] <= 0)
        return false;
    const double low = values[0], high = values[count - 1];
    const double median = (values[(count - 1) / 2] + values[count / 2]) / 2;
    return lopsided(log(low), log(median), log(high)) < lopsided(low, median, high);
}
