/*
 * report_command.h - a command line to show, of which each word reads back as it was.
 */
#ifndef MODPROP_ANALYZE_REPORT_COMMAND_H
#define MODPROP_ANALYZE_REPORT_COMMAND_H

#include <stdio.h>

/* A blank and the word, in single quotes where a shell would take it apart. */
void modprop_report_command_word(FILE *out, const char *word);

/* " --x mu"; nothing if value is NULL. */
void modprop_report_command_option(FILE *out, const char *option, const char *value);

#endif
