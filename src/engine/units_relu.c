/*
 * relu: leaky rate units, the published model.
 *     v[t] = alpha v[t-1] + (1 - alpha) input[t],   z = max(0, v - theta),   h = 1 where v > theta
 */
#include "engine/network.h"
#include "engine/units.h"

static void step(const struct modprop_network *network, size_t B, modprop_real *restrict state,
                 const modprop_real *restrict input, modprop_real *restrict z, size_t ld,
                 modprop_real *restrict h)
{
    const size_t n = network->n;
    const modprop_real keep = network->keep, take = network->take, theta = network->threshold;
    for (size_t b = 0; b < B; b++) {
        modprop_real *restrict v = state + b * n, *restrict rate = z + b * ld;
        for (size_t i = 0; i < n; i++) {
            v[i] = keep * v[i] + take * input[b * n + i];
            rate[i] = v[i] <= theta ? 0 : v[i] - theta; /* what is not a number must not look silent */
            h[b * n + i] = v[i] > theta;
        }
    }
}

const struct modprop_units modprop_units_relu = {
    .name = "relu",
    .summary = "leaky rate units with a threshold",
    .citation = "Liu et al., NeurIPS 2022",
    .params = (const char *const[]){"tau_ms", "threshold", NULL},
    .states = 1,
    .step = step,
};
