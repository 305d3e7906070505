/*
 * walltime.h - when this sweep has to be over: by --walltime, or by the allocation it runs in.
 */
#ifndef MODPROP_SCHEDULE_WALLTIME_H
#define MODPROP_SCHEDULE_WALLTIME_H

#include "modprop.h"

/* Reads "5400", "1:30:00" or "1-12:00:00" (days). MODPROP_INVALID. */
enum modprop_status modprop_walltime_parse(const char *text, double *seconds,
                                           struct modprop_error *err);

/* Seconds until SLURM ends the allocation this process runs in: by SLURM_JOB_END_TIME, or asked of
 * `scontrol`, for at most a few seconds. NaN: no allocation, no limit, or no answer. */
double modprop_walltime_allocation(void);

/* How long before the end ranks leave: a tenth of the time there is, half a minute at most. Needed for
 * the last checkpoints and for closing the file. */
double modprop_walltime_margin(double seconds);

#endif
