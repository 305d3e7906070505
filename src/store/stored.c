#include "store/stored.h"

#include <string.h>

#include "engine/memory.h"

enum modprop_status modprop_stored_open(hid_t *file, const char *path, struct modprop_error *err)
{
    enum modprop_status status = modprop_h5_open(file, path, err);
    if (status != MODPROP_OK)
        return status;
    char *format = NULL;
    status = modprop_h5_text(*file, "format", &format, err);
    if (status == MODPROP_OK && (!format || strcmp(format, MODPROP_STORED_FORMAT) != 0))
        status = MODPROP_FAIL(err, MODPROP_INVALID,
                              "%s: is an HDF5 file, but not a results file of this "
                              "program (its attribute `format` is %s%s%s, not `%s`)",
                              path, format ? "`" : "", format ? format : "missing",
                              format ? "`" : "", MODPROP_STORED_FORMAT);
    if (status != MODPROP_OK) {
        modprop_h5_drop(*file);
        *file = -1;
    }
    modprop_memory_free(format);
    return status;
}

/* ------------------------------------------------------------------ one variable */

hid_t modprop_stored_type(enum modprop_element element)
{
    switch (element) {
    case MODPROP_INT8: return H5T_NATIVE_INT8;
    case MODPROP_INT64: return H5T_NATIVE_INT64;
    case MODPROP_FLOAT32: return H5T_NATIVE_FLOAT;
    case MODPROP_FLOAT64: return H5T_NATIVE_DOUBLE;
    case MODPROP_CHAR: return H5T_C_S1;
    case MODPROP_ELEMENTS: break;
    }
    return -1;
}

static enum modprop_element element_of(hid_t dataset)
{
    int found = 0;
    const hid_t type = H5Dget_type(dataset);
    while (found < MODPROP_ELEMENTS &&
           H5Tequal(type, modprop_stored_type((enum modprop_element)found)) <= 0)
        found++;
    modprop_h5_drop(type);
    return (enum modprop_element)found;
}

/* Shape and place of the dataset; false: not as this program writes it, or not within the file. */
static bool locate(struct modprop_stored_variable *variable, hid_t dataset, size_t runs,
                   hsize_t file_bytes)
{
    hsize_t extent[H5S_MAX_RANK] = {0};
    const hid_t space = H5Dget_space(dataset);
    const int rank = space < 0 ? -1 : H5Sget_simple_extent_dims(space, extent, NULL);
    modprop_h5_drop(space);
    variable->element = element_of(dataset);
    variable->offset = H5Dget_offset(dataset);
    if (rank < 1 || rank > MODPROP_LAYOUT_RANK || extent[0] != runs ||
        variable->element == MODPROP_ELEMENTS || variable->offset == HADDR_UNDEF)
        return false;
    variable->rank = (size_t)rank;
    variable->bytes = modprop_layout_element_size(variable->element);
    for (size_t axis = 0; axis < variable->rank; axis++) {
        variable->width[axis] = axis == 0 ? 1 : (size_t)extent[axis];
        variable->bytes = modprop_memory_product(variable->bytes, variable->width[axis]);
    }
    const size_t all = modprop_memory_product(variable->bytes, runs);
    return all > 0 && all <= file_bytes && variable->offset <= file_bytes - all;
}

/* ------------------------------------------------------------------ all variables */

static enum modprop_status add(struct modprop_stored *stored, hid_t file, const char *name,
                               hsize_t bytes, const char *path, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    struct modprop_stored_variable *variable = &stored->variable[stored->count];
    const hid_t dataset = modprop_h5_dataset(file, name);
    if (dataset < 0 || strlen(name) >= sizeof variable->name)
        status = MODPROP_H5_FAIL(err, MODPROP_INVALID, "%s: damaged: variable %s is missing", path,
                                 name);
    else if (!locate(variable, dataset, stored->runs, bytes))
        status = MODPROP_H5_FAIL(err, MODPROP_INVALID,
                                 "%s: variable %s is damaged, or was written on a "
                                 "machine of another byte order",
                                 path, name);
    else
        strcpy(stored->variable[stored->count++].name, name);
    modprop_h5_drop(dataset);
    return status;
}

static size_t index_of(const struct modprop_stored *stored, const char *name)
{
    size_t k = 0;
    while (k < stored->count && strcmp(stored->variable[k].name, name) != 0)
        k++;
    return k;
}

/* Finds the variables of a list of names, which is cut up. */
static enum modprop_status find_all(struct modprop_stored *stored, hid_t file, char *names,
                                    const char *path, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    hsize_t bytes = 0;
    char *rest = NULL;
    if (H5Fget_filesize(file, &bytes) < 0)
        status = MODPROP_H5_FAIL(err, MODPROP_INVALID, "%s: damaged: its size is unknown", path);
    for (char *name = strtok_r(names, " ", &rest); status == MODPROP_OK && name;
         name = strtok_r(NULL, " ", &rest))
        status = add(stored, file, name, bytes, path, err);
    if (status != MODPROP_OK)
        return status;
    stored->status = index_of(stored, "status");
    stored->checksum = index_of(stored, "checksum");
    if (stored->status == stored->count || stored->checksum == stored->count ||
        stored->variable[stored->status].bytes != sizeof(int8_t) ||
        stored->variable[stored->checksum].bytes != sizeof(int64_t))
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: damaged: status or checksum is missing",
                            path);
    return MODPROP_OK;
}

static size_t words(const char *text)
{
    size_t count = 1;
    for (; *text; text++)
        count += *text == ' ';
    return count;
}

size_t modprop_stored_runs(hid_t file)
{
    hsize_t bytes = 0;
    const hid_t run = modprop_h5_dataset(file, "run"), space = run < 0 ? -1 : H5Dget_space(run);
    const hssize_t runs = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    modprop_h5_drop(space);
    modprop_h5_drop(run);
    return runs > 0 && H5Fget_filesize(file, &bytes) >= 0 && (hsize_t)runs <= bytes ? (size_t)runs
                                                                                    : 0;
}

enum modprop_status modprop_stored_find(struct modprop_stored *stored, hid_t file, const char *path,
                                        struct modprop_error *err)
{
    char *names = NULL;
    *stored = (struct modprop_stored){.runs = modprop_stored_runs(file)};
    enum modprop_status status = modprop_h5_text(file, MODPROP_STORED_VARIABLES, &names, err);
    if (status == MODPROP_OK && (!names || stored->runs == 0))
        status = MODPROP_H5_FAIL(err, MODPROP_INVALID,
                                 "%s: damaged: it has no runs, or no list of "
                                 "variables",
                                 path);
    if (status == MODPROP_OK) {
        stored->variable = modprop_memory_get(words(names), sizeof *stored->variable);
        status = stored->variable
                     ? find_all(stored, file, names, path, err)
                     : MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its table", path);
    }
    if (status != MODPROP_OK)
        modprop_stored_clear(stored);
    modprop_memory_free(names);
    return status;
}

void modprop_stored_clear(struct modprop_stored *stored)
{
    modprop_memory_free(stored->variable);
    *stored = (struct modprop_stored){0};
}

/* ------------------------------------------------------------------ comparing with the plan's */

static bool equal(const struct modprop_stored_variable *stored,
                  const struct modprop_variable *variable)
{
    return strcmp(stored->name, variable->name) == 0 && stored->element == variable->element &&
           stored->rank == variable->rank &&
           memcmp(stored->width, variable->width, stored->rank * sizeof *stored->width) == 0;
}

enum modprop_status modprop_stored_match(const struct modprop_stored *stored,
                                         const struct modprop_layout *layout, const char *path,
                                         struct modprop_error *err)
{
    if (stored->runs != layout->runs)
        return MODPROP_FAIL(err, MODPROP_DIFFERENT, "%s: has %zu runs, the sweep %zu", path,
                            stored->runs, layout->runs);
    const size_t most = stored->count > layout->count ? stored->count : layout->count;
    for (size_t k = 0; k < most; k++) {
        const char *in_file = k < stored->count ? stored->variable[k].name : "no further variable";
        const char *in_plan = k < layout->count ? layout->variable[k].name : "no further variable";
        if (k >= stored->count || k >= layout->count ||
            !equal(&stored->variable[k], &layout->variable[k]))
            return MODPROP_FAIL(
                err, MODPROP_DIFFERENT,
                "%s: was laid out differently, by another version "
                "or with another `save_weights`: where it has %s, this sweep has %s%s; "
                "set another output, move the file away, or convert it with --extend",
                path, in_file, in_plan, strcmp(in_file, in_plan) == 0 ? " in another shape" : "");
    }
    return MODPROP_OK;
}
