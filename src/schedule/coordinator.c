/*
 * Rank 0 knows of every other rank which run it trains and which it has queued ("assigned"), and
 * looks at messages between its own iterations. Each of the functions below handles one message or
 * makes one decision; serve() runs them all.
 */
#include "schedule/coordinator.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "engine/error.h"
#include "schedule/ledger.h"
#include "schedule/message.h"
#include "schedule/queue.h"
#include "schedule/signals.h"
#include "schedule/world.h"

enum { AHEAD = 2 }; /* runs a rank has: one that it trains, one ahead */

/* Another rank. */
struct member {
    size_t assigned[AHEAD]; /* in the order sent; the first is trained now or about to be */
    size_t count;
    bool begun;    /* assigned[0] */
    bool recalled; /* has been asked for its queued run and did not answer yet */
    bool left;     /* has said its last word */
};

struct coordinator {
    const struct modprop_schedule *schedule;
    const struct modprop_world *world;
    const struct modprop_job_limits *limits;
    bool trains;
    bool training;         /* this rank, now */
    bool stopping;         /* every rank has been told STOP */
    bool draining;         /* no run is begun any more */
    bool interrupted;      /* by a signal, here or elsewhere, or by the walltime */
    struct member *member; /* [size]; [0] is not used */
    struct modprop_queue queue;
    struct modprop_outbox outbox;
    struct modprop_message message;
    struct modprop_ledger ledger;
    double operation_s; /* the slowest operation measured in this sweep, see begin_s; 0: none yet */
    long nap_ns;        /* see modprop_world_nap */
};

static void tell(struct coordinator *c, const struct modprop_news *news)
{
    modprop_ledger_tell(&c->ledger, news);
}

static void stop_all(struct coordinator *c)
{
    if (c->stopping)
        return;
    c->stopping = c->draining = true;
    modprop_queue_empty(&c->queue);
    for (int rank = 1; rank < c->world->size; rank++)
        modprop_message_send(&c->outbox, rank, MODPROP_TAG_STOP, NULL, 0);
}

/* An orderly end before all is done. */
static void stop_early(struct coordinator *c, const char *why)
{
    if (!c->stopping)
        tell(c, &(struct modprop_news){.occasion = MODPROP_STOPPING, .text = why});
    stop_all(c);
}

/* The walltime nears: no run is begun any more; every rank knows by itself when to leave its own. */
static void drain(struct coordinator *c)
{
    c->interrupted = true;
    if (!c->draining)
        tell(c, &(struct modprop_news){.occasion = MODPROP_STOPPING, .text = "the walltime nears"});
    c->draining = true;
    modprop_queue_empty(&c->queue);
}

/* ------------------------------------------------------------------ messages */

static void drop(struct member *m, size_t run)
{
    for (size_t k = 0; k < m->count; k++) {
        if (m->assigned[k] == run) {
            m->assigned[k] = m->assigned[m->count - 1];
            m->count--;
            return;
        }
    }
    assert(false && "a rank told of a run that it does not have");
}

static void take_result(struct coordinator *c)
{
    struct member *m = &c->member[c->message.rank];
    struct modprop_job_result result;
    modprop_message_read_result(&c->message, &result);
    drop(m, result.run);
    m->begun = false;
    modprop_ledger_finish(&c->ledger, c->message.rank, &result);
}

static void take_back(struct coordinator *c, long run)
{
    struct member *m = &c->member[c->message.rank];
    m->recalled = false;
    if (run < 0)
        return;
    drop(m, (size_t)run);
    if (!c->draining)
        modprop_queue_give_back(&c->queue, (size_t)run);
}

static void take_leave(struct coordinator *c, enum modprop_reason reason)
{
    struct member *m = &c->member[c->message.rank];
    m->left = true;
    if (m->count && m->begun)
        modprop_ledger_leave(&c->ledger, m->assigned[0], c->message.rank);
    m->count = 0;
    if (reason == MODPROP_REASON_WALLTIME)
        drain(c);
    if (reason == MODPROP_REASON_SIGNAL) {
        c->interrupted = true;
        stop_early(c, "a signal arrived");
    }
}

/* How long an operation takes at most, by the longest iteration or evaluation of a run. */
static void measure(struct coordinator *c, size_t run, double longest_s)
{
    struct modprop_config config;
    modprop_plan_config(c->schedule->plan, run, &config);
    c->operation_s = fmax(c->operation_s, longest_s / modprop_config_operations(&config));
}

static void take_remark(struct coordinator *c)
{
    struct modprop_remark remark;
    modprop_message_read(&c->message, &remark, sizeof remark);
    tell(c, &(struct modprop_news){.occasion = MODPROP_WARNING,
                                   .run = remark.run,
                                   .rank = c->message.rank,
                                   .text = remark.text});
}

static void take_note(struct coordinator *c)
{
    struct modprop_note note;
    modprop_message_read(&c->message, &note, sizeof note);
    const int rank = c->message.rank;
    switch (c->message.tag) {
    case MODPROP_TAG_BEGUN:
        c->member[rank].begun = true;
        modprop_ledger_begin(&c->ledger, (size_t)note.run, rank, note.started);
        break;
    case MODPROP_TAG_PROGRESS:
        measure(c, (size_t)note.run, note.longest_s);
        modprop_ledger_hear(&c->ledger, (size_t)note.run, rank, note.iteration);
        break;
    case MODPROP_TAG_RETURNED: take_back(c, note.run); break;
    case MODPROP_TAG_LEAVING: take_leave(c, (enum modprop_reason)note.iteration); break;
    default: assert(false && "a tag that only rank 0 sends");
    }
}

static void take_message(struct coordinator *c)
{
    switch (c->message.tag) {
    case MODPROP_TAG_RESULT: take_result(c); break;
    case MODPROP_TAG_REMARK: take_remark(c); break;
    default: take_note(c);
    }
}

/* ------------------------------------------------------------------ handing out */

/* Seconds to make a run (eigenvalues of its weights: 50 n^3 operations), to evaluate it (again), and
 * to get through its first iteration. Before anything is measured, at a quarter of the speed of a
 * slow core. */
static double begin_s(const struct coordinator *c, const struct modprop_config *config)
{
    static const double slow_s = 1 / 4e9;
    const double n = (double)config->n;
    return (c->operation_s > 0 ? c->operation_s : slow_s) *
           (2 * modprop_config_operations(config) + 100 * n * n * n);
}

/* The attempts of a run that is begun now; one that was interrupted goes on with its last one. */
static long attempts_with(const struct coordinator *c, size_t run)
{
    const struct modprop_results *results = c->schedule->results;
    const long before = modprop_results_attempts(results, run);
    const bool anew = modprop_results_state(results, run) != MODPROP_RUN_PENDING;
    return before == 0 || anew ? before + 1 : before;
}

/* Takes the next run from the queue. false: there is no time for it, nor for those behind it. */
static bool take_job(struct coordinator *c, struct modprop_job *job)
{
    *job = (struct modprop_job){.run = modprop_queue_take(&c->queue)};
    modprop_plan_config(c->schedule->plan, job->run, &job->config);
    job->key = c->schedule->plan->key[job->run];
    job->attempts = attempts_with(c, job->run);
    job->begin_s = begin_s(c, &job->config);
    if (modprop_job_fits(job, c->limits))
        return true;
    drain(c);
    return false;
}

static void assign(struct coordinator *c, int rank)
{
    struct member *m = &c->member[rank];
    struct modprop_job job;
    if (!take_job(c, &job))
        return;
    m->assigned[m->count++] = job.run;
    modprop_message_send(&c->outbox, rank, MODPROP_TAG_ASSIGN, &job, sizeof job);
}

/* First every rank gets a run, then every rank one ahead; one stays for an idle rank 0. */
static void hand_out(struct coordinator *c)
{
    const size_t own = c->trains && !c->training;
    for (size_t have = 0; have < AHEAD; have++)
        for (int rank = 1; rank < c->world->size; rank++)
            if (c->member[rank].count == have && !c->member[rank].left &&
                modprop_queue_left(&c->queue) > (have ? own : 0))
                assign(c, rank);
}

/* When no runs are left: asks for a queued one for each rank that has nothing to do. */
static void recall(struct coordinator *c)
{
    if (modprop_queue_left(&c->queue))
        return;
    long idle = c->trains && !c->training;
    for (int rank = 1; rank < c->world->size; rank++)
        idle += (c->member[rank].count == 0) - c->member[rank].recalled;
    for (int rank = 1; rank < c->world->size && idle > 0; rank++) {
        struct member *m = &c->member[rank];
        if (m->count < AHEAD || m->recalled)
            continue;
        m->recalled = true;
        idle--;
        modprop_message_send(&c->outbox, rank, MODPROP_TAG_RECALL, NULL, 0);
    }
}

/* All that rank 0 does for the others; never waits. */
static void serve(struct coordinator *c)
{
    modprop_message_tidy(&c->outbox);
    while (modprop_message_receive(&c->message, -1)) {
        take_message(c);
        c->nap_ns = 0;
    }
    modprop_ledger_settle(&c->ledger);
    if (modprop_ledger_failed(&c->ledger))
        stop_early(c, "the results file cannot be written");
    if (modprop_signals_caught() && !c->stopping) {
        c->interrupted = true;
        stop_early(c, "a signal arrived");
    }
    if (!c->draining) {
        hand_out(c);
        recall(c);
    }
    tell(c, &(struct modprop_news){.occasion = MODPROP_TICK});
}

/* ------------------------------------------------------------------ rank 0's own runs */

/* Between two iterations. */
static bool poll(void *context, const struct modprop_job *job, long iteration, double longest_s)
{
    struct coordinator *c = context;
    measure(c, job->run, longest_s);
    modprop_ledger_hear(&c->ledger, job->run, 0, iteration);
    serve(c);
    return c->stopping;
}

static void resumed(void *context, const struct modprop_job *job, long iteration)
{
    struct coordinator *c = context;
    modprop_ledger_hear(&c->ledger, job->run, 0, iteration);
}

static void warn(void *context, const struct modprop_job *job, const char *text)
{
    tell(context,
         &(struct modprop_news){.occasion = MODPROP_WARNING, .run = job->run, .text = text});
}

static void train_next(struct coordinator *c)
{
    struct modprop_job job;
    struct modprop_job_result result;
    const struct modprop_job_host host = {poll, resumed, warn, c};
    if (!take_job(c, &job))
        return;
    c->training = true;
    modprop_ledger_begin(&c->ledger, job.run, 0, modprop_job_date());
    modprop_job_train(&result, &job, c->limits, &host);
    c->training = false;
    if (result.outcome.state == MODPROP_RUN_PENDING) {
        modprop_ledger_leave(&c->ledger, job.run, 0);
        if (!c->stopping)
            drain(c);
    } else {
        modprop_ledger_finish(&c->ledger, 0, &result);
    }
    modprop_job_result_clear(&result);
}

/* ------------------------------------------------------------------ the whole */

static bool nobody_has_work(const struct coordinator *c)
{
    size_t assigned = modprop_queue_left(&c->queue);
    for (int rank = 1; rank < c->world->size; rank++)
        assigned += c->member[rank].count;
    return assigned == 0;
}

static bool all_have_left(const struct coordinator *c)
{
    bool left = true;
    for (int rank = 1; rank < c->world->size; rank++)
        left = left && c->member[rank].left;
    return left;
}

static void coordinate(struct coordinator *c)
{
    while (!c->stopping || !all_have_left(c)) {
        serve(c);
        if (c->trains && modprop_queue_left(&c->queue))
            train_next(c);
        else if (nobody_has_work(c))
            stop_all(c);
        else
            modprop_world_nap(&c->nap_ns);
    }
    modprop_ledger_end(&c->ledger);
    modprop_message_drain(&c->outbox);
}

enum modprop_status modprop_coordinator_run(const struct modprop_schedule *schedule,
                                            const struct modprop_world *world, bool trains,
                                            const struct modprop_job_limits *limits,
                                            struct modprop_error *err)
{
    struct coordinator c = {
        .schedule = schedule, .world = world, .limits = limits, .trains = trains};
    c.member = calloc((size_t)world->size, sizeof *c.member);
    modprop_ledger_init(&c.ledger, schedule, world, limits->folder);
    if (!c.member)
        modprop_world_abort("no memory to start with");
    if (!modprop_queue_init(&c.queue, schedule->todo, schedule->count))
        MODPROP_FAIL(&c.ledger.err, MODPROP_NO_MEMORY, "no memory for the queue of %zu runs",
                     schedule->count); /* the others must get their last word all the same */
    coordinate(&c);
    const struct modprop_error store = c.ledger.err;
    modprop_queue_clear(&c.queue);
    modprop_message_clear(&c.message);
    modprop_ledger_clear(&c.ledger);
    free(c.member);
    if (store.code)
        return MODPROP_FAIL(err, store.code, "%s", store.message);
    return c.interrupted ? MODPROP_FAIL(err, MODPROP_STOPPED, "stopped by a signal or the walltime")
                         : MODPROP_OK;
}
