/*
 * What is wrong with a sweep file: each mistake is told at its line, with what to do, and all of
 * them at once.
 */
#include "plan_fixture.h"

static void all_mistakes_are_told_at_once_in_order_of_lines(void **state)
{
    (void)state;
    assert_mistakes(
        "[sweep]\nsamples = -1\n[rule]\nrul = bptt\nmu = 7..1\n[network]\nn = 0\nn = 20\n"
        "types_per_sign = 5000\n[task]\ncue_ms = x\n[training]\niterations = 7\n",
        "2: samples = -1 must be a whole number from 0 to 1000000\n"
        "4: there is no key rul, did you mean rule, under [rule]?\n"
        "5: mu: 7..1 runs backwards, write 1..7\n"
        "7: n = 0 is below the minimum 2\n"
        "8: n is given here and in line 7: keep one\n"
        "9: types_per_sign belongs under [rule], not [network]\n"
        "11: cue_ms = x is not a number\n");
}

static void unknown_keys_are_told_with_the_nearest_name(void **state)
{
    (void)state;
    assert_mistakes(
        "[training]\nlerning_rate = 1e-3\n",
        "2: there is no key lerning_rate, did you mean learning_rate, under [training]?\n");
    assert_mistakes("[sweep]\nsave_weight = yes\n",
                    "2: there is no key save_weight, did you mean save_weights, under [sweep]?\n");
    assert_mistakes("[variant a]\nxyzzyx = 3\n",
                    "2: there is no key xyzzyx; modprop_sweep --help lists them all\n");
}

static void keys_in_the_wrong_section_are_told_the_right_one(void **state)
{
    (void)state;
    assert_mistakes("[network]\nmu = 1\n[rule]\noutput = a.h5\nseed = 2\n",
                    "2: mu belongs under [rule], not [network]\n"
                    "4: output belongs under [sweep], not [rule]\n"
                    "5: seed belongs under [sweep], not [rule]\n");
    assert_mistakes("mu = 1\n[rule]\n",
                    "1: mu stands above the first section: put it under [rule]\n");
    assert_mistakes(
        "[variant a]\noutput = x.h5\nsamples = 3\n",
        "2: output holds for the whole sweep: put it under [sweep], not into a variant\n"
        "3: samples holds for the whole sweep: put it under [sweep], not into a variant\n");
}

static void unknown_sections_are_told_with_the_nearest_name(void **state)
{
    (void)state;
#define KNOWN "(known: sweep, network, task, drift, training, rule, variant NAME)\n"
    assert_mistakes("[netwrok]\nn = 20\nnn = 3\n[foo]\n[variants x]\n[Variant y]\n[variant ]\n",
                    "1: there is no section [netwrok], did you mean [network]? " KNOWN
                    "3: there is no key nn, did you mean n, under [network]?\n"
                    "4: there is no section [foo] " KNOWN
                    "5: there is no section [variants x], did you mean [variant NAME]? " KNOWN
                    "6: there is no section [Variant y], did you mean [variant NAME]? " KNOWN
                    "7: the variant needs a name: [variant baselines]\n");
}

static void duplicate_key_reports_both_lines(void **state)
{
    (void)state;
    assert_mistakes("[rule]\nmu = 0.1\n\nmu = 0.2\n[sweep]\noutput = a\n[rule]\nmu=0.3\n[sweep]\n"
                    "output = b\nzip = mu, n\nzip =\n",
                    "4: mu is given here and in line 2: keep one\n"
                    "8: mu is given here and in line 2: keep one\n"
                    "10: output is given here and in line 6: keep one\n"
                    "12: zip is given here and in line 11: keep one\n");
}

static void duplicate_variant_reports_both_lines(void **state)
{
    (void)state;
    assert_mistakes("[variant a]\nmu = 0\n[variant  a]\nmu = 1\n",
                    "3: [variant a] stands here and in line 1: keep one or give it another name\n");
}

static void values_are_checked_one_by_one(void **state)
{
    (void)state;
    assert_mistakes(
        "[rule]\nmu = 0.1, abc, -2, 1e9, 0.1 0.2\nrule = bptt, modpro\n"
        "[network]\nn = 2.5\n[sweep]\nseed = -1\n",
        "2: mu = abc is not a number\n"
        "2: mu = -2 is below the minimum 0\n"
        "2: mu = 1000000000 is above the maximum 1000\n"
        "2: mu = 0.1 0.2 is not a number\n"
        "3: rule = modpro is not known, did you mean modprop? (known: modprop, bptt, mdgl, "
        "eprop, rtrl, snap1, snap2, rflo)\n"
        "5: n = 2.5 must be a whole number\n"
        "7: seed = -1 is below the minimum 0\n");
}

static void values_that_are_not_finite_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"nan",
                                        "inf",
                                        "-inf",
                                        "1e999",
                                        "nan(3)",
                                        "linspace(0, inf, 3)",
                                        "linspace(nan, 1, 3)",
                                        "1..inf",
                                        "nan..nan",
                                        "uniform(0, inf)"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        char text[100];
        snprintf(text, sizeof text, "[sweep]\nsamples = 3\n[rule]\nmu = %s\n", texts[k]);
        struct modprop_plan *plan = NULL;
        struct modprop_mistakes mistakes = {0};
        assert_int_equal(modprop_plan_parse(&plan, SOURCE, text, &mistakes), MODPROP_INVALID);
        assert_int_equal(mistakes.count, 1);
        assert_int_equal(strncmp(mistakes.line[0], SOURCE ":4: mu", strlen(SOURCE ":4: mu")), 0);
        modprop_mistakes_clear(&mistakes);
    }
}

static void empty_values_and_items_are_told(void **state)
{
    (void)state;
    assert_mistakes(
        "[rule]\nmu =\nrule = bptt,,modprop\n[sweep]\nseed = 1,2,\noutput =\nsamples =\n",
        "2: mu has no value: give it one or take the line away\n"
        "3: rule has an empty item in its list: is there a comma too many?\n"
        "5: seed has an empty item in its list: is there a comma too many?\n"
        "6: output has no value: give it one or take the line away\n"
        "7: samples has no value: give it one or take the line away\n");
}

static void computed_values_of_integers_must_be_whole(void **state)
{
    (void)state;
    assert_mistakes(
        "[network]\nn = linspace(10, 25, 3)\n[task]\ndelay_ms = logspace(1, 100, 4)\n",
        "2: n = 17.5 must be a whole number (value 2 of linspace(10, 25, 3))\n"
        "4: delay_ms = 4.641588834 must be a whole number (value 2 of logspace(1, 100, 4))\n");
}

static void malformed_ranges_are_told(void **state)
{
    (void)state;
#define NO_RANGE \
    " is not a range of whole numbers such as 1..8; for other steps there is " \
    "linspace(first, last, how many)\n"
    assert_mistakes(
        "[sweep]\nseed = 8..1, 1..8..2, ..5, 1.., .., 0.5..3, a..b, -3..2, 1..1e12\n[rule]\n"
        "mu = 0.1..0.5\n",
        "2: seed: 8..1 runs backwards, write 1..8\n"
        "2: seed: 1..8..2" NO_RANGE "2: seed: ..5" NO_RANGE "2: seed: 1.." NO_RANGE
        "2: seed: .." NO_RANGE "2: seed: 0.5..3" NO_RANGE "2: seed: a..b" NO_RANGE
        "2: seed = -3 is below the minimum 0 (the first of -3..2)\n"
        "2: seed = 1e+12 is above the maximum 4294967295 (the last of 1..1e12)\n"
        "4: mu: 0.1..0.5" NO_RANGE);
}

static void malformed_functions_are_told(void **state)
{
    (void)state;
#define WRITE "write linspace(first, last, how many)\n"
    assert_mistakes(
        "[rule]\nmu = linspace(0,1,0), linspace(0,1,2.5), linspace(0,1,-3), linspace(0,1),\n"
        "  linspace(0,1,2,3), linspace(a,1,2), linspace(0,1,nan), linspce(0,1,2), linspace(),\n"
        "  linspace(0,1,2)x, (1), linspace(0,1,2\n",
        "2: mu: linspace(0,1,0): how many values must be a whole number, at least 1\n"
        "2: mu: linspace(0,1,2.5): how many values must be a whole number, at least 1\n"
        "2: mu: linspace(0,1,-3): how many values must be a whole number, at least 1\n"
        "2: mu: linspace(0,1) has 2 numbers in its brackets; " WRITE
        "2: mu: linspace(0,1,2,3) has 4 numbers in its brackets; " WRITE
        "2: mu: linspace(a,1,2): \"a\" is not a number; " WRITE
        "2: mu: linspace(0,1,nan): \"nan\" is not a number; " WRITE
        "2: mu: there is no function linspce, did you mean linspace? (known: linspace, logspace, "
        "uniform, loguniform)\n"
        "2: mu: linspace(): \"\" is not a number; " WRITE
        "2: mu: linspace(0,1,2)x does not end with its closing bracket: " WRITE
        "2: mu: there is no function  (known: linspace, logspace, uniform, loguniform)\n"
        "2: mu: linspace(0,1,2 does not end with its closing bracket: " WRITE);
    assert_mistakes(
        "[rule]\nmu = linspace(-1,1,3)\nrule = linspace(0,1,2), 1..3\n[training]\n"
        "learning_rate = logspace(-5,-3,3)\nl1 = linspace(0,1e308,3)\n",
        "2: mu = -1 is below the minimum 0 (the first of linspace(-1,1,3))\n"
        "3: rule takes names, not linspace(0,1,2)\n"
        "3: rule = 1..3 is not known; known: modprop, bptt, mdgl, eprop, rtrl, snap1, snap2, "
        "rflo\n"
        "5: learning_rate: logspace(-5,-3,3): first and last must be above 0; they are the values "
        "themselves, not exponents\n"
        "6: l1 = 1e+308 is above the maximum 1000 (the last of linspace(0,1e308,3))\n");
}

static void draws_need_samples_and_stand_alone(void **state)
{
    (void)state;
    assert_mistakes("[rule]\nmu = uniform(0,1)\n",
                    "2: mu: uniform(0,1): say in [sweep] how many are drawn, samples = 20\n");
    assert_mistakes(
        "[sweep]\nsamples = 3\n[rule]\nmu = uniform(0,1), 2\n[training]\nlearning_rate = "
        "loguniform(0,1)\nl1 = uniform(1,0)\nbatch = uniform(1, 2.5)\n",
        "4: mu is drawn: uniform(...) or loguniform(...) must be its only item\n"
        "6: learning_rate: loguniform(0,1): first and last must be above 0; they are the values "
        "themselves, not exponents\n"
        "7: l1: uniform(1,0): the first end is above the second, exchange them\n"
        "8: batch = 2.5 must be a whole number (the last of uniform(1, 2.5))\n");
}

static void zip_must_fit(void **state)
{
    (void)state;
    assert_mistakes(
        "[sweep]\nzip = mu, learning_rate, n\n[rule]\nmu = 0, 1\n[training]\n"
        "learning_rate = 1e-3, 2e-3, 3e-3\n",
        "2: zip needs equally many values: n is not given, learning_rate has 3 (line 6)\n"
        "2: zip needs equally many values: n is not given, mu has 2 (line 4)\n");
    assert_mistakes(
        "[sweep]\nzip = mu, lerning_rate | n, n | output, tau_ms | a;b, l1 | batch |\n",
        "2: zip names lerning_rate, which is no parameter of a run, did you mean learning_rate?\n"
        "2: zip names n twice\n"
        "2: zip names output, which is no parameter of a run\n"
        "2: zip: groups are separated by |, because ; begins a comment\n"
        "2: zip needs at least two keys in a group, such as zip = mu, learning_rate\n"
        "2: zip has an empty name: is there a comma or | too many?\n"
        "2: zip needs at least two keys in a group, such as zip = mu, learning_rate\n");
    assert_mistakes(
        "[sweep]\nsamples = 3\nzip = mu, learning_rate\n[rule]\nmu = uniform(0,1)\n[training]\n"
        "learning_rate = 1e-3, 2e-3, 3e-3\n",
        "3: zip: mu is drawn; drawn keys move together by themselves, take it out of zip\n");
}

/* What is wrong with the common part's zip is not told again for every variant. */
static void zip_of_a_variant_is_told_at_the_variant(void **state)
{
    (void)state;
    assert_mistakes(
        "[sweep]\nzip = mu, learning_rate\n[rule]\nmu = 0, 1\n[training]\n"
        "learning_rate = 1e-3, 2e-3\n[variant a]\nmu = 0\n[variant b]\nmu = 1\nzip =\n"
        "[variant c]\nzip = mu, n\nn = 20, 30, 40\n",
        "7: zip needs equally many values: learning_rate has 2 (line 6), mu has 1 (line 8); give "
        "the variant as many, or a zip of its own (zip = for none)\n"
        "13: zip needs equally many values: n has 3 (line 14), mu has 2 (line 4)\n");
    assert_mistakes(
        "[sweep]\nzip = mu, learning_rate\n[rule]\nmu = 0, 1\n[variant a]\nn = 20\n[variant b]\n",
        "2: zip needs equally many values: learning_rate is not given, mu has 2 (line 4)\n");
}

static void settings_are_checked(void **state)
{
    (void)state;
    assert_mistakes(
        "[sweep]\nsave_weights = maybe\ntimeout_s = -1\nsamples = 1.5\nsample_seed = 1e30\n"
        "order = foo\noutput = \"a b\"\n",
        "2: save_weights = maybe is not known; known: no, yes\n"
        "3: timeout_s = -1 must be a number from 0 to 1000000000\n"
        "4: samples = 1.5 must be a whole number from 0 to 1000000\n"
        "5: sample_seed = 1e30 must be a whole number from 0 to 4294967295\n"
        "6: order = foo is not known; known: balanced, conditions\n"
        "7: output = \"a b\": write the path without quotes\n");
    assert_mistakes("[sweep]\noutput = results/\ntimeout_s = nan\nsamples = a\n",
                    "2: output = results/ is a folder: name a file in it\n"
                    "3: timeout_s = nan must be a number from 0 to 1000000000\n"
                    "4: samples = a is not a number\n");
}

static void lines_that_say_nothing_are_told(void **state)
{
    (void)state;
    assert_mistakes(
        "[rule\nfoo\n= 3\n[task] n = 3\n[network] ; fine\nn = 20 # no\n[training] # fine\n"
        "bar ; = 3\n  baz\nbatch = 3,\n 4 # too\n",
        "1: the section's name lacks its ]\n"
        "2: this line is neither [section] nor key = value nor a comment\n"
        "3: there is no key before the =\n"
        "4: something stands behind the section's ]: put it on a line of its own\n"
        "6: a comment behind a value begins with ; not with #\n"
        "8: this line is neither [section] nor key = value nor a comment\n"
        "9: this line is neither [section] nor key = value nor a comment\n"
        "11: a comment behind a value begins with ; not with #\n");
}

/* ------------------------------------------------------------------ combinations */

static void values_that_do_not_fit_are_told_once_a_kind(void **state)
{
    (void)state;
    assert_mistakes("[network]\nn = 10, 120\n[rule]\nrule = modprop, mdgl\nfeedback = type\n"
                    "types_per_sign = 1..30\n[sweep]\nseed = 1..4\n",
                    "6: types_per_sign = 2 is above the number of units of a sign (1 inhibitory, 9 "
                    "excitatory); take at most 1 (288 of 480 runs)\n");
    assert_mistakes(
        "[training]\niterations = 101, 200, 203\nevaluate_every = 20\n[variant a]\n"
        "iterations = 200\n",
        "2: iterations = 101 is not a multiple of evaluate_every = 20; take 120 (2 of 3 runs; see "
        "line 3)\n");
}

static void kinds_of_misfits_are_told_apart(void **state)
{
    (void)state;
    assert_mistakes(
        "[network]\nn = 10\n[training]\niterations = 20, 30, 40\n[rule]\nfeedback = type\n"
        "types_per_sign = 1, 2\n",
        "4: iterations = 30 is not a multiple of evaluate_every = 20; take 40 (1 of 6 runs)\n"
        "7: types_per_sign = 2 is above the number of units of a sign (1 inhibitory, 9 "
        "excitatory); take at most 1 (3 of 6 runs)\n");
}

static void a_misfit_of_a_variant_is_told_there(void **state)
{
    (void)state;
    assert_mistakes(
        "[rule]\nfeedback = type\ntypes_per_sign = 3\n[variant small]\nn = 8\n"
        "proportion_excitatory = 1\n[variant few]\nproportion_excitatory = 0.999\n",
        "5: n = 8 with proportion_excitatory = 1 leaves no inhibitory unit (excitatory: floor(p n) "
        "+ 1); take a larger n or a smaller proportion (2 of 3 runs; see line 6)\n");
}

/* A misfit is found although another part of the file is wrong. */
static void misfits_are_told_beside_other_mistakes(void **state)
{
    (void)state;
    assert_mistakes(
        "[training]\niterations = 30\nbatsh = 3\n",
        "2: iterations = 30 is not a multiple of evaluate_every = 20; take 40 (1 of 1 runs)\n"
        "3: there is no key batsh, did you mean batch, under [training]?\n");
}

static void parameters_of_the_whole_sweep_have_one_value(void **state)
{
    (void)state;
    assert_mistakes(
        "[training]\nevaluate_every = 10, 20\n[variant a]\nevaluate_every = 40\n",
        "2: evaluate_every must be the same for all runs of a sweep, and is 10 and 20\n");
    assert_mistakes(
        "[variant a]\nevaluate_every = 40\niterations = 40\n",
        "2: evaluate_every must be the same for all runs of a sweep, and is 20 and 40\n");
}

static void plans_that_are_too_large_are_refused(void **state)
{
    (void)state;
    assert_mistakes(
        "[sweep]\nseed = 1..1000000\n[rule]\nmu = linspace(0,1,1000)\n[variant a]\n"
        "learning_rate = linspace(1e-3,1e-2,10000)\n",
        "5: the plan has 1.0001e+13 runs (seed 1000000 x learning_rate 10000 x mu 1000), more "
        "than 10000000: leave values out, or zip keys, or draw samples\n");
    assert_mistakes(
        "[sweep]\nseed = 1..3000000000\nsamples = 1000001\n[rule]\nmu = linspace(0,1,1e308)\n",
        "2: seed: 1..3000000000 makes more than 1000000 values\n"
        "3: samples = 1000001 must be a whole number from 0 to 1000000\n"
        "5: mu: linspace(0,1,1e308) makes more than 1000000 values\n");
    /* 1e5 to the 6th is beyond 64 bits. */
    assert_mistakes(
        "[network]\nproportion_excitatory = linspace(0,0.9,1e5)\n[task]\ncue_amplitude = "
        "linspace(0,1,1e5)\ncue_baseline = linspace(0,1,1e5)\ninput_noise = linspace(0,1,1e5)\n"
        "[rule]\nmu = linspace(0,1,1e5)\n[sweep]\nseed = 1..100000\n",
        "file: the plan has 1e+30 runs (seed 100000 x proportion_excitatory 100000 x "
        "cue_amplitude 100000 x cue_baseline 100000 x input_noise 100000 x mu 100000), more "
        "than 10000000: leave values out, or zip keys, or draw samples\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_mistakes_are_told_at_once_in_order_of_lines),
        cmocka_unit_test(unknown_keys_are_told_with_the_nearest_name),
        cmocka_unit_test(keys_in_the_wrong_section_are_told_the_right_one),
        cmocka_unit_test(unknown_sections_are_told_with_the_nearest_name),
        cmocka_unit_test(duplicate_key_reports_both_lines),
        cmocka_unit_test(duplicate_variant_reports_both_lines),
        cmocka_unit_test(values_are_checked_one_by_one),
        cmocka_unit_test(values_that_are_not_finite_are_refused),
        cmocka_unit_test(empty_values_and_items_are_told),
        cmocka_unit_test(computed_values_of_integers_must_be_whole),
        cmocka_unit_test(malformed_ranges_are_told),
        cmocka_unit_test(malformed_functions_are_told),
        cmocka_unit_test(draws_need_samples_and_stand_alone),
        cmocka_unit_test(zip_must_fit),
        cmocka_unit_test(zip_of_a_variant_is_told_at_the_variant),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(lines_that_say_nothing_are_told),
        cmocka_unit_test(values_that_do_not_fit_are_told_once_a_kind),
        cmocka_unit_test(kinds_of_misfits_are_told_apart),
        cmocka_unit_test(a_misfit_of_a_variant_is_told_there),
        cmocka_unit_test(misfits_are_told_beside_other_mistakes),
        cmocka_unit_test(parameters_of_the_whole_sweep_have_one_value),
        cmocka_unit_test(plans_that_are_too_large_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
