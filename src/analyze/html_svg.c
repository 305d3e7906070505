/*
 * What gnuplot writes is regular: prologue, <svg ...>, tags whose attributes are quoted, text with
 * & and < as entities. Only this is read here; anything else is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "analyze/html.h"
#include "analyze/palette.h"

struct copy {
    FILE *out;
    const char *prefix;
};

static bool is(const char *text, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(text, name, length) == 0;
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Index of the palette's style of that colour on white, or -1. */
static int palette_index(unsigned color)
{
    struct modprop_palette_style style;
    for (size_t k = 0; modprop_palette_at(k, &style); k++)
        if (style.color == color)
            return (int)k;
    return -1;
}

/* "rgb(213,  94,   0)" as the page's variable of that colour; other values as they are. */
static void write_value(const struct copy *copy, const char *value, size_t length)
{
    if (is(value, length, "black")) {
        fputs("currentColor", copy->out);
        return;
    }
    if (length > 5 && starts(value, "rgb(")) {
        unsigned color = 0;
        const char *at = value + 4;
        for (int k = 0; k < 3; k++) {
            char *end;
            color = color << 8 | ((unsigned)strtoul(at, &end, 10) & 0xFF);
            at = end + (*end == ',');
        }
        const int index = palette_index(color);
        if (index >= 0) {
            fprintf(copy->out, "var(--p%d)", index);
            return;
        }
    }
    fwrite(value, 1, length, copy->out);
}

static void write_attribute(const struct copy *copy, const char *name, size_t name_length,
                            const char *value, size_t length)
{
    if (is(name, name_length, "font-family"))
        return;
    if (is(name, name_length, "id")) {
        /* Markers are referred to; groups are not. */
        if (starts(value, "gp"))
            fprintf(copy->out, " id=\"%s%.*s\"", copy->prefix, (int)length, value);
        return;
    }
    if (is(name, name_length, "xlink:href")) {
        if (*value == '#')
            fprintf(copy->out, " href=\"#%s%.*s\"", copy->prefix, (int)length - 1, value + 1);
        return;
    }
    fprintf(copy->out, " %.*s=\"", (int)name_length, name);
    write_value(copy, value, length);
    putc('"', copy->out);
}

static const char *skip_blank(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* Attributes up to the tag's end, which is returned: at '>' or '/'. NULL: not as told above. */
static const char *copy_attributes(const struct copy *copy, const char *at)
{
    for (at = skip_blank(at); *at != '>' && *at != '/'; at = skip_blank(at)) {
        const char *name = at;
        at += strcspn(at, " \t\r\n=/>");
        const size_t name_length = (size_t)(at - name);
        at = skip_blank(at);
        if (!name_length || *at != '=')
            return NULL;
        at = skip_blank(at + 1);
        const char quote = *at;
        const char *end = quote == '"' || quote == '\'' ? strchr(at + 1, quote) : NULL;
        if (!end || memchr(at, '<', (size_t)(end - at)))
            return NULL;
        if (copy->out)
            write_attribute(copy, name, name_length, at + 1, (size_t)(end - at - 1));
        at = end + 1;
    }
    return at;
}

/* Behind the element that begins at `at`: it holds no other of its name. */
static const char *skip_element(const char *at, const char *name)
{
    char end[32];
    snprintf(end, sizeof end, "</%s>", name);
    at = strstr(at, end);
    return at ? at + strlen(end) : NULL;
}

/* One tag, or a whole element that the page does without: tooltips that say nothing, filters. */
static const char *copy_tag(const struct copy *copy, const char *at)
{
    static const char *const left_out[] = {"title", "desc", "filter"};
    const char *name = at + 1;
    const size_t length = strcspn(name, " \t\r\n/>");
    if (starts(at, "<!--")) {
        at = strstr(at, "-->");
        return at ? at + 3 : NULL;
    }
    for (size_t k = 0; k < sizeof left_out / sizeof *left_out; k++)
        if (is(name, length, left_out[k]))
            return skip_element(at, left_out[k]);
    if (*name == '/') {
        const char *end = strchr(at, '>');
        if (!end)
            return NULL;
        fwrite(at, 1, (size_t)(end + 1 - at), copy->out);
        return end + 1;
    }
    if (!length)
        return NULL;
    fprintf(copy->out, "<%.*s", (int)length, name);
    at = copy_attributes(copy, name + length);
    if (!at)
        return NULL;
    const bool empty = *at == '/';
    fputs(empty ? "/>" : ">", copy->out);
    return at[empty] == '>' ? at + 1 + empty : NULL;
}

/* The opening tag: of gnuplot's only the size is kept. */
static const char *copy_root(FILE *out, const char *at, const char *label)
{
    const struct copy nothing = {0};
    const char *end = copy_attributes(&nothing, at + strlen("<svg"));
    const char *box = strstr(at, "viewBox=\"");
    if (!end || *end != '>' || !box || box > end)
        return NULL;
    box += strlen("viewBox=\"");
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"%.*s\" role=\"img\" aria-label=\"",
            (int)strcspn(box, "\""), box);
    modprop_html_text(out, label);
    fputs("\">", out);
    return end + 1;
}

enum modprop_status modprop_html_svg(FILE *out, const char *svg, const char *prefix,
                                     const char *label, struct modprop_error *err)
{
    const struct copy copy = {out, prefix};
    const char *at = strstr(svg, "<svg");
    const char *last = at ? strstr(at, "</svg>") : NULL;
    at = last ? copy_root(out, at, label) : NULL;
    while (at && at < last) {
        if (*at == '<') {
            at = copy_tag(&copy, at);
        } else if (*at == '\t' || *at == '\r') {
            at++;
        } else {
            putc(*at++, out);
        }
    }
    if (!at)
        return MODPROP_FAIL(err, MODPROP_INVALID, "gnuplot's SVG is not as expected");
    fputs("</svg>\n", out);
    return MODPROP_OK;
}
