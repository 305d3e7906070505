/*
 * A whole run: iterations with evaluations in between, into a record.
 */
#include <math.h>

#include "engine/clock.h"
#include "engine/error.h"
#include "engine/run.h"

/* What the loop carries from one part to the next. */
struct course {
    const struct modprop_config *config;
    modprop_watch *watch;
    void *context;
    struct modprop_record *record;
    struct modprop_run *run;
};

static bool stops(const struct course *c, const struct modprop_evaluation *evaluation)
{
    return c->watch && c->watch(c->context, c->config, modprop_run_iteration(c->run), evaluation);
}

static enum modprop_status evaluate(struct course *c, struct modprop_error *err)
{
    struct modprop_evaluation now;
    const enum modprop_status status = modprop_run_evaluate(c->run, &now, err);
    if (status != MODPROP_OK)
        return status;
    if (c->record && c->record->evaluation)
        c->record->evaluation[c->record->evaluations++] = now;
    /* Whoever stops a run after its last evaluation has all of it. */
    return stops(c, &now) && now.iteration < (double)c->config->iterations ? MODPROP_STOPPED
                                                                           : MODPROP_OK;
}

static enum modprop_status follow(struct course *c, struct modprop_error *err)
{
    enum modprop_status status = evaluate(c, err);
    while (status == MODPROP_OK && modprop_run_iteration(c->run) < c->config->iterations) {
        status = modprop_run_step(c->run, err);
        const bool last = modprop_run_iteration(c->run) == c->config->iterations;
        if (status == MODPROP_OK && stops(c, NULL) && !last)
            status = MODPROP_STOPPED;
        if (status == MODPROP_OK && modprop_run_iteration(c->run) % c->config->evaluate_every == 0)
            status = evaluate(c, err);
    }
    return status;
}

enum modprop_status modprop_train(const struct modprop_config *config, modprop_watch *watch,
                                  void *context, struct modprop_record *record,
                                  struct modprop_error *err)
{
    const double wall_s = modprop_clock_s(CLOCK_MONOTONIC),
                 cpu_s = modprop_clock_s(CLOCK_THREAD_CPUTIME_ID);
    struct course c = {config, watch, context, record, NULL};
    if (record) {
        record->iterations_done = 0;
        record->diverged_at = -1;
        record->evaluations = 0;
    }
    enum modprop_status status = modprop_run_create(&c.run, config, err);
    if (status == MODPROP_OK)
        status = follow(&c, err);
    if (record && c.run) {
        record->iterations_done = modprop_run_iteration(c.run);
        if (status == MODPROP_DIVERGED)
            record->diverged_at = record->iterations_done;
        if (record->weights)
            modprop_run_weights(c.run, record->weights);
    }
    if (record) {
        record->wall_s = modprop_clock_s(CLOCK_MONOTONIC) - wall_s;
        record->cpu_s = modprop_clock_s(CLOCK_THREAD_CPUTIME_ID) - cpu_s;
    }
    modprop_run_free(c.run);
    return status;
}
