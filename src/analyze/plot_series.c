#include <math.h>
#include <string.h>

#include "analyze/plot_parts.h"

static const double BAND_ALPHA = 0.84, LEVEL_ALPHA = 0.88, DOT_ALPHA = 0.50;
enum { DOT_SHIFT = 4 }; /* pixels that a run's dot stands beside the interval */

static unsigned part(enum modprop_palette_part which)
{
    return modprop_palette_part(which).color;
}

/* x of a value, `shift` pixels to its right. */
static double shifted(const struct modprop_plot_pen *pen, double x, double shift)
{
    const struct modprop_plot_scale *scale = &pen->layout->x;
    return shift == 0 ? x
                      : modprop_plot_scale_value(scale, modprop_plot_scale_pixel(scale, x) + shift);
}

/* An interval's end: on the axis where it is infinite, or not positive on a logarithmic one. */
static double clamped(const struct modprop_plot_scale *scale, double value)
{
    const double low = fmin(scale->low, scale->high), high = fmax(scale->low, scale->high);
    if (isinf(value))
        return value > 0 ? high : low;
    return scale->log && !(value > low) ? low : value;
}

/* One row of a line: x y low high; a gap is an empty row. x as the range of the axis is written: a line whose ends are
 * both rounded out of it is not drawn. */
static void write_row(const struct modprop_plot_pen *pen, const struct modprop_plot_series *series,
                      size_t at, double x)
{
    const struct modprop_plot_scale *scale = &pen->layout->y;
    const double y = series->y[at];
    const bool band = series->low && series->high && !isnan(series->low[at]) &&
                      !isnan(series->high[at]);
    if (!modprop_plot_scale_shows(&pen->layout->x, x) || !modprop_plot_scale_shows(scale, y)) {
        putc('\n', pen->out);
        return;
    }
    fprintf(pen->out, "%.15g %.9g %.9g %.9g\n", x, y, clamped(scale, band ? series->low[at] : y),
            clamped(scale, band ? series->high[at] : y));
}

/* $line of a series, in data coordinates. Of steps every corner, so that bands have them as well. */
static void write_line(const struct modprop_plot_pen *pen, size_t index)
{
    const struct modprop_plot_series *series = &pen->plot->series[index];
    const struct modprop_plot_scale *x = &pen->layout->x;
    fprintf(pen->out, "$line%zu << end\n", index);
    if (series->kind == MODPROP_PLOT_LEVEL) {
        write_row(pen, series, 0, x->low);
        write_row(pen, series, 0, x->high);
    }
    for (size_t k = 0; series->kind != MODPROP_PLOT_LEVEL && k < series->count; k++) {
        if (series->kind == MODPROP_PLOT_STEPS && k > 0)
            write_row(pen, series, k - 1, series->x[k]);
        write_row(pen, series, k, shifted(pen, series->x[k], pen->layout->dodge[index]));
    }
    fputs("end\n", pen->out);
}

/* $span of a series: where its intervals begin, and how far they go. */
static void write_spans(const struct modprop_plot_pen *pen, size_t index)
{
    const struct modprop_plot_series *series = &pen->plot->series[index];
    const bool rows = series->kind == MODPROP_PLOT_ROWS;
    const struct modprop_plot_scale *scale = rows ? &pen->layout->x : &pen->layout->y;
    fprintf(pen->out, "$span%zu << end\n", index);
    for (size_t k = 0; series->low && series->high && k < series->count; k++) {
        if (isnan(series->low[k]) || isnan(series->high[k]) ||
            (scale->log && !(series->high[k] > 0)))
            continue;
        const double low = clamped(scale, series->low[k]);
        const double length = clamped(scale, series->high[k]) - low;
        if (rows)
            fprintf(pen->out, "%.9g %.9g %.9g 0\n", low, series->y[k], length);
        else
            fprintf(pen->out, "%.9g %.9g 0 %.9g\n",
                    shifted(pen, series->x[k], pen->layout->dodge[index]), low, length);
    }
    fputs("end\n", pen->out);
}

static void write_dots(const struct modprop_plot_pen *pen, size_t index)
{
    const struct modprop_plot_series *series = &pen->plot->series[index];
    const bool points = series->kind == MODPROP_PLOT_POINTS;
    const double shift = points ? pen->layout->dodge[index] + DOT_SHIFT : 0;
    const double row = fabs(modprop_plot_scale_pixel(&pen->layout->y, 1) -
                            modprop_plot_scale_pixel(&pen->layout->y, 0));
    const double below = series->kind == MODPROP_PLOT_ROWS ? MODPROP_PLOT_ROW_DOTS / row : 0;
    fprintf(pen->out, "$dots%zu << end\n", index);
    for (size_t k = 0; k < series->dots; k++)
        if (modprop_plot_scale_shows(&pen->layout->x, series->dot_x[k]) &&
            modprop_plot_scale_shows(&pen->layout->y, series->dot_y[k]))
            fprintf(pen->out, "%.9g %.9g\n", shifted(pen, series->dot_x[k], shift),
                    series->dot_y[k] + below);
    fputs("end\n", pen->out);
}

static void write_ticks_of_censored(const struct modprop_plot_pen *pen, size_t index)
{
    const struct modprop_plot_series *series = &pen->plot->series[index];
    fprintf(pen->out, "$censored%zu << end\n", index);
    for (size_t k = 0; k < series->censored; k++)
        fprintf(pen->out, "%.9g %.9g\n", series->censored_x[k], series->censored_y[k]);
    fputs("end\n", pen->out);
}

static void write_data(const struct modprop_plot_pen *pen)
{
    for (size_t k = 0; k < pen->plot->series_count; k++) {
        const struct modprop_plot_series *series = &pen->plot->series[k];
        const struct modprop_plot_content content = pen->layout->content[k];
        if (content.line)
            write_line(pen, k);
        if (content.interval && modprop_plot_layout_has_points(series))
            write_spans(pen, k);
        if (content.dots)
            write_dots(pen, k);
        if (series->censored)
            write_ticks_of_censored(pen, k);
    }
}

/* ------------------------------------------------------------------ what is plotted */

/* gnuplot's SVG draws points larger. */
static double point_size(const struct modprop_plot_pen *pen, double size)
{
    return pen->canvas->format == MODPROP_PLOT_SVG ? 0.8 * size : size;
}

/* Begins the next element of the plot command. */
static void next(const struct modprop_plot_pen *pen, bool *first, const char *block, size_t index)
{
    fprintf(pen->out, "%s$%s%zu ", *first ? "plot " : ", \\\n     ", block, index);
    *first = false;
}

/* Baselines keep theirs. */
static bool is_banded(const struct modprop_plot_pen *pen, const struct modprop_plot_series *series)
{
    return pen->layout->banded || series->kind == MODPROP_PLOT_LEVEL;
}

static void plot_band(const struct modprop_plot_pen *pen, size_t index, bool *first)
{
    const struct modprop_plot_series *series = &pen->plot->series[index];
    if (modprop_plot_layout_has_points(series) || !pen->layout->content[index].interval ||
        !is_banded(pen, series))
        return;
    next(pen, first, "line", index);
    fputs("using 1:3:4 with filledcurves fillstyle solid noborder linecolor rgb ", pen->out);
    modprop_plot_pen_color(pen->out, pen->layout->style[index].color,
                           series->kind == MODPROP_PLOT_LEVEL ? LEVEL_ALPHA : BAND_ALPHA);
}

static void plot_line(const struct modprop_plot_pen *pen, size_t index, bool *first)
{
    const struct modprop_plot_series *series = &pen->plot->series[index];
    const struct modprop_palette_style *style = &pen->layout->style[index];
    if (!pen->layout->content[index].line || series->kind == MODPROP_PLOT_ROWS ||
        (series->kind == MODPROP_PLOT_POINTS && pen->plot->x.names))
        return;
    next(pen, first, "line", index);
    fprintf(pen->out, "using 1:2 with lines linewidth %g dashtype %s linecolor rgb ",
            series->kind == MODPROP_PLOT_POINTS ? 1.5 : 2.2, modprop_plot_pen_dash[style->dash]);
    modprop_plot_pen_color(pen->out, style->color, 0);
}

static void plot_dots(const struct modprop_plot_pen *pen, size_t index, bool *first)
{
    if (!pen->layout->content[index].dots)
        return;
    next(pen, first, "dots", index);
    fprintf(pen->out, "using 1:2 with points pointtype 7 pointsize %g linecolor rgb ",
            point_size(pen, 0.45));
    modprop_plot_pen_color(pen->out, pen->layout->style[index].color, DOT_ALPHA);
}

/* Intervals, and markers on a rim of paper that sets them off from what is below. */
static void plot_points(const struct modprop_plot_pen *pen, size_t index, bool *first)
{
    const struct modprop_plot_series *series = &pen->plot->series[index];
    const struct modprop_palette_style *style = &pen->layout->style[index];
    if (!modprop_plot_layout_has_points(series) || !pen->layout->content[index].line)
        return;
    if (pen->layout->content[index].interval) {
        next(pen, first, "span", index);
        fputs("using 1:2:3:4 with vectors nohead linewidth 2.4 linecolor rgb ", pen->out);
        modprop_plot_pen_color(pen->out, style->color, 0);
    }
    for (int rim = 1; rim >= 0; rim--) {
        next(pen, first, "line", index);
        fprintf(pen->out, "using 1:2 with points pointtype %d pointsize %g linecolor rgb ",
                style->marker, point_size(pen, rim ? 1.15 : 0.85));
        modprop_plot_pen_color(pen->out, rim ? part(MODPROP_PALETTE_PAPER) : style->color, 0);
    }
}

static void plot_censored(const struct modprop_plot_pen *pen, size_t index, bool *first)
{
    if (!pen->plot->series[index].censored)
        return;
    next(pen, first, "censored", index);
    fputs("using 1:2 with points pointtype 1 pointsize 0.9 linewidth 1.6 linecolor rgb ", pen->out);
    modprop_plot_pen_color(pen->out, pen->layout->style[index].color, 0);
}

void modprop_plot_series_write(const struct modprop_plot_pen *pen)
{
    const size_t count = pen->plot->series_count;
    bool first = true;
    modprop_plot_pen_frame(pen);
    modprop_plot_axes_write(pen);
    write_data(pen);
    for (size_t k = 0; k < count; k++)
        plot_band(pen, k, &first);
    for (size_t k = 0; k < count; k++)
        plot_dots(pen, k, &first);
    for (size_t k = 0; k < count; k++)
        plot_line(pen, k, &first);
    for (size_t k = 0; k < count; k++)
        plot_points(pen, k, &first);
    for (size_t k = 0; k < count; k++)
        plot_censored(pen, k, &first);
    /* Axes alone, where there is nothing to show. */
    fputs(first ? "plot NaN notitle\n" : "\n", pen->out);
}
