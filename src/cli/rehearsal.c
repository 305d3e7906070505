#include "cli/rehearsal.h"

#include "cli/outlook.h"
#include "cli/session.h"

static const double MEASURE_S = 20; /* spent on measuring */

static enum modprop_run_state state_of(const void *merge, size_t run)
{
    return modprop_merge_state(merge, run);
}

/* Sorts the runs by what an existing results file says of them; it must belong to this sweep, or
 * --extend take its runs over. */
static enum modprop_status look_at_results(struct modprop_outlook *outlook,
                                           struct modprop_error *err)
{
    struct modprop_merge *merge = NULL;
    enum modprop_status status = modprop_outlook_merge(outlook, false, &merge, err);
    if (status == MODPROP_OK)
        status = outlook->options->extend ? modprop_merge_check(merge, err)
                                          : modprop_merge_compare(merge, err);
    if (status == MODPROP_OK)
        status = modprop_checkpoints_list(&outlook->checkpoints, outlook->plan->output, err);
    if (status == MODPROP_OK)
        status = modprop_outlook_sort(outlook, state_of, merge, err);
    modprop_merge_free(merge);
    return status;
}

/* What does not fit is shown as well, but not measured, and refused afterwards. */
static enum modprop_status show_plan(struct modprop_outlook *outlook, struct modprop_error *err)
{
    enum modprop_status status = look_at_results(outlook, err);
    if (status != MODPROP_OK)
        return status;
    const bool fits = modprop_hosts_check(&outlook->hosts, NULL) == MODPROP_OK;
    status = modprop_cost_measure(outlook->cost, outlook->plan, fits ? MEASURE_S : 0, err);
    if (status == MODPROP_OK)
        status = modprop_outlook_print(outlook, outlook->plan->conditions, err);
    return status == MODPROP_OK ? modprop_outlook_check_memory(outlook, err) : status;
}

int modprop_rehearsal_show(const struct modprop_options *options)
{
    struct modprop_outlook outlook;
    struct modprop_error err = {0};
    enum modprop_status status = modprop_outlook_init(&outlook, options, NULL, &err);
    if (status == MODPROP_OK && outlook.plan->runs == 0)
        modprop_outlook_print_empty(&outlook);
    else if (status == MODPROP_OK)
        status = show_plan(&outlook, &err);
    if (status != MODPROP_OK)
        modprop_session_complain(&err);
    modprop_outlook_clear(&outlook);
    return status == MODPROP_OK ? MODPROP_EXIT_DONE : MODPROP_EXIT_UNUSABLE;
}
