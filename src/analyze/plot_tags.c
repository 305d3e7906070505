#include "analyze/plot_tags.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/plot_scale.h"
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

double modprop_plot_tags_widest(const struct modprop_plot *plot, size_t *count)
{
    double widest = 0;
    *count = 0;
    for (size_t k = 0; k < plot->series_count; k++) {
        if (!has_tag(&plot->series[k]))
            continue;
        widest = fmax(widest, modprop_plot_layout_text(plot->series[k].name, MODPROP_PLOT_TEXT));
        ++*count;
    }
    return widest;
}

double modprop_plot_tags_flow(struct modprop_plot_layout *layout, const struct modprop_plot *plot)
{
    const double edge = layout->caption_left;
    double x = edge, y = 0;
    for (size_t k = 0; k < plot->series_count; k++) {
        struct modprop_plot_tag *tag = &layout->tag[k];
        if (!has_tag(&plot->series[k]))
            continue;
        const double entry = SAMPLE +
                             modprop_plot_layout_text(plot->series[k].name, MODPROP_PLOT_SMALL);
        if (x > edge && x + entry > layout->width - edge) {
            x = edge;
            y += MODPROP_PLOT_LINE;
        }
        *tag = (struct modprop_plot_tag){true, x + SAMPLE, y, 0};
        x += entry + ENTRY_GAP;
        /* One that is wider than the figure takes several lines. */
        const size_t lines = modprop_plot_layout_lines(
            plot->series[k].name, layout->width - 2 * edge - SAMPLE, MODPROP_PLOT_SMALL);
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

/* Where a series ends at the right: its last value that is one, else at the top, by the strip. */
static double end_of(const struct modprop_plot_layout *layout,
                     const struct modprop_plot_series *series)
{
    for (size_t k = series->count; k-- > 0;) {
        const double y = series->y[k];
        if (modprop_plot_scale_shows(&layout->y, y))
            return fmax(layout->y.end,
                        fmin(layout->y.start, modprop_plot_scale_pixel(&layout->y, y)));
    }
    return layout->y.end;
}

enum modprop_status modprop_plot_tags_place(struct modprop_plot_layout *layout,
                                            const struct modprop_plot *plot, double legend_y,
                                            struct modprop_error *err)
{
    if (!layout->direct) {
        for (size_t k = 0; k < plot->series_count; k++)
            layout->tag[k].y += legend_y;
        return MODPROP_OK;
    }
    struct modprop_plot_tag **tag = calloc(plot->series_count + 1, sizeof *tag);
    if (!tag)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a figure's labels");
    size_t count = 0;
    for (size_t k = 0; k < plot->series_count; k++) {
        if (!has_tag(&plot->series[k]))
            continue;
        layout->tag[k] = (struct modprop_plot_tag){true, layout->x.end + MODPROP_PLOT_TAG_GAP, 0,
                                                   end_of(layout, &plot->series[k])};
        tag[count++] = &layout->tag[k];
    }
    spread(tag, count, layout->y.end, layout->y.start);
    free(tag);
    return MODPROP_OK;
}
