#include "store/resume.h"

#include <string.h>

#include "store/raw.h"
#include "store/scan.h"

/* A finished and sound row is kept as it stands, even if another version of the program words its
 * labels differently. Any other is as in a new file, or made so. */
static enum modprop_status take_up(struct modprop_rows *rows, const struct modprop_scan *scan,
                                   size_t run, uint8_t *state, const int64_t *attempts,
                                   struct modprop_opening *opening, struct modprop_error *err)
{
    rows->prefix[run] = scan->prefix[run];
    if (modprop_scan_sound(scan, run)) {
        state[run] = (uint8_t)scan->state[run];
        return MODPROP_OK;
    }
    state[run] = MODPROP_RUN_PENDING;
    if (scan->state[run] == MODPROP_RUN_PENDING && scan->checksum[run] < 0 &&
        scan->prefix[run] == modprop_rows_planned(rows, run))
        return MODPROP_OK;
    opening->interrupted += scan->state[run] == MODPROP_RUN_RUNNING;
    opening->damaged += scan->state[run] != MODPROP_RUN_RUNNING &&
                        scan->state[run] != MODPROP_RUN_PENDING;
    return modprop_rows_clear(rows, run, (long)attempts[run], err);
}

/* What no sweep can have reached was damaged, and is not counted on from. */
static enum modprop_status read_attempts(const struct modprop_rows *rows, int64_t *attempts,
                                         struct modprop_error *err)
{
    static const int64_t most = 1000000;
    size_t k = 0;
    while (strcmp(rows->layout->variable[k].name, "attempts") != 0)
        k++;
    const enum modprop_status status = modprop_raw_read(
        rows->fd, attempts, rows->stored.runs * sizeof *attempts, rows->stored.variable[k].offset,
        rows->path, err);
    for (size_t run = 0; status == MODPROP_OK && run < rows->stored.runs; run++)
        if (attempts[run] < 0 || attempts[run] > most)
            attempts[run] = 0;
    return status;
}

enum modprop_status modprop_resume_rows(struct modprop_rows *rows, uint8_t *state,
                                        int64_t *attempts, struct modprop_opening *opening,
                                        struct modprop_error *err)
{
    struct modprop_scan scan = {0};
    enum modprop_status status = modprop_scan_read(&scan, rows->fd, &rows->stored,
                                                   rows->layout->planned, rows->path, err);
    if (status == MODPROP_OK)
        status = read_attempts(rows, attempts, err);
    for (size_t run = 0; status == MODPROP_OK && run < scan.runs; run++)
        status = take_up(rows, &scan, run, state, attempts, opening, err);
    modprop_scan_clear(&scan);
    return status;
}
