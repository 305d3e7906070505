#include "sweep/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/array.h"
#include "sweep/fit.h"
#include "sweep/key.h"

#define NO_MEMORY "there is not enough memory for this sweep"

/* The steps from text to plan, each with what the next one needs. */
struct making {
    struct modprop_sweepfile file;
    struct modprop_spec spec;
    struct modprop_grid *grid; /* [spec.parts] */
    struct modprop_expansion expansion;
};

const char *modprop_plan_syntax(void)
{
    return "A key with several values is an axis; the runs are the product of all axes.\n"
           "  a, b, c              a list; its items may be any of the following\n"
           "  1..8                 whole numbers from 1 to 8\n"
           "  linspace(a, b, k)    k values from a to b in equal steps\n"
           "  logspace(a, b, k)    k values from a to b (the values themselves) in equal\n"
           "                       factors\n"
           "  uniform(a, b)        drawn at random; with samples = K in [sweep], K draws of\n"
           "  loguniform(a, b)     all such keys together, for every combination of the\n"
           "                       other axes\n"
           "An indented line continues the list above it. Comments begin with ; or #\n"
           "(behind a value with ; alone). [variant NAME] adds a further grid, which differs\n"
           "from the common part in the keys it names, of any section. A key that a run does\n"
           "not read does not multiply it.\n";
}

/* ------------------------------------------------------------------ making */

static enum modprop_status make_grids(struct making *m, struct modprop_mistakes *mistakes)
{
    m->grid = calloc(m->spec.parts, sizeof *m->grid);
    enum modprop_status status = m->grid ? MODPROP_OK : MODPROP_NO_MEMORY;
    for (size_t k = 0; k < m->spec.parts && status == MODPROP_OK; k++)
        status = modprop_grid_make(&m->grid[k], &m->spec, &m->spec.part[k], mistakes);
    return status;
}

/* Reads and checks all there is to check, so that all mistakes are found. */
static enum modprop_status understand(struct making *m, const char *text, size_t size,
                                      struct modprop_mistakes *mistakes)
{
    enum modprop_status status = modprop_sweepfile_parse(&m->file, text, size, mistakes);
    if (status == MODPROP_OK)
        status = modprop_spec_read(&m->spec, &m->file, mistakes);
    if (status == MODPROP_OK)
        status = make_grids(m, mistakes);
    if (status != MODPROP_OK)
        return status;
    modprop_fit_one_value(m->grid, m->spec.parts, mistakes);
    if (!modprop_grid_fits(m->grid, m->spec.parts, mistakes))
        return MODPROP_INVALID;
    status = modprop_expand(&m->expansion, m->grid, m->spec.parts, &m->spec.texts, mistakes);
    if (status == MODPROP_OK)
        status = modprop_fit_conditions(&m->expansion, mistakes);
    return status;
}

/* "results/NAME.h5" for "folder/NAME.ini". */
static char *default_output(const char *source)
{
    static const char folder[] = "results/", suffix[] = ".ini", ending[] = ".h5";
    const char *slash = strrchr(source, '/'), *name = slash ? slash + 1 : source;
    size_t length = strlen(name);
    if (length > strlen(suffix) && strcmp(name + length - strlen(suffix), suffix) == 0)
        length -= strlen(suffix);
    char *path = malloc(length + sizeof folder + sizeof ending);
    if (path)
        snprintf(path, length + sizeof folder + sizeof ending, "%s%.*s%s", folder, (int)length,
                 name, ending);
    return path;
}

/* Names and settings of the plan. */
static bool fill_head(struct modprop_plan *plan, const struct making *m, const char *source,
                      const char *text)
{
    const struct modprop_sweep_settings *settings = &m->spec.settings;
    plan->source = modprop_array_text(source, strlen(source));
    plan->text = modprop_array_text(text, strlen(text));
    plan->output = settings->output ? modprop_array_text(settings->output, strlen(settings->output))
                                    : default_output(source);
    plan->save_weights = settings->save_weights;
    plan->timeout_s = settings->timeout_s;
    plan->checkpoint_s = settings->checkpoint_s;
    plan->parameters = modprop_parameter_count();
    plan->variant_name = calloc(m->spec.parts, sizeof *plan->variant_name);
    if (!plan->source || !plan->text || !plan->output || !plan->variant_name)
        return false;
    for (size_t k = 0; k < m->spec.parts; k++) {
        const char *name = m->spec.part[k].name;
        plan->variant_name[plan->variants++] = modprop_array_text(name, strlen(name));
        if (!plan->variant_name[k])
            return false;
    }
    return true;
}

static bool fill_rows(struct modprop_plan *plan, const struct modprop_expansion *x)
{
    const size_t runs = x->rows, parameters = plan->parameters;
    plan->values = calloc(runs, parameters * sizeof *plan->values);
    plan->key = calloc(runs, sizeof *plan->key);
    plan->variant = calloc(runs, sizeof *plan->variant);
    plan->condition = calloc(runs, sizeof *plan->condition);
    plan->condition_first = calloc(x->conditions, sizeof *plan->condition_first);
    plan->condition_runs = calloc(x->conditions, sizeof *plan->condition_runs);
    if (!plan->values || !plan->key || !plan->variant || !plan->condition ||
        !plan->condition_first || !plan->condition_runs)
        return false;
    plan->runs = runs;
    plan->conditions = x->conditions;
    plan->merged = x->merged;
    for (size_t run = 0; run < runs; run++) {
        modprop_expand_values(x, &x->row[run], &plan->values[run * parameters]);
        plan->key[run] = x->row[run].key;
        plan->variant[run] = x->row[run].grid;
        plan->condition[run] = x->row[run].condition;
        plan->hash = modprop_key_chain(plan->hash, plan->key[run]);
    }
    memcpy(plan->condition_first, x->first, x->conditions * sizeof *x->first);
    memcpy(plan->condition_runs, x->size, x->conditions * sizeof *x->size);
    return true;
}

static bool fill_varies(struct modprop_plan *plan)
{
    plan->varies = calloc(plan->parameters, sizeof *plan->varies);
    plan->several = calloc(plan->parameters, sizeof *plan->several);
    if (!plan->varies || !plan->several)
        return false;
    for (size_t p = 0; p < plan->parameters; p++) {
        double known = NAN; /* the first value where it is read */
        for (size_t run = 0; run < plan->runs; run++) {
            const double first = plan->values[p], here = plan->values[run * plan->parameters + p];
            if (here != first && !(isnan(here) && isnan(first)))
                plan->varies[p] = true;
            if (isnan(known))
                known = here;
            if (!isnan(here) && here != known)
                plan->several[p] = true;
        }
    }
    return true;
}

static enum modprop_status fill_plan(struct modprop_plan *plan, struct making *m,
                                     const char *source, const char *text)
{
    plan->notes.source = source;
    modprop_fit_effect(&m->expansion, &m->spec, &plan->notes);
    enum modprop_status status = modprop_fit_doubts(&m->expansion, &plan->notes);
    modprop_mistakes_finish(&plan->notes);
    if (status == MODPROP_OK)
        status = modprop_expand_order(&m->expansion, m->spec.settings.order);
    if (status == MODPROP_OK && (plan->notes.refused || !fill_head(plan, m, source, text) ||
                                 !fill_rows(plan, &m->expansion) || !fill_varies(plan)))
        status = MODPROP_NO_MEMORY;
    plan->texts = m->spec.texts; /* handed over */
    m->spec.texts = (struct modprop_texts){0};
    return status;
}

static void discard(struct making *m)
{
    modprop_expand_clear(&m->expansion);
    for (size_t k = 0; m->grid && k < m->spec.parts; k++)
        modprop_grid_clear(&m->grid[k]);
    free(m->grid);
    modprop_spec_clear(&m->spec);
    modprop_sweepfile_clear(&m->file);
}

static enum modprop_status make_plan(struct modprop_plan **plan, const char *source,
                                     const char *text, size_t size,
                                     struct modprop_mistakes *mistakes)
{
    struct making m = {0};
    *plan = NULL;
    mistakes->source = source;
    enum modprop_status status = understand(&m, text, size, mistakes);
    if (status == MODPROP_OK && mistakes->count)
        status = MODPROP_INVALID;
    if (status == MODPROP_OK) {
        *plan = calloc(1, sizeof **plan);
        status = *plan ? fill_plan(*plan, &m, source, text) : MODPROP_NO_MEMORY;
    }
    if (status == MODPROP_NO_MEMORY || mistakes->refused) {
        status = MODPROP_NO_MEMORY;
        modprop_mistakes_add(mistakes, 0, NO_MEMORY);
    }
    if (status != MODPROP_OK) {
        modprop_plan_free(*plan);
        *plan = NULL;
    }
    modprop_mistakes_finish(mistakes);
    discard(&m);
    return status;
}

/* ------------------------------------------------------------------ public */

enum modprop_status modprop_plan_parse(struct modprop_plan **plan, const char *source,
                                       const char *text, struct modprop_mistakes *mistakes)
{
    return make_plan(plan, source, text, strlen(text), mistakes);
}

enum modprop_status modprop_plan_read(struct modprop_plan **plan, const char *path,
                                      struct modprop_mistakes *mistakes)
{
    char *text = NULL;
    size_t size = 0;
    *plan = NULL;
    mistakes->source = path;
    enum modprop_status status = modprop_sweepfile_load(&text, &size, path, mistakes);
    if (status == MODPROP_OK)
        status = make_plan(plan, path, text, size, mistakes);
    else if (status == MODPROP_NO_MEMORY)
        modprop_mistakes_add(mistakes, 0, NO_MEMORY);
    mistakes->source = NULL;
    free(text);
    return status;
}

void modprop_plan_free(struct modprop_plan *plan)
{
    if (!plan)
        return;
    for (size_t k = 0; plan->variant_name && k < plan->variants; k++)
        free(plan->variant_name[k]);
    free(plan->variant_name);
    free(plan->source);
    free(plan->text);
    free(plan->output);
    free(plan->values);
    free(plan->key);
    free(plan->variant);
    free(plan->varies);
    free(plan->several);
    free(plan->condition);
    free(plan->condition_first);
    free(plan->condition_runs);
    modprop_texts_clear(&plan->texts);
    modprop_mistakes_clear(&plan->notes);
    free(plan);
}

void modprop_plan_config(const struct modprop_plan *plan, size_t run, struct modprop_config *config)
{
    modprop_config_init(config);
    modprop_expand_config(&plan->values[run * plan->parameters], &plan->texts, config);
}

void modprop_plan_format(const struct modprop_plan *plan, size_t parameter, double value,
                         char *text, size_t size)
{
    if (modprop_parameter_at(parameter)->kind != MODPROP_TEXT_VALUE) {
        modprop_parameter_format(parameter, value, text, size);
        return;
    }
    const char *const kept = modprop_texts_find(&plan->texts, value);
    snprintf(text, size, "%s", kept ? kept : "");
}

void modprop_plan_label(const struct modprop_plan *plan, size_t run, char *text, size_t size)
{
    const double *values = &plan->values[run * plan->parameters];
    size_t used = 0;
    if (size)
        text[0] = '\0';
    for (size_t p = 0; p < plan->parameters && used < size; p++) {
        const struct modprop_parameter *about = modprop_parameter_at(p);
        if (!plan->several[p] || isnan(values[p]) || strcmp(about->name, "seed") == 0)
            continue;
        char value[MODPROP_TEXT_SIZE];
        modprop_plan_format(plan, p, values[p], value, sizeof value);
        used += (size_t)snprintf(text + used, size - used, "%s%s=%s", used ? " " : "", about->name,
                                 value);
    }
    if (used == 0 && size) {
        const size_t rule = modprop_parameter_find("rule");
        modprop_parameter_format(rule, values[rule], text, size);
    }
}
