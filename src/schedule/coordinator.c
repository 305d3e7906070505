/*
 * Rank 0 knows of every other rank which run it trains and which it has queued ("assigned"), and
 * looks at messages between its own iterations. Each of the functions below handles one message or
 * makes one decision; serve() runs them all.
 */
#include "schedule/coordinator.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/error.h"
#include "schedule/message.h"
#include "schedule/queue.h"
#include "schedule/signals.h"
#include "schedule/world.h"

enum { AHEAD = 2 }; /* runs a rank has: one that it trains, one ahead */

static const double SETTLE_S = 0.3; /* a finished run's status waits no longer for a shared sync */

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
    bool interrupted;      /* by a signal, here or elsewhere */
    struct member *member; /* [size]; [0] is not used */
    struct modprop_queue queue;
    struct modprop_outbox outbox;
    struct modprop_message message;
    struct modprop_error *err; /* of the store; nothing is written after the first */
    long nap_ns;               /* see modprop_world_nap */
    double unsettled; /* since when a status may be waiting, on modprop_job_clock; 0: none is */
};

static void tell(struct coordinator *c, const struct modprop_news *news)
{
    if (c->schedule->tell)
        c->schedule->tell(c->schedule->context, news);
}

static void stop_all(struct coordinator *c)
{
    if (c->stopping)
        return;
    c->stopping = true;
    modprop_queue_empty(&c->queue);
    for (int rank = 1; rank < c->world->size; rank++)
        modprop_message_send(&c->outbox, rank, MODPROP_TAG_STOP, NULL, 0);
}

/* An orderly end before all is done. */
static void stop_early(struct coordinator *c)
{
    if (!c->stopping)
        tell(c, &(struct modprop_news){.occasion = MODPROP_STOPPING});
    stop_all(c);
}

/* ------------------------------------------------------------------ rows of the results file */

static void begin(struct coordinator *c, size_t run, int rank, double started)
{
    if (c->err->code == MODPROP_OK &&
        modprop_results_begin(c->schedule->results, run, rank, c->world->host[rank], started,
                              c->err) != MODPROP_OK)
        stop_early(c);
    tell(c, &(struct modprop_news){.occasion = MODPROP_RUN_BEGUN, .run = run, .rank = rank});
}

static void finish(struct coordinator *c, int rank, struct modprop_job_result *result)
{
    struct modprop_outcome *outcome = &result->outcome;
    outcome->rank = rank;
    outcome->host = c->world->host[rank];
    if (c->err->code == MODPROP_OK &&
        modprop_results_write(c->schedule->results, result->run, outcome, c->err) != MODPROP_OK)
        stop_early(c);
    if (c->unsettled == 0)
        c->unsettled = modprop_job_clock();
    if (c->err->code == MODPROP_OK)
        tell(c, &(struct modprop_news){.occasion = MODPROP_RUN_OVER,
                                       .run = result->run,
                                       .rank = rank,
                                       .outcome = outcome,
                                       .iteration = outcome->record.iterations_done});
}

static void leave(struct coordinator *c, size_t run, int rank)
{
    if (c->err->code == MODPROP_OK &&
        modprop_results_reset(c->schedule->results, run, c->err) != MODPROP_OK)
        stop_early(c);
    tell(c, &(struct modprop_news){.occasion = MODPROP_RUN_LEFT, .run = run, .rank = rank});
}

/* Completes rows that no later row has completed. */
static void settle(struct coordinator *c)
{
    if (c->unsettled == 0 || modprop_job_clock() - c->unsettled < SETTLE_S)
        return;
    c->unsettled = 0;
    if (c->err->code == MODPROP_OK &&
        modprop_results_sync(c->schedule->results, c->err) != MODPROP_OK)
        stop_early(c);
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
    finish(c, c->message.rank, &result);
}

static void take_back(struct coordinator *c, long run)
{
    struct member *m = &c->member[c->message.rank];
    m->recalled = false;
    if (run < 0)
        return;
    drop(m, (size_t)run);
    if (!c->stopping)
        modprop_queue_give_back(&c->queue, (size_t)run);
}

static void take_leave(struct coordinator *c, bool signalled)
{
    struct member *m = &c->member[c->message.rank];
    m->left = true;
    if (m->count && m->begun)
        leave(c, m->assigned[0], c->message.rank);
    m->count = 0;
    if (signalled) {
        c->interrupted = true;
        stop_early(c);
    }
}

static void take_message(struct coordinator *c)
{
    if (c->message.tag == MODPROP_TAG_RESULT) {
        take_result(c);
        return;
    }
    struct modprop_note note;
    modprop_message_read(&c->message, &note, sizeof note);
    const int rank = c->message.rank;
    switch (c->message.tag) {
    case MODPROP_TAG_BEGUN:
        c->member[rank].begun = true;
        begin(c, (size_t)note.run, rank, note.started);
        break;
    case MODPROP_TAG_PROGRESS:
        tell(c, &(struct modprop_news){.occasion = MODPROP_RUN_ADVANCED,
                                       .run = (size_t)note.run,
                                       .rank = rank,
                                       .iteration = note.iteration});
        break;
    case MODPROP_TAG_RETURNED: take_back(c, note.run); break;
    case MODPROP_TAG_LEAVING: take_leave(c, note.iteration != 0); break;
    default: assert(false && "a tag that only rank 0 sends");
    }
}

/* ------------------------------------------------------------------ handing out */

static void job_of(const struct coordinator *c, size_t run, struct modprop_job *job)
{
    job->run = run;
    modprop_plan_config(c->schedule->plan, run, &job->config);
}

static void assign(struct coordinator *c, int rank)
{
    struct member *m = &c->member[rank];
    struct modprop_job job = {0};
    job_of(c, modprop_queue_take(&c->queue), &job);
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
    settle(c);
    if (modprop_signals_caught() && !c->stopping) {
        c->interrupted = true;
        stop_early(c);
    }
    if (!c->stopping) {
        hand_out(c);
        recall(c);
    }
    tell(c, &(struct modprop_news){.occasion = MODPROP_TICK});
}

/* ------------------------------------------------------------------ the whole */

/* Between two iterations of rank 0's own run. */
static bool poll(void *context, const struct modprop_job *job, long iteration)
{
    struct coordinator *c = context;
    tell(c, &(struct modprop_news){
                .occasion = MODPROP_RUN_ADVANCED, .run = job->run, .iteration = iteration});
    serve(c);
    return c->stopping;
}

static void train_next(struct coordinator *c)
{
    struct modprop_job job;
    struct modprop_job_result result;
    job_of(c, modprop_queue_take(&c->queue), &job);
    c->training = true;
    begin(c, job.run, 0, modprop_job_date());
    modprop_job_train(&result, &job, c->limits, poll, c);
    c->training = false;
    if (result.outcome.state == MODPROP_RUN_PENDING)
        leave(c, job.run, 0);
    else
        finish(c, 0, &result);
    modprop_job_result_clear(&result);
}

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
    modprop_message_drain(&c->outbox);
}

enum modprop_status modprop_coordinator_run(const struct modprop_schedule *schedule,
                                            const struct modprop_world *world, bool trains,
                                            const struct modprop_job_limits *limits,
                                            struct modprop_error *err)
{
    struct modprop_error store = {0};
    struct coordinator c = {
        .schedule = schedule, .world = world, .limits = limits, .trains = trains, .err = &store};
    c.member = calloc((size_t)world->size, sizeof *c.member);
    if (!c.member || !modprop_queue_init(&c.queue, schedule->todo, schedule->count)) {
        MODPROP_FAIL(&store, MODPROP_NO_MEMORY, "no memory for the queue of %zu runs",
                     schedule->count);
        /* goes on with an empty queue: the others must get their last word */
    }
    if (c.member)
        coordinate(&c);
    else
        modprop_world_abort(store.message);
    modprop_queue_clear(&c.queue);
    modprop_message_clear(&c.message);
    free(c.member);
    if (store.code)
        return MODPROP_FAIL(err, store.code, "%s", store.message);
    return c.interrupted ? MODPROP_FAIL(err, MODPROP_STOPPED, "stopped by a signal") : MODPROP_OK;
}
