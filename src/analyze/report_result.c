#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/gnuplot.h"
#include "analyze/html.h"
#include "analyze/html_page.h"
#include "analyze/label.h"
#include "analyze/report_parts.h"
#include "engine/error.h"

/* ------------------------------------------------------------------ table */

enum { COLUMNS = MODPROP_LABEL_NAMES + MODPROP_RESULT_COLUMNS };

/* A parameter's value; among numbers "-" stands at the right as well, and sorts last. */
static void write_value(FILE *out, const char *text, bool number)
{
    char *end;
    const double value = strtod(text, &end);
    if (number)
        modprop_html_page_number(out, end != text && !*end ? value : NAN, "%s", text);
    else
        modprop_html_page_text(out, text);
}

/* A number as the page shows it: a dash for "..", infinity where runs diverged. */
static void write_number(FILE *out, const struct modprop_result_cell *cell)
{
    char text[128] = "";
    size_t used = 0;
    for (const char *from = cell->text; *from && used + 4 < sizeof text;) {
        const char *put = NULL;
        size_t taken = 0;
        if (strncmp(from, "..", 2) == 0) {
            put = "\xE2\x80\x93";
            taken = 2;
        } else if (strncmp(from, "inf", 3) == 0) {
            put = "\xE2\x88\x9E";
            taken = 3;
        } else if (*from == '-' && (used == 0 || text[used - 1] == ' ')) {
            put = "\xE2\x88\x92";
            taken = 1;
        }
        if (put) {
            strcpy(text + used, put);
            used += 3;
            from += taken;
        } else {
            text[used++] = *from++;
        }
    }
    text[used] = '\0';
    modprop_html_page_number(out, cell->value, "%s", text);
}

static void write_label(FILE *out, const struct modprop_label_names *names, const bool *number,
                        const char *label)
{
    char value[MODPROP_LABEL_NAMES][MODPROP_LABEL_PIECE];
    if (!names->count)
        modprop_html_page_text(out, label);
    modprop_label_values(names, label, value);
    for (size_t k = 0; k < names->count; k++)
        write_value(out, value[k][0] ? value[k] : "-", number[k]);
}

/* Whether a column has anything for people in it. */
static bool is_shown(const struct modprop_result *result, size_t column)
{
    if (!result->column[column].head)
        return false;
    for (size_t k = 0; k < result->rows; k++)
        if (!result->row[k].detail && *result->row[k].cell[column].text)
            return true;
    return false;
}

static bool is_number(const struct modprop_result *result, size_t column)
{
    for (size_t k = 0; k < result->rows; k++)
        if (!result->row[k].detail && result->row[k].cell[column].number)
            return true;
    return false;
}

/* A parameter's column is one of numbers if each value is one. */
static bool name_is_number(const struct modprop_result *result, const char *name)
{
    for (size_t k = 0; k < result->rows; k++) {
        const char *label = result->row[k].label;
        struct modprop_label_piece piece;
        while (!result->row[k].detail && modprop_label_next(&label, &piece)) {
            char *end;
            strtod(piece.value, &end);
            if (strcmp(piece.name, name) == 0 && *end && strcmp(piece.value, "-") != 0)
                return false;
        }
    }
    return true;
}

static void write_table(FILE *out, const struct modprop_result *result)
{
    const struct modprop_label_names names = modprop_label_collect(result, false);
    struct modprop_html_page_column column[COLUMNS];
    bool shown[MODPROP_RESULT_COLUMNS], numeric[MODPROP_LABEL_NAMES] = {false};
    size_t count = 0, rows = 0;
    for (size_t k = 0; k < names.count; k++) {
        numeric[k] = name_is_number(result, names.name[k]);
        column[count++] = (struct modprop_html_page_column){names.name[k], NULL, numeric[k]};
    }
    if (!names.count)
        column[count++] = (struct modprop_html_page_column){"condition", NULL, false};
    for (size_t k = 0; k < result->columns; k++) {
        shown[k] = is_shown(result, k);
        if (shown[k])
            column[count++] = (struct modprop_html_page_column){
                result->column[k].head, result->column[k].name, is_number(result, k)};
    }
    for (size_t k = 0; k < result->rows; k++)
        rows += !result->row[k].detail;
    if (!rows)
        return;
    modprop_html_page_table(out, column, count, rows > 1, result->title);
    for (size_t k = 0; k < result->rows; k++) {
        const struct modprop_result_row *row = &result->row[k];
        if (row->detail)
            continue;
        modprop_html_page_row(out);
        write_label(out, &names, numeric, row->label);
        for (size_t c = 0; c < result->columns; c++) {
            if (!shown[c])
                continue;
            if (row->cell[c].number)
                write_number(out, &row->cell[c]);
            else
                modprop_html_page_text(out, row->cell[c].text);
        }
        modprop_html_page_row_end(out);
    }
    modprop_html_page_table_end(out);
}

/* ------------------------------------------------------------------ figure */

/* Two widths, of which a window shows the one that suits it: letters stay legible on a phone. */
static const struct {
    const char *class;
    double width, height;
} views[] = {{"wide", 900, 440}, {"narrow", 360, 340}};

static enum modprop_status draw(const struct modprop_report_page *page,
                                const struct modprop_plot *plot, size_t view, size_t id,
                                char **element, struct modprop_error *err)
{
    const bool rows = plot->series_count && plot->series[0].kind == MODPROP_PLOT_ROWS;
    const struct modprop_plot_canvas canvas = {.format = MODPROP_PLOT_SVG,
                                               .width = views[view].width,
                                               .height = plot->panels || rows ? 0
                                                                              : views[view].height,
                                               .bare = true};
    char *svg = NULL, prefix[32];
    size_t bytes;
    snprintf(prefix, sizeof prefix, "f%zu%c", id, views[view].class[0]);
    *element = NULL;
    enum modprop_status status = modprop_plot_draw(plot, &canvas, &svg, &bytes, err);
    FILE *out = status == MODPROP_OK ? open_memstream(element, &bytes) : NULL;
    if (status == MODPROP_OK && !out)
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a figure");
    if (out) {
        status = modprop_html_svg(out, svg, prefix, plot->title ? plot->title : "figure", err);
        const bool whole = !ferror(out);
        if ((fclose(out) != 0 || !whole) && status == MODPROP_OK)
            status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a figure");
    }
    free(svg);
    (void)page;
    return status;
}

/* A figure that cannot be drawn is told in its place; the page goes on. */
static enum modprop_status write_figure(struct modprop_report_page *page,
                                        const struct modprop_plot *plot, struct modprop_error *err)
{
    const size_t id = ++page->ids;
    struct modprop_error why = {0};
    enum modprop_status status = MODPROP_OK;
    page->outcome->figures++;
    if (!page->gnuplot) {
        page->outcome->missing++;
        return MODPROP_OK;
    }
    fputs("<figure>\n", page->out);
    for (size_t view = 0; view < sizeof views / sizeof *views && status == MODPROP_OK; view++) {
        char *element = NULL;
        status = draw(page, plot, view, id, &element, &why);
        if (status == MODPROP_OK)
            fprintf(page->out, "<div class=\"%s\">%s</div>\n", views[view].class, element);
        free(element);
    }
    if (status != MODPROP_OK && status != MODPROP_NO_MEMORY) {
        fputs("<p class=\"note\">", page->out);
        modprop_html_text(page->out, why.message);
        fputs("</p>\n", page->out);
        if (status == MODPROP_INVALID)
            page->outcome->figures--;
        else if (!page->outcome->missing++)
            snprintf(page->outcome->why, sizeof page->outcome->why, "%s", why.message);
        status = MODPROP_OK;
    }
    fputs("<figcaption><b>", page->out);
    modprop_html_text(page->out, plot->title);
    fputs(".</b> ", page->out);
    modprop_html_text(page->out, plot->caption);
    fputs("</figcaption>\n</figure>\n", page->out);
    return status == MODPROP_OK ? status : MODPROP_FAIL(err, status, "%s", why.message);
}

static void write_lines(FILE *out, const char *class, const char *const *line, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        fprintf(out, "<p class=\"%s\">", class);
        modprop_html_words(out, line[k]);
        fputs("</p>\n", out);
    }
}

enum modprop_status modprop_report_result(struct modprop_report_page *page,
                                          const struct modprop_result *result, const char *command,
                                          struct modprop_error *err)
{
    FILE *out = page->out;
    if (result->has_plot && write_figure(page, &result->plot, err) != MODPROP_OK)
        return MODPROP_NO_MEMORY;
    modprop_html_page_command(out, command);
    write_lines(out, "note", result->warning, result->warnings);
    if (result->has_plot && page->gnuplot)
        fputs("<details>\n<summary>The numbers</summary>\n", out);
    write_table(out, result);
    write_lines(out, "small", result->note, result->notes);
    if (result->has_plot && page->gnuplot)
        fputs("</details>\n", out);
    return MODPROP_OK;
}
