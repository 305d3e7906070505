#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/html.h"
#include "analyze/html_page.h"
#include "analyze/report_parts.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The name people know the sweep by: its file, else that of the results. */
static const char *sweep_name(const struct modprop_runs_file *file)
{
    return file->sweep_file && *file->sweep_file ? base_name(file->sweep_file)
                                                 : base_name(file->path);
}

static void write_names(FILE *out, const struct modprop_runs *runs)
{
    for (size_t k = 0; k < runs->files; k++) {
        bool known = false;
        for (size_t m = 0; m < k; m++)
            known |= strcmp(sweep_name(&runs->from[k]), sweep_name(&runs->from[m])) == 0;
        if (known)
            continue;
        fputs(k ? ", " : "", out);
        modprop_html_text(out, sweep_name(&runs->from[k]));
    }
}

/* The comment that opens a sweep file says what is asked: its first paragraph. */
static void write_question(FILE *out, const char *text)
{
    bool open = false;
    while (text && (*text == ';' || *text == '#')) {
        const char *line = text + 1 + strspn(text + 1, " \t");
        const size_t length = strcspn(line, "\r\n");
        char copy[512];
        if (!length)
            break;
        snprintf(copy, sizeof copy, "%.*s", (int)length, line);
        fputs(open ? "\n" : "<p class=\"lede\">", out);
        modprop_html_text(out, copy);
        open = true;
        text = line + length + strspn(line + length, "\r");
        text += *text == '\n';
    }
    fputs(open ? "</p>\n" : "", out);
}

static void write_tile(FILE *out, size_t count, const char *word)
{
    fprintf(out, "<div><b>%zu</b><span>%s</span></div>\n", count, word);
}

static bool is_chosen(const struct modprop_report_page *page, size_t run)
{
    return !page->chosen || page->chosen[run];
}

static void write_tiles(FILE *out, const struct modprop_report_page *page)
{
    static const enum modprop_run_state order[] = {MODPROP_RUN_DONE,    MODPROP_RUN_DIVERGED,
                                                   MODPROP_RUN_FAILED,  MODPROP_RUN_TIMEOUT,
                                                   MODPROP_RUN_RUNNING, MODPROP_RUN_PENDING};
    size_t count[MODPROP_RUN_STATES] = {0}, all = 0;
    for (size_t run = 0; run < page->runs->count; run++) {
        if (!is_chosen(page, run))
            continue;
        count[page->runs->state[run]]++;
        all++;
    }
    fputs("<div class=\"tiles\">\n", out);
    write_tile(out, page->conditions.count,
               page->conditions.count == 1 ? "condition" : "conditions");
    write_tile(out, all, all == 1 ? "run" : "runs");
    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        if (count[order[k]] || order[k] == MODPROP_RUN_DONE || order[k] == MODPROP_RUN_DIVERGED)
            write_tile(out, count[order[k]], modprop_run_state_name(order[k]));
    fputs("</div>\n", out);
}

/* What is not as it should be with the files. */
static void write_cautions(FILE *out, const struct modprop_report_page *page)
{
    const struct modprop_runs *runs = page->runs;
    if (!page->results)
        fputs("<p class=\"note\">No run has a result yet: there is nothing to analyse.</p>\n", out);
    if (!page->gnuplot)
        fputs("<p class=\"note\">No figures: gnuplot was not found where this page was made. The "
              "tables are complete.</p>\n",
              out);
    if (runs->damaged)
        fprintf(out,
                "<p class=\"note\">%zu damaged rows (checksum or key do not match) are left "
                "out.</p>\n",
                runs->damaged);
    if (runs->conflicts)
        fprintf(out,
                "<p class=\"note\">%zu runs have different results in two files; those of the "
                "file named first are used.</p>\n",
                runs->conflicts);
    for (size_t k = 0; k < runs->files; k++)
        if (runs->from[k].holder)
            fprintf(out, "<p class=\"note\">The sweep was still running when this page was made."
                         "</p>\n");
}

/* "0, 0.05, 0.1, ..., 0.5": the values of a parameter among the chosen runs. */
static enum modprop_status write_levels(const struct modprop_report_page *page, size_t parameter,
                                        struct modprop_error *err)
{
    enum { ALL = 14, SHOWN = 4 };
    double *level = NULL;
    size_t count = 0;
    char text[96];
    enum modprop_status status = modprop_conditions_levels(&level, &count, page->runs, page->chosen,
                                                           parameter, err);
    fputs("<td>", page->out);
    for (size_t k = 0; status == MODPROP_OK && k < count; k++) {
        if (count > ALL && k == SHOWN) {
            fprintf(page->out, ", … (%zu values)", count);
            k = count - 1;
        }
        fputs(k ? ", " : "", page->out);
        modprop_runs_format(page->runs, parameter, level[k], text, sizeof text);
        modprop_html_text(page->out, text);
    }
    fputs("</td>", page->out);
    free(level);
    return status;
}

static enum modprop_status write_swept(const struct modprop_report_page *page,
                                       struct modprop_error *err)
{
    static const struct modprop_html_page_column column[] = {
        {"parameter", NULL, false}, {"values", NULL, false}, {"meaning", NULL, false}};
    const struct modprop_runs *runs = page->runs;
    const size_t seed = modprop_runs_find(runs, "seed");
    enum modprop_status status = MODPROP_OK;
    modprop_html_page_table(page->out, column, 3, false, "Parameters that differ between runs");
    for (size_t k = 0; k <= page->conditions.names && status == MODPROP_OK; k++) {
        const size_t parameter = k < page->conditions.names ? page->conditions.name[k] : seed;
        if (parameter >= runs->parameters)
            continue;
        const struct modprop_runs_parameter *row = &runs->parameter[parameter];
        modprop_html_page_row(page->out);
        modprop_html_page_text(page->out, row->name);
        status = write_levels(page, parameter, err);
        modprop_html_page_text(page->out, row->help);
        modprop_html_page_row_end(page->out);
    }
    modprop_html_page_table_end(page->out);
    return status;
}

void modprop_report_header(FILE *out, const struct modprop_report_page *page)
{
    fputs("<header>\n<h1>", out);
    write_names(out, page->runs);
    fputs("</h1>\n", out);
    write_question(out, page->runs->from[0].sweep_text);
    write_tiles(out, page);
    write_cautions(out, page);
    fputs("</header>\n", out);
}

enum modprop_status modprop_report_swept(struct modprop_report_page *page,
                                         struct modprop_error *err)
{
    modprop_report_section(page, "swept", "Sweep", "What was swept");
    const enum modprop_status status = write_swept(page, err);
    modprop_html_page_section_end(page->out);
    return status;
}
