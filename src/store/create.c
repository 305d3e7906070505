#include "store/create.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/memory.h"
#include "store/raw.h"
#include "store/stored.h"
#include "store/structure.h"

enum { BLOCK_BYTES = 1 << 20 }; /* written at once: far above the cost of a call */

/* One variable of all runs, as long as nothing is known but the plan. */
static enum modprop_status fill_variable(int fd, const struct modprop_variable *variable,
                                         uint64_t offset, const struct modprop_plan *plan,
                                         const char *path, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    const size_t fit = BLOCK_BYTES / variable->bytes, block = fit > 0 ? fit : 1;
    char *bytes = modprop_memory_get(block, variable->bytes);
    if (!bytes)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory to fill %s", path,
                            variable->name);
    struct modprop_row row = {.plan = plan, .outcome = &modprop_layout_nothing};
    while (status == MODPROP_OK && row.run < plan->runs) {
        size_t count = 0;
        const uint64_t place = offset + (uint64_t)row.run * variable->bytes;
        for (; count < block && row.run < plan->runs; count++, row.run++)
            modprop_layout_put(variable, &row, bytes + count * variable->bytes);
        status = modprop_raw_write(fd, bytes, count * variable->bytes, place, path, err);
    }
    modprop_memory_free(bytes);
    return status;
}

/* All values, into the places HDF5 gave them. */
static enum modprop_status fill(int fd, const struct modprop_layout *layout,
                                const struct modprop_plan *plan, const char *path,
                                struct modprop_error *err)
{
    hid_t file = -1;
    struct modprop_stored stored = {0};
    enum modprop_status status = modprop_h5_open(&file, path, err);
    if (status == MODPROP_OK)
        status = modprop_stored_find(&stored, file, path, err);
    if (status == MODPROP_OK)
        status = modprop_stored_match(&stored, layout, path, err);
    for (size_t k = 0; status == MODPROP_OK && k < layout->count; k++)
        status = fill_variable(fd, &layout->variable[k], stored.variable[k].offset, plan, path,
                               err);
    modprop_stored_clear(&stored);
    modprop_h5_drop(file);
    return status;
}

static enum modprop_status write_all(const char *path, const struct modprop_layout *layout,
                                     const struct modprop_plan *plan,
                                     const struct modprop_provenance *provenance,
                                     modprop_create_more *more, void *context,
                                     struct modprop_error *err)
{
    enum modprop_status status = modprop_structure_make(path, layout, plan, provenance, err);
    if (status != MODPROP_OK)
        return status;
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return MODPROP_FAIL(err, MODPROP_IO, "%s: %s", path, strerror(errno));
    status = fill(fd, layout, plan, path, err);
    if (status == MODPROP_OK && more)
        status = more(context, path, err);
    if (status == MODPROP_OK && fsync(fd) != 0)
        status = MODPROP_FAIL(err, MODPROP_IO, "%s: did not reach the disk: %s", path,
                              strerror(errno));
    if (close(fd) != 0 && status == MODPROP_OK)
        status = MODPROP_FAIL(err, MODPROP_IO, "%s: %s", path, strerror(errno));
    return status;
}

enum modprop_status modprop_create_file(const char *path, const struct modprop_layout *layout,
                                        const struct modprop_plan *plan,
                                        const struct modprop_provenance *provenance,
                                        modprop_create_more *more, void *context,
                                        struct modprop_error *err)
{
    enum modprop_status status = modprop_raw_check_space(path, modprop_layout_bytes(layout), err);
    if (status != MODPROP_OK)
        return status;
    char *temporary = modprop_raw_beside(path, ".new");
    if (!temporary)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its name", path);
    status = write_all(temporary, layout, plan, provenance, more, context, err);
    if (status == MODPROP_OK && rename(temporary, path) != 0)
        status = MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be renamed to %s: %s", temporary, path,
                              strerror(errno));
    if (status == MODPROP_OK)
        status = modprop_raw_sync_folder(path, err);
    else
        (void)unlink(temporary); /* half a file helps nobody; that it failed is told already */
    modprop_memory_free(temporary);
    return status;
}
