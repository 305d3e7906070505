/*
 * drift.h - nonstationary data: inputs that wander and rules that change, for any task.
 *
 * A wrapper that stands between a task and those who ask for its trials, itself a task. With
 * `wander` all inputs of a trial become
 *
 *     x'[t] = (1 + wander_gain g[t]) x[t] + wander_baseline o[t] + wander_noise s[t] xi[t]
 *
 * with xi[t] fresh N(0,1) per input. Each of g, o and s is the sum of two Ornstein-Uhlenbeck
 * processes, one over the iterations (k) and one over the steps of each trial,
 *
 *     g[t] = sqrt(1 - w) G[k] + sqrt(w) G_trial[t],   w = wander_within,
 *     G[k] = l G[k-1] + sqrt(1 - l^2) N(0,1),   l = exp(-1 / wander_iterations) or exp(-dt / wander_ms),
 *
 * stationary, with unit variance. With `change` the rule of the task changes at iteration change_at
 * and every change_every iterations from there: a class becomes the next one (the last the first), a
 * target its negative. An evaluation sees the world as it is at its iteration.
 *
 * All of it is a function of (seed, iteration) and the trial. A process goes on from where it was
 * asked for last, and begins anew where that is not before: there is no state to save.
 */
#ifndef MODPROP_ENGINE_DRIFT_H
#define MODPROP_ENGINE_DRIFT_H

#include "engine/task.h"

/* The task of the configuration, inside the wrapper if anything drifts. */
const struct modprop_task *modprop_drift_task(const struct modprop_config *config);

#endif
