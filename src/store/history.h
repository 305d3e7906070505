/*
 * history.h - what was done to a results file and when, in words.
 *
 * Attribute `history`: a line for each time the file was made anew: made, extended, gathered,
 * merged. It is written when the file is made and never afterwards: HDF5's own structures cannot be
 * changed without a moment in which a kill would damage the file.
 *
 * Dataset `log/starts`: a line for each time a sweep was started or continued on the file, with the
 * runs it found reused, continued, fresh and retried. It has its full size from the beginning, and
 * lines are written as raw bytes, like rows: half a line is the worst that a kill can leave.
 */
#ifndef MODPROP_STORE_HISTORY_H
#define MODPROP_STORE_HISTORY_H

#include <stdint.h>

#include "store/h5.h"
#include "store/layout.h"

#define MODPROP_HISTORY_LOG "log/starts"

/* "2026-11-25T01:04:55Z", the present. */
void modprop_history_date(char *text, size_t size);

/* The lines of `old` ("" or NULL: none) and one more. Of very many lines the first and the last
 * ones are kept. The caller frees it with modprop_memory_free. NULL: no memory. */
char *modprop_history_add(const char *old, const char *line);

/* Where the log of an open file lies; 0: it has none (an older version made it). */
uint64_t modprop_history_find(hid_t file);

/* Writes a line behind those that are there. When all are taken, the first line stays and the
 * second one makes room. */
enum modprop_status modprop_history_append(int fd, uint64_t place, const char *line,
                                           const char *path, struct modprop_error *err);

/* Copies the whole log. */
enum modprop_status modprop_history_copy(int from, uint64_t from_place, const char *from_path,
                                         int to, uint64_t to_place, const char *to_path,
                                         struct modprop_error *err);

#endif
