/*
 * idx.h - files of images and labels in MNIST's format (IDX), plain or gzip.
 *
 *     0, 0, 8 (unsigned bytes), rank, then `rank` sizes of four bytes, big-endian, then the bytes
 *
 * A name stands for the file of that name or, where there is none, for NAME.gz.
 */
#ifndef MODPROP_ENGINE_IDX_H
#define MODPROP_ENGINE_IDX_H

#include "modprop.h"

enum { MODPROP_IDX_MOST = 3 }; /* the largest rank that is read */

struct modprop_idx {
    size_t rank;
    size_t size[MODPROP_IDX_MOST]; /* size[0] items */
    size_t bytes;                  /* the product of the sizes */
    unsigned char *data;           /* [bytes]; NULL where only the head was read */
};

/* Whether there is a file of that name, plain or gzip. */
bool modprop_idx_exists(const char *name);

/* Reads the head alone, or all; the caller clears it. Errors: MODPROP_IO; MODPROP_INVALID for another
 * rank or a damaged file; MODPROP_NO_MEMORY. */
enum modprop_status modprop_idx_head(struct modprop_idx *idx, const char *name, size_t rank,
                                     struct modprop_error *err);
enum modprop_status modprop_idx_read(struct modprop_idx *idx, const char *name, size_t rank,
                                     struct modprop_error *err);
void modprop_idx_clear(struct modprop_idx *idx); /* accepts a zeroed one */

#endif
