/*
 * h5.h - HDF5 calls as the store needs them: silent, checked, with the library's reason in err.
 */
#ifndef MODPROP_STORE_H5_H
#define MODPROP_STORE_H5_H

#include <hdf5.h>

#include "engine/error.h"

/* Like MODPROP_FAIL, followed by the innermost message of HDF5's error stack, if there is one. */
enum modprop_status modprop_h5_error(struct modprop_error *err, const char *file, int line,
                                     enum modprop_status code, const char *format, ...)
    MODPROP_PRINTF(5, 6);

#define MODPROP_H5_FAIL(err, code, ...) modprop_h5_error(err, __FILE__, __LINE__, code, __VA_ARGS__)

/* Keeps HDF5 from printing; every public function of the store that uses HDF5 calls it first. */
void modprop_h5_quiet(void);

/* Opens for reading, without HDF5's file lock: it would be refused while another process writes,
 * and on file systems without locks. On failure *file is negative. Errors: MODPROP_IO (cannot be
 * read), MODPROP_INVALID (not HDF5, or damaged). Everything opened in the file closes with it. */
enum modprop_status modprop_h5_open(hid_t *file, const char *path, struct modprop_error *err);

/* Closes any identifier; accepts negative ones. */
void modprop_h5_drop(hid_t id);

/* The dataset `name` below `where`, negative if it is not there or lies in another file. */
hid_t modprop_h5_dataset(hid_t where, const char *name);

/* Writes an attribute: count values of an HDF5 type (1: a scalar), or UTF-8 text of fixed length.
 */
enum modprop_status modprop_h5_put(hid_t where, const char *name, hid_t type, size_t count,
                                   const void *values, struct modprop_error *err);
enum modprop_status modprop_h5_put_text(hid_t where, const char *name, const char *text,
                                        struct modprop_error *err);

/* Reads a scalar text attribute of fixed or variable length. *text is NULL if it is absent, of
 * another kind or damaged; the caller frees it with modprop_memory_free. MODPROP_NO_MEMORY alone is
 * a failure.
 */
enum modprop_status modprop_h5_text(hid_t where, const char *name, char **text,
                                    struct modprop_error *err);

#endif
