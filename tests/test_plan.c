/*
 * From a sweep file without mistakes to the table of runs: values, axes, variants, order, keys.
 */
#include <math.h>

#include "plan_fixture.h"

#include "sweep/key.h"

/* Values of one parameter over all runs, in order. */
static void assert_values(const char *text, const char *name, size_t count, const double *expected)
{
    struct modprop_plan *plan = plan_of(text);
    assert_int_equal(plan->runs, count);
    for (size_t run = 0; run < count; run++) {
        const double found = value_of(plan, run, name);
        if (found != expected[run])
            print_error("run %zu: %s = %.17g, expected %.17g\n", run, name, found, expected[run]);
        assert_true(found == expected[run]);
    }
    modprop_plan_free(plan);
}

#define ASSERT_VALUES(text, name, ...) \
    assert_values(text, name, sizeof((double[]){__VA_ARGS__}) / sizeof(double), \
                  (double[]){__VA_ARGS__})

/* ------------------------------------------------------------------ values */

static void empty_file_is_the_published_run(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_of("");
    struct modprop_config config, published;
    assert_int_equal(plan->runs, 1);
    assert_int_equal(plan->conditions, 1);
    modprop_plan_config(plan, 0, &config);
    modprop_config_init(&published);
    for (size_t p = 0; p < plan->parameters; p++) {
        assert_true(modprop_parameter_value(p, &config) == modprop_parameter_value(p, &published));
        assert_false(plan->varies[p]);
    }
    assert_string_equal(plan->output, "results/test.h5");
    assert_string_equal(plan->source, SOURCE);
    assert_false(plan->save_weights);
    assert_true(plan->timeout_s == 0);
    modprop_plan_free(plan);
}

static void lists_ranges_and_spaces_make_these_values(void **state)
{
    (void)state;
    ASSERT_VALUES("[rule]\nmu = 0.5, 0,1e-3\n", "mu", 0.5, 0, 1e-3);
    ASSERT_VALUES("[network]\nn = 20..23\n", "n", 20, 21, 22, 23);
    ASSERT_VALUES("[network]\nn = 20 .. 20\n", "n", 20);
    ASSERT_VALUES("[rule]\nmu = 0..2\n", "mu", 0, 1, 2);
    ASSERT_VALUES("[rule]\nmu = linspace(0, 0.5, 6)\n", "mu", 0, 0.1, 0.2, 0.3, 0.4, 0.5);
    ASSERT_VALUES("[rule]\nmu = linspace( 0.5 ,0, 3 )\n", "mu", 0.5, 0.25, 0);
    ASSERT_VALUES("[rule]\nmu = linspace(0.2, 0.4, 1)\n", "mu", 0.2);
    ASSERT_VALUES("[training]\nlearning_rate = logspace(1e-5, 1e-2, 4)\n", "learning_rate", 1e-5,
                  1e-4, 1e-3, 1e-2);
    ASSERT_VALUES("[training]\nbatch = logspace(1, 100, 3)\n", "batch", 1, 10, 100);
    ASSERT_VALUES("[rule]\nmu = 0, linspace(0.1, 0.5, 5), 1..2, 0.7\n", "mu", 0, 0.1, 0.2, 0.3, 0.4,
                  0.5, 1, 2, 0.7);
    ASSERT_VALUES("[rule]\nmu = -0\n", "mu", 0);
}

/* 0.1 + 2 * 0.05 is not 0.2 in floating point; the rounding makes them one run. */
static void computed_and_written_values_are_the_same_run(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_of(
        "[rule]\nmu = linspace(0.1, 0.5, 9), 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5\n");
    assert_int_equal(plan->runs, 9);
    assert_int_equal(plan->merged, 9);
    modprop_plan_free(plan);
    plan = plan_of("[rule]\nmu = -0, 0\n");
    assert_int_equal(plan->runs, 1);
    modprop_plan_free(plan);
}

static void ends_of_spaces_are_exact(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_of(
        "[training]\nlearning_rate = logspace(0.00012345678901234567, 0.3333333333333333, 7)\n");
    assert_int_equal(plan->runs, 7);
    assert_true(value_of(plan, 0, "learning_rate") == 0.00012345678901234567);
    assert_true(value_of(plan, 6, "learning_rate") == 0.3333333333333333);
    modprop_plan_free(plan);
}

static void lists_continue_on_indented_lines(void **state)
{
    (void)state;
    ASSERT_VALUES(
        "[rule]\nmu = 0.1, ; first\n   0.2, ; second ones\n\n; a remark\n\t0.3,\n  # too\n"
        "  linspace(0.4,\n   0.5, 2)\n",
        "mu", 0.1, 0.2, 0.3, 0.4, 0.5);
}

static void indented_keys_and_sections_are_read(void **state)
{
    (void)state;
    assert_runs("  [rule]\n  rule = bptt, eprop\n\tfeedback: cell\n  [sweep]\n   seed = 3\n",
                "3 : rule=bptt\n3 : rule=eprop\n");
}

static void byte_order_mark_and_crlf_change_nothing(void **state)
{
    (void)state;
    struct modprop_plan *plain = plan_of(
        "[rule]\nmu = 0.1,\n 0.2\nrule = modprop\n[sweep]\nseed = 1..2\n");
    struct modprop_plan *other = plan_of(
        "\xef\xbb\xbf[rule]\r\nmu = 0.1,\r\n 0.2\r\nrule = modprop\r\n"
        "[sweep]\r\nseed = 1..2");
    assert_int_equal(other->runs, 4);
    assert_true(plain->hash == other->hash);
    modprop_plan_free(plain);
    modprop_plan_free(other);
}

/* ------------------------------------------------------------------ settings */

static void settings_of_the_sweep_are_kept(void **state)
{
    (void)state;
    const char *text =
        "[sweep]\noutput = out/my results.h5 ; here\nsave_weights = yes\ntimeout_s = 1.5\n";
    struct modprop_plan *plan = plan_of(text);
    assert_string_equal(plan->output, "out/my results.h5");
    assert_true(plan->save_weights);
    assert_true(plan->timeout_s == 1.5);
    assert_string_equal(plan->text, text);
    modprop_plan_free(plan);
}

static void default_output_is_named_after_the_sweep_file(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"mu_grid.ini", "results/mu_grid.h5"},
        {"/a.b/c/x.y.ini", "results/x.y.h5"},
        {"sweeps/plain", "results/plain.h5"},
        {".ini", "results/.ini.h5"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct modprop_plan *plan = NULL;
        struct modprop_mistakes mistakes = {0};
        assert_int_equal(modprop_plan_parse(&plan, cases[k][0], "", &mistakes), MODPROP_OK);
        assert_string_equal(plan->output, cases[k][1]);
        modprop_plan_free(plan);
        modprop_mistakes_clear(&mistakes);
    }
}

static void every_setting_is_described(void **state)
{
    (void)state;
    for (size_t k = 0; k < modprop_sweep_key_count(); k++) {
        const struct modprop_sweep_key *key = modprop_sweep_key_at(k);
        assert_non_null(key->fallback);
        assert_true(strlen(key->help) > 10);
        /* A name that is also a parameter's would never be read. */
        assert_int_equal(modprop_parameter_find(key->name), modprop_parameter_count());
    }
}

static void every_way_to_write_values_is_described(void **state)
{
    (void)state;
    static const char *const words[] = {"1..8",        "linspace(", "logspace(",      "uniform(",
                                        "loguniform(", "samples",   "[variant NAME]", ";"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        assert_non_null(strstr(modprop_plan_syntax(), words[k]));
}

/* ------------------------------------------------------------------ axes and order */

static void axes_multiply_with_seeds_outermost(void **state)
{
    (void)state;
    assert_runs("[sweep]\nseed = 5, 2\n[rule]\nmu = 0.1, 0.2\nfeedback = type, cell\n",
                "5 : feedback=type mu=0.1\n5 : feedback=type mu=0.2\n"
                "5 : feedback=cell mu=0.1\n5 : feedback=cell mu=0.2\n"
                "2 : feedback=type mu=0.1\n2 : feedback=type mu=0.2\n"
                "2 : feedback=cell mu=0.1\n2 : feedback=cell mu=0.2\n");
}

static void order_of_lines_does_not_change_the_plan(void **state)
{
    (void)state;
    struct modprop_plan *one = plan_of(
        "[sweep]\nseed = 1..3\n[training]\nlearning_rate = 1e-3, 2e-3\n"
        "[rule]\nrule = modprop, bptt\nmu = 0.1, 0.2\n");
    struct modprop_plan *two = plan_of("[rule]\nmu = 0.1, 0.2\nrule = modprop, bptt\n[training]\n"
                                       "learning_rate = 1e-3, 2e-3\n[sweep]\nseed = 1..3\n");
    assert_int_equal(one->runs, 3 * 2 * 3);
    assert_int_equal(two->runs, one->runs);
    assert_true(one->hash == two->hash);
    modprop_plan_free(one);
    modprop_plan_free(two);
}

static void seeds_stay_balanced_across_variants(void **state)
{
    (void)state;
    assert_runs(
        "[sweep]\nseed = 1..2\n[rule]\nmu = 0.1, 0.2\n[variant base]\nrule = bptt, eprop\n"
        "seed = 1..3\n",
        "1 : rule=modprop mu=0.1\n1 : rule=modprop mu=0.2\n1 base: rule=bptt\n1 base: rule=eprop\n"
        "2 : rule=modprop mu=0.1\n2 : rule=modprop mu=0.2\n2 base: rule=bptt\n2 base: rule=eprop\n"
        "3 base: rule=bptt\n3 base: rule=eprop\n");
}

/* More seeds of a condition that another part has already: they are its later repeats. */
static void repeats_are_counted_over_all_parts(void **state)
{
    (void)state;
    assert_runs("[sweep]\nseed = 1..2\n[rule]\nmu = 0.1, 0.2\n[variant more]\nmu = 0.1\nseed = 7\n",
                "1 : mu=0.1\n1 : mu=0.2\n2 : mu=0.1\n2 : mu=0.2\n7 more: mu=0.1\n");
    assert_runs(
        "[sweep]\nseed = 1..2\n[variant more]\nmu = 0.1\n[variant again]\nseed = 7\nmu = 0.1\n",
        "1 : mu=0.25\n1 more: mu=0.1\n2 : mu=0.25\n2 more: mu=0.1\n7 again: mu=0.1\n");
}

static void order_by_conditions_keeps_repeats_together(void **state)
{
    (void)state;
    assert_runs(
        "[sweep]\norder = conditions\nseed = 1..2\n[rule]\nmu = 0.1, 0.2\n[variant b]\nrule = bptt\n",
        "1 : rule=modprop mu=0.1\n2 : rule=modprop mu=0.1\n1 : rule=modprop mu=0.2\n"
        "2 : rule=modprop mu=0.2\n1 b: rule=bptt\n2 b: rule=bptt\n");
}

static void conditions_are_numbered_in_order_of_appearance(void **state)
{
    (void)state;
    static const char *const orders[] = {"balanced", "conditions"};
    for (size_t k = 0; k < 2; k++) {
        char text[256];
        snprintf(text, sizeof text,
                 "[sweep]\norder = %s\nseed = 1..4\n[rule]\nmu = 0.1, 0.2, 0.3\n"
                 "[variant b]\nrule = bptt\nseed = 2..3\n",
                 orders[k]);
        struct modprop_plan *plan = plan_of(text);
        assert_int_equal(plan->runs, 14);
        assert_int_equal(plan->conditions, 4);
        uint32_t next = 0, seen[4] = {0};
        for (size_t run = 0; run < plan->runs; run++) {
            const uint32_t condition = plan->condition[run];
            assert_true(condition <= next);
            if (condition == next) {
                assert_int_equal(plan->condition_first[condition], run);
                next++;
            }
            seen[condition]++;
        }
        for (size_t c = 0; c < 4; c++)
            assert_int_equal(plan->condition_runs[c], seen[c]);
        modprop_plan_free(plan);
    }
}

/* ------------------------------------------------------------------ what is read */

static void parameters_that_are_not_read_are_nan_and_make_no_runs(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_of(
        "[rule]\nrule = bptt, modprop\nmu = linspace(0, 0.5, 11)\n[sweep]\nseed = 1..3\n");
    assert_int_equal(plan->runs, 3 * (1 + 11));
    assert_int_equal(plan->merged, 3 * 10);
    assert_string_equal(name_of(plan, 0, "rule"), "bptt");
    assert_true(isnan(value_of(plan, 0, "mu")));
    assert_string_equal(name_of(plan, 0, "feedback"), "");
    assert_true(value_of(plan, 1, "mu") == 0);
    assert_true(plan->varies[modprop_parameter_find("window")]); /* NaN and 0 */
    assert_false(plan->several[modprop_parameter_find("window")]);
    struct modprop_config config, published;
    modprop_plan_config(plan, 0, &config);
    modprop_config_init(&published);
    assert_true(config.mu == published.mu);
    modprop_plan_free(plan);
}

/* types_per_sign is read with feedback = type only, and feedback by some rules only. */
static void reading_chains_through_choices(void **state)
{
    (void)state;
    assert_runs(
        "[rule]\nrule = modprop, eprop, mdgl\nfeedback = cell, type\ntypes_per_sign = 1, 2, 3\n",
        "1 : rule=modprop feedback=cell\n1 : rule=modprop feedback=type types_per_sign=1\n"
        "1 : rule=modprop feedback=type types_per_sign=2\n"
        "1 : rule=modprop feedback=type types_per_sign=3\n1 : rule=eprop\n"
        "1 : rule=mdgl feedback=cell\n1 : rule=mdgl feedback=type types_per_sign=1\n"
        "1 : rule=mdgl feedback=type types_per_sign=2\n"
        "1 : rule=mdgl feedback=type types_per_sign=3\n");
}

/* The key of a configuration does not depend on what its run does not read. */
static void keys_ignore_what_is_not_read(void **state)
{
    (void)state;
    struct modprop_config a, b;
    modprop_config_init(&a);
    modprop_config_init(&b);
    assert_int_equal(modprop_config_set(&a, "rule", "bptt", NULL), MODPROP_OK);
    assert_int_equal(modprop_config_set(&b, "rule", "bptt", NULL), MODPROP_OK);
    b.mu = 0.7;
    b.feedback = MODPROP_FEEDBACK_TYPE;
    b.types_per_sign = 5;
    assert_true(modprop_config_key(&a) == modprop_config_key(&b));
    b.seed = 2;
    assert_true(modprop_config_key(&a) != modprop_config_key(&b));
}

static void equal_rows_take_the_name_of_the_first_part(void **state)
{
    (void)state;
    assert_runs("[rule]\nrule = modprop, bptt\n[variant x]\nrule = bptt, eprop\n[variant y]\n"
                "rule = eprop, mdgl\n",
                "1 : rule=modprop\n1 : rule=bptt\n1 x: rule=eprop\n1 y: rule=mdgl\n");
}

static void variants_take_keys_of_any_section(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_of(
        "[network]\nn = 40\n[variant small one]\nn = 20\nlearning_rate = "
        "1e-3\nseed = 4\ndelay_ms = 50\n");
    assert_int_equal(plan->variants, 2);
    assert_string_equal(plan->variant_name[0], "");
    assert_string_equal(plan->variant_name[1], "small one");
    assert_int_equal(plan->runs, 2);
    assert_true(value_of(plan, 0, "n") == 40 && value_of(plan, 1, "n") == 20);
    assert_true(value_of(plan, 1, "seed") == 4 && value_of(plan, 1, "delay_ms") == 50);
    modprop_plan_free(plan);
}

/* ------------------------------------------------------------------ zip */

static void zipped_keys_move_together(void **state)
{
    (void)state;
    assert_runs(
        "[sweep]\nzip = mu, learning_rate\n[rule]\nmu = 0.1, 0.2, 0.3\nfeedback = cell, type\n"
        "[training]\nlearning_rate = logspace(1e-4, 1e-2, 3)\n",
        "1 : learning_rate=0.0001 feedback=cell mu=0.1\n1 : learning_rate=0.001 feedback=cell mu=0.2\n"
        "1 : learning_rate=0.01 feedback=cell mu=0.3\n1 : learning_rate=0.0001 feedback=type mu=0.1\n"
        "1 : learning_rate=0.001 feedback=type mu=0.2\n1 : learning_rate=0.01 feedback=type mu=0.3\n");
}

static void several_groups_are_zipped(void **state)
{
    (void)state;
    assert_runs(
        "[sweep]\nzip = mu, learning_rate | n, rule ; two groups\n[rule]\nmu = 0.1, 0.2\n"
        "rule = modprop, mdgl\n[network]\nn = 20, 30\n[training]\nlearning_rate = 1e-3, 2e-3\n",
        "1 : n=20 learning_rate=0.001 rule=modprop mu=0.1\n"
        "1 : n=20 learning_rate=0.002 rule=modprop mu=0.2\n"
        "1 : n=30 learning_rate=0.001 rule=mdgl\n1 : n=30 learning_rate=0.002 rule=mdgl\n");
}

static void a_zipped_seed_is_outermost(void **state)
{
    (void)state;
    assert_runs(
        "[sweep]\nzip = seed, tau_ms\nseed = 1, 2\n[network]\ntau_ms = 50, 100\n[rule]\nmu = 0, 1\n",
        "1 : tau_ms=50 mu=0\n1 : tau_ms=50 mu=1\n2 : tau_ms=100 mu=0\n2 : tau_ms=100 mu=1\n");
}

static void variants_have_their_own_zip_or_none(void **state)
{
    (void)state;
    assert_runs(
        "[sweep]\nzip = mu, learning_rate\n[rule]\nmu = 0.1, 0.2\n[training]\n"
        "learning_rate = 1e-3, 2e-3\n[variant a]\nrule = eprop\nzip =\nmu = 0.1\n"
        "[variant b]\nzip = n, mu\nn = 20, 30\nlearning_rate = 1e-2\n[variant c]\nmu = 0.3, 0.4\n",
        "1 : n=120 learning_rate=0.001 rule=modprop mu=0.1\n"
        "1 : n=120 learning_rate=0.002 rule=modprop mu=0.2\n"
        "1 a: n=120 learning_rate=0.001 rule=eprop\n1 a: n=120 learning_rate=0.002 rule=eprop\n"
        "1 b: n=20 learning_rate=0.01 rule=modprop mu=0.1\n"
        "1 b: n=30 learning_rate=0.01 rule=modprop mu=0.2\n"
        "1 c: n=120 learning_rate=0.001 rule=modprop mu=0.3\n"
        "1 c: n=120 learning_rate=0.002 rule=modprop mu=0.4\n");
}

/* ------------------------------------------------------------------ samples */

#define SAMPLED \
    "[rule]\nmu = uniform(0.1, 0.4)\n[training]\nlearning_rate = loguniform(1e-5, 1e-2)\n" \
    "batch = uniform(1, 4)\n[sweep]\n"

static void samples_are_one_axis_times_the_others(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_of(SAMPLED "samples = 50\nseed = 1..2\n[network]\nn = 20, 30\n"
                                                "[variant base]\nrule = bptt\n");
    assert_int_equal(plan->runs, 50 * 2 * 2 * 2);
    /* The draws are the same for all conditions and variants: differences are paired. Within a
     * seed: samples, then n; after the 100 rows of the common part come those of the variant. */
    for (size_t sample = 0; sample < 50; sample++) {
        assert_true(value_of(plan, 2 * sample, "n") == 20 &&
                    value_of(plan, 2 * sample + 1, "n") == 30);
        const double rate = value_of(plan, 2 * sample, "learning_rate");
        assert_true(rate == value_of(plan, 2 * sample + 1, "learning_rate"));
        assert_true(rate == value_of(plan, 2 * sample + 100, "learning_rate"));
        assert_true(rate == value_of(plan, 2 * sample + 200, "learning_rate"));
    }
    modprop_plan_free(plan);
}

static void samples_fill_their_range(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_of(SAMPLED "samples = 4000\n");
    double mu = 0, rate = 0;
    size_t batch[5] = {0};
    assert_int_equal(plan->runs, 4000);
    for (size_t run = 0; run < plan->runs; run++) {
        const double x = value_of(plan, run, "mu"), y = value_of(plan, run, "learning_rate");
        assert_true(x >= 0.1 && x <= 0.4 && y >= 1e-5 && y <= 1e-2);
        mu += (x - 0.1) / 0.3 / 4000;
        rate += log10(y / 1e-5) / 3 / 4000;
        batch[(size_t)value_of(plan, run, "batch")]++;
    }
    /* The mean of 4000 uniform numbers: 0.5 with standard deviation sqrt(1 / 12 / 4000) = 0.0046;
     * each of four values comes 1000 times with deviation sqrt(4000 * 3 / 16) = 27. Five
     * deviations. */
    assert_true(fabs(mu - 0.5) < 0.023 && fabs(rate - 0.5) < 0.023);
    for (size_t k = 1; k <= 4; k++)
        assert_in_range(batch[k], 1000 - 137, 1000 + 137);
    modprop_plan_free(plan);
}

static void more_samples_leave_the_first_ones_as_they_are(void **state)
{
    (void)state;
    struct modprop_plan *few = plan_of(SAMPLED "samples = 7\n");
    struct modprop_plan *many = plan_of(SAMPLED "samples = 60\n[rule]\nwindow = 0, 10\n[network]\n"
                                                "tau_ms = uniform(50, 100)\n");
    for (size_t sample = 0; sample < 7; sample++) {
        assert_true(value_of(few, sample, "mu") == value_of(many, 2 * sample, "mu"));
        assert_true(value_of(few, sample, "batch") == value_of(many, 2 * sample, "batch"));
    }
    modprop_plan_free(few);
    modprop_plan_free(many);
}

static void sample_seed_changes_the_draws(void **state)
{
    (void)state;
    struct modprop_plan *one = plan_of(SAMPLED "samples = 3\n"),
                        *same = plan_of(SAMPLED "samples = 3\nsample_seed = 1\n"),
                        *other = plan_of(SAMPLED "samples = 3\nsample_seed = 2\n");
    assert_true(one->hash == same->hash && one->hash != other->hash);
    assert_true(value_of(one, 0, "mu") != value_of(other, 0, "mu"));
    modprop_plan_free(one);
    modprop_plan_free(same);
    modprop_plan_free(other);
}

static void drawn_numbers_of_integers_stay_whole_and_inside(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_of(
        "[sweep]\nsamples = 500\n[network]\nn = loguniform(20, 40)\n[training]\nbatch = "
        "uniform(3, 3)\n");
    for (size_t run = 0; run < plan->runs; run++) {
        const double n = value_of(plan, run, "n");
        assert_true(n == floor(n) && n >= 20 && n <= 40);
        assert_true(value_of(plan, run, "batch") == 3);
    }
    modprop_plan_free(plan);
}

/* ------------------------------------------------------------------ keys and labels */

/* Results files of years ago are found again by these: they must not change. The number was
 * computed from the definition in key.h by another program. */
static void keys_are_what_they_always_were(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    assert_int_equal(modprop_config_set(&config, "rule", "bptt", NULL), MODPROP_OK);
    config.seed = 3;
    config.learning_rate = 1e-3;
    assert_true(modprop_config_key(&config) == UINT64_C(0xd2c9797b80d604e5));
}

static void what_came_later_is_in_a_key_unless_it_is_at_its_default(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_of("[drift]\nwander = no, yes\n"),
                        *old = plan_of("[network]\nn = 120\n");
    assert_int_equal(plan->runs, 2);
    assert_true(plan->key[0] == old->key[0] && plan->key[1] != old->key[0]);
    assert_true(modprop_key_choice("wander", "no") == 0 &&
                modprop_key_choice("wander", "yes") != 0);
    modprop_plan_free(plan);
    plan = plan_of("[training]\nmax_memory = 0, 500\n");
    assert_true(plan->key[0] == old->key[0] && plan->key[1] != old->key[0]);
    assert_true(modprop_key_number("max_memory", 0) == 0);
    modprop_plan_free(plan);
    modprop_plan_free(old);
}

static void texts_are_values_like_others(void **state)
{
    (void)state;
    static const char *const texts[] = {"tests/data/digits", "tests/../tests/data/digits"};
    struct modprop_plan *plan = plan_of(
        "[task]\ntask = sequential_digits\ndigit_rows = 8\ndigit_columns = 8\n"
        "data = tests/data/digits, tests/../tests/data/digits\n"
        "[sweep]\nseed = 1, 2\n");
    const size_t data = modprop_parameter_find("data");
    assert_int_equal(plan->runs, 4);
    assert_int_equal(plan->conditions, 2);
    for (size_t run = 0; run < plan->runs; run++) {
        struct modprop_config config;
        char label[80], text[80], expected[80];
        modprop_plan_config(plan, run, &config);
        modprop_plan_label(plan, run, label, sizeof label);
        modprop_plan_format(plan, data, value_of(plan, run, "data"), text, sizeof text);
        snprintf(expected, sizeof expected, "data=%s", texts[run % 2]);
        assert_string_equal(config.data, texts[run % 2]);
        assert_string_equal(text, texts[run % 2]);
        assert_string_equal(label, expected);
        assert_true(modprop_config_key(&config) == plan->key[run]);
        assert_true(modprop_key_choice("data", text) ==
                    modprop_key_part(data, value_of(plan, run, "data")));
    }
    modprop_plan_free(plan);
}

static void keys_of_the_plan_are_those_of_its_configurations(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_of(
        "[rule]\nrule = modprop, bptt, eprop\nmu = 0.1, 0.2\n[sweep]\n"
        "seed = 1..3\n[network]\nn = 20, 30\n");
    for (size_t run = 0; run < plan->runs; run++) {
        struct modprop_config config;
        modprop_plan_config(plan, run, &config);
        assert_true(modprop_config_key(&config) == plan->key[run]);
        for (size_t other = 0; other < run; other++)
            assert_true(plan->key[other] != plan->key[run]);
    }
    modprop_plan_free(plan);
}

static void every_parameter_that_is_read_changes_the_key(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    bool read[256];
    modprop_config_reads(&config, read);
    const uint64_t key = modprop_config_key(&config);
    for (size_t p = 0; p < modprop_parameter_count(); p++) {
        const struct modprop_parameter *about = modprop_parameter_at(p);
        struct modprop_config other = config;
        double value = modprop_parameter_value(p, &config) + 1;
        if (about->kind == MODPROP_NAME_VALUE && !about->choice((size_t)value))
            continue; /* there is one choice only */
        if (about->kind == MODPROP_TEXT_VALUE)
            assert_int_equal(modprop_config_set(&other, about->name, "another", NULL), MODPROP_OK);
        else
            modprop_parameter_assign(p, &other, value);
        assert_true((modprop_config_key(&other) != key) == read[p]);
    }
}

static void plan_hash_depends_on_the_order(void **state)
{
    (void)state;
    struct modprop_plan *one = plan_of("[rule]\nmu = 0.1, 0.2\n"),
                        *two = plan_of("[rule]\nmu = 0.2, 0.1\n");
    assert_true(one->key[0] == two->key[1] && one->key[1] == two->key[0]);
    assert_true(one->hash != two->hash);
    modprop_plan_free(one);
    modprop_plan_free(two);
}

static void labels_are_cut_to_size(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_of("[rule]\nmu = 0.1, 0.2\nfeedback = cell, type\n");
    char label[] = "----------------";
    modprop_plan_label(plan, 0, label, 10);
    assert_string_equal(label, "feedback=");
    modprop_plan_label(plan, 0, label, 1);
    assert_string_equal(label, "");
    modprop_plan_label(plan, 0, label, 0);
    modprop_plan_free(plan);
    plan = plan_of("[sweep]\nseed = 1..2\n[rule]\nrule = mdgl\n");
    modprop_plan_label(plan, 1, label, sizeof label);
    assert_string_equal(label, "mdgl");
    modprop_plan_free(plan);
}

static void keys_without_effect_are_noted(void **state)
{
    (void)state;
    assert_notes(
        "[sweep]\nsamples = 3\nsample_seed = 1\n[rule]\nrule = bptt\nmu = 0.1\ntypes_per_sign = 3\n"
        "[variant a]\nrule = bptt\n[variant b]\n",
        "2: samples changes nothing: no key is uniform(...) or loguniform(...)\n"
        "3: sample_seed changes nothing: no key is uniform(...) or loguniform(...)\n"
        "6: mu changes nothing: no rule here reads it\n"
        "7: types_per_sign changes nothing: no rule here reads it, or not without feedback=type or mu_mode=adaptive or mu_mode=trial, and type_labels!=file\n"
        "8: [variant a] adds nothing: its runs are all there already\n"
        "10: [variant b] adds nothing: its runs are all there already\n");
    /* Read in one part is enough. */
    assert_notes("[rule]\nrule = bptt\nmu = 0.1\n[variant a]\nrule = modprop\n", "");
}

static void a_connectivity_that_full_networks_do_not_have_is_noted(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_of("[training]\nconnectivity = 0.05, 0.99\n");
    assert_int_equal(plan->notes.count, 1);
    assert_non_null(strstr(plan->notes.line[0], ":2: connectivity = 0.05 makes no sparse network"));
    assert_non_null(strstr(plan->notes.line[0], "structure = random"));
    modprop_plan_free(plan);
    assert_notes("[network]\nstructure = random\n[training]\nconnectivity = 0.05\n", "");
}

static void expect_doubts(const char *text, size_t count, const char *beginning)
{
    struct modprop_plan *plan = plan_of(text);
    assert_int_equal(plan->notes.count, count);
    for (size_t k = 0; k < count; k++)
        assert_non_null(strstr(plan->notes.line[k], beginning));
    modprop_plan_free(plan);
}

static void a_fixed_mu_beyond_the_stable_range_is_noted_with_the_bound(void **state)
{
    (void)state;
    struct modprop_error err = {0};
    struct modprop_config config;
    assert_notes("[network]\nn = 20\n[rule]\nmu = 0.5, 1\n", "");
    assert_notes("[network]\nn = 20\n[rule]\nmu = 500\nmu_mode = adaptive\n", "");
    /* Means over a few units may bear less than single ones. */
    static const char few[] = "[network]\nn = 30\nstructure = block\nblocks = 2\n"
                              "[training]\nconnectivity = 0.05\n[rule]\nmu = 0.5\n";
    assert_notes(few, "");
    char typed[512];
    snprintf(typed, sizeof typed, "%sfeedback = type\ntypes_per_sign = 5\n", few);
    expect_doubts(typed, 1, "mu = 0.5 is beyond 0.299");
    modprop_config_init(&config);
    config.n = 20;
    config.mu = 500;
    assert_int_equal(modprop_config_doubt(&config, &err), MODPROP_INVALID);
    char note[640];
    snprintf(note, sizeof note, "4: %s (1 of 2 runs)\n", err.message);
    assert_notes("[network]\nn = 20\n[rule]\nmu = 0.5, 500\n", note);
    /* Among more conditions than are asked, whatever comes first; each feedback has a bound of its own. */
    expect_doubts("[network]\nn = 20\n[training]\nlearning_rate = linspace(1e-4, 1e-3, 50)\n"
                  "[rule]\nmu = 0.25, 500\n",
                  1, "mu = 500 is beyond");
    expect_doubts("[network]\nn = 20\n[training]\nlearning_rate = linspace(1e-4, 1e-3, 50)\n"
                  "[rule]\nmu = 500, 0.25\n",
                  1, "mu = 500 is beyond");
    expect_doubts("[network]\nn = 20\n[rule]\nmu = 500\nfeedback = type, cell\n", 2,
                  "mu = 500 is beyond");
    double bound;
    assert_int_equal(sscanf(err.message, "mu = 500 is beyond %lf,", &bound), 1);
    assert_true(bound >= 1 && bound < 500);
    config.mu = bound * 0.99;
    assert_int_equal(modprop_config_doubt(&config, NULL), MODPROP_OK);
    config.mu = bound * 1.01;
    assert_int_equal(modprop_config_doubt(&config, NULL), MODPROP_INVALID);
}

/* ------------------------------------------------------------------ the sweep files that come
 * along */

static size_t runs_with(const struct modprop_plan *plan, const char *rule)
{
    size_t runs = 0;
    for (size_t run = 0; run < plan->runs; run++)
        runs += strcmp(name_of(plan, run, "rule"), rule) == 0;
    return runs;
}

static struct modprop_plan *plan_from(const char *path)
{
    struct modprop_plan *plan = NULL;
    struct modprop_mistakes mistakes = {0};
    const enum modprop_status status = modprop_plan_read(&plan, path, &mistakes);
    for (size_t k = 0; k < mistakes.count; k++)
        print_error("%s\n", mistakes.line[k]);
    assert_int_equal(status, MODPROP_OK);
    for (size_t k = 0; k < plan->notes.count; k++)
        print_error("%s\n", plan->notes.line[k]);
    assert_int_equal(plan->notes.count, 0);
    /* The first comment of the file gives the number of runs. */
    char said[64];
    snprintf(said, sizeof said, "; Runs: %zu", plan->runs);
    if (!strstr(plan->text, said))
        print_error("%s does not say \"%s\"\n", path, said);
    assert_non_null(strstr(plan->text, said));
    modprop_mistakes_clear(&mistakes);
    return plan;
}

static void mu_grid_is_eleven_mu_and_three_baselines_at_two_learning_rates(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_from("sweeps/mu_grid.ini");
    assert_string_equal(plan->output, "results/mu_grid.h5");
    assert_int_equal(plan->conditions, 2 * (11 + 3));
    assert_int_equal(plan->runs, 5 * 28);
    assert_int_equal(runs_with(plan, "modprop"), 5 * 22);
    double most = 0;
    for (size_t run = 0; run < plan->runs; run++)
        most = fmax(most, value_of(plan, run, "mu"));
    assert_true(most == 1);
    modprop_plan_free(plan);
}

static void published_is_eight_seeds_and_two_learning_rates(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_from("sweeps/published.ini");
    assert_int_equal(plan->conditions, 2 * 4);
    assert_int_equal(plan->runs, 8 * 8);
    assert_int_equal(runs_with(plan, "modprop"), 16);
    struct modprop_config config, published;
    modprop_plan_config(plan, 0, &config);
    modprop_config_init(&published);
    published.seed = config.seed;
    assert_true(modprop_config_key(&config) == modprop_config_key(&published));
    modprop_plan_free(plan);
}

static void cell_types_goes_to_one_type_a_unit(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_from("sweeps/cell_types.ini");
    assert_int_equal(plan->conditions, 7 + 1 + 3);
    assert_int_equal(plan->runs % plan->conditions, 0);
    double most = 0;
    for (size_t run = 0; run < plan->runs; run++)
        most = fmax(most, value_of(plan, run, "types_per_sign"));
    assert_true(most == 23);
    modprop_plan_free(plan);
}

static void quick_is_a_small_mu_trend(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_from("sweeps/quick.ini");
    assert_true(runs_with(plan, "modprop") >= 6 && runs_with(plan, "bptt") >= 2);
    modprop_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_file_is_the_published_run),
        cmocka_unit_test(lists_ranges_and_spaces_make_these_values),
        cmocka_unit_test(computed_and_written_values_are_the_same_run),
        cmocka_unit_test(ends_of_spaces_are_exact),
        cmocka_unit_test(lists_continue_on_indented_lines),
        cmocka_unit_test(indented_keys_and_sections_are_read),
        cmocka_unit_test(byte_order_mark_and_crlf_change_nothing),
        cmocka_unit_test(settings_of_the_sweep_are_kept),
        cmocka_unit_test(default_output_is_named_after_the_sweep_file),
        cmocka_unit_test(every_setting_is_described),
        cmocka_unit_test(every_way_to_write_values_is_described),
        cmocka_unit_test(axes_multiply_with_seeds_outermost),
        cmocka_unit_test(order_of_lines_does_not_change_the_plan),
        cmocka_unit_test(seeds_stay_balanced_across_variants),
        cmocka_unit_test(repeats_are_counted_over_all_parts),
        cmocka_unit_test(order_by_conditions_keeps_repeats_together),
        cmocka_unit_test(conditions_are_numbered_in_order_of_appearance),
        cmocka_unit_test(parameters_that_are_not_read_are_nan_and_make_no_runs),
        cmocka_unit_test(reading_chains_through_choices),
        cmocka_unit_test(keys_ignore_what_is_not_read),
        cmocka_unit_test(equal_rows_take_the_name_of_the_first_part),
        cmocka_unit_test(variants_take_keys_of_any_section),
        cmocka_unit_test(zipped_keys_move_together),
        cmocka_unit_test(several_groups_are_zipped),
        cmocka_unit_test(a_zipped_seed_is_outermost),
        cmocka_unit_test(variants_have_their_own_zip_or_none),
        cmocka_unit_test(samples_are_one_axis_times_the_others),
        cmocka_unit_test(samples_fill_their_range),
        cmocka_unit_test(more_samples_leave_the_first_ones_as_they_are),
        cmocka_unit_test(sample_seed_changes_the_draws),
        cmocka_unit_test(drawn_numbers_of_integers_stay_whole_and_inside),
        cmocka_unit_test(keys_are_what_they_always_were),
        cmocka_unit_test(what_came_later_is_in_a_key_unless_it_is_at_its_default),
        cmocka_unit_test(texts_are_values_like_others),
        cmocka_unit_test(keys_of_the_plan_are_those_of_its_configurations),
        cmocka_unit_test(every_parameter_that_is_read_changes_the_key),
        cmocka_unit_test(plan_hash_depends_on_the_order),
        cmocka_unit_test(labels_are_cut_to_size),
        cmocka_unit_test(keys_without_effect_are_noted),
        cmocka_unit_test(a_fixed_mu_beyond_the_stable_range_is_noted_with_the_bound),
        cmocka_unit_test(a_connectivity_that_full_networks_do_not_have_is_noted),
        cmocka_unit_test(mu_grid_is_eleven_mu_and_three_baselines_at_two_learning_rates),
        cmocka_unit_test(published_is_eight_seeds_and_two_learning_rates),
        cmocka_unit_test(cell_types_goes_to_one_type_a_unit),
        cmocka_unit_test(quick_is_a_small_mu_trend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
