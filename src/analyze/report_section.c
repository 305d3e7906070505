#include <assert.h>

#include "analyze/html_page.h"
#include "analyze/report_parts.h"

void modprop_report_section(struct modprop_report_page *page, const char *id, const char *name,
                            const char *heading)
{
    assert(page->sections < MODPROP_REPORT_SECTIONS);
    page->section[page->sections].id = id;
    page->section[page->sections++].name = name;
    modprop_html_page_section(page->out, id, heading);
}

void modprop_report_contents(FILE *out, const struct modprop_report_page *page)
{
    fputs("<nav aria-label=\"Contents\"><ul>\n", out);
    for (size_t k = 0; k < page->sections; k++)
        fprintf(out, "<li><a href=\"#%s\">%s</a></li>\n", page->section[k].id,
                page->section[k].name);
    fputs("</ul></nav>\n", out);
}
