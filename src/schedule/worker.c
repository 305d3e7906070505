#include "schedule/worker.h"

#include <assert.h>
#include <string.h>

#include "schedule/message.h"
#include "schedule/signals.h"
#include "schedule/world.h"

static const double PROGRESS_EVERY_S = 0.5;

enum { QUEUE = 2 }; /* before the first run begins, two are waiting */

struct worker {
    struct modprop_outbox outbox;
    struct modprop_message message;
    struct modprop_job queue[QUEUE];
    size_t queued;
    bool stopped;         /* rank 0 said so */
    bool late;            /* the walltime nears */
    double progress_sent; /* on modprop_job_clock */
};

static void note(struct worker *w, enum modprop_tag tag, long run, long iteration, double longest_s)
{
    const struct modprop_note content = {
        .run = run, .iteration = iteration, .started = modprop_job_date(), .longest_s = longest_s};
    modprop_message_send(&w->outbox, 0, tag, &content, sizeof content);
}

/* Gives the last run of the queue back, if none has begun in the meantime. */
static void give_back(struct worker *w)
{
    const long run = w->queued ? (long)w->queue[--w->queued].run : -1;
    note(w, MODPROP_TAG_RETURNED, run, 0, 0);
}

static void look_at_messages(struct worker *w)
{
    modprop_message_tidy(&w->outbox);
    while (modprop_message_receive(&w->message, 0)) {
        if (w->message.tag == MODPROP_TAG_ASSIGN) {
            assert(w->queued < QUEUE);
            modprop_message_read(&w->message, &w->queue[w->queued++], sizeof *w->queue);
        } else if (w->message.tag == MODPROP_TAG_RECALL) {
            give_back(w);
        } else {
            assert(w->message.tag == MODPROP_TAG_STOP);
            w->stopped = true;
        }
    }
}

/* Between two iterations. */
static bool poll(void *context, const struct modprop_job *job, long iteration, double longest_s)
{
    struct worker *w = context;
    look_at_messages(w);
    const double now = modprop_job_clock();
    if (now - w->progress_sent > PROGRESS_EVERY_S) {
        w->progress_sent = now;
        note(w, MODPROP_TAG_PROGRESS, (long)job->run, iteration, longest_s);
    }
    return w->stopped || modprop_signals_caught();
}

static void resumed(void *context, const struct modprop_job *job, long iteration)
{
    note(context, MODPROP_TAG_PROGRESS, (long)job->run, iteration, 0);
}

static void warn(void *context, const struct modprop_job *job, const char *text)
{
    struct worker *w = context;
    struct modprop_remark remark = {.run = job->run};
    strncpy(remark.text, text, sizeof remark.text - 1);
    modprop_message_send(&w->outbox, 0, MODPROP_TAG_REMARK, &remark, sizeof remark);
}

/* A run that is left is left for one of three reasons: told, by a signal, or for want of time. */
static void train_next(struct worker *w, const struct modprop_job_limits *limits)
{
    const struct modprop_job job = w->queue[0];
    const struct modprop_job_host host = {poll, resumed, warn, w};
    struct modprop_job_result result;
    if (!modprop_job_fits(&job, limits)) {
        w->late = true;
        return;
    }
    w->queue[0] = w->queue[1];
    w->queued--;
    note(w, MODPROP_TAG_BEGUN, (long)job.run, 0, 0);
    w->progress_sent = modprop_job_clock();
    modprop_job_train(&result, &job, limits, &host);
    if (result.outcome.state != MODPROP_RUN_PENDING)
        modprop_message_send_result(&w->outbox, &result);
    else
        w->late = !w->stopped && !modprop_signals_caught();
    modprop_job_result_clear(&result);
}

/* After the last word to rank 0. What it sent before it heard that is not answered any more. */
static void wait_for_stop(struct worker *w)
{
    long nap_ns = 0;
    while (!w->stopped) {
        modprop_world_nap(&nap_ns);
        modprop_message_tidy(&w->outbox);
        while (modprop_message_receive(&w->message, 0))
            w->stopped = w->stopped || w->message.tag == MODPROP_TAG_STOP;
    }
}

static bool leaves(const struct worker *w)
{
    return w->stopped || w->late || modprop_signals_caught();
}

void modprop_worker_run(const struct modprop_job_limits *limits)
{
    struct worker w = {0};
    long nap_ns = 0;
    for (look_at_messages(&w); !leaves(&w); look_at_messages(&w)) {
        if (w.queued) {
            train_next(&w, limits);
            nap_ns = 0;
        } else {
            modprop_world_nap(&nap_ns);
        }
    }
    const enum modprop_reason reason = w.stopped ? MODPROP_REASON_TOLD
                                       : w.late  ? MODPROP_REASON_WALLTIME
                                                 : MODPROP_REASON_SIGNAL;
    note(&w, MODPROP_TAG_LEAVING, -1, (long)reason, 0);
    wait_for_stop(&w);
    modprop_message_drain(&w.outbox);
    modprop_message_clear(&w.message);
}
