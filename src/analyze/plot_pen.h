/*
 * plot_pen.h - the pieces of a gnuplot script, shared by the kinds of figures.
 *
 * Positions are pixels of the layout; gnuplot gets them as shares of its screen. All text goes through
 * modprop_plot_pen_quote: gnuplot's single quotes take everything as it is.
 */
#ifndef MODPROP_ANALYZE_PLOT_PEN_H
#define MODPROP_ANALYZE_PLOT_PEN_H

#include <stdio.h>

#include "analyze/plot_layout.h"

struct modprop_plot_pen {
    FILE *out;
    const struct modprop_plot *plot;
    const struct modprop_plot_canvas *canvas;
    const struct modprop_plot_layout *layout;
};

/* 'text': one line, quotes doubled; tick labels (`formatted`) also per cents, which gnuplot reads as
 * formats there. */
void modprop_plot_pen_quote(FILE *out, const char *text, size_t bytes, bool formatted);

/* "#AARRGGBB", quoted; alpha 0: opaque, 1: invisible. */
void modprop_plot_pen_color(FILE *out, unsigned color, double alpha);

/* A pixel across and one down as shares of the screen. */
double modprop_plot_pen_across(const struct modprop_plot_pen *pen, double pixel);
double modprop_plot_pen_down(const struct modprop_plot_pen *pen, double pixel);

/* Pixels that a run's dot stands below the interval of its row. */
enum { MODPROP_PLOT_ROW_DOTS = 10 };

enum modprop_plot_align { MODPROP_PLOT_LEFT, MODPROP_PLOT_CENTER, MODPROP_PLOT_RIGHT };

/* Text with its middle (across: as aligned) at a pixel. */
void modprop_plot_pen_label(const struct modprop_plot_pen *pen, const char *text, size_t bytes,
                            double x, double y, enum modprop_plot_align align, double size,
                            unsigned color);

/* Text in lines of at most `width` pixels, the first with its middle at y. */
void modprop_plot_pen_lines(const struct modprop_plot_pen *pen, const char *text, double width,
                            double x, double y, double size, unsigned color);

/* Title and caption, unless the canvas is bare. */
void modprop_plot_pen_frame(const struct modprop_plot_pen *pen);

/* Dashes of a palette's styles, as gnuplot writes them. */
extern const char *const modprop_plot_pen_dash[4];

#endif
