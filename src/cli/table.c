#include "cli/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/launch.h"
#include "cli/text.h"

enum { MOST_COLUMNS = 12, MOST_NAMES = 12, HEAD_LENGTH = 48, LONGEST_VALUE = 9, GAP = 2 };

struct column {
    char head[HEAD_LENGTH];
    enum modprop_side side;
    size_t width; /* 0: nothing in it */
};

struct modprop_table {
    struct column name[MOST_NAMES]; /* parameters of the labels */
    size_t names;
    bool crowded; /* more parameters than that */
    struct column column[MOST_COLUMNS];
    size_t columns;
    char *text; /* of each row the label, then its cells; each ends with '\0' */
    size_t used, capacity, rows;
    size_t next; /* column of the next cell */
    bool refused;
};

/* A "name=value" of a label as it is shown. */
struct piece {
    char name[HEAD_LENGTH], value[HEAD_LENGTH];
};

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

static void widen(struct column *column, size_t width)
{
    column->width = width > column->width ? width : column->width;
}

/* Takes the next piece off a label; false at its end. A word without a name is that of the only
 * condition. Numbers with many digits (drawn ones) are rounded. */
static bool next_piece(const char **label, struct piece *piece)
{
    *label += strspn(*label, " ");
    const size_t length = strcspn(*label, " ");
    if (length == 0)
        return false;
    const char *equals = memchr(*label, '=', length);
    const char *value = equals ? equals + 1 : *label;
    const int letters = (int)(*label + length - value);
    snprintf(piece->name, sizeof piece->name, "condition");
    if (equals)
        snprintf(piece->name, sizeof piece->name, "%.*s", (int)(equals - *label), *label);
    snprintf(piece->value, sizeof piece->value, "%.*s", letters, value);
    char *end;
    const double number = strtod(piece->value, &end);
    if (letters > LONGEST_VALUE && *end == '\0')
        snprintf(piece->value, sizeof piece->value, "%.5g", number);
    *label += length;
    return true;
}

static struct column *column_named(struct modprop_table *table, const char *name)
{
    size_t k = 0;
    while (k < table->names && strcmp(table->name[k].head, name) != 0)
        k++;
    if (k == MOST_NAMES)
        return NULL;
    if (k == table->names) {
        table->names++;
        memcpy(table->name[k].head, name, HEAD_LENGTH);
        widen(&table->name[k], strlen(name));
    }
    return &table->name[k];
}

void modprop_table_column(struct modprop_table *table, const char *head, enum modprop_side side)
{
    assert(table->columns < MOST_COLUMNS && table->rows == 0);
    struct column *column = &table->column[table->columns++];
    column->side = side;
    snprintf(column->head, sizeof column->head, "%s", head);
}

void modprop_table_row(struct modprop_table *table, const char *label)
{
    assert(table->rows == 0 || table->next == table->columns);
    table->rows++;
    table->next = 0;
    append(table, label);
    for (struct piece piece; next_piece(&label, &piece);) {
        struct column *column = column_named(table, piece.name);
        if (column)
            widen(column, strlen(piece.value));
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
    struct column *column = &table->column[table->next++];
    append(table, text);
    if (text[0]) {
        widen(column, strlen(text));
        widen(column, strlen(column->head));
    }
}

/* ------------------------------------------------------------------ printing */

/* Blanks that stand before the next text: none at the end of a line. */
struct line {
    FILE *out;
    size_t blanks;
};

static void put(struct line *line, const struct column *column, const char *text)
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
    line->blanks += GAP;
}

static size_t width_of(const struct column *column, size_t count)
{
    size_t width = 0;
    for (size_t k = 0; k < count; k++)
        width += column[k].width ? column[k].width + GAP : 0;
    return width;
}

static void put_head(struct line *line, const struct column *column, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (column[k].width)
            put(line, &column[k], column[k].head);
}

static void put_label(struct line *line, const struct modprop_table *table, const char *label)
{
    for (size_t k = 0; k < table->names; k++) {
        struct piece piece;
        const char *at = label;
        bool found = false;
        while (!found && next_piece(&at, &piece))
            found = strcmp(piece.name, table->name[k].head) == 0;
        put(line, &table->name[k], found ? piece.value : "-");
    }
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
    if (table->refused)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a table of %zu rows",
                            table->rows);
    const size_t width = width_of(table->name, table->names) +
                         width_of(table->column, table->columns);
    const bool apart = table->crowded || width > modprop_launch_width(MODPROP_TEXT_WIDTH) + GAP;
    struct line line = {.out = out, .blanks = apart ? GAP : 0};
    if (!apart)
        put_head(&line, table->name, table->names);
    put_head(&line, table->column, table->columns);
    const char *at = table->text;
    for (size_t row = 0; row < table->rows; row++) {
        const char *label = at;
        fputc('\n', out);
        line.blanks = 0;
        if (apart) {
            modprop_text_entry(out, "", 0, label);
            line.blanks = GAP;
        } else {
            put_label(&line, table, label);
        }
        at = put_cells(&line, table, label + strlen(label) + 1);
    }
    fputc('\n', out);
    return MODPROP_OK;
}
