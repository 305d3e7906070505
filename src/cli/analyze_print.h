/*
 * analyze_print.h - results for people and for other programs.
 */
#ifndef MODPROP_CLI_ANALYZE_PRINT_H
#define MODPROP_CLI_ANALYZE_PRINT_H

#include <stdio.h>

#include "analyze/result.h"
#include "analyze/runs.h"

/* A paragraph per file: what it holds and who writes it. */
void modprop_analyze_print_files(FILE *out, const struct modprop_runs *runs);

/* What a reader must know: damaged rows, conflicts. */
void modprop_analyze_print_troubles(FILE *out, const struct modprop_runs *runs);

/* Notes, table, warnings. */
enum modprop_status modprop_analyze_print_result(FILE *out, const struct modprop_result *result,
                                                 struct modprop_error *err);

/* The table as CSV with a line of heads; numbers have all their digits. */
void modprop_analyze_print_csv(FILE *out, const struct modprop_result *result);

/* A field of CSV: in quotes where it must be. */
void modprop_analyze_print_field(FILE *out, const char *text);

/* A number of CSV: nothing for NaN. */
void modprop_analyze_print_number(FILE *out, double value);

#endif
