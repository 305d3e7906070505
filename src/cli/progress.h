/*
 * progress.h - a sweep under way, on a terminal or in a log file.
 *
 * On a terminal one line lives; in a log file a line is written every 30 s. Runs that fail, diverge
 * or take too long are told when it happens. Goes to stderr.
 */
#ifndef MODPROP_CLI_PROGRESS_H
#define MODPROP_CLI_PROGRESS_H

#include <stdio.h>

#include "cli/cost.h"
#include "cli/selection.h"
#include "schedule/schedule.h"

struct modprop_progress;

/* Borrows all but the progress itself. `evaluations`: where those of each finished run are printed,
 * NULL: nowhere. */
enum modprop_status modprop_progress_create(struct modprop_progress **progress,
                                            const struct modprop_plan *plan,
                                            const struct modprop_cost *cost,
                                            const struct modprop_selection *selection, int ranks,
                                            bool quiet, FILE *evaluations,
                                            struct modprop_error *err);
void modprop_progress_free(
    struct modprop_progress *progress); /* accepts NULL; ends the living line */

/* A modprop_schedule_tell; the context is the progress. */
void modprop_progress_tell(void *context, const struct modprop_news *news);

#endif
