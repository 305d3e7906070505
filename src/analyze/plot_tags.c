#include "analyze/plot_tags.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/plot_text.h"
#include "engine/error.h"

enum {
    SAMPLE = 36,    /* line drawn before a legend's entry */
    ENTRY_GAP = 22, /* behind one */
};

/* Rows have their names beside them; one series may have none. */
static bool has_tag(const struct modprop_plot_series *series)
{
    return series->kind != MODPROP_PLOT_ROWS && series->name[0];
}

static double widest_in(const struct modprop_plot *plot, double size, size_t *count)
{
    double widest = 0;
    *count = 0;
    for (size_t k = 0; k < plot->series_count; k++) {
        if (!has_tag(&plot->series[k]))
            continue;
        widest = fmax(widest, modprop_plot_text_width(plot->series[k].name, size));
        ++*count;
    }
    return widest;
}

double modprop_plot_tags_widest(const struct modprop_plot *plot, size_t *count)
{
    return widest_in(plot, MODPROP_PLOT_TEXT, count);
}

double modprop_plot_tags_flow(struct modprop_plot_tag *tag, const struct modprop_plot *plot,
                              double edge, double right)
{
    size_t count;
    const double column = SAMPLE + widest_in(plot, MODPROP_PLOT_SMALL, &count) + ENTRY_GAP;
    double x = edge, y = 0;
    for (size_t k = 0; k < plot->series_count; k++) {
        if (!has_tag(&plot->series[k]))
            continue;
        if (x > edge && x + column - ENTRY_GAP > right) {
            x = edge;
            y += MODPROP_PLOT_LINE;
        }
        tag[k] = (struct modprop_plot_tag){.shown = true, .x = x + SAMPLE, .y = y};
        x += column;
        /* One that is wider than the figure takes several lines. */
        const size_t lines = modprop_plot_text_lines(plot->series[k].name, right - edge - SAMPLE,
                                                     MODPROP_PLOT_SMALL);
        y += MODPROP_PLOT_LINE * (double)(lines > 1 ? lines - 1 : 0);
    }
    return y + MODPROP_PLOT_LINE;
}

static int by_place(const void *a, const void *b)
{
    const struct modprop_plot_tag *x = *(struct modprop_plot_tag *const *)a,
                                  *y = *(struct modprop_plot_tag *const *)b;
    return x->from_y != y->from_y ? (x->from_y > y->from_y) - (x->from_y < y->from_y)
                                  : (x > y) - (x < y);
}

/* Moves labels apart, in blocks that stay centred on where their lines end, within top..bottom. */
static void spread(struct modprop_plot_tag **tag, size_t count, double top, double bottom)
{
    qsort(tag, count, sizeof *tag, by_place);
    for (size_t k = 0; k < count; k++) {
        size_t first = k;
        double middle = tag[k]->from_y;
        for (;;) {
            double sum = 0;
            for (size_t m = first; m <= k; m++)
                sum += tag[m]->from_y;
            const double half = 0.5 * (double)(k - first) * MODPROP_PLOT_LINE;
            middle = sum / (double)(k - first + 1);
            middle = fmax(top + half, fmin(bottom - half, middle));
            if (first == 0 || tag[first - 1]->y + MODPROP_PLOT_LINE <= middle - half)
                break;
            first--;
        }
        for (size_t m = first; m <= k; m++)
            tag[m]->y = middle +
                        ((double)(m - first) - 0.5 * (double)(k - first)) * MODPROP_PLOT_LINE;
    }
}

/* Where a series ends at the right: its last value that is one, else at the top, by the strip. One that
 * ends far from its name is not tied to it: the stroke would begin where nothing is. */
static void find_end(struct modprop_plot_tag *tag, const struct modprop_plot_series *series,
                     const struct modprop_plot_scale *x, const struct modprop_plot_scale *y)
{
    const double near = x->end - 0.1 * (x->end - x->start);
    tag->from_y = y->end;
    for (size_t k = series->count; k-- > 0;) {
        if (!modprop_plot_scale_shows(y, series->y[k]))
            continue;
        tag->from_y = fmax(y->end, fmin(y->start, modprop_plot_scale_pixel(y, series->y[k])));
        tag->tied = series->kind == MODPROP_PLOT_LEVEL ||
                    modprop_plot_scale_pixel(x, series->x[k]) >= near;
        return;
    }
}

enum modprop_status modprop_plot_tags_place(struct modprop_plot_tag *tag,
                                            const struct modprop_plot *plot,
                                            const struct modprop_plot_scale *x,
                                            const struct modprop_plot_scale *y,
                                            struct modprop_error *err)
{
    struct modprop_plot_tag **placed = calloc(plot->series_count + 1, sizeof *placed);
    if (!placed)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a figure's labels");
    size_t count = 0;
    for (size_t k = 0; k < plot->series_count; k++) {
        if (!has_tag(&plot->series[k]))
            continue;
        tag[k] = (struct modprop_plot_tag){.shown = true, .x = x->end + MODPROP_PLOT_TAG_GAP};
        find_end(&tag[k], &plot->series[k], x, y);
        placed[count++] = &tag[k];
    }
    spread(placed, count, y->end, y->start);
    free(placed);
    return MODPROP_OK;
}
