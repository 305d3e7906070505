/*
 * backward.h - gradients back in time over the stored trajectory: what the offline methods share.
 */
#ifndef MODPROP_ENGINE_BACKWARD_H
#define MODPROP_ENGINE_BACKWARD_H

#include "engine/rule.h"

/* One step of the recursion of delta, the credit at the membrane. All arrays are [R][ldn]. */
struct modprop_credit {
    const struct modprop_setup *setup;
    size_t R, t;
    size_t count;               /* R ldn: values of an array */
    const modprop_real *h;      /* activation derivative of step t */
    const modprop_real *h_next; /* of step t + 1; NULL at the last step */
    const modprop_real *L;      /* learning signal of step t, zero where the step carries no loss */
    const modprop_real *L_next; /* of step t + 1, NULL where it carries no loss */
    const modprop_real *delta_next; /* delta[t+1], zero at the last step */
    modprop_real *carry;            /* the rule's own from step to step, zero at the last one */
    modprop_real *work, *work2;     /* the rule's own within a step */
    modprop_real *delta;            /* delta[t], to be written */
};
typedef void modprop_credit_step(const struct modprop_credit *credit);

/* delta = h o L + alpha delta_next: what every rule keeps to the unit itself, and all of eprop. */
void modprop_backward_local(const struct modprop_credit *credit);

/* The state of an offline method whose delta is `step`. */
enum modprop_status modprop_backward_create(void **backward, const struct modprop_setup *setup,
                                            modprop_credit_step *step, struct modprop_error *err);
void modprop_backward_free(void *backward); /* accepts NULL; as struct modprop_method wants it */
size_t modprop_backward_bytes(const struct modprop_config *config,
                              const struct modprop_shape *shape);

/* Operations of the weight gradient alone. */
double modprop_backward_cost(const struct modprop_config *config,
                             const struct modprop_shape *shape);

/* As struct modprop_method wants them. */
void modprop_backward_start(void *backward);
void modprop_backward_finish(void *backward, size_t R, const struct modprop_trajectory *trajectory);
enum modprop_status modprop_backward_end(void *backward, modprop_real *gradient, bool *again,
                                         struct modprop_error *err);

/* What the table of every offline method says alike; it adds .create and .cost. */
#define MODPROP_BACKWARD_METHOD \
    .trajectory = true, .free = modprop_backward_free, .start = modprop_backward_start, \
    .finish = modprop_backward_finish, .end = modprop_backward_end, \
    .bytes = modprop_backward_bytes

/* L [R][ldn] = dy [R][n_out] W_fb_out^T: the learning signal at the units. */
void modprop_backward_signal(const struct modprop_shape *shape, size_t R,
                             const modprop_real *W_fb_out, const modprop_real *dy, modprop_real *L);

#endif
