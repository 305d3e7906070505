/*
 * datafile.h - reads numeric datasets and root attributes of any HDF5 file, checked and by name.
 *
 * For files made by others, such as reference cases. The file is opened read-only; whatever is in
 * it, a truncated, damaged or hostile file gives an error that names file and dataset, never a
 * crash. HDF5 prints nothing; the innermost message of its error stack goes into err.
 */
#ifndef MODPROP_STORE_DATAFILE_H
#define MODPROP_STORE_DATAFILE_H

#include "modprop.h"

enum { MODPROP_DATAFILE_RANK = 4 }; /* the most dimensions a dataset may have */

struct modprop_datafile;

/* Opens for reading. On failure *file is NULL. Errors: MODPROP_IO (cannot be read), MODPROP_INVALID
 * (not HDF5, or damaged). */
enum modprop_status modprop_datafile_open(struct modprop_datafile **file, const char *path,
                                          struct modprop_error *err);
void modprop_datafile_close(struct modprop_datafile *file); /* accepts NULL */

/* Whether the root group has a dataset of that name. */
bool modprop_datafile_has(const struct modprop_datafile *file, const char *name);

/* Reads a whole dataset of any integer or floating-point type as double, row-major. *rank is 0 for
 * a scalar (one value); dims beyond the rank are 1, so that the product of all four is the number
 * of values. The caller frees *values with free(); an empty dataset gives a block that is not NULL.
 * Errors: MODPROP_INVALID (absent, not numeric, more than four dimensions, larger than its file
 * could hold, damaged), MODPROP_NO_MEMORY. On failure *values is NULL. */
enum modprop_status modprop_datafile_read(const struct modprop_datafile *file, const char *name,
                                          double **values, size_t *rank,
                                          size_t dims[MODPROP_DATAFILE_RANK],
                                          struct modprop_error *err);

/* A scalar attribute of the root group: a number, or a string of fixed or variable length, cut to
 * size and always terminated. Errors: MODPROP_INVALID (absent, or of another kind). */
enum modprop_status modprop_datafile_number(const struct modprop_datafile *file, const char *name,
                                            double *value, struct modprop_error *err);
enum modprop_status modprop_datafile_text(const struct modprop_datafile *file, const char *name,
                                          char *text, size_t size, struct modprop_error *err);

#endif
