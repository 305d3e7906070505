/*
 * problem.h - one network with one batch of trials, and the gradient the engine makes of it.
 *
 * All numbers are double, whatever the engine computes in; those that the engine gets are exact in
 * float32, so that both precisions start from the same ones.
 */
#ifndef MODPROP_CHECK_PROBLEM_H
#define MODPROP_CHECK_PROBLEM_H

#include "engine/run.h"

struct modprop_problem {
    struct modprop_config config; /* the rule and its settings; batch = B */
    struct modprop_shape shape;
    double *x;        /* [T][B][n_in] */
    double *label;    /* [B]: class of each trial; NULL with a target */
    double *target;   /* [T][B][n_out]; NULL with labels */
    double *weights;  /* signed, one after another: W_rec, W_in, W_out, b_out (modprop_weights) */
    double *W_fb_out; /* [n][n_out], of a random learning signal; NULL: symmetric */
    double *W_fb;     /* [n][n], feedback weights of its own; NULL: W_rec */
    double *rate;     /* [n], spikes per step before the iteration; NULL: the target */
    double *mubar;    /* [C], of a measured mu before the iteration; NULL: mu */
    size_t *type;     /* [n], of each unit, below 2 types_per_sign; NULL: contiguous types */
};

/* One of the matrices in a block of weights or their gradients. */
struct modprop_part {
    const char *name;
    size_t offset, rank, rows, columns; /* rank 1: one row */
    bool has_sign;                      /* kept as a magnitude theta and a sign */
};

enum { MODPROP_PARTS = 4 };

struct modprop_part modprop_problem_part(const struct modprop_shape *shape, size_t index);
size_t modprop_problem_weights(const struct modprop_shape *shape); /* number of values */

/* Frees the arrays. */
void modprop_problem_clear(struct modprop_problem *problem);

/* A run with the problem's weights. The caller frees it with modprop_run_free. */
enum modprop_status modprop_problem_assemble(struct modprop_run **run,
                                             const struct modprop_problem *problem,
                                             struct modprop_error *err);

/* The problem's trials for that run, whose label array they use. The problem outlives them. */
struct modprop_trials modprop_problem_trials(const struct modprop_problem *problem,
                                             struct modprop_run *run);

/* The problem's gradient by its rule, as the engine computes it, without weight decay: gradient
 * [weights], and the loss. */
enum modprop_status modprop_problem_gradient(const struct modprop_problem *problem,
                                             double *gradient, double *loss,
                                             struct modprop_error *err);

/* Between the engine's numbers and ours. */
void modprop_problem_to_real(modprop_real *to, const double *from, size_t count);
void modprop_problem_from_real(double *to, const modprop_real *from, size_t count);

#endif
