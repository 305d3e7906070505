#include <locale.h>
#include <stdlib.h>

#include "analyze/plot_parts.h"
#include "analyze/plot_text.h"
#include "engine/error.h"

/* Pictures for screens have twice the pixels, and all that is in them with it. */
static void write_terminal(const struct modprop_plot_pen *pen)
{
    const double width = pen->layout->width, height = pen->layout->height;
    const char *background = pen->canvas->bare ? "" : " background '#FFFFFF'";
    fputs("set encoding utf8\n", pen->out);
    switch (pen->canvas->format) {
    case MODPROP_PLOT_PNG:
        fprintf(pen->out,
                "set terminal pngcairo noenhanced font 'Sans,%d' size %g,%g fontscale 1.5 "
                "linewidth 2 pointscale 2%s\n",
                MODPROP_PLOT_TEXT, 2 * width, 2 * height, background);
        break;
    case MODPROP_PLOT_PDF:
        fprintf(
            pen->out,
            "set terminal pdfcairo noenhanced font 'Sans,%d' size %.4gin,%.4gin fontscale 0.5625 "
            "linewidth 1.5 pointscale 1.2%s\n",
            MODPROP_PLOT_TEXT, width / 96, height / 96, background);
        break;
    default:
        fprintf(pen->out,
                "set terminal svg noenhanced font 'sans-serif,%d' size %g,%g%s name 'modprop'%s\n",
                MODPROP_PLOT_TEXT, width, height, pen->canvas->bare ? " dynamic" : "", background);
    }
}

static void write_script(FILE *out, const struct modprop_plot *plot,
                         const struct modprop_plot_canvas *canvas,
                         const struct modprop_plot_layout *layout)
{
    const struct modprop_plot_pen pen = {out, plot, canvas, layout};
    if (canvas->format >= MODPROP_PLOT_DUMB) {
        modprop_plot_shell_write(&pen);
        return;
    }
    write_terminal(&pen);
    if (plot->panels)
        modprop_plot_heat_write(&pen);
    else
        modprop_plot_series_write(&pen);
}

/* The canvas with its size, where it was left open. */
static struct modprop_plot_canvas sized(const struct modprop_plot *plot,
                                        const struct modprop_plot_canvas *canvas)
{
    enum { WIDTH = 800, HEIGHT = 480, COLUMNS = 80, LINES = 26, ROW = 30, BARE_ROW = 26 };
    struct modprop_plot_canvas made = *canvas;
    const bool shell = canvas->format >= MODPROP_PLOT_DUMB;
    const bool rows = plot->series_count && plot->series[0].kind == MODPROP_PLOT_ROWS;
    if (!(made.width > 0))
        made.width = shell ? COLUMNS : WIDTH;
    if (!(made.height > 0) && shell)
        made.height = plot->panels ? (double)(plot->panels * (plot->y.names + 6))
                      : rows       ? 2 * (double)plot->y.names + 8
                                   : LINES + (double)plot->series_count / 3;
    if (!(made.height > 0) && plot->panels)
        made.height = modprop_plot_heat_height(plot, made.width, canvas->bare);
    if (!(made.height > 0)) {
        const size_t above = modprop_plot_layout_above(plot, made.width);
        const double row = above ? BARE_ROW + MODPROP_PLOT_LINE * (double)above : ROW;
        made.height = rows ? 130 + row * (double)plot->y.names : HEIGHT;
    }
    return made;
}

/* Whether it is a figure that someone can read. */
static enum modprop_status check_size(const struct modprop_plot *plot, struct modprop_error *err)
{
    const size_t names = plot->x.names > plot->y.names ? plot->x.names : plot->y.names;
    const size_t most = plot->series_count > names ? plot->series_count : names;
    return most <= MODPROP_PLOT_MOST
               ? MODPROP_OK
               : MODPROP_FAIL(
                     err, MODPROP_INVALID,
                     "%zu rows or lines are too many for one figure, which has at most %d: "
                     "take some of them (--where)",
                     most, MODPROP_PLOT_MOST);
}

enum modprop_status modprop_plot_script(const struct modprop_plot *plot,
                                        const struct modprop_plot_canvas *canvas, char **script,
                                        struct modprop_error *err)
{
    const struct modprop_plot_canvas size = sized(plot, canvas);
    struct modprop_plot_layout layout = {0};
    size_t bytes;
    *script = NULL;
    if (check_size(plot, err) != MODPROP_OK)
        return MODPROP_INVALID;
    /* Decimal points, whatever the caller's locale. */
    const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const locale_t before = plain ? uselocale(plain) : (locale_t)0;
    enum modprop_status status = modprop_plot_layout_init(&layout, plot, &size, err);
    FILE *out = status == MODPROP_OK ? open_memstream(script, &bytes) : NULL;
    if (out) {
        write_script(out, plot, &size, &layout);
        const bool whole = !ferror(out);
        if (fclose(out) != 0 || !whole) {
            free(*script);
            *script = NULL;
        }
    }
    if (status == MODPROP_OK && !*script)
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a figure's script");
    modprop_plot_layout_clear(&layout);
    if (plain) {
        uselocale(before);
        freelocale(plain);
    }
    return status;
}
