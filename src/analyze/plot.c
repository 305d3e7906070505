#include "analyze/plot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyze/gnuplot.h"
#include "analyze/plot_file.h"
#include "analyze/plot_text.h"
#include "engine/error.h"

const char *modprop_plot_format_name(enum modprop_plot_format format)
{
    static const char *const name[MODPROP_PLOT_FORMATS] = {"svg",  "png",     "pdf",
                                                           "dumb", "braille", "block"};
    return name[format];
}

/* A PDF tells when it was made; the same plot must give the same bytes. */
static void forget_date(char *image, size_t bytes)
{
    static const char key[] = "/CreationDate (D:";
    for (char *at = image; (at = memchr(at, '/', (size_t)(image + bytes - at))); at++) {
        if ((size_t)(image + bytes - at) < sizeof key || memcmp(at, key, sizeof key - 1) != 0)
            continue;
        for (char *digit = at + sizeof key - 1; *digit && *digit != ')'; digit++)
            if (*digit >= '0' && *digit <= '9')
                *digit = '0';
        at[sizeof key - 1] = '2'; /* the year 2000, January 1st */
        at[sizeof key + 4] = at[sizeof key + 6] = '1';
        return;
    }
}

enum modprop_status modprop_plot_draw(const struct modprop_plot *plot,
                                      const struct modprop_plot_canvas *canvas, char **image,
                                      size_t *bytes, struct modprop_error *err)
{
    char *script = NULL;
    *image = NULL;
    *bytes = 0;
    enum modprop_status status = modprop_plot_script(plot, canvas, &script, err);
    if (status == MODPROP_OK)
        status = modprop_gnuplot_run(script, image, bytes, err);
    free(script);
    if (status == MODPROP_OK && canvas->format == MODPROP_PLOT_PDF)
        forget_date(*image, *bytes);
    return status;
}

static enum modprop_status format_of(const char *path, enum modprop_plot_format *format,
                                     struct modprop_error *err)
{
    const char *dot = strrchr(path, '.');
    for (int k = 0; k < MODPROP_PLOT_DUMB; k++) {
        *format = (enum modprop_plot_format)k;
        if (dot && strcasecmp(dot + 1, modprop_plot_format_name(*format)) == 0)
            return MODPROP_OK;
    }
    return MODPROP_FAIL(err, MODPROP_INVALID, "%s: a figure's name ends in .svg, .png or .pdf",
                        path);
}

enum modprop_status modprop_plot_save(const struct modprop_plot *plot, const char *path,
                                      struct modprop_error *err)
{
    struct modprop_plot_canvas canvas = {0};
    char *image = NULL;
    size_t bytes = 0;
    enum modprop_status status = format_of(path, &canvas.format, err);
    if (status == MODPROP_OK)
        status = modprop_plot_draw(plot, &canvas, &image, &bytes, err);
    if (status == MODPROP_OK)
        status = modprop_plot_file_write(path, image, bytes, err);
    free(image);
    return status;
}

static void print_caption(FILE *out, const char *caption, double columns)
{
    enum { LINES = 12 };
    const char *line[LINES];
    size_t length[LINES];
    const size_t lines = modprop_plot_text_wrap(caption, (size_t)columns - 2, line, length, LINES);
    for (size_t k = 0; k < lines; k++)
        fprintf(out, " %.*s\n", (int)length[k], line[k]);
}

enum modprop_status modprop_plot_print(FILE *out, const struct modprop_plot *plot,
                                       const struct modprop_plot_canvas *canvas,
                                       struct modprop_error *err)
{
    char *image = NULL;
    size_t bytes = 0;
    enum modprop_status status = modprop_plot_draw(plot, canvas, &image, &bytes, err);
    if (status == MODPROP_OK) {
        fwrite(image, 1, bytes, out);
        if (!canvas->bare)
            print_caption(out, plot->caption, canvas->width > 0 ? canvas->width : 80);
        if (fflush(out) != 0 || ferror(out))
            status = MODPROP_FAIL(err, MODPROP_IO, "the figure cannot be printed: %s",
                                  strerror(errno));
    }
    free(image);
    return status;
}
