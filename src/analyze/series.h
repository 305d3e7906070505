/*
 * series.h - a series of a plot while it is filled. Its arrays live in an arena.
 */
#ifndef MODPROP_ANALYZE_SERIES_H
#define MODPROP_ANALYZE_SERIES_H

#include "analyze/arena.h"
#include "analyze/plot.h"

struct modprop_series {
    size_t count, dots, lost, censored; /* filled */
    double *x, *y, *low, *high, *dot_x, *dot_y, *lost_x, *censored_x, *censored_y;
    size_t *lost_count, *lost_of;
};

/* Room for so many points (and as many lost and censored ones) and dots. The arena tells whether it
 * was refused; then nothing may be added. */
void modprop_series_init(struct modprop_series *series, struct modprop_arena *arena, size_t points,
                         size_t dots);

/* A y that is not finite becomes NaN: a gap. Ends of the interval may be infinite. */
void modprop_series_point(struct modprop_series *series, double x, double y, double low,
                          double high);
void modprop_series_dot(struct modprop_series *series, double x, double y);
void modprop_series_censor(struct modprop_series *series, double x, double y);

/* `count` runs of `of` have no value at x; nothing is added for 0. */
void modprop_series_lose(struct modprop_series *series, double x, size_t count, size_t of);

/* The series as the plot takes it. One of which nothing is to be seen, as its runs are still to come, has
 * no name there. */
struct modprop_plot_series modprop_series_plot(const struct modprop_series *series,
                                               const char *name, enum modprop_plot_kind kind);

#endif
