#include "analyze/utf8.h"

/* Bytes of a sequence that begins with this one, 0 if none does. */
static size_t announced(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first < 0xE0)
        return 2;
    if (first >= 0xE0 && first < 0xF0)
        return 3;
    return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

static int allowed(unsigned code, size_t length)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return 0;
    if (code < 0x20)
        return code == '\t' || code == '\n';
    return code != 0xFFFE && code != 0xFFFF && !(code >= 0x7F && code < 0xA0);
}

unsigned modprop_utf8_next(const char *text, size_t *length)
{
    const unsigned char *byte = (const unsigned char *)text;
    if (!*byte) {
        *length = 0;
        return 0;
    }
    const size_t size = announced(*byte);
    unsigned code = size > 1 ? *byte & (0xFFu >> (size + 1)) : *byte;
    *length = 1;
    for (size_t k = 1; k < size; k++) {
        if ((byte[k] & 0xC0) != 0x80)
            return MODPROP_UTF8_BAD;
        code = code << 6 | (byte[k] & 0x3F);
    }
    if (!size || !allowed(code, size))
        return MODPROP_UTF8_BAD;
    *length = size;
    return code;
}

size_t modprop_utf8_count(const char *text)
{
    size_t count = 0, length;
    while (modprop_utf8_next(text, &length), length) {
        text += length;
        count++;
    }
    return count;
}

void modprop_utf8_put(FILE *out, unsigned code)
{
    if (code < 0x80) {
        putc((int)code, out);
    } else if (code < 0x800) {
        putc((int)(0xC0 | code >> 6), out);
        putc((int)(0x80 | (code & 0x3F)), out);
    } else if (code < 0x10000) {
        putc((int)(0xE0 | code >> 12), out);
        putc((int)(0x80 | (code >> 6 & 0x3F)), out);
        putc((int)(0x80 | (code & 0x3F)), out);
    } else {
        putc((int)(0xF0 | code >> 18), out);
        putc((int)(0x80 | (code >> 12 & 0x3F)), out);
        putc((int)(0x80 | (code >> 6 & 0x3F)), out);
        putc((int)(0x80 | (code & 0x3F)), out);
    }
}
