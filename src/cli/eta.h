/*
 * eta.h - when a sweep will have ended, as its results file lets one guess.
 */
#ifndef MODPROP_CLI_ETA_H
#define MODPROP_CLI_ETA_H

#include "store/results.h"

/* Wall seconds until all runs of a sweep that is being trained are over: runs to come take as long
 * as those done of their condition did, or of all conditions, or as those running promise; as many
 * are trained at the same time as are now. `now` in seconds since 1970-01-01 UTC. NaN: nothing to
 * go by. */
double modprop_eta(const struct modprop_overview *overview, double now);

#endif
