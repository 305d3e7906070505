#include "analyze/plot_script.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/plot_scale.h"
#include "analyze/utf8.h"
#include "engine/error.h"

enum { TITLE_TEXT = 17 };

const char *const modprop_plot_script_dash[4] = {"1", "(8,4)", "(2,3)", "(9,3,2,3)"};

void modprop_plot_script_quote(FILE *out, const char *text, size_t bytes, bool formatted)
{
    const char *end = text + bytes;
    size_t length;
    unsigned code;
    putc('\'', out);
    while (text < end && (code = modprop_utf8_next(text, &length), length)) {
        if (code == '\'' || (code == '%' && formatted))
            putc((int)code, out);
        modprop_utf8_put(out, code == '\n' || code == '\t' ? ' ' : code);
        text += length;
    }
    putc('\'', out);
}

void modprop_plot_script_color(FILE *out, unsigned color, double alpha)
{
    fprintf(out, "'#%02X%06X'", (unsigned)(255 * alpha + 0.5), color);
}

double modprop_plot_script_across(const struct modprop_plot_pen *pen, double pixel)
{
    return pixel / pen->layout->width;
}

double modprop_plot_script_down(const struct modprop_plot_pen *pen, double pixel)
{
    return 1 - pixel / pen->layout->height;
}

void modprop_plot_script_label(const struct modprop_plot_pen *pen, const char *text, size_t bytes,
                               double x, double y, enum modprop_plot_align align, double size,
                               unsigned color)
{
    static const char *const side[] = {"left", "center", "right"};
    fputs("set label ", pen->out);
    modprop_plot_script_quote(pen->out, text, bytes, false);
    fprintf(pen->out, " at screen %.6g, screen %.6g %s font ',%g' textcolor rgb ",
            modprop_plot_script_across(pen, x), modprop_plot_script_down(pen, y), side[align],
            size);
    modprop_plot_script_color(pen->out, color, 0);
    putc('\n', pen->out);
}

void modprop_plot_script_lines(const struct modprop_plot_pen *pen, const char *text, double width,
                               double x, double y, double size, unsigned color)
{
    const char *line[MODPROP_PLOT_WRAPPED];
    size_t length[MODPROP_PLOT_WRAPPED];
    const size_t letters = modprop_plot_layout_letters(width, size);
    const size_t lines = modprop_plot_layout_wrap(text, letters, line, length,
                                                  MODPROP_PLOT_WRAPPED);
    for (size_t k = 0; k < lines; k++)
        modprop_plot_script_label(pen, line[k], length[k], x, y + MODPROP_PLOT_LINE * (double)k,
                                  MODPROP_PLOT_LEFT, size, color);
}

/* gnuplot's SVG takes "sans-serif:Bold" for the name of a family. */
static const char *title_face(enum modprop_plot_format format)
{
    return format == MODPROP_PLOT_SVG ? "sans-serif" : "Sans:Bold";
}

void modprop_plot_script_frame(const struct modprop_plot_pen *pen)
{
    const struct modprop_plot_layout *layout = pen->layout;
    const unsigned ink = modprop_palette_part(MODPROP_PALETTE_INK).color;
    const unsigned muted = modprop_palette_part(MODPROP_PALETTE_MUTED).color;
    if (pen->canvas->bare)
        return;
    if (pen->plot->title) {
        fputs("set label ", pen->out);
        modprop_plot_script_quote(pen->out, pen->plot->title, strlen(pen->plot->title), false);
        fprintf(pen->out, " at screen %.6g, screen %.6g left font '%s,%d' textcolor rgb ",
                modprop_plot_script_across(pen, layout->caption_left),
                modprop_plot_script_down(pen, layout->title_y), title_face(pen->canvas->format),
                TITLE_TEXT);
        modprop_plot_script_color(pen->out, ink, 0);
        putc('\n', pen->out);
    }
    modprop_plot_script_lines(pen, pen->plot->caption, layout->width - 2 * layout->caption_left,
                              layout->caption_left, layout->caption_y, MODPROP_PLOT_SMALL, muted);
}

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
