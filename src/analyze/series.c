#include "analyze/series.h"

#include <math.h>

void modprop_series_init(struct modprop_series *series, struct modprop_arena *arena, size_t points,
                         size_t dots)
{
    *series = (struct modprop_series){0};
    double **const by_point[] = {&series->x,         &series->y,      &series->low,
                                 &series->high,      &series->lost_x, &series->censored_x,
                                 &series->censored_y};
    for (size_t k = 0; k < sizeof by_point / sizeof *by_point; k++)
        *by_point[k] = modprop_arena_get(arena, points, sizeof(double));
    series->dot_x = modprop_arena_get(arena, dots, sizeof(double));
    series->dot_y = modprop_arena_get(arena, dots, sizeof(double));
    series->lost_count = modprop_arena_get(arena, points, sizeof(size_t));
    series->lost_of = modprop_arena_get(arena, points, sizeof(size_t));
}

static double if_finite(double value)
{
    return isfinite(value) ? value : NAN;
}

void modprop_series_point(struct modprop_series *series, double x, double y, double low,
                          double high)
{
    const size_t k = series->count++;
    series->x[k] = x;
    series->y[k] = if_finite(y);
    series->low[k] = low;
    series->high[k] = high;
}

void modprop_series_dot(struct modprop_series *series, double x, double y)
{
    series->dot_x[series->dots] = x;
    series->dot_y[series->dots++] = y;
}

void modprop_series_censor(struct modprop_series *series, double x, double y)
{
    series->censored_x[series->censored] = x;
    series->censored_y[series->censored++] = y;
}

void modprop_series_lose(struct modprop_series *series, double x, size_t count, size_t of)
{
    if (!count)
        return;
    series->lost_x[series->lost] = x;
    series->lost_count[series->lost] = count;
    series->lost_of[series->lost++] = of;
}

static bool is_empty(const struct modprop_series *series)
{
    for (size_t k = 0; k < series->count; k++)
        if (!isnan(series->y[k]))
            return false;
    return series->dots == 0 && series->lost == 0;
}

struct modprop_plot_series modprop_series_plot(const struct modprop_series *series,
                                               const char *name, enum modprop_plot_kind kind)
{
    const bool level = kind == MODPROP_PLOT_LEVEL;
    return (struct modprop_plot_series){.name = is_empty(series) ? "" : name,
                                        .kind = kind,
                                        .count = series->count,
                                        .x = level ? NULL : series->x,
                                        .y = series->y,
                                        .low = series->low,
                                        .high = series->high,
                                        .dots = level ? 0 : series->dots,
                                        .dot_x = series->dot_x,
                                        .dot_y = series->dot_y,
                                        .lost = series->lost,
                                        .lost_x = level ? NULL : series->lost_x,
                                        .lost_count = series->lost_count,
                                        .lost_of = series->lost_of,
                                        .censored = series->censored,
                                        .censored_x = series->censored_x,
                                        .censored_y = series->censored_y};
}
