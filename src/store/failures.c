#include "store/failures.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"
#include "store/column.h"
#include "store/scan.h"
#include "store/stored.h"
#include "sweep/key.h"

/* What groups are made from. */
struct grouping {
    const struct modprop_overview *overview;
    struct reason *reason; /* [count] */
    size_t count;
    double **value;   /* [parameters]; [runs] each, NULL: not in the file */
    bool *member;     /* [runs]; of one group, false between two of them */
    bool *considered; /* [runs] */
};

/* A run and what kind of failure it is. */
struct reason {
    uint64_t kind;
    size_t run;
};

/* ------------------------------------------------------------------ kinds */

/* Equal for messages that differ in numbers alone. */
static uint64_t kind_of(int state, const char *message)
{
    char text[512];
    size_t length = 0;
    text[length++] = (char)('0' + state);
    for (; *message && length + 1 < sizeof text; message++)
        if (!isdigit((unsigned char)*message))
            text[length++] = *message;
        else if (text[length - 1] != '#')
            text[length++] = '#';
    text[length] = '\0';
    return modprop_key_text(text);
}

static int by_kind(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (x->run > y->run) - (x->run < y->run);
}

static int by_size(const void *a, const void *b)
{
    const struct modprop_failure *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return (x->run[0] > y->run[0]) - (x->run[0] < y->run[0]);
}

static void collect(struct grouping *g, unsigned states)
{
    const struct modprop_overview *o = g->overview;
    for (size_t run = 0; run < o->runs; run++) {
        g->considered[run] = modprop_scan_finished(o->state[run]);
        if (states & 1u << o->state[run])
            g->reason[g->count++] = (struct reason){kind_of(o->state[run], o->message[run]), run};
    }
    qsort(g->reason, g->count, sizeof *g->reason, by_kind);
}

/* ------------------------------------------------------------------ columns */

/* Whether a column has the same value, or none, in all of its runs: it tells nothing. */
static bool is_constant(const double *value, size_t runs)
{
    for (size_t run = 1; run < runs; run++)
        if (value[run] != value[0] && !(isnan(value[run]) && isnan(value[0])))
            return false;
    return true;
}

static enum modprop_status read_values(struct grouping *g, const char *path,
                                       struct modprop_error *err)
{
    hid_t file = -1;
    const size_t runs = g->overview->runs;
    enum modprop_status status = modprop_stored_open(&file, path, err);
    for (size_t p = 0; status == MODPROP_OK && p < modprop_parameter_count(); p++) {
        g->value[p] = modprop_memory_get(runs, sizeof **g->value);
        if (!g->value[p])
            status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its parameters", path);
        else if (modprop_stored_runs(file) != runs ||
                 !modprop_column_read(g->value[p], file, runs, p) ||
                 is_constant(g->value[p], runs)) {
            modprop_memory_free(g->value[p]);
            g->value[p] = NULL; /* one trait less can be told */
        }
    }
    modprop_h5_drop(file);
    return status;
}

/* ------------------------------------------------------------------ groups */

static void make_group(struct grouping *g, struct modprop_failure *failure, size_t *run,
                       size_t first, size_t end)
{
    const struct modprop_overview *o = g->overview;
    *failure = (struct modprop_failure){.run = run, .count = end - first};
    for (size_t k = first; k < end; k++) {
        run[k - first] = g->reason[k].run;
        if (o->attempts[g->reason[k].run] > failure->attempts)
            failure->attempts = o->attempts[g->reason[k].run];
    }
    failure->state = (enum modprop_run_state)o->state[run[0]];
    failure->message = o->message[run[0]];
}

static void explain(struct grouping *g, struct modprop_failure *failure)
{
    for (size_t k = 0; k < failure->count; k++)
        g->member[failure->run[k]] = true;
    modprop_common_find(&failure->common, (const double *const *)g->value, g->overview->runs,
                        g->member, g->considered);
    for (size_t k = 0; k < failure->count; k++)
        g->member[failure->run[k]] = false;
}

static enum modprop_status make_groups(struct modprop_failures *failures, struct grouping *g,
                                       struct modprop_error *err)
{
    size_t groups = 0;
    for (size_t k = 0; k < g->count; k++)
        groups += k == 0 || g->reason[k].kind != g->reason[k - 1].kind;
    failures->failure = modprop_memory_get(groups, sizeof *failures->failure);
    failures->runs = modprop_memory_get(g->count, sizeof *failures->runs);
    if (!failures->failure || !failures->runs)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for %zu failures", g->count);
    for (size_t k = 0, end; k < g->count; k = end) {
        for (end = k + 1; end < g->count && g->reason[end].kind == g->reason[k].kind;)
            end++;
        make_group(g, &failures->failure[failures->count++], failures->runs + k, k, end);
    }
    qsort(failures->failure, failures->count, sizeof *failures->failure, by_size);
    for (size_t k = 0; k < failures->count && k < MODPROP_FAILURES_EXPLAINED; k++)
        explain(g, &failures->failure[k]);
    return MODPROP_OK;
}

enum modprop_status modprop_failures_read(struct modprop_failures *failures,
                                          const struct modprop_overview *overview, unsigned states,
                                          const char *path, struct modprop_error *err)
{
    const size_t runs = overview->runs, parameters = modprop_parameter_count();
    struct grouping g = {.overview = overview};
    *failures = (struct modprop_failures){0};
    g.reason = modprop_memory_get(runs, sizeof *g.reason);
    g.value = modprop_memory_get(parameters, sizeof *g.value);
    g.member = modprop_memory_get(runs, sizeof *g.member);
    g.considered = modprop_memory_get(runs, sizeof *g.considered);
    enum modprop_status status = MODPROP_OK;
    if (!g.reason || !g.value || !g.member || !g.considered)
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its %zu runs", path, runs);
    if (status == MODPROP_OK) {
        collect(&g, states);
        status = g.count ? read_values(&g, path, err) : MODPROP_OK;
    }
    if (status == MODPROP_OK)
        status = make_groups(failures, &g, err);
    for (size_t p = 0; g.value && p < parameters; p++)
        modprop_memory_free(g.value[p]);
    modprop_memory_free(g.value);
    modprop_memory_free(g.reason);
    modprop_memory_free(g.member);
    modprop_memory_free(g.considered);
    if (status != MODPROP_OK)
        modprop_failures_clear(failures);
    return status;
}

void modprop_failures_clear(struct modprop_failures *failures)
{
    modprop_memory_free(failures->failure);
    modprop_memory_free(failures->runs);
    *failures = (struct modprop_failures){0};
}
