/*
 * A whole run: iterations with evaluations in between, into a record.
 */
#include <math.h>
#include <time.h>

#include "engine/error.h"
#include "engine/run.h"

static double clock_s(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

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
    return stops(c, &now) ? MODPROP_STOPPED : MODPROP_OK;
}

static enum modprop_status follow(struct course *c, struct modprop_error *err)
{
    enum modprop_status status = evaluate(c, err);
    while (status == MODPROP_OK && modprop_run_iteration(c->run) < c->config->iterations) {
        status = modprop_run_step(c->run, err);
        if (status == MODPROP_OK && stops(c, NULL))
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
    const double wall_s = clock_s(CLOCK_MONOTONIC), cpu_s = clock_s(CLOCK_THREAD_CPUTIME_ID);
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
        record->wall_s = clock_s(CLOCK_MONOTONIC) - wall_s;
        record->cpu_s = clock_s(CLOCK_THREAD_CPUTIME_ID) - cpu_s;
    }
    modprop_run_free(c.run);
    return status;
}
