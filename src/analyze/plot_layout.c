#include "analyze/plot_layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/plot_text.h"
#include "engine/error.h"

enum {
    TICK_GAP = 10,  /* between axis and tick labels */
    STRIP_ROW = 18, /* of the strip for runs without a value */
    TITLE_LINE = 30,
    CHARACTER = 9, /* width of a shell's, half its height */
    HALF_LINE = 6,
    AXIS_NAME = 16,   /* free around the x axis' name */
    CAPTION_GAP = 22, /* free around the caption */
    Y_TICKS = 48,     /* from one tick to the next, about */
    X_TICKS = 80,
    SLACK = 5,   /* words of wide letters, such as modprop */
    BANDS = 8,   /* series with bands that can be told apart */
    MARKER = 12, /* size of one, and of the dots beside it */
    DODGE = 8,   /* pixels between intervals at one x */
};
static const double AXIS_SHARE = 0.7;    /* of the width, about, that the x axis has */
static const double DIRECT_SHARE = 0.28; /* of the width that direct labels may take */
static const double ROWS_SHARE = 0.42;   /* likewise names of rows */
static const double ROW_ROOM = 0.3;      /* rows that what hangs below the last one takes */

bool modprop_plot_layout_has_points(const struct modprop_plot_series *series)
{
    return series->kind == MODPROP_PLOT_POINTS || series->kind == MODPROP_PLOT_ROWS;
}

static bool is_rows(const struct modprop_plot *plot)
{
    return plot->series_count && plot->series[0].kind == MODPROP_PLOT_ROWS;
}

/* Linear y starts at 0 where the data come near it, so that lengths can be compared. */
static void set_ranges(struct modprop_plot_layout *layout, const struct modprop_plot *plot)
{
    struct modprop_plot_scale *x = &layout->x, *y = &layout->y;
    *x = modprop_plot_scale_span(plot, false, layout->banded);
    *y = modprop_plot_scale_span(plot, true, layout->banded);
    const bool x_given = plot->x.names || plot->x.low < plot->x.high;
    const bool y_given = plot->y.names || plot->y.low < plot->y.high;
    size_t side_by_side = is_rows(plot);
    for (size_t k = 0; k < plot->series_count; k++)
        side_by_side += plot->series[k].kind == MODPROP_PLOT_POINTS;
    /* Room for all that stand beside the first and the last x. */
    const double room = (0.5 * DODGE * (double)side_by_side + MARKER) /
                        (AXIS_SHARE * layout->width);
    if (!x_given && (side_by_side || !(x->low < x->high)))
        modprop_plot_scale_widen(x, fmax(0.04, room));
    if (!y_given) {
        const bool from_0 = !y->log && y->low >= 0 && y->low < 0.5 * y->high;
        modprop_plot_scale_widen(y, 0.06);
        if (from_0)
            y->low = 0;
    }
    if (is_rows(plot)) { /* the first row is at the top */
        const double low = y->low;
        y->low = y->high + ROW_ROOM;
        y->high = low;
    }
}

static bool is_dotted(const struct modprop_plot *plot)
{
    size_t dots = 0;
    for (size_t k = 0; k < plot->series_count; k++)
        dots += plot->series[k].dots;
    return dots <= MODPROP_PLOT_DOTS;
}

static struct modprop_plot_content content_of(const struct modprop_plot_layout *layout,
                                              const struct modprop_plot_series *series)
{
    struct modprop_plot_content content = {false};
    const bool level = series->kind == MODPROP_PLOT_LEVEL;
    const struct modprop_plot_scale *across = series->kind == MODPROP_PLOT_ROWS ? &layout->x
                                                                                : &layout->y;
    for (size_t k = 0; k < series->count; k++) {
        if (!(level || modprop_plot_scale_shows(&layout->x, series->x[k])) ||
            !modprop_plot_scale_shows(&layout->y, series->y[k]))
            continue;
        content.line = true;
        content.interval |= series->low && series->high && !isnan(series->low[k]) &&
                            series->high[k] > (across->log ? 0 : -INFINITY);
    }
    for (size_t k = 0; layout->dotted && k < series->dots; k++)
        content.dots |= modprop_plot_scale_shows(&layout->x, series->dot_x[k]) &&
                        modprop_plot_scale_shows(&layout->y, series->dot_y[k]);
    return content;
}

/* Rows of the strip: one for each series that has runs without a value. */
static void set_strip(struct modprop_plot_layout *layout, const struct modprop_plot *plot)
{
    layout->strip_rows = 0;
    for (size_t k = 0; k < plot->series_count; k++)
        if (plot->series[k].lost && plot->series[k].kind != MODPROP_PLOT_ROWS)
            layout->strip_row[k] = layout->strip_rows++;
    layout->strip = layout->strip_rows ? STRIP_ROW : 0;
}

/* Space above the axes: title, the y axis' name, the strip. */
static double top_margin(const struct modprop_plot_layout *layout, const struct modprop_plot *plot,
                         const struct modprop_plot_canvas *canvas)
{
    double top = fmax(layout->caption_left, HALF_LINE);
    if (!canvas->bare && plot->title)
        top += TITLE_LINE;
    if (plot->y.label && *plot->y.label)
        top += MODPROP_PLOT_LINE + 8;
    if (is_rows(plot) && plot->mark_label)
        top += MODPROP_PLOT_LINE;
    return top + layout->strip * (double)layout->strip_rows;
}

static double widest_name(const struct modprop_plot_axis *axis)
{
    double widest = 0;
    for (size_t k = 0; k < axis->names; k++)
        widest = fmax(widest, modprop_plot_text_width(axis->name[k], MODPROP_PLOT_TEXT));
    return widest;
}

size_t modprop_plot_layout_above(const struct modprop_plot *plot, double width)
{
    size_t most = 0;
    if (!is_rows(plot) || widest_name(&plot->y) <= ROWS_SHARE * width)
        return 0;
    for (size_t k = 0; k < plot->y.names; k++) {
        const size_t lines = modprop_plot_text_lines(plot->y.name[k], width - MODPROP_PLOT_INDENT,
                                                     MODPROP_PLOT_SMALL);
        most = lines > most ? lines : most;
    }
    return most;
}

static double widest_tick(const struct modprop_plot_layout *layout, const struct modprop_plot *plot)
{
    double widest = layout->above ? 0 : widest_name(&plot->y);
    char text[MODPROP_PLOT_NUMBER];
    for (size_t k = 0; k < layout->y.ticks; k++) {
        modprop_plot_scale_number(layout->y.tick[k], 6, text);
        widest = fmax(widest, modprop_plot_text_width(text, MODPROP_PLOT_TEXT));
    }
    return widest;
}

/* Half the width of a tick label at an end of the x axis. */
static double half_tick(const struct modprop_plot *plot, double end)
{
    char text[MODPROP_PLOT_NUMBER];
    if (plot->x.names)
        return 0;
    modprop_plot_scale_number(end, 4, text);
    return 0.5 * modprop_plot_text_width(text, MODPROP_PLOT_TEXT) + SLACK;
}

/* Intervals of several series at the same x stand side by side, closer where the x are. */
static void set_dodge(struct modprop_plot_layout *layout, const struct modprop_plot *plot)
{
    size_t count = 0, at = 0;
    double nearest = 1e9;
    for (size_t k = 0; k < plot->series_count; k++) {
        const struct modprop_plot_series *series = &plot->series[k];
        if (series->kind != MODPROP_PLOT_POINTS)
            continue;
        count++;
        for (size_t p = 1; p < series->count; p++) {
            const double apart = fabs(modprop_plot_scale_pixel(&layout->x, series->x[p]) -
                                      modprop_plot_scale_pixel(&layout->x, series->x[p - 1]));
            if (apart > 0)
                nearest = fmin(nearest, apart);
        }
    }
    const double step = fmin(DODGE, 0.6 * nearest / (double)(count + 1));
    for (size_t k = 0; k < plot->series_count; k++)
        if (plot->series[k].kind == MODPROP_PLOT_POINTS)
            layout->dodge[k] = step * ((double)at++ - 0.5 * (double)(count - 1));
}

static void set_x_ticks(struct modprop_plot_layout *layout, const struct modprop_plot *plot)
{
    if (plot->x.names || modprop_plot_scale_own_ticks(&layout->x, plot))
        return;
    modprop_plot_scale_ticks(&layout->x, X_TICKS);
}

static enum modprop_status make_arrays(struct modprop_plot_layout *layout,
                                       const struct modprop_plot *plot, struct modprop_error *err)
{
    const size_t count = plot->series_count + 1;
    const char **name = calloc(count, sizeof *name);
    layout->strip_row = calloc(count, sizeof *layout->strip_row);
    layout->tag = calloc(count, sizeof *layout->tag);
    layout->style = calloc(count, sizeof *layout->style);
    layout->dodge = calloc(count, sizeof *layout->dodge);
    layout->content = calloc(count, sizeof *layout->content);
    const bool good = name && layout->strip_row && layout->tag && layout->style && layout->dodge &&
                      layout->content;
    for (size_t k = 0; good && k < plot->series_count; k++)
        name[k] = plot->series[k].name;
    /* Rows have their names beside them: what they need is the rule's own colour. */
    if (good && is_rows(plot))
        for (size_t k = 0; k < plot->series_count; k++)
            modprop_palette_assign(&layout->style[k], &name[k], 1);
    else if (good)
        modprop_palette_assign(layout->style, name, plot->series_count);
    free(name);
    return good ? MODPROP_OK : MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a figure");
}

/* Height of what stands below the axes but for the legend, of which the caption is the last. */
static double bottom_margin(const struct modprop_plot_layout *layout,
                            const struct modprop_plot *plot,
                            const struct modprop_plot_canvas *canvas, double *caption)
{
    *caption = 0;
    if (!canvas->bare && plot->caption && *plot->caption)
        *caption = CAPTION_GAP + MODPROP_PLOT_LINE * (double)modprop_plot_text_lines(
                                                         plot->caption,
                                                         layout->width - 2 * layout->caption_left,
                                                         MODPROP_PLOT_SMALL);
    return 2 * MODPROP_PLOT_LINE + AXIS_NAME + *caption;
}

/* Where the axes end: what surrounds them decides. *legend: y of its first line. */
static void set_frame(struct modprop_plot_layout *layout, const struct modprop_plot *plot,
                      const struct modprop_plot_canvas *canvas, double *legend)
{
    size_t tags;
    double caption;
    const double edge = canvas->bare ? 1 : MODPROP_PLOT_EDGE;
    const double tag_width = modprop_plot_tags_widest(plot, &tags);
    layout->caption_left = edge;
    layout->title_y = edge + 8;
    const double below = bottom_margin(layout, plot, canvas, &caption);
    const double top = top_margin(layout, plot, canvas);
    layout->direct = tags == 0 || (tag_width <= DIRECT_SHARE * layout->width &&
                                   (double)tags * MODPROP_PLOT_LINE < layout->height - top - below);
    layout->y.end = top;
    layout->y.start = layout->height - below;
    if (!layout->direct) /* the axes keep their size */
        layout->height += modprop_plot_tags_flow(layout->tag, plot, edge, layout->width - edge);
    if (!plot->y.names)
        modprop_plot_scale_ticks(&layout->y, Y_TICKS);
    layout->x.start = fmax(edge + widest_tick(layout, plot) + TICK_GAP,
                           half_tick(plot, layout->x.low));
    layout->x.end = layout->width - (layout->direct && tags
                                         ? edge + tag_width + MODPROP_PLOT_TAG_GAP + SLACK
                                         : fmax(edge, half_tick(plot, layout->x.high)));
    layout->caption_y = layout->height - caption + CAPTION_GAP / 2;
    *legend = layout->y.start + 2 * MODPROP_PLOT_LINE + CAPTION_GAP;
}

enum modprop_status modprop_plot_layout_init(struct modprop_plot_layout *layout,
                                             const struct modprop_plot *plot,
                                             const struct modprop_plot_canvas *canvas,
                                             struct modprop_error *err)
{
    /* A shell's characters count as so many pixels. */
    const bool shell = canvas->format >= MODPROP_PLOT_DUMB;
    double legend;
    *layout = (struct modprop_plot_layout){.width = canvas->width * (shell ? CHARACTER : 1),
                                           .height = canvas->height * (shell ? 2 * CHARACTER : 1),
                                           .dotted = is_dotted(plot),
                                           .banded = plot->series_count <= BANDS};
    if (make_arrays(layout, plot, err) != MODPROP_OK)
        return MODPROP_NO_MEMORY;
    layout->above = modprop_plot_layout_above(plot, layout->width);
    set_ranges(layout, plot);
    for (size_t k = 0; k < plot->series_count; k++)
        layout->content[k] = content_of(layout, &plot->series[k]);
    set_strip(layout, plot);
    set_frame(layout, plot, canvas, &legend);
    set_x_ticks(layout, plot);
    set_dodge(layout, plot);
    if (layout->direct)
        return modprop_plot_tags_place(layout->tag, plot, &layout->x, &layout->y, err);
    for (size_t k = 0; k < plot->series_count; k++)
        layout->tag[k].y += legend;
    return MODPROP_OK;
}

void modprop_plot_layout_clear(struct modprop_plot_layout *layout)
{
    free(layout->strip_row);
    free(layout->tag);
    free(layout->style);
    free(layout->dodge);
    free(layout->content);
}
