/*
 * resume.h - takes up an existing results file where its last writer left it.
 */
#ifndef MODPROP_STORE_RESUME_H
#define MODPROP_STORE_RESUME_H

#include "store/rows.h"

/* Goes through all rows: those whose run was being trained, and finished ones that do not match
 * their checksum, are cleared. Fills rows->prefix, state [runs], attempts [runs] and the counts of
 * *opening. */
enum modprop_status modprop_resume_rows(struct modprop_rows *rows, uint8_t *state,
                                        int64_t *attempts, struct modprop_opening *opening,
                                        struct modprop_error *err);

#endif
