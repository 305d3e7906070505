/*
 * mistakes.h - collects what is wrong with a sweep file, so that all of it is told at once.
 */
#ifndef MODPROP_SWEEP_MISTAKES_H
#define MODPROP_SWEEP_MISTAKES_H

#include "engine/error.h"
#include "sweep/plan.h"

enum { MODPROP_MISTAKES_MOST = 100 }; /* kept */

/* Adds "source:line: message", sorted by line; line 0 is the file as a whole and comes last.
 * Control characters in the message become '?'. A refused allocation is noted in mistakes->refused.
 */
void modprop_mistakes_add(struct modprop_mistakes *mistakes, size_t line, const char *format, ...)
    MODPROP_PRINTF(3, 4);

/* Whether so many were found that there is no use in reading on. */
bool modprop_mistakes_full(const struct modprop_mistakes *mistakes);

/* Ends the list: says if it is full. */
void modprop_mistakes_finish(struct modprop_mistakes *mistakes);

#endif
