/*
 * The figure table: what an evaluation tells, a row each.
 */
#include <assert.h>

#include "modprop.h"

#define FIGURE(field, unit, help) \
    { \
#field, unit, help, offsetof(struct modprop_evaluation, field) \
    }

static const struct modprop_figure table[] = {
    FIGURE(loss, "1", "loss of the task on a fresh batch"),
    FIGURE(loss_total, "1", "loss with weight decay"),
    FIGURE(accuracy, "1",
           "share of trials classified right by the readout summed over the loss steps"),
    FIGURE(mean_rate, "1", "mean rate over units, steps and trials"),
    FIGURE(largest_rate, "1", "largest rate of any unit at any step"),
    FIGURE(active_fraction, "1",
           "mean activation derivative: the fraction of active units, where units are not spiking"),
    FIGURE(spectral_radius, "1", "largest absolute eigenvalue of W_rec"),
    FIGURE(filter_radius, "1",
           "spectral radius of the modulatory filter alpha I + (1-alpha) mu W_fb"),
    FIGURE(mu_effective, "1",
           "mu in force on the nonlocal path, mean over units; within a trial, that at its start"),
    FIGURE(gradient_norm, "1", "largest norm of the gradient since the last evaluation, unclipped"),
    FIGURE(taps, "1", "filter taps of the online form"),
    FIGURE(elapsed_s, "s", "wall time since the start of the run"),
};

size_t modprop_figure_count(void)
{
    return sizeof table / sizeof *table;
}

const struct modprop_figure *modprop_figure_at(size_t index)
{
    assert(index < modprop_figure_count());
    return &table[index];
}
