#include "store/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"
#include "store/raw.h"

/* Thousands of rows without weights, and what is written at once: more would save nothing. */
enum { IMAGES_BYTES = 4 << 20, COLUMN_BYTES = 64 << 10 };

static size_t at_least(size_t least, size_t value)
{
    return value > least ? value : least;
}

bool modprop_batch_init(struct modprop_batch *batch, const struct modprop_layout *layout)
{
    const size_t fit = at_least(1, IMAGES_BYTES / layout->bytes);
    batch->room = fit < layout->runs ? fit : layout->runs;
    batch->count = 0;
    batch->row = modprop_memory_get(batch->room, sizeof *batch->row);
    batch->images = modprop_memory_get(batch->room, layout->bytes);
    batch->column_bytes = at_least(layout->bytes, COLUMN_BYTES);
    batch->column = modprop_memory_get(batch->column_bytes, 1);
    if (!batch->row || !batch->images || !batch->column)
        return false;
    for (size_t k = 0; k < batch->room; k++)
        batch->row[k].image = batch->images + k * layout->bytes;
    return true;
}

void modprop_batch_clear(struct modprop_batch *batch)
{
    modprop_memory_free(batch->row);
    modprop_memory_free(batch->images);
    modprop_memory_free(batch->column);
    *batch = (struct modprop_batch){0};
}

unsigned char *modprop_batch_add(struct modprop_batch *batch, size_t run)
{
    assert(batch->count < batch->room);
    struct modprop_batch_row *row = &batch->row[batch->count++];
    row->run = run;
    return row->image;
}

/* Each image is its row's own, wherever the row stands. */
static int by_run(const void *a, const void *b)
{
    const struct modprop_batch_row *x = a, *y = b;
    return (x->run > y->run) - (x->run < y->run);
}

/* One variable of all rows, which are sorted: a pwrite for each stretch of neighbours. */
static enum modprop_status write_column(struct modprop_batch *batch,
                                        const struct modprop_rows *rows, size_t k,
                                        struct modprop_error *err)
{
    const struct modprop_variable *variable = &rows->layout->variable[k];
    const size_t bytes = variable->bytes, most = batch->column_bytes / bytes;
    enum modprop_status status = MODPROP_OK;
    for (size_t at = 0; status == MODPROP_OK && at < batch->count;) {
        const size_t first = batch->row[at].run;
        size_t length = 0;
        for (; at < batch->count && length < most && batch->row[at].run == first + length; at++)
            memcpy(batch->column + length++ * bytes, batch->row[at].image + variable->place, bytes);
        status = modprop_raw_write(rows->fd, batch->column, length * bytes,
                                   rows->stored.variable[k].offset + (uint64_t)first * bytes,
                                   rows->path, err);
    }
    return status;
}

enum modprop_status modprop_batch_write(struct modprop_batch *batch, struct modprop_rows *rows,
                                        struct modprop_error *err)
{
    const struct modprop_layout *layout = rows->layout;
    enum modprop_status status = MODPROP_OK;
    qsort(batch->row, batch->count, sizeof *batch->row, by_run);
    for (size_t k = layout->planned; status == MODPROP_OK && k < layout->count; k++)
        if (k != layout->status)
            status = write_column(batch, rows, k, err);
    if (status == MODPROP_OK)
        status = modprop_raw_sync(rows->fd, rows->path, err);
    if (status == MODPROP_OK)
        status = write_column(batch, rows, layout->status, err);
    batch->count = 0;
    return status;
}
