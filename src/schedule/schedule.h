/*
 * schedule.h - a sweep over MPI ranks: self-scheduling, rank 0 hands out and trains as well.
 *
 * All ranks open and close; in between rank 0 leads (or dismisses the others, when there is nothing
 * to do) and the others follow:
 *
 *     modprop_schedule_open(&ranks, &argc, &argv, &err);
 *     if (rank is 0) modprop_schedule_lead(ranks, ...) or modprop_schedule_dismiss()
 *     else modprop_schedule_follow()
 *     modprop_schedule_close(ranks)
 *
 * Each rank has its next run queued while it trains, so that nobody waits between runs; when no
 * runs are left, queued ones are moved to idle ranks. A run's failure is its outcome, the sweep
 * goes on. Nothing here prints: what happens is told to a callback.
 */
#ifndef MODPROP_SCHEDULE_SCHEDULE_H
#define MODPROP_SCHEDULE_SCHEDULE_H

#include "engine/room.h"
#include "modprop.h"
#include "store/results.h"
#include "sweep/plan.h"

/* Whether rank 0 trains. AUTO: yes, unless there are more than 16 ranks: then one of them is a
 * small loss, and the others never wait for an iteration of rank 0 to end. */
enum modprop_coordination {
    MODPROP_COORDINATOR_AUTO,
    MODPROP_COORDINATOR_TRAIN,
    MODPROP_COORDINATOR_DEDICATED
};

/* Name of the index-th, NULL past the last. */
const char *modprop_schedule_coordination_name(size_t index);

/* Whether rank 0 trains, given the number of ranks. A single rank always does. */
bool modprop_schedule_trains(enum modprop_coordination coordination, int ranks);

enum modprop_occasion {
    MODPROP_RUN_BEGUN,    /* training starts on a rank */
    MODPROP_RUN_ADVANCED, /* a sign of life from a rank */
    MODPROP_RUN_OVER,     /* its row is written; `outcome` says how it went */
    MODPROP_RUN_LEFT,     /* interrupted, pending again */
    MODPROP_WARNING,      /* something to know of a run, or of the sweep; `text` */
    MODPROP_STOPPING,     /* every rank leaves its run now; `text` says why */
    MODPROP_TICK,         /* nothing new; for clocks on the screen */
};

struct modprop_news {
    enum modprop_occasion occasion;
    size_t run;
    int rank;
    long iteration;
    const struct modprop_outcome *outcome; /* NULL unless OVER */
    const char *text;                      /* NULL unless it is said above */
    bool sweep;                            /* the text is not of the run but of the sweep */
};

/* Called on rank 0 for all that happens, at least after each of its own iterations: be quick. */
typedef void modprop_schedule_tell(void *context, const struct modprop_news *news);

/* What is to be done. All borrowed. */
struct modprop_schedule {
    const struct modprop_plan *plan;
    struct modprop_results *results;
    const size_t *todo; /* [count]; runs in the order in which they are handed out */
    size_t count;
    enum modprop_coordination coordination;
    double leave_at; /* on modprop_job_clock: runs are left by then; 0: no limit */
    modprop_schedule_tell *tell;
    void *context;
};

struct modprop_ranks; /* the ranks of this program */

/* Starts MPI (mpirun or not) and installs the signal handlers. Collective. */
enum modprop_status modprop_schedule_open(struct modprop_ranks **ranks, int *argc, char ***argv,
                                          struct modprop_error *err);
void modprop_schedule_close(struct modprop_ranks *ranks); /* collective; ends MPI */

int modprop_schedule_rank(const struct modprop_ranks *ranks);
int modprop_schedule_size(const struct modprop_ranks *ranks);

/* Rank 0: the name of the host that a rank is on, and the memory it found there at the start. */
const char *modprop_schedule_host(const struct modprop_ranks *ranks, int rank);
struct modprop_room modprop_schedule_room(const struct modprop_ranks *ranks, int rank);

/* Rank 0: trains all of `todo` on all ranks. MODPROP_STOPPED: a signal or the walltime asked for the
 * stop, runs under way are pending again, with checkpoints. MODPROP_IO and others: the results could
 * not be written; the ranks have been stopped in an orderly way, and results that are not in the
 * file are kept as checkpoints. */
enum modprop_status modprop_schedule_lead(struct modprop_ranks *ranks,
                                          const struct modprop_schedule *schedule,
                                          struct modprop_error *err);

/* Rank 0, instead of leading: the others return from following without having done anything. */
void modprop_schedule_dismiss(void);

/* All other ranks. */
void modprop_schedule_follow(void);

/* Name and version of the MPI library; works before MPI is started. */
void modprop_schedule_library(char *text, size_t size);

#endif
