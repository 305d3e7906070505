#include "analyze/html_page.h"

#include <math.h>
#include <stdarg.h>

#include "analyze/html.h"
#include "analyze/palette.h"

/* Colours are variables: --p0, --p1, ... of the palette, of which the first four are ink, muted, grid
 * and paper. No < and & here: the page is XML, too. */
static const char style[] =
    "*{box-sizing:border-box}\n"
    "html{-webkit-text-size-adjust:100%;text-size-adjust:100%}\n"
    "body{margin:0;color:var(--p0);background:var(--p3);"
    "font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}\n"
    "header,nav,main,footer{max-width:70rem;margin:0 auto;padding:0 1.25rem}\n"
    "header{padding-top:2rem}\n"
    "h1{font-size:1.9rem;line-height:1.2;margin:0 0 .4rem;overflow-wrap:anywhere}\n"
    "h2{font-size:1.35rem;line-height:1.3;margin:0 0 .7rem}\n"
    "h3{font-size:1.05rem;margin:1.6rem 0 .5rem}\n"
    "p{margin:.5rem 0 .9rem;max-width:46rem}\n"
    "a{color:inherit;text-decoration-color:var(--p1);text-underline-offset:.15em}\n"
    "section{padding:1.9rem 0 .6rem;border-top:1px solid var(--p2);margin-top:1.4rem}\n"
    ".lede{font-size:1.1rem}\n"
    ".muted,figcaption,footer{color:var(--p1)}\n"
    "nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;padding:0;margin:1rem 0 0}\n"
    "nav{font-size:.95rem}\n"
    ".note{border-left:4px solid var(--p1);padding:.5rem .9rem;background:var(--soft);margin:1rem 0;"
    "overflow-wrap:anywhere}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr));gap:.7rem;"
    "margin:1.2rem 0 .4rem}\n"
    ".tiles div{background:var(--soft);border-radius:8px;padding:.6rem .8rem}\n"
    ".tiles b{display:block;font-size:1.6rem;line-height:1.25;font-weight:650;"
    "font-variant-numeric:tabular-nums}\n"
    ".tiles span{color:var(--p1);font-size:.9rem}\n"
    "figure{margin:1rem 0 1.8rem}\n"
    "figure svg{display:block;width:100%;height:auto;font-family:inherit}\n"
    "figcaption{font-size:.92rem;margin-top:.5rem;max-width:46rem}\n"
    "figcaption b{color:var(--p0);font-weight:600;display:inline-block}\n"
    ".narrow{display:none}\n"
    "code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}\n"
    "code{font-size:.9em;overflow-wrap:anywhere}\n"
    "pre{font-size:.85rem;line-height:1.5;background:var(--soft);border-radius:8px;"
    "padding:.7rem .9rem;overflow-x:auto;margin:.6rem 0 1rem}\n"
    "pre.command{white-space:pre-wrap;overflow-wrap:anywhere;padding:.45rem .8rem}\n"
    "pre.command::before{content:'$ ';color:var(--p1)}\n"
    ".w{display:inline-block;max-width:100%}\n"
    ".scroll{overflow-x:auto;margin:.8rem 0 1.2rem}\n"
    "table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;"
    "min-width:min(100%,24rem)}\n"
    "th,td{text-align:left;padding:.32rem .42rem;border-bottom:1px solid var(--p2);"
    "vertical-align:baseline}\n"
    "th{font-weight:600;white-space:nowrap;border-bottom:2px solid var(--p1)}\n"
    ".none{color:var(--p1)}\n"
    "td.n,th.n{text-align:right;white-space:nowrap}\n"
    "th:first-child,td:first-child{padding-left:0}\n"
    "tbody tr:hover{background:var(--soft)}\n"
    "th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}\n"
    "th button:focus-visible,a:focus-visible,summary:focus-visible{outline:2px solid var(--p0);"
    "outline-offset:2px}\n"
    "th button:hover{text-decoration:underline;text-underline-offset:.2em}\n"
    "th[aria-sort=ascending] button::after{content:' \\2191'}\n"
    "th[aria-sort=descending] button::after{content:' \\2193'}\n"
    ".small{font-size:.88rem;color:var(--p1)}\n"
    "summary{cursor:pointer;color:var(--p1);margin:.4rem 0}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem;margin:.6rem 0 1rem}\n"
    "dt{color:var(--p1)}\n"
    "dd{margin:0;overflow-wrap:anywhere}\n"
    "footer{padding-top:1.4rem;padding-bottom:3rem;font-size:.9rem;margin-top:1.6rem;"
    "border-top:1px solid var(--p2)}\n"
    "@media screen and (max-width:640px){\n"
    "header,nav,main,footer{padding-left:1rem;padding-right:1rem}\n"
    "header{padding-top:1.3rem}\nh1{font-size:1.5rem}\n"
    ".wide{display:none}\n.narrow{display:block}\n"
    "dl{grid-template-columns:1fr;gap:0}\ndd{margin-bottom:.5rem}\n"
    ".tiles{grid-template-columns:repeat(3,1fr);gap:.5rem}\n"
    ".tiles div{padding:.5rem .6rem}\n.tiles b{font-size:1.3rem}\n"
    "}\n"
    "@media print{\n"
    "@page{margin:16mm 14mm}\n"
    "body{font-size:10.5pt}\nnav,th button::after{display:none}\n"
    "header,main,footer{max-width:none;padding-left:0;padding-right:0}\n"
    "figure,tr,.tiles div{break-inside:avoid}\nh2,h3{break-after:avoid}\n"
    "pre{white-space:pre-wrap}\n.scroll{overflow:visible}\n"
    "table{font-size:7.5pt}\nth,td,td.n,th.n{padding:.15rem .28rem;white-space:normal}\n"
    "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}\n"
    "}\n";

/* Sorts a table by the column whose head is clicked: by data-v where cells have it, else by text;
 * empty ones last, either way round. */
static const char script[] =
    "document.querySelectorAll('table.sort').forEach(function(table){\n"
    " table.querySelectorAll('th button').forEach(function(button,column){\n"
    "  button.addEventListener('click',function(){\n"
    "   var head=button.parentNode,up=head.getAttribute('aria-sort')!=='ascending';\n"
    "   var key=function(row){var cell=row.cells[column],v=cell.dataset.v;\n"
    "    return v===undefined?cell.textContent:v===''?null:Number(v)};\n"
    "   var rows=Array.from(table.tBodies[0].rows);\n"
    "   rows.sort(function(a,b){var x=key(a),y=key(b);\n"
    "    if(x===null||y===null){return (x===null)-(y===null)}\n"
    "    var order=typeof x==='number'?(x===y?0:x-y):x.localeCompare(y,'en',{numeric:true});\n"
    "    return up?order:-order});\n"
    "   rows.forEach(function(row){table.tBodies[0].appendChild(row)});\n"
    "   table.querySelectorAll('th').forEach(function(th){th.removeAttribute('aria-sort')});\n"
    "   head.setAttribute('aria-sort',up?'ascending':'descending');\n"
    "  });\n });\n});\n";

/* Declares the palette's variables for one theme. */
static void write_variables(FILE *out, bool dark)
{
    struct modprop_palette_style color;
    fprintf(out, ":root{color-scheme:%s;--soft:%s;", dark ? "dark" : "light",
            dark ? "#21252B" : "#F4F6F8");
    for (size_t k = 0; modprop_palette_at(k, &color); k++)
        fprintf(out, "--p%zu:#%06X;", k, dark ? color.dark : color.color);
    fputs("}\n", out);
}

void modprop_html_page_begin(FILE *out, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
          "<meta charset=\"utf-8\" />\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'; script-src 'unsafe-inline'\" />\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n"
          "<meta name=\"color-scheme\" content=\"light dark\" />\n<title>",
          out);
    modprop_html_text(out, title);
    fputs("</title>\n<style>\n", out);
    write_variables(out, false);
    fputs("@media screen and (prefers-color-scheme:dark){", out);
    write_variables(out, true);
    fprintf(out, "}\n%s</style>\n</head>\n<body>\n", style);
}

void modprop_html_page_end(FILE *out)
{
    fprintf(out, "<script>\n%s</script>\n</body>\n</html>\n", script);
}

void modprop_html_page_section(FILE *out, const char *id, const char *heading)
{
    fprintf(out, "<section id=\"%s\">\n<h2>", id);
    modprop_html_text(out, heading);
    fputs("</h2>\n", out);
}

void modprop_html_page_section_end(FILE *out)
{
    fputs("</section>\n", out);
}

void modprop_html_page_command(FILE *out, const char *command)
{
    fputs("<pre class=\"command\">", out);
    modprop_html_words(out, command);
    fputs("</pre>\n", out);
}

void modprop_html_page_table(FILE *out, const struct modprop_html_page_column *column,
                             size_t columns, bool sortable, const char *label)
{
    fputs("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"", out);
    modprop_html_text(out, label);
    fprintf(out, "\">\n<table%s>\n<thead><tr>", sortable ? " class=\"sort\"" : "");
    for (size_t k = 0; k < columns; k++) {
        fputs(column[k].number ? "<th class=\"n\" scope=\"col\"" : "<th scope=\"col\"", out);
        if (column[k].help) {
            fputs(" title=\"", out);
            modprop_html_text(out, column[k].help);
            putc('"', out);
        }
        fputs(sortable ? "><button type=\"button\">" : ">", out);
        modprop_html_text(out, column[k].head);
        fputs(sortable ? "</button></th>" : "</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
}

void modprop_html_page_table_end(FILE *out)
{
    fputs("</tbody>\n</table>\n</div>\n", out);
}

void modprop_html_page_row(FILE *out)
{
    fputs("<tr>", out);
}

void modprop_html_page_row_end(FILE *out)
{
    fputs("</tr>\n", out);
}

void modprop_html_page_text(FILE *out, const char *text)
{
    fputs("<td>", out);
    modprop_html_text(out, text);
    fputs("</td>", out);
}

void modprop_html_page_number(FILE *out, double value, const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (isnan(value))
        fputs("<td class=\"n\" data-v=\"\">", out);
    else if (isinf(value))
        fprintf(out, "<td class=\"n\" data-v=\"%sInfinity\">", value < 0 ? "-" : "");
    else
        fprintf(out, "<td class=\"n\" data-v=\"%.17g\">", value);
    modprop_html_text(out, text);
    fputs("</td>", out);
}
