/*
 * create.h - makes a new results file, complete before anybody sees it.
 *
 * HDF5 makes the structure under a temporary name, all values are written into it, everything is
 * synced, and then it is renamed. Format: superblock and messages of HDF5 1.8, as netCDF-4 writes
 * them (creation order tracked, dimensions as scales, texts as arrays of characters).
 */
#ifndef MODPROP_STORE_CREATE_H
#define MODPROP_STORE_CREATE_H

#include "store/layout.h"

/* Writes more into the new file, at its temporary `path`, before anybody sees it. */
typedef enum modprop_status modprop_create_more(void *context, const char *path,
                                                struct modprop_error *err);

/* Makes `path` with every run pending, or in the state in which `more` (NULL: nothing) leaves it.
 * What stood at `path` is replaced at the last moment, by the rename. An older temporary file of a
 * killed process is replaced. */
enum modprop_status modprop_create_file(const char *path, const struct modprop_layout *layout,
                                        const struct modprop_plan *plan,
                                        const struct modprop_provenance *provenance,
                                        modprop_create_more *more, void *context,
                                        struct modprop_error *err);

#endif
