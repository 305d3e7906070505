#include <string.h>

#include "analyze/html.h"
#include "analyze/html_page.h"
#include "analyze/report_parts.h"

static void write_entry(FILE *out, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    fprintf(out, "<dt>%s</dt><dd>", name);
    modprop_html_text(out, text);
    fputs("</dd>\n", out);
}

static void write_file(FILE *out, const struct modprop_runs_file *file)
{
    fputs("<h3>", out);
    modprop_html_text(out, file->path);
    fprintf(out, "</h3>\n<dl>\n<dt>runs</dt><dd>%zu rows, %zu evaluations each", file->runs,
            file->evaluations);
    if (file->merged)
        fprintf(out, "; %zu are in an earlier file as well", file->merged);
    if (file->damaged)
        fprintf(out, "; %zu damaged ones left out", file->damaged);
    fputs("</dd>\n", out);
    write_entry(out, "sweep file", file->sweep_file);
    write_entry(out, "command", file->command_line);
    write_entry(out, "created", file->created);
    write_entry(out, "program", file->version);
    write_entry(out, "commit", file->commit);
    write_entry(out, "processor", file->cpu);
    write_entry(out, "kernels", file->kernel);
    write_entry(out, "BLAS", file->blas);
    write_entry(out, "MPI", file->mpi);
    write_entry(out, "compiler", file->compiler);
    write_entry(out, "history", file->history);
    fputs("</dl>\n", out);
}

/* Verbatim; the same text of several files once. */
static void write_sweep(FILE *out, const struct modprop_runs *runs, size_t at)
{
    const char *text = runs->from[at].sweep_text;
    if (!text || !*text)
        return;
    for (size_t k = 0; k < at; k++)
        if (runs->from[k].sweep_text && strcmp(runs->from[k].sweep_text, text) == 0)
            return;
    fputs("<h3>The sweep file</h3>\n<pre>", out);
    modprop_html_text(out, text);
    fputs("</pre>\n", out);
}

void modprop_report_origin(struct modprop_report_page *page)
{
    const struct modprop_runs *runs = page->runs;
    modprop_report_section(page, "origin", "Origin", "Where this comes from");
    for (size_t k = 0; k < runs->files; k++) {
        write_file(page->out, &runs->from[k]);
        write_sweep(page->out, runs, k);
    }
    modprop_html_page_section_end(page->out);
}
