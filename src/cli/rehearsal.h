/*
 * rehearsal.h - what training would do, and nothing done: --dry-run. Needs no MPI.
 */
#ifndef MODPROP_CLI_REHEARSAL_H
#define MODPROP_CLI_REHEARSAL_H

#include "cli/options.h"

/* Shows the plan. Returns the exit code: not 0 for a sweep that would be refused. */
int modprop_rehearsal_show(const struct modprop_options *options);

#endif
