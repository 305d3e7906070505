/*
 * Cutting a sweep into shards: every run in one of them, alike in size, pairs together; their
 * names.
 */
#include "plan_fixture.h"

#include <math.h>

#include "sweep/shard.h"

#define SWEEP \
    "[sweep]\noutput = results/mu.h5\nseed = 3, 1, 2, 7\n[rule]\nrule = modprop\nmu = 0, 0.1, 0.2\n" \
    "[variant plain]\nrule = bptt, eprop\n"

enum { RUNS = 4 * (3 + 2) };

static const char *sweep = SWEEP;

static struct modprop_plan *read_plan(void)
{
    struct modprop_plan *plan = NULL;
    struct modprop_mistakes mistakes = {0};
    assert_int_equal(modprop_plan_parse(&plan, "mu.ini", sweep, &mistakes), MODPROP_OK);
    assert_int_equal(plan->runs, RUNS);
    modprop_mistakes_clear(&mistakes);
    return plan;
}

static struct modprop_plan *read_shard(size_t shard, size_t shards)
{
    struct modprop_plan *plan = read_plan();
    assert_int_equal(modprop_shard_cut(plan, shard, shards, NULL), MODPROP_OK);
    return plan;
}

static size_t index_of(const struct modprop_plan *plan, uint64_t key)
{
    size_t run = 0;
    while (run < plan->runs && plan->key[run] != key)
        run++;
    return run;
}

static void every_run_is_in_one_shard_and_shards_differ_by_one_run(void **state)
{
    (void)state;
    struct modprop_plan *whole = read_plan();
    for (size_t shards = 1; shards <= RUNS + 3; shards++) {
        int met[RUNS] = {0};
        for (size_t shard = 1; shard <= shards; shard++) {
            struct modprop_plan *plan = read_shard(shard, shards);
            assert_true(plan->runs == RUNS / shards || plan->runs == RUNS / shards + 1);
            for (size_t run = 0; run < plan->runs; run++)
                met[index_of(whole, plan->key[run])]++;
            modprop_plan_free(plan);
        }
        for (size_t run = 0; run < RUNS; run++)
            assert_int_equal(met[run], 1);
    }
    modprop_plan_free(whole);
}

/* Four seeds in four shards: the five runs of a seed, which are compared in pairs, in each. */
static void assert_runs_of_a_seed_together(void)
{
    const size_t seed = modprop_parameter_find("seed");
    const double seeds[] = {3, 1, 2, 7}; /* in the order of the sweep file */
    for (size_t shard = 1; shard <= 4; shard++) {
        struct modprop_plan *plan = read_shard(shard, 4);
        assert_int_equal(plan->runs, 5);
        assert_int_equal(plan->conditions, 5);
        for (size_t run = 0; run < plan->runs; run++)
            assert_true(plan->values[run * plan->parameters + seed] == seeds[shard - 1]);
        modprop_plan_free(plan);
    }
}

static void runs_of_a_seed_stay_together(void **state)
{
    (void)state;
    assert_runs_of_a_seed_together();
}

static void runs_of_a_seed_stay_together_in_any_order_of_the_plan(void **state)
{
    (void)state;
    sweep = "[sweep]\norder = conditions\noutput = results/mu.h5\nseed = 3, 1, 2, 7\n"
            "[rule]\nrule = modprop\nmu = 0, 0.1, 0.2\n[variant plain]\nrule = bptt, eprop\n";
    assert_runs_of_a_seed_together();
    sweep = SWEEP;
}

static void a_shard_keeps_values_labels_and_variants_of_its_runs(void **state)
{
    (void)state;
    struct modprop_plan *whole = read_plan(), *plan = read_shard(2, 3);
    uint32_t runs_of[RUNS] = {0};
    size_t last = 0;
    for (size_t run = 0; run < plan->runs; run++) {
        char ours[200], theirs[200];
        const size_t other = index_of(whole, plan->key[run]);
        assert_true(other < RUNS && (run == 0 || other > last)); /* in the order of the plan */
        last = other;
        for (size_t p = 0; p < plan->parameters; p++) {
            const double a = plan->values[run * plan->parameters + p];
            const double b = whole->values[other * plan->parameters + p];
            assert_true(a == b || (isnan(a) && isnan(b)));
        }
        modprop_plan_label(plan, run, ours, sizeof ours);
        modprop_plan_label(whole, other, theirs, sizeof theirs);
        assert_string_equal(ours, theirs);
        assert_string_equal(plan->variant_name[plan->variant[run]],
                            whole->variant_name[whole->variant[other]]);
        assert_true(plan->condition[run] < plan->conditions);
        runs_of[plan->condition[run]]++;
    }
    for (size_t k = 0; k < plan->conditions; k++) {
        assert_int_equal(plan->condition_runs[k], runs_of[k]);
        assert_int_equal(plan->condition[plan->condition_first[k]], k);
    }
    assert_true(plan->hash != whole->hash);
    modprop_plan_free(plan);
    modprop_plan_free(whole);
}

static void more_shards_than_runs_leave_some_empty(void **state)
{
    (void)state;
    struct modprop_plan *plan = read_shard(1, 1000);
    assert_int_equal(plan->runs, 0);
    assert_int_equal(plan->conditions, 0);
    modprop_plan_free(plan);
}

/* ------------------------------------------------------------------ words */

static void a_shard_is_written_as_k_of_n(void **state)
{
    (void)state;
    size_t shard, shards;
    assert_int_equal(modprop_shard_read("3/8", &shard, &shards, NULL), MODPROP_OK);
    assert_int_equal(shard, 3);
    assert_int_equal(shards, 8);
    const char *const wrong[] = {"",
                                 "3",
                                 "3/",
                                 "/8",
                                 "0/8",
                                 "9/8",
                                 "3/0",
                                 "-1/8",
                                 "3/-8",
                                 "3 / 8",
                                 "3/8/2",
                                 "3.5/8",
                                 "3/8x",
                                 "nan/8",
                                 "1e2/8",
                                 "1/99999999999999999999",
                                 "99999999999999999999/99999999999999999999"};
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        struct modprop_error err = {0};
        if (modprop_shard_read(wrong[k], &shard, &shards, &err) != MODPROP_INVALID ||
            !strstr(err.message, "--shard"))
            fail_msg("%s was read", wrong[k]);
    }
    struct modprop_error err = {0};
    modprop_shard_read("0/8", &shard, &shards, &err);
    assert_non_null(strstr(err.message, "counted from 1"));
}

static void names_of_shards_and_back(void **state)
{
    (void)state;
    static const struct {
        const char *whole, *shard;
    } names[] = {{"results/mu.h5", "results/mu.shard-3-of-12.h5"},
                 {"mu", "mu.shard-3-of-12"},
                 {"a.b/mu", "a.b/mu.shard-3-of-12"},
                 {".h5", ".h5.shard-3-of-12"},
                 {"a.shard-1-of-2.h5", "a.shard-1-of-2.shard-3-of-12.h5"}};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        size_t shard = 0, shards = 0;
        char *path = modprop_shard_path(names[k].whole, 3, 12);
        char *back = modprop_shard_whole_path(path);
        assert_string_equal(path, names[k].shard);
        assert_string_equal(back, names[k].whole);
        assert_true(modprop_shard_match(path, names[k].whole, &shard, &shards));
        assert_true(shard == 3 && shards == 12);
        free(path);
        free(back);
    }
    char *same = modprop_shard_whole_path("results/plain.shard-9-of-3.h5"); /* no such shard */
    assert_string_equal(same, "results/plain.shard-9-of-3.h5");
    free(same);
}

static void other_files_are_no_shards(void **state)
{
    (void)state;
    size_t shard, shards;
    static const char *const others[] = {"mu.h5",
                                         "mu.shard-3-of-12.h5.lock",
                                         "nu.shard-3-of-12.h5",
                                         "mu.shard-0-of-12.h5",
                                         "mu.shard-13-of-12.h5",
                                         "mu.shard-3-of-12.h5.new",
                                         "mu.shard--of-.h5",
                                         "mu2.shard-3-of-12.h5"};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (modprop_shard_match(others[k], "mu.h5", &shard, &shards))
            fail_msg("%s", others[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_run_is_in_one_shard_and_shards_differ_by_one_run),
        cmocka_unit_test(runs_of_a_seed_stay_together),
        cmocka_unit_test(runs_of_a_seed_stay_together_in_any_order_of_the_plan),
        cmocka_unit_test(a_shard_keeps_values_labels_and_variants_of_its_runs),
        cmocka_unit_test(more_shards_than_runs_leave_some_empty),
        cmocka_unit_test(a_shard_is_written_as_k_of_n),
        cmocka_unit_test(names_of_shards_and_back),
        cmocka_unit_test(other_files_are_no_shards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
