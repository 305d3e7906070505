/*
 * keep.h - results that rank 0 has handed to the results file and that are not on the disk yet.
 *
 * A row is safe when its status has been synced. Until then its outcome stays here, and if the file
 * fails, is written as a checkpoint instead, from where the next start takes it in.
 */
#ifndef MODPROP_SCHEDULE_KEEP_H
#define MODPROP_SCHEDULE_KEEP_H

#include "schedule/job.h"

/* Zero-initialise. */
struct modprop_keep {
    struct modprop_kept *first, *last; /* as they came */
};

/* Copies the result. written: number of the row among those handed to the file, SIZE_MAX: the file
 * did not take it. false: no memory. */
bool modprop_keep_add(struct modprop_keep *keep, const struct modprop_job_result *result,
                      uint64_t key, size_t written);

/* Lets go of the first `safe` rows, and removes their checkpoints. */
void modprop_keep_release(struct modprop_keep *keep, size_t safe, const char *folder);

/* Writes all as checkpoints into the folder and lets go of them; *count tells how many. The first
 * failure ends it, what is left stays. */
enum modprop_status modprop_keep_save(struct modprop_keep *keep, const char *folder, size_t *count,
                                      struct modprop_error *err);

void modprop_keep_clear(struct modprop_keep *keep);

#endif
