#include "sweep/textcheck.h"

/* Bytes of the UTF-8 character at s (Unicode 15, table 3-7), 0 if there is none. */
static size_t character(const unsigned char *s, size_t size)
{
    if (s[0] < 0x80)
        return 1;
    const size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || length > size)
        return 0;
    /* Overlong forms, surrogates, and what lies above U+10FFFF show in the second byte. */
    const unsigned char low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t k = 2; k < length; k++)
        if (s[k] < 0x80 || s[k] > 0xbf)
            return 0;
    return length;
}

const char *modprop_textcheck(const char *text, size_t size, size_t *line)
{
    const unsigned char *s = (const unsigned char *)text;
    *line = 1;
    for (size_t k = 0; k < size;) {
        const size_t length = character(s + k, size - k);
        if (s[k] == '\0')
            return "there is a zero byte: this is not a text file";
        if (s[k] == '\r' && k + 1 < size && s[k + 1] != '\n')
            return "a carriage return stands inside the line: end lines with LF or CRLF";
        if ((s[k] < ' ' && s[k] != '\t' && s[k] != '\n' && s[k] != '\r') || s[k] == 0x7f)
            return "there is a control character: this is not a text file";
        if (length == 0)
            return "the text is not UTF-8: save the file in that encoding";
        *line += s[k] == '\n';
        k += length;
    }
    return NULL;
}
