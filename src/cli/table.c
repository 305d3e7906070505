#include "cli/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table_layout.h"
#include "cli/text.h"

struct modprop_table *modprop_table_create(void)
{
    return calloc(1, sizeof(struct modprop_table));
}

void modprop_table_free(struct modprop_table *table)
{
    if (table)
        free(table->text);
    free(table);
}

/* ------------------------------------------------------------------ filling */

static void append(struct modprop_table *table, const char *text)
{
    const size_t size = strlen(text) + 1;
    if (table->capacity - table->used < size) {
        const size_t capacity = 2 * (table->capacity + size);
        char *grown = table->refused ? NULL : realloc(table->text, capacity);
        table->refused = !grown;
        if (!grown)
            return;
        table->text = grown;
        table->capacity = capacity;
    }
    memcpy(table->text + table->used, text, size);
    table->used += size;
}

static struct modprop_table_column *column_named(struct modprop_table *table, const char *name)
{
    const size_t k = modprop_table_layout_index(table, name);
    if (k == MODPROP_TABLE_NAMES)
        return NULL;
    if (k == table->names) {
        table->names++;
        memcpy(table->name[k].head, name, MODPROP_TABLE_HEAD);
    }
    return &table->name[k];
}

void modprop_table_column(struct modprop_table *table, const char *head, enum modprop_side side)
{
    assert(table->columns < MODPROP_TABLE_COLUMNS && table->rows == 0);
    struct modprop_table_column *column = &table->column[table->columns++];
    column->side = side;
    snprintf(column->head, sizeof column->head, "%s", head);
}

void modprop_table_row(struct modprop_table *table, const char *label)
{
    assert(table->rows == 0 || table->next == table->columns);
    table->rows++;
    table->next = 0;
    append(table, label);
    for (struct modprop_table_piece piece; modprop_table_layout_piece(&label, &piece);) {
        struct modprop_table_column *column = column_named(table, piece.name);
        if (column)
            modprop_table_layout_widen(column, strlen(piece.value));
        else
            table->crowded = true;
    }
}

void modprop_table_cell(struct modprop_table *table, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    assert(table->next < table->columns);
    struct modprop_table_column *column = &table->column[table->next++];
    append(table, text);
    if (text[0]) {
        modprop_table_layout_widen(column, strlen(text));
        modprop_table_layout_widen(column, strlen(column->head));
    }
}

/* ------------------------------------------------------------------ printing */

/* Blanks that stand before the next text: none at the end of a line. */
struct line {
    FILE *out;
    size_t blanks;
};

static void put(struct line *line, const struct modprop_table_column *column, const char *text)
{
    const size_t length = strlen(text), rest = column->width > length ? column->width - length : 0;
    if (column->side == MODPROP_RIGHT)
        line->blanks += rest;
    if (length) {
        fprintf(line->out, "%*s%s", (int)line->blanks, "", text);
        line->blanks = 0;
    }
    if (column->side == MODPROP_LEFT)
        line->blanks += rest;
    line->blanks += MODPROP_TABLE_GAP;
}

static void put_head(struct line *line, const struct modprop_table_column *column, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (column[k].width)
            put(line, &column[k], column[k].head);
}

/* The line of the heads' parts that has `below` lines below it. */
static void put_names(struct line *line, const struct modprop_table *table,
                      const struct modprop_table_layout *layout, size_t below)
{
    for (size_t k = 0; k < table->names; k++) {
        char text[MODPROP_TABLE_HEAD];
        const char *part = table->name[k].head;
        size_t length = strlen(part);
        if (layout->head_lines > 1)
            length = modprop_table_layout_part(table->name[k].head, below, &part);
        snprintf(text, sizeof text, "%.*s", (int)length, part);
        if (!layout->aside[k])
            put(line, &layout->name[k], text);
    }
}

static void print_heads(FILE *out, const struct modprop_table *table,
                        const struct modprop_table_layout *layout)
{
    struct line line = {.out = out, .blanks = layout->apart ? MODPROP_TABLE_GAP : 0};
    for (size_t below = layout->apart ? 0 : layout->head_lines - 1; below > 0; below--) {
        put_names(&line, table, layout, below);
        fputc('\n', out);
        line.blanks = 0;
    }
    if (!layout->apart) {
        put_names(&line, table, layout, 0);
        put_head(&line, &layout->besides, 1);
    }
    put_head(&line, table->column, table->columns);
}

static void put_label(struct line *line, const struct modprop_table *table,
                      const struct modprop_table_layout *layout, const char *label)
{
    for (size_t k = 0; k < table->names; k++) {
        struct modprop_table_piece piece;
        const char *at = label;
        bool found = layout->aside[k];
        while (!found && modprop_table_layout_piece(&at, &piece))
            found = strcmp(piece.name, table->name[k].head) == 0;
        if (!layout->aside[k])
            put(line, &layout->name[k], found ? piece.value : "-");
    }
    if (layout->besides.width) {
        char text[MODPROP_TABLE_SHORT];
        modprop_table_layout_shorten(table, layout, label, false, text);
        put(line, &layout->besides, text);
    }
}

/* A label on a line of its own. */
static void print_apart(FILE *out, const struct modprop_table *table,
                        const struct modprop_table_layout *layout, const char *label)
{
    char text[MODPROP_TABLE_SHORT];
    if (!table->crowded)
        modprop_table_layout_shorten(table, layout, label, true, text);
    modprop_text_entry(out, "", 0, table->crowded ? label : text[0] ? text : "-");
}

/* What a row has where its label leaves a parameter out that other rows name. */
static void print_usual(FILE *out, const struct modprop_table *table,
                        const struct modprop_table_layout *layout)
{
    static const char head[] = "not named:";
    char text[MODPROP_TABLE_SHORT];
    size_t used = 0;
    for (size_t k = 0; k < table->names; k++)
        if (layout->aside[k])
            used += (size_t)snprintf(text + used, MODPROP_TABLE_SHORT - used, "%s%s=%s",
                                     used ? " " : "", table->name[k].head, layout->usual[k]);
    if (used)
        modprop_text_entry(out, head, sizeof head + 1, text);
}

/* Returns what follows the row's cells. */
static const char *put_cells(struct line *line, const struct modprop_table *table, const char *cell)
{
    for (size_t k = 0; k < table->columns; k++) {
        if (table->column[k].width)
            put(line, &table->column[k], cell);
        cell += strlen(cell) + 1;
    }
    return cell;
}

enum modprop_status modprop_table_print(FILE *out, const struct modprop_table *table,
                                        struct modprop_error *err)
{
    struct modprop_table_layout layout;
    if (table->refused)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a table of %zu rows",
                            table->rows);
    modprop_table_layout_arrange(table, &layout);
    struct line line = {.out = out};
    print_heads(out, table, &layout);
    const char *at = table->text;
    for (size_t row = 0; row < table->rows; row++) {
        const char *label = at;
        fputc('\n', out);
        line.blanks = 0;
        if (layout.apart) {
            print_apart(out, table, &layout, label);
            line.blanks = MODPROP_TABLE_GAP;
        } else {
            put_label(&line, table, &layout, label);
        }
        at = put_cells(&line, table, label + strlen(label) + 1);
    }
    fputc('\n', out);
    print_usual(out, table, &layout);
    return MODPROP_OK;
}
