/*
 * naive_loops.h - what the plain loops of naive.c and the other plain forms share.
 */
#ifndef MODPROP_CHECK_NAIVE_LOOPS_H
#define MODPROP_CHECK_NAIVE_LOOPS_H

#include "check/naive_units.h"

/* What the loops carry; every array [T][B][n] or [T][B][n_out], t outermost. */
struct modprop_naive {
    const struct modprop_problem *p;
    const char *rule;
    size_t T, B, n, n_in, n_out, C;
    double alpha;
    const double *W_rec, *W_in, *W_out, *b_out;
    struct modprop_naive_units all; /* forward */
    double *z, *h;                  /* of these */
    double *y, *dy, *L;             /* readout, dE/dy, learning signal */
    double *delta;                  /* credit at the membrane */
    double *D, *da;                 /* credit without the adaptation, and at the adaptation */
    double *W_fb, *W_ab;            /* [n][n], [C][C] */
    const double *W_fb_base;        /* [n][n]: what W_fb is made of */
    double *r;                      /* [T][B][C]: mu within the trial, before the clamp */
    double clamp;
    size_t *type; /* [n] */
    double *none; /* the units before the first step: zero */
    double loss;
};

/* Memory for the loops over a problem; the caller clears it. */
enum modprop_status modprop_naive_init(struct modprop_naive *a, const struct modprop_problem *p,
                                       struct modprop_error *err);
void modprop_naive_clear(struct modprop_naive *a);

/* r and the clamp, where mu is measured; after the forward pass and the feedback weights. */
enum modprop_status modprop_naive_measure(struct modprop_naive *a, struct modprop_error *err);

/* mu of unit i on the link from step t to t + 1. */
double modprop_naive_mu(const struct modprop_naive *a, long t, size_t b, size_t i);

/* Step t of trial b in an array [T][B][width]; NULL before the first and after the last step. */
double *modprop_naive_at(const struct modprop_naive *a, double *array, long t, size_t b,
                         size_t width);

/* Adds the gradient of W_rec and W_in by snap1 or snap2, after the forward pass. */
enum modprop_status modprop_naive_influence(struct modprop_naive *a, double *gradient,
                                            struct modprop_error *err);

/* Everything up to the learning signal. */
void modprop_naive_go_forward(struct modprop_naive *a);

/* gradient [weights] from delta and dy. */
void modprop_naive_sum_gradient(struct modprop_naive *a, double *gradient);

#endif
