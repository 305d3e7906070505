#include "schedule/schedule.h"

#include <stdlib.h>

#include "engine/error.h"
#include "schedule/coordinator.h"
#include "schedule/signals.h"
#include "schedule/worker.h"
#include "schedule/world.h"

enum { MOST_RANKS_WITH_TRAINING_COORDINATOR = 16 };

struct modprop_ranks {
    struct modprop_world world;
};

/* What rank 0 tells all others before the first run. */
struct orders {
    bool work; /* false: there is nothing to do */
    struct modprop_job_limits limits;
};

const char *modprop_schedule_coordination_name(size_t index)
{
    static const char *const names[] = {"auto", "train", "dedicated"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

bool modprop_schedule_trains(enum modprop_coordination coordination, int ranks)
{
    return ranks == 1 || coordination == MODPROP_COORDINATOR_TRAIN ||
           (coordination == MODPROP_COORDINATOR_AUTO &&
            ranks <= MOST_RANKS_WITH_TRAINING_COORDINATOR);
}

enum modprop_status modprop_schedule_open(struct modprop_ranks **ranks, int *argc, char ***argv,
                                          struct modprop_error *err)
{
    *ranks = calloc(1, sizeof **ranks);
    if (!*ranks)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory to start with");
    modprop_signals_install();
    modprop_world_open(&(*ranks)->world, argc, argv);
    return MODPROP_OK;
}

void modprop_schedule_close(struct modprop_ranks *ranks)
{
    if (!ranks)
        return;
    modprop_world_close(&ranks->world);
    free(ranks);
}

int modprop_schedule_rank(const struct modprop_ranks *ranks)
{
    return ranks->world.rank;
}

int modprop_schedule_size(const struct modprop_ranks *ranks)
{
    return ranks->world.size;
}

enum modprop_status modprop_schedule_lead(struct modprop_ranks *ranks,
                                          const struct modprop_schedule *schedule,
                                          struct modprop_error *err)
{
    struct orders orders = {.work = true,
                            .limits = {.save_weights = schedule->plan->save_weights,
                                       .timeout_s = schedule->plan->timeout_s}};
    modprop_world_share(&orders, sizeof orders);
    const bool trains = modprop_schedule_trains(schedule->coordination, ranks->world.size);
    return modprop_coordinator_run(schedule, &ranks->world, trains, &orders.limits, err);
}

void modprop_schedule_dismiss(void)
{
    struct orders orders = {.work = false};
    modprop_world_share(&orders, sizeof orders);
}

void modprop_schedule_follow(void)
{
    struct orders orders;
    modprop_world_share(&orders, sizeof orders);
    if (orders.work)
        modprop_worker_run(&orders.limits);
}

void modprop_schedule_library(char *text, size_t size)
{
    modprop_world_library(text, size);
}
