/*
 * spec.h - what a sweep file asks for: settings, and the values of each key in each part.
 *
 * The common part comes first; each [variant NAME] is a further part, which holds only what it
 * names.
 */
#ifndef MODPROP_SWEEP_SPEC_H
#define MODPROP_SWEEP_SPEC_H

#include "sweep/sweep_key.h"
#include "sweep/sweepfile.h"
#include "sweep/values.h"

enum { MODPROP_SPEC_VARIANTS = 1000 }; /* the most one file may have */

struct modprop_part {
    const char *name; /* of the variant, "" for the common part; borrowed from the file */
    size_t line;      /* of its section; 0: the common part */
    struct modprop_values *values; /* [parameters] */
    size_t zip_line;               /* 0: no zip of its own */
    bool zip_wrong;
    size_t *zip; /* [parameters]: group, 0: in none */
};

/* Zero-initialise. */
struct modprop_spec {
    struct modprop_sweep_settings settings;
    size_t setting_line[MODPROP_SWEEP_KEYS]; /* 0: not given */
    size_t parts;
    struct modprop_part *part;
    struct modprop_values *fallback; /* [parameters]: the defaults */
    struct modprop_texts texts;      /* behind the numbers of texts, defaults included */
};

/* Gives the lines of a file their meaning. Wrong ones are added to mistakes; the spec then holds
 * what could be read. The file must outlive the spec. Errors: MODPROP_NO_MEMORY. */
enum modprop_status modprop_spec_read(struct modprop_spec *spec,
                                      const struct modprop_sweepfile *file,
                                      struct modprop_mistakes *mistakes);
void modprop_spec_clear(struct modprop_spec *spec);

#endif
