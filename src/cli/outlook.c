#include "cli/outlook.h"

#include <stdlib.h>

#include "cli/launch.h"
#include "cli/plan_table.h"
#include "cli/sweep_plan.h"
#include "engine/error.h"

static enum modprop_status place_ranks(struct modprop_outlook *o, const struct modprop_ranks *ranks,
                                       struct modprop_error *err)
{
    static const char here[] = "this host";
    o->ranks = ranks ? modprop_schedule_size(ranks) : modprop_launch_ranks();
    const bool all = modprop_schedule_trains(o->options->coordination, o->ranks);
    struct modprop_room room;
    o->rank = calloc((size_t)o->ranks, sizeof *o->rank);
    if (!o->rank)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a table of %d ranks", o->ranks);
    modprop_room_read(&room, "");
    for (int rank = 0; rank < o->ranks; rank++)
        o->rank[rank] = (struct modprop_hosts_rank){
            .host = ranks ? modprop_schedule_host(ranks, rank) : here,
            .room = ranks ? modprop_schedule_room(ranks, rank) : room,
            .trains = all || rank > 0};
    return MODPROP_OK;
}

enum modprop_status modprop_outlook_init(struct modprop_outlook *outlook,
                                         const struct modprop_options *options,
                                         const struct modprop_ranks *ranks,
                                         struct modprop_error *err)
{
    struct modprop_outlook *o = outlook;
    *o = (struct modprop_outlook){.options = options};
    enum modprop_status status = modprop_sweep_plan_read(&o->plan, options, err);
    if (status == MODPROP_OK)
        status = modprop_selection_init(&o->selection, o->plan->runs, options->only, err);
    if (status == MODPROP_OK)
        status = modprop_cost_create(&o->cost, o->plan, err);
    return status == MODPROP_OK ? place_ranks(o, ranks, err) : status;
}

void modprop_outlook_clear(struct modprop_outlook *outlook)
{
    modprop_hosts_clear(&outlook->hosts);
    free(outlook->rank);
    modprop_cost_free(outlook->cost);
    modprop_checkpoints_clear(&outlook->checkpoints);
    modprop_selection_clear(&outlook->selection);
    modprop_plan_free(outlook->plan);
}

/* What is known of a run from two sides. */
struct known {
    const struct modprop_outlook *outlook;
    enum modprop_run_state (*state)(const void *context, size_t run);
    const void *context;
};

static enum modprop_run_state state_of(const void *context, size_t run)
{
    const struct known *known = context;
    return known->state(known->context, run);
}

static bool has_checkpoint(const void *context, size_t run)
{
    const struct modprop_outlook *o = ((const struct known *)context)->outlook;
    const struct modprop_checkpoints_entry *entry = modprop_checkpoints_find(&o->checkpoints,
                                                                             o->plan->key[run]);
    return entry && entry->sound;
}

enum modprop_status modprop_outlook_sort(struct modprop_outlook *outlook,
                                         enum modprop_run_state (*state)(const void *context,
                                                                         size_t run),
                                         const void *context, struct modprop_error *err)
{
    struct modprop_outlook *o = outlook;
    const struct known known = {o, state, context};
    modprop_selection_sort(&o->selection, o->options->retry,
                           &(struct modprop_known_runs){.state = state_of,
                                                        .checkpointed = has_checkpoint,
                                                        .context = &known});
    modprop_hosts_clear(&o->hosts);
    return modprop_hosts_init(&o->hosts, o->rank, (size_t)o->ranks, o->plan, o->cost, &o->selection,
                              err);
}

enum modprop_status modprop_outlook_check_memory(const struct modprop_outlook *outlook,
                                                 struct modprop_error *err)
{
    return outlook->options->force ? MODPROP_OK : modprop_hosts_check(&outlook->hosts, err);
}

enum modprop_status modprop_outlook_merge(const struct modprop_outlook *outlook, bool write,
                                          struct modprop_merge **merge, struct modprop_error *err)
{
    const char *const from[] = {outlook->options->extend_from};
    return modprop_merge_open(merge, outlook->plan, from, from[0] != NULL, write, err);
}

enum modprop_status modprop_outlook_print(const struct modprop_outlook *outlook, size_t most,
                                          struct modprop_error *err)
{
    const struct modprop_outlook *o = outlook;
    int trainers = 0;
    for (int rank = 0; rank < o->ranks; rank++)
        trainers += o->rank[rank].trains;
    const struct modprop_plan_table table = {.plan = o->plan,
                                             .cost = o->cost,
                                             .selection = &o->selection,
                                             .hosts = &o->hosts,
                                             .output = o->plan->output,
                                             .ranks = o->ranks,
                                             .trainers = trainers,
                                             .most = most};
    return modprop_plan_table_print(stdout, &table, err);
}

void modprop_outlook_print_empty(const struct modprop_outlook *outlook)
{
    const struct modprop_plan *plan = outlook->plan;
    printf("%s: part %zu of %zu has no runs\n", plan->output, plan->shard, plan->shards);
}
