#include "cli/gather.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/session.h"
#include "cli/sweep_plan.h"
#include "cli/table.h"
#include "cli/version.h"
#include "engine/error.h"
#include "store/merge.h"
#include "sweep/shard.h"

/* The file of one part. */
struct part {
    size_t shard, shards;
    char *path;
};

struct parts {
    struct part *part; /* [count], sorted */
    size_t count, room;
};

/* ------------------------------------------------------------------ finding the parts */

static void clear_parts(struct parts *parts)
{
    for (size_t k = 0; k < parts->count; k++)
        free(parts->part[k].path);
    free(parts->part);
}

static bool add_part(struct parts *parts, const char *output, size_t shard, size_t shards)
{
    if (parts->count == parts->room) {
        const size_t room = parts->room ? 2 * parts->room : 16;
        struct part *grown = realloc(parts->part, room * sizeof *grown);
        if (!grown)
            return false;
        parts->part = grown;
        parts->room = room;
    }
    char *path = modprop_shard_path(output, shard, shards);
    if (path)
        parts->part[parts->count++] = (struct part){shard, shards, path};
    return path != NULL;
}

static int by_number(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    if (x->shards != y->shards)
        return x->shards < y->shards ? -1 : 1;
    return (x->shard > y->shard) - (x->shard < y->shard);
}

static enum modprop_status find_parts(struct parts *parts, const char *output,
                                      struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    const char *slash = strrchr(output, '/');
    char *folder = strdup(slash ? output : ".");
    if (folder && slash)
        folder[slash == output ? 1 : slash - output] = '\0';
    DIR *list = folder ? opendir(folder) : NULL;
    if (!list)
        status = MODPROP_FAIL(err, folder ? MODPROP_IO : MODPROP_NO_MEMORY, "%s: %s",
                              folder ? folder : output, strerror(errno));
    const struct dirent *entry;
    while (status == MODPROP_OK && (entry = readdir(list))) {
        size_t shard, shards;
        if (modprop_shard_match(entry->d_name, slash ? slash + 1 : output, &shard, &shards) &&
            !add_part(parts, output, shard, shards))
            status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its parts", output);
    }
    if (status == MODPROP_OK && parts->count == 0) {
        char *example = modprop_shard_path(output, 1, 8);
        status = MODPROP_FAIL(err, MODPROP_IO,
                              "%s: no file of a part, such as %s, is there: train the parts with "
                              "--shard K/N",
                              output, example ? example : "");
        free(example);
    }
    if (list)
        closedir(list);
    free(folder);
    qsort(parts->part, parts->count, sizeof *parts->part, by_number);
    return status;
}

/* ------------------------------------------------------------------ telling */

/* Parts that have no file yet, of every N there are parts of. */
static void print_missing(const struct parts *parts)
{
    enum { MOST_LINES = 20 };
    size_t missing = 0;
    for (size_t k = 0; k < parts->count;) {
        const size_t shards = parts->part[k].shards;
        for (size_t shard = 1; shard <= shards; shard++) {
            const struct part *next = k < parts->count ? &parts->part[k] : NULL;
            if (next && next->shards == shards && next->shard == shard)
                k++;
            else if (missing++ < MOST_LINES)
                printf("part %zu of %zu is not there\n", shard, shards);
        }
    }
    if (missing > MOST_LINES)
        printf("... and %zu more\n", missing - MOST_LINES);
}

static void put_source(struct modprop_table *table, const struct modprop_merge_source *source)
{
    const size_t left = source->runs - source->finished + source->damaged;
    modprop_table_row(table, "");
    modprop_table_cell(table, "%zu", source->runs);
    modprop_table_cell(table, "%zu", source->finished);
    modprop_table_cell(table, "%zu", source->taken);
    modprop_table_cell(table, "%s", source->path);
    if (source->foreign)
        modprop_table_cell(table, "%zu of another sweep", source->foreign);
    else if (left && !source->output)
        modprop_table_cell(table, "%zu not finished", left);
    else
        modprop_table_cell(table, "%s", "");
}

static enum modprop_status print_sources(const struct modprop_merge *merge,
                                         struct modprop_error *err)
{
    struct modprop_table *table = modprop_table_create();
    if (!table)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the table of parts");
    modprop_table_column(table, "runs", MODPROP_RIGHT);
    modprop_table_column(table, "finished", MODPROP_RIGHT);
    modprop_table_column(table, "taken", MODPROP_RIGHT);
    modprop_table_column(table, "file", MODPROP_LEFT);
    modprop_table_column(table, "", MODPROP_LEFT);
    for (size_t k = 0; k < modprop_merge_sources(merge); k++)
        put_source(table, modprop_merge_source(merge, k));
    const enum modprop_status status = modprop_table_print(stdout, table, err);
    modprop_table_free(table);
    return status;
}

static int conclude(const struct modprop_plan *plan, const struct modprop_merge *merge)
{
    size_t count[MODPROP_RUN_STATES] = {0};
    for (size_t run = 0; run < plan->runs; run++)
        count[modprop_merge_state(merge, run)]++;
    const size_t failed = count[MODPROP_RUN_FAILED] + count[MODPROP_RUN_TIMEOUT];
    printf("%s: %zu done, %zu diverged, %zu failed", plan->output, count[MODPROP_RUN_DONE],
           count[MODPROP_RUN_DIVERGED], failed);
    if (count[MODPROP_RUN_PENDING])
        printf(", %zu missing: train their parts and gather again", count[MODPROP_RUN_PENDING]);
    printf("\n");
    return count[MODPROP_RUN_PENDING] ? MODPROP_EXIT_INTERRUPTED
           : failed                   ? MODPROP_EXIT_FAILED
                                      : MODPROP_EXIT_DONE;
}

/* ------------------------------------------------------------------ the whole */

static enum modprop_status join(const struct modprop_plan *plan, const struct parts *parts,
                                const struct modprop_options *options,
                                const struct modprop_provenance *provenance, int *code,
                                struct modprop_error *err)
{
    struct modprop_merge *merge = NULL;
    const char **path = calloc(parts->count + 1, sizeof *path);
    if (!path)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for %zu parts", parts->count);
    for (size_t k = 0; k < parts->count; k++)
        path[k] = parts->part[k].path;
    enum modprop_status status = modprop_merge_open(&merge, plan, path, parts->count, true, err);
    if (status == MODPROP_OK && modprop_merge_needed(merge))
        status = modprop_merge_write(merge, "gathered by", provenance, err);
    if (status == MODPROP_OK && !options->quiet)
        status = print_sources(merge, err);
    if (status == MODPROP_OK) {
        print_missing(parts);
        *code = conclude(plan, merge);
    }
    modprop_merge_free(merge);
    free(path);
    return status;
}

int modprop_cli_gather(const struct modprop_options *options, int argc, char **argv)
{
    struct modprop_error err = {0};
    struct modprop_plan *plan = NULL;
    struct parts parts = {0};
    struct modprop_version version;
    int code = MODPROP_EXIT_UNUSABLE;
    enum modprop_status status = modprop_sweep_plan_read(&plan, options, &err);
    if (status == MODPROP_OK)
        status = find_parts(&parts, plan->output, &err);
    if (status == MODPROP_OK) {
        modprop_version_init(&version, argc, argv);
        status = join(plan, &parts, options, &version.provenance, &code, &err);
        modprop_version_clear(&version);
    }
    if (status != MODPROP_OK)
        modprop_session_complain(&err);
    clear_parts(&parts);
    modprop_plan_free(plan);
    return code;
}
