#include "cli/selection.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"

/* A run's number at *text, which moves behind it. */
static bool read_run(const char **text, size_t *run)
{
    char *end;
    if (!isdigit((unsigned char)**text))
        return false;
    errno = 0;
    *run = strtoull(*text, &end, 10);
    *text = end;
    return errno == 0;
}

static enum modprop_status choose(struct modprop_selection *s, const char *only,
                                  struct modprop_error *err)
{
    for (const char *at = only;;) {
        size_t first = 0, last = 0;
        bool good = read_run(&at, &first);
        last = first;
        if (good && strncmp(at, "..", 2) == 0) {
            at += 2;
            good = read_run(&at, &last);
        }
        if (!good || (*at != ',' && *at != '\0') || last < first)
            return MODPROP_FAIL(err, MODPROP_INVALID,
                                "--only %s: runs are given as `3`, `3,7` or `7..9`", only);
        if (last >= s->runs)
            return MODPROP_FAIL(
                err, MODPROP_INVALID,
                "--only %s: there is no run %zu: they are counted from 0, the last one "
                "is %zu",
                only, last, s->runs - 1);
        for (size_t run = first; run <= last; run++)
            s->chosen[run] = true;
        if (*at++ == '\0')
            return MODPROP_OK;
    }
}

enum modprop_status modprop_selection_init(struct modprop_selection *selection, size_t runs,
                                           const char *only, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    *selection = (struct modprop_selection){.runs = runs};
    selection->chosen = calloc(runs + 1, sizeof *selection->chosen);
    selection->todo = calloc(runs + 1, sizeof *selection->todo);
    if (!selection->chosen || !selection->todo)
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the order of %zu runs", runs);
    else if (only)
        status = choose(selection, only, err);
    else
        memset(selection->chosen, true, runs * sizeof *selection->chosen);
    if (status != MODPROP_OK)
        modprop_selection_clear(selection);
    return status;
}

void modprop_selection_clear(struct modprop_selection *selection)
{
    free(selection->chosen);
    free(selection->todo);
    *selection = (struct modprop_selection){0};
}

static bool is_finished(enum modprop_run_state state)
{
    return state != MODPROP_RUN_PENDING && state != MODPROP_RUN_RUNNING;
}

void modprop_selection_sort(struct modprop_selection *selection, unsigned retry,
                            const struct modprop_known_runs *known)
{
    struct modprop_selection *s = selection;
    s->count = s->fresh = s->continued = s->retried = s->reused = s->kept = 0;
    for (size_t run = 0; run < s->runs; run++) {
        if (!s->chosen[run])
            continue;
        const enum modprop_run_state state = known->state(known->context, run);
        if (is_finished(state) && !(retry & 1u << state)) {
            const bool result = state == MODPROP_RUN_DONE || state == MODPROP_RUN_DIVERGED;
            s->reused += result;
            s->kept += !result;
            continue;
        }
        const bool continued = !is_finished(state) && known->checkpointed &&
                               known->checkpointed(known->context, run);
        s->retried += is_finished(state);
        s->continued += continued;
        s->fresh += !is_finished(state) && !continued;
        s->todo[s->count++] = run;
    }
}

/* splitmix64 (Steele, Lea and Flood 2014); the order has no influence on any result. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

void modprop_selection_shuffle(struct modprop_selection *selection, uint64_t seed)
{
    for (size_t left = selection->count; left > 1; left--) {
        const size_t pick = (size_t)(next_random(&seed) % left);
        const size_t run = selection->todo[pick];
        selection->todo[pick] = selection->todo[left - 1];
        selection->todo[left - 1] = run;
    }
}
