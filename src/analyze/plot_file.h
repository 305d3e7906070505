/*
 * plot_file.h - writes a figure or a report: whole or not at all.
 */
#ifndef MODPROP_ANALYZE_PLOT_FILE_H
#define MODPROP_ANALYZE_PLOT_FILE_H

#include "modprop.h"

/* Writes beside its place, syncs and renames; a path that is no regular file (/dev/stdout, a pipe) is
 * written as it is. Folders of the path are not made. MODPROP_IO: nothing is left behind. */
enum modprop_status modprop_plot_file_write(const char *path, const char *data, size_t bytes,
                                            struct modprop_error *err);

#endif
