/*
 * reference.h - the parameters, described from their table: for --help and, as Markdown, for the
 * docs.
 */
#ifndef MODPROP_CLI_REFERENCE_H
#define MODPROP_CLI_REFERENCE_H

#include <stdio.h>

#include "modprop.h"

/* Every parameter and every sweep key, section by section. */
void modprop_reference_help(FILE *out);

/* One parameter or sweep key. Errors: unknown name, told with the nearest. */
enum modprop_status modprop_reference_entry(FILE *out, const char *name, struct modprop_error *err);

void modprop_reference_markdown(FILE *out);

#endif
