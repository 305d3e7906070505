/*
 * text.h - numbers and paragraphs as people read them.
 */
#ifndef MODPROP_CLI_TEXT_H
#define MODPROP_CLI_TEXT_H

#include <stddef.h>
#include <stdio.h>

enum { MODPROP_TEXT_WIDTH = 96 }; /* columns all output keeps to, fewer on a narrow terminal */

struct modprop_text {
    char text[32];
};

/* "34 ms", "2.3 s", "4 min 10 s", "2 h 05 min", "3 d 4 h"; "unknown" for NaN. */
struct modprop_text modprop_text_duration(double seconds);

/* "512 kB", "12.3 MB" (powers of ten). */
struct modprop_text modprop_text_bytes(double bytes);

/* `left`, then `right` as a paragraph whose lines begin in column `indent`; on a line of its own if
 * left is too long. */
void modprop_text_entry(FILE *out, const char *left, size_t indent, const char *right);

/* "1 run", "2 runs". */
struct modprop_text modprop_text_count(size_t count, const char *noun);

#endif
