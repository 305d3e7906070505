#include "analyze/html.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/utf8.h"

static void put(FILE *out, const char *text, const char *end)
{
    size_t length;
    unsigned code;
    while (text < end && (code = modprop_utf8_next(text, &length), length)) {
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

void modprop_html_text(FILE *out, const char *text)
{
    if (text)
        put(out, text, text + strlen(text));
}

void modprop_html_words(FILE *out, const char *text)
{
    while (*text) {
        const size_t letters = strcspn(text, " "), blanks = strspn(text + letters, " ");
        const bool whole = memchr(text, '-', letters) != NULL;
        fputs(whole ? "<span class=\"w\">" : "", out);
        put(out, text, text + letters);
        fputs(whole ? "</span>" : "", out);
        put(out, text + letters, text + letters + blanks);
        text += letters + blanks;
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
