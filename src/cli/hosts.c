#include "cli/hosts.h"

#include <stdlib.h>
#include <string.h>

#include "cli/text.h"
#include "engine/error.h"

enum { MOST_LINES = 8, INDENT = 9 };

/* ------------------------------------------------------------------ what there is */

static struct modprop_host *host_of(struct modprop_hosts *hosts, const char *name)
{
    for (size_t k = 0; k < hosts->count; k++)
        if (strcmp(hosts->host[k].name, name) == 0)
            return &hosts->host[k];
    struct modprop_host *host = &hosts->host[hosts->count++];
    *host = (struct modprop_host){.available = UINT64_MAX, .limit = "free"};
    snprintf(host->name, sizeof host->name, "%s", name);
    return host;
}

static void limit(struct modprop_host *host, uint64_t available, const char *why)
{
    if (available >= host->available)
        return;
    host->available = available;
    host->limit = why;
}

/* SLURM counts the processes themselves as well, the other two have done so already. */
static void limit_by_slurm(struct modprop_host *host, const struct modprop_hosts_rank *rank,
                           size_t ranks)
{
    uint64_t granted = UINT64_MAX, resident = 0;
    for (size_t k = 0; k < ranks; k++) {
        if (strncmp(rank[k].host, host->name, sizeof host->name - 1) != 0)
            continue;
        granted = rank[k].room.slurm < granted ? rank[k].room.slurm : granted;
        resident += rank[k].room.resident;
    }
    if (granted < UINT64_MAX)
        limit(host, granted > resident ? granted - resident : 0, "left of what SLURM grants");
}

static void place_ranks(struct modprop_hosts *hosts, const struct modprop_hosts_rank *rank,
                        size_t ranks)
{
    for (size_t k = 0; k < ranks; k++) {
        struct modprop_host *host = host_of(hosts, rank[k].host);
        host->ranks++;
        host->trainers += rank[k].trains;
        limit(host, rank[k].room.machine, "free");
        limit(host, rank[k].room.cgroup, "left by the control group");
    }
    for (size_t k = 0; k < hosts->count; k++)
        limit_by_slurm(&hosts->host[k], rank, ranks);
}

/* ------------------------------------------------------------------ what it takes */

static int descending(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x < y) - (x > y);
}

/* bytes [count], sorted: the largest of the runs to do first. */
static void place_runs(struct modprop_hosts *hosts, const size_t *bytes, size_t count)
{
    hosts->largest = count ? bytes[0] : 0;
    for (size_t k = 0; k < hosts->count; k++)
        for (size_t run = 0; run < count && run < (size_t)hosts->host[k].trainers; run++)
            hosts->host[k].needed += bytes[run];
}

enum modprop_status modprop_hosts_init(struct modprop_hosts *hosts,
                                       const struct modprop_hosts_rank *rank, size_t ranks,
                                       const struct modprop_plan *plan,
                                       const struct modprop_cost *cost,
                                       const struct modprop_selection *selection,
                                       struct modprop_error *err)
{
    *hosts = (struct modprop_hosts){.host = calloc(ranks, sizeof *hosts->host)};
    size_t *bytes = calloc(selection->count + 1, sizeof *bytes);
    if (!hosts->host || !bytes) {
        free(bytes);
        modprop_hosts_clear(hosts);
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a table of %zu ranks", ranks);
    }
    for (size_t k = 0; k < selection->count; k++)
        bytes[k] = cost->bytes[plan->condition[selection->todo[k]]];
    qsort(bytes, selection->count, sizeof *bytes, descending);
    place_ranks(hosts, rank, ranks);
    place_runs(hosts, bytes, selection->count);
    free(bytes);
    return MODPROP_OK;
}

void modprop_hosts_clear(struct modprop_hosts *hosts)
{
    free(hosts->host);
    *hosts = (struct modprop_hosts){0};
}

/* ------------------------------------------------------------------ telling */

static const char *available_text(const struct modprop_host *host, char *text, size_t size)
{
    if (host->available == UINT64_MAX)
        return "an unknown amount";
    snprintf(text, size, "%s %s", modprop_text_bytes((double)host->available).text, host->limit);
    return text;
}

void modprop_hosts_print(FILE *out, const struct modprop_hosts *hosts)
{
    for (size_t k = 0; k < hosts->count && k < MOST_LINES; k++) {
        const struct modprop_host *host = &hosts->host[k];
        char available[80];
        fprintf(out, "%-*s%s: %s at a time, %s of %s\n", INDENT, k ? "" : "memory", host->name,
                modprop_text_count((size_t)host->trainers, "run").text,
                modprop_text_bytes((double)host->needed).text,
                available_text(host, available, sizeof available));
    }
    if (hosts->count > MOST_LINES)
        fprintf(out, "%-*s... and %zu more hosts\n", INDENT, "", hosts->count - MOST_LINES);
}

enum modprop_status modprop_hosts_check(const struct modprop_hosts *hosts,
                                        struct modprop_error *err)
{
    for (size_t k = 0; k < hosts->count; k++) {
        const struct modprop_host *host = &hosts->host[k];
        if (host->needed <= host->available)
            continue;
        char fewer[80] = "not even one of the largest fits";
        const uint64_t fit = host->available / hosts->largest;
        if (fit)
            snprintf(fewer, sizeof fewer, "%llu fit: start fewer ranks there",
                     (unsigned long long)fit);
        return MODPROP_FAIL(
            err, MODPROP_NO_MEMORY,
            "%s: %s at a time would take %s of memory, but only %s are %s; %s, or set a smaller "
            "batch or n, or path = online, in the sweep file; --force starts all the same",
            host->name, modprop_text_count((size_t)host->trainers, "run").text,
            modprop_text_bytes((double)host->needed).text,
            modprop_text_bytes((double)host->available).text, host->limit, fewer);
    }
    return MODPROP_OK;
}
