#include "engine/loss.h"

#include <math.h>

/* One trial: returns its loss, dy gets softmax(y) - onehot(label). */
static double cross_entropy(size_t n_out, const modprop_real *y, size_t label, modprop_real *dy)
{
    double largest = (double)y[0], sum = 0;
    for (size_t k = 1; k < n_out; k++)
        largest = fmax(largest, (double)y[k]);
    for (size_t k = 0; k < n_out; k++)
        sum += exp((double)y[k] - largest);
    for (size_t k = 0; k < n_out; k++)
        dy[k] = (modprop_real)(exp((double)y[k] - largest) / sum - (k == label));
    return log(sum) + largest - (double)y[label];
}

static double squared(size_t n_out, const modprop_real *y, const modprop_real *target,
                      modprop_real *dy)
{
    double sum = 0;
    for (size_t k = 0; k < n_out; k++) {
        const double off = (double)y[k] - (double)target[k];
        sum += off * off / (2 * (double)n_out);
        dy[k] = (modprop_real)(off / (double)n_out);
    }
    return sum;
}

double modprop_loss_step(const struct modprop_shape *shape, size_t R, const modprop_real *y,
                         const size_t *label, const size_t *trial, const modprop_real *target,
                         modprop_real *dy)
{
    const size_t n_out = shape->n_out;
    const double share = 1 / ((double)shape->B * (double)shape->loss_steps);
    double loss = 0;
    for (size_t b = 0; b < R; b++) {
        const modprop_real *const of_trial = y + b * n_out;
        modprop_real *const dy_of_trial = dy + b * n_out;
        loss += shape->loss == MODPROP_LOSS_CROSS_ENTROPY
                    ? cross_entropy(n_out, of_trial, label[trial[b]], dy_of_trial)
                    : squared(n_out, of_trial, target + b * n_out, dy_of_trial);
        for (size_t k = 0; k < n_out; k++)
            dy_of_trial[k] *= (modprop_real)share;
    }
    return loss * share;
}
