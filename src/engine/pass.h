/*
 * pass.h - the forward pass of a batch: the time loop that a learning rule looks into.
 */
#ifndef MODPROP_ENGINE_PASS_H
#define MODPROP_ENGINE_PASS_H

#include "engine/network.h"
#include "engine/rule.h"
#include "engine/task.h"

/* What a pass over a batch found. */
struct modprop_pass_figures {
    double loss;     /* of the task, without weight decay */
    double accuracy; /* share of trials whose class is right by the summed readout of the loss
                             * steps; NaN with a squared loss */
    double mean_rate, largest_rate, active_fraction;
};

struct modprop_pass {
    const struct modprop_network *network; /* borrowed */
    const modprop_real *W_fb_out; /* [n][n_out], borrowed: weights of the learning signal */
    struct modprop_modulation *modulation; /* borrowed, NULL-able: measures mu while there is a gradient */
    struct modprop_rates *rates;           /* the same of firing rates */
    struct modprop_shape shape;
    bool keeps;                           /* the steps of a segment, else of a block */
    bool keeps_h;                         /* the same of h alone */
    struct modprop_trajectory trajectory; /* of the present one */
    modprop_real *checkpoint;         /* [segments - 1]: of state and pre, where a segment begins */
    size_t *order;                    /* [B]: trials by kind */
    modprop_real *x;                  /* [MODPROP_BLOCK_STEPS][tile][n_in] */
    modprop_real *state;              /* [states][tile][ldn] */
    modprop_real *input;              /* [tile][ldn] */
    modprop_real *L;                  /* [tile][ldn] */
    modprop_real *y, *y_sum, *target; /* [tile][n_out] */
    /* Asked after each block, which then has one step; NULL-able: for those who want to see all. */
    void (*watch)(void *context, const struct modprop_block *block);
    void *context;
};

/* keeps: keep the steps of a segment, and what the others are made anew from, for methods that go
 * back. The caller clears the pass. */
enum modprop_status modprop_pass_init(struct modprop_pass *pass,
                                      const struct modprop_network *network,
                                      const modprop_real *W_fb_out,
                                      const struct modprop_shape *shape, bool keeps,
                                      struct modprop_error *err);
void modprop_pass_clear(struct modprop_pass *pass); /* accepts a zeroed one */
size_t modprop_pass_bytes(const struct modprop_shape *shape, const struct modprop_units *units,
                          bool keeps);

/* Runs the batch; false: it was halted (network->halting), and figures and gradient mean nothing.
 * method and its state may be NULL. readout: NULL, or where dE/dW_out and dE/db_out go
 * (the other parts are not touched). figures->loss and ->accuracy are always filled, the rest only if
 * `observe`. */
bool modprop_pass_run(struct modprop_pass *pass, const struct modprop_trials *trials,
                      const struct modprop_method *method, void *method_state,
                      const struct modprop_weights *readout, bool observe,
                      struct modprop_pass_figures *figures);

#endif
