/*
 * table.h - a table for people, whose first columns are what tells conditions apart.
 *
 *     rule     mu    done    loss           row("rule=modprop mu=0.25"), then a cell for each column
 *     modprop  0.25     5  0.0312
 *     bptt     -        5  0.0301           row("rule=bptt"), ...
 *
 * Each parameter named by a row's label gets a column. Where all of them together are too wide,
 * their heads are split at each _; where that does not suffice, parameters that have one value in
 * most rows are only named where a row has another one:
 *
 *     rule     besides                       done    loss
 *     modprop                                   5  0.0312
 *     modprop  clip_norm=1 radius_bound=1.5     5  0.0301
 *     not named:  clip_norm=0 radius_bound=0
 *
 * and where that is too wide as well, what is named stands on a line of its own. Columns are as wide
 * as their content, and one without any is left out.
 */
#ifndef MODPROP_CLI_TABLE_H
#define MODPROP_CLI_TABLE_H

#include <stdio.h>

#include "engine/error.h"
#include "modprop.h"

struct modprop_table;

/* NULL: no memory. */
struct modprop_table *modprop_table_create(void);
void modprop_table_free(struct modprop_table *table); /* accepts NULL */

/* All columns come before the first row. */
enum modprop_side { MODPROP_LEFT, MODPROP_RIGHT };
void modprop_table_column(struct modprop_table *table, const char *head, enum modprop_side side);

/* Begins a row; the label may be "". */
void modprop_table_row(struct modprop_table *table, const char *label);

/* The next cell of the row, as printf. */
void modprop_table_cell(struct modprop_table *table, const char *format, ...) MODPROP_PRINTF(2, 3);

/* MODPROP_NO_MEMORY: it was too long to be kept; then nothing is printed. */
enum modprop_status modprop_table_print(FILE *out, const struct modprop_table *table,
                                        struct modprop_error *err);

#endif
