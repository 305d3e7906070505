/*
 * check.h - `modprop_sweep --check`: the proof of the gradients, as a table.
 */
#ifndef MODPROP_CLI_CHECK_H
#define MODPROP_CLI_CHECK_H

/* Without files the comparisons that need none, else each reference case; in float32 and in double.
 * Prints to stdout. Returns the exit code: 0 nothing failed, 1 a comparison failed, 2 none failed
 * but a file could not be read. */
int modprop_cli_check(int count, char **files);

#endif
