/*
 * runs_source.h - one results file taken apart: its rows, verified, with all parameters as numbers.
 */
#ifndef MODPROP_ANALYZE_RUNS_SOURCE_H
#define MODPROP_ANALYZE_RUNS_SOURCE_H

#include "analyze/runs.h"
#include "store/reading.h"

/* A parameter of all rows. */
struct modprop_runs_column {
    const char *name; /* the reading's */
    bool text;
    double *value; /* [rows]; NaN: not applicable, or the row is damaged */
    size_t choices;
    char **choice; /* [choices] */
};

struct modprop_runs_source {
    struct modprop_reading *reading;
    const char *path; /* borrowed */
    size_t rows;
    int8_t *state;
    uint8_t *row;  /* enum modprop_reading_row; key mismatches are damaged too */
    uint64_t *key; /* [rows] */
    size_t columns;
    struct modprop_runs_column *column; /* [columns]; parameters, then `variant` if there is one */
};

/* Opens, checks and reads. On failure the source needs no clearing. */
enum modprop_status modprop_runs_source_init(struct modprop_runs_source *source, const char *path,
                                             struct modprop_error *err);
void modprop_runs_source_clear(struct modprop_runs_source *source);

/* A numeric variable without further axes of all rows: value [rows], NaN: none, the row is not
 * finished or damaged, or the file has no such variable. */
enum modprop_status modprop_runs_source_numbers(const struct modprop_runs_source *source,
                                                const char *name, double *value,
                                                struct modprop_error *err);

/* Replaces what a terminal would take for a command. */
void modprop_runs_source_tidy(char *text);

/* Calls `take` for every finished row with the values of a variable. */
typedef enum modprop_status modprop_runs_source_take(void *context, size_t row, const void *bytes);
enum modprop_status modprop_runs_source_each(const struct modprop_runs_source *source,
                                             const struct modprop_stored_variable *variable,
                                             modprop_runs_source_take *take, void *context,
                                             struct modprop_error *err);

/* The variable of that name if it holds one number per evaluation, else NULL. */
const struct modprop_stored_variable *modprop_runs_source_figure(
    const struct modprop_runs_source *source, const char *name);

/* *what: the first result in which two finished rows differ, NULL if they are equal to the bit. Times,
 * hosts and ranks are none. */
enum modprop_status modprop_runs_source_compare(const struct modprop_runs_source *a, size_t row_a,
                                                const struct modprop_runs_source *b, size_t row_b,
                                                const char **what, struct modprop_error *err);

#endif
