#include <math.h>
#include <string.h>

#include "analyze/plot_parts.h"
#include "analyze/plot_text.h"

enum { DASHES = 5 }; /* gnuplot's own, of which braille has as many */

/* Letters for markers, by series; those of lines are gnuplot's own. */
static const char letters[] = "oxsdv*#%@abcefg";

static void write_terminal(const struct modprop_plot_pen *pen)
{
    const char *color = pen->canvas->color ? "ansirgb" : "mono";
    fputs("set encoding utf8\n", pen->out);
    if (pen->canvas->format != MODPROP_PLOT_DUMB)
        fprintf(pen->out,
                "if (strstrt(GPVAL_TERMINALS, 'block')) set terminal block %s noenhanced size %g, "
                "%g %s; else ",
                pen->canvas->format == MODPROP_PLOT_BRAILLE ? "braille" : "quadrants",
                pen->canvas->width, pen->canvas->height, color);
    fprintf(pen->out, "set terminal dumb noenhanced size %g, %g %s\n", pen->canvas->width,
            pen->canvas->height, color);
}

static void write_text(const struct modprop_plot_pen *pen, const char *before, const char *text)
{
    fputs(before, pen->out);
    modprop_plot_pen_quote(pen->out, text, strlen(text), false);
}

static void write_ticks(const struct modprop_plot_pen *pen, char letter,
                        const struct modprop_plot_axis *axis,
                        const struct modprop_plot_scale *scale)
{
    fprintf(pen->out, "set %ctics nomirror (", letter);
    for (size_t k = 0; k < axis->names; k++) {
        fputs(k ? ", " : "", pen->out);
        modprop_plot_pen_quote(pen->out, axis->name[k], strlen(axis->name[k]), true);
        fprintf(pen->out, " %zu", k);
    }
    for (size_t k = 0; !axis->names && k < scale->ticks; k++)
        fprintf(pen->out, "%s'%g' %.15g", k ? ", " : "", scale->tick[k], scale->tick[k]);
    fputs(")\n", pen->out);
}

static void write_axes(const struct modprop_plot_pen *pen)
{
    const struct modprop_plot *plot = pen->plot;
    const struct modprop_plot_layout *layout = pen->layout;
    char text[256];
    fprintf(pen->out, "set xrange [%.15g:%.15g]\nset yrange [%.15g:%.15g]\n", layout->x.low,
            layout->x.high, layout->y.low, layout->y.high);
    fputs(layout->x.log ? "set logscale x\n" : "", pen->out);
    fputs(layout->y.log ? "set logscale y\n" : "", pen->out);
    fputs("set border 3\nset key below\nset tmargin 3\n", pen->out);
    write_ticks(pen, 'x', &plot->x, &layout->x);
    write_ticks(pen, 'y', &plot->y, &layout->y);
    modprop_plot_text_axis(&plot->x, text, sizeof text);
    write_text(pen, "set xlabel ", text);
    modprop_plot_text_axis(&plot->y, text, sizeof text);
    write_text(pen, "\nset label 1 ", text);
    fputs(" at graph 0, graph 1 left offset 0,1\n", pen->out);
}

/* x with the digits of the axis' range: a line whose ends are both rounded out of it is not drawn. */
static void write_block(const struct modprop_plot_pen *pen, const char *name, size_t index,
                        size_t count, const double *x, const double *y)
{
    fprintf(pen->out, "$%s%zu << end\n", name, index);
    for (size_t k = 0; k < count; k++) {
        if (isfinite(x[k]) && isfinite(y[k]))
            fprintf(pen->out, "%.15g %.9g\n", x[k], y[k]);
        else
            putc('\n', pen->out);
    }
    fputs("end\n", pen->out);
}

static void write_data(const struct modprop_plot_pen *pen, size_t index)
{
    const struct modprop_plot_series *series = &pen->plot->series[index];
    const double ends[] = {pen->layout->x.low, pen->layout->x.high};
    const double level[] = {series->y[0], series->y[0]};
    if (series->kind == MODPROP_PLOT_LEVEL)
        write_block(pen, "line", index, 2, ends, level);
    else
        write_block(pen, "line", index, series->count, series->x, series->y);
    if (series->dots)
        write_block(pen, "dots", index, series->dots, series->dot_x, series->dot_y);
}

/* The name, with the number of runs that have no value. Rows have theirs on the axis. */
static void write_name(const struct modprop_plot_pen *pen, const struct modprop_plot_series *series)
{
    char text[256];
    size_t lost = 0, of = 0;
    for (size_t k = 0; k < series->lost; k++) {
        lost += series->lost_count[k];
        of += series->lost_of[k];
    }
    snprintf(text, sizeof text, lost ? "%s (%zu of %zu %s)" : "%s", series->name, lost, of,
             pen->plot->lost_word ? pen->plot->lost_word : "diverged");
    if (series->kind == MODPROP_PLOT_ROWS)
        fputs(" notitle", pen->out);
    else
        write_text(pen, " title ", text);
}

/* How many of a row lie beyond an end of the axis, below the row. */
static void write_beyond(const struct modprop_plot_pen *pen,
                         const struct modprop_plot_series *series)
{
    const struct modprop_plot_scale *x = &pen->layout->x;
    char text[64];
    for (size_t k = 0; k < series->lost; k++) {
        const bool right = series->lost_x[k] > 0.5 * (x->low + x->high);
        snprintf(text, sizeof text, right ? "%zu/%zu >" : " < %zu/%zu", series->lost_count[k],
                 series->lost_of[k]);
        write_text(pen, "set label ", text);
        fprintf(pen->out, " at graph %d, first %.9g %s\n", right, series->y[0] + 0.5,
                right ? "right" : "left");
    }
}

/* What is drawn over what. */
enum layer { DOTS, LINES, POINTS };

static bool in_layer(const struct modprop_plot_pen *pen, size_t index, enum layer layer)
{
    const struct modprop_plot_series *series = &pen->plot->series[index];
    const struct modprop_plot_content content = pen->layout->content[index];
    const bool points = series->kind == MODPROP_PLOT_POINTS || series->kind == MODPROP_PLOT_ROWS;
    if (layer == DOTS)
        return content.dots;
    return content.line && points == (layer == POINTS);
}

/* Between a style's two colors: whether the shell is light or dark is not known. */
static unsigned middle(const struct modprop_palette_style *style)
{
    unsigned color = 0;
    for (int shift = 16; shift >= 0; shift -= 8)
        color = color << 8 | ((style->color >> shift & 0xFF) + (style->dark >> shift & 0xFF)) / 2;
    return color;
}

/* Markers as letters, colored where that is wanted. */
static void write_style(const struct modprop_plot_pen *pen, size_t index, enum layer layer)
{
    const struct modprop_plot_series *series = &pen->plot->series[index];
    const struct modprop_palette_style *style = &pen->layout->style[index];
    const bool dots = layer == DOTS, lines = layer == LINES;
    const char *const kind = series->kind == MODPROP_PLOT_STEPS ? "steps" : "lines";
    const char letter = series->kind == MODPROP_PLOT_ROWS ? letters[0]
                                                          : letters[index % (sizeof letters - 1)];
    fprintf(pen->out, "using 1:2 with %s", lines ? kind : "points");
    if (lines) /* without colors, dashes alone tell the lines apart */
        fprintf(pen->out, " dashtype %d",
                (pen->canvas->color ? style->dash : (int)index % DASHES) + 1);
    else
        fprintf(pen->out, " pointtype '%c'", dots ? '.' : letter);
    fputs(" linecolor rgb ", pen->out);
    modprop_plot_pen_color(pen->out, middle(style), 0);
    if (dots)
        fputs(" notitle", pen->out);
    else
        write_name(pen, series);
}

static void write_series(const struct modprop_plot_pen *pen)
{
    write_axes(pen);
    for (size_t k = 0; k < pen->plot->series_count; k++)
        if (pen->plot->series[k].count) /* a block that is not plotted does no harm */
            write_data(pen, k);
    for (size_t k = 0; k < pen->plot->series_count; k++)
        if (pen->plot->series[k].count && pen->plot->series[k].kind == MODPROP_PLOT_ROWS)
            write_beyond(pen, &pen->plot->series[k]);
    bool first = true;
    for (enum layer layer = DOTS; layer <= POINTS; layer++) {
        for (size_t k = 0; k < pen->plot->series_count; k++) {
            if (!in_layer(pen, k, layer))
                continue;
            fprintf(pen->out, "%s$%s%zu ", first ? "plot " : ", \\\n     ",
                    layer == DOTS ? "dots" : "line", k);
            write_style(pen, k, layer);
            first = false;
        }
    }
    fputs(first ? "plot NaN notitle\n" : "\n", pen->out);
}

/* Heat maps: the numbers alone, one panel below the other. */
static void write_heat(const struct modprop_plot_pen *pen)
{
    const struct modprop_plot *plot = pen->plot;
    /* "0.0036 " has room, or "0.004 ". */
    const int digits = pen->canvas->width < 9 * (double)(plot->x.names + 1) ? 1 : 2;
    fprintf(pen->out, "set multiplot layout %zu,1\nunset key\nset border 3\n", plot->panels);
    fprintf(pen->out, "set xrange [-0.7:%g]\nset yrange [-1:%g]\n", (double)plot->x.names - 0.3,
            (double)plot->y.names - 0.5);
    write_ticks(pen, 'x', &plot->x, &pen->layout->x);
    write_ticks(pen, 'y', &plot->y, &pen->layout->y);
    for (size_t panel = 0; panel < plot->panels; panel++) {
        const struct modprop_plot_heat *heat = &plot->panel[panel];
        char title[256];
        fprintf(pen->out, "$text%zu << end\n", panel);
        for (size_t k = 0; k < plot->x.names * plot->y.names; k++) {
            const double value = heat->value[k];
            char text[64];
            if (heat->share)
                snprintf(text, sizeof text, "%.0f%%", 100 * value);
            else
                snprintf(text, sizeof text, "%.*g", digits, value);
            fprintf(pen->out, "%zu %zu %s\n", k % plot->x.names, k / plot->x.names,
                    isfinite(value) ? text : ".");
        }
        snprintf(title, sizeof title, "%s (down: %s, across: %s)", heat->title, plot->y.label,
                 plot->x.label);
        write_text(pen, "end\nset title ", title);
        fprintf(pen->out, "\nplot $text%zu using 1:2:3 with labels\n", panel);
    }
    fputs("unset multiplot\n", pen->out);
}

void modprop_plot_shell_write(const struct modprop_plot_pen *pen)
{
    write_terminal(pen);
    if (pen->plot->panels) {
        write_heat(pen);
        return;
    }
    if (pen->plot->title && !pen->canvas->bare) {
        write_text(pen, "set title ", pen->plot->title);
        fputs(" offset 0,1\n", pen->out);
    }
    write_series(pen);
}
