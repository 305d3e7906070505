/*
 * plan.h - from a sweep file to the table of runs.
 *
 * A sweep file is INI text (read with inih). A key with several values is an axis, the plan is the
 * product of the axes, [variant NAME] sections add further grids. Every run is one row of parameter
 * values; a parameter that the run's rule, task, units or optimiser does not read is NaN there, and
 * rows equal in all that is read are one run. The order of rows is fixed: seeds outermost, so that
 * every condition has one repeat before any has two (or, by `order = conditions`, one condition
 * after the other); within a repeat the common part, then the variants as they stand in the file.
 */
#ifndef MODPROP_SWEEP_PLAN_H
#define MODPROP_SWEEP_PLAN_H

#include <stdint.h>
#include <stdio.h>

#include "modprop.h"
#include "sweep/texts.h"

/* Everything found wrong with a sweep file, each line "file:line: what, and what to do", sorted by
 * line. Zero-initialise. After 100 reading stops, and one more line says so. */
struct modprop_mistakes {
    size_t count;
    char **line;
    size_t *at;         /* number of the line in the file, SIZE_MAX: the file as a whole */
    bool refused;       /* an allocation for a mistake was refused */
    const char *source; /* name of the file while it is read; borrowed */
};

void modprop_mistakes_clear(struct modprop_mistakes *mistakes);

/* Keys of [sweep] that steer the sweep and are not parameters of a run. For --help and reference.
 */
struct modprop_sweep_key {
    const char *name;
    const char *fallback;
    const char *help;
};
size_t modprop_sweep_key_count(void);
const struct modprop_sweep_key *modprop_sweep_key_at(size_t index);

/* How values are written in a sweep file: lists, ranges, functions, variants. Lines for --help and
 * the reference, each ending with a newline. Static storage. */
const char *modprop_plan_syntax(void);

struct modprop_plan {
    char *source; /* name of the sweep file */
    char *text;   /* the sweep file, verbatim */
    char *output; /* path of the results file */
    bool save_weights;
    double timeout_s;  /* wall seconds a run may take; 0: no limit */
    double checkpoint_s; /* between two checkpoints of a run; 0: only when it is left */
    size_t parameters; /* modprop_parameter_count() */
    size_t runs;
    double *values;    /* [runs][parameters]; NaN where the run does not read the parameter */
    struct modprop_texts texts; /* behind the values of texts */
    uint64_t *key;     /* [runs]; hash of what the run reads: equal keys, equal runs */
    uint32_t *variant; /* [runs]; index into variants */
    size_t variants;
    char **variant_name; /* [variants]; the common part is "" */
    bool *varies;        /* [parameters]; whether it differs between runs (NaN counts as a value) */
    bool *several;       /* [parameters]; whether it has several values where it is read */
    uint32_t *condition; /* [runs]; runs equal in all but the seed are one condition */
    size_t conditions;
    uint64_t hash;             /* of all keys in order */
    uint32_t *condition_first; /* [conditions]; its first run */
    uint32_t *condition_runs;  /* [conditions]; number of its runs */
    size_t merged; /* rows of the grids that were dropped because they equal another run */
    size_t shard, shards; /* "3/8": the plan is the third of eight parts (shard.h); 0, 0: whole */
    struct modprop_mistakes notes; /* worth telling, but no reason to stop: keys without effect */
};

/* Reads and expands a sweep file. MODPROP_INVALID with all mistakes in *mistakes, or NO_MEMORY, IO
 * (told in mistakes too; where not even that could be allocated, count is 0). The caller frees the
 * plan and clears the mistakes. On failure *plan is NULL. Without an `output` the plan's is
 * results/NAME.h5, NAME being the sweep file's name without folder and .ini. */
enum modprop_status modprop_plan_read(struct modprop_plan **plan, const char *path,
                                      struct modprop_mistakes *mistakes);

/* The same from text; `source` is the name mistakes are told with. */
enum modprop_status modprop_plan_parse(struct modprop_plan **plan, const char *source,
                                       const char *text, struct modprop_mistakes *mistakes);

void modprop_plan_free(struct modprop_plan *plan); /* accepts NULL */

/* The configuration of one run; what the run does not read is at its default. */
void modprop_plan_config(const struct modprop_plan *plan, size_t run,
                         struct modprop_config *config);

/* A value of the plan in words, as the sweep file would have it; "" for NaN. Cut to size. */
void modprop_plan_format(const struct modprop_plan *plan, size_t parameter, double value,
                         char *text, size_t size);

/* What tells the run's condition from the others, the read parameters with several values but the
 * seed: "rule=modprop mu=0.25", or the rule's name where there are none. Different conditions have
 * different labels. Cut to size, always terminated. */
void modprop_plan_label(const struct modprop_plan *plan, size_t run, char *text, size_t size);

/* Hash of all that a configuration's run reads; the key of its row. */
uint64_t modprop_config_key(const struct modprop_config *config);

#endif
