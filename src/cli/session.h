/*
 * session.h - the sweep as rank 0 conducts it: plan, results file, schedule, last words.
 */
#ifndef MODPROP_CLI_SESSION_H
#define MODPROP_CLI_SESSION_H

#include "cli/options.h"

/* Exit codes of the program. */
enum modprop_exit {
    MODPROP_EXIT_DONE = 0,        /* every run has a result */
    MODPROP_EXIT_FAILED = 1,      /* some failed or timed out, or results could not be written */
    MODPROP_EXIT_UNUSABLE = 2,    /* wrong use or bad input */
    MODPROP_EXIT_INTERRUPTED = 75 /* the same command continues (EX_TEMPFAIL of sysexits.h) */
};

/* Prints what went wrong to stderr. */
void modprop_session_complain(const struct modprop_error *err);

/* Trains the sweep on all ranks; called by every rank. Returns the exit code, 0 on other ranks than
 * 0: mpirun reports one code, and that is rank 0's. */
int modprop_session_train(const struct modprop_options *options, int argc, char **argv);

#endif
