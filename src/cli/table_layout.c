#include "cli/table_layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/launch.h"
#include "cli/text.h"

enum { LONGEST_VALUE = 9, NAMES = MODPROP_TABLE_NAMES, GAP = MODPROP_TABLE_GAP };
enum { WIDEST = 120 }; /* columns of a line, where that saves lines of labels */

/* ------------------------------------------------------------------ labels */

bool modprop_table_layout_piece(const char **label, struct modprop_table_piece *piece)
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

size_t modprop_table_layout_index(const struct modprop_table *table, const char *name)
{
    size_t k = 0;
    while (k < table->names && strcmp(table->name[k].head, name) != 0)
        k++;
    return k;
}

void modprop_table_layout_shorten(const struct modprop_table *table,
                                  const struct modprop_table_layout *layout, const char *label,
                                  bool whole, char text[MODPROP_TABLE_SHORT])
{
    size_t used = 0;
    text[0] = '\0';
    for (struct modprop_table_piece piece; modprop_table_layout_piece(&label, &piece);) {
        const size_t k = modprop_table_layout_index(table, piece.name);
        if (layout->aside[k] ? strcmp(piece.value, layout->usual[k]) != 0 : whole)
            used += (size_t)snprintf(text + used, MODPROP_TABLE_SHORT - used, "%s%s=%s",
                                     used ? " " : "", piece.name, piece.value);
    }
}

static const char *row_after(const struct modprop_table *table, const char *row)
{
    for (size_t k = 0; k < table->columns + 1; k++)
        row += strlen(row) + 1;
    return row;
}

/* The only value that can be usual is what is left when rows with different values cancel each other
 * (Boyer & Moore's vote). */
static void elect_usual(const struct modprop_table *table, struct modprop_table_layout *layout)
{
    size_t votes[NAMES] = {0};
    const char *row = table->text;
    for (size_t r = 0; r < table->rows; r++, row = row_after(table, row)) {
        const char *at = row;
        for (struct modprop_table_piece piece; modprop_table_layout_piece(&at, &piece);) {
            const size_t k = modprop_table_layout_index(table, piece.name);
            if (votes[k] == 0)
                memcpy(layout->usual[k], piece.value, MODPROP_TABLE_HEAD);
            const bool same = strcmp(layout->usual[k], piece.value) == 0;
            votes[k] = same ? votes[k] + 1 : votes[k] - 1;
        }
    }
}

static void find_usual(const struct modprop_table *table, struct modprop_table_layout *layout)
{
    size_t rows[NAMES] = {0};
    elect_usual(table, layout);
    const char *row = table->text;
    for (size_t r = 0; r < table->rows; r++, row = row_after(table, row)) {
        const char *at = row;
        for (struct modprop_table_piece piece; modprop_table_layout_piece(&at, &piece);) {
            const size_t k = modprop_table_layout_index(table, piece.name);
            rows[k]++;
            layout->others[k] += strcmp(layout->usual[k], piece.value) != 0;
        }
    }
    for (size_t k = 0; k < table->names; k++)
        if (2 * layout->others[k] >= rows[k])
            layout->usual[k][0] = '\0';
}

/* ------------------------------------------------------------------ widths */

size_t modprop_table_layout_part(const char *head, size_t k, const char **part)
{
    const char *end = head + strlen(head);
    for (;; k--) {
        const char *begin = end;
        while (begin > head && begin[-1] != '_')
            begin--;
        *part = begin;
        if (k == 0 || begin == head)
            return k == 0 ? (size_t)(end - begin) : 0;
        end = begin - 1;
    }
}

void modprop_table_layout_widen(struct modprop_table_column *column, size_t width)
{
    column->width = width > column->width ? width : column->width;
}

/* Gives every parameter a column, with its head on one line or split. */
static void set_heads(const struct modprop_table *table, struct modprop_table_layout *layout,
                      bool split)
{
    layout->head_lines = 1;
    memcpy(layout->name, table->name, sizeof layout->name);
    for (size_t k = 0; k < table->names; k++) {
        const char *part;
        size_t length = strlen(table->name[k].head);
        if (!split)
            modprop_table_layout_widen(&layout->name[k], length);
        for (size_t line = 0;
             split && (length = modprop_table_layout_part(table->name[k].head, line, &part)) > 0;
             line++) {
            modprop_table_layout_widen(&layout->name[k], length);
            layout->head_lines = line + 1 > layout->head_lines ? line + 1 : layout->head_lines;
        }
    }
}

static size_t width_of(const struct modprop_table_column *column)
{
    return column->width ? column->width + GAP : 0;
}

/* Of a line, with the gap at its end. */
static size_t whole_width(const struct modprop_table *table,
                          const struct modprop_table_layout *layout)
{
    size_t width = width_of(&layout->besides);
    for (size_t k = 0; k < table->columns; k++)
        width += width_of(&table->column[k]);
    for (size_t k = 0; k < table->names; k++)
        width += layout->aside[k] ? 0 : width_of(&layout->name[k]);
    return width;
}

static void measure_besides(const struct modprop_table *table, struct modprop_table_layout *layout)
{
    char text[MODPROP_TABLE_SHORT];
    const char *row = table->text;
    layout->besides = (struct modprop_table_column){.head = "besides"};
    for (size_t r = 0; r < table->rows; r++, row = row_after(table, row)) {
        modprop_table_layout_shorten(table, layout, row, false, text);
        modprop_table_layout_widen(&layout->besides, strlen(text));
    }
    if (layout->besides.width)
        modprop_table_layout_widen(&layout->besides, strlen(layout->besides.head));
}

/* Takes the column away that says least. Returns false where all that are left are needed. */
static bool put_aside(const struct modprop_table *table, struct modprop_table_layout *layout)
{
    size_t least = NAMES;
    for (size_t k = 0; k < table->names; k++)
        if (layout->usual[k][0] && !layout->aside[k] &&
            (least == NAMES || layout->others[k] < layout->others[least]))
            least = k;
    if (least == NAMES)
        return false;
    layout->aside[least] = true;
    measure_besides(table, layout);
    return true;
}

void modprop_table_layout_arrange(const struct modprop_table *table,
                                  struct modprop_table_layout *layout)
{
    const size_t most = modprop_launch_width(MODPROP_TEXT_WIDTH) + GAP;
    const size_t widest = modprop_launch_width(WIDEST) + GAP;
    *layout = (struct modprop_table_layout){.apart = table->crowded};
    set_heads(table, layout, false);
    if (table->crowded || whole_width(table, layout) <= most)
        return;
    set_heads(table, layout, true);
    if (whole_width(table, layout) <= widest)
        return;
    find_usual(table, layout);
    while (whole_width(table, layout) > most && put_aside(table, layout))
        ;
    layout->apart = whole_width(table, layout) > widest;
}
