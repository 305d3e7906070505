/*
 * check.h - the proof of the gradients: the engine against itself, against plain loops, against finite
 * differences, and against reference cases from files.
 *
 * The checks compute with the engine in the precision they are compiled in: once in float32, once in
 * double, where each function has a twin whose name ends in _f64. Each check fills one line of a
 * report; nothing is printed here.
 */
#ifndef MODPROP_CHECK_CHECK_H
#define MODPROP_CHECK_CHECK_H

#include "modprop.h"

enum modprop_check_verdict {
    MODPROP_CHECK_PASSED,
    MODPROP_CHECK_FAILED,        /* an error above its bound, or the engine refused */
    MODPROP_CHECK_NOT_SUPPORTED, /* the engine does not have the rule or the units of this file */
    MODPROP_CHECK_UNREADABLE, /* the file is missing, damaged, of another format or inconsistent */
    MODPROP_CHECK_NOT_HERE,   /* means nothing in this precision */
};

/* One line of the report. */
struct modprop_check_line {
    enum modprop_check_verdict verdict;
    char subject[64];           /* what was compared */
    size_t n, T, B;             /* its sizes, 0 if unknown */
    double error, bound;        /* the relative error nearest to its bound, or furthest above it */
    char where[64];             /* which array, and by which path it was computed; "" for none */
    struct modprop_error cause; /* of a verdict that is not about an error */
};

/* The comparisons that need no file, index < count; a problem of their own each, always the same. */
size_t modprop_check_gradients_count(void);
void modprop_check_gradients(size_t index, struct modprop_check_line *line);

/* Compares everything that a reference case expects; its format: tests/data/golden/README.md. */
void modprop_check_golden(const char *path, struct modprop_check_line *line);

/* The same in double. */
void modprop_check_gradients_f64(size_t index, struct modprop_check_line *line);
void modprop_check_golden_f64(const char *path, struct modprop_check_line *line);

#endif
