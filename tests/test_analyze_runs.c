/*
 * The runs of results files: read, verified, joined, selected, grouped and measured.
 */
#include "analyze_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <time.h>

#include "analyze/conditions.h"
#include "analyze/measures.h"
#include "analyze/selection.h"
#include "store/guard.h"
#include "store/reading.h"

/* ------------------------------------------------------------------ help */

static size_t index_of(const struct modprop_runs *runs, uint64_t key)
{
    size_t run = 0;
    while (run < runs->count && runs->key[run] != key)
        run++;
    assert_true(run < runs->count);
    return run;
}

static double value_of(const struct modprop_runs *runs, size_t run, const char *name)
{
    const size_t p = modprop_runs_find(runs, name);
    assert_true(p < runs->parameters);
    return runs->parameter[p].value[run];
}

/* Every run of the plan is there, as the fixture made it if it has a result. */
static void assert_as_made(const struct modprop_runs *runs, const struct modprop_plan *plan)
{
    struct modprop_runs_figure loss;
    struct modprop_error err = {0};
    const size_t p_mu = modprop_parameter_find("mu");
    assert_int_equal(modprop_runs_read_figure(&loss, runs, "loss", &err), MODPROP_OK);
    assert_int_equal(runs->count, plan->runs);
    for (size_t k = 0; k < plan->runs; k++) {
        const size_t run = index_of(runs, plan->key[k]);
        const double *iteration;
        size_t count;
        const double *series = modprop_runs_series(runs, &loss, run, &iteration, &count);
        const double mu = plan->values[k * plan->parameters + p_mu],
                     found = value_of(runs, run, "mu");
        assert_true(mu == found || (isnan(mu) && isnan(found)));
        if (!modprop_runs_has_result(runs, run)) {
            assert_int_equal(count, 0);
            continue;
        }
        assert_int_equal(runs->state[run], analyze_state(plan->key[k]));
        assert_int_equal(count, runs->state[run] == MODPROP_RUN_DONE ? ANALYZE_EVALUATIONS
                                                                     : ANALYZE_EVALUATIONS / 2);
        for (size_t e = 0; e < count; e++) {
            assert_true(series[e] == analyze_loss(plan->key[k], e, ANALYZE_EVALUATIONS));
            assert_true(iteration[e] == 20.0 * (double)e);
        }
    }
    modprop_runs_clear_figure(&loss);
}

static size_t with_result(const struct modprop_runs *runs)
{
    size_t count = 0;
    for (size_t run = 0; run < runs->count; run++)
        count += modprop_runs_has_result(runs, run);
    return count;
}

static size_t expected_results(const struct modprop_plan *plan)
{
    size_t count = 0;
    for (size_t run = 0; run < plan->runs; run++)
        count += analyze_state(plan->key[run]) == MODPROP_RUN_DONE ||
                 analyze_state(plan->key[run]) == MODPROP_RUN_DIVERGED;
    return count;
}

static void assert_no_conflict(const struct modprop_runs *runs)
{
    if (runs->conflicts)
        fail_msg("%zu conflicts, the first in %s", runs->conflicts, runs->conflict[0].what);
}

/* Changes one byte of a run's value in the file. */
static void flip(const char *path, const char *variable, size_t run, size_t byte,
                 unsigned char bits)
{
    struct modprop_reading *reading = NULL;
    struct modprop_error err = {0};
    if (modprop_reading_open(&reading, path, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    const struct modprop_stored_variable *place = modprop_reading_find(reading, variable);
    assert_non_null(place);
    const off_t at = (off_t)(place->offset + run * place->bytes + byte);
    modprop_reading_close(reading);
    unsigned char value = 0;
    const int fd = open(path, O_RDWR);
    assert_true(fd >= 0 && pread(fd, &value, 1, at) == 1);
    value ^= bits;
    assert_true(pwrite(fd, &value, 1, at) == 1 && close(fd) == 0);
}

static void assert_refused(const char *path, enum modprop_status code, const char *words)
{
    struct modprop_runs *runs = NULL;
    struct modprop_error err = {0};
    assert_int_equal(modprop_runs_read(&runs, 1, &path, &err), code);
    assert_null(runs);
    if (!strstr(err.message, words) || !strstr(err.message, path))
        fail_msg("\"%s\" does not tell of %s and \"%s\"", err.message, path, words);
}

/* ------------------------------------------------------------------ one file */

static void a_finished_file_is_read_to_the_bit(void **state)
{
    const char *path = fixture_path(state, "a.h5");
    struct modprop_plan *plan = fixture_plan(path, ANALYZE_SWEEP);
    analyze_write(plan, 0, plan->runs);
    struct modprop_runs *runs = analyze_read(1, &path);
    assert_int_equal(plan->runs, ANALYZE_RUNS);
    assert_as_made(runs, plan);
    assert_int_equal(runs->damaged, 0);
    assert_int_equal(with_result(runs), expected_results(plan));
    for (size_t run = 0; run < runs->count; run++) {
        const struct modprop_runs_parameter *rule =
            &runs->parameter[modprop_runs_find(runs, "rule")];
        const char *name = rule->choice[(size_t)rule->value[run]];
        assert_true(isnan(value_of(runs, run, "mu")) == (strcmp(name, "modprop") != 0));
        assert_string_equal(runs->message[run],
                            runs->state[run] == MODPROP_RUN_FAILED ? "no memory" : "");
    }
    modprop_runs_free(runs);
    modprop_plan_free(plan);
}

static void a_file_being_written_has_its_finished_runs(void **state)
{
    const char *path = fixture_path(state, "a.h5");
    struct modprop_plan *plan = fixture_plan(path, ANALYZE_SWEEP);
    struct modprop_error err = {0};
    analyze_write(plan, 0, 50);
    struct modprop_results *results = fixture_open(plan);
    assert_int_equal(modprop_results_begin(results, 50, 0, "node", 1, &err), MODPROP_OK);
    struct modprop_runs *runs = analyze_read(1, &path);
    assert_as_made(runs, plan);
    assert_int_equal(runs->state[50], MODPROP_RUN_RUNNING);
    assert_int_equal(runs->state[51], MODPROP_RUN_PENDING);
    assert_int_equal(runs->damaged, 0);
    assert_non_null(runs->from[0].holder);
    modprop_runs_free(runs);
    fixture_close(results);
    modprop_plan_free(plan);
}

static void damaged_rows_are_left_out_and_counted(void **state)
{
    static const struct {
        const char *variable;
        size_t run, byte;
        unsigned char bits;
    } damage[] = {{"loss", 3, 17, 1},     /* a result */
                  {"mu", 4, 6, 1},        /* a parameter of a finished run */
                  {"status", 5, 0, 2},    /* done: pending */
                  {"status", 6, 0, 0x40}, /* no state at all */
                  {"checksum", 7, 0, 1},
                  {"learning_rate", 100, 5, 4}, /* a parameter of a run that is to be trained */
                  {"run_key", 101, 3, 1}};
    enum { DAMAGED = sizeof damage / sizeof *damage };
    const char *path = fixture_path(state, "a.h5");
    struct modprop_plan *plan = fixture_plan(path, ANALYZE_SWEEP);
    analyze_write(plan, 0, 90);
    for (size_t k = 0; k < DAMAGED; k++) {
        flip(path, damage[k].variable, damage[k].run, damage[k].byte, damage[k].bits);
        struct modprop_runs *runs = analyze_read(1, &path);
        if (runs->damaged != k + 1)
            fail_msg("%s of run %zu: %zu damaged", damage[k].variable, damage[k].run,
                     runs->damaged);
        assert_int_equal(runs->count, plan->runs - k - 1);
        for (size_t run = 0; run < runs->count; run++)
            assert_true(runs->row[run] != damage[k].run);
        modprop_runs_free(runs);
    }
    modprop_plan_free(plan);
}

static void what_is_no_sound_file_is_refused(void **state)
{
    const char *path = fixture_path(state, "a.h5"), *other = fixture_path(state, "b.h5");
    struct stat info;
    analyze_make(path, ANALYZE_SWEEP, 0, SIZE_MAX);
    assert_int_equal(stat(path, &info), 0);
    assert_refused(other, MODPROP_IO, "No such file");
    assert_refused((const char *)*state, MODPROP_INVALID, "folder");
    for (off_t size = info.st_size - 1; size >= 0; size -= info.st_size / 7) {
        assert_int_equal(truncate(path, size), 0);
        assert_refused(path, MODPROP_INVALID, "damaged");
    }
    FILE *text = fopen(other, "w");
    assert_true(text && fputs("run,loss\n1,0.5\n", text) >= 0 && fclose(text) == 0);
    assert_refused(other, MODPROP_INVALID, "no HDF5 file");
}

/* ------------------------------------------------------------------ several files */

static void files_are_joined_by_key_and_results_win(void **state)
{
    const char *path[] = {fixture_path(state, "a.h5"), fixture_path(state, "b.h5")};
    struct modprop_plan *plan = fixture_plan(path[0], ANALYZE_SWEEP);
    analyze_write(plan, 0, 70);
    struct modprop_plan *second = fixture_plan(path[1], ANALYZE_SWEEP);
    analyze_write(second, 60, second->runs);
    struct modprop_runs *runs = analyze_read(2, path);
    assert_as_made(runs, plan);
    assert_int_equal(with_result(runs), expected_results(plan));
    assert_no_conflict(runs);
    assert_int_equal(runs->from[0].merged + runs->from[1].merged, plan->runs);
    for (size_t run = 0; run < runs->count; run++)
        assert_int_equal(runs->row[run], run); /* the order of the plan */
    modprop_runs_free(runs);
    modprop_plan_free(second);
    modprop_plan_free(plan);
}

static void different_results_of_one_key_are_told(void **state)
{
    const char *path[] = {fixture_path(state, "a.h5"), fixture_path(state, "b.h5")};
    struct modprop_plan *plan = fixture_plan(path[1], ANALYZE_SWEEP);
    struct modprop_evaluation evaluation[ANALYZE_EVALUATIONS];
    struct modprop_outcome outcome;
    struct modprop_error err = {0};
    size_t run = 0;
    while (analyze_state(plan->key[run]) != MODPROP_RUN_DONE)
        run++;
    analyze_make(path[0], ANALYZE_SWEEP, 0, SIZE_MAX);
    analyze_fill(&outcome, evaluation, ANALYZE_EVALUATIONS, 20, plan->key[run]);
    outcome.record.wall_s = 99; /* no result: another machine */
    struct modprop_results *results = fixture_open(plan);
    assert_int_equal(modprop_results_write(results, run, &outcome, &err), MODPROP_OK);
    fixture_close(results);
    struct modprop_runs *runs = analyze_read(2, path);
    assert_no_conflict(runs);
    modprop_runs_free(runs);

    evaluation[7].accuracy += 1e-15;
    results = fixture_open(plan);
    assert_int_equal(modprop_results_write(results, run, &outcome, &err), MODPROP_OK);
    fixture_close(results);
    runs = analyze_read(2, path);
    assert_int_equal(runs->conflicts, 1);
    assert_true(runs->conflict[0].key == plan->key[run]);
    assert_string_equal(runs->conflict[0].what, "accuracy");
    assert_int_equal(runs->conflict[0].file[0], 0);
    assert_int_equal(runs->file[index_of(runs, plan->key[run])], 0);
    modprop_runs_free(runs);
    modprop_plan_free(plan);
}

static void files_of_other_sweeps_and_lengths_are_joined(void **state)
{
    const char *path[] = {fixture_path(state, "a.h5"), fixture_path(state, "b.h5")};
    const double *iteration;
    size_t count;
    struct modprop_runs_figure loss;
    struct modprop_error err = {0};
    analyze_make(path[0], "seed = 1..2\n[network]\nn = 8\n[training]\niterations = 40\n", 0,
                 SIZE_MAX);
    analyze_make(path[1], "seed = 1..2\n[network]\nn = 9\n[training]\niterations = 100\n", 0,
                 SIZE_MAX);
    struct modprop_runs *runs = analyze_read(2, path);
    assert_int_equal(runs->count, 4);
    assert_int_equal(modprop_runs_read_figure(&loss, runs, "loss", &err), MODPROP_OK);
    assert_int_equal(loss.width, 6);
    for (size_t run = 0; run < 4; run++) {
        const double *series = modprop_runs_series(runs, &loss, run, &iteration, &count);
        if (runs->state[run] == MODPROP_RUN_DONE) {
            assert_int_equal(count, runs->file[run] == 0 ? 3 : 6);
            assert_true(series[1] == analyze_loss(runs->key[run], 1, count));
        }
    }
    modprop_runs_clear_figure(&loss);
    modprop_runs_free(runs);
}

/* ------------------------------------------------------------------ selection, conditions */

static size_t chosen_by(const struct modprop_runs *runs, const char *clause, bool *chosen)
{
    struct modprop_error err = {0};
    size_t count = 0;
    if (modprop_selection_choose(chosen, runs, "--where", 1, &clause, &err) != MODPROP_OK)
        return 0;
    for (size_t run = 0; run < runs->count; run++)
        count += chosen[run];
    return count;
}

static void clauses_choose_what_they_say(void **state)
{
    static const struct {
        const char *clause;
        size_t runs;
    } cases[] = {{"rule=modprop", 96},
                 {"rule=modprop,bptt", 112},
                 {"rule!=bptt", 112},
                 {"mu=0.3", 16}, /* linspace makes 0.30000000000000004 */
                 {"mu<=0.3", 64},
                 {"mu<0.3", 48},
                 {"mu > 0.3", 32},
                 {"mu>=0.3", 48},
                 {"mu=-", 32},
                 {"mu!=-", 96},
                 {"mu=0.1..0.3,-", 80},
                 {"seed=2..4", 48},
                 {"learning_rate=5e-4", 64},
                 {"variant=baselines", 32},
                 {"rule=bpt", 0},
                 {"mu=many", 0},
                 {"mu<0.1,0.2", 0},
                 {"rule<bptt", 0},
                 {"moo=1", 0},
                 {"=1", 0},
                 {"mu", 0},
                 {"seed=77", 0}};
    const char *path = fixture_path(state, "a.h5");
    bool chosen[ANALYZE_RUNS];
    analyze_make(path, ANALYZE_SWEEP, 0, SIZE_MAX);
    struct modprop_runs *runs = analyze_read(1, &path);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        if (chosen_by(runs, cases[k].clause, chosen) != cases[k].runs)
            fail_msg("%s chooses %zu runs, not %zu", cases[k].clause,
                     chosen_by(runs, cases[k].clause, chosen), cases[k].runs);
    modprop_runs_free(runs);
}

static void wrong_names_are_told_with_the_nearest(void **state)
{
    const char *path = fixture_path(state, "a.h5"), *clause = "rule=modpro",
               *name = "learing_rate=1";
    bool chosen[ANALYZE_RUNS];
    struct modprop_error err = {0}, other = {0}, third = {0};
    struct modprop_measure measure;
    analyze_make(path, ANALYZE_SWEEP, 0, SIZE_MAX);
    struct modprop_runs *runs = analyze_read(1, &path);
    assert_int_equal(modprop_selection_choose(chosen, runs, "--where", 1, &clause, &err),
                     MODPROP_INVALID);
    assert_non_null(strstr(err.message, "did you mean modprop?"));
    assert_int_equal(modprop_selection_choose(chosen, runs, "--where", 1, &name, &other),
                     MODPROP_INVALID);
    assert_non_null(strstr(other.message, "did you mean learning_rate?"));
    assert_int_equal(modprop_measures_find(&measure, runs, "final_los", &third), MODPROP_INVALID);
    assert_non_null(strstr(third.message, "did you mean final_loss?"));
    modprop_runs_free(runs);
}

static void conditions_are_the_plans_in_its_order(void **state)
{
    const char *path = fixture_path(state, "a.h5");
    struct modprop_plan *plan = fixture_plan(path, ANALYZE_SWEEP);
    struct modprop_conditions conditions;
    struct modprop_error err = {0};
    analyze_write(plan, 0, plan->runs);
    struct modprop_runs *runs = analyze_read(1, &path);
    assert_int_equal(modprop_conditions_init(&conditions, runs, NULL, &err), MODPROP_OK);
    assert_int_equal(conditions.count, plan->conditions);
    assert_int_equal(conditions.names, 3); /* rule, learning_rate, mu */
    for (size_t run = 0; run < plan->runs; run++)
        assert_int_equal(conditions.group[run], plan->condition[run]);
    for (size_t g = 0; g < conditions.count; g++) {
        char label[200], expected[200];
        modprop_conditions_label(&conditions, runs, g, label, sizeof label);
        modprop_plan_label(plan, plan->condition_first[g], expected, sizeof expected);
        if (!strstr(expected, "0.30000000000000004"))
            assert_string_equal(label, expected);
        assert_int_equal(modprop_conditions_size(&conditions, g), 8);
        for (size_t k = conditions.start[g]; k < conditions.start[g + 1]; k++)
            assert_true(value_of(runs, conditions.run[k], "seed") ==
                        1.0 + (double)(k - conditions.start[g]));
    }
    modprop_conditions_clear(&conditions);
    modprop_runs_free(runs);
    modprop_plan_free(plan);
}

static void axes_are_logarithmic_where_values_are_spaced_by_factors(void **state)
{
    (void)state;
    const double even[] = {0.1, 0.2, 0.3, 0.4, 0.5}, factors[] = {1e-4, 1e-3, 1e-2};
    const double doubling[] = {1, 2, 4, 8, 16, 32}, zero[] = {0, 1, 10}, two[] = {5e-4, 1e-3};
    assert_false(modprop_conditions_logarithmic(even, 5));
    assert_true(modprop_conditions_logarithmic(factors, 3));
    assert_true(modprop_conditions_logarithmic(doubling, 6));
    assert_false(modprop_conditions_logarithmic(zero, 3));
    assert_false(modprop_conditions_logarithmic(two, 2));
}

/* ------------------------------------------------------------------ measures */

static void measures_are_what_they_say(void **state)
{
    const char *path = fixture_path(state, "a.h5");
    struct modprop_measures_options options;
    struct modprop_error err = {0};
    static const char *const names[] = {"final_loss", "best_accuracy", "collapsed", "diverged",
                                        "iterations_to_criterion"};
    double *value[5];
    bool *censored = calloc(ANALYZE_RUNS, sizeof *censored);
    analyze_make(path, ANALYZE_SWEEP, 0, SIZE_MAX);
    struct modprop_runs *runs = analyze_read(1, &path);
    modprop_measures_defaults(&options);
    options.last = 4;
    options.criterion = 0.2;
    for (size_t k = 0; k < 5; k++) {
        struct modprop_measure measure;
        value[k] = calloc(ANALYZE_RUNS, sizeof **value);
        assert_int_equal(modprop_measures_find(&measure, runs, names[k], &err), MODPROP_OK);
        assert_int_equal(
            modprop_measures_compute(value[k], censored, &measure, runs, &options, &err),
            MODPROP_OK);
    }
    size_t seen[4] = {0}; /* censored, met, collapsed, diverged: none may be missing */
    for (size_t run = 0; run < runs->count; run++) {
        const uint64_t key = runs->key[run];
        const bool done = runs->state[run] == MODPROP_RUN_DONE;
        const size_t count = done ? ANALYZE_EVALUATIONS : ANALYZE_EVALUATIONS / 2;
        double sum = 0, best = 0, met = -1;
        bool fell = false, collapsed = false;
        if (!modprop_runs_has_result(runs, run)) {
            for (size_t k = 0; k < 5; k++)
                assert_true(isnan(value[k][run]));
            continue;
        }
        for (size_t e = 0; e < count; e++) {
            const double loss = analyze_loss(key, e, ANALYZE_EVALUATIONS);
            sum += e + 4 >= count ? loss : 0;
            best = fmax(best, 1 - loss / 2);
            met = met < 0 && loss <= 0.2 ? 20.0 * (double)e : met;
            fell = fell || loss < 0.3;
            collapsed = collapsed || (fell && loss > 0.6);
        }
        assert_true(done ? fabs(value[0][run] - sum / 4) < 1e-15 : isnan(value[0][run]));
        assert_true(value[1][run] == best);
        assert_true(value[2][run] == (collapsed ? 1 : 0));
        assert_true(value[3][run] == (done ? 0 : 1));
        assert_true(censored[run] == (met < 0));
        assert_true(value[4][run] == (met < 0 ? runs->iterations_done[run] : met));
        seen[met < 0 ? 0 : 1]++;
        seen[2] += collapsed;
        seen[3] += !done;
    }
    for (size_t k = 0; k < 4; k++)
        assert_true(seen[k] > 0);
    for (size_t k = 0; k < 5; k++)
        free(value[k]);
    free(censored);
    modprop_runs_free(runs);
}

static void a_final_figure_is_of_the_last_tenth_of_a_run(void **state)
{
    static const struct {
        const char *iterations;
        size_t evaluations, last;
    } cases[] = {{"60", 4, 1}, {"400", 21, 2}, {"4000", 201, 10}};
    const char *path = fixture_path(state, "a.h5");
    for (size_t c = 0; c < 3; c++) {
        struct modprop_measures_options options;
        struct modprop_measure measure;
        struct modprop_error err = {0};
        char sweep[200];
        double value[16];
        size_t done = 0;
        snprintf(sweep, sizeof sweep,
                 "seed = 1..16\n[training]\nevaluate_every = 20\niterations = %s\n",
                 cases[c].iterations);
        analyze_make(path, sweep, 0, SIZE_MAX);
        struct modprop_runs *runs = analyze_read(1, &path);
        modprop_measures_defaults(&options);
        assert_int_equal(modprop_measures_find(&measure, runs, "final_loss", &err), MODPROP_OK);
        assert_int_equal(modprop_measures_compute(value, NULL, &measure, runs, &options, &err),
                         MODPROP_OK);
        for (size_t run = 0; run < runs->count; run++) {
            double sum = 0;
            const size_t end = cases[c].evaluations;
            if (runs->state[run] != MODPROP_RUN_DONE)
                continue;
            for (size_t e = end - cases[c].last; e < end; e++)
                sum += analyze_loss(runs->key[run], e, end);
            assert_true(fabs(value[run] - sum / (double)cases[c].last) < 1e-15);
            done++;
        }
        assert_true(done > 0);
        modprop_runs_free(runs);
        (void)remove(path);
    }
}

/* ------------------------------------------------------------------ guard */

static enum modprop_status crash(void *context, void **bytes, size_t *count,
                                 struct modprop_error *err)
{
    (void)context, (void)bytes, (void)count, (void)err;
    (void)raise(SIGKILL);
    return MODPROP_OK;
}

static enum modprop_status spin(void *context, void **bytes, size_t *count,
                                struct modprop_error *err)
{
    (void)bytes, (void)count, (void)err;
    volatile unsigned *number = context;
    while (*number < 2)
        *number = *number == 0;
    return MODPROP_OK;
}

/* More than the parent takes: what is left of it has no reader. */
static enum modprop_status flood(void *context, void **bytes, size_t *count,
                                 struct modprop_error *err)
{
    (void)context, (void)err;
    *count = ((size_t)1 << 28) + 1;
    *bytes = calloc(*count, 1);
    return *bytes ? MODPROP_OK : MODPROP_NO_MEMORY;
}

static enum modprop_status tell(void *context, void **bytes, size_t *count,
                                struct modprop_error *err)
{
    (void)err;
    *count = 1000000; /* more than a pipe holds */
    *bytes = malloc(*count);
    assert_non_null(*bytes);
    memset(*bytes, *(char *)context, *count);
    return MODPROP_OK;
}

static enum modprop_status complain(void *context, void **bytes, size_t *count,
                                    struct modprop_error *err)
{
    (void)bytes, (void)count;
    snprintf(err->message, sizeof err->message, "%s", (const char *)context);
    return err->code = MODPROP_IO;
}

static double seconds(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void a_guarded_task_harms_nobody(void **state)
{
    (void)state;
    char letter = 'x', words[] = "no luck";
    unsigned number = 0;
    void *bytes = NULL;
    size_t count = 0;
    struct modprop_error crashed = {0}, spun = {0}, told = {0};
    assert_int_equal(modprop_guard_run(tell, &letter, "f", 1, &bytes, &count, NULL), MODPROP_OK);
    assert_int_equal(count, 1000000);
    assert_true(((char *)bytes)[0] == 'x' && memcmp(bytes, (char *)bytes + 1, count - 1) == 0);
    free(bytes);
    assert_int_equal(modprop_guard_run(crash, NULL, "f", 1, &bytes, &count, &crashed),
                     MODPROP_INVALID);
    assert_non_null(strstr(crashed.message, "crashed"));
    assert_null(bytes);
    const double start = seconds();
    assert_int_equal(modprop_guard_run(spin, &number, "f", 0.1, &bytes, &count, &spun),
                     MODPROP_INVALID);
    assert_non_null(strstr(spun.message, "no end"));
    assert_true(seconds() - start < 10);
    (void)alarm(60); /* a hang ends the test */
    assert_int_equal(modprop_guard_run(flood, NULL, "f", 1, &bytes, &count, NULL), MODPROP_INVALID);
    (void)alarm(0);
    assert_null(bytes);
    assert_int_equal(modprop_guard_run(complain, words, "f", 1, &bytes, &count, &told), MODPROP_IO);
    assert_string_equal(told.message, words);
}

int main(int argc, char **argv)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_finished_file_is_read_to_the_bit),
        IN_FOLDER(a_file_being_written_has_its_finished_runs),
        IN_FOLDER(damaged_rows_are_left_out_and_counted),
        IN_FOLDER(what_is_no_sound_file_is_refused),
        IN_FOLDER(files_are_joined_by_key_and_results_win),
        IN_FOLDER(different_results_of_one_key_are_told),
        IN_FOLDER(files_of_other_sweeps_and_lengths_are_joined),
        IN_FOLDER(clauses_choose_what_they_say),
        IN_FOLDER(wrong_names_are_told_with_the_nearest),
        IN_FOLDER(conditions_are_the_plans_in_its_order),
        cmocka_unit_test(axes_are_logarithmic_where_values_are_spaced_by_factors),
        IN_FOLDER(measures_are_what_they_say),
        IN_FOLDER(a_final_figure_is_of_the_last_tenth_of_a_run),
        cmocka_unit_test(a_guarded_task_harms_nobody),
    };
    if (argc == 4 && strcmp(argv[1], "--make") == 0) { /* a file for the scripts: FILE SEEDS */
        char sweep[400];
        snprintf(sweep, sizeof sweep,
                 "seed = 1..%s\n[network]\nn = 8\n[training]\niterations = 2980\n"
                 "evaluate_every = 20\nlearning_rate = 5e-4, 1e-3\n[rule]\nrule = modprop\n"
                 "mu = linspace(0, 0.5, 6)\n[variant baselines]\nrule = bptt, eprop\n",
                 argv[3]);
        analyze_make(argv[2], sweep, 0, SIZE_MAX);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
