#include "analyze/runs_join.h"

#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "sweep/hashmap.h"

enum { CONFLICTS_KEPT = 20 };

/* A run with a result goes before one that failed, that before one that is not finished. */
static int worth(enum modprop_run_state state)
{
    switch (state) {
    case MODPROP_RUN_DONE:
    case MODPROP_RUN_DIVERGED: return 2;
    case MODPROP_RUN_FAILED:
    case MODPROP_RUN_TIMEOUT: return 1;
    case MODPROP_RUN_PENDING:
    case MODPROP_RUN_RUNNING:
    case MODPROP_RUN_STATES: break;
    }
    return 0;
}

static enum modprop_status note_conflict(struct modprop_runs *runs, size_t run, size_t file,
                                         size_t row, const char *what, struct modprop_error *err)
{
    if (runs->conflicts++ >= CONFLICTS_KEPT)
        return MODPROP_OK;
    if (!runs->conflict)
        runs->conflict = calloc(CONFLICTS_KEPT, sizeof *runs->conflict);
    if (!runs->conflict)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the conflicts of the files");
    runs->conflict[runs->conflicts_kept++] = (struct modprop_runs_conflict){
        runs->key[run], {runs->file[run], file}, {runs->row[run], row}, what};
    return MODPROP_OK;
}

static void place(struct modprop_runs *runs, size_t run, size_t file, size_t row)
{
    const struct modprop_runs_source *source = &runs->store->source[file];
    runs->key[run] = source->key[row];
    runs->state[run] = (enum modprop_run_state)source->state[row];
    runs->file[run] = (uint32_t)file;
    runs->row[run] = (uint32_t)row;
}

/* A row whose run is there already. */
static enum modprop_status meet(struct modprop_runs *runs, size_t run, size_t file, size_t row,
                                struct modprop_error *err)
{
    const struct modprop_runs_source *source = runs->store->source;
    const int here = worth(runs->state[run]);
    const int there = worth((enum modprop_run_state)source[file].state[row]);
    const char *what = NULL;
    enum modprop_status status = MODPROP_OK;
    if (there > here) {
        runs->from[runs->file[run]].merged++;
        place(runs, run, file, row);
        return MODPROP_OK;
    }
    runs->from[file].merged++;
    if (here == 2 && there == 2)
        status = modprop_runs_source_compare(&source[runs->file[run]], runs->row[run],
                                             &source[file], row, &what, err);
    return status == MODPROP_OK && what ? note_conflict(runs, run, file, row, what, err) : status;
}

static enum modprop_status join_file(struct modprop_runs *runs, struct modprop_hashmap *known,
                                     size_t file, struct modprop_error *err)
{
    const struct modprop_runs_source *source = &runs->store->source[file];
    enum modprop_status status = MODPROP_OK;
    for (size_t row = 0; status == MODPROP_OK && row < source->rows; row++) {
        uint32_t run = (uint32_t)runs->count;
        if (source->row[row] == MODPROP_READING_DAMAGED) {
            runs->from[file].damaged++;
            runs->damaged++;
        } else if (!modprop_hashmap_put(known, source->key[row], run, &run)) {
            status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory to join the runs");
        } else if (run < runs->count) {
            status = meet(runs, run, file, row, err);
        } else {
            place(runs, runs->count++, file, row);
        }
    }
    return status;
}

enum modprop_status modprop_runs_join(struct modprop_runs *runs, struct modprop_error *err)
{
    size_t rows = 0;
    for (size_t file = 0; file < runs->files; file++)
        rows += runs->store->source[file].rows;
    if (rows >= UINT32_MAX)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "the files have %zu runs, more than can be joined", rows);
    runs->key = calloc(rows, sizeof *runs->key);
    runs->state = calloc(rows, sizeof *runs->state);
    runs->file = calloc(rows, sizeof *runs->file);
    runs->row = calloc(rows, sizeof *runs->row);
    if (!runs->key || !runs->state || !runs->file || !runs->row)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for %zu runs", rows);
    struct modprop_hashmap known = {0};
    enum modprop_status status = MODPROP_OK;
    for (size_t file = 0; status == MODPROP_OK && file < runs->files; file++)
        status = join_file(runs, &known, file, err);
    modprop_hashmap_clear(&known);
    return status;
}
