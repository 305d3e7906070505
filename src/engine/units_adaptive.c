/*
 * adaptive: leaky rate units whose threshold rises with their own past rate.
 *     a[t] = rho a[t-1] + (1 - rho) z[t-1],   theta[t] = thr + beta a[t]
 *     v[t] = alpha v[t-1] + (1 - alpha) input[t],   z = max(0, v - theta),   h = 1 where v > theta
 * The last n_adaptive units have beta, the others 0. State arrays: v, a.
 */
#include "engine/network.h"
#include "engine/units.h"

MODPROP_KERNEL_CLONES
static void trial(const struct modprop_network *net, const modprop_real *restrict z_before,
                  const modprop_real *restrict input, modprop_real *restrict v,
                  modprop_real *restrict a, modprop_real *restrict z, modprop_real *restrict h)
{
    const modprop_real keep = net->keep, take = net->take, threshold = net->threshold;
    const modprop_real a_keep = net->a_keep, a_take = net->a_take;
    const modprop_real *restrict const beta = net->beta;
    for (size_t i = 0; i < net->n; i++) {
        v[i] = keep * v[i] + take * input[i];
        a[i] = a_keep * a[i] + a_take * z_before[i];
        const modprop_real theta = threshold + beta[i] * a[i];
        z[i] = v[i] <= theta ? 0 : v[i] - theta; /* what is not a number must not look silent */
        if (h)
            h[i] = v[i] > theta ? 1 : 0;
    }
}

static void step(const struct modprop_network *network, const struct modprop_shape *shape, size_t R,
                 const modprop_real *restrict pre, modprop_real *restrict input,
                 modprop_real *restrict state, size_t array, modprop_real *restrict z,
                 modprop_real *restrict h)
{
    const size_t ld = shape->ld, ldn = shape->ldn;
    modprop_network_drive(network, R, pre, input);
    for (size_t r = 0; r < R; r++)
        trial(network, pre + r * ld, input + r * ldn, state + r * ldn, state + array + r * ldn,
              z + r * ld, h ? h + r * ldn : NULL);
}

const struct modprop_units modprop_units_adaptive = {
    .name = "adaptive",
    .summary = "leaky rate units with threshold adaptation",
    .citation = "Liu et al., NeurIPS 2022; adaptation: Bellec et al., Nat. Commun. 2020",
    .params = (const char *const[]){"tau_ms", "threshold", "n_adaptive", "beta", "tau_a_ms",
                                    "activity_cost", NULL},
    .states = 2,
    .adapts = true,
    .rectifies = true,
    .step = step,
};
