/*
 * checkpoints.h - the folder OUTPUT.checkpoints as a whole: what is in it, taking in, tidying up.
 */
#ifndef MODPROP_STORE_CHECKPOINTS_H
#define MODPROP_STORE_CHECKPOINTS_H

#include "store/checkpoint.h"

/* A run's checkpoint by its header. */
struct modprop_checkpoints_entry {
    uint64_t key;
    bool sound;                   /* false: the header is not; the rest is 0 then */
    enum modprop_run_state state; /* MODPROP_RUN_RUNNING: in flight; else its result is kept here */
    long iteration;               /* reached */
    long attempts;                /* of the run, this one included */
    double wall_s;                /* so far */
    double written;               /* when, seconds since 1970-01-01 UTC */
};

/* Zero-initialise. */
struct modprop_checkpoints {
    size_t count;
    struct modprop_checkpoints_entry *entry; /* [count]; by key */
    size_t foreign;                          /* files of other names */
};

/* Looks into the folder of the results file at `output`; a folder that is not there is empty. Needs
 * no lock: for --status and --dry-run too. MODPROP_IO, MODPROP_NO_MEMORY. */
enum modprop_status modprop_checkpoints_list(struct modprop_checkpoints *list, const char *output,
                                             struct modprop_error *err);
void modprop_checkpoints_clear(struct modprop_checkpoints *list);

/* The entry of that key, NULL if there is none. */
const struct modprop_checkpoints_entry *modprop_checkpoints_find(
    const struct modprop_checkpoints *list, uint64_t key);

/* What modprop_checkpoints_adopt found. */
struct modprop_checkpoints_found {
    size_t taken;   /* finished runs that the results file lacked, now in it */
    size_t strange; /* files that belong to no run of the plan; left alone */
};

/* Before the first run, by who holds the results file: results that were kept as checkpoints go into
 * the file; checkpoints of attempts that have a row there, and what killed writers left, are removed. In
 * flight or damaged ones stay: the rank that gets the run looks at them. Failures of the results
 * file; nothing is lost then. */
enum modprop_status modprop_checkpoints_adopt(struct modprop_results *results,
                                              const struct modprop_plan *plan,
                                              struct modprop_checkpoints_found *found,
                                              struct modprop_error *err);

/* Removes the folder if it is empty. */
void modprop_checkpoints_end(const char *output);

#endif
