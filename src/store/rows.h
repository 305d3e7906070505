/*
 * rows.h - writes rows of an open results file, where they lie.
 *
 * HDF5 is not used here: the file's structure is finished, and each value has a place that never
 * changes. A pwrite of those bytes cannot damage the structure, leaves nothing in a library's cache
 * when the process is killed, needs no lock that a reader would meet, and costs microseconds.
 */
#ifndef MODPROP_STORE_ROWS_H
#define MODPROP_STORE_ROWS_H

#include "store/layout.h"
#include "store/stored.h"

struct modprop_rows {
    const struct modprop_plan *plan;     /* borrowed */
    const struct modprop_layout *layout; /* borrowed */
    const char *path;                    /* borrowed */
    struct modprop_stored stored;
    int fd;
    uint32_t *prefix; /* [runs]; CRC-32 of the planned part of each row as it stands in the file */
    unsigned char *image; /* [layout->bytes]; work memory for one row */
};

/* CRC-32 of the planned part of a row, as the plan has it. */
uint32_t modprop_rows_planned(struct modprop_rows *rows, size_t run);

/* Puts the checksum into a row image whose other values are there [layout->bytes]. */
void modprop_rows_seal(const struct modprop_rows *rows, size_t run, unsigned char *image);

/* Puts all that an outcome says into a row image [layout->bytes], with the checksum. */
void modprop_rows_put(const struct modprop_rows *rows, size_t run,
                      const struct modprop_outcome *outcome, unsigned char *image);

/* Writes the status, and then what else is known at the start. */
enum modprop_status modprop_rows_begin(struct modprop_rows *rows, size_t run,
                                       const struct modprop_outcome *outcome,
                                       struct modprop_error *err);

/* Writes one variable of an outcome alone; there must be one of that name. */
enum modprop_status modprop_rows_write_one(struct modprop_rows *rows, size_t run,
                                           const struct modprop_outcome *outcome, const char *name,
                                           struct modprop_error *err);

enum modprop_status modprop_rows_write_state(struct modprop_rows *rows, size_t run,
                                             enum modprop_run_state state,
                                             struct modprop_error *err);

/* Makes the row as it was in a new file, what the plan says included, but for its attempts. Killed
 * in between, the run is marked running, so that the next opening clears it again. */
enum modprop_status modprop_rows_clear(struct modprop_rows *rows, size_t run, long attempts,
                                       struct modprop_error *err);

#endif
