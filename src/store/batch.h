/*
 * batch.h - finished rows that are written together.
 *
 * Each variable of a row lies in a column of its own: a row alone takes a pwrite for each of them,
 * but neighbouring rows take no more than that together. Nothing is lost by waiting: without a sync
 * and a status behind it a row does not count.
 */
#ifndef MODPROP_STORE_BATCH_H
#define MODPROP_STORE_BATCH_H

#include "store/rows.h"

struct modprop_batch_row {
    size_t run;
    unsigned char *image; /* [layout->bytes] */
};

struct modprop_batch {
    size_t room;                   /* rows it can hold, at least one */
    size_t count;                  /* rows it holds */
    struct modprop_batch_row *row; /* [room] */
    unsigned char *images;         /* of all rows */
    unsigned char *column;         /* [column_bytes]; work memory for neighbours in a column */
    size_t column_bytes;
};

/* false: no memory. Clear it all the same. */
bool modprop_batch_init(struct modprop_batch *batch, const struct modprop_layout *layout);
void modprop_batch_clear(struct modprop_batch *batch);

/* A row image to be filled for a run that is not in the batch; there must be room. */
unsigned char *modprop_batch_add(struct modprop_batch *batch, size_t run);

/* Writes all rows: their data and checksums, a sync, and only then their statuses. The batch is
 * empty afterwards, even after a failure: a second sync may succeed without the lost data (Linux
 * calls the pages clean), so the rows must stay running in the file, and be trained again. */
enum modprop_status modprop_batch_write(struct modprop_batch *batch, struct modprop_rows *rows,
                                        struct modprop_error *err);

#endif
