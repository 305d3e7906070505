#include "schedule/job.h"

#include <stdio.h>
#include <string.h>

#include "engine/clock.h"
#include "engine/memory.h"

/* What the engine's watch needs to know. */
struct watched {
    const struct modprop_job *job;
    modprop_job_poll *poll;
    void *context;
    double deadline; /* on modprop_job_clock; 0: none */
    bool left, late;
};

double modprop_job_clock(void)
{
    return modprop_clock_s(CLOCK_MONOTONIC);
}

double modprop_job_date(void)
{
    return modprop_clock_s(CLOCK_REALTIME);
}

static bool watch(void *context, const struct modprop_config *config, long iteration,
                  const struct modprop_evaluation *evaluation)
{
    struct watched *w = context;
    (void)config;
    (void)evaluation;
    w->left = w->left || w->poll(w->context, w->job, iteration);
    w->late = w->deadline > 0 && modprop_job_clock() > w->deadline;
    return w->left || w->late;
}

/* The record's arrays; false if one was refused. */
static bool make_record(struct modprop_record *record, const struct modprop_job *job,
                        bool save_weights)
{
    *record = (struct modprop_record){.diverged_at = -1};
    record->evaluation = modprop_memory_get(modprop_config_evaluations(&job->config),
                                            sizeof *record->evaluation);
    if (save_weights)
        record->weights = modprop_memory_get(modprop_config_weights(&job->config),
                                             sizeof *record->weights);
    return record->evaluation && (!save_weights || record->weights);
}

static enum modprop_run_state state_after(enum modprop_status status, const struct watched *w)
{
    switch (status) {
    case MODPROP_OK: return MODPROP_RUN_DONE;
    case MODPROP_DIVERGED: return MODPROP_RUN_DIVERGED;
    case MODPROP_STOPPED: return w->left ? MODPROP_RUN_PENDING : MODPROP_RUN_TIMEOUT;
    default: return MODPROP_RUN_FAILED;
    }
}

void modprop_job_train(struct modprop_job_result *result, const struct modprop_job *job,
                       const struct modprop_job_limits *limits, modprop_job_poll *poll,
                       void *context)
{
    *result = (struct modprop_job_result){.run = job->run,
                                          .weights = modprop_config_weights(&job->config)};
    struct modprop_outcome *outcome = &result->outcome;
    outcome->message = result->message;
    outcome->started = modprop_job_date();
    if (!make_record(&outcome->record, job, limits->save_weights)) {
        modprop_job_result_fail(result, "no memory for the record of the run: fewer evaluations "
                                        "(evaluate_every) or fewer ranks on this host would fit");
        return;
    }
    struct watched w = {.job = job, .poll = poll, .context = context};
    if (limits->timeout_s > 0)
        w.deadline = modprop_job_clock() + limits->timeout_s;
    struct modprop_error err = {0};
    const enum modprop_status status = modprop_train(&job->config, watch, &w, &outcome->record,
                                                     &err);
    outcome->state = state_after(status, &w);
    if (outcome->state == MODPROP_RUN_FAILED) {
        modprop_job_result_fail(result, err.code ? err.message : "the engine gave no reason");
    } else if (outcome->state == MODPROP_RUN_TIMEOUT) {
        snprintf(result->message, sizeof result->message,
                 "took longer than timeout_s = %g s: left after iteration %ld of %ld",
                 limits->timeout_s, outcome->record.iterations_done, job->config.iterations);
    } else if (err.code) {
        memcpy(result->message, err.message, sizeof result->message);
    }
}

void modprop_job_result_clear(struct modprop_job_result *result)
{
    struct modprop_record *record = &result->outcome.record;
    modprop_memory_free(record->evaluation);
    modprop_memory_free(record->weights);
    record->evaluation = NULL;
    record->weights = NULL;
    record->evaluations = 0;
}

void modprop_job_result_fail(struct modprop_job_result *result, const char *message)
{
    modprop_job_result_clear(result);
    result->outcome.state = MODPROP_RUN_FAILED;
    result->outcome.message = result->message;
    result->outcome.record.diverged_at = -1;
    snprintf(result->message, sizeof result->message, "%s", message);
}
