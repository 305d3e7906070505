/*
 * gather.h - joins the results files of a sweep's parts: --gather. Needs no MPI.
 */
#ifndef MODPROP_CLI_GATHER_H
#define MODPROP_CLI_GATHER_H

#include "cli/options.h"

/* Finds the files of the parts beside the sweep's output, takes their finished runs into it, and
 * tells what each has and which are missing. Returns the exit code: that of a sweep whose runs are
 * in the state of those gathered. */
int modprop_cli_gather(const struct modprop_options *options, int argc, char **argv);

#endif
