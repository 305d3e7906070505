#include "store/rows.h"

#include <string.h>
#include <zlib.h>

#include "store/raw.h"

/* Puts the variables first <= k < last into the row image. */
static void put(struct modprop_rows *rows, size_t run, const struct modprop_outcome *outcome,
                size_t first, size_t last)
{
    const struct modprop_row row = {.plan = rows->plan, .run = run, .outcome = outcome};
    for (size_t k = first; k < last; k++) {
        const struct modprop_variable *variable = &rows->layout->variable[k];
        modprop_layout_put(variable, &row, rows->image + variable->place);
    }
}

static enum modprop_status write_variable(struct modprop_rows *rows, size_t run, size_t k,
                                          struct modprop_error *err)
{
    const struct modprop_variable *variable = &rows->layout->variable[k];
    return modprop_raw_write(rows->fd, rows->image + variable->place, variable->bytes,
                             rows->stored.variable[k].offset + (uint64_t)run * variable->bytes,
                             rows->path, err);
}

uint32_t modprop_rows_planned(struct modprop_rows *rows, size_t run)
{
    const struct modprop_variable *next = &rows->layout->variable[rows->layout->planned];
    put(rows, run, &modprop_layout_nothing, 0, rows->layout->planned);
    return (uint32_t)crc32_z(0, rows->image, next->place);
}

/* Puts the checksum of the row image into the row image. */
static void put_checksum(struct modprop_rows *rows, size_t run)
{
    const struct modprop_layout *layout = rows->layout;
    uint32_t crc = rows->prefix[run];
    for (size_t k = layout->planned; k < layout->count; k++)
        if (k != layout->checksum)
            crc = (uint32_t)crc32_z(crc, rows->image + layout->variable[k].place,
                                    layout->variable[k].bytes);
    const int64_t checksum = crc;
    memcpy(rows->image + layout->variable[layout->checksum].place, &checksum, sizeof checksum);
}

enum modprop_status modprop_rows_write(struct modprop_rows *rows, size_t run,
                                       const struct modprop_outcome *outcome,
                                       enum modprop_known known, struct modprop_error *err)
{
    const struct modprop_layout *layout = rows->layout;
    enum modprop_status status = MODPROP_OK;
    put(rows, run, outcome, layout->planned, layout->count);
    put_checksum(rows, run);
    for (size_t k = layout->planned; status == MODPROP_OK && k < layout->count; k++)
        if (k != layout->status && layout->variable[k].known <= known)
            status = write_variable(rows, run, k, err);
    return status;
}

enum modprop_status modprop_rows_write_state(struct modprop_rows *rows, size_t run,
                                             enum modprop_run_state state,
                                             struct modprop_error *err)
{
    const int8_t value = (int8_t)state;
    return modprop_raw_write(rows->fd, &value, sizeof value,
                             rows->stored.variable[rows->layout->status].offset + run, rows->path,
                             err);
}

enum modprop_status modprop_rows_clear(struct modprop_rows *rows, size_t run,
                                       struct modprop_error *err)
{
    const struct modprop_layout *layout = rows->layout;
    enum modprop_status status = modprop_rows_write_state(rows, run, MODPROP_RUN_RUNNING, err);
    rows->prefix[run] = modprop_rows_planned(rows, run);
    put(rows, run, &modprop_layout_nothing, layout->planned, layout->count);
    for (size_t k = 0; status == MODPROP_OK && k < layout->count; k++)
        if (k != layout->status)
            status = write_variable(rows, run, k, err);
    if (status == MODPROP_OK)
        status = modprop_rows_write_state(rows, run, MODPROP_RUN_PENDING, err);
    return status;
}
