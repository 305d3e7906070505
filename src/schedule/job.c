#include "schedule/job.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/clock.h"
#include "engine/memory.h"
#include "schedule/snapshot.h"

/* The host is asked so often within an iteration, and while a run is made: soon enough for who has
 * two seconds to leave. */
static const double ASK_EVERY_S = 0.1;

/* A job under way. */
struct course {
    const struct modprop_job *job;
    const struct modprop_job_limits *limits;
    const struct modprop_job_host *host;
    struct modprop_outcome *outcome;
    struct modprop_run *run; /* NULL while it is made */
    struct modprop_snapshot snapshot;
    double began, began_cpu; /* this part of the run */
    double since;            /* the last iteration or evaluation ended */
    double longest_s;        /* what one of them took at most */
    double asked;            /* the host, the last time */
    bool left, late, complained;
};

double modprop_job_clock(void)
{
    return modprop_clock_s(CLOCK_MONOTONIC);
}

double modprop_job_date(void)
{
    return modprop_clock_s(CLOCK_REALTIME);
}

bool modprop_job_fits(const struct modprop_job *job, const struct modprop_job_limits *limits)
{
    return limits->leave_at <= 0 || modprop_job_clock() + job->begin_s <= limits->leave_at;
}

/* ------------------------------------------------------------------ checkpoints */

/* The outcome so far, for a checkpoint: the record's seconds are those before this part. */
static struct modprop_outcome so_far(const struct course *c)
{
    struct modprop_outcome now = *c->outcome;
    now.record.wall_s += modprop_job_clock() - c->began;
    now.record.cpu_s += modprop_clock_s(CLOCK_THREAD_CPUTIME_ID) - c->began_cpu;
    return now;
}

/* Tells of a failure once: the run goes on without. */
static void save(struct course *c, const struct modprop_outcome *outcome)
{
    struct modprop_error err = {0};
    char text[640];
    if (modprop_snapshot_take(&c->snapshot, c->run, outcome, &err) == MODPROP_OK || c->complained)
        return;
    snprintf(text, sizeof text, "its checkpoint could not be written: %s", err.message);
    c->host->warn(c->host->context, c->job, text);
    c->complained = true;
}

static void resume(struct course *c)
{
    char text[640];
    if (modprop_snapshot_resume(&c->snapshot, c->run, c->outcome, text, sizeof text))
        c->host->resumed(c->host->context, c->job, modprop_run_iteration(c->run));
    else if (text[0])
        c->host->warn(c->host->context, c->job, text);
}

/* ------------------------------------------------------------------ training */

/* Whether the run ends here: left, or out of time. ahead_s: what it would go on for at least. */
static bool ends(struct course *c, double now, double ahead_s)
{
    const struct modprop_job_limits *limits = c->limits;
    const double spent_s = c->outcome->record.wall_s + now - c->began;
    const long iteration = c->run ? modprop_run_iteration(c->run) : 0;
    const bool told = c->host->poll(c->host->context, c->job, iteration, c->longest_s);
    c->left = c->left || told || (limits->leave_at > 0 && now + ahead_s > limits->leave_at);
    c->late = limits->timeout_s > 0 && spent_s > limits->timeout_s && c->run;
    c->asked = modprop_job_clock();
    return c->left || c->late;
}

/* Within an iteration or evaluation, or the making of the run: it is dropped, and done again by whoever
 * goes on. */
static bool halt(void *context)
{
    struct course *c = context;
    const double now = modprop_job_clock();
    return now - c->asked >= ASK_EVERY_S && ends(c, now, 0);
}

/* Between two. */
static bool watch(void *context, const struct modprop_config *config, long iteration,
                  const struct modprop_evaluation *evaluation)
{
    struct course *c = context;
    const double now = modprop_job_clock();
    (void)config;
    (void)iteration;
    (void)evaluation;
    c->longest_s = fmax(c->longest_s, now - c->since);
    const bool over = ends(c, now, c->longest_s);
    if (!over && modprop_snapshot_due(&c->snapshot)) {
        const struct modprop_outcome outcome = so_far(c);
        save(c, &outcome);
    }
    c->since = modprop_job_clock();
    return over;
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

static enum modprop_run_state state_after(enum modprop_status status, const struct course *c)
{
    switch (status) {
    case MODPROP_OK: return MODPROP_RUN_DONE;
    case MODPROP_DIVERGED: return MODPROP_RUN_DIVERGED;
    case MODPROP_STOPPED: return c->left ? MODPROP_RUN_PENDING : MODPROP_RUN_TIMEOUT;
    default: return MODPROP_RUN_FAILED;
    }
}

/* Makes the run and trains it; the record's seconds count from the making on. */
static enum modprop_status follow(struct course *c, struct modprop_error *err)
{
    const double began = modprop_job_clock(), began_cpu = modprop_clock_s(CLOCK_THREAD_CPUTIME_ID);
    c->began = c->asked = began;
    enum modprop_status status = modprop_run_create_halting(&c->run, &c->job->config, halt, c, err);
    if (status != MODPROP_OK)
        return status;
    resume(c);
    c->began = c->since = c->asked = modprop_job_clock();
    c->began_cpu = modprop_clock_s(CLOCK_THREAD_CPUTIME_ID);
    c->outcome->record.wall_s += c->began - began;
    c->outcome->record.cpu_s += c->began_cpu - began_cpu;
    return modprop_train_on(c->run, watch, c, &c->outcome->record, err);
}

/* What the outcome says beside the record. */
static void conclude(struct course *c, struct modprop_job_result *result,
                     enum modprop_status status, const struct modprop_error *err)
{
    struct modprop_outcome *outcome = c->outcome;
    outcome->state = state_after(status, c);
    outcome->heard = modprop_job_date();
    if (outcome->state == MODPROP_RUN_FAILED) {
        modprop_job_result_fail(result, err->code ? err->message : "the engine gave no reason");
    } else if (outcome->state == MODPROP_RUN_TIMEOUT) {
        snprintf(result->message, sizeof result->message,
                 "took longer than timeout_s = %g s: left after iteration %ld of %ld",
                 c->limits->timeout_s, outcome->record.iterations_done, c->job->config.iterations);
    } else if (err->code) {
        memcpy(result->message, err->message, sizeof result->message);
    }
    if (outcome->state == MODPROP_RUN_PENDING && c->run)
        save(c, outcome);
    result->checkpoint = c->snapshot.there;
}

void modprop_job_train(struct modprop_job_result *result, const struct modprop_job *job,
                       const struct modprop_job_limits *limits, const struct modprop_job_host *host)
{
    *result = (struct modprop_job_result){.run = job->run,
                                          .weights = modprop_config_weights(&job->config)};
    struct modprop_outcome *outcome = &result->outcome;
    outcome->message = result->message;
    outcome->attempts = job->attempts;
    outcome->started = outcome->heard = modprop_job_date();
    if (!make_record(&outcome->record, job, limits->save_weights)) {
        modprop_job_result_fail(result, "no memory for the record of the run: fewer evaluations "
                                        "(evaluate_every) or fewer ranks on this host would fit");
        return;
    }
    struct modprop_error err = {0};
    struct course c = {.job = job, .limits = limits, .host = host, .outcome = outcome};
    modprop_snapshot_init(&c.snapshot, job, limits);
    const enum modprop_status status = follow(&c, &err);
    conclude(&c, result, status, &err);
    modprop_snapshot_clear(&c.snapshot);
    modprop_run_free(c.run);
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
