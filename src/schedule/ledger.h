/*
 * ledger.h - what rank 0 writes down: rows of the results file, and results that have no row yet.
 *
 * The first failure of the results file is noted, and nothing is written to it after that: results
 * that are not safe in it then, and those that still come, are kept as checkpoints.
 */
#ifndef MODPROP_SCHEDULE_LEDGER_H
#define MODPROP_SCHEDULE_LEDGER_H

#include "schedule/keep.h"
#include "schedule/schedule.h"
#include "schedule/world.h"

struct modprop_ledger {
    const struct modprop_schedule *schedule;
    const struct modprop_world *world;
    const char *folder;       /* of the checkpoints */
    struct modprop_error err; /* the failure */
    struct modprop_keep keep; /* results that are not safe yet */
    double unsettled; /* since when a status may be waiting, on modprop_job_clock; 0: none */
    double unsafe;    /* since when `keep` was not empty, likewise */
    bool unkept;      /* a result could not even be kept, and that has been told */
};

void modprop_ledger_init(struct modprop_ledger *ledger, const struct modprop_schedule *schedule,
                         const struct modprop_world *world, const char *folder);
void modprop_ledger_clear(struct modprop_ledger *ledger);

/* Whether the results file has failed. */
bool modprop_ledger_failed(const struct modprop_ledger *ledger);

void modprop_ledger_tell(const struct modprop_ledger *ledger, const struct modprop_news *news);

/* A rank has begun a run, tells how far it is, has ended it, or has left it. */
void modprop_ledger_begin(struct modprop_ledger *ledger, size_t run, int rank, double started);
void modprop_ledger_hear(struct modprop_ledger *ledger, size_t run, int rank, long iteration);
void modprop_ledger_finish(struct modprop_ledger *ledger, int rank,
                           struct modprop_job_result *result);
void modprop_ledger_leave(struct modprop_ledger *ledger, size_t run, int rank);

/* Completes rows that no later row has completed, after a while. Cheap: call it often. */
void modprop_ledger_settle(struct modprop_ledger *ledger);

/* After the last run: everything is on the disk, or kept, or told to be lost. */
void modprop_ledger_end(struct modprop_ledger *ledger);

#endif
