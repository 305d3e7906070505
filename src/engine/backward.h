/*
 * backward.h - gradients back in time over the trajectory, piece by piece: what the offline methods
 * share.
 */
#ifndef MODPROP_ENGINE_BACKWARD_H
#define MODPROP_ENGINE_BACKWARD_H

#include "engine/lanes.h"
#include "engine/rule.h"

/*
 * One step of the recursion of delta, the credit at the membrane. Rules differ in `nonlocal`, N, what
 * comes back across synapses; D is the credit without the adaptation, which the nonlocal path of
 * pre-determined filters does not know, and da that of the adaptation a:
 *     q[t]     = h[t] o (L[t] + (1-rho) da[t+1]) + N[t]
 *     delta[t] = q[t] + alpha delta[t+1],   da[t] = -beta o q[t] + rho da[t+1]
 *     D[t]     = h[t] o L[t] + N[t] + alpha D[t+1]
 * D is delta where units do not adapt. All arrays are [R][lanes->ld], of the units that have lanes.
 */
struct modprop_credit {
    const struct modprop_setup *setup;
    size_t R, t;
    struct modprop_lanes *lanes;
    size_t count;               /* R lanes->ld: values of an array */
    const modprop_real *h;      /* activation derivative of step t */
    const modprop_real *h_next; /* of step t + 1; NULL at the last step */
    const modprop_real *L;      /* learning signal of step t, NULL where it has none */
    const modprop_real *L_next; /* of step t + 1 and all units, likewise */
    const modprop_real
        *before; /* [R][ldn]: delta[t+1] of all units, where a piece begins; or NULL */
    const modprop_real *D_next; /* D[t+1], zero at the last step */
    const modprop_real *q_next; /* q[t+1], likewise; for rules that write N[t] */
    modprop_real *carry;        /* the rule's own from step to step, zero at the last one */
    modprop_real *work;         /* the rule's own within a step */
    modprop_real *nonlocal;     /* N[t], to be written */
    modprop_real *leaked;       /* or N[t] + alpha D[t+1]; NULL where units adapt */
};

/* What a rule has written for a step. */
enum modprop_nonlocal { MODPROP_NONLOCAL_NONE, MODPROP_NONLOCAL, MODPROP_NONLOCAL_LEAKED };
typedef enum modprop_nonlocal modprop_credit_step(const struct modprop_credit *credit);

/* Where N can be other than zero: what need not be looked at follows from it. */
enum modprop_reach {
    MODPROP_REACH_ALL,    /* anywhere */
    MODPROP_REACH_ACTIVE, /* where h[t] is */
    MODPROP_REACH_SIGNAL, /* where step t + 1 has a learning signal */
};

/* The state of an offline method with that nonlocal credit; step NULL: none. */
enum modprop_status modprop_backward_create(void **backward, const struct modprop_setup *setup,
                                            modprop_credit_step *step, enum modprop_reach reach,
                                            struct modprop_error *err);
void modprop_backward_free(void *backward); /* accepts NULL; as struct modprop_method wants it */
size_t modprop_backward_bytes(const struct modprop_config *config,
                              const struct modprop_shape *shape);
/* The same with MODPROP_REACH_ACTIVE. */
size_t modprop_backward_bytes_active(const struct modprop_config *config,
                                     const struct modprop_shape *shape);

/* Operations of the weight gradient alone. */
double modprop_backward_cost(const struct modprop_config *config,
                             const struct modprop_shape *shape);

/* As struct modprop_method wants them. */
void modprop_backward_start(void *backward);
void modprop_backward_piece(void *backward, size_t R, const struct modprop_trajectory *piece);
enum modprop_status modprop_backward_end(void *backward, modprop_real *gradient, bool *again,
                                         struct modprop_error *err);

/* What the table of every offline method says alike; it adds .create, .bytes and .cost. */
#define MODPROP_BACKWARD_METHOD \
    .trajectory = true, .free = modprop_backward_free, .start = modprop_backward_start, \
    .back = modprop_backward_piece, .end = modprop_backward_end

/* L [R][ldn] = dy [R][n_out] W_fb_out^T: the learning signal at the units. */
void modprop_backward_signal(const struct modprop_shape *shape, size_t R,
                             const modprop_real *W_fb_out, const modprop_real *dy, modprop_real *L);

#endif
