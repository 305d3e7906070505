#include "store/scan.h"

#include <string.h>
#include <zlib.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "store/raw.h"

enum { BLOCK_BYTES = 1 << 20 }; /* read at once: far above the cost of a call */

bool modprop_scan_finished(int state)
{
    return state == MODPROP_RUN_DONE || state == MODPROP_RUN_DIVERGED ||
           state == MODPROP_RUN_FAILED || state == MODPROP_RUN_TIMEOUT;
}

bool modprop_scan_sound(const struct modprop_scan *scan, size_t run)
{
    return modprop_scan_finished(scan->state[run]) &&
           scan->checksum[run] == (int64_t)scan->crc[run];
}

/* Takes the bytes of one variable into the checksum of every run. */
static enum modprop_status scan_variable(struct modprop_scan *scan, int fd,
                                         const struct modprop_stored_variable *variable,
                                         const char *path, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    const size_t fit = BLOCK_BYTES / variable->bytes, block = fit > 0 ? fit : 1;
    unsigned char *bytes = modprop_memory_get(block, variable->bytes);
    if (!bytes)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory to read %s", path,
                            variable->name);
    for (size_t run = 0; status == MODPROP_OK && run < scan->runs; run += block) {
        const size_t count = block < scan->runs - run ? block : scan->runs - run;
        status = modprop_raw_read(fd, bytes, count * variable->bytes,
                                  variable->offset + (uint64_t)run * variable->bytes, path, err);
        for (size_t k = 0; status == MODPROP_OK && k < count; k++)
            scan->crc[run + k] = (uint32_t)crc32_z(scan->crc[run + k], bytes + k * variable->bytes,
                                                   variable->bytes);
    }
    modprop_memory_free(bytes);
    return status;
}

static enum modprop_status scan_all(struct modprop_scan *scan, int fd,
                                    const struct modprop_stored *stored, size_t first,
                                    const char *path, struct modprop_error *err)
{
    const uint64_t state_place = stored->variable[stored->status].offset;
    const uint64_t checksum_place = stored->variable[stored->checksum].offset;
    enum modprop_status status = modprop_raw_read(fd, scan->state, scan->runs * sizeof *scan->state,
                                                  state_place, path, err);
    if (status == MODPROP_OK)
        status = modprop_raw_read(fd, scan->checksum, scan->runs * sizeof *scan->checksum,
                                  checksum_place, path, err);
    for (size_t k = 0; status == MODPROP_OK && k < stored->count; k++) {
        if (k == first)
            memcpy(scan->prefix, scan->crc, scan->runs * sizeof *scan->crc);
        if (k != stored->checksum)
            status = scan_variable(scan, fd, &stored->variable[k], path, err);
    }
    return status;
}

enum modprop_status modprop_scan_read(struct modprop_scan *scan, int fd,
                                      const struct modprop_stored *stored, size_t first,
                                      const char *path, struct modprop_error *err)
{
    *scan = (struct modprop_scan){.runs = stored->runs};
    scan->state = modprop_memory_get(scan->runs, sizeof *scan->state);
    scan->checksum = modprop_memory_get(scan->runs, sizeof *scan->checksum);
    scan->crc = modprop_memory_get(scan->runs, sizeof *scan->crc);
    scan->prefix = modprop_memory_get(scan->runs, sizeof *scan->prefix);
    const enum modprop_status status = scan->state && scan->checksum && scan->crc && scan->prefix
                                           ? scan_all(scan, fd, stored, first, path, err)
                                           : MODPROP_FAIL(err, MODPROP_NO_MEMORY,
                                                          "%s: no memory for its %zu runs", path,
                                                          scan->runs);
    if (status != MODPROP_OK)
        modprop_scan_clear(scan);
    return status;
}

void modprop_scan_clear(struct modprop_scan *scan)
{
    modprop_memory_free(scan->state);
    modprop_memory_free(scan->checksum);
    modprop_memory_free(scan->crc);
    modprop_memory_free(scan->prefix);
    *scan = (struct modprop_scan){0};
}
