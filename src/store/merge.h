/*
 * merge.h - makes a results file from the finished runs of others: the one function behind
 * `modprop_sweep --extend`, `modprop_sweep --gather` and `modprop_analyze merge OUT FILES...`.
 *
 * The new file belongs to a plan and has all its runs. A run's outcome comes from whichever source
 * has a finished, sound row of the same key: done and diverged win over failed and timeout, then
 * the earlier source wins. Runs that no source has finished are pending. A results file that
 * stands at the plan's output already is always the first source, so nothing it holds is lost and
 * a merge can be repeated when sources have grown:
 *
 *     --extend              no sources but the old output, plan of the wider sweep file
 *     --gather              the shards' files, plan of the sweep file
 *     modprop_analyze merge FILES, plan from modprop_merge_plan
 *
 * The file is complete under a temporary name and synced before it replaces the old one: killed at
 * any moment, either the old or the new file is there, whole. Every row is checked against its
 * checksum while it is copied. Sources may be in use: their rows are taken as far as they are
 * finished. Sources of older versions or other shapes (fewer evaluations, without weights, without
 * a column) are taken too; what they lack is none (NaN, -1). What the plan says of a run is written
 * anew: path_taken is the path that this version would take.
 */
#ifndef MODPROP_STORE_MERGE_H
#define MODPROP_STORE_MERGE_H

#include "store/results.h"

/* What a merge found in one file. */
struct modprop_merge_source {
    const char *path;
    bool output;            /* it is the old output */
    size_t runs;            /* of the file */
    size_t finished;        /* of them: done, diverged, failed, timeout */
    size_t taken;           /* finished runs the new file has from here */
    size_t repeated;        /* finished, but taken from another source */
    size_t foreign;         /* finished, but not in the plan */
    size_t damaged;         /* finished, but with a wrong checksum: not taken */
    const char *sweep_file; /* its name, "" if not known */
    const char *shard;      /* "3/8", "" if it is none */
};

struct modprop_merge;

/* The plan of a merge of these files, with `output` as its output: that of the file whose sweep has
 * the most runs (a shard's is the whole sweep's), parsed from the sweep text stored in it. The
 * caller frees it. Errors: MODPROP_IO, MODPROP_INVALID (no results file), MODPROP_NO_MEMORY. */
enum modprop_status modprop_merge_plan(struct modprop_plan **plan, const char *output,
                                       const char *const *path, size_t count,
                                       struct modprop_error *err);

/* Reads which finished runs of the plan the old output and the `count` files at `path` have; with
 * `write` it takes the output's lock first. Changes nothing. `plan` and `path` are borrowed. A file
 * that is not there is an error, an old output that is not there is none. On failure *merge is
 * NULL. Errors: as modprop_results_open. */
enum modprop_status modprop_merge_open(struct modprop_merge **merge,
                                       const struct modprop_plan *plan, const char *const *path,
                                       size_t count, bool write, struct modprop_error *err);

/* The old output, if there is one, and then the files in their order. */
size_t modprop_merge_sources(const struct modprop_merge *merge);
const struct modprop_merge_source *modprop_merge_source(const struct modprop_merge *merge,
                                                        size_t index);

/* The state a run of the plan will have: pending, or that of the row taken. */
enum modprop_run_state modprop_merge_state(const struct modprop_merge *merge, size_t run);

/* Whether the old output, if there is one, can be gone on with as it is: MODPROP_DIFFERENT, if it
 * is of another sweep or laid out by another version, with the differences. */
enum modprop_status modprop_merge_compare(const struct modprop_merge *merge,
                                          struct modprop_error *err);

/* What modprop_merge_write would refuse, without writing. */
enum modprop_status modprop_merge_check(const struct modprop_merge *merge,
                                        struct modprop_error *err);

/* Whether writing would change anything: the old output is of another sweep or not there, or others
 * have runs that it has not. */
bool modprop_merge_needed(const struct modprop_merge *merge);

/* Writes the new file in the place of the old; `write` must have been set. Refuses with
 * MODPROP_DIFFERENT, if the old output has finished runs that the plan has not: they would be lost.
 * The attribute `history` keeps all lines of the old output's and gets one more, which begins with
 * `what` ("extended by") and the command line, and counts what came from where. */
enum modprop_status modprop_merge_write(struct modprop_merge *merge, const char *what,
                                        const struct modprop_provenance *provenance,
                                        struct modprop_error *err);

/* Gives the lock back. Accepts NULL. */
void modprop_merge_free(struct modprop_merge *merge);

#endif
