/*
 * The results file when things go wrong: kill -9 at any moment, a disk that refuses, no memory.
 *
 * The store's pwrite, fdatasync and allocator are replaced (WRAP_test_results_faults in the
 * Makefile), so that the n-th call can fail, write half of its bytes, or be the last of the
 * process.
 */
#include "results_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "store/failures.h"
#include "store/merge.h"

/* ------------------------------------------------------------------ replaced functions */

ssize_t __real_pwrite(int fd, const void *from, size_t bytes, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *from, size_t bytes, off_t offset);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
void *__real_modprop_memory_get(size_t count, size_t size);
void *__wrap_modprop_memory_get(size_t count, size_t size);

static struct {
    long write_to_die_in, write_to_refuse, sync_to_refuse,
        block_to_refuse; /* 1: the next; 0: none */
    long writes, syncs;
} fault;

static bool now(long *countdown)
{
    return *countdown > 0 && --*countdown == 0;
}

ssize_t __wrap_pwrite(int fd, const void *from, size_t bytes, off_t offset)
{
    fault.writes++;
    if (now(&fault.write_to_die_in)) {
        (void)__real_pwrite(fd, from, bytes / 2, offset);
        raise(SIGKILL);
    }
    if (now(&fault.write_to_refuse)) {
        errno = ENOSPC;
        return -1;
    }
    return __real_pwrite(fd, from, bytes, offset);
}

int __wrap_fdatasync(int fd)
{
    fault.syncs++;
    if (now(&fault.sync_to_refuse)) {
        errno = EIO;
        return -1;
    }
    return __real_fdatasync(fd);
}

void *__wrap_modprop_memory_get(size_t count, size_t size)
{
    return now(&fault.block_to_refuse) ? NULL : __real_modprop_memory_get(count, size);
}

static int setup(void **state)
{
    memset(&fault, 0, sizeof fault);
    return fixture_setup(state);
}

/* ------------------------------------------------------------------ kill -9 */

/* In batches of a few rows. */
static void train_pending(const struct modprop_plan *plan)
{
    struct modprop_results *results = fixture_open(plan);
    for (size_t run = 0; run < plan->runs; run++) {
        if (modprop_results_state(results, run) == MODPROP_RUN_PENDING)
            fixture_write(results, run);
        if (run % 3 == 2)
            assert_int_equal(modprop_results_sync(results, NULL), MODPROP_OK);
    }
    fixture_close(results);
}

static void assert_killed(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* After a kill the file is not there yet, or opens; all that is called done is whole and as meant;
 * the same command finishes the rest. Returns the number of runs that were done. */
static size_t assert_recovers(const struct modprop_plan *plan)
{
    size_t checked, done = 0;
    if (access(plan->output, F_OK) == 0) {
        assert_int_equal(fixture_damaged(plan->output, &checked), 0);
        done = fixture_check(plan->output);
        assert_int_equal(checked, done);
    }
    struct modprop_results *results = fixture_open(plan);
    size_t kept = 0;
    assert_int_equal(modprop_results_opening(results).damaged, 0);
    for (size_t run = 0; run < plan->runs; run++)
        kept += modprop_results_state(results, run) != MODPROP_RUN_PENDING;
    assert_int_equal(kept, done);
    fixture_close(results);
    train_pending(plan);
    assert_int_equal(fixture_damaged(plan->output, &checked), 0);
    assert_int_equal(checked, plan->runs);
    assert_int_equal(fixture_check(plan->output), plan->runs);
    return done;
}

/* At 30 of the writes from the making of the file to its last status, halfway through each. */
static void killed_within_any_write_the_file_recovers(void **state)
{
    enum { POINTS = 30 };
    char path[200];
    snprintf(path, sizeof path, "%s", fixture_path(state, "whole.h5"));
    struct modprop_plan *plan = fixture_plan(path, FIXTURE_SWEEP);
    train_pending(plan);
    const long all = fault.writes;
    modprop_plan_free(plan);
    assert_true(all > 10 * POINTS);
    size_t seen_none = 0, seen_some = 0;
    for (long k = 0; k < POINTS; k++) {
        snprintf(path, sizeof path, "%s/%ld.h5", (const char *)*state, k);
        plan = fixture_plan(path, FIXTURE_SWEEP);
        const pid_t child = fork();
        if (child == 0) {
            fault.write_to_die_in = 1 + k * (all - 1) / (POINTS - 1);
            train_pending(plan);
            _exit(0);
        }
        assert_killed(child);
        const size_t done = assert_recovers(plan);
        seen_none += done == 0;
        seen_some += done > 0 && done < plan->runs;
        modprop_plan_free(plan);
    }
    assert_true(seen_none > 0 && seen_some > 0);
}

/* Writes and resets rows until it is killed. */
static void write_for_ever(const struct modprop_plan *plan, int ready)
{
    struct modprop_results *results = fixture_open(plan);
    (void)!write(ready, "r", 1);
    for (size_t round = 0;; round++) {
        const size_t run = (round * 7) % plan->runs;
        fixture_write(results, run);
        if (round % 3 == 0 && modprop_results_sync(results, NULL) != MODPROP_OK)
            _exit(1);
    }
}

static void killed_at_random_moments_the_file_recovers(void **state)
{
    enum { KILLS = 30 };
    size_t with_rows = 0;
    const unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srand(seed);
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    for (int k = 0; k < KILLS; k++) {
        char byte;
        int ready[2];
        assert_int_equal(pipe(ready), 0);
        const pid_t child = fork();
        if (child == 0)
            write_for_ever(plan, ready[1]);
        assert_int_equal(read(ready[0], &byte, 1), 1);
        nanosleep(&(struct timespec){.tv_nsec = rand() % 20000000}, NULL);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_killed(child);
        with_rows += assert_recovers(plan) > 0;
        close(ready[0]);
        close(ready[1]);
        if (k % 5 == 0)
            assert_int_equal(unlink(plan->output), 0); /* now and then a new file */
    }
    assert_true(with_rows > 0);
    modprop_plan_free(plan);
}

/* ------------------------------------------------------------------ order of writes and syncs */

/* The state byte of a run, as the file has it. */
static int stored_state(const char *path, size_t run)
{
    size_t count;
    double *values = fixture_read(path, "status", &count);
    const int state = (int)values[run];
    free(values);
    return state;
}

static void a_status_is_written_only_after_the_sync(void **state)
{
    struct fixture_outcome made;
    struct modprop_error err = {0};
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(plan);
    for (size_t run = 0; run < 2; run++) {
        fixture_fill(&made, run);
        assert_int_equal(modprop_results_begin(results, run, 0, "host", 0, &err), MODPROP_OK);
        if (run == 0) {
            fault.sync_to_refuse = 1;
            assert_int_equal(modprop_results_write(results, run, &made.outcome, &err), MODPROP_IO);
            assert_non_null(strstr(err.message, "did not reach the disk"));
            assert_int_equal(stored_state(plan->output, run), MODPROP_RUN_RUNNING);
        } else {
            assert_int_equal(modprop_results_write(results, run, &made.outcome, NULL), MODPROP_OK);
            assert_int_equal(modprop_results_sync(results, NULL), MODPROP_OK);
            assert_int_equal(stored_state(plan->output, run), MODPROP_RUN_DONE);
        }
    }
    fixture_close(results);
    results = fixture_open(plan);
    assert_int_equal(modprop_results_opening(results).interrupted, 1);
    fixture_close(results);
    modprop_plan_free(plan);
}

static void rows_that_come_fast_share_a_sync(void **state)
{
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(plan);
    fault.syncs = 0;
    const time_t start = time(NULL);
    for (size_t run = 0; run < plan->runs; run++)
        fixture_write(results, run);
    const long most = 2 + 4 * (long)(time(NULL) - start + 1); /* one each quarter of a second */
    assert_true(fault.syncs <= most);
    fixture_close(results);
    assert_int_equal(fixture_check(plan->output), plan->runs);
    modprop_plan_free(plan);
}

/* Begins all runs; then writes the first and, from the last to the second, the others. */
static void neighbouring_rows_share_their_writes(void **state)
{
    struct fixture_outcome made;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(plan);
    for (size_t run = 0; run < plan->runs; run++)
        assert_int_equal(modprop_results_begin(results, run, 0, "host", 0, NULL), MODPROP_OK);
    long alone = 0;
    for (size_t k = 0; k < plan->runs; k++) {
        const size_t run = (plan->runs - k) % plan->runs;
        if (k < 2)
            fault.writes = fault.syncs = 0;
        fixture_fill(&made, run);
        assert_int_equal(modprop_results_write(results, run, &made.outcome, NULL), MODPROP_OK);
        alone = k == 0 ? fault.writes : alone; /* it is due at once */
    }
    assert_int_equal(modprop_results_sync(results, NULL), MODPROP_OK);
    assert_true(alone > (long)modprop_figure_count());
    assert_true(fault.writes <= alone * fault.syncs);
    fixture_close(results);
    assert_int_equal(fixture_check(plan->output), plan->runs);
    modprop_plan_free(plan);
}

/* ------------------------------------------------------------------ a full disk, no memory */

static void a_full_disk_leaves_no_file_behind(void **state)
{
    static const struct modprop_provenance provenance = {0};
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    for (long n = 2; n < 60; n += 19) { /* the first write is the lock's text, which may fail */
        struct modprop_results *results = NULL;
        struct modprop_error err = {0};
        fault.write_to_refuse = n;
        assert_int_equal(modprop_results_open(&results, plan, &provenance, &err), MODPROP_IO);
        assert_non_null(strstr(err.message, strerror(ENOSPC)));
        assert_int_not_equal(access(plan->output, F_OK), 0);
        assert_int_not_equal(access(fixture_path(state, "a.h5.new"), F_OK), 0);
        assert_int_not_equal(access(fixture_path(state, "a.h5.lock"), F_OK), 0);
    }
    modprop_plan_free(plan);
}

/* HDF5's own writes are refused too, and the same process can go on afterwards. */
static void a_structure_that_finds_no_room_is_an_error(void **state)
{
    static const struct modprop_provenance provenance = {0};
    int status = 0;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    const pid_t child = fork();
    if (child == 0) { /* a process of its own: HDF5 leaks memory when a write fails */
        struct modprop_results *results = NULL;
        struct modprop_error err = {0};
        struct rlimit limit;
        if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || getrlimit(RLIMIT_FSIZE, &limit) != 0)
            _exit(2);
        const rlim_t before = limit.rlim_cur;
        limit.rlim_cur = 20000; /* bytes; the structure takes about 60000 */
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
            modprop_results_open(&results, plan, &provenance, &err) != MODPROP_IO)
            _exit(3);
        limit.rlim_cur = before;
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || access(plan->output, F_OK) == 0)
            _exit(4);
        train_pending(plan);
        _exit(strstr(err.message, "File too large") ? 0 : 5);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(fixture_check(plan->output), plan->runs);
    modprop_plan_free(plan);
}

static void a_row_the_disk_refuses_is_an_error_and_stays_running(void **state)
{
    struct fixture_outcome made;
    struct modprop_error err = {0};
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(plan);
    fixture_fill(&made, 0);
    assert_int_equal(modprop_results_begin(results, 0, 0, "host", 0, &err), MODPROP_OK);
    fault.write_to_refuse = 5;
    assert_int_equal(modprop_results_write(results, 0, &made.outcome, &err), MODPROP_IO);
    fixture_close(results);
    assert_int_equal(stored_state(plan->output, 0), MODPROP_RUN_RUNNING);
    assert_recovers(plan);
    modprop_plan_free(plan);
}

static enum modprop_status open_and_close(const struct modprop_plan *plan,
                                          struct modprop_error *err)
{
    static const struct modprop_provenance provenance = {0};
    struct modprop_results *results = NULL;
    const enum modprop_status status = modprop_results_open(&results, plan, &provenance, err);
    return status == MODPROP_OK ? modprop_results_close(results, err) : status;
}

static enum modprop_status read_overview(const struct modprop_plan *plan, struct modprop_error *err)
{
    struct modprop_overview *overview = NULL;
    const enum modprop_status status = modprop_overview_read(&overview, plan->output, err);
    modprop_overview_free(overview);
    return status;
}

static enum modprop_status verify(const struct modprop_plan *plan, struct modprop_error *err)
{
    size_t *damaged = NULL, count, checked;
    const enum modprop_status status = modprop_results_verify(plan->output, &damaged, &count,
                                                              &checked, err);
    free(damaged);
    return status;
}

static enum modprop_status read_datafile(const struct modprop_plan *plan, struct modprop_error *err)
{
    struct modprop_datafile *file = NULL;
    double *values = NULL;
    size_t rank, dims[MODPROP_DATAFILE_RANK];
    char text[20];
    enum modprop_status status = modprop_datafile_open(&file, plan->output, err);
    if (status == MODPROP_OK)
        status = modprop_datafile_read(file, "loss", &values, &rank, dims, err);
    if (status == MODPROP_OK)
        status = modprop_datafile_text(file, "format", text, sizeof text, err);
    free(values);
    modprop_datafile_close(file);
    return status;
}

static enum modprop_status extend(const struct modprop_plan *plan, struct modprop_error *err)
{
    static const struct modprop_provenance provenance = {0};
    struct modprop_merge *merge = NULL;
    enum modprop_status status = modprop_merge_open(&merge, plan, NULL, 0, true, err);
    if (status == MODPROP_OK)
        status = modprop_merge_write(merge, "extended by", &provenance, err);
    modprop_merge_free(merge);
    return status;
}

static enum modprop_status group_failures(const struct modprop_plan *plan,
                                          struct modprop_error *err)
{
    struct modprop_overview *overview = NULL;
    struct modprop_failures failures = {0};
    enum modprop_status status = modprop_overview_read(&overview, plan->output, err);
    if (status == MODPROP_OK)
        status = modprop_failures_read(&failures, overview, 1u << MODPROP_RUN_DIVERGED,
                                       plan->output, err);
    modprop_failures_clear(&failures);
    modprop_overview_free(overview);
    return status;
}

/* Refuses the first, the second, ... allocation until the work gets done without meeting one. */
static void refuse_each_block(enum modprop_status (*work)(const struct modprop_plan *,
                                                          struct modprop_error *),
                              const struct modprop_plan *plan, const char *what)
{
    enum { MOST = 1000 };
    long refused = 0;
    for (long n = 1; n < MOST; n++) {
        struct modprop_error err = {0};
        fault.block_to_refuse = n;
        const enum modprop_status status = work(plan, &err);
        const bool met = fault.block_to_refuse == 0;
        fault.block_to_refuse = 0;
        if (status != MODPROP_OK &&
            (status != MODPROP_NO_MEMORY || !strstr(err.message, "no memory")))
            fail_msg("%s, block %ld: %s", what, n, err.message);
        refused += status == MODPROP_NO_MEMORY;
        if (!met) {
            assert_true(refused > 0);
            return;
        }
    }
    fail_msg("%s: takes more than %d blocks", what, MOST);
}

static void refused_memory_is_an_error_everywhere(void **state)
{
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    refuse_each_block(open_and_close, plan, "making the file");
    train_pending(plan);
    refuse_each_block(open_and_close, plan, "opening it again");
    refuse_each_block(read_overview, plan, "overview");
    refuse_each_block(verify, plan, "verification");
    refuse_each_block(read_datafile, plan, "data file");
    refuse_each_block(extend, plan, "extending it");
    refuse_each_block(group_failures, plan, "failures");
    assert_int_equal(fixture_check(plan->output), plan->runs);
    modprop_plan_free(plan);
}

/* ------------------------------------------------------------------ extending */

#define WIDER \
    "seed = 3, 1, 2\nsave_weights = yes\n[network]\nn = 8, 10\n" \
    "[training]\niterations = 60\nevaluate_every = 20\n" \
    "[rule]\nrule = modprop, bptt\nmu = 0, 0.25, 0.5\n[variant \xC3\xA9]\nrule = eprop\n"

/* Every third write of an extension is refused, and then the process killed within it: the old file
 * is there, whole, until the new one is. */
static void an_extension_that_fails_anywhere_leaves_the_old_file(void **state)
{
    enum { STEP = 3, MOST = 2000 };
    size_t checked;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_plan *wider = fixture_plan(plan->output, WIDER);
    train_pending(plan);
    long n = 2; /* the first write is the lock's text, which may fail */
    for (; n < MOST; n += STEP) {
        struct modprop_error err = {0};
        fault.write_to_refuse = n;
        if (extend(wider, &err) == MODPROP_OK)
            break;
        assert_int_equal(err.code, MODPROP_IO);
        assert_non_null(strstr(err.message, strerror(ENOSPC)));
        fault.write_to_refuse = 0;
        assert_int_equal(fixture_damaged(plan->output, &checked), 0);
        assert_int_equal(checked, plan->runs);
        assert_int_not_equal(access(fixture_path(state, "a.h5.new"), F_OK), 0);
        const pid_t child = fork();
        if (child == 0) {
            fault.write_to_die_in = n;
            _exit((int)extend(wider, NULL));
        }
        assert_killed(child);
        fixture_close(fixture_open(plan)); /* the old file, in good order */
    }
    assert_true(n > 100 && n < MOST);
    fixture_close(fixture_open(wider));
    assert_int_equal(fixture_damaged(wider->output, &checked), 0);
    assert_int_equal(checked, plan->runs);
    modprop_plan_free(plan);
    modprop_plan_free(wider);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(killed_within_any_write_the_file_recovers),
        TEST(killed_at_random_moments_the_file_recovers),
        TEST(a_status_is_written_only_after_the_sync),
        TEST(rows_that_come_fast_share_a_sync),
        TEST(neighbouring_rows_share_their_writes),
        TEST(a_full_disk_leaves_no_file_behind),
        TEST(a_structure_that_finds_no_room_is_an_error),
        TEST(a_row_the_disk_refuses_is_an_error_and_stays_running),
        TEST(refused_memory_is_an_error_everywhere),
        TEST(an_extension_that_fails_anywhere_leaves_the_old_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
