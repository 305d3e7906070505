/*
 * naive_units.h - one step of every kind of units, one trial, by plain loops in double.
 */
#ifndef MODPROP_CHECK_NAIVE_UNITS_H
#define MODPROP_CHECK_NAIVE_UNITS_H

#include "check/problem.h"

/* What a trial carries from step to step and tells; each [n]. */
struct modprop_naive_units {
    double *v, *a; /* membrane, adaptation */
    double *rest;  /* refractory steps left */
    double *z, *h; /* rate or spike, activation derivative or its surrogate */
};

enum { MODPROP_NAIVE_UNITS_ARRAYS = 5 };

/* The five arrays one after another, `apart` values from each other. */
struct modprop_naive_units modprop_naive_units_lay(double *first, size_t apart);

/* Strength of the adaptation of unit i; 0 for one that does not adapt. */
double modprop_naive_units_beta(const struct modprop_problem *p, size_t i);

/* One step with the input x [n_in] from the state `before` into `after`. Returns the least distance of
 * a membrane from its threshold. */
double modprop_naive_units_step(const struct modprop_problem *p,
                                const struct modprop_naive_units *before, const double *x,
                                const struct modprop_naive_units *after);

#endif
