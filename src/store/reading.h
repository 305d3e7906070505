/*
 * reading.h - a results file open for reading, by anybody, while it is written or long after.
 *
 * Its structure is read with HDF5 in a child process (guard.h says why) and checked against the size
 * of the file; the values are read where they lie, without HDF5. Nothing read of a finished row is
 * to be used before modprop_reading_check has found it sound.
 */
#ifndef MODPROP_STORE_READER_H
#define MODPROP_STORE_READER_H

#include "store/places.h"

/* Root attributes. */
enum modprop_reading_text {
    MODPROP_READING_SWEEP_FILE,
    MODPROP_READING_SWEEP_TEXT,
    MODPROP_READING_VERSION,
    MODPROP_READING_COMMIT,
    MODPROP_READING_CREATED,
    MODPROP_READING_COMMAND_LINE,
    MODPROP_READING_CPU,
    MODPROP_READING_COMPILER,
    MODPROP_READING_BLAS,
    MODPROP_READING_KERNEL,
    MODPROP_READING_MPI,
    MODPROP_READING_HISTORY,
    MODPROP_READING_TEXTS
};

struct modprop_reading;

/* Opens it. On failure *reading is NULL. MODPROP_INVALID: no results file of this program, cut off or
 * damaged; MODPROP_IO, MODPROP_NO_MEMORY. */
enum modprop_status modprop_reading_open(struct modprop_reading **reading, const char *path,
                                         struct modprop_error *err);
void modprop_reading_close(struct modprop_reading *reading); /* accepts NULL */

/* Where its variables lie. */
const struct modprop_stored *modprop_reading_places(const struct modprop_reading *reading);

/* NULL if there is none of that name. */
const struct modprop_stored_variable *modprop_reading_find(const struct modprop_reading *reading,
                                                           const char *name);

/* "" if the file lacks it. */
const char *modprop_reading_text(const struct modprop_reading *reading,
                                 enum modprop_reading_text text);

/* iteration[k]: training iterations done at evaluation k; [*count]. */
const double *modprop_reading_iterations(const struct modprop_reading *reading, size_t *count);

/* What is known of each row; [runs]. */
enum modprop_reading_row {
    MODPROP_READING_UNFINISHED, /* pending or running */
    MODPROP_READING_SOUND,      /* finished, and as its checksum says */
    MODPROP_READING_DAMAGED     /* finished, but not as its checksum says; or of no known state */
};

/* Reads all rows against their checksums. state and row [runs]: the state each row had when the
 * reading began, and what is known of it. A row that is being trained anew meanwhile is running. */
enum modprop_status modprop_reading_check(const struct modprop_reading *reading, int8_t *state,
                                          uint8_t *row, struct modprop_error *err);

/* Reads the values of runs first to first + count - 1, as they stand in the file:
 * [count][variable->bytes]. */
enum modprop_status modprop_reading_rows(const struct modprop_reading *reading,
                                         const struct modprop_stored_variable *variable,
                                         size_t first, size_t count, void *bytes,
                                         struct modprop_error *err);

/* A number of that element type; what means "none" (NaN, -1) is NaN. Not for characters. */
double modprop_reading_number(enum modprop_element element, const void *bytes);

#endif
