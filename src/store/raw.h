/*
 * raw.h - bytes at places of a file, and what makes them last.
 *
 * All failures are MODPROP_IO and name the path.
 */
#ifndef MODPROP_STORE_RAW_H
#define MODPROP_STORE_RAW_H

#include <stdint.h>

#include "modprop.h"

/* Writes or reads all bytes at the offset; a file that ends before is a failure. */
enum modprop_status modprop_raw_write(int fd, const void *from, size_t bytes, uint64_t offset,
                                      const char *path, struct modprop_error *err);
enum modprop_status modprop_raw_read(int fd, void *to, size_t bytes, uint64_t offset,
                                     const char *path, struct modprop_error *err);

/* Returns when all written so far is on the disk. */
enum modprop_status modprop_raw_sync(int fd, const char *path, struct modprop_error *err);

/* Whether `path` is still the name of the open file: MODPROP_IO if it was removed or replaced. One that
 * was removed is made anew, and the message says whether that went well; it is not the open file then. */
enum modprop_status modprop_raw_check_there(int fd, const char *path, struct modprop_error *err);

/* Makes the folders that lead to `path`. */
enum modprop_status modprop_raw_make_folders(const char *path, struct modprop_error *err);

/* `path` followed by `ending`, likewise. */
char *modprop_raw_beside(const char *path, const char *ending);

/* Syncs the folder `path` lies in, so that a new or renamed file in it lasts. */
enum modprop_status modprop_raw_sync_folder(const char *path, struct modprop_error *err);

/* Refuses what takes more than the free space of the file system `path` is to lie in. */
enum modprop_status modprop_raw_check_space(const char *path, uint64_t bytes,
                                            struct modprop_error *err);

#endif
