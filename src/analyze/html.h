/*
 * html.h - writing a page: every text escaped, and a gnuplot SVG made fit to stand in one.
 */
#ifndef MODPROP_ANALYZE_HTML_H
#define MODPROP_ANALYZE_HTML_H

#include <stdio.h>

#include "engine/error.h"
#include "modprop.h"

/* Writes text as content or attribute value: & < > " ' as entities, control characters and bytes that
 * are not UTF-8 as U+FFFD. NULL writes nothing. */
void modprop_html_text(FILE *out, const char *text);

/* Content in which a line is not broken at a hyphen, as in --by, or in the name of a file. */
void modprop_html_words(FILE *out, const char *text);

/* The same as the first for a printf. Long results are not cut. */
void modprop_html_format(FILE *out, const char *format, ...) MODPROP_PRINTF(2, 3);

/* Writes an SVG of gnuplot's as an element of a page: without prologue and title, ids made its own by
 * the prefix, colours of the palette as the page's variables (so that it follows a dark page), fonts
 * those of the page, named by `label` for those who do not see it. MODPROP_INVALID: that is no SVG. */
enum modprop_status modprop_html_svg(FILE *out, const char *svg, const char *prefix,
                                     const char *label, struct modprop_error *err);

#endif
