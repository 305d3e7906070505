#include "schedule/snapshot.h"

#include <stdio.h>
#include <string.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "store/checkpoint.h"

void modprop_snapshot_init(struct modprop_snapshot *snapshot, const struct modprop_job *job,
                           const struct modprop_job_limits *limits)
{
    *snapshot = (struct modprop_snapshot){
        .job = job, .limits = limits, .written_at = modprop_job_clock(), .iteration = -1};
}

void modprop_snapshot_clear(struct modprop_snapshot *snapshot)
{
    modprop_memory_free(snapshot->state);
    snapshot->state = NULL;
}

/* ------------------------------------------------------------------ going on */

/* Puts the outcome and the run to where the checkpoint stands. */
static enum modprop_status go_on(const struct modprop_checkpoint *c, const struct modprop_job *job,
                                 struct modprop_run *run, struct modprop_outcome *outcome,
                                 struct modprop_error *err)
{
    const struct modprop_record *from = &c->outcome.record;
    struct modprop_record *to = &outcome->record;
    if (c->outcome.state != MODPROP_RUN_RUNNING ||
        from->evaluations > modprop_config_evaluations(&job->config))
        return MODPROP_FAIL(err, MODPROP_INVALID, "it is not that of a run in flight");
    const enum modprop_status status = modprop_run_restore(run, c->state, c->state_bytes, err);
    if (status != MODPROP_OK)
        return status;
    if (from->evaluations)
        memcpy(to->evaluation, from->evaluation, from->evaluations * sizeof *to->evaluation);
    to->evaluations = from->evaluations;
    to->iterations_done = from->iterations_done;
    to->wall_s = from->wall_s;
    to->cpu_s = from->cpu_s;
    outcome->started = c->outcome.started;
    outcome->attempts = c->outcome.attempts;
    return MODPROP_OK;
}

bool modprop_snapshot_resume(struct modprop_snapshot *snapshot, struct modprop_run *run,
                             struct modprop_outcome *outcome, char *text, size_t size)
{
    struct modprop_checkpoint c;
    struct modprop_error err = {0};
    void *block = NULL;
    text[0] = '\0';
    if (!snapshot->limits->folder)
        return false;
    enum modprop_status status = modprop_checkpoint_read(&c, &block, snapshot->limits->folder,
                                                         snapshot->job->key, &err);
    const bool there = block != NULL;
    snapshot->there = there || status != MODPROP_OK;
    if (status == MODPROP_OK && there)
        status = go_on(&c, snapshot->job, run, outcome, &err);
    modprop_memory_free(block);
    if (status != MODPROP_OK)
        snprintf(text, size, "its checkpoint is of no use, it starts again: %s", err.message);
    if (status != MODPROP_OK || !there)
        return false;
    snapshot->iteration = modprop_run_iteration(run);
    return true;
}

/* ------------------------------------------------------------------ writing */

bool modprop_snapshot_due(const struct modprop_snapshot *snapshot)
{
    const double every_s = snapshot->limits->checkpoint_s;
    return snapshot->limits->folder && every_s > 0 &&
           modprop_job_clock() - snapshot->written_at >= every_s;
}

static enum modprop_status make_room(struct modprop_snapshot *snapshot,
                                     const struct modprop_run *run, struct modprop_error *err)
{
    if (snapshot->state)
        return MODPROP_OK;
    snapshot->state_bytes = modprop_run_state_bytes(run);
    snapshot->state = modprop_memory_get(snapshot->state_bytes, 1);
    return snapshot->state ? MODPROP_OK
                           : modprop_memory_error("a checkpoint", snapshot->state_bytes, err);
}

enum modprop_status modprop_snapshot_take(struct modprop_snapshot *snapshot,
                                          const struct modprop_run *run,
                                          const struct modprop_outcome *outcome,
                                          struct modprop_error *err)
{
    const long iteration = modprop_run_iteration(run);
    if (!snapshot->limits->folder || iteration == 0 || iteration == snapshot->iteration)
        return MODPROP_OK;
    enum modprop_status status = make_room(snapshot, run, err);
    if (status == MODPROP_OK) {
        modprop_run_save(run, snapshot->state);
        struct modprop_checkpoint c = {.key = snapshot->job->key,
                                       .written = modprop_job_date(),
                                       .outcome = *outcome,
                                       .state = snapshot->state,
                                       .state_bytes = snapshot->state_bytes};
        c.outcome.state = MODPROP_RUN_RUNNING;
        c.outcome.message = "";
        c.outcome.heard = c.written;
        c.outcome.record.iterations_done = iteration;
        c.outcome.record.weights = NULL; /* the state has them */
        status = modprop_checkpoint_write(snapshot->limits->folder, &c, err);
    }
    if (status == MODPROP_OK) {
        snapshot->iteration = iteration;
        snapshot->there = true;
    }
    snapshot->written_at = modprop_job_clock();
    return status;
}
