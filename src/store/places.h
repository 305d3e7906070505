/*
 * places.h - where the variables of a results file lie, as plain data without HDF5.
 *
 * Every variable with the axis `run` is contiguous and allocated, so that run r's values are
 * `bytes` bytes at offset + r * bytes. stored.h finds them.
 */
#ifndef MODPROP_STORE_PLACES_H
#define MODPROP_STORE_PLACES_H

#include "store/layout.h"

struct modprop_stored_variable {
    char name[64];
    enum modprop_element element;
    size_t rank;
    size_t width[MODPROP_LAYOUT_RANK]; /* [rank]; 1 for the run */
    size_t bytes;                      /* of one run */
    uint64_t offset;                   /* of run 0 */
};

struct modprop_stored {
    size_t runs;
    size_t count;
    struct modprop_stored_variable *variable; /* [count]; in the order of checksums */
    size_t status, checksum;                  /* their indices */
};

#endif
