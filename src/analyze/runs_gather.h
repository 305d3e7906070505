/*
 * runs_gather.h - what is known of each run, brought together from the rows that stand for them.
 */
#ifndef MODPROP_ANALYZE_RUNS_GATHER_H
#define MODPROP_ANALYZE_RUNS_GATHER_H

#include "analyze/runs.h"

/* Fills the parameters, the results of one number and the messages of joined runs. */
enum modprop_status modprop_runs_gather(struct modprop_runs *runs, struct modprop_error *err);

#endif
