/*
 * The finished rows of a results file against their checksums.
 */
#include "engine/error.h"
#include "engine/memory.h"
#include "store/reading.h"
#include "store/scan.h"

static enum modprop_status check_rows(const struct modprop_reading *reading, size_t **damaged,
                                      size_t *count, size_t *checked, const char *path,
                                      struct modprop_error *err)
{
    const size_t runs = modprop_reading_places(reading)->runs;
    int8_t *state = modprop_memory_get(runs, sizeof *state);
    uint8_t *row = modprop_memory_get(runs, sizeof *row);
    *damaged = modprop_memory_get(runs, sizeof **damaged);
    enum modprop_status status = MODPROP_OK;
    if (!state || !row || !*damaged)
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its %zu runs", path, runs);
    if (status == MODPROP_OK)
        status = modprop_reading_check(reading, state, row, err);
    for (size_t run = 0; status == MODPROP_OK && run < runs; run++) {
        *checked += modprop_scan_finished(state[run]);
        if (row[run] == MODPROP_READING_DAMAGED)
            (*damaged)[(*count)++] = run;
    }
    modprop_memory_free(state);
    modprop_memory_free(row);
    return status;
}

enum modprop_status modprop_results_verify(const char *path, size_t **damaged, size_t *count,
                                           size_t *checked, struct modprop_error *err)
{
    struct modprop_reading *reading = NULL;
    *damaged = NULL;
    *count = *checked = 0;
    enum modprop_status status = modprop_reading_open(&reading, path, err);
    if (status == MODPROP_OK)
        status = check_rows(reading, damaged, count, checked, path, err);
    if (status != MODPROP_OK) {
        modprop_memory_free(*damaged);
        *damaged = NULL;
        *count = *checked = 0;
    }
    modprop_reading_close(reading);
    return status;
}
