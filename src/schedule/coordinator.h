/*
 * coordinator.h - rank 0: hands out runs, takes results into the file, trains in between.
 */
#ifndef MODPROP_SCHEDULE_COORDINATOR_H
#define MODPROP_SCHEDULE_COORDINATOR_H

#include "schedule/job.h"
#include "schedule/schedule.h"
#include "schedule/world.h"

/* Returns when every run has an outcome or the sweep was stopped, after the last word with every
 * other rank. Statuses as modprop_schedule_lead. */
enum modprop_status modprop_coordinator_run(const struct modprop_schedule *schedule,
                                            const struct modprop_world *world, bool trains,
                                            const struct modprop_job_limits *limits,
                                            struct modprop_error *err);

#endif
