/*
 * textcheck.h - whether bytes are text: UTF-8, lines ending with LF or CRLF, no control characters.
 */
#ifndef MODPROP_SWEEP_TEXTCHECK_H
#define MODPROP_SWEEP_TEXTCHECK_H

#include <stddef.h>

/* What is wrong with the first byte that is not text, and its line (from 1 on); NULL if all is
 * well. Static storage. */
const char *modprop_textcheck(const char *text, size_t size, size_t *line);

#endif
