#include "analyze/result.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void modprop_result_clear(struct modprop_result *result)
{
    modprop_arena_clear(&result->arena);
    *result = (struct modprop_result){0};
}

static void add_line(struct modprop_result *result, const char **line, size_t *count,
                     const char *format, va_list args)
{
    if (*count < MODPROP_RESULT_LINES)
        line[(*count)++] = modprop_arena_format(&result->arena, format, args);
}

void modprop_result_note(struct modprop_result *result, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_line(result, result->note, &result->notes, format, args);
    va_end(args);
}

void modprop_result_warn(struct modprop_result *result, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_line(result, result->warning, &result->warnings, format, args);
    va_end(args);
}

const char *modprop_result_title(struct modprop_result *result, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *title = modprop_arena_format(&result->arena, format, args);
    va_end(args);
    const bool typed = memchr(title, '_', strcspn(title, " ")) != NULL;
    return typed || *title < 'a' || *title > 'z'
               ? title
               : modprop_arena_text(&result->arena, "%c%s", *title - 'a' + 'A', title + 1);
}

void modprop_result_column(struct modprop_result *result, const char *name, const char *head)
{
    assert(result->columns < MODPROP_RESULT_COLUMNS && result->rows == 0);
    result->column[result->columns++] = (struct modprop_result_column){name, head};
}

void modprop_result_row(struct modprop_result *result, const char *label)
{
    assert(result->rows == 0 || result->row[result->rows - 1].cells == result->columns);
    if (result->rows == result->room) {
        const size_t room = 2 * result->room + 16;
        struct modprop_result_row *grown = modprop_arena_get(&result->arena, room, sizeof *grown);
        if (!grown) { /* the last row is written over; modprop_result_check tells */
            if (result->rows)
                result->row[result->rows - 1].cells = 0;
            return;
        }
        if (result->rows)
            memcpy(grown, result->row, result->rows * sizeof *grown);
        result->row = grown;
        result->room = room;
    }
    struct modprop_result_row *row = &result->row[result->rows++];
    row->label = modprop_arena_text(&result->arena, "%s", label);
    row->cell = modprop_arena_get(&result->arena, result->columns, sizeof *row->cell);
}

static void put(struct modprop_result *result, const char *text, double value, bool number)
{
    struct modprop_result_row *row = result->rows ? &result->row[result->rows - 1] : NULL;
    assert(!row || row->cells < result->columns);
    if (row && row->cell)
        row->cell[row->cells] = (struct modprop_result_cell){text, value, number};
    if (row)
        row->cells++;
}

/* A format that comes from a constant of ours. */
static const char *shown(struct modprop_result *result, const char *format, double value)
{
    char text[64];
    if (isnan(value))
        return "";
    if (isinf(value))
        return value > 0 ? "inf" : "-inf";
    snprintf(text, sizeof text, format, value);
    if (strstr(text, "e+") && fabs(value) < 1e6)
        snprintf(text, sizeof text, format[1] == '+' ? "%+.0f" : "%.0f",
                 value); /* 276, not 2.8e+02 */
    return modprop_arena_text(&result->arena, "%s", text);
}

void modprop_result_number(struct modprop_result *result, const char *format, double value)
{
    put(result, shown(result, format, value), value, true);
}

void modprop_result_count(struct modprop_result *result, size_t count, bool zero)
{
    put(result, count || zero ? modprop_arena_text(&result->arena, "%zu", count) : "",
        (double)count, true);
}

void modprop_result_text(struct modprop_result *result, const char *text)
{
    put(result, modprop_arena_text(&result->arena, "%s", text), NAN, false);
}

void modprop_result_range(struct modprop_result *result, const char *format, double low,
                          double high)
{
    const char *const from = shown(result, format, low), *const to = shown(result, format, high);
    put(result,
        strcmp(from, to) == 0 ? from : modprop_arena_text(&result->arena, "%s..%s", from, to), low,
        true);
    put(result, "", high, true);
}

void modprop_result_share(struct modprop_result *result, size_t hits, size_t count, bool zero)
{
    put(result, hits || zero ? modprop_arena_text(&result->arena, "%zu of %zu", hits, count) : "",
        count ? (double)hits / (double)count : NAN, true);
    put(result, "", (double)count, true);
}

const char *modprop_result_runs(struct modprop_result *result, size_t count)
{
    return modprop_arena_text(&result->arena, "%zu run%s", count, count == 1 ? "" : "s");
}

enum modprop_status modprop_result_check(const struct modprop_result *result,
                                         struct modprop_error *err)
{
    return result->arena.refused ? MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the results")
                                 : MODPROP_OK;
}
