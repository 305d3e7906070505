/*
 * plot_tags.h - names of series: at the right edge beside their lines' ends, or in a legend below.
 *
 * Rows have theirs on the axis and get none.
 */
#ifndef MODPROP_ANALYZE_PLOT_TAGS_H
#define MODPROP_ANALYZE_PLOT_TAGS_H

#include "analyze/plot_layout.h"

enum { MODPROP_PLOT_TAG_GAP = 12 }; /* pixels between the axes and names at their right */

/* Width of the widest name, and how many there are. */
double modprop_plot_tags_widest(const struct modprop_plot *plot, size_t *count);

/* Places the entries of a legend in lines, the first at y = 0; returns the height of all. */
double modprop_plot_tags_flow(struct modprop_plot_layout *layout, const struct modprop_plot *plot);

/* Once the axes have their place: moves the legend to `legend_y`, or spreads the names at the right so
 * that none stands over another. MODPROP_NO_MEMORY. */
enum modprop_status modprop_plot_tags_place(struct modprop_plot_layout *layout,
                                            const struct modprop_plot *plot, double legend_y,
                                            struct modprop_error *err);

#endif
