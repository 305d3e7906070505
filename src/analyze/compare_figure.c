#include "analyze/compare_figure.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/series.h"
#include "engine/error.h"

static enum modprop_status no_memory(struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the figure");
}

static int by_size(const void *a, const void *b)
{
    const double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

/* The nearest value from low to high; NaN stays. */
static double clamped(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* Ends of the axis from the finite values, sorted by size; `all`: with infinite ones. Both 0: all lie
 * near enough. */
static void set_range(struct modprop_plot_axis *axis, const double *value, size_t count, size_t all)
{
    const double margin = 0.05;
    axis->low = axis->high = 0;
    if (all == 0)
        return;
    const double largest = count ? fabs(value[count - 1]) : 1;
    const double within = count ? 3 * fabs(value[(count - 1) * 9 / 10]) : 0;
    const double most = within > 0 ? within : largest;
    if (count == all && largest <= most)
        return;
    for (size_t k = 0; k < count; k++) {
        axis->low = fmin(axis->low, fmax(value[k], -most));
        axis->high = fmax(axis->high, fmin(value[k], most));
    }
    const double more = margin * (axis->high > axis->low ? axis->high - axis->low : 1);
    axis->low -= more;
    axis->high += more;
}

static enum modprop_status find_range(struct modprop_plot_axis *axis, size_t rows,
                                      const struct modprop_compare_row *row,
                                      struct modprop_error *err)
{
    size_t all = 0, count = 0;
    for (size_t k = 0; k < rows; k++)
        all += row[k].pairs;
    double *value = calloc(all + 1, sizeof *value);
    if (!value)
        return no_memory(err);
    for (size_t k = 0; k < rows; k++)
        for (size_t d = 0; d < row[k].pairs; d++)
            if (isfinite(row[k].difference[d]))
                value[count++] = row[k].difference[d];
    qsort(value, count, sizeof *value, by_size);
    set_range(axis, value, count, all);
    free(value);
    return MODPROP_OK;
}

/* A lying row: the interval is along x. */
static void add_row(struct modprop_series *series, const struct modprop_compare_row *row, size_t at,
                    const struct modprop_plot_axis *axis)
{
    const bool ends = axis->low < axis->high;
    const double low = ends ? axis->low : -INFINITY, high = ends ? axis->high : INFINITY;
    const double inset = ends ? 0.01 * (high - low) : 0; /* the marker stays in sight */
    size_t below = 0, above = 0;
    modprop_series_point(series, clamped(row->median, low + inset, high - inset), (double)at,
                         clamped(row->interval.low, low, high),
                         clamped(row->interval.high, low, high));
    for (size_t d = 0; d < row->pairs; d++) {
        below += row->difference[d] < low;
        above += row->difference[d] > high;
        if (row->difference[d] >= low && row->difference[d] <= high)
            modprop_series_dot(series, row->difference[d], (double)at);
    }
    modprop_series_lose(series, low, below, row->pairs);
    modprop_series_lose(series, high, above, row->pairs);
}

enum modprop_status modprop_compare_figure(struct modprop_plot *plot, struct modprop_arena *arena,
                                           size_t rows, const struct modprop_compare_row *row,
                                           struct modprop_error *err)
{
    const char **name = modprop_arena_get(arena, rows, sizeof *name);
    struct modprop_plot_series *plotted = modprop_arena_get(arena, rows, sizeof *plotted);
    *plot = (struct modprop_plot){
        .y = {.names = rows, .name = name}, .series_count = rows, .series = plotted};
    const enum modprop_status status = find_range(&plot->x, rows, row, err);
    if (status != MODPROP_OK)
        return status;
    for (size_t k = 0; k < rows; k++) {
        struct modprop_series series;
        modprop_series_init(&series, arena, 2, row[k].pairs); /* room for both ends */
        if (arena->refused)
            return no_memory(err);
        add_row(&series, &row[k], k, &plot->x);
        name[k] = row[k].name;
        /* A series for each rule, so that it has its colour. */
        plotted[k] = modprop_series_plot(&series, name[k], MODPROP_PLOT_ROWS);
    }
    return MODPROP_OK;
}
