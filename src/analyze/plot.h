/*
 * plot.h - what a figure shows, as plain data; drawn by gnuplot as SVG, PNG, PDF or in the shell.
 *
 * A plot borrows everything it points to; nothing of it is copied or freed. NaN is "none" in every
 * array: a gap in a line, a point without interval, a cell without runs. Ends of intervals and bands
 * may be infinite: they reach to the edge. All text is UTF-8 and shown
 * as it is: no markup, whatever a parameter's value contains.
 *
 * Series are labelled at the right edge in their own colour, which palette.h gives by name: a rule
 * looks the same in every figure. Bands of more than eight lines are left out, and that is said.
 * Runs without a value (they diverged) stand with their count in a
 * strip above the axes; of rows, what lies beyond an end of the axis stands there.
 *
 * The simplest use: fill a struct modprop_plot, then modprop_plot_save(&plot, "trend.svg", &err).
 */
#ifndef MODPROP_ANALYZE_PLOT_H
#define MODPROP_ANALYZE_PLOT_H

#include <stdio.h>

#include "modprop.h"

enum modprop_plot_kind {
    MODPROP_PLOT_POINTS, /* a marker and its interval (low..high) at each x, joined by a line; dots: runs */
    MODPROP_PLOT_LINES, /* a line and its band (low..high): learning curves */
    MODPROP_PLOT_STEPS, /* the value holds until the next x; band; ticks where runs are censored */
    MODPROP_PLOT_LEVEL, /* no x: y[0] and low[0]..high[0] across the whole width: a baseline */
    MODPROP_PLOT_ROWS /* lying: y[k] is a row (0 at the top), x[k] with low..high along x; dots: runs */
};

struct modprop_plot_axis {
    const char *label; /* "final loss" */
    const char *unit;  /* "ms"; NULL or "1": none is shown */
    bool log;          /* values that are not positive are not shown */
    bool wide;         /* logarithmic if all values are positive and spread over a factor of 50 */
    double low, high;  /* both 0 or NaN: from the data */
    size_t names;      /* 0, or the axis has names at 0, 1, .. names-1 in place of numbers */
    const char *const *name;
};

struct modprop_plot_series {
    const char *name; /* shown unless "", and decides the colour: "modprop", "mu = 0.25" */
    enum modprop_plot_kind kind;
    size_t count;
    const double *x, *y;         /* [count]; x NULL with MODPROP_PLOT_LEVEL, count 1 */
    const double *low, *high;    /* [count], or NULL: no interval */
    size_t dots;                 /* runs, faint */
    const double *dot_x, *dot_y; /* [dots] */
    size_t lost;                 /* places with runs that have no value; of rows: that lie beyond */
    const double
        *lost_x; /* [lost]; NULL with MODPROP_PLOT_LEVEL, lost 1; of rows: low or high of x */
    const size_t *lost_count; /* [lost]; at least 1 */
    const size_t *lost_of;    /* [lost]; of so many runs */
    size_t censored;          /* MODPROP_PLOT_STEPS: ticks on the line */
    const double *censored_x, *censored_y;
};

/* A heat map: one colour, the stronger the larger the value, which stands in its cell. */
struct modprop_plot_heat {
    const char *title; /* "share of runs that diverged" */
    const double
        *value;       /* [y.names][x.names], row 0 at the bottom; NaN: no runs; may be infinite */
    double low, high; /* of the colour; both 0 or NaN: from the data */
    bool log;         /* of the colour */
    bool share;       /* shown as per cent, colour 0 to 1 */
};

enum {
    MODPROP_PLOT_PANELS = 4,
    MODPROP_PLOT_MOST = 100, /* series, rows, or names of a heat map's axis in one figure */
    MODPROP_PLOT_DOTS = 4000 /* more are left out, which is said */
};

struct modprop_plot {
    const char *title;
    const char *caption; /* below: what is shown, and the number of runs; may be long, is wrapped */
    struct modprop_plot_axis x, y;
    size_t series_count;
    const struct modprop_plot_series *series;
    const char *lost_word; /* heads the strip above; NULL: "diverged" */
    const char
        *mark_label; /* a reference line with its label, at mark on the y axis (ROWS: x axis) */
    double mark;     /* shown only if mark_label is not NULL */
    size_t panels;   /* 0, or heat maps over the same two axes of names; then no series */
    struct modprop_plot_heat panel[MODPROP_PLOT_PANELS];
};

enum modprop_plot_format {
    MODPROP_PLOT_SVG,
    MODPROP_PLOT_PNG,
    MODPROP_PLOT_PDF,
    MODPROP_PLOT_DUMB,    /* letters, in any shell */
    MODPROP_PLOT_BRAILLE, /* gnuplot 6: terminal block braille; else letters */
    MODPROP_PLOT_BLOCK,   /* gnuplot 6: terminal block quadrants; else letters */
    MODPROP_PLOT_FORMATS
};

/* "svg", "png", "pdf", "dumb", "braille", "block". */
const char *modprop_plot_format_name(enum modprop_plot_format format);

struct modprop_plot_canvas {
    enum modprop_plot_format format;
    double width, height; /* pixels of 1/96 inch, or characters; 0: as suits the format. A legend
                             below, where names are too long for the right edge, adds to the height */
    bool color;           /* shell only: escape sequences */
    bool bare;            /* without title and caption, because the page has them */
};

/* The text gnuplot is given; the caller frees *script with free(). MODPROP_INVALID: too much for one
 * figure (MODPROP_PLOT_MOST); MODPROP_NO_MEMORY. */
enum modprop_status modprop_plot_script(const struct modprop_plot *plot,
                                        const struct modprop_plot_canvas *canvas, char **script,
                                        struct modprop_error *err);

/* Draws into memory; the caller frees *image with free(). A zero follows the last byte. The same plot
 * gives the same bytes. MODPROP_INVALID as above; MODPROP_IO: gnuplot is missing
 * (modprop_gnuplot_found), or failed (its own words are in err). */
enum modprop_status modprop_plot_draw(const struct modprop_plot *plot,
                                      const struct modprop_plot_canvas *canvas, char **image,
                                      size_t *bytes, struct modprop_error *err);

/* Draws into a file; its ending (.svg .png .pdf) is the format. The file is written beside its place
 * and renamed: never half a file. MODPROP_INVALID: another ending; MODPROP_IO. */
enum modprop_status modprop_plot_save(const struct modprop_plot *plot, const char *path,
                                      struct modprop_error *err);

/* Draws in the shell: canvas->format is one of the last three, width 0 is 80 characters. */
enum modprop_status modprop_plot_print(FILE *out, const struct modprop_plot *plot,
                                       const struct modprop_plot_canvas *canvas,
                                       struct modprop_error *err);

#endif
