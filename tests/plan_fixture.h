/*
 * plan_fixture.h - what the tests of the sweep layer share: plans from text, and expected mistakes.
 */
#ifndef PLAN_FIXTURE_H
#define PLAN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sweep/plan.h"

#define SOURCE "sweeps/test.ini"

/* The plan of a text without mistakes. */
static inline struct modprop_plan *plan_of(const char *text)
{
    struct modprop_plan *plan = NULL;
    struct modprop_mistakes mistakes = {0};
    const enum modprop_status status = modprop_plan_parse(&plan, SOURCE, text, &mistakes);
    for (size_t k = 0; k < mistakes.count; k++)
        print_error("%s\n", mistakes.line[k]);
    assert_int_equal(status, MODPROP_OK);
    assert_int_equal(mistakes.count, 0);
    assert_non_null(plan);
    modprop_mistakes_clear(&mistakes);
    return plan;
}

static inline double value_of(const struct modprop_plan *plan, size_t run, const char *name)
{
    const size_t p = modprop_parameter_find(name);
    assert_true(p < plan->parameters && run < plan->runs);
    return plan->values[run * plan->parameters + p];
}

/* The name chosen by a run, "" where it does not read the parameter. */
static inline const char *name_of(const struct modprop_plan *plan, size_t run, const char *name)
{
    const double value = value_of(plan, run, name);
    return value != value
               ? ""
               : modprop_parameter_at(modprop_parameter_find(name))->choice((size_t)value);
}

/* Labels of all runs with their seed and variant, a line each: "1 base: rule=bptt". */
static inline void assert_runs(const char *text, const char *expected)
{
    struct modprop_plan *plan = plan_of(text);
    char found[8192] = "", label[256];
    size_t used = 0;
    for (size_t run = 0; run < plan->runs && used < sizeof found; run++) {
        modprop_plan_label(plan, run, label, sizeof label);
        used += (size_t)snprintf(found + used, sizeof found - used, "%g %s: %s\n",
                                 value_of(plan, run, "seed"),
                                 plan->variant_name[plan->variant[run]], label);
    }
    assert_string_equal(found, expected);
    modprop_plan_free(plan);
}

/* All mistakes of a text, in order, each as "LINE: message"; "file: message" for the whole file. */
static inline void assert_mistakes(const char *text, const char *expected)
{
    struct modprop_plan *plan = NULL;
    struct modprop_mistakes mistakes = {0};
    assert_int_equal(modprop_plan_parse(&plan, SOURCE, text, &mistakes), MODPROP_INVALID);
    assert_null(plan);
    char found[16384] = "";
    size_t used = 0;
    for (size_t k = 0; k < mistakes.count && used < sizeof found; k++) {
        const char *line = mistakes.line[k];
        assert_int_equal(strncmp(line, SOURCE ":", strlen(SOURCE ":")), 0);
        line += strlen(SOURCE ":");
        used += (size_t)snprintf(found + used, sizeof found - used, "%s%s\n",
                                 *line == ' ' ? "file:" : "", line);
    }
    assert_string_equal(found, expected);
    modprop_mistakes_clear(&mistakes);
}

/* All notes of a text without mistakes, in the same form. */
static inline void assert_notes(const char *text, const char *expected)
{
    struct modprop_plan *plan = plan_of(text);
    char found[4096] = "";
    size_t used = 0;
    for (size_t k = 0; k < plan->notes.count && used < sizeof found; k++)
        used += (size_t)snprintf(found + used, sizeof found - used, "%s\n",
                                 plan->notes.line[k] + strlen(SOURCE ":"));
    assert_string_equal(found, expected);
    modprop_plan_free(plan);
}

#endif
