#include "cli/status.h"

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "cli/condition_table.h"
#include "cli/table.h"
#include "cli/text.h"
#include "engine/memory.h"
#include "schedule/job.h"
#include "store/results.h"

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
    printf("         mpirun -n RANKS modprop_sweep %s -o %s%s\n",
           o->sweep_file ? o->sweep_file : "SWEEP.ini", path, option);
}

static void print_writer(const char *path, const struct modprop_overview *o, const size_t *count)
{
    const size_t left = count[MODPROP_RUN_PENDING] + count[MODPROP_RUN_RUNNING];
    const size_t failed = count[MODPROP_RUN_FAILED] + count[MODPROP_RUN_TIMEOUT];
    if (o->holder) {
        printf("writer   %s\n", o->holder);
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

static void put_running(struct modprop_table *table, const struct modprop_overview *o, size_t run)
{
    const double seconds = modprop_job_date() - o->started[run];
    modprop_table_row(table, o->label[run]);
    modprop_table_cell(table, "%zu", run);
    modprop_table_cell(table, "%ld", o->rank[run]);
    modprop_table_cell(table, "%s", o->host[run]);
    put_date(table, o->started[run]);
    if (!is_dead(o))
        modprop_table_cell(table, "%s", modprop_text_duration(seconds > 0 ? seconds : 0).text);
    else
        modprop_table_cell(table, "%s", "");
}

static enum modprop_status print_running(const struct modprop_overview *o,
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
    for (size_t run = 0; run < o->runs; run++)
        if (o->state[run] == MODPROP_RUN_RUNNING)
            put_running(table, o, run);
    printf("\n%s\n\n", is_dead(o) ? "Interrupted, they will start again:" : "Running now:");
    const enum modprop_status status = modprop_table_print(stdout, table, err);
    modprop_table_free(table);
    return status;
}

/* ------------------------------------------------------------------ runs that failed */

static void print_failures(const struct modprop_overview *o)
{
    printf("\nFailed or out of time (--retry trains them again):\n\n");
    for (size_t run = 0; run < o->runs; run++) {
        const enum modprop_run_state state = (enum modprop_run_state)o->state[run];
        if (state == MODPROP_RUN_FAILED || state == MODPROP_RUN_TIMEOUT)
            printf("run %zu (%s) %s: %s\n", run, o->label[run], modprop_run_state_name(state),
                   o->message[run]);
    }
}

/* ------------------------------------------------------------------ the whole */

enum modprop_status modprop_status_print(const char *path, struct modprop_error *err)
{
    struct modprop_overview *overview = NULL;
    size_t count[MODPROP_RUN_STATES];
    enum modprop_status status = modprop_overview_read(&overview, path, err);
    if (status != MODPROP_OK)
        return status;
    modprop_condition_table_count(overview, count);
    printf("results  %s\n", path);
    print_states(overview, count);
    print_writer(path, overview, count);
    if (count[MODPROP_RUN_RUNNING])
        status = print_running(overview, err);
    printf("\n");
    if (status == MODPROP_OK)
        status = modprop_condition_table_print(stdout, overview, SIZE_MAX, err);
    if (count[MODPROP_RUN_FAILED] + count[MODPROP_RUN_TIMEOUT])
        print_failures(overview);
    modprop_overview_free(overview);
    return status;
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
