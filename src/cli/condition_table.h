/*
 * condition_table.h - the conditions of a sweep with what came out of them: printed at the end of a
 * sweep and by --status.
 */
#ifndef MODPROP_CLI_CONDITION_TABLE_H
#define MODPROP_CLI_CONDITION_TABLE_H

#include <stdio.h>

#include "store/results.h"

/* A line per condition: runs done, diverged, failed (or out of time), still to do; median and range
 * over seeds of the final loss and accuracy of the runs that are done; time of an iteration. Not
 * more than `most` lines. */
enum modprop_status modprop_condition_table_print(FILE *out,
                                                  const struct modprop_overview *overview,
                                                  size_t most, struct modprop_error *err);

/* Runs in each state; count[MODPROP_RUN_STATES]. */
void modprop_condition_table_count(const struct modprop_overview *overview, size_t *count);

#endif
