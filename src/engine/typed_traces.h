/*
 * typed_traces.h - online credit for a mu that changes within the trial: the C x C traces of modprop.
 *
 * With feedback = type, delta[t] = u[t] + alpha delta[t+1] + (1-alpha) mu[t] o (delta[t+1] W_fb^T) has a
 * filter known causally, so that per presynaptic unit and trial, starting from zero,
 *     Eps[t+1] = alpha Eps[t] + (1-alpha) W_ab^T diag(mu[t]) (eps[t] I + N Eps[t])
 *     eps[t]   = alpha eps[t-1] + (1-alpha) pre[t]
 *     grad     = sum_t eps[t]^T u[t] + sum_t sum_a m_a[t] Eps[t][a][type of the postsynaptic unit]
 * where u = h o L, m_a is its sum over the units of type a, N units per type, and pre[t] is
 * z[t-1] | x[t]. A window lets the second term of Eps act only into the last steps.
 */
#ifndef MODPROP_ENGINE_TYPED_TRACES_H
#define MODPROP_ENGINE_TYPED_TRACES_H

#include "engine/rule.h"

extern const struct modprop_method modprop_typed_traces;

#endif
