/*
 * The results file of a sweep, open for writing.
 *
 * HDF5 makes the file (create.h) and finds each variable's place in it (stored.h); then it is
 * closed, and rows are written with pwrite (rows.h says why). What must be in order on the disk: a
 * row's data and checksum, a sync, the row's status. A sync takes milliseconds, so rows that come
 * faster than SYNC_S share one: they wait in a batch (batch.h), running as far as the file says,
 * until it is done.
 *
 * HDF5 programs that write the file meanwhile would undo all this: a shared flock on it, the lock
 * that HDF5's own readers take, keeps them away and lets readers in.
 */
#include "store/results.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/clock.h"
#include "engine/error.h"
#include "engine/memory.h"
#include "store/batch.h"
#include "store/create.h"
#include "store/difference.h"
#include "store/history.h"
#include "store/lock.h"
#include "store/raw.h"
#include "store/resume.h"

#define SYNC_S 0.25 /* a sync at most so often, unless asked for or the batch is full */

struct modprop_results {
    struct modprop_lock *lock;
    struct modprop_layout layout;
    struct modprop_rows rows;
    struct modprop_opening opening;
    uint8_t *state;               /* [runs]; as it is once nothing waits */
    int64_t *attempts;            /* [runs] */
    struct modprop_batch batch;   /* rows that wait */
    uint64_t log;                 /* place of the log in the file, 0: none */
    double synced;                /* when, in seconds of the monotonic clock */
    size_t written, stated, safe; /* rows: taken, status in the file, status on the disk */
};

const char *modprop_run_state_name(enum modprop_run_state state)
{
    static const char *const names[MODPROP_RUN_STATES] = {"pending",  "running", "done",
                                                          "diverged", "failed",  "timeout"};
    return names[state];
}

/* ------------------------------------------------------------------ opening */

enum modprop_status modprop_results_check_target(const struct modprop_plan *plan,
                                                 struct modprop_error *err)
{
    const char *path = plan->output;
    struct stat target, sweep;
    if (!path || path[0] == '\0' || path[strlen(path) - 1] == '/')
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "output = %s is not the name of a file; set one, such as "
                            "results/sweep.h5",
                            path ? path : "");
    if (stat(path, &target) != 0)
        return errno == ENAMETOOLONG ? MODPROP_FAIL(err, MODPROP_INVALID,
                                                    "output = %.60s...: File name too long (%zu "
                                                    "characters); set another output",
                                                    path, strlen(path))
                                     : MODPROP_OK;
    if (!S_ISREG(target.st_mode))
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "%s: is %s, not a results file; set another output", path,
                            S_ISDIR(target.st_mode) ? "a folder" : "a device");
    if (plan->source && stat(plan->source, &sweep) == 0 && sweep.st_ino == target.st_ino &&
        sweep.st_dev == target.st_dev)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "%s: is the sweep file itself; set another output", path);
    return MODPROP_OK;
}

static enum modprop_status allocate(struct modprop_results *results,
                                    const struct modprop_plan *plan, struct modprop_error *err)
{
    enum modprop_status status = modprop_layout_init(&results->layout, plan, err);
    if (status != MODPROP_OK)
        return status;
    results->rows = (struct modprop_rows){
        .plan = plan, .layout = &results->layout, .path = plan->output, .fd = -1};
    results->rows.prefix = modprop_memory_get(plan->runs, sizeof *results->rows.prefix);
    results->rows.image = modprop_memory_get(results->layout.bytes, 1);
    results->state = modprop_memory_get(plan->runs, sizeof *results->state);
    results->attempts = modprop_memory_get(plan->runs, sizeof *results->attempts);
    if (!modprop_batch_init(&results->batch, &results->layout) || !results->rows.prefix ||
        !results->rows.image || !results->state || !results->attempts)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its %zu runs", plan->output,
                            plan->runs);
    return MODPROP_OK;
}

/* Finds the places of all variables and leaves HDF5. */
static enum modprop_status find_places(struct modprop_results *results,
                                       const struct modprop_plan *plan, struct modprop_error *err)
{
    hid_t file = -1;
    struct modprop_stored *stored = &results->rows.stored;
    enum modprop_status status = modprop_stored_open(&file, plan->output, err);
    if (status == MODPROP_OK)
        status = modprop_difference_check(file, plan->output, plan, err);
    if (status == MODPROP_OK)
        status = modprop_stored_find(stored, file, plan->output, err);
    if (status == MODPROP_OK)
        status = modprop_stored_match(stored, &results->layout, plan->output, err);
    if (status == MODPROP_OK)
        results->log = modprop_history_find(file);
    modprop_h5_drop(file);
    return status;
}

static enum modprop_status open_for_writing(struct modprop_rows *rows, struct modprop_error *err)
{
    rows->fd = open(rows->path, O_RDWR | O_CLOEXEC);
    if (rows->fd < 0)
        return MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be written: %s", rows->path,
                            strerror(errno));
    if (flock(rows->fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return MODPROP_FAIL(err, MODPROP_BUSY,
                            "%s: an HDF5 program has it open for writing; close it "
                            "there",
                            rows->path);
    return MODPROP_OK;
}

/* Makes the file if it is not there, and takes up what it holds. */
static enum modprop_status attach(struct modprop_results *results, const struct modprop_plan *plan,
                                  const struct modprop_provenance *provenance,
                                  struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    struct stat info;
    if (stat(plan->output, &info) != 0) {
        status = modprop_create_file(plan->output, &results->layout, plan, provenance, NULL, NULL,
                                     err);
        results->opening.created = status == MODPROP_OK;
    }
    if (status == MODPROP_OK)
        status = open_for_writing(&results->rows, err);
    if (status == MODPROP_OK)
        status = find_places(results, plan, err);
    if (status == MODPROP_OK && !results->opening.created)
        return modprop_resume_rows(&results->rows, results->state, results->attempts,
                                   &results->opening, err);
    for (size_t run = 0; status == MODPROP_OK && run < plan->runs; run++)
        results->rows.prefix[run] = modprop_rows_planned(&results->rows, run);
    return status;
}

static void release(struct modprop_results *results)
{
    if (results->rows.fd >= 0)
        (void)close(results->rows.fd); /* synced before if there was anything to lose */
    modprop_stored_clear(&results->rows.stored);
    modprop_memory_free(results->rows.prefix);
    modprop_memory_free(results->rows.image);
    modprop_memory_free(results->state);
    modprop_memory_free(results->attempts);
    modprop_batch_clear(&results->batch);
    modprop_layout_clear(&results->layout);
    modprop_lock_give(results->lock);
    modprop_memory_free(results);
}

enum modprop_status modprop_results_open(struct modprop_results **results,
                                         const struct modprop_plan *plan,
                                         const struct modprop_provenance *provenance,
                                         struct modprop_error *err)
{
    *results = NULL;
    assert(plan->runs > 0);
    enum modprop_status status = modprop_results_check_target(plan, err);
    if (status != MODPROP_OK)
        return status;
    struct modprop_results *made = modprop_memory_get(1, sizeof *made);
    if (!made)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory to open it", plan->output);
    made->rows.fd = -1;
    status = allocate(made, plan, err);
    if (status == MODPROP_OK)
        status = modprop_raw_make_folders(plan->output, err);
    if (status == MODPROP_OK)
        status = modprop_lock_take(&made->lock, plan->output, err);
    if (status == MODPROP_OK)
        status = attach(made, plan, provenance, err);
    if (status != MODPROP_OK) {
        release(made);
        return status;
    }
    made->opening.locked = modprop_lock_works(made->lock);
    made->opening.left = modprop_lock_left(made->lock);
    *results = made;
    return MODPROP_OK;
}

struct modprop_opening modprop_results_opening(const struct modprop_results *results)
{
    return results->opening;
}

enum modprop_status modprop_results_close(struct modprop_results *results,
                                          struct modprop_error *err)
{
    if (!results)
        return MODPROP_OK;
    enum modprop_status status = modprop_results_sync(results, err);
    if (status == MODPROP_OK)
        status = modprop_raw_check_there(results->rows.fd, results->rows.path, err);
    if (status == MODPROP_OK) /* the last statuses themselves */
        status = modprop_raw_sync(results->rows.fd, results->rows.path, err);
    if (close(results->rows.fd) != 0 && status == MODPROP_OK)
        status = MODPROP_FAIL(err, MODPROP_IO, "%s: %s", results->rows.path, strerror(errno));
    results->rows.fd = -1;
    release(results);
    return status;
}

/* ------------------------------------------------------------------ runs */

enum modprop_run_state modprop_results_state(const struct modprop_results *results, size_t run)
{
    assert(run < results->layout.runs);
    return (enum modprop_run_state)results->state[run];
}

enum modprop_status modprop_results_note(struct modprop_results *results, const char *line,
                                         struct modprop_error *err)
{
    char text[MODPROP_HISTORY_WIDTH + 1], date[40];
    if (!results->log)
        return MODPROP_OK;
    modprop_history_date(date, sizeof date);
    snprintf(text, sizeof text, "%s: %s", date, line);
    return modprop_history_append(results->rows.fd, results->log, text, results->rows.path, err);
}

long modprop_results_attempts(const struct modprop_results *results, size_t run)
{
    assert(run < results->layout.runs);
    return (long)results->attempts[run];
}

/* The run is begun: a new attempt unless it goes on with one that was interrupted. */
static void count_attempt(struct modprop_results *results, size_t run)
{
    if (results->attempts[run] == 0 || results->state[run] != MODPROP_RUN_PENDING)
        results->attempts[run]++;
}

/* A sync makes the statuses before it last, and precedes those of its own batch. */
enum modprop_status modprop_results_sync(struct modprop_results *results, struct modprop_error *err)
{
    if (results->batch.count == 0)
        return MODPROP_OK;
    enum modprop_status status = modprop_raw_check_there(results->rows.fd, results->rows.path, err);
    if (status == MODPROP_OK)
        status = modprop_batch_write(&results->batch, &results->rows, err);
    results->synced = modprop_clock_s(CLOCK_MONOTONIC);
    if (status == MODPROP_OK) {
        results->safe = results->stated;
        results->stated = results->written;
    }
    return status;
}

enum modprop_status modprop_results_flush(struct modprop_results *results,
                                          struct modprop_error *err)
{
    enum modprop_status status = modprop_results_sync(results, err);
    if (status != MODPROP_OK || results->safe == results->written)
        return status;
    status = modprop_raw_sync(results->rows.fd, results->rows.path, err);
    if (status == MODPROP_OK)
        results->safe = results->stated;
    return status;
}

size_t modprop_results_written(const struct modprop_results *results)
{
    return results->written;
}

size_t modprop_results_safe(const struct modprop_results *results)
{
    return results->safe;
}

static enum modprop_status sync_if_due(struct modprop_results *results, struct modprop_error *err)
{
    const bool full = results->batch.count == results->batch.room;
    const bool due = full || modprop_clock_s(CLOCK_MONOTONIC) - results->synced >= SYNC_S;
    return due ? modprop_results_sync(results, err) : MODPROP_OK;
}

enum modprop_status modprop_results_begin(struct modprop_results *results, size_t run, long rank,
                                          const char *host, double started,
                                          struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    struct modprop_outcome outcome = modprop_layout_nothing;
    outcome.state = MODPROP_RUN_RUNNING;
    outcome.rank = rank;
    outcome.host = host;
    outcome.started = started;
    outcome.heard = started;
    count_attempt(results, run);
    outcome.attempts = (long)results->attempts[run];
    if (modprop_results_state(results, run) != MODPROP_RUN_PENDING)
        status = modprop_results_reset(results, run, err); /* a failed run that is tried again */
    if (status == MODPROP_OK)
        status = modprop_rows_begin(&results->rows, run, &outcome, err);
    if (status == MODPROP_OK)
        results->state[run] = MODPROP_RUN_RUNNING;
    return status == MODPROP_OK ? sync_if_due(results, err) : status;
}

void modprop_results_advance(struct modprop_results *results, size_t run, long iteration)
{
    struct modprop_outcome outcome = modprop_layout_nothing;
    outcome.record.iterations_done = iteration;
    outcome.heard = modprop_clock_s(CLOCK_REALTIME);
    if (modprop_results_state(results, run) != MODPROP_RUN_RUNNING)
        return;
    (void)modprop_rows_write_one(&results->rows, run, &outcome, "iterations_done", NULL);
    (void)modprop_rows_write_one(&results->rows, run, &outcome, "heard", NULL);
}

enum modprop_status modprop_results_reset(struct modprop_results *results, size_t run,
                                          struct modprop_error *err)
{
    assert(run < results->layout.runs);
    enum modprop_status status = modprop_results_sync(results,
                                                      err); /* the run may be waiting itself */
    if (status == MODPROP_OK)
        status = modprop_rows_clear(&results->rows, run, (long)results->attempts[run], err);
    if (status == MODPROP_OK)
        results->state[run] = MODPROP_RUN_PENDING;
    return status;
}

/* A row that is not marked running is marked so first: killed between its bytes, it must not look
 * pending or finished. */
enum modprop_status modprop_results_write(struct modprop_results *results, size_t run,
                                          const struct modprop_outcome *outcome,
                                          struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    struct modprop_outcome counted = *outcome;
    if (modprop_results_state(results, run) != MODPROP_RUN_RUNNING) {
        count_attempt(results, run);
        status = modprop_results_sync(results, err); /* the run may be waiting itself */
        if (status == MODPROP_OK)
            status = modprop_rows_write_state(&results->rows, run, MODPROP_RUN_RUNNING, err);
    }
    if (status != MODPROP_OK)
        return status;
    if (outcome->attempts > results->attempts[run]) /* kept while the file could not be written */
        results->attempts[run] = outcome->attempts;
    counted.attempts = (long)results->attempts[run];
    counted.heard = modprop_clock_s(CLOCK_REALTIME);
    modprop_rows_put(&results->rows, run, &counted, modprop_batch_add(&results->batch, run));
    results->state[run] = (uint8_t)outcome->state;
    results->written++;
    return sync_if_due(results, err);
}
