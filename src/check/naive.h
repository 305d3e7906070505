/*
 * naive.h - every learning rule by plain loops in double: the truth for the engine.
 *
 * Written from the equations alone; none of the engine's arithmetic is used, nothing is blocked or
 * reordered.
 */
#ifndef MODPROP_CHECK_NAIVE_H
#define MODPROP_CHECK_NAIVE_H

#include "check/problem.h"

/* The problem's gradient by its rule, without weight decay: gradient [weights], and the loss.
 * Errors: MODPROP_INVALID for a rule that is not known here, MODPROP_NO_MEMORY. */
enum modprop_status modprop_naive_gradient(const struct modprop_problem *problem, double *gradient,
                                           double *loss, struct modprop_error *err);

/* The same for modprop with feedback = type, by the closed form of the filter's powers:
 *     delta[t] = sum_s u[t+s] (M^T)^s,   u = h o L,   (M^T)^s = alpha^s I + P K_s P^T,
 *     K_0 = 0,   K_{s+1} = alpha K_s + mu (1-alpha) W_ab^T (alpha^s I + N K_s)
 * P: n x C membership, N = units per type. No window. */
enum modprop_status modprop_naive_closed_form(const struct modprop_problem *problem,
                                              double *gradient, double *loss,
                                              struct modprop_error *err);

/* eprop and mdgl by their eligibility traces, forward in time. */
enum modprop_status modprop_naive_traces(const struct modprop_problem *problem, double *gradient,
                                         double *loss, struct modprop_error *err);

#endif
