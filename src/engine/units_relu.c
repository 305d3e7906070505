/*
 * relu: leaky rate units, the published model.
 *     v[t] = alpha v[t-1] + (1 - alpha) input[t],   z = max(0, v - theta),   h = 1 where v > theta
 */
#include "engine/network.h"
#include "engine/units.h"

MODPROP_KERNEL_CLONES
static void trial(size_t n, modprop_real keep, modprop_real take, modprop_real theta,
                  const modprop_real *restrict input, modprop_real *restrict v,
                  modprop_real *restrict z, modprop_real *restrict h)
{
    for (size_t i = 0; i < n; i++) {
        v[i] = keep * v[i] + take * input[i];
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
    (void)array; /* v is all there is */
    if (R <= MODPROP_KERNEL_TILE) {
        const struct modprop_kernel_relu units = {
            network->keep, network->take, network->threshold, state, h, shape->ldn, z, shape->ld};
        modprop_network_drive_relu(network, R, pre, &units);
        return;
    }
    modprop_network_drive(network, R, pre, input);
    for (size_t r = 0; r < R; r++)
        trial(shape->n, network->keep, network->take, network->threshold, input + r * shape->ldn,
              state + r * shape->ldn, z + r * shape->ld, h ? h + r * shape->ldn : NULL);
}

const struct modprop_units modprop_units_relu = {
    .name = "relu",
    .summary = "leaky rate units with a threshold",
    .citation = "Liu et al., NeurIPS 2022",
    .params = (const char *const[]){"tau_ms", "threshold", "activity_cost", NULL},
    .states = 1,
    .rectifies = true,
    .step = step,
};
