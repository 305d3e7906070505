/*
 * trial.h - --show-trial: a picture of one trial of a sweep's task.
 */
#ifndef MODPROP_CLI_TRIAL_H
#define MODPROP_CLI_TRIAL_H

#include "cli/options.h"

/* Draws the first trial of the sweep's first run, or of the first that --only names, into the file
 * given by --output, else in the shell. Returns the exit code. */
int modprop_cli_trial(const struct modprop_options *options);

#endif
