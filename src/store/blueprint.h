/*
 * blueprint.h - the structure of a results file as a block of plain bytes, so that a child process
 * can read it with HDF5 and hand it over (guard.h).
 */
#ifndef MODPROP_STORE_BLUEPRINT_H
#define MODPROP_STORE_BLUEPRINT_H

#include "store/reading.h"

struct modprop_blueprint {
    struct modprop_stored stored; /* points into the block: not to be cleared */
    size_t evaluations;
    const double *iteration; /* [evaluations] */
    const char *text[MODPROP_READING_TEXTS];
};

/* A guarded task: reads the structure of the file whose path is the context. */
enum modprop_status modprop_blueprint_read(void *path, void **bytes, size_t *count,
                                           struct modprop_error *err);

/* Takes the block apart without copying. false: it cannot be such a block. What the numbers in it say
 * is for the caller to check. */
bool modprop_blueprint_unpack(struct modprop_blueprint *blueprint, void *bytes, size_t count);

#endif
