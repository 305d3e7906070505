/*
 * zip.h - which keys move together: "mu, learning_rate | n, delay_ms".
 *
 * Groups are separated by '|': a ';' behind white space begins a comment in INI files, and a group
 * lost that way would go unnoticed.
 */
#ifndef MODPROP_SWEEP_ZIP_H
#define MODPROP_SWEEP_ZIP_H

#include "sweep/mistakes.h"

/* group: [modprop_parameter_count()], the number of a parameter's group from 1 on, 0 for none. What
 * is wrong is told for that line, and *wrong set. An empty text has no groups. Errors:
 * MODPROP_NO_MEMORY. */
enum modprop_status modprop_zip_read(size_t *group, const char *text, size_t line, bool *wrong,
                                     struct modprop_mistakes *mistakes);

#endif
