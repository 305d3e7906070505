#include "check/case.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "engine/registry.h"
#include "store/datafile.h"

/* Beyond these a file is not a reference case but an attempt on the machine. */
static const double MOST_UNITS = 2048, MOST_STEPS = 1e6, MOST_VALUES = 1e7, MOST_OPERATIONS = 1e11;

/* ------------------------------------------------------------------ datasets */

static void describe(size_t rank, const size_t *dims, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t axis = 0; axis < rank && used < size; axis++)
        used += (size_t)snprintf(text + used, size - used, "[%zu]", dims[axis]);
    if (rank == 0)
        snprintf(text, size, "a scalar");
}

static enum modprop_status verify(const struct modprop_case *c, const char *name, size_t rank,
                                  const size_t *dims, size_t rank_found, const size_t *dims_found,
                                  const double *values, struct modprop_error *err)
{
    char wanted[96], found[96];
    size_t count = 1;
    describe(rank, dims, wanted, sizeof wanted);
    describe(rank_found, dims_found, found, sizeof found);
    if (strcmp(wanted, found) != 0)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "%s: dataset %s is %s where its attributes want %s", c->path, name,
                            found, wanted);
    for (size_t axis = 0; axis < rank; axis++)
        count *= dims[axis];
    for (size_t k = 0; k < count; k++)
        if (!isfinite(values[k]))
            return MODPROP_FAIL(err, MODPROP_INVALID, "%s: dataset %s holds %g", c->path, name,
                                values[k]);
    return MODPROP_OK;
}

enum modprop_status modprop_case_dataset(const struct modprop_case *c, const char *name,
                                         size_t rank, const size_t *dims, double **values,
                                         struct modprop_error *err)
{
    size_t rank_found, dims_found[MODPROP_DATAFILE_RANK];
    enum modprop_status status = modprop_datafile_read(c->file, name, values, &rank_found,
                                                       dims_found, err);
    if (status == MODPROP_OK)
        status = verify(c, name, rank, dims, rank_found, dims_found, *values, err);
    if (status != MODPROP_OK) {
        modprop_memory_free(*values);
        *values = NULL;
    }
    return status;
}

/* ------------------------------------------------------------------ attributes */

/* A whole number within [low, high]. */
static enum modprop_status count(const struct modprop_case *c, const char *name, double low,
                                 double high, size_t *value, struct modprop_error *err)
{
    double number;
    const enum modprop_status status = modprop_datafile_number(c->file, name, &number, err);
    if (status != MODPROP_OK)
        return status;
    if (!(number >= low && number <= high) || number != floor(number))
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "%s: attribute %s = %g must be a whole number from %g to %g", c->path,
                            name, number, low, high);
    *value = (size_t)number;
    return MODPROP_OK;
}

static enum modprop_status counts(struct modprop_case *c, struct modprop_error *err)
{
    struct modprop_shape *const s = &c->problem.shape;
    size_t first = 0, window = 0, types = 0;
    const bool trains = c->kind != MODPROP_CASE_GRADIENT;
    const struct {
        const char *name;
        double low, high;
        size_t *value;
    } wanted[] = {
        {"n", 2, MOST_UNITS, &s->n},
        {"n_in", 1, MOST_UNITS, &s->n_in},
        {"n_out", 1, MOST_UNITS, &s->n_out},
        {"T", 1, MOST_STEPS, &s->T},
        {"B", 1, MOST_STEPS, &s->B},
        {"loss_steps", 1, MOST_STEPS, &s->loss_steps},
        {"n_inh", 1, MOST_UNITS, &c->n_inh},
        {"n_exc", 1, MOST_UNITS, &c->n_exc},
        {"C", 2, MOST_UNITS, &c->C},
        {"types_per_sign", 1, MOST_UNITS, &types},
        {"window", 0, 1e9, &window},
        {"trajectory_every", 1, MOST_STEPS, &c->trajectory_every},
        {"iterations", 1, MOST_STEPS, &c->steps},
        {"first_iteration", 0, 1e9, &first},
    };
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
        const enum modprop_status status = count(c, wanted[k].name, wanted[k].low, wanted[k].high,
                                                 wanted[k].value, err);
        if (status != MODPROP_OK)
            return status;
    }
    c->steps = trains ? c->steps : 1;
    c->first_iteration = (long)first;
    c->problem.config.n = (long)s->n;
    c->problem.config.batch = (long)s->B;
    c->problem.config.window = (long)window;
    c->problem.config.types_per_sign = (long)types;
    return MODPROP_OK;
}

/* A number that has to be there and finite. */
static enum modprop_status number(const struct modprop_case *c, const char *name, double low,
                                  double high, double *value, struct modprop_error *err)
{
    const enum modprop_status status = modprop_datafile_number(c->file, name, value, err);
    if (status == MODPROP_OK && !(*value >= low && *value <= high))
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: attribute %s = %g must lie from %g to %g",
                            c->path, name, *value, low, high);
    return status;
}

static enum modprop_status numbers(struct modprop_case *c, struct modprop_error *err)
{
    struct modprop_config *const config = &c->problem.config;
    const bool trains = c->kind != MODPROP_CASE_GRADIENT;
    const struct {
        const char *name;
        double low, high;
        double *value;
        bool wanted;
    } wanted[] = {
        {"tau_ms", 1e-3, 1e12, &config->tau_ms, true},
        {"alpha", 0, 1, &c->alpha, true},
        {"thr", -1e6, 1e6, &config->threshold, true},
        {"proportion_excitatory", 0, 1, &config->proportion_excitatory, true},
        {"weight_decay", 0, 1e6, &config->weight_decay, true},
        {"spectral_radius", 0, 1e9, &c->spectral_radius, !trains},
        {"learning_rate", 0, 1e6, &config->learning_rate, trains},
        {"l1", 0, 1e6, &config->l1, trains},
    };
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
        if (!wanted[k].wanted)
            continue;
        const enum modprop_status status = number(c, wanted[k].name, wanted[k].low, wanted[k].high,
                                                  wanted[k].value, err);
        if (status != MODPROP_OK)
            return status;
    }
    return MODPROP_OK;
}

/* Index of the attribute's text among the names, a NULL at their end. */
static enum modprop_status choice(const struct modprop_case *c, const char *name,
                                  const char *const *names, size_t *index,
                                  struct modprop_error *err)
{
    char text[64];
    const enum modprop_status status = modprop_datafile_text(c->file, name, text, sizeof text, err);
    if (status != MODPROP_OK)
        return status;
    for (*index = 0; names[*index]; (*index)++)
        if (strcmp(text, names[*index]) == 0)
            return MODPROP_OK;
    return MODPROP_FAIL(err, MODPROP_INVALID, "%s: attribute %s = %s is not known", c->path, name,
                        text);
}

static enum modprop_status choices(struct modprop_case *c, struct modprop_error *err)
{
    size_t format, kind, loss = 0, signal;
    const struct {
        const char *name;
        const char *const *names;
        size_t *index;
    } wanted[] = {
        {"format", (const char *const[]){"golden 1", NULL}, &format},
        {"kind", (const char *const[]){"gradient", "optimiser", "training", NULL}, &kind},
        {"loss_kind", (const char *const[]){"last", "window", "regression", NULL}, &loss},
        {"learning_signal", (const char *const[]){"symmetric", "random", NULL}, &signal},
    };
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
        const enum modprop_status status = choice(c, wanted[k].name, wanted[k].names,
                                                  wanted[k].index, err);
        if (status != MODPROP_OK)
            return status;
    }
    c->kind = (enum modprop_case_kind)kind;
    c->last_step_only = loss == 0;
    c->problem.shape.loss = loss == 2 ? MODPROP_LOSS_SQUARED : MODPROP_LOSS_CROSS_ENTROPY;
    c->problem.config.learning_signal = signal ? MODPROP_SIGNAL_RANDOM : MODPROP_SIGNAL_SYMMETRIC;
    return MODPROP_OK;
}

/* What the attributes must fulfil together. */
static enum modprop_status agree(struct modprop_case *c, struct modprop_error *err)
{
    const struct modprop_shape *const s = &c->problem.shape;
    const size_t types = (size_t)c->problem.config.types_per_sign;
    const double values = (double)c->steps * (double)s->T * (double)s->B *
                          (double)(s->n + s->n_in + s->n_out);
    if (s->loss_steps > s->T || (s->loss == MODPROP_LOSS_SQUARED && s->loss_steps != s->T) ||
        (c->last_step_only && s->loss_steps != 1))
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: loss_steps = %zu does not fit T = %zu",
                            c->path, s->loss_steps, s->T);
    if (c->n_inh + c->n_exc != s->n || types > c->n_inh || types > c->n_exc || c->C != 2 * types)
        return MODPROP_FAIL(
            err, MODPROP_INVALID,
            "%s: n = %zu, n_inh = %zu, n_exc = %zu, types_per_sign = %zu and C = %zu do not "
            "fit each other",
            c->path, s->n, c->n_inh, c->n_exc, types, c->C);
    if (modprop_network_inhibitory(&c->problem.config) < types)
        return MODPROP_FAIL(
            err, MODPROP_INVALID,
            "%s: proportion_excitatory = %g leaves fewer inhibitory units than types", c->path,
            c->problem.config.proportion_excitatory);
    if (values > MOST_VALUES || values * (double)s->n > MOST_OPERATIONS)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: the case is too large to be checked",
                            c->path);
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ what the engine must have */

static void lacks(struct modprop_case *c, const char *name, const char *value)
{
    if (!c->unsupported[0])
        snprintf(c->unsupported, sizeof c->unsupported, "%s = %s is not built", name, value);
}

/* Sets the parameter of that name from a text attribute, or notes that the engine cannot. */
static enum modprop_status look_up(struct modprop_case *c, const char *name,
                                   const char *not_applicable, struct modprop_error *err)
{
    char text[64];
    const enum modprop_status status = modprop_datafile_text(c->file, name, text, sizeof text, err);
    if (status == MODPROP_OK && strcmp(text, not_applicable) != 0 &&
        modprop_config_set(&c->problem.config, name, text, NULL) != MODPROP_OK)
        lacks(c, name, text);
    return status;
}

/* Numbers that belong to some rules and units only: NaN or 0 where they do not apply. */
static enum modprop_status look_up_number(struct modprop_case *c, const char *name,
                                          struct modprop_error *err)
{
    double value;
    char text[32];
    const enum modprop_status status = modprop_datafile_number(c->file, name, &value, err);
    if (status != MODPROP_OK || isnan(value))
        return status;
    snprintf(text, sizeof text, "%.9g", value);
    const size_t index = modprop_parameter_find(name);
    if (index == modprop_parameter_count()) {
        if (value != 0)
            lacks(c, name, text);
        return MODPROP_OK;
    }
    if (modprop_parameter_check(index, value, NULL) != MODPROP_OK)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: attribute %s = %s is out of range", c->path,
                            name, text);
    modprop_parameter_assign(index, &c->problem.config, value);
    return MODPROP_OK;
}

/* The units' own parameters; NaN or 0 where they do not apply. Spikes have a threshold of their own. */
static enum modprop_status read_units(struct modprop_case *c, struct modprop_error *err)
{
    static const char *const optional[] = {"n_adaptive", "beta", "tau_a_ms", "gamma",
                                           "refractory_steps"};
    struct modprop_config *const config = &c->problem.config;
    enum modprop_status status = look_up(c, "units", "", err);
    for (size_t k = 0; status == MODPROP_OK && k < sizeof optional / sizeof *optional; k++)
        status = look_up_number(c, optional[k], err);
    if (status != MODPROP_OK)
        return status;
    if (config->n_adaptive > config->n)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: attribute n_adaptive = %ld is above n = %ld",
                            c->path, config->n_adaptive, config->n);
    return modprop_units_at((size_t)config->units)->spikes
               ? number(c, "thr", 1e-6, 1e6, &config->spike_threshold, err)
               : MODPROP_OK;
}

/* Whether the rule itself accepts the case; called once all else is known. */
static void ask_rule(struct modprop_case *c)
{
    const struct modprop_rule *const rule = modprop_rule_at((size_t)c->problem.config.rule);
    struct modprop_error reason = {0};
    if (!c->unsupported[0] && rule->check &&
        rule->check(&c->problem.config, &c->problem.shape, &reason) != MODPROP_OK)
        snprintf(c->unsupported, sizeof c->unsupported, "%.190s", reason.message);
}

bool modprop_case_measures(const struct modprop_case *c)
{
    return c->kind == MODPROP_CASE_GRADIENT && c->problem.config.mu_mode != MODPROP_MU_FIXED &&
           modprop_rule_at((size_t)c->problem.config.rule)->modulates && !c->unsupported[0];
}

static enum modprop_status find_support(struct modprop_case *c, struct modprop_error *err)
{
    static const char *const optional[] = {"mu_gain", "mu_tau_iterations", "mu_tau_ms",
                                           "radius_max"};
    enum modprop_status status = read_units(c, err);
    if (status == MODPROP_OK)
        status = look_up(c, "rule", "", err);
    if (status == MODPROP_OK)
        status = look_up(c, "feedback", "none", err);
    if (status == MODPROP_OK)
        status = look_up(c, "mu_mode", "", err);
    for (size_t k = 0; status == MODPROP_OK && k < sizeof optional / sizeof *optional; k++)
        status = look_up_number(c, optional[k], err);
    if (status != MODPROP_OK)
        return status;
    const struct modprop_rule *const rule = modprop_rule_at((size_t)c->problem.config.rule);
    if (rule->modulates && c->kind != MODPROP_CASE_OPTIMISER && !c->unsupported[0])
        return number(c, "mu", -1e6, 1e6, &c->problem.config.mu, err);
    return MODPROP_OK;
}

/* A rule that needs feedback weights must be told which. */
static enum modprop_status verify_feedback(const struct modprop_case *c, struct modprop_error *err)
{
    char text[64];
    const enum modprop_status status = modprop_datafile_text(c->file, "feedback", text, sizeof text,
                                                             err);
    if (status == MODPROP_OK && strcmp(text, "none") == 0 && !c->unsupported[0] &&
        c->kind != MODPROP_CASE_OPTIMISER &&
        modprop_rule_at((size_t)c->problem.config.rule)->feedback)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: its rule needs a feedback", c->path);
    return status;
}

static enum modprop_status read_attributes(struct modprop_case *c, struct modprop_error *err)
{
    struct modprop_config *const config = &c->problem.config;
    modprop_config_init(config);
    config->learning_rate_decay = 0.8; /* the convention of the format */
    config->learning_rate_decay_every = 300;
    config->clip_norm = 0;
    config->temperature = 0;
    enum modprop_status status = modprop_config_set(config, "optimiser", "adam", err);
    if (status == MODPROP_OK)
        status = choices(c, err);
    if (status == MODPROP_OK)
        status = counts(c, err);
    if (status == MODPROP_OK)
        status = numbers(c, err);
    if (status == MODPROP_OK)
        status = agree(c, err);
    if (status == MODPROP_OK)
        status = find_support(c, err);
    if (status == MODPROP_OK)
        status = verify_feedback(c, err);
    c->problem.shape = modprop_shape_complete(c->problem.shape);
    if (status == MODPROP_OK)
        ask_rule(c);
    return status;
}

/* ------------------------------------------------------------------ inputs */

/* Magnitudes into signed weights: inhibitory units come first. */
static enum modprop_status sign(const struct modprop_case *c, const struct modprop_part *part,
                                double *theta, struct modprop_error *err)
{
    for (size_t pre = 0; pre < part->rows; pre++) {
        for (size_t k = pre * part->columns; k < (pre + 1) * part->columns; k++) {
            if (theta[k] < 0)
                return MODPROP_FAIL(err, MODPROP_INVALID, "%s: theta_%s holds %g, below 0", c->path,
                                    part->name, theta[k]);
            theta[k] *= pre < c->n_inh ? -1 : 1;
        }
    }
    return MODPROP_OK;
}

static enum modprop_status read_weights(struct modprop_case *c, struct modprop_error *err)
{
    struct modprop_problem *const p = &c->problem;
    const size_t total = modprop_problem_weights(&p->shape);
    p->weights = modprop_memory_get(total, sizeof *p->weights);
    if (!p->weights)
        return modprop_memory_error("the weights", total * sizeof *p->weights, err);
    for (size_t k = 0; k < MODPROP_PARTS; k++) {
        const struct modprop_part part = modprop_problem_part(&p->shape, k);
        const bool theta = part.has_sign && c->kind != MODPROP_CASE_GRADIENT;
        const size_t dims[] = {part.rows, part.columns};
        char name[40];
        double *values;
        snprintf(name, sizeof name, "%s%s", theta ? "theta_" : "", part.name);
        enum modprop_status status = modprop_case_dataset(c, name, part.rank, dims + 2 - part.rank,
                                                          &values, err);
        if (status != MODPROP_OK)
            return status;
        memcpy(p->weights + part.offset, values, part.rows * part.columns * sizeof *values);
        modprop_memory_free(values);
        if (theta)
            status = sign(c, &part, p->weights + part.offset, err);
        if (status != MODPROP_OK)
            return status;
    }
    return MODPROP_OK;
}

static enum modprop_status verify_labels(const struct modprop_case *c, const double *label,
                                         size_t count, struct modprop_error *err)
{
    const double classes = (double)c->problem.shape.n_out;
    for (size_t b = 0; b < count; b++)
        if (!(label[b] >= 0 && label[b] < classes) || label[b] != floor(label[b]))
            return MODPROP_FAIL(err, MODPROP_INVALID, "%s: target %g is none of the %g classes",
                                c->path, label[b], classes);
    return MODPROP_OK;
}

static enum modprop_status read_trials(struct modprop_case *c, struct modprop_error *err)
{
    struct modprop_problem *const p = &c->problem;
    const struct modprop_shape *const s = &p->shape;
    const size_t skip = c->kind == MODPROP_CASE_TRAINING ? 0 : 1; /* the axis of iterations */
    const size_t x[] = {c->steps, s->T, s->B, s->n_in}, y[] = {c->steps, s->T, s->B, s->n_out};
    const size_t classes[] = {c->steps, s->B};
    enum modprop_status status = modprop_case_dataset(c, "x", 4 - skip, x + skip, &p->x, err);
    if (status != MODPROP_OK)
        return status;
    if (s->loss == MODPROP_LOSS_SQUARED)
        return modprop_case_dataset(c, "target", 4 - skip, y + skip, &p->target, err);
    status = modprop_case_dataset(c, "target", 2 - skip, classes + skip, &p->label, err);
    return status == MODPROP_OK ? verify_labels(c, p->label, c->steps * s->B, err) : status;
}

static enum modprop_status read_random_signal(struct modprop_case *c, struct modprop_error *err)
{
    const size_t dims[] = {c->problem.shape.n, c->problem.shape.n_out};
    if (c->problem.config.learning_signal != MODPROP_SIGNAL_RANDOM)
        return MODPROP_OK;
    return modprop_case_dataset(c, "W_fb_out", 2, dims, &c->problem.W_fb_out, err);
}

/* A measured mu starts from the dataset mu_state. */
static enum modprop_status read_mubar(struct modprop_case *c, struct modprop_error *err)
{
    return modprop_case_measures(c)
               ? modprop_case_dataset(c, "mu_state", 1, &c->C, &c->problem.mubar, err)
               : MODPROP_OK;
}

enum modprop_status modprop_case_read(struct modprop_case *c, const char *path,
                                      struct modprop_error *err)
{
    *c = (struct modprop_case){.path = path};
    enum modprop_status status = modprop_datafile_open(&c->file, path, err);
    if (status == MODPROP_OK)
        status = read_attributes(c, err);
    if (status == MODPROP_OK)
        status = read_weights(c, err);
    if (status == MODPROP_OK && c->kind != MODPROP_CASE_OPTIMISER)
        status = read_trials(c, err);
    if (status == MODPROP_OK)
        status = read_random_signal(c, err);
    if (status == MODPROP_OK)
        status = read_mubar(c, err);
    if (status != MODPROP_OK)
        modprop_case_clear(c);
    return status;
}

void modprop_case_clear(struct modprop_case *c)
{
    modprop_problem_clear(&c->problem);
    modprop_datafile_close(c->file);
    c->file = NULL;
}
