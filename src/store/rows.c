#include "store/rows.h"

#include <string.h>
#include <zlib.h>

#include "store/raw.h"

/* Puts the variables first <= k < last into a row image. */
static void put(const struct modprop_rows *rows, size_t run, const struct modprop_outcome *outcome,
                size_t first, size_t last, unsigned char *image)
{
    const struct modprop_row row = {.plan = rows->plan, .run = run, .outcome = outcome};
    for (size_t k = first; k < last; k++) {
        const struct modprop_variable *variable = &rows->layout->variable[k];
        modprop_layout_put(variable, &row, image + variable->place);
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
    put(rows, run, &modprop_layout_nothing, 0, rows->layout->planned, rows->image);
    return (uint32_t)crc32_z(0, rows->image, next->place);
}

void modprop_rows_seal(const struct modprop_rows *rows, size_t run, unsigned char *image)
{
    const struct modprop_layout *layout = rows->layout;
    uint32_t crc = rows->prefix[run];
    for (size_t k = layout->planned; k < layout->count; k++)
        if (k != layout->checksum)
            crc = (uint32_t)crc32_z(crc, image + layout->variable[k].place,
                                    layout->variable[k].bytes);
    const int64_t checksum = crc;
    memcpy(image + layout->variable[layout->checksum].place, &checksum, sizeof checksum);
}

void modprop_rows_put(const struct modprop_rows *rows, size_t run,
                      const struct modprop_outcome *outcome, unsigned char *image)
{
    put(rows, run, outcome, rows->layout->planned, rows->layout->count, image);
    modprop_rows_seal(rows, run, image);
}

enum modprop_status modprop_rows_begin(struct modprop_rows *rows, size_t run,
                                       const struct modprop_outcome *outcome,
                                       struct modprop_error *err)
{
    const struct modprop_layout *layout = rows->layout;
    enum modprop_status status = modprop_rows_write_state(rows, run, outcome->state, err);
    for (size_t k = layout->planned; status == MODPROP_OK && k < layout->count; k++) {
        if (k == layout->status || layout->variable[k].known != MODPROP_KNOWN_AT_START)
            continue;
        put(rows, run, outcome, k, k + 1, rows->image);
        status = write_variable(rows, run, k, err);
    }
    return status;
}

enum modprop_status modprop_rows_write_one(struct modprop_rows *rows, size_t run,
                                           const struct modprop_outcome *outcome, const char *name,
                                           struct modprop_error *err)
{
    size_t k = rows->layout->planned;
    while (strcmp(rows->layout->variable[k].name, name) != 0)
        k++;
    put(rows, run, outcome, k, k + 1, rows->image);
    return write_variable(rows, run, k, err);
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

enum modprop_status modprop_rows_clear(struct modprop_rows *rows, size_t run, long attempts,
                                       struct modprop_error *err)
{
    const struct modprop_layout *layout = rows->layout;
    struct modprop_outcome outcome = modprop_layout_nothing;
    outcome.attempts = attempts;
    enum modprop_status status = modprop_rows_write_state(rows, run, MODPROP_RUN_RUNNING, err);
    rows->prefix[run] = modprop_rows_planned(rows, run);
    put(rows, run, &outcome, layout->planned, layout->count, rows->image);
    for (size_t k = 0; status == MODPROP_OK && k < layout->count; k++)
        if (k != layout->status)
            status = write_variable(rows, run, k, err);
    if (status == MODPROP_OK)
        status = modprop_rows_write_state(rows, run, MODPROP_RUN_PENDING, err);
    return status;
}
