/*
 * outlook.h - what is going to happen to a sweep: its plan, which runs are to do, where, at what
 * cost. For training and for --dry-run.
 */
#ifndef MODPROP_CLI_OUTLOOK_H
#define MODPROP_CLI_OUTLOOK_H

#include "cli/cost.h"
#include "cli/hosts.h"
#include "cli/options.h"
#include "cli/selection.h"
#include "store/checkpoints.h"
#include "store/merge.h"

struct modprop_outlook {
    const struct modprop_options *options; /* borrowed */
    struct modprop_plan *plan;
    struct modprop_checkpoints checkpoints; /* filled by whoever uses the outlook */
    struct modprop_selection selection;
    struct modprop_cost *cost;
    struct modprop_hosts hosts;
    struct modprop_hosts_rank *rank; /* [ranks] */
    int ranks;
};

/* Reads the plan and knows the ranks; `ranks` NULL: as many as this program was launched with, on
 * this host. The plan of a shard may have no runs; then nothing but clearing is allowed. Clear it
 * after a failure too. */
enum modprop_status modprop_outlook_init(struct modprop_outlook *outlook,
                                         const struct modprop_options *options,
                                         const struct modprop_ranks *ranks,
                                         struct modprop_error *err);
void modprop_outlook_clear(struct modprop_outlook *outlook);

/* Sorts the runs by what is known of them, state(context, run), and by the checkpoints there are;
 * and counts the memory that those to do take. */
enum modprop_status modprop_outlook_sort(struct modprop_outlook *outlook,
                                         enum modprop_run_state (*state)(const void *context,
                                                                         size_t run),
                                         const void *context, struct modprop_error *err);

/* MODPROP_NO_MEMORY: the runs to do do not fit into the memory, and --force is not given. */
enum modprop_status modprop_outlook_check_memory(const struct modprop_outlook *outlook,
                                                 struct modprop_error *err);

/* The old output and the file of --extend as sources of a merge. */
enum modprop_status modprop_outlook_merge(const struct modprop_outlook *outlook, bool write,
                                          struct modprop_merge **merge, struct modprop_error *err);

/* Prints the plan with at most so many conditions. */
enum modprop_status modprop_outlook_print(const struct modprop_outlook *outlook, size_t most,
                                          struct modprop_error *err);

/* A shard without runs: nothing is wrong, and nothing to do. */
void modprop_outlook_print_empty(const struct modprop_outlook *outlook);

#endif
