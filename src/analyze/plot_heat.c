#include <math.h>
#include <string.h>

#include "analyze/plot_parts.h"
#include "analyze/plot_text.h"

enum {
    TITLE = 30, /* of the figure */
    PANEL_TITLE = 28,
    CELL_WIDE = 44,    /* least width of a cell where panels stand side by side */
    PANEL_LEAST = 190, /* of a panel, for its title */
    GAP = 28,          /* between panels */
    CELL_LOW = 26,     /* heights of a cell */
    CELL_HIGH = 44,
    SMALLEST = 8, /* letters of a cell's text; smaller ones are left out */
    NAMES = 20,   /* below a panel: names of columns */
    BELOW = 30,   /* the axis' name, and what is free below it */
};
static const double FAINTEST = 0.04; /* strength of the smallest value: still told from no runs */
/* From this strength on letters have paper's colour: about as legible as ink, in both themes. */
static const double DARK = 0.68;

struct grid {
    size_t columns, rows; /* of panels */
    double width, height; /* of one panel's axes */
    double left;          /* for names of rows */
    double edge;          /* free around everything */
};

static double names_width(const struct modprop_plot_axis *axis)
{
    double widest = 0;
    for (size_t k = 0; k < axis->names; k++)
        widest = fmax(widest, modprop_plot_text_width(axis->name[k], MODPROP_PLOT_SMALL));
    return widest;
}

static struct grid arrange(const struct modprop_plot *plot, double width, bool bare)
{
    struct grid grid = {.columns = 1, .edge = bare ? 1 : MODPROP_PLOT_EDGE};
    grid.left = fmin(names_width(&plot->y), 0.3 * width) + 12;
    for (size_t k = plot->panels; k > 1; k--) {
        if ((width - 2 * grid.edge - GAP * (double)(k - 1)) / (double)k - grid.left >=
            fmax(PANEL_LEAST, CELL_WIDE * (double)plot->x.names)) {
            grid.columns = k;
            break;
        }
    }
    const double columns = (double)grid.columns;
    grid.rows = (plot->panels + grid.columns - 1) / grid.columns;
    grid.width = (width - 2 * grid.edge - GAP * (columns - 1)) / columns - grid.left;
    const double cell = grid.width / (double)plot->x.names;
    grid.height = (double)plot->y.names * fmax(CELL_LOW, fmin(CELL_HIGH, 0.75 * cell));
    return grid;
}

static double head(const struct modprop_plot *plot, const struct grid *grid, bool bare)
{
    return grid->edge + (!bare && plot->title ? TITLE : 0) + MODPROP_PLOT_LINE;
}

double modprop_plot_heat_height(const struct modprop_plot *plot, double width, bool bare)
{
    const struct grid grid = arrange(plot, width, bare);
    const size_t lines = bare ? 0
                              : modprop_plot_text_lines(plot->caption, width - 2 * grid.edge,
                                                        MODPROP_PLOT_SMALL);
    return head(plot, &grid, bare) +
           (double)grid.rows * (PANEL_TITLE + grid.height + NAMES + BELOW) +
           MODPROP_PLOT_LINE * (double)lines + grid.edge;
}

/* Least and greatest value of a panel's cells, unless they are given. */
static void color_range(const struct modprop_plot *plot, const struct modprop_plot_heat *heat,
                        double *low, double *high)
{
    *low = heat->share ? 0 : heat->low;
    *high = heat->share ? 1 : heat->high;
    if (isfinite(*low) && isfinite(*high) && *low < *high)
        return;
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t k = 0; k < plot->x.names * plot->y.names; k++) {
        if (!isfinite(heat->value[k]) || (heat->log && !(heat->value[k] > 0)))
            continue;
        *low = fmin(*low, heat->value[k]);
        *high = fmax(*high, heat->value[k]);
    }
}

static double strength(const struct modprop_plot_heat *heat, double value, double low, double high)
{
    if (isinf(value))
        return value > 0;
    double part = high > low ? (value - low) / (high - low) : 0.5;
    if (heat->log)
        part = !(value > 0) ? 0 : high > low ? log(value / low) / log(high / low) : 0.5;
    part = fmax(0, fmin(1, part));
    return heat->share && value == 0 ? 0 : FAINTEST + (1 - FAINTEST) * part;
}

/* A cell's text, short enough for its width: "40", "0.12". */
static void cell_text(const struct modprop_plot_heat *heat, double value, char *text, size_t size)
{
    char number[MODPROP_PLOT_NUMBER];
    if (heat->share) {
        snprintf(text, size, "%.0f", 100 * value);
    } else if (isinf(value)) {
        snprintf(text, size, "%s", value > 0 ? "\xE2\x88\x9E" : "\xE2\x88\x92\xE2\x88\x9E");
    } else {
        modprop_plot_scale_number(value, 2, number);
        snprintf(text, size, "%s", number);
    }
}

/* "share of runs that diverged (%)"; "median final loss, 0.021 to 0.42": what the colour spans, where there is
 * room for it. Where there is none panels stand side by side, with cells wide enough for their numbers. */
static void panel_title(const struct modprop_plot *plot, const struct modprop_plot_heat *heat,
                        double width, char *text, size_t size)
{
    char from[MODPROP_PLOT_NUMBER], to[MODPROP_PLOT_NUMBER];
    double low, high;
    color_range(plot, heat, &low, &high);
    modprop_plot_scale_number(low, 2, from);
    modprop_plot_scale_number(high, 2, to);
    snprintf(text, size, "%s, %s to %s", heat->title, from, to);
    if (heat->share)
        snprintf(text, size, "%s (%%)", heat->title);
    else if (!(low < high) || modprop_plot_text_width(text, MODPROP_PLOT_TEXT) > width)
        snprintf(text, size, "%s", heat->title);
}

/* Width of the widest text of a panel's cells, in letters of `size` pixels. */
static double widest_cell(const struct modprop_plot *plot, const struct modprop_plot_heat *heat,
                          double size)
{
    double widest = 0;
    char text[64];
    for (size_t k = 0; k < plot->x.names * plot->y.names; k++) {
        if (!isfinite(heat->value[k]))
            continue;
        cell_text(heat, heat->value[k], text, sizeof text);
        widest = fmax(widest, modprop_plot_text_width(text, size));
    }
    return widest;
}

/* $cell and $text of a panel: x y left right bottom top color; x y text color. */
static void write_cells(const struct modprop_plot_pen *pen, size_t index)
{
    const struct modprop_plot *plot = pen->plot;
    const struct modprop_plot_heat *heat = &plot->panel[index];
    const unsigned hue = modprop_palette_heat(index).color;
    double low, high;
    color_range(plot, heat, &low, &high);
    fprintf(pen->out, "$cell%zu << end\n", index);
    for (size_t k = 0; k < plot->x.names * plot->y.names; k++) {
        const size_t x = k % plot->x.names, y = k / plot->x.names;
        const double value = heat->value[k];
        const unsigned alpha = (unsigned)(255 * (1 - strength(heat, value, low, high)) + 0.5);
        if (!isnan(value))
            fprintf(pen->out, "%zu %zu %.2f %.2f %.2f %.2f %u\n", x, y, (double)x - 0.49,
                    (double)x + 0.49, (double)y - 0.48, (double)y + 0.48, alpha << 24 | hue);
    }
    fprintf(pen->out, "end\n$text%zu << end\n", index);
    for (size_t k = 0; k < plot->x.names * plot->y.names; k++) {
        char text[64] = "\xC2\xB7";
        const double value = heat->value[k];
        enum modprop_palette_part color = MODPROP_PALETTE_MUTED;
        if (!isnan(value)) {
            cell_text(heat, value, text, sizeof text);
            color = strength(heat, value, low, high) > DARK ? MODPROP_PALETTE_PAPER
                                                            : MODPROP_PALETTE_INK;
        }
        fprintf(pen->out, "%zu %zu %s %u\n", k % plot->x.names, k / plot->x.names, text,
                modprop_palette_part(color).color);
    }
    fputs("end\n", pen->out);
}

/* Every so many names of columns fit side by side. */
static size_t stride_of(const struct modprop_plot_axis *axis, double width)
{
    const double cell = width / (double)axis->names;
    const double need = names_width(axis) + 6;
    return need <= cell ? 1 : (size_t)ceil(need / cell);
}

/* Names of columns below, of rows at the left. */
static void write_names(const struct modprop_plot_pen *pen, const struct grid *grid, double left,
                        double top)
{
    const struct modprop_plot_axis *x = &pen->plot->x, *y = &pen->plot->y;
    const unsigned ink = modprop_palette_part(MODPROP_PALETTE_INK).color;
    const double wide = grid->width / (double)x->names, high = grid->height / (double)y->names;
    const size_t stride = stride_of(x, grid->width);
    for (size_t k = 0; k < x->names; k += stride)
        modprop_plot_pen_label(pen, x->name[k], strlen(x->name[k]), left + wide * ((double)k + 0.5),
                               top + grid->height + 11, MODPROP_PLOT_CENTER, MODPROP_PLOT_SMALL,
                               ink);
    for (size_t k = 0; k < y->names; k++)
        modprop_plot_pen_label(pen, y->name[k], strlen(y->name[k]), left - 8,
                               top + grid->height - high * ((double)k + 0.5), MODPROP_PLOT_RIGHT,
                               MODPROP_PLOT_SMALL, ink);
}

static void write_panel(const struct modprop_plot_pen *pen, const struct grid *grid, size_t index)
{
    const struct modprop_plot *plot = pen->plot;
    const struct modprop_plot_heat *heat = &plot->panel[index];
    const unsigned ink = modprop_palette_part(MODPROP_PALETTE_INK).color;
    const double left = grid->edge + grid->left +
                        (double)(index % grid->columns) * (grid->left + grid->width + GAP);
    const double top = head(plot, grid, pen->canvas->bare) + PANEL_TITLE +
                       (double)(index / grid->columns) *
                           (PANEL_TITLE + grid->height + NAMES + BELOW);
    char text[256];
    fprintf(pen->out, "set lmargin at screen %.6g\nset rmargin at screen %.6g\n",
            modprop_plot_pen_across(pen, left), modprop_plot_pen_across(pen, left + grid->width));
    fprintf(pen->out, "set tmargin at screen %.6g\nset bmargin at screen %.6g\n",
            modprop_plot_pen_down(pen, top), modprop_plot_pen_down(pen, top + grid->height));
    fputs("unset label\n", pen->out);
    write_names(pen, grid, left, top);
    if (index == 0) {
        modprop_plot_pen_frame(pen);
        modprop_plot_text_axis(&plot->y, text, sizeof text);
        modprop_plot_pen_label(pen, text, strlen(text), grid->edge, top - PANEL_TITLE - 6,
                               MODPROP_PLOT_LEFT, MODPROP_PLOT_SMALL,
                               modprop_palette_part(MODPROP_PALETTE_MUTED).color);
    }
    panel_title(plot, heat, grid->width, text, sizeof text);
    modprop_plot_pen_label(pen, text, strlen(text), left, top - 12, MODPROP_PLOT_LEFT,
                           MODPROP_PLOT_TEXT, ink);
    modprop_plot_text_axis(&plot->x, text, sizeof text);
    modprop_plot_pen_label(pen, text, strlen(text), left + grid->width / 2,
                           top + grid->height + NAMES + 10, MODPROP_PLOT_CENTER, MODPROP_PLOT_SMALL,
                           ink);
    write_cells(pen, index);
    fprintf(pen->out,
            "plot $cell%zu using 1:2:3:4:5:6:7 with boxxyerror fillstyle solid noborder linecolor "
            "rgb variable, \\\n     $cell%zu using 1:2:3:4:5:6 with boxxyerror fillstyle empty "
            "linewidth 0.6 linecolor rgb ",
            index, index);
    modprop_plot_pen_color(pen->out, modprop_palette_part(MODPROP_PALETTE_GRID).color, 0);
    const double cell = grid->width / (double)plot->x.names;
    for (int letters = MODPROP_PLOT_SMALL; letters >= SMALLEST; letters -= 2) {
        if (widest_cell(plot, heat, letters) > cell - 2)
            continue;
        fprintf(pen->out,
                ", \\\n     $text%zu using 1:2:3:4 with labels center font ',%d' textcolor rgb "
                "variable",
                index, letters);
        break;
    }
    putc('\n', pen->out);
}

void modprop_plot_heat_write(const struct modprop_plot_pen *pen)
{
    const struct grid grid = arrange(pen->plot, pen->layout->width, pen->canvas->bare);
    fprintf(pen->out, "set multiplot\nunset key\nunset border\nunset tics\nset xrange [-0.5:%g]\n",
            (double)pen->plot->x.names - 0.5);
    fprintf(pen->out, "set yrange [-0.5:%g]\n", (double)pen->plot->y.names - 0.5);
    for (size_t k = 0; k < pen->plot->panels; k++)
        write_panel(pen, &grid, k);
    fputs("unset multiplot\n", pen->out);
}
