/*
 * analyze_options.h - the options of modprop_analyze: one table, of which each command takes some.
 */
#ifndef MODPROP_CLI_ANALYZE_OPTIONS_H
#define MODPROP_CLI_ANALYZE_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "modprop.h"

enum modprop_analyze_option {
    MODPROP_ANALYZE_WHERE,
    MODPROP_ANALYZE_BY,
    MODPROP_ANALYZE_X,
    MODPROP_ANALYZE_Y,
    MODPROP_ANALYZE_BASELINE,
    MODPROP_ANALYZE_OVER,
    MODPROP_ANALYZE_METRIC,
    MODPROP_ANALYZE_BELOW,
    MODPROP_ANALYZE_ABOVE,
    MODPROP_ANALYZE_INTERVAL,
    MODPROP_ANALYZE_BAND,
    MODPROP_ANALYZE_SMOOTH,
    MODPROP_ANALYZE_SECONDS,
    MODPROP_ANALYZE_LAST,
    MODPROP_ANALYZE_COLLAPSE_BELOW,
    MODPROP_ANALYZE_COLLAPSE_ABOVE,
    MODPROP_ANALYZE_FORMAT,
    MODPROP_ANALYZE_PER,
    MODPROP_ANALYZE_SWEEP,
    MODPROP_ANALYZE_OUTPUT,
    MODPROP_ANALYZE_TERMINAL,
    MODPROP_ANALYZE_CSV,
    MODPROP_ANALYZE_HELP,
    MODPROP_ANALYZE_OPTIONS
};

/* A set of options. */
#define MODPROP_ANALYZE_BIT(option) (UINT32_C(1) << (option))

enum { MODPROP_ANALYZE_WHERES = 32 };

/* Strings are borrowed from argv. */
struct modprop_analyze_options {
    const char
        *text[MODPROP_ANALYZE_OPTIONS];     /* as given, or the default, or NULL; "" for a flag */
    double number[MODPROP_ANALYZE_OPTIONS]; /* of those that take a number; NaN: not given */
    uint32_t given;                         /* set of those on the command line */
    size_t wheres;
    const char *where[MODPROP_ANALYZE_WHERES];
    char **file; /* [files] */
    int files;
};

bool modprop_analyze_given(const struct modprop_analyze_options *options,
                           enum modprop_analyze_option option);

/* Reads what follows a command's name (argv[0] is that name); argv is put into another order.
 * `accepted`: the command's options. */
enum modprop_status modprop_analyze_options_read(struct modprop_analyze_options *options,
                                                 uint32_t accepted, int argc, char **argv,
                                                 struct modprop_error *err);

/* The options of a set with their help, one after another. */
void modprop_analyze_options_print(FILE *out, uint32_t accepted);

#endif
