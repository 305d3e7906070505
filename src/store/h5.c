#include "store/h5.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/memory.h"

/* ------------------------------------------------------------------ errors */

void modprop_h5_quiet(void)
{
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* at worst HDF5 prints besides */
}

/* Called for the innermost entry first, which says what really happened; the others are skipped. */
static herr_t innermost(unsigned level, const H5E_error2_t *entry, void *context)
{
    const char **text = context;
    if (level == 0 && entry->desc)
        *text = entry->desc;
    return 1;
}

enum modprop_status modprop_h5_error(struct modprop_error *err, const char *file, int line,
                                     enum modprop_status code, const char *format, ...)
{
    char what[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    const char *why = NULL;
    if (H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, &why) < 0)
        why = NULL;
    modprop_error_set(err, file, line, code, "%s%s%s%s", what, why ? " (HDF5: " : "",
                      why ? why : "", why ? ")" : "");
    (void)H5Eclear2(H5E_DEFAULT); /* an old entry would explain the next failure wrongly */
    return code;
}

/* ------------------------------------------------------------------ files and objects */

/* What can be told without HDF5, in plainer words than its own. */
static enum modprop_status check_readable(const char *path, struct modprop_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0) /* a long path must leave room for the reason */
        return MODPROP_FAIL(err, MODPROP_IO, "%.400s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: is not a file%s", path,
                            S_ISDIR(info.st_mode) ? " but a folder" : "");
    if (access(path, R_OK) != 0)
        return MODPROP_FAIL(err, MODPROP_IO, "%s: %s", path, strerror(errno));
    return MODPROP_OK;
}

enum modprop_status modprop_h5_open(hid_t *file, const char *path, struct modprop_error *err)
{
    *file = -1;
    modprop_h5_quiet();
    enum modprop_status status = check_readable(path, err);
    if (status != MODPROP_OK)
        return status;
    const hid_t access_list = H5Pcreate(H5P_FILE_ACCESS);
    if (access_list < 0 || H5Pset_fclose_degree(access_list, H5F_CLOSE_STRONG) < 0)
        status = MODPROP_H5_FAIL(err, MODPROP_IO, "%s: HDF5 does not start", path);
#if H5_VERSION_GE(1, 10, 7) && !(H5_VERS_MAJOR == 1 && H5_VERS_MINOR == 12 && H5_VERS_RELEASE == 0)
    else if (H5Pset_file_locking(access_list, false, true) < 0)
        status = MODPROP_H5_FAIL(err, MODPROP_IO, "%s: HDF5's file locking cannot be set", path);
#endif
    if (status == MODPROP_OK) {
        *file = H5Fopen(path, H5F_ACC_RDONLY, access_list);
        if (*file < 0)
            status = MODPROP_H5_FAIL(err, MODPROP_INVALID, "%s: is no HDF5 file, or damaged", path);
    }
    modprop_h5_drop(access_list);
    return status;
}

void modprop_h5_drop(hid_t id)
{
    if (id >= 0)
        (void)H5Idec_ref(id); /* what cannot be written shows when the file is closed */
}

hid_t modprop_h5_dataset(hid_t where, const char *name)
{
    H5L_info_t link;
    if (H5Lget_info(where, name, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
        return -1;
    const hid_t object = H5Oopen(where, name, H5P_DEFAULT);
    if (object >= 0 && H5Iget_type(object) == H5I_DATASET)
        return object;
    modprop_h5_drop(object);
    return -1;
}

/* ------------------------------------------------------------------ attributes */

enum modprop_status modprop_h5_put(hid_t where, const char *name, hid_t type, size_t count,
                                   const void *values, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    const hsize_t size = count;
    hid_t space = count == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &size, NULL);
    hid_t attribute = space < 0 ? -1
                                : H5Acreate2(where, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, type, values) < 0)
        status = MODPROP_H5_FAIL(err, MODPROP_IO, "attribute %s cannot be written", name);
    modprop_h5_drop(attribute);
    modprop_h5_drop(space);
    return status;
}

enum modprop_status modprop_h5_put_text(hid_t where, const char *name, const char *text,
                                        struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    const size_t length = strlen(text);
    const hid_t type = H5Tcopy(H5T_C_S1);
    if (type < 0 || H5Tset_size(type, length > 0 ? length : 1) < 0 ||
        H5Tset_strpad(type, H5T_STR_NULLPAD) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0)
        status = MODPROP_H5_FAIL(err, MODPROP_IO, "attribute %s: no HDF5 text type", name);
    else
        status = modprop_h5_put(where, name, type, 1, text, err);
    modprop_h5_drop(type);
    return status;
}

static enum modprop_status read_variable_length(hid_t attribute, hid_t type, char **text,
                                                struct modprop_error *err)
{
    char *stored = NULL;
    if (H5Aread(attribute, type, &stored) < 0 || !stored)
        return MODPROP_OK;
    const size_t length = strlen(stored);
    *text = modprop_memory_get(length + 1, 1);
    if (*text)
        memcpy(*text, stored, length);
    (void)H5free_memory(stored);
    return *text
               ? MODPROP_OK
               : MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a text of %zu bytes", length);
}

/* A damaged type can claim any length: one beyond the attribute's storage is not believed. */
static enum modprop_status read_fixed_length(hid_t attribute, hid_t type, char **text,
                                             struct modprop_error *err)
{
    const size_t length = H5Tget_size(type);
    if (length == 0 || length > H5Aget_storage_size(attribute))
        return MODPROP_OK;
    *text = modprop_memory_get(length + 1, 1);
    if (!*text)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a text of %zu bytes", length);
    if (H5Aread(attribute, type, *text) < 0) {
        modprop_memory_free(*text);
        *text = NULL;
    }
    return MODPROP_OK;
}

enum modprop_status modprop_h5_text(hid_t where, const char *name, char **text,
                                    struct modprop_error *err)
{
    *text = NULL;
    enum modprop_status status = MODPROP_OK;
    const hid_t attribute = H5Aexists(where, name) > 0 ? H5Aopen(where, name, H5P_DEFAULT)
                                                       : H5I_INVALID_HID;
    const hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
    const hid_t space = attribute < 0 ? -1 : H5Aget_space(attribute);
    if (type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING &&
        H5Sget_simple_extent_npoints(space) == 1)
        status = H5Tis_variable_str(type) > 0 ? read_variable_length(attribute, type, text, err)
                                              : read_fixed_length(attribute, type, text, err);
    modprop_h5_drop(space);
    modprop_h5_drop(type);
    modprop_h5_drop(attribute);
    return status;
}
