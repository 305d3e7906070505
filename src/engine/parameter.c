/*
 * The parameter table: one row per parameter of a run. Sweep files, --help, the reference in the
 * README, the columns of the results file and the keys of runs are all made from it.
 */
#include <assert.h>
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/name.h"
#include "engine/registry.h"

static const char *feedback_choice(size_t index)
{
    static const char *const names[] = {"cell", "type"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *signal_choice(size_t index)
{
    static const char *const names[] = {"symmetric", "random"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *path_choice(size_t index)
{
    static const char *const names[] = {"auto", "online", "offline"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

/* clang-format off: a row of the table stays a row */
#define REAL(section, field, fallback, low, high, reader, when, unit, help) \
    { \
        section, #field, MODPROP_REAL_VALUE, offsetof(struct modprop_config, field), fallback, \
            low, high, false, reader, when, false, unit, help, NULL \
    }
#define POSITIVE(section, field, fallback, high, reader, when, unit, help) \
    { \
        section, #field, MODPROP_REAL_VALUE, offsetof(struct modprop_config, field), fallback, 0, \
            high, true, reader, when, false, unit, help, NULL \
    }
#define COUNT(section, field, fallback, low, high, reader, when, one_value, unit, help) \
    { \
        section, #field, MODPROP_INTEGER_VALUE, offsetof(struct modprop_config, field), fallback, \
            low, high, false, reader, when, one_value, unit, help, NULL \
    }
#define NAME(section, field, fallback, reader, when, choice, help) \
    { \
        section, #field, MODPROP_NAME_VALUE, offsetof(struct modprop_config, field), fallback, 0, \
            INT_MAX, false, reader, when, false, "1", help, choice \
    }

#define ALWAYS MODPROP_READ_ALWAYS
#define RULE MODPROP_READ_BY_RULE
#define TASK MODPROP_READ_BY_TASK
#define UNITS MODPROP_READ_BY_UNITS

/* Defaults: the published run (Liu et al. 2022 and its code). */
static const struct modprop_parameter table[] = {
    COUNT(
        "sweep", seed, "1", 0, 4294967295.0, ALWAYS, NULL, false, "1",
        "random seed: initial weights, trials, rewiring; runs with equal seeds see the same of each"),

    NAME("network", units, "relu", ALWAYS, NULL, modprop_units_choice, "kind of units"),
    COUNT("network", n, "120", 2, 100000, ALWAYS, NULL, false, "1", "number of recurrent units"),
    REAL("network", proportion_excitatory, "0.8", 0, 1, ALWAYS, NULL, "1",
         "share p of excitatory units: floor(p n) + 1 of them, the inhibitory ones come first"),
    POSITIVE("network", tau_ms, "100", 1e6, UNITS, NULL, "ms", "membrane time constant"),
    REAL("network", threshold, "0", -1e3, 1e3, UNITS, NULL, "1", "threshold of the activation"),

    NAME("task", task, "delayed_xor", ALWAYS, NULL, modprop_task_choice, "what is learned"),
    COUNT("task", delay_ms, "700", 0, 1e7, TASK, NULL, false, "ms", "delay between the cues"),
    COUNT("task", cue_ms, "100", 1, 1e6, TASK, NULL, false, "ms", "length of a cue"),
    REAL("task", cue_amplitude, "2", -1e3, 1e3, TASK, NULL, "1",
         "height of a cue above the baseline"),
    REAL("task", cue_baseline, "0.02", -1e3, 1e3, TASK, NULL, "1", "input without a cue"),
    REAL("task", input_noise, "0.01", 0, 1e3, TASK, NULL, "1",
         "standard deviation of the noise added to every input at every step"),
    COUNT("task", loss_steps, "1", 1, 1e7, TASK, NULL, false, "steps",
          "the loss is the mean cross entropy of the last so many steps"),

    NAME("training", optimiser, "adam", ALWAYS, NULL, modprop_optimiser_choice, "optimiser"),
    COUNT("training", iterations, "3000", 1, 1e9, ALWAYS, NULL, false, "1",
          "training iterations; a multiple of evaluate_every"),
    COUNT("training", batch, "32", 1, 1e6, ALWAYS, NULL, false, "1", "trials of an iteration"),
    COUNT("training", evaluate_every, "20", 1, 1e9, ALWAYS, NULL, true, "1",
          "iterations from one evaluation to the next; the same for all runs of a sweep"),
    POSITIVE("training", learning_rate, "5e-4", 1e3, ALWAYS, NULL, "1",
             "learning rate at the start"),
    POSITIVE("training", learning_rate_decay, "0.8", 1, ALWAYS, NULL, "1",
             "factor on the learning rate at each of its steps"),
    COUNT("training", learning_rate_decay_every, "300", 1, 1e9, ALWAYS, NULL, false, "1",
          "iterations from one step of the learning rate to the next"),
    REAL(
        "training", l1, "0.01", 0, 1e3, ALWAYS, NULL, "1",
        "L1 pressure on connected sign-constrained weights: each iteration takes learning rate * l1"),
    REAL("training", weight_decay, "5e-4", 0, 1e3, ALWAYS, NULL, "1",
         "factor on half the sum of squared weights in the loss"),
    REAL("training", clip_norm, "0", 0, 1e30, ALWAYS, NULL, "1",
         "largest Euclidean norm of the gradient, longer ones are scaled to it; 0: no clipping"),
    POSITIVE("training", connectivity, "0.99", 1, ALWAYS, NULL, "1",
             "share of possible connections that rewiring (DEEP R) restores"),
    REAL("training", temperature, "0", 0, 1e3, ALWAYS, NULL, "1",
         "temperature of the noise on connected weights (DEEP R)"),

    NAME("rule", rule, "modprop", ALWAYS, NULL, modprop_rule_choice, "learning rule"),
    NAME("rule", feedback, "cell", RULE, NULL, feedback_choice,
         "weights that carry credit back: cell, the recurrent weights themselves, or type, their "
         "mean over each pair of cell types"),
    COUNT("rule", types_per_sign, "1", 1, 100000, RULE, "feedback=type", false, "1",
          "cell types among the excitatory units, and as many among the inhibitory ones"),
    REAL("rule", mu, "0.25", 0, 1e3, RULE, NULL, "1",
         "constant in place of the activation derivative on the nonlocal path"),
    COUNT("rule", window, "0", 0, 1e7, RULE, NULL, false, "steps",
          "the nonlocal path acts only into the last so many steps; 0: whole trial"),
    NAME("rule", learning_signal, "symmetric", RULE, NULL, signal_choice,
         "weights that broadcast the error: symmetric, those of the readout, or random and fixed"),
    NAME(
        "rule", path, "auto", RULE, NULL, path_choice,
        "online: traces forward in time, memory independent of the trial's length; offline: back in "
        "time over the stored trajectory; auto: the cheaper one"),
    POSITIVE(
        "rule", tap_tolerance, "1e-6", 1e-2, RULE, NULL, "1",
        "online form: filter taps are added until their rest is below this share of the gradient"),
};
/* clang-format on */

enum { PARAMETERS = sizeof table / sizeof *table };

size_t modprop_parameter_count(void)
{
    return PARAMETERS;
}

const struct modprop_parameter *modprop_parameter_at(size_t index)
{
    assert(index < PARAMETERS);
    return &table[index];
}

size_t modprop_parameter_find(const char *name)
{
    size_t index = 0;
    while (index < PARAMETERS && strcmp(table[index].name, name) != 0)
        index++;
    return index;
}

double modprop_parameter_value(size_t index, const struct modprop_config *config)
{
    assert(index < PARAMETERS);
    const char *field = (const char *)config + table[index].offset;
    switch (table[index].kind) {
    case MODPROP_INTEGER_VALUE: return (double)*(const long *)(const void *)field;
    case MODPROP_NAME_VALUE: return *(const int *)(const void *)field;
    case MODPROP_REAL_VALUE: break;
    }
    return *(const double *)(const void *)field;
}

void modprop_parameter_assign(size_t index, struct modprop_config *config, double value)
{
    assert(index < PARAMETERS);
    char *field = (char *)config + table[index].offset;
    switch (table[index].kind) {
    case MODPROP_INTEGER_VALUE: *(long *)(void *)field = (long)value; break;
    case MODPROP_NAME_VALUE: *(int *)(void *)field = (int)value; break;
    case MODPROP_REAL_VALUE: *(double *)(void *)field = value; break;
    }
}

/* ------------------------------------------------------------------ values as text */

static enum modprop_status parse_name(const struct modprop_parameter *p, const char *text,
                                      double *value, struct modprop_error *err)
{
    for (size_t k = 0; p->choice(k); k++) {
        if (strcmp(p->choice(k), text) == 0) {
            *value = (double)k;
            return MODPROP_OK;
        }
    }
    char known[256];
    modprop_name_list(p->choice, known, sizeof known);
    const char *near = modprop_name_nearest(p->choice, text);
    return near ? MODPROP_FAIL(err, MODPROP_INVALID,
                               "%s = %s is not known, did you mean %s? (known: %s)", p->name, text,
                               near, known)
                : MODPROP_FAIL(err, MODPROP_INVALID, "%s = %s is not known; known: %s", p->name,
                               text, known);
}

/* Whether a value is the index of one of the parameter's names. */
static bool names_it(const struct modprop_parameter *p, double value)
{
    for (size_t k = 0; p->choice(k); k++)
        if (value == (double)k)
            return true;
    return false;
}

enum modprop_status modprop_parameter_check(size_t index, double value, struct modprop_error *err)
{
    const struct modprop_parameter *p = modprop_parameter_at(index);
    if (p->kind == MODPROP_NAME_VALUE)
        return names_it(p, value)
                   ? MODPROP_OK
                   : MODPROP_FAIL(err, MODPROP_INVALID,
                                  "%s: there is no name number %.10g; set it by name with "
                                  "modprop_config_set",
                                  p->name, value);
    if (!isfinite(value))
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s = %.10g is not a finite number", p->name,
                            value);
    if (p->kind == MODPROP_INTEGER_VALUE && value != floor(value))
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s = %.10g must be a whole number", p->name,
                            value);
    if (p->minimum_excluded && value <= p->minimum)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s = %.10g must be above %g", p->name, value,
                            p->minimum);
    if (value < p->minimum)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s = %.10g is below the minimum %.10g", p->name,
                            value, p->minimum);
    if (value > p->maximum)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s = %.10g is above the maximum %.10g", p->name,
                            value, p->maximum);
    return MODPROP_OK;
}

enum modprop_status modprop_parameter_parse(size_t index, const char *text, double *value,
                                            struct modprop_error *err)
{
    const struct modprop_parameter *p = modprop_parameter_at(index);
    if (p->kind == MODPROP_NAME_VALUE)
        return parse_name(p, text, value, err);
    char *end;
    const double number = strtod(text, &end);
    /* strtod alone would take blanks in front, hexadecimal, inf and nan too */
    if (end == text || *end != '\0' || text[strspn(text, "+-.0123456789eE")] != '\0')
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s = %s is not a number", p->name, text);
    const enum modprop_status status = modprop_parameter_check(index, number, err);
    if (status == MODPROP_OK)
        *value = number;
    return status;
}

void modprop_parameter_format(size_t index, double value, char *text, size_t size)
{
    const struct modprop_parameter *p = modprop_parameter_at(index);
    if (p->kind == MODPROP_NAME_VALUE) {
        snprintf(text, size, "%s", isnan(value) ? "" : p->choice((size_t)value));
        return;
    }
    for (int digits = 6; digits <= DBL_DECIMAL_DIG; digits++) {
        snprintf(text, size, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            return;
    }
}

/* ------------------------------------------------------------------ configurations */

void modprop_config_init(struct modprop_config *config)
{
    *config = (struct modprop_config){0};
    for (size_t index = 0; index < PARAMETERS; index++) {
        double value = 0;
        const enum modprop_status status = modprop_parameter_parse(index, table[index].fallback,
                                                                   &value, NULL);
        assert(status == MODPROP_OK);
        (void)status;
        modprop_parameter_assign(index, config, value);
    }
}

static const char *parameter_name(size_t index)
{
    return index < PARAMETERS ? table[index].name : NULL;
}

enum modprop_status modprop_config_set(struct modprop_config *config, const char *name,
                                       const char *value, struct modprop_error *err)
{
    const size_t index = modprop_parameter_find(name);
    if (index == PARAMETERS) {
        const char *near = modprop_name_nearest(parameter_name, name);
        return MODPROP_FAIL(err, MODPROP_INVALID, "there is no parameter %s%s%s", name,
                            near ? ", did you mean " : "", near ? near : "");
    }
    double number = 0;
    const enum modprop_status status = modprop_parameter_parse(index, value, &number, err);
    if (status == MODPROP_OK)
        modprop_parameter_assign(index, config, number);
    return status;
}

static bool listed(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* Whether `when`, "name=value", holds in the configuration. */
static bool holds(const char *when, const struct modprop_config *config)
{
    const char *equals = strchr(when, '=');
    for (size_t index = 0; index < PARAMETERS; index++) {
        const struct modprop_parameter *p = &table[index];
        if (strncmp(p->name, when, (size_t)(equals - when)) == 0 &&
            p->name[equals - when] == '\0') {
            assert(p->kind == MODPROP_NAME_VALUE);
            return strcmp(p->choice((size_t)modprop_parameter_value(index, config)), equals + 1) ==
                   0;
        }
    }
    assert(false && "a parameter's `when` names another parameter");
    return false;
}

static bool reads(const struct modprop_config *config, const struct modprop_parameter *p)
{
    const char *const *const lists[] = {
        [MODPROP_READ_ALWAYS] = NULL,
        [MODPROP_READ_BY_RULE] = modprop_rule_at((size_t)config->rule)->params,
        [MODPROP_READ_BY_TASK] = modprop_task_at((size_t)config->task)->params,
        [MODPROP_READ_BY_UNITS] = modprop_units_at((size_t)config->units)->params,
        [MODPROP_READ_BY_OPTIMISER] = modprop_optimiser_at((size_t)config->optimiser)->params,
    };
    return (p->reader == MODPROP_READ_ALWAYS || listed(lists[p->reader], p->name)) &&
           (!p->when || holds(p->when, config));
}

void modprop_config_reads(const struct modprop_config *config, bool *read)
{
    for (size_t index = 0; index < PARAMETERS; index++)
        read[index] = reads(config, &table[index]);
}

bool modprop_config_reads_parameter(const struct modprop_config *config, const char *name)
{
    const size_t index = modprop_parameter_find(name);
    assert(index < PARAMETERS);
    return reads(config, &table[index]);
}
