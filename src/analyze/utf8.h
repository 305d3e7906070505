/*
 * utf8.h - one character of a text at a time, whatever the text's bytes.
 */
#ifndef MODPROP_ANALYZE_UTF8_H
#define MODPROP_ANALYZE_UTF8_H

#include <stddef.h>
#include <stdio.h>

enum { MODPROP_UTF8_BAD = 0xFFFD }; /* stands for what is no character */

/* The next character's code and its length in bytes (0 at the end). Bytes that are not UTF-8, and
 * characters that no page or figure may contain (controls but tab and line feed, surrogates), come
 * singly as MODPROP_UTF8_BAD. */
unsigned modprop_utf8_next(const char *text, size_t *length);

/* Characters, not bytes. */
size_t modprop_utf8_count(const char *text);

void modprop_utf8_put(FILE *out, unsigned code);

#endif
