#include <math.h>
#include <string.h>

#include "analyze/plot_parts.h"
#include "analyze/plot_text.h"

static unsigned part(enum modprop_palette_part which)
{
    return modprop_palette_part(which).color;
}

/* A tick's name or number, at its pixel: terminals would each put it elsewhere. */
static void write_tick_text(const struct modprop_plot_pen *pen, bool along_y, size_t at)
{
    const struct modprop_plot_layout *layout = pen->layout;
    const struct modprop_plot_axis *axis = along_y ? &pen->plot->y : &pen->plot->x;
    const struct modprop_plot_scale *scale = along_y ? &layout->y : &layout->x;
    char number[MODPROP_PLOT_NUMBER];
    if (!axis->names)
        modprop_plot_scale_number(scale->tick[at], 6, number);
    const char *text = axis->names ? axis->name[at] : number;
    const double pixel = modprop_plot_scale_pixel(scale,
                                                  axis->names ? (double)at : scale->tick[at]);
    const unsigned ink = part(MODPROP_PALETTE_INK);
    if (!along_y) {
        modprop_plot_pen_label(pen, text, strlen(text), pixel, layout->y.start + 17,
                               MODPROP_PLOT_CENTER, MODPROP_PLOT_TEXT, ink);
    } else if (!layout->above) {
        modprop_plot_pen_label(pen, text, strlen(text), layout->x.start - 9, pixel,
                               MODPROP_PLOT_RIGHT, MODPROP_PLOT_TEXT, ink);
    } else {
        const double width = layout->width - MODPROP_PLOT_INDENT;
        const size_t lines = modprop_plot_text_lines(text, width, MODPROP_PLOT_SMALL);
        modprop_plot_pen_lines(pen, text, width, layout->x.start + 6,
                               pixel + 3 - MODPROP_PLOT_LINE * (double)lines, MODPROP_PLOT_SMALL,
                               ink);
    }
}

static void write_ticks(const struct modprop_plot_pen *pen, bool along_y)
{
    const struct modprop_plot_axis *axis = along_y ? &pen->plot->y : &pen->plot->x;
    const struct modprop_plot_scale *scale = along_y ? &pen->layout->y : &pen->layout->x;
    const size_t count = axis->names ? axis->names : scale->ticks;
    fprintf(pen->out, "set %ctics scale 0.5 nomirror out (", along_y ? 'y' : 'x');
    for (size_t k = 0; k < count; k++)
        fprintf(pen->out, "%s'' %.15g", k ? ", " : "", axis->names ? (double)k : scale->tick[k]);
    fputs(")\n", pen->out);
    for (size_t k = 0; k < count; k++)
        write_tick_text(pen, along_y, k);
}

static void write_axes(const struct modprop_plot_pen *pen)
{
    const struct modprop_plot_layout *layout = pen->layout;
    const struct modprop_plot_scale *x = &layout->x, *y = &layout->y;
    char text[256];
    fprintf(pen->out, "set lmargin at screen %.6g\nset rmargin at screen %.6g\n",
            modprop_plot_pen_across(pen, x->start), modprop_plot_pen_across(pen, x->end));
    fprintf(pen->out, "set tmargin at screen %.6g\nset bmargin at screen %.6g\n",
            modprop_plot_pen_down(pen, y->end), modprop_plot_pen_down(pen, y->start));
    fprintf(pen->out, "set xrange [%.15g:%.15g]\nset yrange [%.15g:%.15g]\n", x->low, x->high,
            y->low, y->high);
    if (x->log)
        fputs("set logscale x\n", pen->out);
    if (y->log)
        fputs("set logscale y\n", pen->out);
    fputs("unset key\nset border 3 linewidth 1 linecolor rgb ", pen->out);
    modprop_plot_pen_color(pen->out, part(MODPROP_PALETTE_MUTED), 0);
    putc('\n', pen->out);
    write_ticks(pen, false);
    write_ticks(pen, true);
    const bool lying = pen->plot->y.names;
    fprintf(pen->out, "set grid %s back linetype 1 linewidth 1 linecolor rgb ",
            lying ? "xtics noytics" : "noxtics ytics");
    modprop_plot_pen_color(pen->out, part(MODPROP_PALETTE_GRID), 0);
    putc('\n', pen->out);

    modprop_plot_text_axis(&pen->plot->x, text, sizeof text);
    modprop_plot_pen_label(pen, text, strlen(text), 0.5 * (x->start + x->end),
                           y->start + 2 * MODPROP_PLOT_LINE + 3, MODPROP_PLOT_CENTER,
                           MODPROP_PLOT_TEXT, part(MODPROP_PALETTE_INK));
    modprop_plot_text_axis(&pen->plot->y, text, sizeof text);
    modprop_plot_pen_label(pen, text, strlen(text), layout->caption_left,
                           y->end - layout->strip * (double)layout->strip_rows - 20,
                           MODPROP_PLOT_LEFT, MODPROP_PLOT_TEXT, part(MODPROP_PALETTE_INK));
}

/* ------------------------------------------------------------------ the strip above, and labels */

/* Whether "2/5" has room above each x, rather than "2". */
static bool strip_is_wide(const struct modprop_plot_pen *pen)
{
    for (size_t k = 0; k < pen->plot->series_count; k++) {
        const struct modprop_plot_series *series = &pen->plot->series[k];
        for (size_t p = 1; series->kind != MODPROP_PLOT_LEVEL && p < series->lost; p++)
            if (fabs(modprop_plot_scale_pixel(&pen->layout->x, series->lost_x[p]) -
                     modprop_plot_scale_pixel(&pen->layout->x, series->lost_x[p - 1])) <
                modprop_plot_text_width("^2/10 ", MODPROP_PLOT_SMALL))
                return false;
    }
    return true;
}

/* "2/5" where two of five runs have no value, in the series' color above its x. */
static void write_strip_row(const struct modprop_plot_pen *pen, size_t index, bool wide)
{
    const struct modprop_plot_layout *layout = pen->layout;
    const struct modprop_plot_series *series = &pen->plot->series[index];
    const bool level = series->kind == MODPROP_PLOT_LEVEL;
    const double y = layout->y.end -
                     layout->strip *
                         ((double)(layout->strip_rows - layout->strip_row[index]) - 0.5) -
                     2;
    char text[64];
    for (size_t k = 0; k < series->lost; k++) {
        double x = layout->x.end - 4;
        if (!level && !modprop_plot_scale_shows(&layout->x, series->lost_x[k]))
            continue;
        if (!level)
            x = modprop_plot_scale_pixel(&layout->x, series->lost_x[k]) + layout->dodge[index];
        snprintf(text, sizeof text, wide ? "\xE2\x96\xB2%zu/%zu" : "%zu", series->lost_count[k],
                 series->lost_of[k]);
        const double half = 0.5 * modprop_plot_text_width(text, MODPROP_PLOT_SMALL);
        if (!level)
            x = fmin(x, layout->x.end - half + 2);
        modprop_plot_pen_label(pen, text, strlen(text), x, y,
                               level ? MODPROP_PLOT_RIGHT : MODPROP_PLOT_CENTER, MODPROP_PLOT_SMALL,
                               layout->style[index].color);
    }
}

static void write_strip(const struct modprop_plot_pen *pen)
{
    const struct modprop_plot_layout *layout = pen->layout;
    const char *word = pen->plot->lost_word ? pen->plot->lost_word : "diverged";
    if (!layout->strip_rows)
        return;
    const double top = layout->y.end - layout->strip * (double)layout->strip_rows - 3;
    fprintf(pen->out,
            "set object rectangle from screen %.6g, screen %.6g to screen %.6g, screen "
            "%.6g behind fillstyle solid noborder fillcolor rgb ",
            modprop_plot_pen_across(pen, layout->x.start), modprop_plot_pen_down(pen, top),
            modprop_plot_pen_across(pen, layout->x.end),
            modprop_plot_pen_down(pen, layout->y.end - 3));
    modprop_plot_pen_color(pen->out, part(MODPROP_PALETTE_GRID), 0.5);
    putc('\n', pen->out);
    const bool wide = strip_is_wide(pen);
    for (size_t k = 0; k < pen->plot->series_count; k++)
        if (pen->plot->series[k].lost)
            write_strip_row(pen, k, wide);
    const double middle = 0.5 * (top + layout->y.end) - 1;
    if (modprop_plot_text_width(word, MODPROP_PLOT_SMALL) < layout->width - layout->x.end - 12)
        modprop_plot_pen_label(pen, word, strlen(word), layout->x.end + 8, middle,
                               MODPROP_PLOT_LEFT, MODPROP_PLOT_SMALL, part(MODPROP_PALETTE_MUTED));
    else
        modprop_plot_pen_label(pen, word, strlen(word), layout->x.end, top - 9, MODPROP_PLOT_RIGHT,
                               MODPROP_PLOT_SMALL, part(MODPROP_PALETTE_MUTED));
}

/* "2/5" and a triangle at an end of a row's dots, where two of five lie beyond. */
static void write_beyond(const struct modprop_plot_pen *pen, size_t index)
{
    const struct modprop_plot_scale *x = &pen->layout->x, *y = &pen->layout->y;
    const struct modprop_plot_series *series = &pen->plot->series[index];
    char text[64];
    for (size_t k = 0; k < series->lost && series->count; k++) {
        const bool right = series->lost_x[k] > 0.5 * (x->low + x->high);
        snprintf(text, sizeof text, right ? "%zu/%zu\xE2\x96\xB6" : "\xE2\x97\x80%zu/%zu",
                 series->lost_count[k], series->lost_of[k]);
        modprop_plot_pen_label(pen, text, strlen(text), right ? x->end - 2 : x->start + 2,
                               modprop_plot_scale_pixel(y, series->y[0]) + MODPROP_PLOT_ROW_DOTS,
                               right ? MODPROP_PLOT_RIGHT : MODPROP_PLOT_LEFT, MODPROP_PLOT_SMALL,
                               pen->layout->style[index].color);
    }
}

/* A line between two pixels. */
static void write_stroke(const struct modprop_plot_pen *pen, double x, double y, double to_x,
                         double to_y, double width, int dash, unsigned color)
{
    fprintf(pen->out,
            "set arrow from screen %.6g, screen %.6g to screen %.6g, screen %.6g nohead linewidth "
            "%g dashtype %s linecolor rgb ",
            modprop_plot_pen_across(pen, x), modprop_plot_pen_down(pen, y),
            modprop_plot_pen_across(pen, to_x), modprop_plot_pen_down(pen, to_y), width,
            modprop_plot_pen_dash[dash]);
    modprop_plot_pen_color(pen->out, color, 0);
    putc('\n', pen->out);
}

/* Direct: the name at the right end, tied to its line where it had to move. Legend: a line, a name. */
static void write_tag(const struct modprop_plot_pen *pen, size_t index)
{
    const struct modprop_plot_layout *layout = pen->layout;
    const struct modprop_plot_tag *tag = &layout->tag[index];
    const struct modprop_palette_style *style = &layout->style[index];
    const struct modprop_plot_series *series = &pen->plot->series[index];
    if (!tag->shown)
        return;
    if (layout->direct && tag->tied && fabs(tag->y - tag->from_y) > 3)
        write_stroke(pen, layout->x.end + 1, tag->from_y, tag->x - 2, tag->y, 1, 0, style->color);
    if (!layout->direct) {
        write_stroke(pen, tag->x - 30, tag->y, tag->x - 6, tag->y, 2, style->dash, style->color);
        if (modprop_plot_layout_has_points(series)) {
            fprintf(pen->out,
                    "set label '' at screen %.6g, screen %.6g point pointtype %d "
                    "pointsize 0.7 linecolor rgb ",
                    modprop_plot_pen_across(pen, tag->x - 18), modprop_plot_pen_down(pen, tag->y),
                    style->marker);
            modprop_plot_pen_color(pen->out, style->color, 0);
            putc('\n', pen->out);
        }
    }
    modprop_plot_pen_lines(pen, series->name,
                           layout->direct ? layout->width
                                          : layout->width - layout->caption_left - tag->x,
                           tag->x, tag->y, layout->direct ? MODPROP_PLOT_TEXT : MODPROP_PLOT_SMALL,
                           layout->direct ? style->color : part(MODPROP_PALETTE_INK));
}

static void write_mark(const struct modprop_plot_pen *pen)
{
    const struct modprop_plot_layout *layout = pen->layout;
    const struct modprop_plot *plot = pen->plot;
    const bool rows = plot->series_count && plot->series[0].kind == MODPROP_PLOT_ROWS;
    const struct modprop_plot_scale *scale = rows ? &layout->x : &layout->y;
    const unsigned color = part(MODPROP_PALETTE_MUTED);
    if (!plot->mark_label || !modprop_plot_scale_shows(scale, plot->mark))
        return;
    const double at = modprop_plot_scale_pixel(scale, plot->mark);
    if (at < fmin(scale->start, scale->end) || at > fmax(scale->start, scale->end))
        return;
    if (rows)
        write_stroke(pen, at, layout->y.start, at, layout->y.end, 1.2, 1, color);
    else
        write_stroke(pen, layout->x.start, at, layout->x.end, at, 1.2, 1, color);
    /* Above rows it may not leave the figure. */
    const double half = 0.5 * modprop_plot_text_width(plot->mark_label, MODPROP_PLOT_SMALL) +
                        layout->caption_left;
    const double middle = fmax(half, fmin(layout->width - half, at));
    modprop_plot_pen_label(pen, plot->mark_label, strlen(plot->mark_label),
                           rows ? middle : layout->x.start + 6, rows ? layout->y.end - 10 : at - 9,
                           rows ? MODPROP_PLOT_CENTER : MODPROP_PLOT_LEFT, MODPROP_PLOT_SMALL,
                           color);
}

/* That dots or bands are missing; no figure has both. */
static void write_left_out(const struct modprop_plot_pen *pen)
{
    static const char text[] = "too many lines for their bands";
    static const char dotless[] = "too many runs for dots";
    const struct modprop_plot_layout *layout = pen->layout;
    if (!layout->dotted)
        modprop_plot_pen_label(pen, dotless, strlen(dotless), layout->x.end - 4, layout->y.end + 9,
                               MODPROP_PLOT_RIGHT, MODPROP_PLOT_SMALL, part(MODPROP_PALETTE_MUTED));
    for (size_t k = 0; k < pen->plot->series_count; k++) {
        const struct modprop_plot_series *series = &pen->plot->series[k];
        if (layout->banded || !layout->content[k].interval ||
            modprop_plot_layout_has_points(series) || series->kind == MODPROP_PLOT_LEVEL)
            continue;
        modprop_plot_pen_label(pen, text, strlen(text), layout->x.end - 4, layout->y.end + 9,
                               MODPROP_PLOT_RIGHT, MODPROP_PLOT_SMALL, part(MODPROP_PALETTE_MUTED));
        return;
    }
}

void modprop_plot_axes_write(const struct modprop_plot_pen *pen)
{
    write_axes(pen);
    write_strip(pen);
    write_mark(pen);
    write_left_out(pen);
    for (size_t k = 0; k < pen->plot->series_count; k++) {
        write_tag(pen, k);
        if (pen->plot->series[k].kind == MODPROP_PLOT_ROWS)
            write_beyond(pen, k);
    }
}
