/*
 * html_page.h - the frame of a page: head, style sheet, the script that sorts tables; and tables.
 *
 * The page is well-formed as XML too. It loads nothing (its content security policy forbids it), follows
 * the reader's light or dark setting, is as wide as its window from a phone's 375 pixels on, and prints
 * in light colours.
 */
#ifndef MODPROP_ANALYZE_HTML_PAGE_H
#define MODPROP_ANALYZE_HTML_PAGE_H

#include <stdio.h>

#include "engine/error.h"
#include "modprop.h"

/* Up to the opening of <body>. */
void modprop_html_page_begin(FILE *out, const char *title);
void modprop_html_page_end(FILE *out);

/* <section id> with its heading. */
void modprop_html_page_section(FILE *out, const char *id, const char *heading);
void modprop_html_page_section_end(FILE *out);

/* A command to copy. */
void modprop_html_page_command(FILE *out, const char *command);

struct modprop_html_page_column {
    const char *head;
    const char *help; /* tooltip; NULL: none */
    bool number;      /* aligned right */
};

/* A table that scrolls in itself where it is wider than the page. `sortable`: by clicks on its heads. */
void modprop_html_page_table(FILE *out, const struct modprop_html_page_column *column,
                             size_t columns, bool sortable, const char *label);
void modprop_html_page_table_end(FILE *out);

void modprop_html_page_row(FILE *out);
void modprop_html_page_row_end(FILE *out);

/* A cell that sorts by its text; by `value` (NaN: last). */
void modprop_html_page_text(FILE *out, const char *text);
void modprop_html_page_number(FILE *out, double value, const char *format, ...)
    MODPROP_PRINTF(3, 4);

#endif
