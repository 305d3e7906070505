#include "schedule/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "schedule/coordinator.h"
#include "schedule/signals.h"
#include "schedule/worker.h"
#include "schedule/world.h"
#include "store/checkpoint.h"

enum { MOST_RANKS_WITH_TRAINING_COORDINATOR = 16 };

struct modprop_ranks {
    struct modprop_world world;
};

/* What rank 0 tells all others before the first run; the name of the folder follows. */
struct orders {
    bool work; /* false: there is nothing to do */
    bool limited;
    double left_s; /* until ranks leave, if that is limited: clocks of hosts differ */
    struct modprop_job_limits limits;
    size_t letters; /* of the folder's name, with its end */
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

const char *modprop_schedule_host(const struct modprop_ranks *ranks, int rank)
{
    return ranks->world.host[rank];
}

struct modprop_room modprop_schedule_room(const struct modprop_ranks *ranks, int rank)
{
    return ranks->world.room[rank];
}

enum modprop_status modprop_schedule_lead(struct modprop_ranks *ranks,
                                          const struct modprop_schedule *schedule,
                                          struct modprop_error *err)
{
    char *folder = modprop_checkpoint_folder(schedule->plan->output);
    struct orders orders = {.work = folder != NULL,
                            .limited = schedule->leave_at > 0,
                            .left_s = schedule->leave_at - modprop_job_clock(),
                            .limits = {.save_weights = schedule->plan->save_weights,
                                       .timeout_s = schedule->plan->timeout_s,
                                       .checkpoint_s = schedule->plan->checkpoint_s},
                            .letters = folder ? strlen(folder) + 1 : 0};
    modprop_world_share(&orders, sizeof orders);
    if (!folder)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory to start with");
    modprop_world_share(folder, orders.letters);
    orders.limits.leave_at = schedule->leave_at;
    orders.limits.folder = folder;
    const bool trains = modprop_schedule_trains(schedule->coordination, ranks->world.size);
    const enum modprop_status status = modprop_coordinator_run(schedule, &ranks->world, trains,
                                                               &orders.limits, err);
    modprop_memory_free(folder);
    return status;
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
    if (!orders.work)
        return;
    char *folder = modprop_memory_get(orders.letters, 1);
    if (!folder)
        modprop_world_abort("no memory to start with");
    modprop_world_share(folder, orders.letters);
    orders.limits.folder = folder;
    orders.limits.leave_at = orders.limited ? modprop_job_clock() + orders.left_s : 0;
    modprop_worker_run(&orders.limits);
    modprop_memory_free(folder);
}

void modprop_schedule_library(char *text, size_t size)
{
    modprop_world_library(text, size);
}
