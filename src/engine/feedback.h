/*
 * feedback.h - cell types and the modulatory weights W_fb that carry credit back.
 *
 * `cell`: W_fb = W_rec. `type`: W_fb[i][j] = W_ab[type of i][type of j], where W_ab is the mean of
 * W_rec over each block (presynaptic type a, postsynaptic type b), the zero diagonal counted in.
 * Types: inhibitory and excitatory units are each cut into types_per_sign contiguous groups of
 * floor(size / types_per_sign) units, the last one taking the remainder.
 */
#ifndef MODPROP_ENGINE_FEEDBACK_H
#define MODPROP_ENGINE_FEEDBACK_H

#include "engine/network.h"

struct modprop_feedback {
    const struct modprop_network *network; /* borrowed */
    size_t C;                              /* cell types; 0: feedback = cell */
    size_t *first;                         /* [C + 1]: first unit of each type, then n */
    modprop_real *W_ab;                    /* [C][C] */
    modprop_real *pooled;                  /* [2][C], work */
};

enum modprop_status modprop_feedback_create(struct modprop_feedback **feedback,
                                            const struct modprop_config *config,
                                            const struct modprop_network *network,
                                            struct modprop_error *err);
void modprop_feedback_free(struct modprop_feedback *feedback); /* accepts NULL */
size_t modprop_feedback_bytes(const struct modprop_config *config);

/* Takes up the network's present weights; before each iteration. */
void modprop_feedback_refresh(struct modprop_feedback *feedback);

/* out [R][ldn] = in [R][ldn] W_fb^T. in and out may not overlap. */
void modprop_feedback_apply(const struct modprop_feedback *feedback, size_t R,
                            const modprop_real *in, modprop_real *out);

/* Operations that modprop_feedback_apply takes for a batch. */
double modprop_feedback_cost(const struct modprop_config *config);

#endif
