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

enum {
    MODPROP_PLOT_TICKS = 24,
    MODPROP_PLOT_TEXT = 14, /* pixels: size of letters, and of those in captions and marks */
    MODPROP_PLOT_SMALL = 12,
    MODPROP_PLOT_LINE = 18,   /* pixels from one line of text to the next */
    MODPROP_PLOT_WRAPPED = 8, /* lines that a text may take */
    MODPROP_PLOT_INDENT = 40, /* pixels that names above rows have not */
    MODPROP_PLOT_EDGE =
        14, /* pixels kept free around everything; of a bare figure one: the page has
                               its own */
};

/* An axis in the figure. */
struct modprop_plot_scale {
    bool log;
    double low, high;  /* at the ends; low > high: upside down */
    double start, end; /* their pixels */
    size_t ticks;
    double tick[MODPROP_PLOT_TICKS];
};

/* A series' place in the margin or the legend. */
struct modprop_plot_tag {
    bool shown;
    double x, y;   /* of the text's left end and middle */
    double from_y; /* where the line ends; direct labels only */
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

/* Width of a text in letters of `size` pixels. */
double modprop_plot_layout_text(const char *text, double size);

/* Letters of `size` pixels that fit into a width. */
size_t modprop_plot_layout_letters(double width, double size);

/* Lines that a text takes at that width, in letters of `size` pixels. */
size_t modprop_plot_layout_lines(const char *text, double width, double size);

/* Lines that the caption takes at `width` characters each; *line gets where each begins (may be NULL,
 * else room for `most`), `length` its bytes. */
size_t modprop_plot_layout_wrap(const char *text, size_t width, const char **line, size_t *length,
                                size_t most);

/* "final loss", "time per iteration (ms)". */
void modprop_plot_layout_axis(const struct modprop_plot_axis *axis, char *text, size_t size);

#endif
