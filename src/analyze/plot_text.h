/*
 * plot_text.h - texts in a figure: how wide they are, how many lines they take.
 *
 * Widths are estimates, wide enough for the fonts in use. Lengths are pixels of 1/96 inch.
 */
#ifndef MODPROP_ANALYZE_PLOT_TEXT_H
#define MODPROP_ANALYZE_PLOT_TEXT_H

#include "analyze/plot.h"

enum {
    MODPROP_PLOT_TEXT = 14, /* size of letters, and of those in captions and marks */
    MODPROP_PLOT_SMALL = 12,
    MODPROP_PLOT_LINE = 18,  /* from one line of text to the next */
    MODPROP_PLOT_WRAPPED = 8 /* lines that a text may take */
};

/* Width of a text in letters of `size` pixels. */
double modprop_plot_text_width(const char *text, double size);

/* Letters of `size` pixels that fit into a width. */
size_t modprop_plot_text_letters(double width, double size);

/* Lines that a text takes at that width, in letters of `size` pixels. */
size_t modprop_plot_text_lines(const char *text, double width, double size);

/* Lines that a text takes at `width` characters each; *line gets where each begins (may be NULL, else
 * room for `most`), `length` its bytes. */
size_t modprop_plot_text_wrap(const char *text, size_t width, const char **line, size_t *length,
                              size_t most);

/* "final loss", "time per iteration (ms)". */
void modprop_plot_text_axis(const struct modprop_plot_axis *axis, char *text, size_t size);

#endif
