/*
 * The lock of the results file: stale, of another host, on a file system without locks. flock is
 * replaced, so that such a file system can be had anywhere.
 */
#include "results_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "store/lock.h"

int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);

static int refusal; /* errno of a file system without locks; 0: it has them */

int __wrap_flock(int fd, int operation)
{
    if (!refusal)
        return __real_flock(fd, operation);
    errno = refusal;
    return -1;
}

static int teardown(void **state)
{
    refusal = 0;
    return fixture_teardown(state);
}

static void put_lock(const char *path, const char *text)
{
    char name[300];
    snprintf(name, sizeof name, "%s.lock", path);
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static bool has_lock_file(const char *path)
{
    char name[300];
    snprintf(name, sizeof name, "%s.lock", path);
    return access(name, F_OK) == 0;
}

/* "process N on HOST since ...". */
static const char *holder(long process, const char *host)
{
    static char text[300];
    char here[100] = "";
    assert_int_equal(gethostname(here, sizeof here - 1), 0);
    snprintf(text, sizeof text, "process %ld on %s since 2026-11-25 01:00:00 UTC\n", process,
             host ? host : here);
    return text;
}

/* A process that has ended. */
static long dead_process(void)
{
    const pid_t child = fork();
    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return (long)child;
}

static struct modprop_lock *take(const char *path)
{
    struct modprop_lock *lock = NULL;
    struct modprop_error err = {0};
    if (modprop_lock_take(&lock, path, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    return lock;
}

static void assert_busy(const char *path, const char *first, const char *second)
{
    struct modprop_lock *lock = NULL;
    struct modprop_error err = {0};
    assert_int_equal(modprop_lock_take(&lock, path, &err), MODPROP_BUSY);
    assert_null(lock);
    if (!strstr(err.message, first) || !strstr(err.message, second))
        fail_msg("%s", err.message);
}

/* ------------------------------------------------------------------ with locks */

static void a_lock_file_of_a_dead_process_is_no_obstacle(void **state)
{
    const char *path = fixture_path(state, "a.h5");
    put_lock(path, holder(dead_process(), NULL));
    assert_null(modprop_lock_holder(path));
    struct modprop_lock *lock = take(path);
    assert_true(modprop_lock_works(lock));
    assert_null(modprop_lock_left(lock));
    modprop_lock_give(lock);
    assert_false(has_lock_file(path));
    put_lock(path, holder(77, "elsewhere")); /* nor is one of another host */
    modprop_lock_give(take(path));
    assert_false(has_lock_file(path));
}

static void a_lock_held_elsewhere_is_told_with_its_host(void **state)
{
    const char *path = fixture_path(state, "a.h5");
    char name[300];
    snprintf(name, sizeof name, "%s.lock", path);
    put_lock(path, holder(77, "elsewhere"));
    FILE *file = fopen(name, "r+");
    assert_int_equal(flock(fileno(file), LOCK_EX | LOCK_NB), 0);
    assert_busy(path, "process 77 on elsewhere since 2026-11-25", "had its host died");
    put_lock(path, holder((long)getpid(), NULL));
    assert_busy(path, "set another output", "process");
    fclose(file);
    modprop_lock_give(take(path));
}

/* ------------------------------------------------------------------ without */

static void without_locks_the_file_is_taken_and_given_back(void **state)
{
    static const int refusals[] = {ENOLCK, ENOSYS, ENOTSUP, EINVAL};
    const char *path = fixture_path(state, "a.h5");
    for (size_t k = 0; k < sizeof refusals / sizeof *refusals; k++) {
        refusal = refusals[k];
        struct modprop_lock *lock = take(path);
        assert_false(modprop_lock_works(lock));
        assert_null(modprop_lock_left(lock));
        assert_true(has_lock_file(path));
        modprop_lock_give(lock);
        assert_false(has_lock_file(path));
    }
}

static void without_locks_a_living_process_of_this_host_is_an_obstacle(void **state)
{
    const char *path = fixture_path(state, "a.h5");
    refusal = ENOLCK;
    put_lock(path, holder((long)getppid(), NULL));
    assert_busy(path, "is being written by process", "set another output");
    assert_true(has_lock_file(path));
    put_lock(path, holder(dead_process(), NULL));
    struct modprop_lock *lock = take(path);
    assert_null(modprop_lock_left(lock));
    modprop_lock_give(lock);
}

static void without_locks_a_process_of_another_host_is_told(void **state)
{
    const char *path = fixture_path(state, "a.h5");
    refusal = ENOLCK;
    put_lock(path, holder(77, "elsewhere"));
    struct modprop_lock *lock = take(path);
    assert_non_null(modprop_lock_left(lock));
    assert_non_null(strstr(modprop_lock_left(lock), "process 77 on elsewhere"));
    modprop_lock_give(lock);
    assert_false(has_lock_file(path));
    put_lock(path, "nonsense\n");
    lock = take(path);
    assert_null(modprop_lock_left(lock));
    modprop_lock_give(lock);
}

static void without_locks_a_sweep_is_written_and_told(void **state)
{
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    refusal = ENOLCK;
    put_lock(plan->output, holder(77, "elsewhere"));
    struct modprop_results *results = fixture_open(plan);
    assert_false(modprop_results_opening(results).locked);
    assert_non_null(strstr(modprop_results_opening(results).left, "elsewhere"));
    for (size_t run = 0; run < plan->runs; run++)
        fixture_write(results, run);
    fixture_close(results);
    assert_int_equal(fixture_check(plan->output), plan->runs);
    modprop_plan_free(plan);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_lock_file_of_a_dead_process_is_no_obstacle),
        TEST(a_lock_held_elsewhere_is_told_with_its_host),
        TEST(without_locks_the_file_is_taken_and_given_back),
        TEST(without_locks_a_living_process_of_this_host_is_an_obstacle),
        TEST(without_locks_a_process_of_another_host_is_told),
        TEST(without_locks_a_sweep_is_written_and_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
