/*
 * sweep_plan.h - the plan that the command line asks for: of a sweep file, with another output, of
 * one of its parts.
 */
#ifndef MODPROP_CLI_SWEEP_PLAN_H
#define MODPROP_CLI_SWEEP_PLAN_H

#include "cli/options.h"
#include "sweep/plan.h"

/* Prints the mistakes of the sweep file to stderr. The caller frees the plan. */
enum modprop_status modprop_sweep_plan_read(struct modprop_plan **plan,
                                            const struct modprop_options *options,
                                            struct modprop_error *err);

#endif
