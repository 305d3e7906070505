#include "store/reading.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "store/blueprint.h"
#include "store/guard.h"
#include "store/raw.h"
#include "store/scan.h"

/* Processor time for the structure of a file; a sound one takes a hundredth. */
#define STRUCTURE_S 0.7

struct modprop_reading {
    char *path;
    int fd;
    uint64_t file_bytes;
    void *block; /* what the child handed over; the following point into it */
    struct modprop_blueprint structure;
};

/* ------------------------------------------------------------------ opening */

static enum modprop_status damaged(const struct modprop_reading *reading, const char *what,
                                   struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_INVALID, "%s: damaged: %s", reading->path, what);
}

/* Whether a variable is what its own fields say, and lies within the file. */
static bool fits(const struct modprop_stored_variable *variable, size_t runs, uint64_t file_bytes)
{
    if (!memchr(variable->name, '\0', sizeof variable->name) || variable->rank < 1 ||
        variable->rank > MODPROP_LAYOUT_RANK || (unsigned)variable->element >= MODPROP_ELEMENTS)
        return false;
    size_t bytes = modprop_layout_element_size(variable->element);
    for (size_t axis = 1; axis < variable->rank; axis++)
        bytes = modprop_memory_product(bytes, variable->width[axis]);
    const size_t all = modprop_memory_product(bytes, runs);
    return variable->width[0] == 1 && bytes == variable->bytes && all > 0 && all <= file_bytes &&
           variable->offset <= file_bytes - all;
}

/* A child that HDF5 led astray may hand over anything. */
static enum modprop_status check_structure(const struct modprop_reading *reading,
                                           struct modprop_error *err)
{
    const struct modprop_stored *stored = &reading->structure.stored;
    if (stored->runs == 0 || stored->count == 0)
        return damaged(reading, "it has no runs", err);
    for (size_t k = 0; k < stored->count; k++)
        if (!fits(&stored->variable[k], stored->runs, reading->file_bytes))
            return damaged(reading, "a variable does not lie within the file", err);
    if (stored->status >= stored->count || stored->checksum >= stored->count ||
        stored->variable[stored->status].element != MODPROP_INT8 ||
        stored->variable[stored->status].rank != 1 ||
        stored->variable[stored->checksum].element != MODPROP_INT64 ||
        stored->variable[stored->checksum].rank != 1)
        return damaged(reading, "status or checksum is missing", err);
    const double *iteration = reading->structure.iteration;
    for (size_t k = 0; k < reading->structure.evaluations; k++)
        if (!(iteration[k] >= 0 && iteration[k] <= 1e15) ||
            (k > 0 && iteration[k] <= iteration[k - 1]))
            return damaged(reading, "its iterations do not ascend", err);
    return MODPROP_OK;
}

static enum modprop_status open_file(struct modprop_reading *reading, struct modprop_error *err)
{
    struct stat info;
    reading->fd = open(reading->path, O_RDONLY | O_CLOEXEC);
    if (reading->fd < 0 || fstat(reading->fd, &info) != 0)
        return MODPROP_FAIL(err, MODPROP_IO, "%s: %s", reading->path, strerror(errno));
    reading->file_bytes = (uint64_t)info.st_size;
    return MODPROP_OK;
}

static enum modprop_status read_structure(struct modprop_reading *reading,
                                          struct modprop_error *err)
{
    size_t count = 0;
    enum modprop_status status = modprop_guard_run(modprop_blueprint_read, reading->path,
                                                   reading->path, STRUCTURE_S, &reading->block,
                                                   &count, err);
    if (status == MODPROP_OK &&
        !modprop_blueprint_unpack(&reading->structure, reading->block, count))
        status = damaged(reading, "its structure makes no sense", err);
    return status;
}

enum modprop_status modprop_reading_open(struct modprop_reading **reading, const char *path,
                                         struct modprop_error *err)
{
    *reading = NULL;
    struct modprop_reading *made = modprop_memory_get(1, sizeof *made);
    if (!made)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory to read it", path);
    made->fd = -1;
    made->path = modprop_raw_beside(path, "");
    enum modprop_status status = MODPROP_OK;
    if (!made->path)
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory to read it", path);
    if (status == MODPROP_OK) /* first, for it refuses folders and devices */
        status = read_structure(made, err);
    if (status == MODPROP_OK)
        status = open_file(made, err);
    if (status == MODPROP_OK)
        status = check_structure(made, err);
    if (status != MODPROP_OK) {
        modprop_reading_close(made);
        return status;
    }
    *reading = made;
    return MODPROP_OK;
}

void modprop_reading_close(struct modprop_reading *reading)
{
    if (!reading)
        return;
    if (reading->fd >= 0)
        (void)close(reading->fd); /* opened for reading: nothing can be lost */
    free(reading->block);
    modprop_memory_free(reading->path);
    modprop_memory_free(reading);
}

/* ------------------------------------------------------------------ what it has */

const struct modprop_stored *modprop_reading_places(const struct modprop_reading *reading)
{
    return &reading->structure.stored;
}

const struct modprop_stored_variable *modprop_reading_find(const struct modprop_reading *reading,
                                                           const char *name)
{
    const struct modprop_stored *stored = &reading->structure.stored;
    for (size_t k = 0; k < stored->count; k++)
        if (strcmp(stored->variable[k].name, name) == 0)
            return &stored->variable[k];
    return NULL;
}

const char *modprop_reading_text(const struct modprop_reading *reading,
                                 enum modprop_reading_text text)
{
    return reading->structure.text[text];
}

const double *modprop_reading_iterations(const struct modprop_reading *reading, size_t *count)
{
    *count = reading->structure.evaluations;
    return reading->structure.iteration;
}

/* ------------------------------------------------------------------ values */

/* What a row is that has no valid checksum. A pending one has none at all: with one, its status is
 * damaged. The status is read again, for it may have changed while we read. */
static enum modprop_status judge(const struct modprop_reading *reading,
                                 const struct modprop_scan *scan, size_t run, int8_t *state,
                                 uint8_t *row, struct modprop_error *err)
{
    const struct modprop_stored *stored = &reading->structure.stored;
    const struct modprop_stored_variable *place = &stored->variable[stored->status];
    int8_t now = *state;
    *row = MODPROP_READING_UNFINISHED;
    if (*state == MODPROP_RUN_RUNNING ||
        (*state == MODPROP_RUN_PENDING && scan->checksum[run] == -1))
        return MODPROP_OK;
    const enum modprop_status status = modprop_reading_rows(reading, place, run, 1, &now, err);
    if (now == *state || now < 0 || now >= MODPROP_RUN_STATES)
        *row = MODPROP_READING_DAMAGED;
    else
        *state = MODPROP_RUN_RUNNING;
    return status;
}

enum modprop_status modprop_reading_check(const struct modprop_reading *reading, int8_t *state,
                                          uint8_t *row, struct modprop_error *err)
{
    const struct modprop_stored *stored = &reading->structure.stored;
    struct modprop_scan scan = {0};
    enum modprop_status status = modprop_scan_read(&scan, reading->fd, stored, stored->count,
                                                   reading->path, err);
    if (status != MODPROP_OK)
        return status;
    memcpy(state, scan.state, stored->runs * sizeof *state);
    for (size_t run = 0; status == MODPROP_OK && run < stored->runs; run++) {
        if (modprop_scan_sound(&scan, run))
            row[run] = MODPROP_READING_SOUND;
        else
            status = judge(reading, &scan, run, &state[run], &row[run], err);
    }
    modprop_scan_clear(&scan);
    return status;
}

enum modprop_status modprop_reading_rows(const struct modprop_reading *reading,
                                         const struct modprop_stored_variable *variable,
                                         size_t first, size_t count, void *bytes,
                                         struct modprop_error *err)
{
    assert(first + count <= reading->structure.stored.runs);
    return modprop_raw_read(reading->fd, bytes, count * variable->bytes,
                            variable->offset + (uint64_t)first * variable->bytes, reading->path,
                            err);
}

double modprop_reading_number(enum modprop_element element, const void *bytes)
{
    int8_t byte;
    int64_t whole;
    float single;
    double real = NAN;
    switch (element) {
    case MODPROP_INT8: memcpy(&byte, bytes, sizeof byte); return byte < 0 ? NAN : byte;
    case MODPROP_INT64: memcpy(&whole, bytes, sizeof whole); return whole < 0 ? NAN : (double)whole;
    case MODPROP_FLOAT32: memcpy(&single, bytes, sizeof single); return (double)single;
    case MODPROP_FLOAT64: memcpy(&real, bytes, sizeof real); return real;
    case MODPROP_CHAR:
    case MODPROP_ELEMENTS: break;
    }
    assert(false && "characters are no number");
    return real;
}
