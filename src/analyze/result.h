/*
 * result.h - what an analysis found: a table with what is to be said about it, and a figure.
 *
 * All commands fill one, the command line prints it as text or CSV, the report as HTML. Strings and
 * arrays live in the result's arena.
 */
#ifndef MODPROP_ANALYZE_RESULT_H
#define MODPROP_ANALYZE_RESULT_H

#include "analyze/arena.h"
#include "analyze/plot.h"

enum { MODPROP_RESULT_COLUMNS = 32, MODPROP_RESULT_LINES = 32 };

struct modprop_result_column {
    const char *name; /* in CSV: "final_loss_median"; NULL: not there */
    const char *head; /* in a table for people: "loss"; NULL: not shown there */
};

struct modprop_result_cell {
    const char *text; /* for people; "" for none */
    double value;     /* in CSV, in full; NaN: none */
    bool number;      /* false: CSV has the text */
};

struct modprop_result_row {
    const char *label;                /* "rule=modprop mu=0.25" */
    bool detail;                      /* in CSV alone */
    struct modprop_result_cell *cell; /* [columns] */
    size_t cells;                     /* filled so far */
};

struct modprop_result {
    struct modprop_arena arena;
    const char *title;
    size_t notes;
    const char *note[MODPROP_RESULT_LINES]; /* what the numbers are; stands above the table */
    size_t warnings;
    const char *warning[MODPROP_RESULT_LINES]; /* what to be careful with; stands below */
    size_t columns;
    struct modprop_result_column column[MODPROP_RESULT_COLUMNS];
    size_t rows, room;
    struct modprop_result_row *row; /* [rows] */
    bool has_plot;
    struct modprop_plot plot;
};

/* Zero-initialise; accepts one that is cleared already. */
void modprop_result_clear(struct modprop_result *result);

/* Lines above and below the table, as printf; beyond the most there can be they are left out. */
void modprop_result_note(struct modprop_result *result, const char *format, ...)
    MODPROP_PRINTF(2, 3);
void modprop_result_warn(struct modprop_result *result, const char *format, ...)
    MODPROP_PRINTF(2, 3);

/* A figure's title, as printf: with a capital, unless it begins with a name as one types it
 * ("spectral_radius"). In the arena. */
const char *modprop_result_title(struct modprop_result *result, const char *format, ...)
    MODPROP_PRINTF(2, 3);

/* All columns come before the first row; strings are borrowed and outlive the result (or are in its
 * arena). */
void modprop_result_column(struct modprop_result *result, const char *name, const char *head);

/* A new row; the label is copied. */
void modprop_result_row(struct modprop_result *result, const char *label);

/* The next cells of the last row: a number shown by a printf format for one double (NaN shows as
 * ""), a count (0 shows as "" unless `zero`), a text. */
void modprop_result_number(struct modprop_result *result, const char *format, double value);
void modprop_result_count(struct modprop_result *result, size_t count, bool zero);
void modprop_result_text(struct modprop_result *result, const char *text);

/* Two cells: low..high, shown in the first; one number where both are shown alike. */
void modprop_result_range(struct modprop_result *result, const char *format, double low,
                          double high);

/* Two cells: hits as a share (NaN of none), shown as "2 of 5" (no hits as "" unless `zero`); and of how
 * many. */
void modprop_result_share(struct modprop_result *result, size_t hits, size_t count, bool zero);

/* "1 run", "2 runs". */
const char *modprop_result_runs(struct modprop_result *result, size_t count);

/* MODPROP_NO_MEMORY if a request to the arena was refused. */
enum modprop_status modprop_result_check(const struct modprop_result *result,
                                         struct modprop_error *err);

#endif
