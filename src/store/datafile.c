#include "store/datafile.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/memory.h"
#include "store/h5.h"

/* Deflate, the strongest filter in common use, cannot do better than this; a dataset that claims
 * more values than bytes * this in its file is damaged, and no memory is asked for it. */
enum { LARGEST_COMPRESSION = 1032 };

enum { WIDEST_NUMBER = 16 }; /* bytes: a quadruple float */

struct modprop_datafile {
    hid_t id;
    size_t bytes; /* of the file */
    char *path;
};

/* ------------------------------------------------------------------ life cycle */

enum modprop_status modprop_datafile_open(struct modprop_datafile **file, const char *path,
                                          struct modprop_error *err)
{
    *file = NULL;
    hid_t id = -1;
    enum modprop_status status = modprop_h5_open(&id, path, err);
    if (status != MODPROP_OK)
        return status;
    struct stat info;
    struct modprop_datafile *made = modprop_memory_get(1, sizeof *made);
    if (made)
        made->path = modprop_memory_get(strlen(path) + 1, 1);
    if (!made || !made->path || stat(path, &info) != 0) {
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory to open it", path);
        modprop_memory_free(made ? made->path : NULL);
        modprop_memory_free(made);
        modprop_h5_drop(id);
        return status;
    }
    strcpy(made->path, path);
    made->bytes = (size_t)info.st_size;
    made->id = id;
    *file = made;
    return MODPROP_OK;
}

void modprop_datafile_close(struct modprop_datafile *file)
{
    if (!file)
        return;
    modprop_h5_drop(file->id);
    modprop_memory_free(file->path);
    modprop_memory_free(file);
}

/* ------------------------------------------------------------------ datasets */

bool modprop_datafile_has(const struct modprop_datafile *file, const char *name)
{
    const hid_t dataset = modprop_h5_dataset(file->id, name);
    modprop_h5_drop(dataset);
    return dataset >= 0;
}

/* Values that lie in another file (external or virtual storage) are none of this file's. */
static bool keeps_its_values(hid_t dataset)
{
    const hid_t list = H5Dget_create_plist(dataset);
    const bool own = list >= 0 && H5Pget_external_count(list) == 0 &&
                     H5Pget_layout(list) != H5D_VIRTUAL && H5Pget_layout(list) >= 0;
    modprop_h5_drop(list);
    return own;
}

/* A damaged type can claim any width, and HDF5 would take that much memory to convert it. */
static bool is_number(hid_t type)
{
    const H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    return (class == H5T_INTEGER || class == H5T_FLOAT) && H5Tget_size(type) <= WIDEST_NUMBER;
}

/* Shape and number of values of a dataset that can be read at all. */
static enum modprop_status shape(const struct modprop_datafile *file, const char *name,
                                 hid_t dataset, size_t *rank, size_t dims[MODPROP_DATAFILE_RANK],
                                 size_t *count, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    hsize_t extent[H5S_MAX_RANK] = {0};
    const hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    const int found = space < 0 ? -1 : H5Sget_simple_extent_dims(space, extent, NULL);
    if (found < 0 || H5Sget_simple_extent_type(space) == H5S_NULL)
        status = MODPROP_H5_FAIL(err, MODPROP_INVALID, "%s: dataset %s has no shape", file->path,
                                 name);
    else if (!is_number(type))
        status = MODPROP_FAIL(err, MODPROP_INVALID, "%s: dataset %s does not hold numbers",
                              file->path, name);
    else if (found > MODPROP_DATAFILE_RANK)
        status = MODPROP_FAIL(err, MODPROP_INVALID,
                              "%s: dataset %s has %d dimensions, at most %d are "
                              "read",
                              file->path, name, found, (int)MODPROP_DATAFILE_RANK);
    *count = 1;
    for (int axis = 0; status == MODPROP_OK && axis < MODPROP_DATAFILE_RANK; axis++) {
        dims[axis] = axis < found ? (size_t)extent[axis] : 1;
        *count = modprop_memory_product(*count, dims[axis]);
    }
    if (status == MODPROP_OK && *count / LARGEST_COMPRESSION > file->bytes)
        status = MODPROP_FAIL(err, MODPROP_INVALID,
                              "%s: dataset %s claims more values than the file "
                              "can hold; the file is damaged",
                              file->path, name);
    *rank = found < 0 ? 0 : (size_t)found;
    modprop_h5_drop(type);
    modprop_h5_drop(space);
    return status;
}

enum modprop_status modprop_datafile_read(const struct modprop_datafile *file, const char *name,
                                          double **values, size_t *rank,
                                          size_t dims[MODPROP_DATAFILE_RANK],
                                          struct modprop_error *err)
{
    *values = NULL;
    size_t count = 0;
    enum modprop_status status = MODPROP_OK;
    const hid_t dataset = modprop_h5_dataset(file->id, name);
    if (dataset < 0)
        return MODPROP_H5_FAIL(err, MODPROP_INVALID, "%s: there is no dataset %s", file->path,
                               name);
    if (!keeps_its_values(dataset))
        status = MODPROP_H5_FAIL(err, MODPROP_INVALID, "%s: dataset %s keeps its values elsewhere",
                                 file->path, name);
    if (status == MODPROP_OK)
        status = shape(file, name, dataset, rank, dims, &count, err);
    double *read = NULL;
    if (status == MODPROP_OK && !(read = modprop_memory_get(count, sizeof *read)))
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY,
                              "%s: no memory for the %zu values of dataset %s", file->path, count,
                              name);
    if (status == MODPROP_OK && count > 0 &&
        H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, read) < 0)
        status = MODPROP_H5_FAIL(err, MODPROP_INVALID, "%s: dataset %s cannot be read", file->path,
                                 name);
    if (status == MODPROP_OK)
        *values = read;
    else
        modprop_memory_free(read);
    modprop_h5_drop(dataset);
    return status;
}

/* ------------------------------------------------------------------ attributes */

enum modprop_status modprop_datafile_number(const struct modprop_datafile *file, const char *name,
                                            double *value, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    if (H5Aexists(file->id, name) <= 0)
        return MODPROP_H5_FAIL(err, MODPROP_INVALID, "%s: there is no attribute %s", file->path,
                               name);
    const hid_t attribute = H5Aopen(file->id, name, H5P_DEFAULT);
    const hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
    const hid_t space = attribute < 0 ? -1 : H5Aget_space(attribute);
    double read = 0;
    if (!is_number(type) || space < 0 || H5Sget_simple_extent_npoints(space) != 1)
        status = MODPROP_H5_FAIL(err, MODPROP_INVALID, "%s: attribute %s is not a number",
                                 file->path, name);
    else if (H5Aread(attribute, H5T_NATIVE_DOUBLE, &read) < 0)
        status = MODPROP_H5_FAIL(err, MODPROP_INVALID, "%s: attribute %s cannot be read",
                                 file->path, name);
    else
        *value = read;
    modprop_h5_drop(space);
    modprop_h5_drop(type);
    modprop_h5_drop(attribute);
    return status;
}

enum modprop_status modprop_datafile_text(const struct modprop_datafile *file, const char *name,
                                          char *text, size_t size, struct modprop_error *err)
{
    if (H5Aexists(file->id, name) <= 0)
        return MODPROP_H5_FAIL(err, MODPROP_INVALID, "%s: there is no attribute %s", file->path,
                               name);
    char *read = NULL;
    const enum modprop_status status = modprop_h5_text(file->id, name, &read, err);
    if (status != MODPROP_OK)
        return status;
    if (!read)
        return MODPROP_H5_FAIL(err, MODPROP_INVALID, "%s: attribute %s is not a text", file->path,
                               name);
    const size_t length = strlen(read) < size ? strlen(read) : size - 1;
    memcpy(text, read, length);
    text[length] = '\0';
    modprop_memory_free(read);
    return MODPROP_OK;
}
