/*
 * type_file.h - cell types as a text file says them: type_labels = file.
 *
 * n labels, one for each unit in the network's order (inhibitory ones first), with blanks or ends of
 * lines between them; a label is a number or a word. Units of the same label are a type. Types are
 * numbered in the order in which they appear, and have units of one sign each.
 */
#ifndef MODPROP_ENGINE_TYPE_FILE_H
#define MODPROP_ENGINE_TYPE_FILE_H

#include "modprop.h"

/* label [n]: the type of each unit, from 0 on; NULL: only whether the file is right, and *C, the number
 * of types. MODPROP_IO: it cannot be read. MODPROP_INVALID: it is not what is wanted. */
enum modprop_status modprop_type_file_read(const struct modprop_config *config, size_t *label,
                                           size_t *C, struct modprop_error *err);

#endif
