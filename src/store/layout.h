/*
 * layout.h - the table of variables of a results file.
 *
 * One row per variable: name, type, axes, unit, meaning, and the function that puts a run's values
 * there. It is made from the plan, the parameter table and the figure table, and drives creation,
 * writing and checksums; what is read back is found by the same names. No HDF5 here.
 *
 * A run's row is its values in all variables, in the table's order: first what the plan says, then
 * what its outcome says. A "row image" is these bytes one after another, as they stand in the file.
 */
#ifndef MODPROP_STORE_LAYOUT_H
#define MODPROP_STORE_LAYOUT_H

#include <stdint.h>

#include "store/results.h"

enum modprop_element {
    MODPROP_INT8,
    MODPROP_INT64,
    MODPROP_FLOAT32,
    MODPROP_FLOAT64,
    MODPROP_CHAR,
    MODPROP_ELEMENTS
};

/* A variable has the axis `run` and up to two of the others. */
enum modprop_axis {
    MODPROP_AXIS_RUN,
    MODPROP_AXIS_EVALUATION,
    MODPROP_AXIS_KEY,
    MODPROP_AXIS_NAME,
    MODPROP_AXIS_VARIANT,
    MODPROP_AXIS_LABEL,
    MODPROP_AXIS_HOST,
    MODPROP_AXIS_MESSAGE, /* lengths of texts, in bytes */
    MODPROP_AXIS_INPUT,
    MODPROP_AXIS_PRE,
    MODPROP_AXIS_POST,
    MODPROP_AXIS_OUTPUT, /* of weights */
    MODPROP_AXIS_START,
    MODPROP_AXIS_LINE, /* of the log; no variable of runs has them */
    MODPROP_AXES
};

enum { MODPROP_LAYOUT_RANK = 3 };

enum { MODPROP_HISTORY_LINES = 64, MODPROP_HISTORY_WIDTH = 256 }; /* of the log: history.h */

/* When a value is known. */
enum modprop_known { MODPROP_KNOWN_PLANNED, MODPROP_KNOWN_AT_START, MODPROP_KNOWN_AT_END };

/* What a row is made from. */
struct modprop_row {
    const struct modprop_plan *plan;
    size_t run;
    const struct modprop_outcome *outcome;
};

/* The outcome of which nothing is known yet: a pending run. */
extern const struct modprop_outcome modprop_layout_nothing;

struct modprop_variable;
typedef void modprop_variable_put(const struct modprop_variable *variable,
                                  const struct modprop_row *row, void *out);

struct modprop_variable {
    const char *name; /* path in the file: "loss", "weights/W_rec" */
    enum modprop_element element;
    enum modprop_axis axis[MODPROP_LAYOUT_RANK]; /* [rank]; the first is the run */
    size_t rank;
    const char *unit, *help;
    modprop_variable_put *put; /* NULL: the checksum, which is made from the others */
    enum modprop_known known;
    size_t index; /* of the parameter, figure or matrix, or offset of the field */
    size_t width[MODPROP_LAYOUT_RANK]; /* [rank]; sizes of the axes, 1 for the run */
    size_t bytes;                      /* of one run */
    size_t place;                      /* of them in a row image */
};

struct modprop_layout {
    size_t runs;
    size_t size[MODPROP_AXES];
    size_t count;
    struct modprop_variable *variable; /* [count]; planned ones first */
    size_t planned;                    /* number of planned ones */
    size_t bytes;                      /* of a row image */
    size_t status, checksum;           /* their indices */
};

/* "evaluation", "weights/pre": path of the axis in the file. */
const char *modprop_layout_axis_name(enum modprop_axis axis);
size_t modprop_layout_element_size(enum modprop_element element);

/* The value that means "none": NaN, -1, or the end of a text; one element. */
const void *modprop_layout_fill(enum modprop_element element);

/* MODPROP_NO_MEMORY. On failure *layout needs no clearing. */
enum modprop_status modprop_layout_init(struct modprop_layout *layout,
                                        const struct modprop_plan *plan, struct modprop_error *err);
void modprop_layout_clear(struct modprop_layout *layout);

/* Bytes that the runs' values take in the file. */
uint64_t modprop_layout_bytes(const struct modprop_layout *layout);

/* Puts a run's values of one variable to `out` [variable->bytes]; what is not known becomes fill.
 */
void modprop_layout_put(const struct modprop_variable *variable, const struct modprop_row *row,
                        void *out);

#endif
