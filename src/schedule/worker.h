/*
 * worker.h - a rank that trains what rank 0 hands out.
 */
#ifndef MODPROP_SCHEDULE_WORKER_H
#define MODPROP_SCHEDULE_WORKER_H

#include "schedule/job.h"

/* Trains until rank 0 says stop, a signal asks for it, or the walltime nears. */
void modprop_worker_run(const struct modprop_job_limits *limits);

#endif
