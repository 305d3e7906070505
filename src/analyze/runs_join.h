/*
 * runs_join.h - which row of which file stands for a run.
 */
#ifndef MODPROP_ANALYZE_RUNS_JOIN_H
#define MODPROP_ANALYZE_RUNS_JOIN_H

#include "analyze/runs_source.h"

/* The open files. */
struct modprop_runs_store {
    size_t sources;
    struct modprop_runs_source *source; /* [sources] */
};

/* Fills count, key, state, file and row of the runs, the conflicts, and `merged` and `damaged` of the
 * files. */
enum modprop_status modprop_runs_join(struct modprop_runs *runs, struct modprop_error *err);

#endif
