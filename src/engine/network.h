/*
 * network.h - the recurrent network: its weights, their signs, its initial values.
 *
 * Dale's law: W_rec and W_out are stored as magnitudes theta >= 0 with a fixed sign per presynaptic
 * unit; an entry with theta = 0 is disconnected. Inhibitory units come first.
 *     v[t] = alpha v[t-1] + (1 - alpha) (x[t] W_in + z[t-1] W_rec),   y[t] = z[t] W_out + b_out
 */
#ifndef MODPROP_ENGINE_NETWORK_H
#define MODPROP_ENGINE_NETWORK_H

#include "engine/clusters.h"
#include "engine/shape.h"
#include "engine/sparse.h"
#include "engine/structure.h"
#include "engine/units.h"

/* Pointers into one block, in this order; gradients and optimiser states have the same layout. */
struct modprop_weights {
    size_t count;        /* values in the block */
    modprop_real *W_rec; /* [n][n], start of the block */
    modprop_real *W_in;  /* [n_in][n]: the rows below W_rec, together [m][n] */
    modprop_real *W_out; /* [n][n_out] */
    modprop_real *b_out; /* [n_out] */
};

/* Lays the pointers into a block of `count` values; block may be NULL to count only. */
struct modprop_weights modprop_weights_lay(const struct modprop_shape *shape, modprop_real *block);

struct modprop_network {
    size_t n_in, n, n_out, n_inh;
    const struct modprop_units *units;
    double alpha;            /* exp(-dt / tau) */
    modprop_real keep, take; /* alpha and 1 - alpha, each rounded from double */
    modprop_real threshold;
    modprop_real surrogate_height, surrogate_width; /* gamma / thr and 1 / thr */
    modprop_real refractory;                        /* steps */
    modprop_real a_keep, a_take; /* rho = exp(-dt / tau_a) and 1 - rho, each rounded from double */
    modprop_real *beta;          /* [ldn]: 0 where a unit does not adapt */
    modprop_real *sign;          /* [n]: -1 inhibitory, +1 excitatory */
    struct modprop_structure structure; /* which connections there may be */
    struct modprop_types types;         /* cell types; none where the rule asks for none */
    struct modprop_clusters clusters;   /* where these are found in W_rec */
    size_t ld, ldn;                     /* as in struct modprop_shape */
    struct modprop_weights
        theta; /* what is trained: magnitudes of W_rec and W_out, the rest as it is */
    struct modprop_weights w; /* signed: what the network computes with */
    modprop_real *forward;    /* [m][ldn]: W_rec over W_in, rows padded with zeros */
    modprop_real *back;       /* [n][ldn]: W_rec^T, likewise */
    const struct modprop_kernel *kernel;
    uint32_t *work; /* of its products */
    struct modprop_sparse forward_entries,
        back_entries;   /* of the two matrices, where few are not 0 */
    modprop_real *sums; /* [ldn][MODPROP_KERNEL_TILE]: of sparse products */
    struct modprop_halting *halting; /* asked by what works on it; borrowed, NULL-able */
};

/* Number of inhibitory units: n - (floor(p n) + 1), not below 0. */
size_t modprop_network_inhibitory(const struct modprop_config *config);

/* Memory for the network, all weights zero. The caller frees it. */
enum modprop_status modprop_network_create(struct modprop_network **network,
                                           const struct modprop_config *config,
                                           const struct modprop_shape *shape,
                                           struct modprop_error *err);
void modprop_network_free(struct modprop_network *network); /* accepts NULL */

/* Initial weights: |N(0,1)| on the connections there are, each postsynaptic column balanced to zero sum,
 * spectral radius 1; cell types, where these are found in them. MODPROP_STOPPED: halted. */
enum modprop_status modprop_network_start(struct modprop_network *network, long seed,
                                          struct modprop_error *err);

/* Another sample of initial W_rec, with its signs, into W [n][n]. MODPROP_STOPPED: halted. */
enum modprop_status modprop_network_sample(const struct modprop_network *network, long seed,
                                           modprop_real *W, struct modprop_error *err);

/* Finds the cell types in W_rec anew, where they are found there (modprop_network_start does so, too). */
void modprop_network_cluster(struct modprop_network *network, long seed, long iteration);

/* Memory modprop_network_start takes while it runs. */
size_t modprop_network_start_bytes(size_t n);

/* Derives the signed weights w from theta; after each change of theta. */
void modprop_network_refresh(struct modprop_network *network);

/* The other way round, for weights that come from outside: theta from w. */
void modprop_network_adopt(struct modprop_network *network);

/* out [R][ldn] = pre [R][ld] (W_rec over W_in), and = a [R][ldn] W_rec^T. Zeros of the left factor are
 * left out where that is faster. units: NULL, or who gets the product instead; out is then room for it. */
void modprop_network_drive(const struct modprop_network *network, size_t R, const modprop_real *pre,
                           modprop_real *out);
void modprop_network_return(const struct modprop_network *network, size_t R, const modprop_real *a,
                            modprop_real *out, const struct modprop_kernel_leaky *units);

/* The first of the two for at most MODPROP_KERNEL_TILE trials, handed to leaky units with a threshold. */
void modprop_network_drive_relu(const struct modprop_network *network, size_t R,
                                const modprop_real *pre, const struct modprop_kernel_relu *units);

/* The second of the two with other weights W [n][ldn] in the place of W_rec^T. */
void modprop_network_multiply(const struct modprop_network *network, size_t R,
                              const modprop_real *a, const modprop_real *W, modprop_real *out,
                              const struct modprop_kernel_leaky *units);

/* sum [m][ldn] += sum over T steps and R trials of pre[t][r]^T b[t][r]; b [T][R][ldn]. */
void modprop_network_correlate(const struct modprop_network *network, size_t T, size_t R,
                               const modprop_real *pre, const modprop_real *b, modprop_real *sum);

/* Values of the padded copies. */
size_t modprop_network_padded(const struct modprop_shape *shape);

/* Memory of what only some configurations' networks have. */
size_t modprop_network_extra_bytes(const struct modprop_config *config,
                                   const struct modprop_shape *shape);

/* In place: gradient with respect to the signed weights <-> with respect to theta. */
void modprop_network_flip(const struct modprop_network *network,
                          const struct modprop_weights *gradient);

#endif
