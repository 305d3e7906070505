/*
 * feedback.h - the modulatory weights W_fb that carry credit back.
 *
 * `cell`: W_fb = W. `type`: W_fb[i][j] = W_ab[type of i][type of j], where W_ab is the mean of W over
 * each block (presynaptic type a, postsynaptic type b), a zero diagonal counted in. W is W_rec
 * (feedback_weights = symmetric) or, as controls, fixed weights of its own (random), or such that get
 * every update of W_rec while their difference D from it decays (adaptive; Kolen & Pollack 1994):
 *     W[k] = W_rec[k] + (1 - feedback_decay)^k D[0]
 */
#ifndef MODPROP_ENGINE_FEEDBACK_H
#define MODPROP_ENGINE_FEEDBACK_H

#include "engine/network.h"

struct modprop_feedback {
    const struct modprop_network *network; /* borrowed */
    enum modprop_feedback_weights kind;
    double decay;
    size_t C;             /* cell types, the network's; 0: feedback = cell */
    modprop_real *W_ab;   /* [C][C] */
    modprop_real *W_ba;   /* [C][C]: W_ab^T */
    modprop_real *pooled; /* [2][C], work */

    /* Of weights that are not W_rec; NULL for those that are. */
    modprop_real *own;  /* [n][n]: the random weights, or D[0] */
    modprop_real *W;    /* [n][n]: in this iteration */
    modprop_real *back; /* [n][ldn]: W^T, padded; cell */
};

enum modprop_status modprop_feedback_create(struct modprop_feedback **feedback,
                                            const struct modprop_config *config,
                                            const struct modprop_network *network,
                                            struct modprop_error *err);
void modprop_feedback_free(struct modprop_feedback *feedback); /* accepts NULL */
size_t modprop_feedback_bytes(const struct modprop_config *config);

/* Feedback weights of its own begin at W [n][n], while the network has its initial weights. */
void modprop_feedback_begin(struct modprop_feedback *feedback, const modprop_real *W);

/* The same with a random sample of initial weights; does nothing where W is W_rec. */
enum modprop_status modprop_feedback_start(struct modprop_feedback *feedback, long seed,
                                           struct modprop_error *err);

/* Takes up the network's present weights; before each iteration, counted from 0. */
void modprop_feedback_refresh(struct modprop_feedback *feedback, long iteration);

/* W [n][n] as of the last refresh. */
const modprop_real *modprop_feedback_weights(const struct modprop_feedback *feedback);

/* diag(mu) W_fb into matrix; returns its size. By cell [n][n]; by type the [C][C] with the same eigenvalues but for
 * zeros, W_ab N with N the units per type. mu [types.C]: of each presynaptic unit's type; NULL: 1. */
size_t modprop_feedback_matrix(const struct modprop_feedback *feedback, const double *mu,
                               double *matrix);

/* out [R][ldn] = in [R][ldn] W_fb^T. in and out may not overlap. units: NULL, or who gets the product
 * instead; out is then room for it. */
void modprop_feedback_apply(const struct modprop_feedback *feedback, size_t R,
                            const modprop_real *in, modprop_real *out,
                            const struct modprop_kernel_leaky *units);

/* Operations that modprop_feedback_apply takes for a batch. */
double modprop_feedback_cost(const struct modprop_config *config);

#endif
