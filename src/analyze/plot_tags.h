/*
 * plot_tags.h - names of series: at the right edge beside their lines' ends, or in a legend below.
 *
 * Rows have theirs on the axis and get none.
 */
#ifndef MODPROP_ANALYZE_PLOT_TAGS_H
#define MODPROP_ANALYZE_PLOT_TAGS_H

#include "analyze/plot_scale.h"

enum { MODPROP_PLOT_TAG_GAP = 12 }; /* pixels between the axes and names at their right */

/* A series' place in the margin or the legend. */
struct modprop_plot_tag {
    bool shown;
    double x, y;   /* of the text's left end and middle */
    double from_y; /* where the line ends; direct labels only */
    bool tied;     /* it ends near enough to be tied to the text */
};

/* Width of the widest name, and how many there are. */
double modprop_plot_tags_widest(const struct modprop_plot *plot, size_t *count);

/* Places the entries of a legend, tag [series_count], in columns from x = `edge` to `right`, the first
 * at y = 0; returns the height of all. */
double modprop_plot_tags_flow(struct modprop_plot_tag *tag, const struct modprop_plot *plot,
                              double edge, double right);

/* Places the names, tag [series_count], at the right of axes that have their place, so that none stands
 * over another. MODPROP_NO_MEMORY. */
enum modprop_status modprop_plot_tags_place(struct modprop_plot_tag *tag,
                                            const struct modprop_plot *plot,
                                            const struct modprop_plot_scale *x,
                                            const struct modprop_plot_scale *y,
                                            struct modprop_error *err);

#endif
