/*
 * evaluations.h - the evaluations of one run as a table, for --only.
 */
#ifndef MODPROP_CLI_EVALUATIONS_H
#define MODPROP_CLI_EVALUATIONS_H

#include <stdio.h>

#include "modprop.h"

/* A line per evaluation with the figures of most interest; losses to their last bit. Without memory
 * it says so instead. */
void modprop_evaluations_print(FILE *out, const struct modprop_record *record);

#endif
