/*
 * gnuplot.h - gnuplot as a child process: a script goes in, an image comes out.
 *
 * No shell and no files: the script is its standard input, the image its standard output, both pipes,
 * so that a full disk is ours to tell (gnuplot leaves with 0 after a failed write). It starts with
 * default settings (-d), in a UTF-8 locale with C numbers. It ends with 1 after any error in the
 * script; what it said on standard error goes into the message.
 */
#ifndef MODPROP_ANALYZE_GNUPLOT_H
#define MODPROP_ANALYZE_GNUPLOT_H

#include "modprop.h"

/* Whether PATH has a gnuplot. */
bool modprop_gnuplot_found(void);

/* What to do if it has not: "gnuplot is not installed: ..."; one sentence. Static storage. */
const char *modprop_gnuplot_advice(void);

/* Runs one script. *image is what it wrote, with a zero behind its last byte; the caller frees it with
 * free(). MODPROP_IO: gnuplot is missing, failed, wrote nothing, or took longer than a minute;
 * MODPROP_NO_MEMORY. On failure *image is NULL. */
enum modprop_status modprop_gnuplot_run(const char *script, char **image, size_t *bytes,
                                        struct modprop_error *err);

#endif
