/*
 * results.h - the results file of a sweep: one HDF5 file, complete in structure from the first
 * second.
 *
 * Everything is created at the start (contiguous, early-allocated, real dimension scales, creation
 * order tracked, readable by HDF5 1.8 and as netCDF-4), under a temporary name, flushed, synced and
 * renamed. From then on only raw data is written, into places that are known, so that a kill at any
 * moment leaves a file that opens. A run's status is written last, after its data is synced.
 * One process writes; a lock file beside the results says who.
 */
#ifndef MODPROP_STORE_RESULTS_H
#define MODPROP_STORE_RESULTS_H

#include "modprop.h"
#include "sweep/plan.h"

/* Stored as int8 with CF flag_values / flag_meanings. */
enum modprop_run_state {
    MODPROP_RUN_PENDING,
    MODPROP_RUN_RUNNING,
    MODPROP_RUN_DONE,
    MODPROP_RUN_DIVERGED,
    MODPROP_RUN_FAILED,
    MODPROP_RUN_TIMEOUT,
    MODPROP_RUN_STATES
};
const char *modprop_run_state_name(enum modprop_run_state state);

/* How the file was made; global attributes. Strings are borrowed during the call; NULL = unknown.
 */
struct modprop_provenance {
    const char *command_line;
    const char *commit;
    const char *mpi;
    const char *compiler;
    const char *cpu;
    const char *blas;
    const char *kernel;
    const char *hdf5;    /* filled by the store if NULL */
    const char *history; /* a line for each time the file was made anew; NULL: "made by" */
};

/* All that a finished run leaves in its row. */
struct modprop_outcome {
    enum modprop_run_state state;
    struct modprop_record record; /* weights non-NULL only with save_weights */
    long rank;
    const char *host;
    double started;      /* seconds since 1970-01-01 UTC */
    const char *message; /* "" if there is none; cut to the file's message_length */
    long
        attempts; /* see modprop_results_attempts; the store counts too, the larger one is stored */
    double heard; /* date of the last sign of life, or of the end; filled by the store */
};

struct modprop_results;

/* What was found when the file was opened. */
struct modprop_opening {
    bool created;     /* it was not there before */
    bool locked;      /* false: the file system has no locks; nothing keeps a second writer away */
    const char *left; /* without locks: a writer on another host that may not have ended, or NULL */
    size_t interrupted; /* runs that were being trained when the last writer ended; pending again */
    size_t damaged;     /* finished runs whose checksum was wrong; pending again */
};

/* Opens the results file of the plan for writing, making it if it does not exist, and takes its
 * lock. The plan is borrowed and outlives the results. Rows of finished runs are kept.
 * MODPROP_BUSY: another process holds it (err says who); MODPROP_DIFFERENT: it belongs to another
 * sweep (err says the first differences); MODPROP_INVALID: what is there is no results file, or
 * damaged; MODPROP_IO, MODPROP_NO_MEMORY. Nothing that is there is overwritten. Folders of the path
 * are made. */
enum modprop_status modprop_results_open(struct modprop_results **results,
                                         const struct modprop_plan *plan,
                                         const struct modprop_provenance *provenance,
                                         struct modprop_error *err);

/* Whether the plan's output can be a results file: refuses folders, devices, the sweep file itself.
 * Makes nothing. */
enum modprop_status modprop_results_check_target(const struct modprop_plan *plan,
                                                 struct modprop_error *err);

struct modprop_opening modprop_results_opening(const struct modprop_results *results);

/* Syncs, closes and gives the lock back. Accepts NULL. */
enum modprop_status modprop_results_close(struct modprop_results *results,
                                          struct modprop_error *err);

enum modprop_run_state modprop_results_state(const struct modprop_results *results, size_t run);

/* Adds a line to the file's log of starts; the date is put before it. A file of an older version
 * has no log, and nothing is done. */
enum modprop_status modprop_results_note(struct modprop_results *results, const char *line,
                                         struct modprop_error *err);

/* How often training of the run was begun from its start: 0 before the first time, one more each
 * time that it is tried again after a result. Going on after an interruption, from a checkpoint or
 * without one, belongs to the same attempt. */
long modprop_results_attempts(const struct modprop_results *results, size_t run);

/* Marks the run as running on a rank and host, or as pending again (an interrupted run). */
enum modprop_status modprop_results_begin(struct modprop_results *results, size_t run, long rank,
                                          const char *host, double started,
                                          struct modprop_error *err);
enum modprop_status modprop_results_reset(struct modprop_results *results, size_t run,
                                          struct modprop_error *err);

/* Notes a sign of life of a running run, for whoever looks at the file meanwhile. Not synced, not
 * checked: nothing depends on it. Cheap, but not for every iteration. */
void modprop_results_advance(struct modprop_results *results, size_t run, long iteration);

/* Writes a finished run: its row and checksum, a sync, and only then its status. Rows that come
 * faster than a few a second are written together and share a sync; until then the file still calls
 * them running. That is done, and may fail, in a later begin or write, in modprop_results_sync and
 * in modprop_results_close. */
enum modprop_status modprop_results_write(struct modprop_results *results, size_t run,
                                          const struct modprop_outcome *outcome,
                                          struct modprop_error *err);

/* Completes what modprop_results_write left waiting; nothing to do, nothing done. Call it when no
 * news is expected for a while. */
enum modprop_status modprop_results_sync(struct modprop_results *results,
                                         struct modprop_error *err);

/* modprop_results_sync, and the statuses are on the disk too. */
enum modprop_status modprop_results_flush(struct modprop_results *results,
                                          struct modprop_error *err);

/* Calls of modprop_results_write that succeeded, and those of them, the first ones, whose rows are
 * on the disk with their statuses: until then the caller may want to keep the outcome. */
size_t modprop_results_written(const struct modprop_results *results);
size_t modprop_results_safe(const struct modprop_results *results);

/* ------------------------------------------------------------------ reading, without plan or lock
 */

/* What a results file says of its runs; for --status, tables, verification. Works while another
 * process writes the file, without its lock. */
struct modprop_overview {
    size_t runs;
    uint64_t *key;          /* [runs] */
    int8_t *state;          /* [runs] */
    int *iterations_done;   /* [runs]; of a running one: when it was last heard of */
    long *diverged_at;      /* [runs]; -1: did not */
    double *wall_s;         /* [runs] */
    double *final_loss;     /* [runs]; of the last evaluation, NaN if there is none */
    double *final_accuracy; /* [runs] */
    char **label;           /* [runs]; what tells its condition from the others */
    uint32_t *condition;    /* [runs] */
    size_t conditions;
    char **message;   /* [runs]; "" where there is none */
    long *rank;       /* [runs]; that trains or trained it, -1: none yet */
    char **host;      /* [runs]; of that rank */
    double *started;  /* [runs]; seconds since 1970-01-01 UTC, NaN: not yet */
    double *heard;    /* [runs]; likewise: last sign of life, or the end */
    long *attempts;   /* [runs] */
    long *iterations; /* [runs]; that a whole run has, 0: not known */
    char *shard;      /* "3/8", "" if it is a whole sweep */
    char *sweep_text; /* verbatim */
    char *sweep_file; /* its name, as it was given; NULL if that is not known */
    char *holder;     /* who holds the lock now, NULL if nobody */
    bool lockable;    /* false: the file system has no locks, who writes is not known */
};

enum modprop_status modprop_overview_read(struct modprop_overview **overview, const char *path,
                                          struct modprop_error *err);
void modprop_overview_free(struct modprop_overview *overview); /* accepts NULL */

/* Compares every finished row with its checksum. damaged gets the indices of the bad rows (the
 * caller frees it), *count their number, *checked that of the rows looked at. */
enum modprop_status modprop_results_verify(const char *path, size_t **damaged, size_t *count,
                                           size_t *checked, struct modprop_error *err);

#endif
