/*
 * scan.h - reads all rows of a results file and recomputes their checksums.
 */
#ifndef MODPROP_STORE_SCAN_H
#define MODPROP_STORE_SCAN_H

#include "store/places.h"

struct modprop_scan {
    size_t runs;
    int8_t *state; /* [runs]; read before all else, so that a row it calls finished is complete */
    int64_t *checksum; /* [runs]; as stored, -1: none */
    uint32_t *crc;     /* [runs]; recomputed */
    uint32_t *prefix;  /* [runs]; of the first variables alone */
};

/* `first`: how many variables the prefix covers. On failure *scan needs no clearing. */
enum modprop_status modprop_scan_read(struct modprop_scan *scan, int fd,
                                      const struct modprop_stored *stored, size_t first,
                                      const char *path, struct modprop_error *err);
void modprop_scan_clear(struct modprop_scan *scan);

/* Whether the state is one that has a checksum. */
bool modprop_scan_finished(int state);

/* Whether the run is finished and its checksum right. */
bool modprop_scan_sound(const struct modprop_scan *scan, size_t run);

#endif
