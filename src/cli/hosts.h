/*
 * hosts.h - whether the runs of a sweep fit into the memory of the hosts they are trained on.
 *
 * On each host, at worst its ranks train the largest runs of the sweep at the same time. What they
 * need is compared with what the host, its control groups and SLURM leave.
 */
#ifndef MODPROP_CLI_HOSTS_H
#define MODPROP_CLI_HOSTS_H

#include <stdint.h>
#include <stdio.h>

#include "cli/cost.h"
#include "cli/selection.h"
#include "engine/room.h"

struct modprop_host {
    char name[64];
    int ranks, trainers;
    uint64_t available; /* bytes that the runs may take */
    const char *limit;  /* what makes it so few: "free", "left by the control group", ... */
    uint64_t needed;    /* bytes of the largest runs, one for each trainer */
};

struct modprop_hosts {
    struct modprop_host *host; /* [count] */
    size_t count;
    uint64_t largest; /* bytes of the largest run */
};

/* What is known of one rank. */
struct modprop_hosts_rank {
    const char *host;
    struct modprop_room room;
    bool trains;
};

/* Puts the ranks on their hosts, and the runs to do on the ranks. MODPROP_NO_MEMORY; then nothing
 * is left to clear. */
enum modprop_status modprop_hosts_init(struct modprop_hosts *hosts,
                                       const struct modprop_hosts_rank *rank, size_t ranks,
                                       const struct modprop_plan *plan,
                                       const struct modprop_cost *cost,
                                       const struct modprop_selection *selection,
                                       struct modprop_error *err);
void modprop_hosts_clear(struct modprop_hosts *hosts);

/* A line for each host; after a few the rest in one line. */
void modprop_hosts_print(FILE *out, const struct modprop_hosts *hosts);

/* MODPROP_NO_MEMORY for the first host on which the runs do not fit, with what to do. */
enum modprop_status modprop_hosts_check(const struct modprop_hosts *hosts,
                                        struct modprop_error *err);

#endif
