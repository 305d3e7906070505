/*
 * structure.h - which recurrent connections there are at the start, and which ones may be born later.
 *
 *     full    all at the start; births are equally likely everywhere (the published network)
 *     random  floor(connectivity * possible) at the start, births likewise
 *     ring    units of each sign stand evenly on a ring of length 1, and a connection over the distance
 *             d is exp(-d^2 / (2 structure_width^2)) times as likely as one over none
 *     grid    the same on a square of side 1 whose opposite sides meet
 *     block   each sign is cut into `blocks` contiguous groups, as types_per_sign cuts cell types; a
 *             connection between groups is block_between times as likely as one within a group
 * Where likelihoods differ, connections are drawn one after the other, each in proportion to the
 * likelihoods of those that are missing: at the start and when DEEP R brings connections back. So the
 * structure is kept, and so is the number. The readout is wired at random.
 */
#ifndef MODPROP_ENGINE_STRUCTURE_H
#define MODPROP_ENGINE_STRUCTURE_H

#include "engine/random.h"
#include "modprop.h"

struct modprop_structure {
    size_t n;
    double *likelihood; /* [n][n], relative; 0: may not exist. NULL: all alike, but for autapses */
    double *row;        /* [n]: work */
    size_t possible;    /* connections of W_rec that may exist */
    double share;       /* of the possible connections that there are at the start */
};

/* The caller clears it. */
enum modprop_status modprop_structure_init(struct modprop_structure *structure,
                                           const struct modprop_config *config,
                                           struct modprop_error *err);
void modprop_structure_clear(struct modprop_structure *structure); /* accepts a zeroed one */
size_t modprop_structure_bytes(const struct modprop_config *config);

/* MODPROP_INVALID: the groups do not fit the numbers of units. */
enum modprop_status modprop_structure_check(const struct modprop_config *config,
                                            struct modprop_error *err);

/* Sets `missing` of the zeros of W_rec [n][n] that may be connections to `newborn`; all of them where
 * they are fewer. Uses the stream's blocks from `block` on, 2 n n at most. */
void modprop_structure_connect(const struct modprop_structure *structure, modprop_real *W_rec,
                               size_t missing, modprop_real newborn, struct modprop_stream stream,
                               uint64_t block);

/* The same for weights [count] that all may exist and are equally likely. */
void modprop_structure_connect_any(size_t count, modprop_real *weights, size_t missing,
                                   modprop_real newborn, struct modprop_stream stream,
                                   uint64_t block);

#endif
