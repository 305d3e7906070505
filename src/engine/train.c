/*
 * A whole run, or what is left of it: iterations with evaluations in between, into a record.
 */
#include <math.h>

#include "engine/clock.h"
#include "engine/error.h"
#include "engine/run.h"

/* What the loop carries from one part to the next. */
struct course {
    struct modprop_run *run;
    const struct modprop_config *config;
    modprop_watch *watch;
    void *context;
    struct modprop_record *record;
};

struct stopwatch {
    double wall_s, cpu_s;
};

static struct stopwatch stopwatch(void)
{
    return (struct stopwatch){modprop_clock_s(CLOCK_MONOTONIC),
                              modprop_clock_s(CLOCK_THREAD_CPUTIME_ID)};
}

static void add_time(struct modprop_record *record, const struct stopwatch *start)
{
    const struct stopwatch now = stopwatch();
    record->wall_s += now.wall_s - start->wall_s;
    record->cpu_s += now.cpu_s - start->cpu_s;
}

static bool stops(const struct course *c, const struct modprop_evaluation *evaluation)
{
    return c->watch && c->watch(c->context, c->config, modprop_run_iteration(c->run), evaluation);
}

static bool is_last(const struct course *c)
{
    return modprop_run_iteration(c->run) >= c->config->iterations;
}

static bool evaluation_is_due(const struct course *c)
{
    const long iteration = modprop_run_iteration(c->run);
    return iteration % c->config->evaluate_every == 0 && c->run->evaluated != iteration;
}

static enum modprop_status evaluate(struct course *c, struct modprop_error *err)
{
    struct modprop_evaluation now;
    const enum modprop_status status = modprop_run_evaluate(c->run, &now, err);
    if (status != MODPROP_OK)
        return status;
    if (c->record && c->record->evaluation) {
        const size_t index = (size_t)(modprop_run_iteration(c->run) / c->config->evaluate_every);
        c->record->evaluation[index] = now;
        c->record->evaluations = index + 1;
    }
    /* Whoever stops a run after its last evaluation has all of it. */
    return stops(c, &now) && !is_last(c) ? MODPROP_STOPPED : MODPROP_OK;
}

static enum modprop_status step(struct course *c, struct modprop_error *err)
{
    const enum modprop_status status = modprop_run_step(c->run, err);
    return status == MODPROP_OK && stops(c, NULL) && !is_last(c) ? MODPROP_STOPPED : status;
}

static enum modprop_status follow(struct course *c, struct modprop_error *err)
{
    for (;;) {
        enum modprop_status status = MODPROP_OK;
        if (evaluation_is_due(c))
            status = evaluate(c, err);
        if (status != MODPROP_OK || is_last(c))
            return status;
        status = step(c, err);
        if (status != MODPROP_OK)
            return status;
    }
}

enum modprop_status modprop_train_on(struct modprop_run *run, modprop_watch *watch, void *context,
                                     struct modprop_record *record, struct modprop_error *err)
{
    const struct stopwatch start = stopwatch();
    struct course c = {run, &run->config, watch, context, record};
    const enum modprop_status status = follow(&c, err);
    if (!record)
        return status;
    record->iterations_done = modprop_run_iteration(run);
    record->diverged_at = status == MODPROP_DIVERGED ? record->iterations_done : -1;
    if (record->weights)
        modprop_run_weights(run, record->weights);
    add_time(record, &start);
    return status;
}

enum modprop_status modprop_train(const struct modprop_config *config, modprop_watch *watch,
                                  void *context, struct modprop_record *record,
                                  struct modprop_error *err)
{
    const struct stopwatch start = stopwatch();
    struct modprop_run *run = NULL;
    if (record) {
        record->iterations_done = 0;
        record->diverged_at = -1;
        record->evaluations = 0;
    }
    enum modprop_status status = modprop_run_create(&run, config, err);
    if (status == MODPROP_OK)
        status = modprop_train_on(run, watch, context, record, err);
    if (record) {
        record->wall_s = record->cpu_s = 0; /* from the making of the run on */
        add_time(record, &start);
    }
    modprop_run_free(run);
    return status;
}
