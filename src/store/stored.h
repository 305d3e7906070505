/*
 * stored.h - finds where the variables of an existing results file lie (places.h).
 *
 * Found in the file itself, without a plan: what an older or newer version wrote can be verified
 * too.
 */
#ifndef MODPROP_STORE_STORED_H
#define MODPROP_STORE_STORED_H

#include "store/h5.h"
#include "store/places.h"

#define MODPROP_STORED_FORMAT "modprop results 1" /* root attribute "format" */

/* Root attribute: names of all variables with the axis `run`, separated by blanks, in the order in
 * which checksums take them. A text of fixed length, unlike the lists of dimension scales: those
 * lie in a part of the file that HDF5 does not protect, and damage there makes it read wild
 * addresses. */
#define MODPROP_STORED_VARIABLES "checksum_order"

/* How an element is stored: the machine's own type, so that rows are written as they are in memory.
 */
hid_t modprop_stored_type(enum modprop_element element);

/* Opens a results file: modprop_h5_open, and refuses what modprop has not written. */
enum modprop_status modprop_stored_open(hid_t *file, const char *path, struct modprop_error *err);

/* Number of runs, 0 if that cannot be told. */
size_t modprop_stored_runs(hid_t file);

/* Finds the variables. MODPROP_INVALID: damaged, or from a machine of another byte order. On
 * failure *stored needs no clearing. */
enum modprop_status modprop_stored_find(struct modprop_stored *stored, hid_t file, const char *path,
                                        struct modprop_error *err);
void modprop_stored_clear(struct modprop_stored *stored);

/* Whether the file has just the variables of the layout, in the same order; else MODPROP_DIFFERENT,
 * with the first difference. */
enum modprop_status modprop_stored_match(const struct modprop_stored *stored,
                                         const struct modprop_layout *layout, const char *path,
                                         struct modprop_error *err);

#endif
