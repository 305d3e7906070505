/*
 * clusters.h - cell types found in the recurrent weights: type_labels = clustered.
 *
 * Feedback by type stands W_ab, the mean of W over each pair of types, in the place of W. Credit goes
 * through W_fb^T, so that a credit delta is off by delta D^T with D = W - W_fb, and |delta D^T| <=
 * |delta| |D| (Frobenius norm); for credits of equal variance s^2, independent over units, the mean of
 * |delta D^T|^2 is s^2 |D|^2. So the types wanted are those that minimise
 *     E = |D|^2 = sum_ij (W_ij - W_{type of i, type of j})^2 = sum_ij W_ij^2 - Q,
 *     Q = sum_ab S_ab^2 / (N_a N_b),   S_ab = sum of W over the block,   N_a units of type a,
 * the mean being the best constant of each block (the diagonal's zeros are counted in, as in W_ab). One
 * labelling serves rows and columns: a block model, which k-means of the rows and columns does not
 * minimise, since both sides of a block move with a unit.
 *
 * Q is climbed unit by unit: each goes where Q becomes largest (its present type wins ties), until none
 * moves. That never lowers Q, and costs n + (types of its sign) C operations a unit. Types keep their
 * sign, and the last unit of a type stays. It begins at the types there are and at some that k-means++
 * seeds (Arthur & Vassilvitskii 2007, on rows and columns) make; the best end is taken, the first of equals.
 * So types never fit W worse than those there were.
 */
#ifndef MODPROP_ENGINE_CLUSTERS_H
#define MODPROP_ENGINE_CLUSTERS_H

#include "engine/halting.h"
#include "engine/random.h"
#include "engine/types.h"

/* Work memory; all zero: none. */
struct modprop_clusters {
    size_t n, n_inh, C;
    const modprop_real *W; /* [n][n], borrowed during a search */
    struct modprop_halting *halting; /* the same, NULL-able */
    double *S;             /* [C][C] */
    double *size;          /* [C]: N_a */
    double *from, *to;     /* [C]: a unit's weights to and from each type, itself left out */
    double *distance;      /* [n]: squared, to the nearest seed */
    double *near;          /* [n]: to one seed */
    size_t *label, *best;  /* [n] */
};

enum modprop_status modprop_clusters_init(struct modprop_clusters *clusters,
                                          const struct modprop_config *config,
                                          const struct modprop_types *types,
                                          struct modprop_error *err);
void modprop_clusters_clear(struct modprop_clusters *clusters); /* accepts a zeroed one */
size_t modprop_clusters_bytes(const struct modprop_config *config);

/* Groups the units of *types anew by W [n][n]. Types are numbered in the order in which units have them.
 * W that are not finite leave them as they are, as does who halts the search (NULL: nobody). */
void modprop_clusters_find(struct modprop_clusters *clusters, struct modprop_stream stream,
                           const modprop_real *W, struct modprop_halting *halting,
                           struct modprop_types *types);

#endif
