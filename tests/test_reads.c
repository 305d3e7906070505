/*
 * Who reads which parameter: the lists of rules, tasks, units and optimisers, and the conditions.
 */
#include <stdio.h>
#include <string.h>

#include "small_run.h"

#include "engine/registry.h"

static const struct modprop_parameter *row(size_t index)
{
    return modprop_parameter_at(index);
}

static bool is_read(const struct modprop_config *config, const char *name)
{
    bool read[256];
    assert_true(modprop_parameter_count() < sizeof read);
    modprop_config_reads(config, read);
    return read[modprop_parameter_find(name)];
}

static void types_are_read_where_feedback_by_type_is(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    for (size_t rule = 0; modprop_rule_choice(rule); rule++) {
        config.rule = (int)rule;
        config.feedback = MODPROP_FEEDBACK_CELL;
        assert_false(is_read(&config, "types_per_sign"));
        config.feedback = MODPROP_FEEDBACK_TYPE;
        assert_int_equal(is_read(&config, "types_per_sign"), modprop_rule_at(rule)->feedback);
        assert_int_equal(is_read(&config, "feedback"), modprop_rule_at(rule)->feedback);
    }
}

static void what_a_rule_reads_follows_from_what_it_is(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    for (size_t k = 0; modprop_rule_choice(k); k++) {
        const struct modprop_rule *rule = modprop_rule_at(k);
        config.rule = (int)k;
        bool path[2] = {false};
        for (size_t j = 0; rule->methods[j]; j++)
            path[rule->methods[j]->trajectory] = true;
        assert_int_equal(is_read(&config, "path"), path[false] && path[true]);
        assert_int_equal(is_read(&config, "mu"), rule->modulates);
        assert_int_equal(is_read(&config, "window"), rule->modulates);
        assert_int_equal(is_read(&config, "tap_tolerance"), rule->modulates);
        const bool exact = strcmp(rule->name, "bptt") == 0 || strcmp(rule->name, "rtrl") == 0 ||
                           strncmp(rule->name, "snap", 4) == 0;
        assert_int_equal(is_read(&config, "learning_signal"), !exact);
    }
}

/* The k-th name of every parameter that has so many, but for rule, task and units; whether any has. */
static bool choose_everywhere(struct modprop_config *config, size_t k)
{
    const struct modprop_config before = *config;
    bool any = false;
    for (size_t p = 0; p < modprop_parameter_count(); p++) {
        if (row(p)->kind == MODPROP_NAME_VALUE && row(p)->choice(k)) {
            modprop_parameter_assign(p, config, (double)k);
            any = true;
        }
    }
    config->rule = before.rule;
    config->task = before.task;
    config->units = before.units;
    return any;
}

static void every_parameter_is_read_by_some_configuration(void **state)
{
    (void)state;
    bool some[256] = {false}, read[256];
    struct modprop_config config;
    modprop_config_init(&config);
    for (config.rule = 0; modprop_rule_choice((size_t)config.rule); config.rule++)
        for (config.task = 0; modprop_task_choice((size_t)config.task); config.task++)
            for (config.units = 0; modprop_units_choice((size_t)config.units); config.units++)
                for (size_t name = 0; choose_everywhere(&config, name); name++) {
                    modprop_config_reads(&config, read);
                    for (size_t k = 0; k < modprop_parameter_count(); k++) {
                        some[k] |= read[k];
                        if (row(k)->reader == MODPROP_READ_ALWAYS && !row(k)->when)
                            assert_true(read[k]);
                    }
                }
    for (size_t k = 0; k < modprop_parameter_count(); k++)
        if (!some[k])
            fail_msg("%s is read by nothing", row(k)->name);
}

static void params_exist(const char *owner, const char *const *params, enum modprop_reader reader)
{
    for (; *params; params++) {
        const size_t index = modprop_parameter_find(*params);
        if (index == modprop_parameter_count())
            fail_msg("%s reads %s, which does not exist", owner, *params);
        if (row(index)->reader != reader)
            fail_msg("%s lists %s, whose row says another reader", owner, *params);
    }
}

static void lists_of_the_tables_name_existing_parameters(void **state)
{
    (void)state;
    for (size_t k = 0; modprop_rule_choice(k); k++)
        params_exist(modprop_rule_choice(k), modprop_rule_at(k)->params, MODPROP_READ_BY_RULE);
    for (size_t k = 0; modprop_task_choice(k); k++)
        params_exist(modprop_task_choice(k), modprop_task_at(k)->params, MODPROP_READ_BY_TASK);
    for (size_t k = 0; modprop_units_choice(k); k++)
        params_exist(modprop_units_choice(k), modprop_units_at(k)->params, MODPROP_READ_BY_UNITS);
    for (size_t k = 0; modprop_optimiser_choice(k); k++)
        params_exist(modprop_optimiser_choice(k), modprop_optimiser_at(k)->params,
                     MODPROP_READ_BY_OPTIMISER);
}

static void conditions_name_existing_parameters_and_values(void **state)
{
    (void)state;
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        for (const char *when = row(k)->when; when;) {
            char name[64], value[64];
            assert_int_equal(sscanf(when, "%63[^!=]%*[!=]%63[^ ,]", name, value), 2);
            const size_t index = modprop_parameter_find(name);
            assert_true(index < modprop_parameter_count());
            assert_int_equal(row(index)->kind, MODPROP_NAME_VALUE);
            double number;
            assert_int_equal(modprop_parameter_parse(index, value, &number, NULL), MODPROP_OK);
            const char *const either = strstr(when, " or "), *const both = strstr(when, ", and ");
            when = either && (!both || either < both) ? either + 4 : both ? both + 6 : NULL;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_read_where_feedback_by_type_is),
        cmocka_unit_test(what_a_rule_reads_follows_from_what_it_is),
        cmocka_unit_test(every_parameter_is_read_by_some_configuration),
        cmocka_unit_test(lists_of_the_tables_name_existing_parameters),
        cmocka_unit_test(conditions_name_existing_parameters_and_values),
    };
    return cmocka_run_group_tests_name("reads", tests, NULL, NULL);
}
