/*
 * run.h - the inside of struct modprop_run: one network in training. For the engine and its checks.
 */
#ifndef MODPROP_ENGINE_RUN_H
#define MODPROP_ENGINE_RUN_H

#include "engine/feedback.h"
#include "engine/halting.h"
#include "engine/modulation.h"
#include "engine/network.h"
#include "engine/optimiser.h"
#include "engine/pass.h"
#include "engine/rates.h"
#include "engine/restraint.h"
#include "engine/rewire.h"
#include "engine/rule.h"
#include "engine/spectrum.h"

struct modprop_run {
    struct modprop_config config;
    struct modprop_shape shape;
    struct modprop_network *network;
    struct modprop_feedback *feedback;     /* NULL for rules without */
    struct modprop_modulation *modulation; /* NULL for rules that do not modulate */
    struct modprop_rates *rates;           /* NULL: no cost of firing rates */
    modprop_real *W_random;  /* [n][n_out]; NULL with a symmetric learning signal */
    modprop_real *W_distant; /* [n][n_out]: of an adaptive one, its difference from W_out at the start */
    const struct modprop_method *method;
    void *method_state;
    struct modprop_pass pass;
    struct modprop_trials trials; /* of the present batch */
    void *task_state;
    struct modprop_weights gradient; /* of the present iteration */
    const struct modprop_optimiser *optimiser;
    modprop_real *optimiser_state; /* [states][gradient.count] */
    struct modprop_rewire rewire;
    struct modprop_restraint restraint;
    struct modprop_spectrum spectrum;
    struct modprop_halting halting; /* of the network and the spectrum, too */
    long iteration;      /* done */
    long evaluated;      /* at the end of this iteration the last time, -1: never */
    double largest_norm; /* of the gradient since the last evaluation */
    double started_s;    /* on the monotonic clock; as if the run had never been interrupted */
};

/* A run of the given shape with all weights zero and no task: for callers who bring weights and
 * trials. The others use modprop_run_create. */
enum modprop_status modprop_run_assemble(struct modprop_run **run,
                                         const struct modprop_config *config,
                                         const struct modprop_shape *shape,
                                         struct modprop_error *err);

/* The broadcast of the error begins at W_random, while the network has its initial weights. */
void modprop_run_begin_signal(struct modprop_run *run);

/* Gradient of the task's loss on `trials` by the run's rule, with respect to the signed weights,
 * without weight decay, into run->gradient; *figures without the activity. MODPROP_STOPPED: halted. */
enum modprop_status modprop_run_gradient(struct modprop_run *run,
                                         const struct modprop_trials *trials,
                                         struct modprop_pass_figures *figures,
                                         struct modprop_error *err);

/* run->gradient += weight_decay * weights (none on b_out). */
void modprop_run_decay(struct modprop_run *run);

/* weight_decay / 2 * sum of squared weights. */
double modprop_run_decay_loss(const struct modprop_run *run);

/* One step of the optimiser with run->gradient (signed weights, with decay): clipping, L1, the
 * disconnect guard; counts the iteration. MODPROP_DIVERGED: the gradient is not usable. Without
 * rewiring; theta alone moves, modprop_network_refresh has to follow. */
enum modprop_status modprop_run_update(struct modprop_run *run, struct modprop_error *err);

/* Makes the method's state anew, with so many filter taps. On failure the run has the old one. */
enum modprop_status modprop_run_retap(struct modprop_run *run, size_t taps,
                                      struct modprop_error *err);

/* Bytes of the state of the configuration's runs, as modprop_run_state_bytes tells them of a run. */
size_t modprop_run_state_needs(const struct modprop_config *config,
                               const struct modprop_shape *shape);

/* Learning rate of iteration k = 0, 1, ... */
double modprop_run_learning_rate(const struct modprop_config *config, long iteration);

#endif
