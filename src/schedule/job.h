/*
 * job.h - one run as a rank trains it: from a configuration, or a checkpoint, to an outcome.
 *
 * Whatever happens to a run (it diverges, the engine rejects it, memory is refused, it takes too
 * long) is its outcome and no error of the rank, which goes on with the next run.
 */
#ifndef MODPROP_SCHEDULE_JOB_H
#define MODPROP_SCHEDULE_JOB_H

#include <stdint.h>

#include "modprop.h"
#include "store/results.h"

struct modprop_job {
    size_t run; /* row of the plan */
    uint64_t key;
    long attempts;  /* this one included */
    double begin_s; /* what it takes at most to make the run and to get through an iteration */
    struct modprop_config config;
};

/* What holds for every run of a sweep. */
struct modprop_job_limits {
    bool save_weights;
    double timeout_s;    /* of a run, over all its parts; 0: no limit */
    double checkpoint_s; /* between two checkpoints; 0: only when the run is left */
    double leave_at;     /* on modprop_job_clock: no iteration ends later; 0: no limit */
    const char *folder;  /* of the checkpoints; borrowed; NULL: there are none */
};

/* Who has the job done. */
struct modprop_job_host {
    /* After every iteration, and within long ones; longest_s: what an iteration or evaluation took at
     * most. true: leave the run, which stays pending. */
    bool (*poll)(void *context, const struct modprop_job *job, long iteration, double longest_s);
    /* The run goes on from a checkpoint. */
    void (*resumed)(void *context, const struct modprop_job *job, long iteration);
    /* Something about checkpoints that users should know. */
    void (*warn)(void *context, const struct modprop_job *job, const char *text);
    void *context;
};

struct modprop_job_result {
    size_t run;
    size_t weights;                 /* number of outcome.record.weights, if there are any */
    bool checkpoint;                /* the run has one */
    struct modprop_outcome outcome; /* MODPROP_RUN_PENDING: left because poll or leave_at said so */
    char message[512];              /* outcome.message points here */
};

/* Whether there is time enough to begin the job. */
bool modprop_job_fits(const struct modprop_job *job, const struct modprop_job_limits *limits);

/* Trains the run, on from its checkpoint if it has a sound one. A run that is left has its checkpoint
 * written. The caller clears the result. */
void modprop_job_train(struct modprop_job_result *result, const struct modprop_job *job,
                       const struct modprop_job_limits *limits,
                       const struct modprop_job_host *host);

/* Frees the arrays that modprop_job_train made. */
void modprop_job_result_clear(struct modprop_job_result *result);

/* Turns the result into a failure with this message; frees its arrays. */
void modprop_job_result_fail(struct modprop_job_result *result, const char *message);

/* Seconds on a clock that only goes forward, and since 1970-01-01 UTC. */
double modprop_job_clock(void);
double modprop_job_date(void);

#endif
