#include "store/resume.h"

#include <string.h>

#include "store/scan.h"

/* A finished and sound row is kept as it stands, even if another version of the program words its
 * labels differently. Any other is as in a new file, or made so. */
static enum modprop_status take_up(struct modprop_rows *rows, const struct modprop_scan *scan,
                                   size_t run, uint8_t *state, struct modprop_opening *opening,
                                   struct modprop_error *err)
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
    return modprop_rows_clear(rows, run, err);
}

enum modprop_status modprop_resume_rows(struct modprop_rows *rows, uint8_t *state,
                                        struct modprop_opening *opening, struct modprop_error *err)
{
    struct modprop_scan scan = {0};
    enum modprop_status status = modprop_scan_read(&scan, rows->fd, &rows->stored,
                                                   rows->layout->planned, rows->path, err);
    for (size_t run = 0; status == MODPROP_OK && run < scan.runs; run++)
        status = take_up(rows, &scan, run, state, opening, err);
    modprop_scan_clear(&scan);
    return status;
}
