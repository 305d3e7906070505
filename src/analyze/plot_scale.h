/*
 * plot_scale.h - ranges and ticks of an axis, and numbers as a figure shows them.
 */
#ifndef MODPROP_ANALYZE_PLOT_SCALE_H
#define MODPROP_ANALYZE_PLOT_SCALE_H

#include "analyze/plot.h"

enum {
    MODPROP_PLOT_TICKS = 24, /* at most */
    MODPROP_PLOT_NUMBER = 40 /* bytes of a number's text */
};

/* An axis in the figure. */
struct modprop_plot_scale {
    bool log;
    double low, high;  /* at the ends; low > high: upside down */
    double start, end; /* their pixels */
    size_t ticks;
    double tick[MODPROP_PLOT_TICKS];
};

/* low..high of all that is shown along x or y, not yet widened. A log scale leaves out what is not
 * positive. Nothing there: 0..1, or 0.1..1. `banded`: lines have their bands. */
struct modprop_plot_scale modprop_plot_scale_span(const struct modprop_plot *plot, bool along_y,
                                                  bool banded);

/* Widens by a share of its length at both ends. */
void modprop_plot_scale_widen(struct modprop_plot_scale *scale, double share);

/* Round ticks about `apart` pixels from each other, once start and end are known. */
void modprop_plot_scale_ticks(struct modprop_plot_scale *scale, double apart);

/* Ticks at the points' own x, where their labels have room. false: they have not. */
bool modprop_plot_scale_own_ticks(struct modprop_plot_scale *scale,
                                  const struct modprop_plot *plot);

/* Whether a value can stand there: it is finite, and positive on a log scale. */
bool modprop_plot_scale_shows(const struct modprop_plot_scale *scale, double value);

/* Pixel of a value, and value of a pixel. */
double modprop_plot_scale_pixel(const struct modprop_plot_scale *scale, double value);
double modprop_plot_scale_value(const struct modprop_plot_scale *scale, double pixel);

/* "0.25", "1e-5", with a true minus sign; `digits` significant ones. */
void modprop_plot_scale_number(double value, int digits, char text[MODPROP_PLOT_NUMBER]);

#endif
