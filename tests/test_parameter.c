/*
 * The parameter table: its rows, values as text, wrong names.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "small_run.h"

#include "engine/random.h"
#include "engine/registry.h"

static bool says(const struct modprop_error *err, const char *part)
{
    if (strstr(err->message, part))
        return true;
    print_error("\"%s\" does not say \"%s\"\n", err->message, part);
    return false;
}

static const struct modprop_parameter *row(size_t index)
{
    return modprop_parameter_at(index);
}

static bool is_number(const struct modprop_parameter *p)
{
    return p->kind == MODPROP_REAL_VALUE || p->kind == MODPROP_INTEGER_VALUE;
}

/* ------------------------------------------------------------------ rows */

static void every_default_parses_and_is_what_init_sets(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        struct modprop_error err = {0};
        double value = NAN;
        if (modprop_parameter_parse(k, row(k)->fallback, &value, &err) != MODPROP_OK)
            fail_msg("%s", err.message);
        assert_true(value == modprop_parameter_value(k, &config));
    }
    assert_int_equal(modprop_config_check(&config, NULL), MODPROP_OK);
}

static void defaults_are_those_of_the_published_run(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value;
    } published[] = {
        {"n", "120"},
        {"units", "relu"},
        {"tau_ms", "100"},
        {"threshold", "0"},
        {"task", "delayed_xor"},
        {"delay_ms", "700"},
        {"cue_ms", "100"},
        {"cue_amplitude", "2"},
        {"cue_baseline", "0.02"},
        {"input_noise", "0.01"},
        {"loss_steps", "1"},
        {"batch", "32"},
        {"iterations", "3000"},
        {"evaluate_every", "20"},
        {"learning_rate", "5e-4"},
        {"learning_rate_decay", "0.8"},
        {"learning_rate_decay_every", "300"},
        {"l1", "1e-2"},
        {"weight_decay", "5e-4"},
        {"clip_norm", "0"},
        {"connectivity", "0.99"},
        {"temperature", "0"},
        {"rule", "modprop"},
        {"feedback", "cell"},
        {"mu", "0.25"},
        {"window", "0"},
    };
    struct modprop_config config, named;
    modprop_config_init(&config);
    modprop_config_init(&named);
    for (size_t k = 0; k < sizeof published / sizeof *published; k++)
        small_set(&named, published[k].name, published[k].value);
    for (size_t k = 0; k < modprop_parameter_count(); k++)
        if (modprop_parameter_value(k, &config) != modprop_parameter_value(k, &named))
            fail_msg("%s is not at its published value", row(k)->name);
}

static void every_row_is_complete(void **state)
{
    (void)state;
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        const struct modprop_parameter *p = row(k);
        assert_true(p->section && p->section[0] && p->name && p->name[0]);
        assert_true(p->unit && p->unit[0] && p->help && p->help[0] && p->fallback &&
                    p->fallback[0]);
        assert_true(p->minimum < p->maximum);
        assert_true(!p->later || p->kind != MODPROP_TEXT_VALUE);
        assert_true((p->choice != NULL) == (p->kind == MODPROP_NAME_VALUE));
    }
}

static void names_are_unique(void **state)
{
    (void)state;
    for (size_t a = 0; a < modprop_parameter_count(); a++) {
        assert_int_equal(modprop_parameter_find(row(a)->name), a);
        for (size_t b = 0; b < a; b++)
            assert_string_not_equal(row(a)->name, row(b)->name);
    }
    assert_int_equal(modprop_parameter_find("no_such"), modprop_parameter_count());
}

/* The bytes of each field are marked; what stays unmarked may only be padding, less than a value.
 */
static void every_field_of_the_configuration_has_one_row(void **state)
{
    (void)state;
    unsigned char rows[sizeof(struct modprop_config)] = {0};
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        static const size_t sizes[] = {[MODPROP_REAL_VALUE] = sizeof(double),
                                       [MODPROP_INTEGER_VALUE] = sizeof(long),
                                       [MODPROP_NAME_VALUE] = sizeof(int),
                                       [MODPROP_TEXT_VALUE] = MODPROP_TEXT_SIZE};
        const size_t size = sizes[row(k)->kind];
        assert_true(row(k)->offset + size <= sizeof rows);
        for (size_t byte = row(k)->offset; byte < row(k)->offset + size; byte++)
            assert_int_equal(++rows[byte], 1);
    }
    size_t gap = 0;
    for (size_t byte = 0; byte < sizeof rows; byte++) {
        gap = rows[byte] ? 0 : gap + 1;
        if (gap >= sizeof(double))
            fail_msg("the field at byte %zu has no row", byte + 1 - sizeof(double));
    }
}

static void assign_and_value_are_inverse_and_touch_one_field(void **state)
{
    (void)state;
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        struct modprop_config config;
        modprop_config_init(&config);
        const double value = is_number(row(k)) ? row(k)->maximum : 1;
        if (row(k)->kind == MODPROP_TEXT_VALUE)
            continue;
        modprop_parameter_assign(k, &config, value);
        assert_true(modprop_parameter_value(k, &config) == value);
        struct modprop_config fresh;
        modprop_config_init(&fresh);
        for (size_t other = 0; other < modprop_parameter_count(); other++)
            if (other != k)
                assert_true(modprop_parameter_value(other, &config) ==
                            modprop_parameter_value(other, &fresh));
    }
}

static void a_text_is_kept_as_it_is_and_known_by_its_number(void **state)
{
    (void)state;
    const size_t data = modprop_parameter_find("data");
    struct modprop_config config, other;
    double value = NAN;
    modprop_config_init(&config);
    modprop_config_init(&other);
    assert_string_equal(modprop_parameter_text(data, &config), row(data)->fallback);
    small_set(&config, "data", "../a folder (1)/digits");
    assert_string_equal(config.data, "../a folder (1)/digits");
    assert_true(modprop_parameter_value(data, &config) != modprop_parameter_value(data, &other));
    assert_int_equal(modprop_parameter_parse(data, config.data, &value, NULL), MODPROP_OK);
    assert_true(value == modprop_parameter_value(data, &config));
    assert_int_equal(modprop_parameter_check(data, value, NULL), MODPROP_OK);
    modprop_parameter_copy(data, &other, &config);
    assert_memory_equal(&other, &config, sizeof config);
}

static void a_text_must_fit_and_not_be_empty(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    char text[MODPROP_TEXT_SIZE + 1];
    memset(text, 'x', sizeof text);
    text[MODPROP_TEXT_SIZE - 1] = '\0';
    small_set(&config, "data", text);
    assert_string_equal(config.data, text);
    text[MODPROP_TEXT_SIZE - 1] = 'x';
    text[MODPROP_TEXT_SIZE] = '\0';
    assert_int_equal(modprop_config_set(&config, "data", text, NULL), MODPROP_INVALID);
    assert_int_equal(modprop_config_set(&config, "data", "", NULL), MODPROP_INVALID);
    assert_int_equal(strlen(config.data), MODPROP_TEXT_SIZE - 1);
}

/* ------------------------------------------------------------------ values as text */

static void same_bits_after_text(size_t index, double value)
{
    char text[40];
    double back = NAN;
    struct modprop_error err = {0};
    modprop_parameter_format(index, value, text, sizeof text);
    if (modprop_parameter_parse(index, text, &back, &err) != MODPROP_OK)
        fail_msg("%a became %s: %s", value, text, err.message);
    if (memcmp(&value, &back, sizeof value) != 0)
        fail_msg("%s: %a became %s, which is %a", row(index)->name, value, text, back);
}

static void numbers_survive_text_to_the_bit(void **state)
{
    (void)state;
    const struct modprop_stream stream = {3, 0, 0};
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        const struct modprop_parameter *p = row(k);
        if (!is_number(p))
            continue;
        const bool whole = p->kind == MODPROP_INTEGER_VALUE;
        for (uint64_t draw = 0; draw < 500;
             draw++) { /* from the minimum up, all magnitudes alike */
            const double up = exp2(-60 * modprop_random_uniform(stream, draw));
            const double value = p->minimum + (p->maximum - p->minimum) * up;
            same_bits_after_text(k, whole ? ceil(value) : value);
        }
        same_bits_after_text(k, p->maximum);
        if (!p->minimum_excluded)
            same_bits_after_text(k, p->minimum);
        if (!whole && p->minimum <= 0)
            same_bits_after_text(k, DBL_TRUE_MIN);
    }
    same_bits_after_text(modprop_parameter_find("mu"), 0.1 + 0.2);
    same_bits_after_text(modprop_parameter_find("mu"), 1.0 / 3);
}

static void text_is_the_shortest_that_reads_back(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double value;
        const char *text;
    } cases[] = {
        {"mu", 0.25, "0.25"},           {"mu", 0.1, "0.1"},
        {"mu", 0.1234567, "0.1234567"}, {"learning_rate", 5e-4, "0.0005"},
        {"iterations", 3000, "3000"},   {"seed", 4294967295.0, "4294967295"},
        {"threshold", -1.5, "-1.5"},    {"iterations", 1e6, "1e+06"},
        {"rule", 0, "modprop"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char text[40];
        modprop_parameter_format(modprop_parameter_find(cases[k].name), cases[k].value, text,
                                 sizeof text);
        assert_string_equal(text, cases[k].text);
    }
}

static void a_name_that_does_not_apply_is_written_empty(void **state)
{
    (void)state;
    char text[40] = "left over";
    modprop_parameter_format(modprop_parameter_find("feedback"), NAN, text, sizeof text);
    assert_string_equal(text, "");
}

static void every_known_name_survives_text(void **state)
{
    (void)state;
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        if (row(k)->kind != MODPROP_NAME_VALUE)
            continue;
        for (size_t name = 0; row(k)->choice(name); name++)
            same_bits_after_text(k, (double)name);
    }
}

static void junk_is_no_number(void **state)
{
    (void)state;
    static const char *const junk[] = {
        "",         " ",     "nan",    "NaN",   "-nan",  "nan(1)",       "inf",   "-inf",
        "infinity", "1e999", "-1e999", "0x10",  "0x1p3", "1,5",          "1.5.2", " 3",
        "3 ",       "\t3",   "3\n",    "3ms",   "--3",   "1e",           "e5",    ".",
        "-",        "1 2",   "1_000",  "three", "3;",    "\xe2\x88\x9e",
    };
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        if (!is_number(row(k)))
            continue;
        for (size_t j = 0; j < sizeof junk / sizeof *junk; j++) {
            struct modprop_error err = {0};
            double value = 77;
            if (modprop_parameter_parse(k, junk[j], &value, &err) != MODPROP_INVALID)
                fail_msg("%s = \"%s\" was taken as %g", row(k)->name, junk[j], value);
            assert_true(value == 77);
            assert_int_equal(err.code, MODPROP_INVALID);
            assert_true(says(&err, row(k)->name) && says(&err, "number"));
        }
    }
}

static void usual_spellings_are_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        double value;
    } cases[] = {
        {"mu", ".5", 0.5},   {"mu", "5e-1", 0.5}, {"mu", "+0.5", 0.5},     {"mu", "1.", 1},
        {"mu", "0.50", 0.5}, {"mu", "5E-1", 0.5}, {"n", "120", 120},       {"n", "1.2e2", 120},
        {"n", "120.0", 120}, {"n", "0120", 120},  {"threshold", "-1", -1},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double value = NAN;
        assert_int_equal(modprop_parameter_parse(modprop_parameter_find(cases[k].name),
                                                 cases[k].text, &value, NULL),
                         MODPROP_OK);
        assert_true(value == cases[k].value);
    }
}

static void whole_numbers_are_wanted_where_things_are_counted(void **state)
{
    (void)state;
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        struct modprop_error err = {0};
        if (row(k)->kind != MODPROP_INTEGER_VALUE)
            continue;
        assert_int_equal(modprop_parameter_check(k, row(k)->maximum - 0.5, &err), MODPROP_INVALID);
        assert_true(says(&err, "whole number"));
    }
}

static void bounds_belong_to_the_range_unless_excluded(void **state)
{
    (void)state;
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        const struct modprop_parameter *p = row(k);
        if (!is_number(p))
            continue;
        const bool whole = p->kind == MODPROP_INTEGER_VALUE;
        const double below = whole ? p->minimum - 1 : nextafter(p->minimum, -INFINITY);
        const double above = whole ? p->maximum + 1 : nextafter(p->maximum, INFINITY);
        struct modprop_error low = {0}, high = {0};
        assert_int_equal(modprop_parameter_check(k, p->maximum, NULL), MODPROP_OK);
        assert_int_equal(modprop_parameter_check(k, above, &high), MODPROP_INVALID);
        assert_true(says(&high, "above the maximum") && says(&high, p->name));
        assert_int_equal(modprop_parameter_check(k, p->minimum, NULL),
                         p->minimum_excluded ? MODPROP_INVALID : MODPROP_OK);
        assert_int_equal(modprop_parameter_check(k, below, &low), MODPROP_INVALID);
        assert_true(says(&low, p->minimum_excluded ? "must be above" : "below the minimum"));
        if (p->minimum_excluded)
            assert_int_equal(modprop_parameter_check(k, nextafter(p->minimum, 1), NULL),
                             MODPROP_OK);
    }
}

static void integers_beyond_long_are_out_of_range(void **state)
{
    (void)state;
    static const char *const huge[] = {"9223372036854775808", "-9223372036854775809", "1e300",
                                       "99999999999999999999999999999999999999", "4294967296000"};
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        for (size_t j = 0; row(k)->kind == MODPROP_INTEGER_VALUE && j < sizeof huge / sizeof *huge;
             j++) {
            struct modprop_error err = {0};
            double value = 77;
            assert_int_equal(modprop_parameter_parse(k, huge[j], &value, &err), MODPROP_INVALID);
            assert_true(says(&err, huge[j][0] == '-' ? "minimum" : "maximum"));
            assert_true(value == 77);
        }
    }
}

static void seeds_are_exact_up_to_their_maximum(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    small_set(&config, "seed", "4294967295");
    assert_true(config.seed == 4294967295);
    assert_int_equal(modprop_config_set(&config, "seed", "4294967296", NULL), MODPROP_INVALID);
    assert_int_equal(modprop_config_set(&config, "seed", "-1", NULL), MODPROP_INVALID);
}

static void values_that_are_not_finite_fail_the_check(void **state)
{
    (void)state;
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t k = 0; k < modprop_parameter_count(); k++)
        for (size_t j = 0; j < 3; j++)
            assert_int_equal(modprop_parameter_check(k, bad[j], NULL), MODPROP_INVALID);
}

static void indices_without_a_name_fail_the_check(void **state)
{
    (void)state;
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        size_t names = 0;
        if (row(k)->kind != MODPROP_NAME_VALUE)
            continue;
        while (row(k)->choice(names))
            names++;
        assert_int_equal(modprop_parameter_check(k, (double)names - 1, NULL), MODPROP_OK);
        assert_int_equal(modprop_parameter_check(k, (double)names, NULL), MODPROP_INVALID);
        assert_int_equal(modprop_parameter_check(k, -1, NULL), MODPROP_INVALID);
        assert_int_equal(modprop_parameter_check(k, 0.5, NULL), MODPROP_INVALID);
    }
}

/* ------------------------------------------------------------------ wrong names */

static void a_wrong_value_is_told_with_the_nearest_and_all_known(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    struct modprop_error err = {0};
    assert_int_equal(modprop_config_set(&config, "rule", "bppt", &err), MODPROP_INVALID);
    assert_true(says(&err, "did you mean bptt?"));
    for (size_t k = 0; modprop_rule_choice(k); k++)
        assert_true(says(&err, modprop_rule_choice(k)));
    struct modprop_error far = {0};
    assert_int_equal(modprop_config_set(&config, "rule", "hebbian", &far), MODPROP_INVALID);
    assert_null(strstr(far.message, "did you mean"));
    assert_true(says(&far, "known: "));
    assert_true(config.rule == 0);
}

static void names_are_taken_to_the_letter(void **state)
{
    (void)state;
    static const char *const wrong[] = {"BPTT", "bptt ", " bptt", "bpt", "bptt2", "", "0", "1"};
    struct modprop_config config;
    modprop_config_init(&config);
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
        assert_int_equal(modprop_config_set(&config, "rule", wrong[k], NULL), MODPROP_INVALID);
    assert_true(config.rule == 0);
}

static void a_wrong_parameter_is_told_with_the_nearest(void **state)
{
    (void)state;
    static const struct {
        const char *wrong, *meant;
    } cases[] = {
        {"learning_rte", "learning_rate"},    {"Mu", "mu"},
        {"iteration", "iterations"},          {"feedbcak", "feedback"},
        {"types_per_sgin", "types_per_sign"},
    };
    struct modprop_config config;
    modprop_config_init(&config);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char hint[64];
        struct modprop_error err = {0};
        assert_int_equal(modprop_config_set(&config, cases[k].wrong, "1", &err), MODPROP_INVALID);
        snprintf(hint, sizeof hint, "did you mean %s", cases[k].meant);
        assert_true(says(&err, hint));
    }
    struct modprop_error far = {0};
    assert_int_equal(modprop_config_set(&config, "momentum_of_inertia", "1", &far),
                     MODPROP_INVALID);
    assert_null(strstr(far.message, "did you mean"));
}

static void the_first_error_wins(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    struct modprop_error err = {0};
    modprop_config_set(&config, "mu", "-1", &err);
    assert_int_equal(modprop_config_set(&config, "n", "junk", &err), MODPROP_INVALID);
    assert_true(says(&err, "mu"));
    assert_null(strstr(err.message, "junk"));
    assert_non_null(err.file);
    assert_true(err.line > 0);
}

static void endless_text_is_cut_in_the_message(void **state)
{
    (void)state;
    char text[4096];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct modprop_config config;
    modprop_config_init(&config);
    static const char *const names[] = {"mu", "rule"};
    for (size_t k = 0; k < 2; k++) {
        struct modprop_error err = {0};
        assert_int_equal(modprop_config_set(&config, names[k], text, &err), MODPROP_INVALID);
        assert_int_equal(strlen(err.message), sizeof err.message - 1);
    }
    assert_int_equal(modprop_config_set(&config, text, "1", NULL), MODPROP_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_parses_and_is_what_init_sets),
        cmocka_unit_test(defaults_are_those_of_the_published_run),
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(names_are_unique),
        cmocka_unit_test(every_field_of_the_configuration_has_one_row),
        cmocka_unit_test(assign_and_value_are_inverse_and_touch_one_field),
        cmocka_unit_test(a_text_is_kept_as_it_is_and_known_by_its_number),
        cmocka_unit_test(a_text_must_fit_and_not_be_empty),
        cmocka_unit_test(numbers_survive_text_to_the_bit),
        cmocka_unit_test(text_is_the_shortest_that_reads_back),
        cmocka_unit_test(a_name_that_does_not_apply_is_written_empty),
        cmocka_unit_test(every_known_name_survives_text),
        cmocka_unit_test(junk_is_no_number),
        cmocka_unit_test(usual_spellings_are_numbers),
        cmocka_unit_test(whole_numbers_are_wanted_where_things_are_counted),
        cmocka_unit_test(bounds_belong_to_the_range_unless_excluded),
        cmocka_unit_test(integers_beyond_long_are_out_of_range),
        cmocka_unit_test(seeds_are_exact_up_to_their_maximum),
        cmocka_unit_test(values_that_are_not_finite_fail_the_check),
        cmocka_unit_test(indices_without_a_name_fail_the_check),
        cmocka_unit_test(a_wrong_value_is_told_with_the_nearest_and_all_known),
        cmocka_unit_test(names_are_taken_to_the_letter),
        cmocka_unit_test(a_wrong_parameter_is_told_with_the_nearest),
        cmocka_unit_test(the_first_error_wins),
        cmocka_unit_test(endless_text_is_cut_in_the_message),
    };
    return cmocka_run_group_tests_name("parameter", tests, NULL, NULL);
}
