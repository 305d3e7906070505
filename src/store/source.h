/*
 * source.h - a results file whose finished runs are taken into another one.
 *
 * It is only read, whoever writes it meanwhile, and may be of another version, another sweep or
 * another shape: its variables are found by name, and what it has more or less than the new file is
 * left out or stays none.
 */
#ifndef MODPROP_STORE_SOURCE_H
#define MODPROP_STORE_SOURCE_H

#include "store/batch.h"
#include "store/merge.h"
#include "store/scan.h"

struct modprop_source {
    struct modprop_merge_source about;
    hid_t file;
    int fd;
    struct modprop_stored stored;
    struct modprop_scan scan;
    uint64_t *key;                             /* [runs] */
    size_t at_once;                            /* rows whose values are read together */
    uint64_t log;                              /* place of the log, 0: none */
    char *text;                                /* of the sweep file */
    char *history, *hash, *sweep_file, *shard; /* "" where there is none */
};

/* Opens and reads all but the values. `path` is borrowed. On failure *source needs no clearing. */
enum modprop_status modprop_source_open(struct modprop_source *source, const char *path,
                                        struct modprop_error *err);
void modprop_source_clear(struct modprop_source *source);

/* Which run of the source becomes which of the new file. */
struct modprop_source_pair {
    size_t from, to;
};

/* Copies these runs, which must be sound and in ascending order of `from`, into the new file;
 * `batch` is empty before and afterwards. MODPROP_BUSY: a row changed since the source was opened. */
enum modprop_status modprop_source_copy(const struct modprop_source *source,
                                        const struct modprop_source_pair *pair, size_t count,
                                        struct modprop_rows *rows, struct modprop_batch *batch,
                                        struct modprop_error *err);

#endif
