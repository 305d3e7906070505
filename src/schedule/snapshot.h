/*
 * snapshot.h - the checkpoint of the run that this rank trains: when it is due, writing, going on.
 *
 * A failure is told and never ends the run: without a checkpoint it is what it was before there were
 * any.
 */
#ifndef MODPROP_SCHEDULE_SNAPSHOT_H
#define MODPROP_SCHEDULE_SNAPSHOT_H

#include "schedule/job.h"

struct modprop_snapshot {
    const struct modprop_job *job;
    const struct modprop_job_limits *limits;
    void *state; /* room for modprop_run_save, made at the first time */
    size_t state_bytes;
    double written_at; /* the last one, or its attempt, on modprop_job_clock */
    long iteration;    /* of the last one that succeeded, -1: there is none */
    bool there;        /* there is a file, of use or not */
};

/* At the begin of the job. */
void modprop_snapshot_init(struct modprop_snapshot *snapshot, const struct modprop_job *job,
                           const struct modprop_job_limits *limits);
void modprop_snapshot_clear(struct modprop_snapshot *snapshot);

/* Puts the run to where its checkpoint stands, if it has a sound one, and outcome->record, started
 * and attempts with it. false: it does not go on, and why may be said in text [size] ("" if there is
 * no checkpoint). */
bool modprop_snapshot_resume(struct modprop_snapshot *snapshot, struct modprop_run *run,
                             struct modprop_outcome *outcome, char *text, size_t size);

/* Whether a checkpoint is due: checkpoint_s have passed since the last one. */
bool modprop_snapshot_due(const struct modprop_snapshot *snapshot);

/* Writes the checkpoint of the run; outcome->record as it stands. Nothing to do if it has not moved
 * since the last one. MODPROP_IO, MODPROP_NO_MEMORY: the older one is still there. */
enum modprop_status modprop_snapshot_take(struct modprop_snapshot *snapshot,
                                          const struct modprop_run *run,
                                          const struct modprop_outcome *outcome,
                                          struct modprop_error *err);

#endif
