/*
 * witness.h - other ways to the gradient the engine computes.
 *
 * Each takes a problem and gives its gradient [weights] and loss, so that a comparison is a choice of
 * two of them: modprop_problem_gradient (the engine, as it trains), modprop_naive_gradient,
 * modprop_naive_closed_form, and those below.
 */
#ifndef MODPROP_CHECK_WITNESS_H
#define MODPROP_CHECK_WITNESS_H

#include "check/problem.h"

typedef enum modprop_status modprop_witness(const struct modprop_problem *problem, double *gradient,
                                            double *loss, struct modprop_error *err);

/* Central differences of the engine's loss, (E(w + step) - E(w - step)) / (2 step) for each weight but
 * the autapses, whatever the problem's rule. MODPROP_INVALID if a unit crosses its threshold within a
 * step. */
#define MODPROP_WITNESS_STEP 1e-5
modprop_witness modprop_witness_differences;

/* The mean of the engine's gradients of the trials, each in a batch of its own. */
modprop_witness modprop_witness_single_trials;

/* The engine's gradient of the batch in reverse order. */
modprop_witness modprop_witness_reversed_batch;

#endif
