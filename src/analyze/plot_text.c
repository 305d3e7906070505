#include "analyze/plot_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/utf8.h"

/* Of the font size: mean width of a letter, DejaVu Sans, the widest of the usual ones. */
static const double LETTER = 0.6;

double modprop_plot_text_width(const char *text, double size)
{
    return LETTER * size * (double)modprop_utf8_count(text);
}

size_t modprop_plot_text_letters(double width, double size)
{
    return (size_t)fmax(8, width / (LETTER * size));
}

size_t modprop_plot_text_wrap(const char *text, size_t width, const char **line, size_t *length,
                              size_t most)
{
    size_t lines = 0;
    while (text && *text && lines < most) {
        const char *end = text, *space = NULL;
        size_t characters = 0, bytes = 0;
        while (*end && *end != '\n' && characters <= width) {
            if (*end == ' ')
                space = end;
            modprop_utf8_next(end, &bytes);
            end += bytes;
            characters++;
        }
        if (*end && *end != '\n' && space)
            end = space;
        if (line) {
            line[lines] = text;
            length[lines] = (size_t)(end - text);
        }
        lines++;
        text = end + (*end == ' ' || *end == '\n');
    }
    return lines;
}

size_t modprop_plot_text_lines(const char *text, double width, double size)
{
    return modprop_plot_text_wrap(text, modprop_plot_text_letters(width, size), NULL, NULL,
                                  MODPROP_PLOT_WRAPPED);
}

void modprop_plot_text_axis(const struct modprop_plot_axis *axis, char *text, size_t size)
{
    const bool unit = axis->unit && *axis->unit && strcmp(axis->unit, "1") != 0;
    snprintf(text, size, unit ? "%s (%s)" : "%s", axis->label ? axis->label : "", axis->unit);
}
