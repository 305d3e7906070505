#include "sweep/fit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_FAULTS = 16,   /* kinds that are told apart */
    MOST_DOUBTED = 100, /* conditions: an answer may take a tenth of a second, at n = 2000 one */
};

/* One kind of mistake: messages that differ in their numbers alone. */
struct fault {
    char kind[sizeof((struct modprop_error *)0)->message];
    struct modprop_error first;
    size_t grid; /* of the first condition that has it */
    size_t runs;
};

static void kind_of(const char *message, char *kind)
{
    for (; *message; message++)
        if (!isdigit((unsigned char)*message) && !strchr(".+-", *message))
            *kind++ = *message;
    *kind = '\0';
}

/* Whether the message says "name = ". */
static bool names(const char *message, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = strstr(message, name); at; at = strstr(at + 1, name))
        if ((at == message || at[-1] == ' ') && strncmp(at + length, " = ", 3) == 0)
            return true;
    return false;
}

/* The line to look at first: that of a named key with several values, else of any named key, else
 * of the variant. `others`: the further lines, as text. */
static size_t line_of(const struct modprop_grid *grid, const char *message, char *others,
                      size_t size)
{
    size_t line = 0, used = 0;
    for (int several = 1; several >= 0 && !line; several--)
        for (size_t p = 0; p < modprop_parameter_count() && !line; p++)
            if ((!several || grid->source[p]->count > 1) &&
                names(message, modprop_parameter_at(p)->name))
                line = grid->source[p]->line;
    others[0] = '\0';
    for (size_t p = 0; p < modprop_parameter_count() && used < size; p++) {
        const size_t further = grid->source[p]->line;
        if (further && further != line && names(message, modprop_parameter_at(p)->name))
            used += (size_t)snprintf(others + used, size - used, "%s %zu",
                                     used ? "," : "; see line", further);
    }
    return line ? line : grid->part->line;
}

static void tell_fault(const struct modprop_expansion *x, const struct fault *fault, bool sampled,
                       struct modprop_mistakes *mistakes)
{
    char others[96];
    const size_t line = line_of(&x->grid[fault->grid], fault->first.message, others, sizeof others);
    modprop_mistakes_add(mistakes, line, "%s (%s%zu of %zu runs%s)", fault->first.message,
                         sampled ? "at least " : "", fault->runs, x->rows, others);
}

/* Counts the fault of a condition; *faults grows with each new kind. */
static void count_fault(struct fault *fault, size_t *faults, const struct modprop_error *err,
                        const struct modprop_row *row, size_t runs)
{
    char kind[sizeof fault->kind];
    kind_of(err->message, kind);
    size_t k = 0;
    while (k < *faults && strcmp(fault[k].kind, kind) != 0)
        k++;
    if (k == MOST_FAULTS)
        return; /* enough to mend: others show when these are gone */
    if (k == *faults) {
        fault[k].first = *err;
        fault[k].grid = row->grid;
        memcpy(fault[k].kind, kind, sizeof kind);
        ++*faults;
    }
    fault[k].runs += runs;
}

typedef enum modprop_status question(const struct modprop_config *config,
                                     struct modprop_error *err);

static size_t common_divisor(size_t a, size_t b)
{
    return b ? common_divisor(b, a % b) : a;
}

/* A step that visits each of `count` once, by going round, the first few well spread: near the golden section,
 * so that it does not fall in with the periods of a grid. */
static size_t step_round(size_t count)
{
    size_t step = 1 + count * 89 / 144;
    while (common_divisor(step, count) > 1)
        step++;
    return step;
}

/* Asks about `asked` conditions and tells each kind of answer once. */
static enum modprop_status ask(const struct modprop_expansion *x, question *about, size_t asked,
                               struct modprop_mistakes *mistakes)
{
    const bool all = asked >= x->conditions;
    const size_t step = all ? 1 : step_round(x->conditions);
    struct modprop_config defaults;
    modprop_config_init(&defaults);
    double *values = calloc(modprop_parameter_count(), sizeof *values);
    struct fault *fault = calloc(MOST_FAULTS, sizeof *fault);
    size_t faults = 0;
    const bool fine = values && fault;
    for (size_t k = 0, c = 0; fine && k < asked && k < x->conditions; k++) {
        c = all ? k : (c + step) % x->conditions;
        const struct modprop_row *row = &x->row[x->first[c]];
        struct modprop_config config = defaults;
        struct modprop_error err = {0};
        modprop_expand_values(x, row, values);
        modprop_expand_config(values, x->texts, &config);
        if (about(&config, &err) != MODPROP_OK)
            count_fault(fault, &faults, &err, row, x->size[c]);
    }
    for (size_t k = 0; k < faults; k++)
        tell_fault(x, &fault[k], !all, mistakes);
    free(values);
    free(fault);
    return fine ? MODPROP_OK : MODPROP_NO_MEMORY;
}

enum modprop_status modprop_fit_conditions(const struct modprop_expansion *x,
                                           struct modprop_mistakes *mistakes)
{
    return ask(x, modprop_config_check, x->conditions, mistakes);
}

enum modprop_status modprop_fit_doubts(const struct modprop_expansion *x,
                                       struct modprop_mistakes *notes)
{
    return ask(x, modprop_config_doubt, MOST_DOUBTED, notes);
}

/* ------------------------------------------------------------------ one value */

/* The first value that differs from `value`, or NULL. */
static const double *other_value(const struct modprop_values *values, double value)
{
    for (size_t k = 0; k < values->count; k++)
        if (values->value[k] != value)
            return &values->value[k];
    return NULL;
}

static void check_parameter(const struct modprop_grid *grid, size_t grids, size_t p,
                            struct modprop_mistakes *mistakes)
{
    const struct modprop_values *reference = NULL;
    for (size_t g = 0; g < grids; g++) {
        const struct modprop_values *values = grid[g].source[p];
        if (!reference && values->count)
            reference = values;
        const double *other = values->count ? other_value(values, reference->value[0]) : NULL;
        if (!other)
            continue;
        char one[40], two[40];
        modprop_parameter_format(p, reference->value[0], one, sizeof one);
        modprop_parameter_format(p, *other, two, sizeof two);
        modprop_mistakes_add(mistakes, values->line ? values->line : reference->line,
                             "%s must be the same for all runs of a sweep, and is %s and %s",
                             modprop_parameter_at(p)->name, one, two);
        return;
    }
}

void modprop_fit_one_value(const struct modprop_grid *grid, size_t grids,
                           struct modprop_mistakes *mistakes)
{
    for (size_t p = 0; p < modprop_parameter_count(); p++)
        if (modprop_parameter_at(p)->one_value)
            check_parameter(grid, grids, p, mistakes);
}

/* ------------------------------------------------------------------ effect */

/* Whether any row of a grid that takes its values from there reads the parameter. */
static bool has_effect(const struct modprop_expansion *x, const struct modprop_values *values,
                       size_t p)
{
    for (size_t g = 0; g < x->grids; g++)
        if (x->grid[g].source[p] == values && x->read[g * modprop_parameter_count() + p])
            return true;
    return false;
}

static void note_keys(const struct modprop_expansion *x, const struct modprop_part *part,
                      struct modprop_mistakes *notes)
{
    static const char *const readers[] = {
        [MODPROP_READ_ALWAYS] = "run",
        [MODPROP_READ_BY_RULE] = "rule",
        [MODPROP_READ_BY_TASK] = "task",
        [MODPROP_READ_BY_UNITS] = "units",
        [MODPROP_READ_BY_OPTIMISER] = "optimiser",
    };
    for (size_t p = 0; p < modprop_parameter_count(); p++) {
        const struct modprop_parameter *about = modprop_parameter_at(p);
        if (!part->values[p].line || has_effect(x, &part->values[p], p))
            continue;
        modprop_mistakes_add(notes, part->values[p].line,
                             "%s changes nothing: no %s here reads it%s%s", about->name,
                             readers[about->reader], about->when ? ", or not without " : "",
                             about->when ? about->when : "");
    }
}

static void note_variants(const struct modprop_expansion *x, struct modprop_mistakes *notes)
{
    for (size_t g = 1, r = 0; g < x->grids; g++) {
        while (r < x->rows && x->row[r].grid < g)
            r++;
        if (r == x->rows || x->row[r].grid != g)
            modprop_mistakes_add(notes, x->grid[g].part->line,
                                 "[variant %s] adds nothing: its runs are all there already",
                                 x->grid[g].part->name);
    }
}

void modprop_fit_effect(const struct modprop_expansion *x, const struct modprop_spec *spec,
                        struct modprop_mistakes *notes)
{
    bool drawn = false;
    for (size_t k = 0; k < spec->parts; k++) {
        note_keys(x, &spec->part[k], notes);
        for (size_t p = 0; p < modprop_parameter_count(); p++)
            drawn = drawn || spec->part[k].values[p].drawn;
    }
    const size_t settings[] = {MODPROP_SWEEP_KEY_SAMPLES, MODPROP_SWEEP_KEY_SAMPLE_SEED};
    for (size_t k = 0; k < sizeof settings / sizeof *settings && !drawn; k++)
        if (spec->setting_line[settings[k]])
            modprop_mistakes_add(notes, spec->setting_line[settings[k]],
                                 "%s changes nothing: no key is "
                                 "uniform(...) or loguniform(...)",
                                 modprop_sweep_key_at(settings[k])->name);
    note_variants(x, notes);
}
