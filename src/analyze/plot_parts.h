/*
 * plot_parts.h - the parts of a gnuplot script, one for each kind of figure.
 */
#ifndef MODPROP_ANALYZE_PLOT_PARTS_H
#define MODPROP_ANALYZE_PLOT_PARTS_H

#include "analyze/plot_pen.h"

/* Axes, the strip above them, names of series, the reference line. */
void modprop_plot_axes_write(const struct modprop_plot_pen *pen);

/* The whole figure: series, heat maps, or any of them in the shell. */
void modprop_plot_series_write(const struct modprop_plot_pen *pen);
void modprop_plot_heat_write(const struct modprop_plot_pen *pen);
void modprop_plot_shell_write(const struct modprop_plot_pen *pen);

/* Height that suits heat maps at this width, in pixels. */
double modprop_plot_heat_height(const struct modprop_plot *plot, double width, bool bare);

#endif
