/*
 * compare_figure.h - differences to a baseline as a figure: a row for each condition.
 *
 * Single differences, infinite ones among them, may lie so far out that the others would be squeezed
 * into one place. The x axis then ends before them, at three times what nine of ten are within; how many
 * of a row lie beyond stands at its end, and a median or an interval beyond ends there.
 */
#ifndef MODPROP_ANALYZE_COMPARE_FIGURE_H
#define MODPROP_ANALYZE_COMPARE_FIGURE_H

#include "analyze/arena.h"
#include "analyze/interval.h"
#include "analyze/plot.h"

struct modprop_compare_row {
    const char *name;
    double median;
    struct modprop_interval interval;
    const double *difference; /* [pairs] */
    size_t pairs;
};

/* Makes series, names and the x axis' range of the plot (x.low < x.high: it ends before some
 * differences) from row [rows], from the top; arrays in the arena. MODPROP_NO_MEMORY. */
enum modprop_status modprop_compare_figure(struct modprop_plot *plot, struct modprop_arena *arena,
                                           size_t rows, const struct modprop_compare_row *row,
                                           struct modprop_error *err);

#endif
