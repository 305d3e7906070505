/*
 * plot_layout.h - where everything in a figure goes: ranges, ticks, margins, labels. No gnuplot here.
 *
 * Lengths are pixels of 1/96 inch from the figure's upper left corner. Widths of texts are estimates;
 * wide enough for the fonts in use.
 */
#ifndef MODPROP_ANALYZE_PLOT_LAYOUT_H
#define MODPROP_ANALYZE_PLOT_LAYOUT_H

#include "analyze/palette.h"
#include "analyze/plot.h"
#include "analyze/plot_scale.h"
#include "analyze/plot_tags.h"

enum {
    MODPROP_PLOT_INDENT = 40, /* pixels that names above rows have not */
    /* Pixels kept free around everything; of a bare figure one: the page has its own. */
    MODPROP_PLOT_EDGE = 14
};

/* What of a series can be seen on these axes; gnuplot complains about the rest. */
struct modprop_plot_content {
    bool line, interval, dots;
};

struct modprop_plot_layout {
    double width, height;
    bool direct;  /* labels at the right edge; else a legend below */
    bool dotted;  /* runs are drawn as dots: not too many */
    bool banded;  /* bands are drawn: not of too many lines */
    size_t above; /* lines that names of rows take above them, 0: they stand beside */
    struct modprop_plot_scale x, y;
    double strip; /* pixels per row of the strip above, 0: none */
    size_t strip_rows;
    size_t *strip_row;                    /* [series_count] */
    struct modprop_plot_tag *tag;         /* [series_count] */
    struct modprop_palette_style *style;  /* [series_count] */
    struct modprop_plot_content *content; /* [series_count] */
    double *dodge; /* [series_count] pixels along x, so that intervals stand side by side */
    double title_y, caption_y, caption_left;
};

/* MODPROP_NO_MEMORY. Clear it in any case. */
enum modprop_status modprop_plot_layout_init(struct modprop_plot_layout *layout,
                                             const struct modprop_plot *plot,
                                             const struct modprop_plot_canvas *canvas,
                                             struct modprop_error *err);
void modprop_plot_layout_clear(struct modprop_plot_layout *layout);

/* Whether a series has markers: points and rows. */
bool modprop_plot_layout_has_points(const struct modprop_plot_series *series);

/* Lines that names of rows take above them in a figure of that width; 0: they have room beside. */
size_t modprop_plot_layout_above(const struct modprop_plot *plot, double width);

#endif
