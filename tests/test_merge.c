/*
 * Results files made from the finished runs of others: extended, gathered, merged; what is taken,
 * what wins, what is refused, and that killing it at any moment loses nothing.
 */
#include "results_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "engine/clock.h"
#include "store/h5.h"
#include "store/history.h"
#include "store/merge.h"
#include "store/stored.h"
#include "sweep/shard.h"

/* The fixture's sweep with a third seed and another size first: all its runs have other numbers,
 * the rows other widths. */
#define WIDER \
    "seed = 3, 1, 2\nsave_weights = yes\n[network]\nn = 12, 8, 10\n" \
    "[training]\niterations = 60\nevaluate_every = 20\n" \
    "[rule]\nrule = modprop, bptt\nmu = 0, 0.25, 0.5, 0.75\n[variant \xC3\xA9]\nrule = eprop\n"

static const struct modprop_provenance provenance = {.command_line = "test --extend"};

/* Merges into the plan's output; returns the code. */
static enum modprop_status merge(const struct modprop_plan *plan, const char *const *path,
                                 size_t count, struct modprop_error *err)
{
    struct modprop_merge *made = NULL;
    enum modprop_status status = modprop_merge_open(&made, plan, path, count, true, err);
    if (status == MODPROP_OK)
        status = modprop_merge_write(made, "extended by", &provenance, err);
    modprop_merge_free(made);
    return status;
}

static void merge_well(const struct modprop_plan *plan, const char *const *path, size_t count)
{
    struct modprop_error err = {0};
    if (merge(plan, path, count, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
}

static size_t run_of_key(const struct modprop_plan *plan, uint64_t key)
{
    size_t run = 0;
    while (run < plan->runs && plan->key[run] != key)
        run++;
    return run;
}

static double *read_all(const char *path, const char *name, size_t runs, size_t *width)
{
    size_t count;
    double *values = fixture_read(path, name, &count);
    *width = count / runs;
    return values;
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* All figures and fields of a run that both files have. */
static void assert_same_outcome(const struct modprop_plan *a, size_t run,
                                const struct modprop_plan *b, size_t other)
{
    static const char *const names[] = {
        "status",        "iterations_done", "diverged_at", "wall_s",   "cpu_s", "final_loss",
        "rank",          "started",         "heard",       "attempts", "loss",  "gradient_norm",
        "final_accuracy"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        size_t width, other_width;
        double *mine = read_all(a->output, names[k], a->runs, &width);
        double *theirs = read_all(b->output, names[k], b->runs, &other_width);
        assert_int_equal(width, other_width);
        for (size_t column = 0; column < width; column++)
            if (!same(mine[run * width + column], theirs[other * width + column]))
                fail_msg("%s of run %zu (%zu before)", names[k], run, other);
        free(mine);
        free(theirs);
    }
}

/* W_rec of a run, whose own size is n, in rows of the file's width. */
static void assert_same_weights(const struct modprop_plan *a, size_t run,
                                const struct modprop_plan *b, size_t other, size_t width,
                                size_t other_width)
{
    struct modprop_config config;
    size_t count;
    modprop_plan_config(a, run, &config);
    double *mine = fixture_read(a->output, "weights/W_rec", &count);
    double *theirs = fixture_read(b->output, "weights/W_rec", &count);
    for (size_t pre = 0; pre < width; pre++)
        for (size_t post = 0; post < width; post++) {
            const double value = mine[(run * width + pre) * width + post];
            const bool inside = pre < (size_t)config.n && post < (size_t)config.n;
            if (inside)
                assert_true(value == theirs[(other * other_width + pre) * other_width + post]);
            else
                assert_true(isnan(value));
        }
    free(mine);
    free(theirs);
}

static char *attribute(const char *path, const char *name)
{
    static char text[4000];
    struct modprop_datafile *file = NULL;
    assert_int_equal(modprop_datafile_open(&file, path, NULL), MODPROP_OK);
    assert_int_equal(modprop_datafile_text(file, name, text, sizeof text, NULL), MODPROP_OK);
    modprop_datafile_close(file);
    return text;
}

/* ------------------------------------------------------------------ extending */

static void an_extended_file_has_the_old_runs_and_only_them_finished(void **state)
{
    size_t checked;
    char *path = strdup(fixture_path(state, "a.h5"));
    struct modprop_plan *old = fixture_plan(path, FIXTURE_SWEEP), *plan = fixture_plan(path, WIDER);
    struct modprop_results *results = fixture_open(old);
    for (size_t run = 0; run < old->runs; run++)
        if (run != 7)
            fixture_write(results, run);
    fixture_close(results);
    char command[500];
    free(old->output);
    old->output = strdup(fixture_path(state, "before.h5"));
    snprintf(command, sizeof command, "cp '%s' '%s'", path, old->output);
    assert_int_equal(system(command), 0);
    merge_well(plan, NULL, 0);
    assert_int_equal(fixture_damaged(path, &checked), 0);
    assert_int_equal(checked, old->runs - 1);
    results = fixture_open(plan);
    assert_int_equal(modprop_results_opening(results).damaged, 0);
    assert_int_equal(modprop_results_opening(results).interrupted, 0);
    fixture_close(results);
    for (size_t other = 0; other < old->runs; other++) {
        const size_t run = run_of_key(plan, old->key[other]);
        assert_true(run < plan->runs && run != other);
        assert_same_outcome(plan, run, old, other);
        if (other != 7)
            assert_same_weights(plan, run, old, other, 12, 10);
    }
    modprop_plan_free(old);
    modprop_plan_free(plan);
    free(path);
}

static void history_keeps_the_old_lines_and_counts(void **state)
{
    struct modprop_plan *old = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), WIDER);
    fixture_finished(old);
    char *before = strdup(attribute(old->output, "history"));
    merge_well(plan, NULL, 0);
    const char *after = attribute(plan->output, "history");
    char wanted[100];
    assert_memory_equal(before, after, strlen(before));
    snprintf(wanted, sizeof wanted,
             "extended by test --extend: %d runs reused from the file before, %zu fresh",
             (int)FIXTURE_RUNS, plan->runs - FIXTURE_RUNS);
    if (!strstr(after, wanted))
        fail_msg("%s", after);
    free(before);
    modprop_plan_free(old);
    modprop_plan_free(plan);
}

static void a_long_history_keeps_its_beginning_and_its_end(void **state)
{
    (void)state;
    char *history = modprop_history_add("", "made by me"), line[200];
    for (int k = 0; k < 1000; k++) {
        snprintf(line, sizeof line, "line %d %0100d", k, k);
        char *longer = modprop_history_add(history, line);
        free(history);
        history = longer;
        assert_non_null(history);
        assert_true(strlen(history) < 40000);
    }
    assert_memory_equal(history, "made by me\n[...]\n", 17);
    assert_non_null(strstr(history, "\nline 999 "));
    assert_non_null(strstr(history, "\nline 998 "));
    assert_null(strstr(history, "\nline 5 "));
    free(history);
}

static void results_of_the_old_file_are_never_dropped(void **state)
{
    struct modprop_error err = {0};
    size_t checked;
    struct modprop_plan *old = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_plan *plan = fixture_plan(old->output, "seed = 1..9\n");
    fixture_finished(old);
    assert_int_equal(merge(plan, NULL, 0, &err), MODPROP_DIFFERENT);
    assert_non_null(strstr(err.message, "would be lost"));
    assert_int_equal(fixture_damaged(old->output, &checked), 0);
    assert_int_equal(checked, old->runs);
    fixture_close(fixture_open(old));
    modprop_plan_free(old);
    modprop_plan_free(plan);
}

static void damaged_and_unfinished_rows_are_not_taken(void **state)
{
    struct modprop_stored stored;
    hid_t file;
    struct modprop_plan *old = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_plan *plan = fixture_plan(old->output, WIDER);
    struct modprop_results *results = fixture_open(old);
    fixture_write(results, 0);
    fixture_write(results, 1);
    assert_int_equal(modprop_results_begin(results, 2, 0, "here", 1, NULL), MODPROP_OK);
    fixture_close(results);
    assert_int_equal(modprop_stored_open(&file, old->output, NULL), MODPROP_OK);
    assert_int_equal(modprop_stored_find(&stored, file, old->output, NULL), MODPROP_OK);
    modprop_h5_drop(file);
    const int fd = open(old->output, O_RDWR);
    for (size_t k = 0; k < stored.count; k++)
        if (strcmp(stored.variable[k].name, "loss") == 0)
            assert_int_equal(pwrite(fd, "x", 1, (off_t)stored.variable[k].offset), 1);
    close(fd);
    modprop_stored_clear(&stored);
    struct modprop_merge *made = NULL;
    assert_int_equal(modprop_merge_open(&made, plan, NULL, 0, false, NULL), MODPROP_OK);
    const struct modprop_merge_source *source = modprop_merge_source(made, 0);
    assert_int_equal(source->finished, 2);
    assert_int_equal(source->damaged, 1);
    assert_int_equal(source->taken, 1);
    modprop_merge_free(made);
    modprop_plan_free(old);
    modprop_plan_free(plan);
}

/* ------------------------------------------------------------------ several files */

static struct modprop_plan *shard_plan(const char *output, size_t shard)
{
    struct modprop_plan *plan = fixture_plan(output, FIXTURE_SWEEP);
    assert_int_equal(modprop_shard_cut(plan, shard, 3, NULL), MODPROP_OK);
    return plan;
}

/* A run of a shard with the outcome of the fixture for its number in the whole plan. */
static void finish_shard(const struct modprop_plan *whole, const struct modprop_plan *part,
                         size_t count)
{
    struct modprop_results *results = fixture_open(part);
    for (size_t run = 0; run < count; run++) {
        struct fixture_outcome made;
        fixture_fill(&made, run_of_key(whole, part->key[run]));
        assert_int_equal(modprop_results_write(results, run, &made.outcome, NULL), MODPROP_OK);
    }
    fixture_close(results);
}

static void shards_join_to_the_whole_and_can_be_joined_again(void **state)
{
    size_t checked;
    char *output = strdup(fixture_path(state, "a.h5"));
    struct modprop_plan *whole = fixture_plan(output, FIXTURE_SWEEP), *part[3];
    const char *path[3];
    for (size_t k = 0; k < 3; k++) {
        part[k] = shard_plan(output, k + 1);
        path[k] = part[k]->output;
        finish_shard(whole, part[k], k == 1 ? 2 : part[k]->runs);
    }
    merge_well(whole, path, 3);
    assert_int_equal(fixture_check(output), whole->runs - part[1]->runs + 2);
    finish_shard(whole, part[1], part[1]->runs);
    assert_int_equal(unlink(path[0]), 0); /* what was gathered is in the output */
    merge_well(whole, path + 1, 2);
    assert_int_equal(fixture_check(output), whole->runs);
    assert_int_equal(fixture_damaged(output, &checked), 0);
    for (size_t k = 0; k < 3; k++)
        modprop_plan_free(part[k]);
    modprop_plan_free(whole);
    free(output);
}

static void the_plan_of_several_files_is_the_widest(void **state)
{
    char *output = strdup(fixture_path(state, "out.h5"));
    struct modprop_plan *whole = fixture_plan(output, FIXTURE_SWEEP), *part = shard_plan(output, 2);
    struct modprop_plan *wider = fixture_plan(fixture_path(state, "wider.h5"), WIDER), *plan = NULL;
    finish_shard(whole, part, part->runs);
    const char *path[] = {part->output, wider->output};
    assert_int_equal(modprop_merge_plan(&plan, output, path, 1, NULL), MODPROP_OK);
    assert_int_equal(plan->hash, whole->hash); /* the whole sweep, not the shard */
    assert_string_equal(plan->output, output);
    modprop_plan_free(plan);
    fixture_close(fixture_open(wider));
    assert_int_equal(modprop_merge_plan(&plan, output, path, 2, NULL), MODPROP_OK);
    assert_int_equal(plan->hash, wider->hash);
    modprop_plan_free(plan);
    struct modprop_error err = {0};
    const char *missing[] = {part->output, "/nowhere/x.h5"};
    assert_int_equal(modprop_merge_plan(&plan, output, missing, 2, &err), MODPROP_IO);
    assert_null(plan);
    assert_non_null(strstr(err.message, "/nowhere/x.h5"));
    modprop_plan_free(whole);
    modprop_plan_free(part);
    modprop_plan_free(wider);
    free(output);
}

static void write_state(struct modprop_results *results, size_t run, enum modprop_run_state outcome)
{
    struct fixture_outcome made;
    fixture_fill(&made, run);
    made.outcome.state = outcome;
    assert_int_equal(modprop_results_write(results, run, &made.outcome, NULL), MODPROP_OK);
}

static void a_result_wins_over_a_failure_and_the_first_over_its_equals(void **state)
{
    struct modprop_plan *a = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_plan *b = fixture_plan(fixture_path(state, "b.h5"), FIXTURE_SWEEP);
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "c.h5"), FIXTURE_SWEEP);
    struct modprop_results *first = fixture_open(a), *second = fixture_open(b);
    write_state(first, 0, MODPROP_RUN_FAILED);
    write_state(second, 0, MODPROP_RUN_DONE);
    write_state(first, 1, MODPROP_RUN_DIVERGED);
    write_state(second, 1, MODPROP_RUN_DONE);
    write_state(first, 2, MODPROP_RUN_TIMEOUT);
    write_state(second, 2, MODPROP_RUN_FAILED);
    fixture_close(first);
    fixture_close(second);
    const char *path[] = {a->output, b->output};
    struct modprop_merge *made = NULL;
    assert_int_equal(modprop_merge_open(&made, plan, path, 2, false, NULL), MODPROP_OK);
    assert_int_equal(modprop_merge_state(made, 0), MODPROP_RUN_DONE);
    assert_int_equal(modprop_merge_state(made, 1), MODPROP_RUN_DIVERGED);
    assert_int_equal(modprop_merge_state(made, 2), MODPROP_RUN_TIMEOUT);
    assert_int_equal(modprop_merge_state(made, 3), MODPROP_RUN_PENDING);
    assert_int_equal(modprop_merge_source(made, 0)->taken, 2);
    assert_int_equal(modprop_merge_source(made, 0)->repeated, 1);
    assert_int_equal(modprop_merge_source(made, 1)->taken, 1);
    assert_int_equal(modprop_merge_source(made, 1)->repeated, 2);
    modprop_merge_free(made);
    modprop_plan_free(a);
    modprop_plan_free(b);
    modprop_plan_free(plan);
}

static void a_file_in_use_can_be_a_source_but_not_the_output(void **state)
{
    struct modprop_error err = {0};
    struct modprop_plan *a = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "b.h5"), FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(a);
    fixture_write(results, 3);
    assert_int_equal(modprop_results_sync(results, NULL), MODPROP_OK);
    const char *path[] = {a->output};
    assert_int_equal(merge(a, NULL, 0, &err), MODPROP_BUSY);
    merge_well(plan, path, 1);
    assert_int_equal(fixture_check(plan->output), 1);
    fixture_close(results);
    modprop_plan_free(a);
    modprop_plan_free(plan);
}

static void what_is_no_results_file_is_refused_and_stays(void **state)
{
    struct modprop_error err = {0};
    struct stat info;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    FILE *file = fopen(plan->output, "w");
    fputs("notes", file);
    fclose(file);
    assert_int_equal(merge(plan, NULL, 0, &err), MODPROP_INVALID);
    assert_int_equal(stat(plan->output, &info), 0);
    assert_int_equal(info.st_size, 5);
    modprop_plan_free(plan);
}

/* A link stays a link, and the file it leads to is the new one. */
static void an_output_that_is_a_link_stays_one(void **state)
{
    struct stat info;
    char *real = strdup(fixture_path(state, "real.h5")),
         *link = strdup(fixture_path(state, "a.h5"));
    struct modprop_plan *old = fixture_plan(real, FIXTURE_SWEEP), *plan = fixture_plan(link, WIDER);
    fixture_finished(old);
    assert_int_equal(symlink("real.h5", link), 0);
    merge_well(plan, NULL, 0);
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(lstat(real, &info), 0);
    assert_true(S_ISREG(info.st_mode));
    struct modprop_results *results = fixture_open(plan);
    assert_int_equal(modprop_results_state(results, run_of_key(plan, old->key[3])),
                     MODPROP_RUN_DONE);
    fixture_close(results);
    modprop_plan_free(old);
    modprop_plan_free(plan);
    free(real);
    free(link);
}

/* ------------------------------------------------------------------ kills and attempts */

/* Seconds that a merge takes in a child, which is how it is killed below. */
static double time_merge(const struct modprop_plan *plan)
{
    const double start = modprop_clock_s(CLOCK_MONOTONIC);
    const pid_t child = fork();
    if (child == 0)
        _exit((int)merge(plan, NULL, 0, NULL));
    assert_int_equal(waitpid(child, NULL, 0), child);
    return modprop_clock_s(CLOCK_MONOTONIC) - start;
}

/* Killed after a random time: the file is the old or the new one, whole, with all the results. */
static void a_kill_at_any_moment_leaves_the_old_or_the_new_file(void **state)
{
    enum { KILLS = 60 };
    int old_left = 0, new_left = 0;
    char *path = strdup(fixture_path(state, "a.h5"));
    struct modprop_plan *old = fixture_plan(path, FIXTURE_SWEEP), *plan = fixture_plan(path, WIDER);
    fixture_finished(old);
    double merge_s = time_merge(plan);
    srand(20261125);
    for (int k = 0; k < KILLS || !old_left || !new_left; k++) {
        size_t checked = 0, count = 0;
        assert_true(k < 10 * KILLS);
        merge_s *= k % KILLS == KILLS - 1 ? (new_left ? 0.5 : 2) : 1; /* the machine has changed */
        unlink(path);
        fixture_finished(old);
        const pid_t child = fork();
        if (child == 0)
            _exit((int)merge(plan, NULL, 0, NULL));
        usleep((useconds_t)(1.5e6 * merge_s * rand() / RAND_MAX));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        assert_int_equal(fixture_damaged(path, &checked), 0);
        assert_int_equal(checked, old->runs);
        free(fixture_read(path, "status", &count));
        assert_true(count == old->runs || count == plan->runs);
        *(count == old->runs ? &old_left : &new_left) += 1;
        merge_well(plan, NULL, 0); /* what a killed one left behind is in nobody's way */
    }
    print_message("%d times the old file, %d times the new one\n", old_left, new_left);
    assert_true(old_left > 0 && new_left > 0);
    modprop_plan_free(old);
    modprop_plan_free(plan);
    free(path);
}

static void attempts_count_what_was_tried_again_and_survive(void **state)
{
    size_t count;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(plan);
    assert_int_equal(modprop_results_attempts(results, 5), 0);
    assert_int_equal(modprop_results_begin(results, 5, 0, "h", 1, NULL), MODPROP_OK);
    write_state(results, 5, MODPROP_RUN_FAILED);
    assert_int_equal(modprop_results_attempts(results, 5), 1);
    assert_int_equal(modprop_results_begin(results, 5, 0, "h", 1, NULL), MODPROP_OK); /* again */
    assert_int_equal(modprop_results_reset(results, 5, NULL), MODPROP_OK); /* interrupted */
    assert_int_equal(modprop_results_begin(results, 5, 0, "h", 1, NULL), MODPROP_OK);
    assert_int_equal(modprop_results_begin(results, 6, 0, "h", 1, NULL), MODPROP_OK);
    fixture_close(results); /* both as if killed */
    results = fixture_open(plan);
    assert_int_equal(modprop_results_opening(results).interrupted, 2);
    assert_int_equal(modprop_results_attempts(results, 5), 2);
    assert_int_equal(modprop_results_begin(results, 5, 0, "h", 1, NULL), MODPROP_OK);
    write_state(results, 5, MODPROP_RUN_DONE);
    assert_int_equal(modprop_results_begin(results, 6, 0, "h", 1, NULL), MODPROP_OK);
    write_state(results, 6, MODPROP_RUN_DONE);
    fixture_close(results);
    struct modprop_plan *wider = fixture_plan(plan->output, WIDER);
    double *attempts = fixture_read(plan->output, "attempts", &count);
    assert_true(attempts[5] == 2 && attempts[6] == 1 && attempts[7] == 0);
    free(attempts);
    merge_well(wider, NULL, 0);
    attempts = fixture_read(wider->output, "attempts", &count);
    assert_true(attempts[run_of_key(wider, plan->key[5])] == 2);
    free(attempts);
    modprop_plan_free(plan);
    modprop_plan_free(wider);
}

/* The lines of log/starts, read as bytes. */
static size_t read_log(const char *path,
                       char lines[MODPROP_HISTORY_LINES][MODPROP_HISTORY_WIDTH + 1])
{
    hid_t file;
    size_t used = 0;
    assert_int_equal(modprop_stored_open(&file, path, NULL), MODPROP_OK);
    const uint64_t place = modprop_history_find(file);
    modprop_h5_drop(file);
    assert_true(place > 0);
    const int fd = open(path, O_RDONLY);
    for (size_t k = 0; k < MODPROP_HISTORY_LINES; k++) {
        lines[k][MODPROP_HISTORY_WIDTH] = '\0';
        assert_int_equal(
            pread(fd, lines[k], MODPROP_HISTORY_WIDTH, (off_t)(place + k * MODPROP_HISTORY_WIDTH)),
            MODPROP_HISTORY_WIDTH);
        used += lines[k][0] != '\0';
    }
    close(fd);
    return used;
}

static void every_start_leaves_a_line_and_the_log_is_carried_over(void **state)
{
    static char lines[MODPROP_HISTORY_LINES][MODPROP_HISTORY_WIDTH + 1];
    char line[400];
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_plan *wider = fixture_plan(plan->output, WIDER);
    struct modprop_results *results = fixture_open(plan);
    for (int k = 0; k < MODPROP_HISTORY_LINES + 5; k++) {
        snprintf(line, sizeof line, "start %d", k);
        assert_int_equal(modprop_results_note(results, line, NULL), MODPROP_OK);
    }
    fixture_close(results);
    merge_well(wider, NULL, 0);
    assert_int_equal(read_log(wider->output, lines), MODPROP_HISTORY_LINES);
    assert_non_null(strstr(lines[0], "Z: start 0"));
    assert_non_null(strstr(lines[1], "Z: start 6"));
    snprintf(line, sizeof line, "Z: start %d", MODPROP_HISTORY_LINES + 4);
    assert_non_null(strstr(lines[MODPROP_HISTORY_LINES - 1], line));
    results = fixture_open(wider);
    memset(line, 0, sizeof line);
    for (size_t k = 0; k < 198; k++)
        memcpy(line + 2 * k, "\xC3\xA9", 2); /* longer than a line; cut between characters */
    assert_int_equal(modprop_results_note(results, line, NULL), MODPROP_OK);
    fixture_close(results);
    assert_int_equal(read_log(wider->output, lines), MODPROP_HISTORY_LINES);
    const char *last = lines[MODPROP_HISTORY_LINES - 1];
    assert_int_equal((unsigned char)last[strlen(last) - 1], 0xA9);
    modprop_plan_free(plan);
    modprop_plan_free(wider);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_extended_file_has_the_old_runs_and_only_them_finished),
        TEST(history_keeps_the_old_lines_and_counts),
        TEST(a_long_history_keeps_its_beginning_and_its_end),
        TEST(results_of_the_old_file_are_never_dropped),
        TEST(damaged_and_unfinished_rows_are_not_taken),
        TEST(shards_join_to_the_whole_and_can_be_joined_again),
        TEST(the_plan_of_several_files_is_the_widest),
        TEST(a_result_wins_over_a_failure_and_the_first_over_its_equals),
        TEST(a_file_in_use_can_be_a_source_but_not_the_output),
        TEST(what_is_no_results_file_is_refused_and_stays),
        TEST(an_output_that_is_a_link_stays_one),
        TEST(a_kill_at_any_moment_leaves_the_old_or_the_new_file),
        TEST(attempts_count_what_was_tried_again_and_survive),
        TEST(every_start_leaves_a_line_and_the_log_is_carried_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
