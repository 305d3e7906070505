#include "analyze/plot_scale.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/plot_text.h"

static const double WIDE = 50; /* factor from which small values vanish on a linear axis */

struct span {
    bool log;
    double low, high;
};

static void include(struct span *span, size_t count, const double *value)
{
    for (size_t k = 0; value && k < count; k++) {
        if (!isfinite(value[k]) || (span->log && !(value[k] > 0)))
            continue;
        span->low = fmin(span->low, value[k]);
        span->high = fmax(span->high, value[k]);
    }
}

static void include_series(struct span *span, const struct modprop_plot_series *series,
                           bool along_y, bool banded)
{
    const bool level = series->kind == MODPROP_PLOT_LEVEL;
    const bool bare = !banded &&
                      (series->kind == MODPROP_PLOT_LINES || series->kind == MODPROP_PLOT_STEPS);
    const bool interval_here = !bare && along_y == (series->kind != MODPROP_PLOT_ROWS);
    if (along_y || !level)
        include(span, series->count, along_y ? series->y : series->x);
    if (interval_here) {
        include(span, series->count, series->low);
        include(span, series->count, series->high);
    }
    include(span, series->dots, along_y ? series->dot_y : series->dot_x);
    if (!along_y && !level)
        include(span, series->lost, series->lost_x);
}

static bool given(const struct modprop_plot_axis *axis)
{
    return isfinite(axis->low) && isfinite(axis->high) && (axis->low != 0 || axis->high != 0);
}

struct modprop_plot_scale modprop_plot_scale_span(const struct modprop_plot *plot, bool along_y,
                                                  bool banded)
{
    const struct modprop_plot_axis *axis = along_y ? &plot->y : &plot->x;
    struct span span = {axis->log, INFINITY, -INFINITY};
    for (size_t k = 0; k < plot->series_count; k++)
        include_series(&span, &plot->series[k], along_y, banded);
    const bool rows = plot->series_count && plot->series[0].kind == MODPROP_PLOT_ROWS;
    if (plot->mark_label && along_y != rows)
        include(&span, 1, &plot->mark);
    if (!(span.low <= span.high)) {
        span.low = axis->log ? 0.1 : 0;
        span.high = 1;
    }
    struct modprop_plot_scale scale = {.log = axis->log, .low = span.low, .high = span.high};
    scale.log |= axis->wide && !axis->names && !given(axis) && span.low > 0 &&
                 span.high > WIDE * span.low;
    if (axis->names) {
        scale.low = -0.5;
        scale.high = (double)axis->names - 0.5;
    } else if (given(axis)) {
        scale.low = axis->low;
        scale.high = axis->high;
    }
    return scale;
}

void modprop_plot_scale_widen(struct modprop_plot_scale *scale, double share)
{
    if (scale->log) {
        const double factor = scale->high > scale->low ? pow(scale->high / scale->low, share) : 1.5;
        scale->low /= factor;
        scale->high *= factor;
        return;
    }
    double more = share * (scale->high - scale->low);
    if (more == 0)
        more = scale->high != 0 ? 0.1 * fabs(scale->high) : 1;
    scale->low -= more;
    scale->high += more;
}

bool modprop_plot_scale_shows(const struct modprop_plot_scale *scale, double value)
{
    return isfinite(value) && (!scale->log || value > 0);
}

double modprop_plot_scale_pixel(const struct modprop_plot_scale *scale, double value)
{
    const double part = scale->log ? log(value / scale->low) / log(scale->high / scale->low)
                                   : (value - scale->low) / (scale->high - scale->low);
    return scale->start + part * (scale->end - scale->start);
}

double modprop_plot_scale_value(const struct modprop_plot_scale *scale, double pixel)
{
    const double part = (pixel - scale->start) / (scale->end - scale->start);
    return scale->log ? scale->low * pow(scale->high / scale->low, part)
                      : scale->low + part * (scale->high - scale->low);
}

static void add_tick(struct modprop_plot_scale *scale, double value)
{
    const double low = fmin(scale->low, scale->high), high = fmax(scale->low, scale->high);
    const double slack = scale->log ? 0 : 1e-9 * (high - low);
    if (scale->ticks < MODPROP_PLOT_TICKS && value >= low - slack && value <= high + slack)
        scale->tick[scale->ticks++] = value;
}

static void linear_ticks(struct modprop_plot_scale *scale, double most)
{
    const double low = fmin(scale->low, scale->high), high = fmax(scale->low, scale->high);
    const double rough = (high - low) / most;
    const double power = pow(10, floor(log10(rough)));
    const double unit = rough / power <= 1   ? 1
                        : rough / power <= 2 ? 2
                        : rough / power <= 5 ? 5
                                             : 10;
    const double step = unit * power;
    for (double k = ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
        if (scale->ticks == MODPROP_PLOT_TICKS)
            break;
        add_tick(scale, k == 0 ? 0 : k * step);
    }
}

/* 1, 2, 5 of each decade where there is room; else 1 of every so many. */
static void log_ticks(struct modprop_plot_scale *scale, double most)
{
    const double decades = log10(scale->high / scale->low);
    const int from = (int)floor(log10(scale->low)), to = (int)ceil(log10(scale->high));
    if (decades < 0.7) {
        linear_ticks(scale, most);
        return;
    }
    const int widest = decades > most ? (int)ceil(decades / most) : 1;
    for (int stride = widest; stride >= 0 && scale->ticks < 2; stride--) { /* 0: fine in any case */
        const bool fine = stride == 0 || (stride == 1 && 3 * decades <= most + 1);
        scale->ticks = 0;
        for (int decade = from; decade <= to; decade++)
            for (int digit = 1; digit <= (fine ? 5 : 1); digit += digit == 2 ? 3 : 1)
                if (stride < 2 || decade % stride == 0)
                    add_tick(scale, digit * pow(10, decade));
    }
}

void modprop_plot_scale_ticks(struct modprop_plot_scale *scale, double apart)
{
    const double most = fmax(2, fabs(scale->end - scale->start) / apart);
    scale->ticks = 0;
    if (scale->log)
        log_ticks(scale, most);
    else
        linear_ticks(scale, most);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Adds a value unless it is there; false: no room for one more. */
static bool note(struct modprop_plot_scale *scale, double value)
{
    for (size_t k = 0; k < scale->ticks; k++)
        if (scale->tick[k] == value)
            return true;
    if (scale->ticks == MODPROP_PLOT_TICKS)
        return false;
    scale->tick[scale->ticks++] = value;
    return true;
}

bool modprop_plot_scale_own_ticks(struct modprop_plot_scale *scale, const struct modprop_plot *plot)
{
    scale->ticks = 0;
    for (size_t k = 0; k < plot->series_count; k++) {
        const struct modprop_plot_series *series = &plot->series[k];
        if (series->kind == MODPROP_PLOT_LINES || series->kind == MODPROP_PLOT_STEPS)
            return false;
        if (series->kind != MODPROP_PLOT_POINTS)
            continue;
        for (size_t p = 0; p < series->count; p++)
            if (isfinite(series->x[p]) && (!scale->log || series->x[p] > 0) &&
                !note(scale, series->x[p]))
                return false;
    }
    qsort(scale->tick, scale->ticks, sizeof *scale->tick, ascending);
    double behind = -INFINITY; /* right end of the label before */
    for (size_t k = 0; k < scale->ticks; k++) {
        char text[MODPROP_PLOT_NUMBER];
        modprop_plot_scale_number(scale->tick[k], 6, text);
        const double half = modprop_plot_text_width(text, MODPROP_PLOT_TEXT) / 2;
        const double pixel = modprop_plot_scale_pixel(scale, scale->tick[k]);
        if (pixel - half < behind + 4)
            return false;
        behind = pixel + half;
    }
    return scale->ticks > 0;
}

void modprop_plot_scale_number(double value, int digits, char text[MODPROP_PLOT_NUMBER])
{
    char plain[32], *from = plain;
    snprintf(plain, sizeof plain, "%.*g", digits, value);
    if (strstr(plain, "e+") && fabs(value) < 1e5)
        snprintf(plain, sizeof plain, "%.0f", value); /* 1478, not 1.5e3 */
    char *put = text;
    for (; *from; from++) {
        if (*from == '-') {
            memcpy(put, "\xE2\x88\x92", 3); /* the minus sign */
            put += 3;
        } else if (*from != '+') {
            *put++ = *from;
        }
        /* 1e-05 as 1e-5 */
        if (*from == 'e') {
            if (from[1] == '-' || from[1] == '+') {
                from++;
                if (*from == '-') {
                    memcpy(put, "\xE2\x88\x92", 3);
                    put += 3;
                }
            }
            while (from[1] == '0' && from[2])
                from++;
        }
    }
    *put = '\0';
}
