/*
 * job.h - one run as a rank trains it: from a configuration to an outcome.
 *
 * Whatever happens to a run (it diverges, the engine rejects it, memory is refused, it takes too
 * long) is its outcome and no error of the rank, which goes on with the next run.
 */
#ifndef MODPROP_SCHEDULE_JOB_H
#define MODPROP_SCHEDULE_JOB_H

#include "modprop.h"
#include "store/results.h"

struct modprop_job {
    size_t run; /* row of the plan */
    struct modprop_config config;
};

/* What holds for every run of a sweep. */
struct modprop_job_limits {
    bool save_weights;
    double timeout_s; /* 0: no limit */
};

/* Asked after every iteration. true: leave the run, which stays pending. */
typedef bool modprop_job_poll(void *context, const struct modprop_job *job, long iteration);

struct modprop_job_result {
    size_t run;
    size_t weights;                 /* number of outcome.record.weights, if there are any */
    struct modprop_outcome outcome; /* MODPROP_RUN_PENDING: left because the poll said so */
    char message[512];              /* outcome.message points here */
};

/* Trains the run. The caller clears the result. */
void modprop_job_train(struct modprop_job_result *result, const struct modprop_job *job,
                       const struct modprop_job_limits *limits, modprop_job_poll *poll,
                       void *context);

/* Frees the arrays that modprop_job_train made. */
void modprop_job_result_clear(struct modprop_job_result *result);

/* Turns the result into a failure with this message; frees its arrays. */
void modprop_job_result_fail(struct modprop_job_result *result, const char *message);

/* Seconds on a clock that only goes forward, and since 1970-01-01 UTC. */
double modprop_job_clock(void);
double modprop_job_date(void);

#endif
