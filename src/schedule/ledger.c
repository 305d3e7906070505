#include "schedule/ledger.h"

#include <stdio.h>

#include "store/checkpoints.h"

/* A finished run's status waits no longer for a shared sync; its outcome is held no longer in
 * memory, and its checkpoint on the disk. */
static const double SETTLE_S = 0.3, SAFE_S = 5;

void modprop_ledger_init(struct modprop_ledger *ledger, const struct modprop_schedule *schedule,
                         const struct modprop_world *world, const char *folder)
{
    *ledger = (struct modprop_ledger){.schedule = schedule, .world = world, .folder = folder};
}

void modprop_ledger_clear(struct modprop_ledger *ledger)
{
    modprop_keep_clear(&ledger->keep);
}

bool modprop_ledger_failed(const struct modprop_ledger *ledger)
{
    return ledger->err.code != MODPROP_OK;
}

void modprop_ledger_tell(const struct modprop_ledger *ledger, const struct modprop_news *news)
{
    if (ledger->schedule->tell)
        ledger->schedule->tell(ledger->schedule->context, news);
}

static void warn(const struct modprop_ledger *l, const char *text)
{
    modprop_ledger_tell(
        l, &(struct modprop_news){.occasion = MODPROP_WARNING, .text = text, .sweep = true});
}

/* ------------------------------------------------------------------ when the file has failed */

static void tell_unkept(struct modprop_ledger *l, const char *why)
{
    char text[900];
    if (l->unkept)
        return;
    snprintf(text, sizeof text,
             "results cannot be kept either (%s): those runs go on from their last checkpoints "
             "next time",
             why);
    warn(l, text);
    l->unkept = true;
}

/* Keeps what the file does not have for sure. */
static void rescue(struct modprop_ledger *l)
{
    size_t count = 0;
    struct modprop_error err = {0};
    char text[900];
    if (!l->keep.first)
        return;
    const enum modprop_status status = modprop_keep_save(&l->keep, l->folder, &count, &err);
    if (count) {
        snprintf(text, sizeof text,
                 "the results of %zu finished run%s are kept in %s, the next start takes them in",
                 count, count > 1 ? "s" : "", l->folder);
        warn(l, text);
    }
    if (status != MODPROP_OK)
        tell_unkept(l, err.message);
}

/* ------------------------------------------------------------------ rows */

static uint64_t key_of(const struct modprop_ledger *l, size_t run)
{
    return l->schedule->plan->key[run];
}

void modprop_ledger_begin(struct modprop_ledger *l, size_t run, int rank, double started)
{
    if (!modprop_ledger_failed(l))
        (void)modprop_results_begin(l->schedule->results, run, rank, l->world->host[rank], started,
                                    &l->err);
    modprop_ledger_tell(
        l, &(struct modprop_news){.occasion = MODPROP_RUN_BEGUN, .run = run, .rank = rank});
}

void modprop_ledger_hear(struct modprop_ledger *l, size_t run, int rank, long iteration)
{
    modprop_ledger_tell(
        l, &(struct modprop_news){
               .occasion = MODPROP_RUN_ADVANCED, .run = run, .rank = rank, .iteration = iteration});
}

void modprop_ledger_finish(struct modprop_ledger *l, int rank, struct modprop_job_result *result)
{
    struct modprop_results *const results = l->schedule->results;
    struct modprop_outcome *const outcome = &result->outcome;
    size_t written = SIZE_MAX;
    outcome->rank = rank;
    outcome->host = l->world->host[rank];
    if (!modprop_ledger_failed(l) &&
        modprop_results_write(results, result->run, outcome, &l->err) == MODPROP_OK)
        written = modprop_results_written(results);
    if (l->unsettled == 0)
        l->unsettled = modprop_job_clock();
    const bool kept = modprop_keep_add(&l->keep, result, key_of(l, result->run), written);
    if (modprop_ledger_failed(l)) {
        rescue(l);
        if (!kept)
            tell_unkept(l, "no memory");
        return;
    }
    modprop_ledger_tell(l, &(struct modprop_news){.occasion = MODPROP_RUN_OVER,
                                                  .run = result->run,
                                                  .rank = rank,
                                                  .outcome = outcome,
                                                  .iteration = outcome->record.iterations_done});
}

void modprop_ledger_leave(struct modprop_ledger *l, size_t run, int rank)
{
    if (!modprop_ledger_failed(l))
        (void)modprop_results_reset(l->schedule->results, run, &l->err);
    modprop_ledger_tell(
        l, &(struct modprop_news){.occasion = MODPROP_RUN_LEFT, .run = run, .rank = rank});
}

/* ------------------------------------------------------------------ making them last */

static void release(struct modprop_ledger *l)
{
    modprop_keep_release(&l->keep, modprop_results_safe(l->schedule->results), l->folder);
    l->unsafe = !l->keep.first ? 0 : l->unsafe > 0 ? l->unsafe : modprop_job_clock();
}

static void flush(struct modprop_ledger *l)
{
    l->unsafe = 0;
    (void)modprop_results_flush(l->schedule->results, &l->err);
}

void modprop_ledger_settle(struct modprop_ledger *l)
{
    const double now = modprop_job_clock();
    if (!modprop_ledger_failed(l) && l->unsettled > 0 && now - l->unsettled >= SETTLE_S) {
        l->unsettled = 0;
        (void)modprop_results_sync(l->schedule->results, &l->err);
    }
    if (!modprop_ledger_failed(l) && l->unsafe > 0 && now - l->unsafe >= SAFE_S)
        flush(l);
    if (modprop_ledger_failed(l))
        rescue(l);
    else
        release(l);
}

void modprop_ledger_end(struct modprop_ledger *l)
{
    if (!modprop_ledger_failed(l))
        flush(l);
    if (modprop_ledger_failed(l))
        rescue(l);
    else
        release(l);
    modprop_checkpoints_end(l->schedule->plan->output);
}
