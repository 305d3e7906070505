/*
 * Checkpoint files: what is written is what is read, whatever happens in between, and damage is told.
 *
 * pwrite, fsync, rename, open and the store's allocator are replaced (WRAP_test_checkpoint in the
 * Makefile), so that the n-th call can fail, or be the last of the process.
 */
#include "results_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "engine/memory.h"
#include "store/checkpoints.h"

/* ------------------------------------------------------------------ replaced functions */

ssize_t __real_pwrite(int fd, const void *from, size_t bytes, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *from, size_t bytes, off_t offset);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
void *__real_modprop_memory_get(size_t count, size_t size);
void *__wrap_modprop_memory_get(size_t count, size_t size);

static struct {
    bool kill; /* instead of failing */
    long at;   /* the call that fails, 1: the next; 0: none does */
    long calls;
} fault;

/* Whether this call fails. A killed one has written half of its bytes. */
static bool fails(void)
{
    fault.calls++;
    return fault.at > 0 && --fault.at == 0;
}

ssize_t __wrap_pwrite(int fd, const void *from, size_t bytes, off_t offset)
{
    const bool now = fails();
    if (now && fault.kill) {
        (void)__real_pwrite(fd, from, bytes / 2, offset);
        raise(SIGKILL);
    }
    errno = ENOSPC;
    return now ? -1 : __real_pwrite(fd, from, bytes, offset);
}

int __wrap_fsync(int fd)
{
    const bool now = fails();
    if (now && fault.kill)
        raise(SIGKILL);
    errno = EIO;
    return now ? -1 : __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
    const bool now = fails();
    if (now && fault.kill)
        raise(SIGKILL);
    errno = EROFS;
    return now ? -1 : __real_rename(from, to);
}

void *__wrap_modprop_memory_get(size_t count, size_t size)
{
    return fails() ? NULL : __real_modprop_memory_get(count, size);
}

/* ------------------------------------------------------------------ checkpoints made up */

enum { STATE_BYTES = 5000 };

static const uint64_t KEY = 0x0123456789abcdef;

/* A checkpoint, in flight or finished; `state` and `made` are what it points to. */
static struct modprop_checkpoint make(uint64_t key, size_t run, bool in_flight,
                                      struct fixture_outcome *made, unsigned char *state)
{
    struct modprop_checkpoint c = {.key = key, .written = 1.8e9 + (double)run};
    fixture_fill(made, run);
    c.outcome = made->outcome;
    c.outcome.attempts = 3;
    c.outcome.heard = 1.75e9;
    if (in_flight) {
        for (size_t k = 0; k < STATE_BYTES; k++)
            state[k] = (unsigned char)(7 * k + run);
        c.outcome.state = MODPROP_RUN_RUNNING;
        c.outcome.record.weights = NULL;
        c.outcome.message = "";
        c.state = state;
        c.state_bytes = STATE_BYTES;
    } else {
        c.weights = FIXTURE_WEIGHTS;
    }
    return c;
}

static void write_one(const char *folder, uint64_t key, size_t run, bool in_flight)
{
    struct fixture_outcome made;
    unsigned char state[STATE_BYTES];
    struct modprop_error err = {0};
    const struct modprop_checkpoint c = make(key, run, in_flight, &made, state);
    if (modprop_checkpoint_write(folder, &c, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
}

static void assert_equal(const struct modprop_checkpoint *read, const struct modprop_checkpoint *c)
{
    const struct modprop_record *a = &read->outcome.record, *b = &c->outcome.record;
    assert_true(read->key == c->key && read->written == c->written);
    assert_int_equal(read->outcome.state, c->outcome.state);
    assert_int_equal(read->outcome.rank, c->outcome.rank);
    assert_int_equal(read->outcome.attempts, c->outcome.attempts);
    assert_string_equal(read->outcome.host, c->outcome.host);
    assert_string_equal(read->outcome.message, c->outcome.message);
    assert_true(read->outcome.started == c->outcome.started);
    assert_true(read->outcome.heard == c->outcome.heard);
    assert_int_equal(a->iterations_done, b->iterations_done);
    assert_int_equal(a->diverged_at, b->diverged_at);
    assert_true(a->wall_s == b->wall_s && a->cpu_s == b->cpu_s);
    assert_int_equal(a->evaluations, b->evaluations);
    assert_memory_equal(a->evaluation, b->evaluation, b->evaluations * sizeof *b->evaluation);
    assert_int_equal(read->weights, b->weights ? c->weights : 0);
    if (b->weights)
        assert_memory_equal(a->weights, b->weights, c->weights * sizeof *b->weights);
    assert_int_equal(read->state_bytes, c->state_bytes);
    assert_int_equal(read->state == NULL, c->state == NULL);
    if (c->state)
        assert_memory_equal(read->state, c->state, c->state_bytes);
}

/* Wants the file to be sound and that of `run`. */
static void assert_there(const char *folder, uint64_t key, size_t run, bool in_flight)
{
    struct fixture_outcome made;
    unsigned char state[STATE_BYTES];
    struct modprop_error err = {0};
    struct modprop_checkpoint read;
    void *block = NULL;
    const struct modprop_checkpoint c = make(key, run, in_flight, &made, state);
    if (modprop_checkpoint_read(&read, &block, folder, key, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    assert_non_null(block);
    assert_equal(&read, &c);
    modprop_memory_free(block);
}

static size_t files_in(const char *folder)
{
    size_t count = 0;
    DIR *dir = opendir(folder);
    if (!dir)
        return 0;
    for (struct dirent *file; (file = readdir(dir)) != NULL;)
        count += file->d_name[0] != '.';
    closedir(dir);
    return count;
}

/* ------------------------------------------------------------------ one file */

static void what_is_written_is_read(void **state)
{
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    for (size_t run = 3; run < 5; run++) { /* done, and diverged with a message */
        write_one(folder, KEY, run, true);
        assert_there(folder, KEY, run, true);
        write_one(folder, KEY, run, false);
        assert_there(folder, KEY, run, false);
    }
    assert_int_equal(files_in(folder), 1);
}

static void a_file_that_is_not_there_is_no_failure(void **state)
{
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    struct modprop_checkpoint c;
    void *block = &c;
    bool there = true;
    assert_int_equal(modprop_checkpoint_read(&c, &block, folder, KEY, NULL), MODPROP_OK);
    assert_null(block);
    assert_int_equal(modprop_checkpoint_peek(&c, &there, folder, KEY, NULL), MODPROP_OK);
    assert_false(there);
    assert_int_equal(modprop_checkpoint_remove(folder, KEY, NULL), MODPROP_OK);
    write_one(folder, KEY, 1, true);
    assert_int_equal(modprop_checkpoint_remove(folder, KEY, NULL), MODPROP_OK);
    assert_int_equal(files_in(folder), 0);
}

static void a_peek_tells_the_head(void **state)
{
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    struct modprop_checkpoint c;
    bool there = false;
    write_one(folder, KEY, 4, true);
    assert_int_equal(modprop_checkpoint_peek(&c, &there, folder, KEY, NULL), MODPROP_OK);
    assert_true(there && c.key == KEY && c.written == 1.8e9 + 4);
    assert_int_equal(c.outcome.state, MODPROP_RUN_RUNNING);
    assert_int_equal(c.outcome.record.iterations_done, 41);
    assert_null(c.state);
}

static void store(const char *path, const unsigned char *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    fclose(file);
}

static void store_junk(void **state, const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/x.h5.checkpoints/%s", (const char *)*state, name);
    store(path, (const unsigned char *)"junk", 4);
}

static void assert_invalid(const char *folder, const char *words)
{
    struct modprop_error err = {0};
    struct modprop_checkpoint c;
    void *block = NULL;
    assert_int_equal(modprop_checkpoint_read(&c, &block, folder, KEY, &err), MODPROP_INVALID);
    assert_null(block);
    if (!strstr(err.message, words))
        fail_msg("\"%s\" says nothing of \"%s\"", err.message, words);
}

static void flip(int fd, size_t at)
{
    unsigned char byte;
    assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
    byte ^= (unsigned char)(1u << at % 8);
    assert_int_equal(__real_pwrite(fd, &byte, 1, (off_t)at), 1);
}

/* A bit of each byte; one byte more; every length. */
static void damage_anywhere_is_told(void **state)
{
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    const char *path = fixture_path(state, "x.h5.checkpoints/0123456789abcdef");
    write_one(folder, KEY, 4, false);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    const size_t count = (size_t)info.st_size;
    assert_in_range(count, 4000, 20000);
    const int fd = open(path,
                        O_RDWR); /* changed where it lies: new files would wait for the disk */
    assert_true(fd >= 0);
    for (size_t k = 0; k < count; k++) {
        flip(fd, k);
        assert_invalid(folder, path);
        flip(fd, k);
    }
    assert_there(folder, KEY, 4, false);
    for (size_t length = count + 2; length-- > 0;) {
        if (length == count)
            continue;
        assert_int_equal(ftruncate(fd, (off_t)length), 0);
        assert_invalid(folder, path);
    }
    close(fd);
}

static void a_file_of_another_run_is_told(void **state)
{
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    char command[500];
    write_one(folder, KEY + 1, 4, true);
    snprintf(command, sizeof command, "cd %s && mv 0123456789abcdf0 0123456789abcdef", folder);
    assert_int_equal(system(command), 0);
    assert_invalid(folder, "another run, 0123456789abcdf0");
}

static void what_is_no_file_is_told(void **state)
{
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    const char *path = fixture_path(state, "x.h5.checkpoints/0123456789abcdef");
    assert_int_equal(mkdir(folder, 0777), 0);
    assert_int_equal(mkdir(path, 0777), 0);
    assert_invalid(folder, "no file");
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0666), 0);
    assert_invalid(folder, "no file"); /* and does not wait for a writer */
}

static void only_the_folder_itself_is_made(void **state)
{
    struct fixture_outcome made;
    unsigned char bytes[STATE_BYTES];
    struct modprop_error err = {0};
    const struct modprop_checkpoint c = make(KEY, 1, true, &made, bytes);
    const char *folder = fixture_path(state, "gone/x.h5.checkpoints");
    assert_int_equal(modprop_checkpoint_write(folder, &c, &err), MODPROP_IO);
    assert_non_null(strstr(err.message, folder));
}

/* ------------------------------------------------------------------ faults */

/* Writes over an older checkpoint; the n-th call of all that can fail does. */
static enum modprop_status write_with_fault(const char *folder, long at, struct modprop_error *err)
{
    struct fixture_outcome made;
    unsigned char bytes[STATE_BYTES];
    const struct modprop_checkpoint c = make(KEY, 2, true, &made, bytes);
    fault.calls = 0;
    fault.at = at;
    const enum modprop_status status = modprop_checkpoint_write(folder, &c, err);
    fault.at = 0;
    return status;
}

static void whatever_fails_the_older_one_or_the_new_one_is_there(void **state)
{
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    write_one(folder, KEY, 1, true);
    assert_int_equal(write_with_fault(folder, 0, NULL), MODPROP_OK);
    const long calls = fault.calls;
    assert_in_range(calls, 8, 30);
    for (long at = 1; at <= calls; at++) {
        struct modprop_error err = {0};
        write_one(folder, KEY, 1, true);
        assert_int_not_equal(write_with_fault(folder, at, &err), MODPROP_OK);
        assert_non_null(strstr(err.message, folder));
        struct modprop_checkpoint c;
        bool there = false;
        assert_int_equal(modprop_checkpoint_peek(&c, &there, folder, KEY, NULL), MODPROP_OK);
        assert_true(there);
        /* When all but the last sync of the folder was done, it is the new one. */
        assert_there(folder, KEY, c.outcome.rank == 1 ? 1 : 2, true);
        assert_int_equal(files_in(folder), 1);
    }
}

static void killed_anywhere_the_older_one_or_the_new_one_is_there(void **state)
{
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    long at = 0;
    for (bool killed = true; killed;) {
        at++;
        write_one(folder, KEY, 1, true);
        const pid_t child = fork();
        if (child == 0) {
            fault.kill = true;
            (void)write_with_fault(folder, at, NULL);
            _exit(0);
        }
        int how;
        assert_int_equal(waitpid(child, &how, 0), child);
        killed = WIFSIGNALED(how) || at < 8; /* a refused allocation does not kill */
        struct modprop_checkpoint c;
        bool there = false;
        assert_int_equal(modprop_checkpoint_peek(&c, &there, folder, KEY, NULL), MODPROP_OK);
        assert_true(there);
        assert_there(folder, KEY, c.outcome.rank == 1 ? 1 : 2, true);
    }
    assert_in_range(at, 9, 30);
}

static void a_refused_read_leaves_nothing(void **state)
{
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    struct modprop_checkpoint c;
    void *block = NULL;
    write_one(folder, KEY, 1, true);
    for (long at = 1; at <= 2; at++) { /* the path, the block */
        struct modprop_error err = {0};
        fault.at = at;
        assert_int_equal(modprop_checkpoint_read(&c, &block, folder, KEY, &err), MODPROP_NO_MEMORY);
        fault.at = 0;
        assert_null(block);
    }
}

/* ------------------------------------------------------------------ the folder */

static void the_list_has_all_by_key(void **state)
{
    const char *output = fixture_path(state, "x.h5");
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    struct modprop_checkpoints list = {0};
    assert_int_equal(modprop_checkpoints_list(&list, output, NULL), MODPROP_OK);
    assert_int_equal(list.count, 0);
    assert_null(modprop_checkpoints_find(&list, KEY));
    for (uint64_t k = 0; k < 9; k++)
        write_one(folder, KEY + 5 * ((4 * k) % 9), (size_t)k, k % 2 == 0);
    store_junk(state, "fedcba9876543210");
    store_junk(state, "notes");
    store_junk(state, "0123456789abcdef.bak");
    store_junk(state, "0123456789abcdef.node.1.part");
    assert_int_equal(modprop_checkpoints_list(&list, output, NULL), MODPROP_OK);
    assert_int_equal(list.count, 10);
    assert_int_equal(list.foreign, 2);
    for (uint64_t k = 0; k < 9; k++) {
        const struct modprop_checkpoints_entry *entry = modprop_checkpoints_find(
            &list, KEY + 5 * ((4 * k) % 9));
        assert_non_null(entry);
        assert_true(entry->sound && entry->written == 1.8e9 + (double)k);
        assert_int_equal(entry->state == MODPROP_RUN_RUNNING, k % 2 == 0);
        assert_int_equal(entry->iteration, k % 5 == 4 ? 41 : 60);
    }
    assert_null(modprop_checkpoints_find(&list, KEY + 1));
    assert_false(modprop_checkpoints_find(&list, 0xfedcba9876543210)->sound);
    modprop_checkpoints_clear(&list);
}

static struct modprop_checkpoints_found adopt(struct modprop_results *results,
                                              const struct modprop_plan *plan)
{
    struct modprop_checkpoints_found found;
    struct modprop_error err = {0};
    if (modprop_checkpoints_adopt(results, plan, &found, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    return found;
}

/* A run's checkpoint of its k-th attempt, in flight or finished. */
static void write_attempt(const char *folder, const struct modprop_plan *plan, size_t run,
                          long attempts, bool in_flight)
{
    struct fixture_outcome made;
    unsigned char bytes[STATE_BYTES];
    struct modprop_checkpoint c = make(plan->key[run], run, in_flight, &made, bytes);
    c.outcome.record.weights = NULL;
    c.outcome.attempts = attempts;
    assert_int_equal(modprop_checkpoint_write(folder, &c, NULL), MODPROP_OK);
}

/* The file has rows of the first attempts of both. */
static void what_a_second_attempt_left_wins_over_the_row_of_the_first(void **state)
{
    const char *output = fixture_path(state, "x.h5");
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    struct modprop_plan *plan = fixture_plan(output, "seed = 1..2\n[training]\niterations = 60\n"
                                                     "evaluate_every = 20\n[rule]\nrule = bptt\n");
    struct modprop_results *results = fixture_open(plan);
    fixture_write(results, 0);
    fixture_write(results, 1);
    write_attempt(folder, plan, 0, 2, false);
    write_attempt(folder, plan, 1, 2, true);
    assert_int_equal(adopt(results, plan).taken, 1);
    assert_int_equal(modprop_results_attempts(results, 0), 2);
    assert_int_equal(modprop_results_attempts(results, 1), 1);
    assert_int_equal(files_in(folder), 1); /* the one in flight */
    fixture_close(results);
    assert_int_equal(fixture_check(output), 2);
    modprop_plan_free(plan);
}

/* Runs 0: in the file. 1: kept. 2: in flight. 3: kept and damaged. 4: kept with another shape. */
static void kept_results_are_taken_in_and_leftovers_removed(void **state)
{
    const char *output = fixture_path(state, "x.h5");
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    struct modprop_plan *plan = fixture_plan(output, "seed = 1..5\n[training]\niterations = 60\n"
                                                     "evaluate_every = 20\n[rule]\nrule = bptt\n");
    struct modprop_results *results = fixture_open(plan);
    fixture_write(results, 0);
    write_attempt(folder, plan, 0, 1, true);
    for (size_t run = 1; run < 5; run++) {
        struct fixture_outcome made;
        unsigned char bytes[STATE_BYTES];
        struct modprop_checkpoint c = make(plan->key[run], run, run == 2, &made, bytes);
        c.outcome.record.weights = run == 4 ? made.weights : NULL;
        assert_int_equal(modprop_checkpoint_write(folder, &c, NULL), MODPROP_OK);
    }
    char path[400];
    snprintf(path, sizeof path, "%s/%016llx", folder, (unsigned long long)plan->key[3]);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, -3, SEEK_END); /* in the checksum, which changes with the table of parameters */
    const int was = fgetc(file);
    fseek(file, -3, SEEK_END);
    fputc(was ^ 1, file);
    fclose(file);
    store_junk(state, "0123456789abcdef.node.1.part");
    store_junk(state, "0123456789abcdef");
    const struct modprop_checkpoints_found found = adopt(results, plan);
    assert_int_equal(found.taken, 1);
    assert_int_equal(found.strange, 1);
    assert_int_equal(modprop_results_state(results, 1), MODPROP_RUN_DONE);
    for (size_t run = 2; run < 5; run++)
        assert_int_equal(modprop_results_state(results, run), MODPROP_RUN_PENDING);
    assert_int_equal(files_in(folder), 4); /* 2, 3, 4, and the strange one */
    fixture_close(results);
    assert_int_equal(fixture_check(output), 2);
    modprop_plan_free(plan);
}

/* A result is on the disk before its checkpoint goes. */
static void kept_results_stay_when_the_file_fails(void **state)
{
    const char *output = fixture_path(state, "x.h5");
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    struct modprop_plan *plan = fixture_plan(output, "seed = 1..5\n[training]\niterations = 60\n"
                                                     "evaluate_every = 20\n[rule]\nrule = bptt\n");
    struct modprop_checkpoints_found found;
    struct fixture_outcome made;
    unsigned char bytes[STATE_BYTES];
    struct modprop_checkpoint c = make(plan->key[1], 1, false, &made, bytes);
    c.outcome.record.weights = NULL;
    assert_int_equal(modprop_checkpoint_write(folder, &c, NULL), MODPROP_OK);
    enum modprop_status status = MODPROP_IO;
    long at = 0;
    while (status != MODPROP_OK) {
        struct modprop_results *results = fixture_open(plan);
        fault.at = ++at;
        status = modprop_checkpoints_adopt(results, plan, &found, NULL);
        fault.at = 0;
        if (status != MODPROP_OK)
            assert_int_equal(files_in(folder), 1);
        (void)modprop_results_close(results, NULL);
        assert_in_range(at, 1, 100);
        if (status == MODPROP_OK && files_in(folder) == 1) /* what failed did not matter */
            status = MODPROP_IO;
    }
    assert_in_range(at, 5, 100);
    assert_int_equal(fixture_check(output), 1);
    modprop_plan_free(plan);
}

static void an_empty_folder_is_removed_at_the_end(void **state)
{
    const char *output = fixture_path(state, "x.h5");
    const char *folder = fixture_path(state, "x.h5.checkpoints");
    modprop_checkpoints_end(output);
    write_one(folder, KEY, 1, true);
    modprop_checkpoints_end(output);
    assert_int_equal(files_in(folder), 1);
    assert_int_equal(modprop_checkpoint_remove(folder, KEY, NULL), MODPROP_OK);
    modprop_checkpoints_end(output);
    assert_int_equal(access(folder, F_OK), -1);
}

/* ------------------------------------------------------------------ rows that are safe */

static void a_row_is_safe_after_a_later_sync(void **state)
{
    const char *output = fixture_path(state, "x.h5");
    struct modprop_plan *plan = fixture_plan(output, FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(plan);
    fixture_write(results, 0);
    assert_int_equal(modprop_results_written(results), 1);
    assert_int_equal(modprop_results_safe(results), 0);
    assert_int_equal(modprop_results_flush(results, NULL), MODPROP_OK);
    assert_int_equal(modprop_results_safe(results), 1);
    fixture_write(results, 1);
    assert_int_equal(modprop_results_sync(results, NULL), MODPROP_OK);
    assert_int_equal(modprop_results_safe(results), 1);
    fixture_write(results, 2);
    assert_int_equal(modprop_results_sync(results, NULL), MODPROP_OK);
    assert_int_equal(modprop_results_safe(results), 2);
    assert_int_equal(modprop_results_written(results), 3);
    fixture_close(results);
    modprop_plan_free(plan);
}

static void a_file_that_vanished_is_made_anew_with_all_it_held(void **state)
{
    const char *output = fixture_path(state, "f/x.h5");
    struct modprop_plan *plan = fixture_plan(output, FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(plan);
    fixture_write(results, 0);
    fixture_write(results, 1);
    assert_int_equal(modprop_results_flush(results, NULL), MODPROP_OK);
    assert_int_equal(remove(output), 0);
    assert_int_equal(remove(fixture_path(state, "f/x.h5.lock")), 0);
    assert_int_equal(rmdir(fixture_path(state, "f")), 0);
    struct modprop_error err = {0};
    assert_int_equal(modprop_results_close(results, &err), MODPROP_IO); /* with nothing to write */
    assert_non_null(strstr(err.message, "vanished"));
    assert_non_null(strstr(err.message, "made anew"));
    assert_int_equal(files_in(fixture_path(state, "f")), 1);
    assert_int_equal(fixture_check(output), 2);
    results = fixture_open(plan);
    fixture_close(results);
    modprop_plan_free(plan);
}

static void a_file_that_vanished_or_was_replaced_is_told(void **state)
{
    const char *output = fixture_path(state, "x.h5");
    struct modprop_plan *plan = fixture_plan(output, FIXTURE_SWEEP);
    for (int replaced = 0; replaced < 2; replaced++) {
        unsigned char junk[] = "junk";
        struct modprop_error err = {0};
        struct modprop_results *results = fixture_open(plan);
        fixture_write(results, 0);
        fixture_write(results, 1);
        assert_int_equal(remove(output), 0);
        if (replaced)
            store(output, junk, sizeof junk);
        assert_int_equal(modprop_results_close(results, &err), MODPROP_IO);
        assert_non_null(strstr(err.message, replaced ? "was replaced" : "vanished"));
        (void)remove(output);
    }
    modprop_plan_free(plan);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read),
        TEST(a_file_that_is_not_there_is_no_failure),
        TEST(a_peek_tells_the_head),
        TEST(damage_anywhere_is_told),
        TEST(a_file_of_another_run_is_told),
        TEST(what_is_no_file_is_told),
        TEST(only_the_folder_itself_is_made),
        TEST(whatever_fails_the_older_one_or_the_new_one_is_there),
        TEST(killed_anywhere_the_older_one_or_the_new_one_is_there),
        TEST(a_refused_read_leaves_nothing),
        TEST(the_list_has_all_by_key),
        TEST(what_a_second_attempt_left_wins_over_the_row_of_the_first),
        TEST(kept_results_are_taken_in_and_leftovers_removed),
        TEST(kept_results_stay_when_the_file_fails),
        TEST(an_empty_folder_is_removed_at_the_end),
        TEST(a_row_is_safe_after_a_later_sync),
        TEST(a_file_that_vanished_is_made_anew_with_all_it_held),
        TEST(a_file_that_vanished_or_was_replaced_is_told),
    };
    return cmocka_run_group_tests_name("checkpoint", tests, NULL, NULL);
}
