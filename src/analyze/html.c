#include "analyze/html.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/utf8.h"

void modprop_html_text(FILE *out, const char *text)
{
    size_t length;
    unsigned code;
    while (text && (code = modprop_utf8_next(text, &length), length)) {
        switch (code) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        case '\'': fputs("&#39;", out); break;
        default: modprop_utf8_put(out, code);
        }
        text += length;
    }
}

void modprop_html_format(FILE *out, const char *format, ...)
{
    char small[256], *text = small;
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int length = vsnprintf(small, sizeof small, format, arguments);
    if (length >= (int)sizeof small && (text = malloc((size_t)length + 1)))
        vsnprintf(text, (size_t)length + 1, format, again);
    modprop_html_text(out, length < 0 ? NULL : text ? text : small);
    if (text != small)
        free(text);
    va_end(again);
    va_end(arguments);
}
