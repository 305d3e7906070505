/*
 * The finished rows of a results file against their checksums.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "engine/memory.h"
#include "store/raw.h"
#include "store/scan.h"

/* A row that is being trained anew while we read is not damaged: its state says so by now. */
static enum modprop_status still_finished(int fd, const struct modprop_stored *stored, size_t run,
                                          bool *finished, const char *path,
                                          struct modprop_error *err)
{
    int8_t state = 0;
    const uint64_t place = stored->variable[stored->status].offset + run;
    const enum modprop_status status = modprop_raw_read(fd, &state, sizeof state, place, path, err);
    *finished = modprop_scan_finished(state);
    return status;
}

static enum modprop_status judge(int fd, const struct modprop_stored *stored,
                                 const struct modprop_scan *scan, size_t **damaged, size_t *count,
                                 size_t *checked, const char *path, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    *damaged = modprop_memory_get(scan->runs, sizeof **damaged);
    if (!*damaged)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its %zu runs", path,
                            scan->runs);
    for (size_t run = 0; status == MODPROP_OK && run < scan->runs; run++) {
        bool finished = modprop_scan_finished(scan->state[run]);
        bool known = scan->state[run] >= 0 && scan->state[run] < MODPROP_RUN_STATES;
        if (finished && !modprop_scan_sound(scan, run))
            status = still_finished(fd, stored, run, &finished, path, err);
        *checked += finished;
        if (!known || (finished && !modprop_scan_sound(scan, run)))
            (*damaged)[(*count)++] = run;
    }
    return status;
}

enum modprop_status modprop_results_verify(const char *path, size_t **damaged, size_t *count,
                                           size_t *checked, struct modprop_error *err)
{
    *damaged = NULL;
    *count = *checked = 0;
    hid_t file = -1;
    int fd = -1;
    struct modprop_stored stored = {0};
    struct modprop_scan scan = {0};
    enum modprop_status status = modprop_stored_open(&file, path, err);
    if (status == MODPROP_OK)
        status = modprop_stored_find(&stored, file, path, err);
    if (status == MODPROP_OK && (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        status = MODPROP_FAIL(err, MODPROP_IO, "%s: %s", path, strerror(errno));
    if (status == MODPROP_OK)
        status = modprop_scan_read(&scan, fd, &stored, 0, path, err);
    if (status == MODPROP_OK)
        status = judge(fd, &stored, &scan, damaged, count, checked, path, err);
    if (status != MODPROP_OK) {
        modprop_memory_free(*damaged);
        *damaged = NULL;
    }
    modprop_scan_clear(&scan);
    modprop_stored_clear(&stored);
    if (fd >= 0)
        (void)close(fd); /* opened for reading: nothing can be lost */
    modprop_h5_drop(file);
    return status;
}
