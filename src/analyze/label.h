/*
 * label.h - the labels of a result's rows, "rule=modprop mu=0.25", as columns: a table for people, a
 * page and CSV have a column for each parameter.
 */
#ifndef MODPROP_ANALYZE_LABEL_H
#define MODPROP_ANALYZE_LABEL_H

#include "analyze/result.h"

enum { MODPROP_LABEL_NAMES = 12, MODPROP_LABEL_PIECE = 96 };

/* A "name=value" of a label. */
struct modprop_label_piece {
    char name[MODPROP_LABEL_PIECE], value[MODPROP_LABEL_PIECE];
};

/* Takes the next piece off a label; false at its end. A word without "=" has the name "". */
bool modprop_label_next(const char **label, struct modprop_label_piece *piece);

/* Parameters of all labels in the order in which they appear. */
struct modprop_label_names {
    char name[MODPROP_LABEL_NAMES][MODPROP_LABEL_PIECE];
    size_t count; /* 0: too many, or a label that is not all pieces ("others"): labels stay whole */
};

/* Of the rows for people, or of all. */
struct modprop_label_names modprop_label_collect(const struct modprop_result *result, bool details);

/* Place of a name; names->count: it is not there. */
size_t modprop_label_find(const struct modprop_label_names *names, const char *name);

/* The values of a label, "" where it has none. */
void modprop_label_values(const struct modprop_label_names *names, const char *label,
                          char value[MODPROP_LABEL_NAMES][MODPROP_LABEL_PIECE]);

#endif
