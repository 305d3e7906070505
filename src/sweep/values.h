/*
 * values.h - the values of one key: a list whose items are values, ranges, and functions.
 *
 *     0.25                     one value
 *     modprop, bptt            several
 *     1..8                     the whole numbers from 1 to 8
 *     linspace(a, b, k)        k values from a to b, equal steps
 *     logspace(a, b, k)        k values from a to b, equal factors; a and b are the values
 * themselves uniform(a, b)            drawn for every sample, a <= value < b; integers: a to b,
 * both counted loguniform(a, b)         the same, uniform in the logarithm; integers: rounded
 *
 * Computed values are rounded to 15 significant digits, so that 0.3 from a linspace and a written
 * 0.3 are the same run; drawn ones to 9, which tell all float32 values apart.
 */
#ifndef MODPROP_SWEEP_VALUES_H
#define MODPROP_SWEEP_VALUES_H

#include "sweep/mistakes.h"
#include "sweep/sweep_key.h"
#include "sweep/texts.h"

enum {
    MODPROP_VALUES_MOST = 1000000, /* of one key */
    MODPROP_VALUES_MOST_IN_FILE = 10000000
};

/* Zero-initialise. */
struct modprop_values {
    size_t line;  /* of the key in the sweep file; 0: not given there */
    size_t count; /* 0: given, but wrong */
    size_t room;
    double *value;  /* [count] */
    uint64_t *part; /* [count]: modprop_key_part of each */
    bool drawn;     /* one value per sample */
};

/* What the values of a file have in common. */
struct modprop_values_reader {
    const struct modprop_sweep_settings *settings;
    struct modprop_mistakes *mistakes;
    struct modprop_texts *texts;
    size_t total; /* values read so far */
};

/* Reads the text given for a parameter at values->line. All that is wrong is added to the mistakes;
 * values->count is then 0. Errors: MODPROP_NO_MEMORY. */
enum modprop_status modprop_values_read(struct modprop_values *values, size_t parameter,
                                        const char *text, struct modprop_values_reader *reader);

/* The parameter's default as its only value. Errors: MODPROP_NO_MEMORY. */
enum modprop_status modprop_values_default(struct modprop_values *values, size_t parameter);

void modprop_values_clear(struct modprop_values *values);

#endif
