/*
 * options.h - the command line of modprop_sweep.
 */
#ifndef MODPROP_CLI_OPTIONS_H
#define MODPROP_CLI_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "modprop.h"
#include "schedule/schedule.h"

enum modprop_action {
    MODPROP_ACTION_TRAIN,
    MODPROP_ACTION_DRY_RUN,
    MODPROP_ACTION_GATHER,
    MODPROP_ACTION_SHOW_TRIAL,
    MODPROP_ACTION_STATUS,
    MODPROP_ACTION_VERIFY,
    MODPROP_ACTION_CHECK,
    MODPROP_ACTION_HELP,
    MODPROP_ACTION_REFERENCE,
    MODPROP_ACTION_VERSION,
};

/* Strings are borrowed from argv. */
struct modprop_options {
    enum modprop_action action;
    char **file; /* [files]; what is not an option: the sweep, or what --check or --help is given */
    int files;
    const char *results; /* of --status and --verify */
    const char *output;  /* NULL: what the sweep file says */
    const char *only;    /* "3,7..9", or NULL */
    bool extend;
    const char *extend_from; /* another results file to take runs from, or NULL */
    unsigned retry;          /* states of runs that are trained again: 1 << state */
    size_t shard, shards;    /* 0, 0: the whole sweep */
    enum modprop_coordination coordination;
    bool quiet, shuffle, force;
    double walltime_s; /* 0: what the allocation has */
    uint64_t shuffle_seed;
    bool watch;
    double watch_s; /* seconds between two looks */
};

/* Reads the command line; argv is put into another order. On failure the action is TRAIN. */
enum modprop_status modprop_options_read(struct modprop_options *options, int argc, char **argv,
                                         struct modprop_error *err);

/* The options, one after another with their help. */
void modprop_options_print(FILE *out);

#endif
