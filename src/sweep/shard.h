/*
 * shard.h - a sweep cut into parts for independent jobs, each with a results file of its own.
 *
 * Runs are lined up by their seeds, in the order in which the plan has these, and the line is cut
 * into pieces of equal length: shards differ by at most one run, every condition has its seeds
 * spread over the shards, and the runs of a seed, which are compared in pairs, are together in one
 * shard but where a cut falls between them. The parts depend on the plan alone.
 */
#ifndef MODPROP_SWEEP_SHARD_H
#define MODPROP_SWEEP_SHARD_H

#include "sweep/plan.h"

/* Reads "3/8": the third of eight, counted from 1. */
enum modprop_status modprop_shard_read(const char *text, size_t *shard, size_t *shards,
                                       struct modprop_error *err);

/* "results/mu.shard-3-of-8.h5" for "results/mu.h5"; free() it. NULL: no memory. */
char *modprop_shard_path(const char *output, size_t shard, size_t shards);

/* The output of the whole sweep for the path of a shard: takes ".shard-3-of-8" out again. What has
 * no such part is copied. free() it. NULL: no memory. */
char *modprop_shard_whole_path(const char *path);

/* The numbers in the name of a shard of `output`; false: the name is that of something else. Both
 * are names without folders. */
bool modprop_shard_match(const char *name, const char *output, size_t *shard, size_t *shards);

/* Leaves the plan only the runs of the shard, in their order, and gives it the shard's output; its
 * hash becomes that of these runs. Conditions keep their labels and are numbered anew. A shard may
 * be left without runs where there are more shards than runs. MODPROP_NO_MEMORY. */
enum modprop_status modprop_shard_cut(struct modprop_plan *plan, size_t shard, size_t shards,
                                      struct modprop_error *err);

#endif
