/*
 * Whether two rows of the same run hold the same results.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/runs_source.h"
#include "engine/error.h"

/* Results are what the run says of itself at its end, and its figures; when, where and how fast it was
 * trained is none, nor is what other versions may note besides. */
static bool is_result(const struct modprop_runs_source *source,
                      const struct modprop_stored_variable *variable)
{
    static const char *const single[] = {"status", "iterations_done", "diverged_at"};
    for (size_t k = 0; k < sizeof single / sizeof *single; k++)
        if (strcmp(variable->name, single[k]) == 0)
            return true;
    return modprop_runs_source_figure(source, variable->name) &&
           strcmp(variable->name, "elapsed_s") != 0;
}

/* Whether all bytes from `begin` on are fill: a file with longer runs has a wider axis. */
static bool only_fill(const struct modprop_stored_variable *variable, const char *bytes,
                      size_t begin)
{
    const size_t size = modprop_layout_element_size(variable->element);
    for (size_t at = begin; at < variable->bytes; at += size)
        if (!isnan(modprop_reading_number(variable->element, bytes + at)))
            return false;
    return true;
}

static bool equal(const struct modprop_stored_variable *a, const char *bytes_a,
                  const struct modprop_stored_variable *b, const char *bytes_b)
{
    const size_t both = a->bytes < b->bytes ? a->bytes : b->bytes;
    return memcmp(bytes_a, bytes_b, both) == 0 && only_fill(a, bytes_a, both) &&
           only_fill(b, bytes_b, both);
}

/* One variable, as both files have it. */
static enum modprop_status compare(const struct modprop_runs_source *a, size_t row_a,
                                   const struct modprop_stored_variable *in_a,
                                   const struct modprop_runs_source *b, size_t row_b,
                                   const struct modprop_stored_variable *in_b, bool *same,
                                   struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    char *bytes_a = malloc(in_a->bytes), *bytes_b = malloc(in_b->bytes);
    if (!bytes_a || !bytes_b)
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory to compare two runs");
    if (status == MODPROP_OK)
        status = modprop_reading_rows(a->reading, in_a, row_a, 1, bytes_a, err);
    if (status == MODPROP_OK)
        status = modprop_reading_rows(b->reading, in_b, row_b, 1, bytes_b, err);
    *same = status == MODPROP_OK && equal(in_a, bytes_a, in_b, bytes_b);
    free(bytes_a);
    free(bytes_b);
    return status;
}

enum modprop_status modprop_runs_source_compare(const struct modprop_runs_source *a, size_t row_a,
                                                const struct modprop_runs_source *b, size_t row_b,
                                                const char **what, struct modprop_error *err)
{
    const struct modprop_stored *stored = modprop_reading_places(a->reading);
    enum modprop_status status = MODPROP_OK;
    *what = NULL;
    for (size_t k = 0; status == MODPROP_OK && !*what && k < stored->count; k++) {
        const struct modprop_stored_variable *in_a = &stored->variable[k];
        const struct modprop_stored_variable *in_b = modprop_reading_find(b->reading, in_a->name);
        if (!is_result(a, in_a) || !in_b || in_a->element != in_b->element ||
            in_a->rank != in_b->rank)
            continue;
        bool same = true;
        status = compare(a, row_a, in_a, b, row_b, in_b, &same, err);
        *what = same ? NULL : in_a->name;
    }
    return status;
}
