#include "cli/status.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/condition_table.h"
#include "cli/eta.h"
#include "cli/launch.h"
#include "cli/table.h"
#include "cli/text.h"
#include "engine/error.h"
#include "engine/memory.h"
#include "schedule/job.h"
#include "store/checkpoints.h"
#include "store/failures.h"
#include "store/guard.h"
#include "store/results.h"
#include "sweep/shard.h"

static const double CPU_AT_MOST_S = 60; /* of a look at a file; a large one takes half a second */

/* ------------------------------------------------------------------ how far it is */

/* Whether nobody writes to the file: runs that it calls running are interrupted then. */
static bool is_dead(const struct modprop_overview *o)
{
    return !o->holder && o->lockable;
}

static const char *name_of(const struct modprop_overview *o, enum modprop_run_state state)
{
    return state == MODPROP_RUN_RUNNING && is_dead(o) ? "interrupted"
                                                      : modprop_run_state_name(state);
}

static void print_states(const struct modprop_overview *o, const size_t *count)
{
    printf("runs     %zu:", o->runs);
    const char *separator = " ";
    for (int state = 0; state < MODPROP_RUN_STATES; state++) {
        if (!count[state])
            continue;
        printf("%s%zu %s", separator, count[state], name_of(o, (enum modprop_run_state)state));
        separator = ", ";
    }
    printf("\n");
}

static void print_command(const char *path, const struct modprop_overview *o, const char *option)
{
    const bool part = o->shard && o->shard[0];
    char *whole = part ? modprop_shard_whole_path(path) : NULL;
    printf("         mpirun -n RANKS modprop_sweep %s -o %s%s%s%s\n",
           o->sweep_file ? o->sweep_file : "SWEEP.ini", whole ? whole : path,
           part ? " --shard " : "", part ? o->shard : "", option);
    free(whole);
}

static void print_writer(const char *path, const struct modprop_overview *o, const size_t *count)
{
    const size_t left = count[MODPROP_RUN_PENDING] + count[MODPROP_RUN_RUNNING];
    const size_t failed = count[MODPROP_RUN_FAILED] + count[MODPROP_RUN_TIMEOUT];
    if (o->holder) {
        const double left_s = modprop_eta(o, modprop_job_date());
        printf("writer   %s\n", o->holder);
        if (left && !isnan(left_s))
            printf("time     about %s left, as the runs so far have gone\n",
                   modprop_text_duration(left_s).text);
    } else if (left && !o->lockable) {
        printf("writer   not known, its file system has no locks; if nobody, continue with\n");
        print_command(path, o, "");
    } else if (left) {
        printf("writer   nobody: %s to do, continue with\n", modprop_text_count(left, "run").text);
        print_command(path, o, "");
    } else if (failed) {
        printf("writer   nobody: all runs were tried; train the failed ones again with\n");
        print_command(path, o, " --retry");
    } else {
        printf("writer   nobody: the sweep is complete\n");
    }
}

/* ------------------------------------------------------------------ runs under way */

static void put_date(struct modprop_table *table, double started)
{
    char text[32] = "unknown";
    struct tm utc;
    const time_t seconds = started > 0 && started < 1e11 ? (time_t)started : -1;
    if (seconds >= 0 && gmtime_r(&seconds, &utc))
        (void)strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &utc);
    modprop_table_cell(table, "%s", text);
}

/* A cell "2 min 5 s" since a date, and what follows it; empty if the date is not known. */
static void put_since(struct modprop_table *table, double date, const char *ending)
{
    const double seconds = modprop_job_date() - date;
    if (date > 0)
        modprop_table_cell(table, "%s%s", modprop_text_duration(seconds > 0 ? seconds : 0).text,
                           ending);
    else
        modprop_table_cell(table, "%s", "");
}

static void put_iteration(struct modprop_table *table, const struct modprop_overview *o, size_t run)
{
    if (o->iterations_done[run] < 0)
        modprop_table_cell(table, "%s", "");
    else if (o->iterations[run] > 0)
        modprop_table_cell(table, "%d of %ld", o->iterations_done[run], o->iterations[run]);
    else
        modprop_table_cell(table, "%d", o->iterations_done[run]);
}

static void put_checkpoint(struct modprop_table *table,
                           const struct modprop_checkpoints_entry *checkpoint)
{
    if (!checkpoint)
        modprop_table_cell(table, "%s", "");
    else if (checkpoint->sound)
        modprop_table_cell(table, "at %ld", checkpoint->iteration);
    else
        modprop_table_cell(table, "%s", "damaged");
}

static void put_running(struct modprop_table *table, const struct modprop_overview *o, size_t run,
                        const struct modprop_checkpoints_entry *checkpoint)
{
    const bool running = o->state[run] == MODPROP_RUN_RUNNING;
    modprop_table_row(table, o->label[run]);
    modprop_table_cell(table, "%zu", run);
    if (o->rank[run] >= 0)
        modprop_table_cell(table, "%ld", o->rank[run]);
    else
        modprop_table_cell(table, "%s", "");
    modprop_table_cell(table, "%s", o->host[run]);
    if (running)
        put_date(table, o->started[run]);
    else
        modprop_table_cell(table, "%s", "");
    put_since(table, is_dead(o) ? NAN : o->started[run], "");
    put_iteration(table, o, run);
    put_since(table, o->heard[run], " ago");
    put_checkpoint(table, checkpoint);
}

/* A run's checkpoint, but not the result of a finished one that is kept among them. */
static const struct modprop_checkpoints_entry *checkpoint_of(const struct modprop_checkpoints *list,
                                                             const struct modprop_overview *o,
                                                             size_t run)
{
    const struct modprop_checkpoints_entry *entry = modprop_checkpoints_find(list, o->key[run]);
    return entry && entry->state == MODPROP_RUN_RUNNING ? entry : NULL;
}

/* Runs under way, or that will go on from where they stood. */
static enum modprop_status print_running(const struct modprop_overview *o,
                                         const struct modprop_checkpoints *checkpoints,
                                         struct modprop_error *err)
{
    struct modprop_table *table = modprop_table_create();
    if (!table)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the table of running runs");
    modprop_table_column(table, "run", MODPROP_RIGHT);
    modprop_table_column(table, "rank", MODPROP_RIGHT);
    modprop_table_column(table, "host", MODPROP_LEFT);
    modprop_table_column(table, "since (UTC)", MODPROP_LEFT);
    modprop_table_column(table, "for", MODPROP_RIGHT);
    modprop_table_column(table, "iteration", MODPROP_RIGHT);
    modprop_table_column(table, "last heard of", MODPROP_RIGHT);
    modprop_table_column(table, "checkpoint", MODPROP_RIGHT);
    size_t shown = 0;
    for (size_t run = 0; run < o->runs; run++) {
        const bool running = o->state[run] == MODPROP_RUN_RUNNING;
        const struct modprop_checkpoints_entry *checkpoint = checkpoint_of(checkpoints, o, run);
        if (!running && (o->state[run] != MODPROP_RUN_PENDING || !checkpoint))
            continue;
        put_running(table, o, run, checkpoint);
        shown++;
    }
    if (shown)
        printf("\n%s\n\n", is_dead(o) ? "Interrupted (without a checkpoint they start again):"
                                      : "Running now:");
    const enum modprop_status status = shown ? modprop_table_print(stdout, table, err) : MODPROP_OK;
    modprop_table_free(table);
    return status;
}

/* Results that could not be written into the file. */
static void print_kept(const char *path, const struct modprop_overview *o,
                       const struct modprop_checkpoints *checkpoints)
{
    size_t kept = 0;
    for (size_t k = 0; k < checkpoints->count; k++)
        kept += checkpoints->entry[k].sound && checkpoints->entry[k].state != MODPROP_RUN_RUNNING;
    if (kept && is_dead(o))
        printf("kept     %s in %s.checkpoints: the next start takes them into the file\n",
               modprop_text_count(kept, "result").text, path);
}

/* ------------------------------------------------------------------ runs that failed */

/* "3, 7, 9..14" of ascending numbers, and how many more. */
static void print_numbers(const size_t *run, size_t count)
{
    enum { MOST = 12 }; /* numbers and ranges */
    size_t items = 0, k = 0;
    while (k < count && items < MOST) {
        size_t end = k + 1;
        while (end < count && run[end] == run[end - 1] + 1)
            end++;
        printf("%s%zu", items++ ? ", " : "", run[k]);
        if (end > k + 1)
            printf("%s%zu", end > k + 2 ? ".." : ", ", run[end - 1]);
        k = end;
    }
    if (k < count)
        printf(" and %zu more", count - k);
}

static void print_failure(const struct modprop_failure *failure)
{
    char common[256], message[300];
    snprintf(message, sizeof message, "%s: %s", modprop_run_state_name(failure->state),
             failure->message);
    printf("%zu %s\n", failure->count, message);
    modprop_common_text(&failure->common, common, sizeof common);
    if (common[0])
        printf("      %s: %zu of the %zu finished runs with these values\n", common, failure->count,
               failure->common.matching);
    printf("      %s ", failure->count == 1 ? "run" : "runs");
    print_numbers(failure->run, failure->count);
    if (failure->attempts > 1)
        printf("; tried up to %ld times", failure->attempts);
    printf("\n");
}

static enum modprop_status print_failures(const struct modprop_overview *o, const char *path,
                                          struct modprop_error *err)
{
    struct modprop_failures failures;
    const enum modprop_status status = modprop_failures_read(
        &failures, o, 1u << MODPROP_RUN_FAILED | 1u << MODPROP_RUN_TIMEOUT, path, err);
    if (status != MODPROP_OK)
        return status;
    printf("\nFailed or out of time (--retry trains them again):\n\n");
    for (size_t k = 0; k < failures.count && k < MODPROP_FAILURES_EXPLAINED; k++)
        print_failure(&failures.failure[k]);
    if (failures.count > MODPROP_FAILURES_EXPLAINED)
        printf("... and %zu more reasons\n", failures.count - MODPROP_FAILURES_EXPLAINED);
    modprop_failures_clear(&failures);
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ the whole */

/* *alive: there may be more to tell later. */
static enum modprop_status print_all(const char *path, bool *alive, struct modprop_error *err)
{
    struct modprop_overview *overview = NULL;
    struct modprop_checkpoints checkpoints = {0};
    size_t count[MODPROP_RUN_STATES];
    enum modprop_status status = modprop_overview_read(&overview, path, err);
    if (status == MODPROP_OK)
        status = modprop_checkpoints_list(&checkpoints, path, err);
    if (status != MODPROP_OK) {
        modprop_overview_free(overview);
        return status;
    }
    modprop_condition_table_count(overview, count);
    const size_t left = count[MODPROP_RUN_PENDING] + count[MODPROP_RUN_RUNNING];
    *alive = overview->holder || (!overview->lockable && left);
    printf("results  %s\n", path);
    print_states(overview, count);
    print_writer(path, overview, count);
    print_kept(path, overview, &checkpoints);
    status = print_running(overview, &checkpoints, err);
    printf("\n");
    if (status == MODPROP_OK)
        status = modprop_condition_table_print(stdout, overview, SIZE_MAX, err);
    if (status == MODPROP_OK && count[MODPROP_RUN_FAILED] + count[MODPROP_RUN_TIMEOUT])
        status = print_failures(overview, path, err);
    modprop_checkpoints_clear(&checkpoints);
    modprop_overview_free(overview);
    return status;
}

/* A guarded task: its bytes are `alive`. */
static enum modprop_status print_in_child(void *path, void **bytes, size_t *count,
                                          struct modprop_error *err)
{
    bool *alive = malloc(sizeof *alive);
    if (!alive)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory to begin with");
    *bytes = alive;
    *count = sizeof *alive;
    *alive = false;
    const enum modprop_status status = print_all(path, alive, err);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    *alive = false; /* for this reader */
    return status != MODPROP_OK || modprop_launch_printed()
               ? status
               : MODPROP_FAIL(err, MODPROP_IO, "the output could not be written");
}

/* In a process of its own: HDF5 may crash on a damaged file. */
static enum modprop_status print_status(const char *path, bool *alive, struct modprop_error *err)
{
    void *bytes = NULL;
    size_t count = 0;
    fflush(stdout); /* the child would print it too */
    const enum modprop_status status = modprop_guard_run(print_in_child, (void *)path, path,
                                                         CPU_AT_MOST_S, &bytes, &count, err);
    *alive = status == MODPROP_OK && count == sizeof *alive && *(const bool *)bytes;
    free(bytes);
    return status;
}

enum modprop_status modprop_status_print(const char *path, struct modprop_error *err)
{
    bool alive;
    return print_status(path, &alive, err);
}

enum modprop_status modprop_status_watch(const char *path, double every_s,
                                         struct modprop_error *err)
{
    static const char clear_screen[] = "\x1b[H\x1b[2J";
    int columns;
    const bool terminal = modprop_launch_terminal(STDOUT_FILENO, &columns);
    const struct timespec pause = {.tv_sec = (time_t)every_s,
                                   .tv_nsec = (long)(1e9 * (every_s - floor(every_s)))};
    for (;;) {
        bool alive = false;
        printf("%s", terminal ? clear_screen : "");
        const enum modprop_status status = print_status(path, &alive, err);
        if (status != MODPROP_OK || !alive || fflush(stdout) != 0)
            return status;
        (void)nanosleep(&pause, NULL);
        printf("%s", terminal ? "" : "\n");
    }
}

enum modprop_status modprop_status_verify(const char *path, size_t *damaged,
                                          struct modprop_error *err)
{
    size_t *run = NULL, checked = 0;
    *damaged = 0;
    const enum modprop_status status = modprop_results_verify(path, &run, damaged, &checked, err);
    if (status == MODPROP_OK) {
        for (size_t k = 0; k < *damaged; k++)
            printf("run %zu differs from its checksum\n", run[k]);
        printf("%s: %s checked, %zu damaged\n", path,
               modprop_text_count(checked, "finished run").text, *damaged);
        if (*damaged)
            printf("The command that made the file trains damaged runs again.\n");
    }
    modprop_memory_free(run);
    return status;
}
