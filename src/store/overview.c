/*
 * What a results file says of its runs, read through HDF5 while it is written or long after.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"
#include "store/lock.h"
#include "store/stored.h"

struct reading {
    const char *path;
    hid_t file;
    struct modprop_error *err;
};

/* ------------------------------------------------------------------ columns */

/* Opens a column of `runs` rows; *width is the length of its second axis, 1 if it has none. */
static enum modprop_status open_column(const struct reading *reading, const char *name, size_t runs,
                                       hid_t *column, size_t *width)
{
    hsize_t extent[H5S_MAX_RANK] = {0, 1};
    hsize_t bytes = 0;
    *column = modprop_h5_dataset(reading->file, name);
    const hid_t space = *column < 0 ? -1 : H5Dget_space(*column);
    const int rank = space < 0 ? -1 : H5Sget_simple_extent_dims(space, extent, NULL);
    modprop_h5_drop(space);
    *width = (size_t)extent[1];
    if ((rank == 1 || rank == 2) && extent[0] == runs &&
        H5Fget_filesize(reading->file, &bytes) >= 0 &&
        modprop_memory_product(runs, *width) <= bytes)
        return MODPROP_OK;
    modprop_h5_drop(*column);
    *column = -1;
    return MODPROP_H5_FAIL(reading->err, MODPROP_INVALID,
                           "%s: damaged: column %s is missing or "
                           "misshapen",
                           reading->path, name);
}

/* Reads a column of numbers, each converted to `type`, into a new array. */
static enum modprop_status read_column(const struct reading *reading, const char *name, size_t runs,
                                       hid_t type, void **values)
{
    hid_t column = -1;
    size_t width = 0;
    enum modprop_status status = open_column(reading, name, runs, &column, &width);
    if (status == MODPROP_OK && !(*values = modprop_memory_get(runs, H5Tget_size(type))))
        status = MODPROP_FAIL(reading->err, MODPROP_NO_MEMORY, "%s: no memory for its %zu runs",
                              reading->path, runs);
    else if (status == MODPROP_OK &&
             (width != 1 || H5Dread(column, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, *values) < 0))
        status = MODPROP_H5_FAIL(reading->err, MODPROP_INVALID,
                                 "%s: damaged: column %s cannot be read", reading->path, name);
    modprop_h5_drop(column);
    return status;
}

/* The same for a column that older versions have not: `none` in all rows then. `none` is one value
 * of the type. */
static enum modprop_status read_later_column(const struct reading *reading, const char *name,
                                             size_t runs, hid_t type, const void *none,
                                             void **values)
{
    const size_t size = H5Tget_size(type);
    if (H5Lexists(reading->file, name, H5P_DEFAULT) > 0)
        return read_column(reading, name, runs, type, values);
    *values = modprop_memory_get(runs, size);
    if (!*values)
        return MODPROP_FAIL(reading->err, MODPROP_NO_MEMORY, "%s: no memory for its %zu runs",
                            reading->path, runs);
    for (size_t run = 0; run < runs; run++)
        memcpy((char *)*values + run * size, none, size);
    return MODPROP_OK;
}

/* Cuts [runs][width] characters into terminated texts: one block, the pointers first. */
static char **cut(const char *characters, size_t runs, size_t width)
{
    const size_t each = sizeof(char *) + width + 1;
    char **texts = modprop_memory_get(runs, each);
    if (!texts)
        return NULL;
    char *next = (char *)(texts + runs);
    for (size_t run = 0; run < runs; run++) {
        texts[run] = next;
        memcpy(next, characters + run * width, width); /* the block is zeroed: terminated */
        next += strlen(next) + 1;
    }
    return texts;
}

static enum modprop_status read_texts(const struct reading *reading, const char *name, size_t runs,
                                      char ***texts)
{
    hid_t column = -1;
    size_t width = 0;
    enum modprop_status status = open_column(reading, name, runs, &column, &width);
    if (status != MODPROP_OK)
        return status;
    char *characters = modprop_memory_get(modprop_memory_product(runs, width), 1);
    if (!characters)
        status = MODPROP_FAIL(reading->err, MODPROP_NO_MEMORY, "%s: no memory for its %zu runs",
                              reading->path, runs);
    else if (H5Dread(column, H5T_C_S1, H5S_ALL, H5S_ALL, H5P_DEFAULT, characters) < 0)
        status = MODPROP_H5_FAIL(reading->err, MODPROP_INVALID,
                                 "%s: damaged: column %s cannot be read", reading->path, name);
    else if (!(*texts = cut(characters, runs, width)))
        status = MODPROP_FAIL(reading->err, MODPROP_NO_MEMORY, "%s: no memory for its %zu runs",
                              reading->path, runs);
    modprop_memory_free(characters);
    modprop_h5_drop(column);
    return status;
}

/* ------------------------------------------------------------------ the overview */

static enum modprop_status read_columns(const struct reading *reading,
                                        struct modprop_overview *made)
{
    struct {
        const char *name;
        hid_t type;
        void *values;
    } state = {"status", H5T_NATIVE_INT8, NULL},
      iterations = {"iterations_done", H5T_NATIVE_INT, NULL},
      diverged = {"diverged_at", H5T_NATIVE_LONG, NULL}, wall = {"wall_s", H5T_NATIVE_DOUBLE, NULL},
      loss = {"final_loss", H5T_NATIVE_DOUBLE, NULL},
      accuracy = {"final_accuracy", H5T_NATIVE_DOUBLE, NULL},
      condition = {"condition", H5T_NATIVE_UINT32, NULL}, rank = {"rank", H5T_NATIVE_LONG, NULL},
      started = {"started", H5T_NATIVE_DOUBLE, NULL},
      *all[] = {&state,    &iterations, &diverged, &wall,   &loss,
                &accuracy, &condition,  &rank,     &started};
    static const double unheard = NAN;
    static const long attempts = 1, unknown = 0;
    void *heard = NULL, *counted = NULL, *whole = NULL;
    enum modprop_status status = MODPROP_OK;
    for (size_t k = 0; status == MODPROP_OK && k < sizeof all / sizeof *all; k++)
        status = read_column(reading, all[k]->name, made->runs, all[k]->type, &all[k]->values);
    made->state = state.values;
    made->iterations_done = iterations.values;
    made->diverged_at = diverged.values;
    made->wall_s = wall.values;
    made->final_loss = loss.values;
    made->final_accuracy = accuracy.values;
    made->condition = condition.values;
    made->rank = rank.values;
    made->started = started.values;
    if (status == MODPROP_OK)
        status = read_later_column(reading, "heard", made->runs, H5T_NATIVE_DOUBLE, &unheard,
                                   &heard);
    if (status == MODPROP_OK)
        status = read_later_column(reading, "attempts", made->runs, H5T_NATIVE_LONG, &attempts,
                                   &counted);
    if (status == MODPROP_OK)
        status = read_later_column(reading, "iterations", made->runs, H5T_NATIVE_LONG, &unknown,
                                   &whole);
    made->iterations = whole;
    made->heard = heard;
    made->attempts = counted;
    if (status == MODPROP_OK)
        status = read_texts(reading, "label", made->runs, &made->label);
    if (status == MODPROP_OK)
        status = read_texts(reading, "message", made->runs, &made->message);
    if (status == MODPROP_OK)
        status = read_texts(reading, "host", made->runs, &made->host);
    return status;
}

/* Values that callers use as indices. */
static enum modprop_status check_values(const struct reading *reading,
                                        struct modprop_overview *made)
{
    for (size_t run = 0; run < made->runs; run++) {
        if (made->state[run] < 0 || made->state[run] >= MODPROP_RUN_STATES ||
            made->condition[run] >= made->runs)
            return MODPROP_FAIL(reading->err, MODPROP_INVALID,
                                "%s: damaged: run %zu has the status %d and "
                                "the condition %u",
                                reading->path, run, made->state[run],
                                (unsigned)made->condition[run]);
        if (made->condition[run] >= made->conditions)
            made->conditions = made->condition[run] + 1;
    }
    return MODPROP_OK;
}

static enum modprop_status read_keys(const struct reading *reading, struct modprop_overview *made)
{
    char **text = NULL;
    const enum modprop_status status = read_texts(reading, "run_key", made->runs, &text);
    made->key = modprop_memory_get(made->runs, sizeof *made->key);
    for (size_t run = 0; text && made->key && run < made->runs; run++)
        made->key[run] = strtoull(text[run], NULL, 16);
    modprop_memory_free(text);
    return status == MODPROP_OK && !made->key
               ? MODPROP_FAIL(reading->err, MODPROP_NO_MEMORY, "%s: no memory for its %zu runs",
                              reading->path, made->runs)
               : status;
}

static enum modprop_status read_all(const struct reading *reading, struct modprop_overview *made)
{
    made->runs = modprop_stored_runs(reading->file);
    if (made->runs == 0)
        return MODPROP_H5_FAIL(reading->err, MODPROP_INVALID, "%s: damaged: it has no runs",
                               reading->path);
    enum modprop_status status = read_columns(reading, made);
    if (status == MODPROP_OK)
        status = read_keys(reading, made);
    if (status == MODPROP_OK)
        status = check_values(reading, made);
    if (status == MODPROP_OK)
        status = modprop_h5_text(reading->file, "sweep_text", &made->sweep_text, reading->err);
    if (status == MODPROP_OK && !made->sweep_text)
        status = MODPROP_H5_FAIL(reading->err, MODPROP_INVALID,
                                 "%s: damaged: its sweep_text is missing", reading->path);
    if (status == MODPROP_OK)
        status = modprop_h5_text(reading->file, "sweep_file", &made->sweep_file, reading->err);
    if (status == MODPROP_OK)
        status = modprop_h5_text(reading->file, "shard", &made->shard, reading->err);
    made->holder = modprop_lock_holder(reading->path);
    made->lockable = modprop_lock_possible(reading->path);
    return status;
}

enum modprop_status modprop_overview_read(struct modprop_overview **overview, const char *path,
                                          struct modprop_error *err)
{
    *overview = NULL;
    struct reading reading = {.path = path, .file = -1, .err = err};
    enum modprop_status status = modprop_stored_open(&reading.file, path, err);
    if (status != MODPROP_OK)
        return status;
    struct modprop_overview *made = modprop_memory_get(1, sizeof *made);
    status = made ? read_all(&reading, made)
                  : MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory to read it", path);
    if (status == MODPROP_OK)
        *overview = made;
    else
        modprop_overview_free(made);
    modprop_h5_drop(reading.file);
    return status;
}

void modprop_overview_free(struct modprop_overview *overview)
{
    if (!overview)
        return;
    modprop_memory_free(overview->key);
    modprop_memory_free(overview->state);
    modprop_memory_free(overview->iterations_done);
    modprop_memory_free(overview->diverged_at);
    modprop_memory_free(overview->wall_s);
    modprop_memory_free(overview->final_loss);
    modprop_memory_free(overview->final_accuracy);
    modprop_memory_free(overview->condition);
    modprop_memory_free(overview->label);
    modprop_memory_free(overview->message);
    modprop_memory_free(overview->rank);
    modprop_memory_free(overview->host);
    modprop_memory_free(overview->started);
    modprop_memory_free(overview->heard);
    modprop_memory_free(overview->attempts);
    modprop_memory_free(overview->iterations);
    modprop_memory_free(overview->shard);
    modprop_memory_free(overview->sweep_file);
    modprop_memory_free(overview->sweep_text);
    modprop_memory_free(overview->holder);
    modprop_memory_free(overview);
}
