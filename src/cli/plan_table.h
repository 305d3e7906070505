/*
 * plan_table.h - what a sweep is going to do, printed before it starts.
 */
#ifndef MODPROP_CLI_PLAN_TABLE_H
#define MODPROP_CLI_PLAN_TABLE_H

#include <stdio.h>

#include "cli/cost.h"
#include "cli/hosts.h"
#include "cli/selection.h"

struct modprop_plan_table {
    const struct modprop_plan *plan;
    const struct modprop_cost *cost;
    const struct modprop_selection *selection;
    const struct modprop_hosts *hosts;
    const char *output;  /* of the results */
    int ranks, trainers; /* trainers: ranks that train */
    size_t most;         /* lines of conditions */
};

/* The plan in a line per condition; before it where it comes from and goes to, how many runs are
 * reused, fresh and retried, and why, memory on each host, estimated time, and what is worth a
 * note. Errors: no memory. */
enum modprop_status modprop_plan_table_print(FILE *out, const struct modprop_plan_table *table,
                                             struct modprop_error *err);

#endif
