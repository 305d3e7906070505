/*
 * table_layout.h - how a table (table.h) shows the labels of its rows: which parameters get columns.
 */
#ifndef MODPROP_CLI_TABLE_LAYOUT_H
#define MODPROP_CLI_TABLE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/table.h"

enum {
    MODPROP_TABLE_COLUMNS = 12,
    MODPROP_TABLE_NAMES = 24,
    MODPROP_TABLE_HEAD = 48,
    MODPROP_TABLE_GAP = 2,
    MODPROP_TABLE_SHORT = MODPROP_TABLE_NAMES * 2 * MODPROP_TABLE_HEAD
};

struct modprop_table_column {
    char head[MODPROP_TABLE_HEAD];
    enum modprop_side side;
    size_t width; /* 0: nothing in it */
};

struct modprop_table {
    struct modprop_table_column
        name[MODPROP_TABLE_NAMES]; /* parameters; width of the values alone */
    size_t names;
    bool crowded; /* more parameters than that */
    struct modprop_table_column column[MODPROP_TABLE_COLUMNS];
    size_t columns;
    char *text; /* of each row the label, then its cells; each ends with '\0' */
    size_t used, capacity, rows;
    size_t next; /* column of the next cell */
    bool refused;
};

/* A "name=value" of a label as it is shown. */
struct modprop_table_piece {
    char name[MODPROP_TABLE_HEAD], value[MODPROP_TABLE_HEAD];
};

/* A usual value is what more than half of the rows with that parameter have. */
struct modprop_table_layout {
    struct modprop_table_column name[MODPROP_TABLE_NAMES]; /* as shown */
    size_t head_lines;                                     /* a head's parts, split at its _ */
    char usual[MODPROP_TABLE_NAMES][MODPROP_TABLE_HEAD];   /* "": there is none */
    size_t others[MODPROP_TABLE_NAMES];                    /* rows with another value */
    bool aside[MODPROP_TABLE_NAMES];     /* no column: named where the value is not the usual one */
    struct modprop_table_column besides; /* such names */
    bool apart;                          /* labels on lines of their own */
};

/* Takes the next piece off a label; false at its end. A word without a name is that of the only
 * condition. Numbers with many digits (drawn ones) are rounded. */
bool modprop_table_layout_piece(const char **label, struct modprop_table_piece *piece);

/* Where a parameter is among the table's; their number if it is not. */
size_t modprop_table_layout_index(const struct modprop_table *table, const char *name);

/* At least so wide. */
void modprop_table_layout_widen(struct modprop_table_column *column, size_t width);

/* The k-th part of a head, from its end; returns its length, 0 if there are not so many. */
size_t modprop_table_layout_part(const char *head, size_t k, const char **part);

/* What a label says besides its columns; with `whole` all of it but usual values. */
void modprop_table_layout_shorten(const struct modprop_table *table,
                                  const struct modprop_table_layout *layout, const char *label,
                                  bool whole, char text[MODPROP_TABLE_SHORT]);

/* The layout that says most of what fits the line. */
void modprop_table_layout_arrange(const struct modprop_table *table,
                                  struct modprop_table_layout *layout);

#endif
