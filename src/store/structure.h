/*
 * structure.h - the HDF5 structure of a results file: dimensions, variables, attributes, no values.
 */
#ifndef MODPROP_STORE_STRUCTURE_H
#define MODPROP_STORE_STRUCTURE_H

#include "store/layout.h"

/* Makes the file at `path`, replacing what is there. Variables are contiguous, allocated, and not
 * yet filled, whatever their fill value. */
enum modprop_status modprop_structure_make(const char *path, const struct modprop_layout *layout,
                                           const struct modprop_plan *plan,
                                           const struct modprop_provenance *provenance,
                                           struct modprop_error *err);

#endif
