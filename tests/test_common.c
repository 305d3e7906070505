/*
 * What a group of runs has in common: values, ranges, nothing more than needed.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sweep/common.h"

enum { RUNS = 24 }; /* 2 rules, 3 sizes, 4 learning rates */

struct grid {
    double rule[RUNS], n[RUNS], rate[RUNS], mu[RUNS];
    const double **value;
    bool member[RUNS], considered[RUNS];
};

static double choice(const char *parameter, const char *name)
{
    double value = NAN;
    assert_int_equal(modprop_parameter_parse(modprop_parameter_find(parameter), name, &value, NULL),
                     MODPROP_OK);
    return value;
}

static void fill(struct grid *grid)
{
    static const double rates[] = {1e-4, 1e-3, 1e-2, 1e-1};
    memset(grid, 0, sizeof *grid);
    grid->value = calloc(modprop_parameter_count(), sizeof *grid->value);
    grid->value[modprop_parameter_find("rule")] = grid->rule;
    grid->value[modprop_parameter_find("n")] = grid->n;
    grid->value[modprop_parameter_find("learning_rate")] = grid->rate;
    grid->value[modprop_parameter_find("mu")] = grid->mu;
    for (size_t run = 0; run < RUNS; run++) {
        grid->rule[run] = choice("rule", run % 2 ? "modprop" : "bptt");
        grid->mu[run] = run % 2 ? 0.25 : NAN;
        grid->n[run] = 40.0 + 40.0 * (double)(run / 2 % 3);
        grid->rate[run] = rates[run / 6];
        grid->considered[run] = true;
    }
}

static void expect(struct grid *grid, const char *text, size_t members, size_t matching)
{
    char found[200];
    struct modprop_common common;
    modprop_common_find(&common, grid->value, RUNS, grid->member, grid->considered);
    modprop_common_text(&common, found, sizeof found);
    assert_string_equal(found, text);
    assert_int_equal(common.members, members);
    assert_int_equal(common.matching, matching);
    free(grid->value);
}

static void a_shared_value_is_found(void **state)
{
    (void)state;
    struct grid grid;
    fill(&grid);
    for (size_t run = 0; run < RUNS; run++)
        grid.member[run] = grid.n[run] == 120;
    expect(&grid, "n=120", 8, 8);
}

static void shared_values_and_an_open_range_are_found(void **state)
{
    (void)state;
    struct grid grid;
    fill(&grid);
    for (size_t run = 0; run < RUNS; run++)
        grid.member[run] = grid.n[run] == 80 && grid.rate[run] > 5e-3;
    expect(&grid, "n=80 learning_rate>=0.01", 4, 4);
}

static void a_range_closed_on_both_sides_is_found(void **state)
{
    (void)state;
    struct grid grid;
    fill(&grid);
    for (size_t run = 0; run < RUNS; run++)
        grid.member[run] = grid.rate[run] > 5e-4 && grid.rate[run] < 5e-2;
    expect(&grid, "learning_rate=0.001..0.01", 12, 12);
}

/* mu is read by modprop alone: one of the two says all. */
static void what_follows_from_another_trait_is_left_out(void **state)
{
    (void)state;
    struct grid grid;
    fill(&grid);
    for (size_t run = 0; run < RUNS; run++)
        grid.member[run] = run % 2;
    expect(&grid, "rule=modprop", 12, 12);
}

static void runs_with_the_traits_outside_the_group_are_counted(void **state)
{
    (void)state;
    struct grid grid;
    fill(&grid);
    size_t members = 0;
    for (size_t run = 0; run < RUNS; run++)
        members += grid.member[run] = grid.n[run] == 120 && run != 5 && run != 10;
    grid.considered[10] = false; /* not over yet */
    expect(&grid, "n=120", members, 7);
}

static void a_group_of_all_sorts_has_nothing_in_common(void **state)
{
    (void)state;
    struct grid grid;
    fill(&grid);
    grid.member[0] = grid.member[RUNS - 1] = true;
    expect(&grid, "", 2, RUNS);
}

static void text_is_cut_and_terminated(void **state)
{
    (void)state;
    char text[8];
    struct modprop_common common = {
        .traits = 1,
        .trait = {{.parameter = modprop_parameter_find("learning_rate"), .low = 0.1, .high = 0.1}}};
    modprop_common_text(&common, text, sizeof text);
    assert_string_equal(text, "learnin");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shared_value_is_found),
        cmocka_unit_test(shared_values_and_an_open_range_are_found),
        cmocka_unit_test(a_range_closed_on_both_sides_is_found),
        cmocka_unit_test(what_follows_from_another_trait_is_left_out),
        cmocka_unit_test(runs_with_the_traits_outside_the_group_are_counted),
        cmocka_unit_test(a_group_of_all_sorts_has_nothing_in_common),
        cmocka_unit_test(text_is_cut_and_terminated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
