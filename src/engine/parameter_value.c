/*
 * Values of parameters: in a configuration, as text, and which of them a configuration reads.
 */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/name.h"
#include "engine/registry.h"

/* ------------------------------------------------------------------ in a configuration */

/* Where the configuration has the parameter. */
static const void *field(const struct modprop_parameter *p, const struct modprop_config *config)
{
    return (const char *)config + p->offset;
}

static void *field_of(const struct modprop_parameter *p, struct modprop_config *config)
{
    return (char *)config + p->offset;
}

/* Equal for equal texts: FNV-1a, of which a double holds 53 bits. */
static double number_of_text(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return (double)(hash >> 11);
}

double modprop_parameter_value(size_t index, const struct modprop_config *config)
{
    const struct modprop_parameter *p = modprop_parameter_at(index);
    switch (p->kind) {
    case MODPROP_INTEGER_VALUE: return (double)*(const long *)field(p, config);
    case MODPROP_NAME_VALUE: return *(const int *)field(p, config);
    case MODPROP_TEXT_VALUE: return number_of_text(field(p, config));
    case MODPROP_REAL_VALUE: break;
    }
    return *(const double *)field(p, config);
}

void modprop_parameter_assign(size_t index, struct modprop_config *config, double value)
{
    const struct modprop_parameter *p = modprop_parameter_at(index);
    switch (p->kind) {
    case MODPROP_INTEGER_VALUE: *(long *)field_of(p, config) = (long)value; break;
    case MODPROP_NAME_VALUE: *(int *)field_of(p, config) = (int)value; break;
    case MODPROP_REAL_VALUE: *(double *)field_of(p, config) = value; break;
    case MODPROP_TEXT_VALUE: assert(false && "a text is set by modprop_config_set"); break;
    }
}

void modprop_parameter_copy(size_t index, struct modprop_config *to,
                            const struct modprop_config *from)
{
    static const size_t sizes[] = {[MODPROP_REAL_VALUE] = sizeof(double),
                                   [MODPROP_INTEGER_VALUE] = sizeof(long),
                                   [MODPROP_NAME_VALUE] = sizeof(int),
                                   [MODPROP_TEXT_VALUE] = MODPROP_TEXT_SIZE};
    const struct modprop_parameter *p = modprop_parameter_at(index);
    memcpy(field_of(p, to), field(p, from), sizes[p->kind]);
}

const char *modprop_parameter_text(size_t index, const struct modprop_config *config)
{
    const struct modprop_parameter *p = modprop_parameter_at(index);
    assert(p->kind == MODPROP_TEXT_VALUE);
    return field(p, config);
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

static enum modprop_status parse_text(const struct modprop_parameter *p, const char *text,
                                      double *value, struct modprop_error *err)
{
    if (!text[0] || strlen(text) >= MODPROP_TEXT_SIZE)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: a text of 1 to %d bytes is wanted, not %zu",
                            p->name, MODPROP_TEXT_SIZE - 1, strlen(text));
    *value = number_of_text(text);
    return MODPROP_OK;
}

enum modprop_status modprop_parameter_parse(size_t index, const char *text, double *value,
                                            struct modprop_error *err)
{
    const struct modprop_parameter *p = modprop_parameter_at(index);
    if (p->kind == MODPROP_NAME_VALUE)
        return parse_name(p, text, value, err);
    if (p->kind == MODPROP_TEXT_VALUE)
        return parse_text(p, text, value, err);
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
    assert(p->kind != MODPROP_TEXT_VALUE);
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

/* Sets the parameter from text that is right. */
static enum modprop_status set(struct modprop_config *config, size_t index, const char *text,
                               struct modprop_error *err)
{
    const struct modprop_parameter *p = modprop_parameter_at(index);
    double value = 0;
    const enum modprop_status status = modprop_parameter_parse(index, text, &value, err);
    if (status != MODPROP_OK)
        return status;
    if (p->kind == MODPROP_TEXT_VALUE)
        snprintf(field_of(p, config), MODPROP_TEXT_SIZE, "%s", text);
    else
        modprop_parameter_assign(index, config, value);
    return MODPROP_OK;
}

void modprop_config_init(struct modprop_config *config)
{
    *config = (struct modprop_config){0};
    for (size_t index = 0; index < modprop_parameter_count(); index++) {
        const enum modprop_status status = set(config, index, modprop_parameter_at(index)->fallback,
                                               NULL);
        assert(status == MODPROP_OK);
        (void)status;
    }
}

static const char *parameter_name(size_t index)
{
    return index < modprop_parameter_count() ? modprop_parameter_at(index)->name : NULL;
}

enum modprop_status modprop_config_set(struct modprop_config *config, const char *name,
                                       const char *value, struct modprop_error *err)
{
    const size_t index = modprop_parameter_find(name);
    if (index == modprop_parameter_count()) {
        const char *near = modprop_name_nearest(parameter_name, name);
        return MODPROP_FAIL(err, MODPROP_INVALID, "there is no parameter %s%s%s", name,
                            near ? ", did you mean " : "", near ? near : "");
    }
    return set(config, index, value, err);
}

static bool listed(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* Whether the first "name=value" or "name!=value" of `when` holds in the configuration. */
static bool holds_first(const char *when, const struct modprop_config *config)
{
    const size_t name = strcspn(when, "!="), equals = strcspn(when, "=");
    const size_t value = strcspn(when + equals + 1, " ,");
    for (size_t index = 0; index < modprop_parameter_count(); index++) {
        const struct modprop_parameter *p = modprop_parameter_at(index);
        if (strncmp(p->name, when, name) == 0 && p->name[name] == '\0') {
            assert(p->kind == MODPROP_NAME_VALUE);
            const char *chosen = p->choice((size_t)modprop_parameter_value(index, config));
            const bool same = strlen(chosen) == value &&
                              strncmp(chosen, when + equals + 1, value) == 0;
            return same == (name == equals);
        }
    }
    assert(false && "a parameter's `when` names another parameter");
    return false;
}

/* Whether `when`, "name=value or name=value, and name!=value", holds: one of each part. */
static bool holds(const char *when, const struct modprop_config *config)
{
    static const char either[] = " or ", both[] = ", and ";
    const char *const next = strstr(when, both);
    while (!holds_first(when, config)) {
        when = strstr(when, either);
        if (!when || (next && when > next))
            return false;
        when += sizeof either - 1;
    }
    return !next || holds(next + sizeof both - 1, config);
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
    for (size_t index = 0; index < modprop_parameter_count(); index++)
        read[index] = reads(config, modprop_parameter_at(index));
}

bool modprop_config_reads_parameter(const struct modprop_config *config, const char *name)
{
    const size_t index = modprop_parameter_find(name);
    assert(index < modprop_parameter_count());
    return reads(config, modprop_parameter_at(index));
}
