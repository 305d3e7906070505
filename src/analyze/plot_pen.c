#include "analyze/plot_pen.h"

#include <string.h>

#include "analyze/plot_text.h"
#include "analyze/utf8.h"

enum { TITLE_TEXT = 17 };

const char *const modprop_plot_pen_dash[4] = {"1", "(8,4)", "(2,3)", "(9,3,2,3)"};

void modprop_plot_pen_quote(FILE *out, const char *text, size_t bytes, bool formatted)
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

void modprop_plot_pen_color(FILE *out, unsigned color, double alpha)
{
    fprintf(out, "'#%02X%06X'", (unsigned)(255 * alpha + 0.5), color);
}

double modprop_plot_pen_across(const struct modprop_plot_pen *pen, double pixel)
{
    return pixel / pen->layout->width;
}

double modprop_plot_pen_down(const struct modprop_plot_pen *pen, double pixel)
{
    return 1 - pixel / pen->layout->height;
}

void modprop_plot_pen_label(const struct modprop_plot_pen *pen, const char *text, size_t bytes,
                            double x, double y, enum modprop_plot_align align, double size,
                            unsigned color)
{
    static const char *const side[] = {"left", "center", "right"};
    fputs("set label ", pen->out);
    modprop_plot_pen_quote(pen->out, text, bytes, false);
    fprintf(pen->out, " at screen %.6g, screen %.6g %s font ',%g' textcolor rgb ",
            modprop_plot_pen_across(pen, x), modprop_plot_pen_down(pen, y), side[align], size);
    modprop_plot_pen_color(pen->out, color, 0);
    putc('\n', pen->out);
}

void modprop_plot_pen_lines(const struct modprop_plot_pen *pen, const char *text, double width,
                            double x, double y, double size, unsigned color)
{
    const char *line[MODPROP_PLOT_WRAPPED];
    size_t length[MODPROP_PLOT_WRAPPED];
    const size_t letters = modprop_plot_text_letters(width, size);
    const size_t lines = modprop_plot_text_wrap(text, letters, line, length, MODPROP_PLOT_WRAPPED);
    for (size_t k = 0; k < lines; k++)
        modprop_plot_pen_label(pen, line[k], length[k], x, y + MODPROP_PLOT_LINE * (double)k,
                               MODPROP_PLOT_LEFT, size, color);
}

/* gnuplot's SVG takes "sans-serif:Bold" for the name of a family. */
static const char *title_face(enum modprop_plot_format format)
{
    return format == MODPROP_PLOT_SVG ? "sans-serif" : "Sans:Bold";
}

void modprop_plot_pen_frame(const struct modprop_plot_pen *pen)
{
    const struct modprop_plot_layout *layout = pen->layout;
    const unsigned ink = modprop_palette_part(MODPROP_PALETTE_INK).color;
    const unsigned muted = modprop_palette_part(MODPROP_PALETTE_MUTED).color;
    if (pen->canvas->bare)
        return;
    if (pen->plot->title) {
        fputs("set label ", pen->out);
        modprop_plot_pen_quote(pen->out, pen->plot->title, strlen(pen->plot->title), false);
        fprintf(pen->out, " at screen %.6g, screen %.6g left font '%s,%d' textcolor rgb ",
                modprop_plot_pen_across(pen, layout->caption_left),
                modprop_plot_pen_down(pen, layout->title_y), title_face(pen->canvas->format),
                TITLE_TEXT);
        modprop_plot_pen_color(pen->out, ink, 0);
        putc('\n', pen->out);
    }
    modprop_plot_pen_lines(pen, pen->plot->caption, layout->width - 2 * layout->caption_left,
                           layout->caption_left, layout->caption_y, MODPROP_PLOT_SMALL, muted);
}
