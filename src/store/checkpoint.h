/*
 * checkpoint.h - a run in flight, or a finished one whose result could not be written, as a small
 * file: OUTPUT.checkpoints/<run key in hexadecimal>.
 *
 * Written under a temporary name, synced, renamed: a kill or a full disk at any moment leaves the
 * last one or the new one. A checksum over everything tells damage, the key tells whose it is.
 * Whoever trains the run writes the file, rank 0 removes it once the run's row is on the disk.
 */
#ifndef MODPROP_STORE_CHECKPOINT_H
#define MODPROP_STORE_CHECKPOINT_H

#include <stdint.h>

#include "store/results.h"

struct modprop_checkpoint {
    uint64_t key;                   /* of the run */
    double written;                 /* when, seconds since 1970-01-01 UTC */
    struct modprop_outcome outcome; /* MODPROP_RUN_RUNNING: so far; else the run is finished */
    size_t weights;                 /* number of outcome.record.weights, 0 if there are none */
    const void *state;              /* [state_bytes]; modprop_run_save; NULL for a finished run */
    size_t state_bytes;
};

/* The folder of the checkpoints of the results file at `output`; the caller frees it with
 * modprop_memory_free. NULL: no memory. */
char *modprop_checkpoint_folder(const char *output);

/* Writes the file, in the place of an older one of this run; makes the folder, but none above it.
 * MODPROP_IO: what was there before is still there. */
enum modprop_status modprop_checkpoint_write(const char *folder,
                                             const struct modprop_checkpoint *checkpoint,
                                             struct modprop_error *err);

/* Reads a run's file, if it has one. The content lies in *block, which the caller frees with
 * modprop_memory_free; *block is NULL if there is no file. MODPROP_INVALID: it is damaged or not
 * this run's; MODPROP_IO, MODPROP_NO_MEMORY; on failure *block is NULL. */
enum modprop_status modprop_checkpoint_read(struct modprop_checkpoint *checkpoint, void **block,
                                            const char *folder, uint64_t key,
                                            struct modprop_error *err);

/* The same without arrays, message and state (all NULL, with their sizes), and without looking at
 * them. *there: whether there is a file. */
enum modprop_status modprop_checkpoint_peek(struct modprop_checkpoint *checkpoint, bool *there,
                                            const char *folder, uint64_t key,
                                            struct modprop_error *err);

/* Removes a run's file; one that is not there is no failure. */
enum modprop_status modprop_checkpoint_remove(const char *folder, uint64_t key,
                                              struct modprop_error *err);

#endif
