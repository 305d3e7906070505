#include "cli/eta.h"

#include <math.h>
#include <stdlib.h>

/* Seconds and number of runs, for a mean. */
struct sum {
    double seconds;
    size_t count;
};

static void add(struct sum *sum, double seconds)
{
    if (!(seconds >= 0))
        return;
    sum->seconds += seconds;
    sum->count++;
}

static double mean(const struct sum *sum)
{
    return sum->count ? sum->seconds / (double)sum->count : NAN;
}

/* The part of a running run that is done. */
static double share_of(const struct modprop_overview *o, size_t run)
{
    const double share = o->iterations[run] > 0 && o->iterations_done[run] > 0
                             ? (double)o->iterations_done[run] / (double)o->iterations[run]
                             : 0;
    return share < 1 ? share : 1;
}

/* Means over the runs done of each condition, of all, and of those running, if they end as they
 * have begun. */
static void sum_up(const struct modprop_overview *o, double now, struct sum *condition,
                   struct sum *all, struct sum *promised)
{
    for (size_t run = 0; run < o->runs; run++) {
        const double share = o->state[run] == MODPROP_RUN_RUNNING ? share_of(o, run) : 0;
        if (o->state[run] == MODPROP_RUN_DONE) {
            add(&condition[o->condition[run]], o->wall_s[run]);
            add(all, o->wall_s[run]);
        }
        if (share > 0)
            add(promised, (now - o->started[run]) / share);
    }
}

double modprop_eta(const struct modprop_overview *overview, double now)
{
    const struct modprop_overview *o = overview;
    struct sum all = {0, 0}, promised = {0, 0};
    struct sum *condition = calloc(o->conditions + 1, sizeof *condition);
    double work = 0, longest = 0;
    size_t running = 0;
    if (!condition)
        return NAN;
    sum_up(o, now, condition, &all, &promised);
    const double usual = all.count ? mean(&all) : mean(&promised);
    for (size_t run = 0; run < o->runs; run++) {
        const struct sum *same = &condition[o->condition[run]];
        const double whole = same->count ? mean(same) : usual;
        const bool under_way = o->state[run] == MODPROP_RUN_RUNNING;
        if (!under_way && o->state[run] != MODPROP_RUN_PENDING)
            continue;
        const double left = under_way ? whole * (1 - share_of(o, run)) : whole;
        work += left;
        longest = fmax(longest, left);
        running += under_way;
    }
    free(condition);
    return running ? fmax(work / (double)running, longest) : NAN;
}
