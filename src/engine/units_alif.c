/*
 * alif: leaky integrate-and-fire units whose threshold rises with their own past spikes.
 *     a[t] = rho a[t-1] + (1 - rho) s[t-1],   theta[t] = thr + beta a[t]
 *     v[t] = alpha v[t-1] + (1 - alpha) input[t] - thr s[t-1],   s and h: spike.h
 * The last n_adaptive units have beta, the others 0. State arrays: v, a, refractory steps left.
 */
#include "engine/spike.h"
#include "engine/units.h"

/* With h or without, each a loop without a choice in it. */
static inline __attribute__((always_inline)) void advance(
    const bool with_h, const struct modprop_network *network, const modprop_real *restrict s_before,
    const modprop_real *restrict input, modprop_real *restrict v, modprop_real *restrict a,
    modprop_real *restrict rest, modprop_real *restrict s, modprop_real *restrict h)
{
    const struct modprop_network net = *network; /* constants that no store can change */
    const modprop_real *restrict const beta = network->beta;
    for (size_t i = 0; i < net.n; i++) {
        v[i] = modprop_spike_membrane(&net, v[i], input[i], s_before[i]);
        a[i] = net.a_keep * a[i] + net.a_take * s_before[i];
        s[i] = modprop_spike_fire(&net, v[i], net.threshold + beta[i] * a[i], &rest[i],
                                  with_h ? &h[i] : NULL);
    }
}

MODPROP_KERNEL_CLONES
static void trial(const struct modprop_network *network, const modprop_real *restrict s_before,
                  const modprop_real *restrict input, modprop_real *restrict v,
                  modprop_real *restrict a, modprop_real *restrict rest, modprop_real *restrict s,
                  modprop_real *restrict h)
{
    if (h)
        advance(true, network, s_before, input, v, a, rest, s, h);
    else
        advance(false, network, s_before, input, v, a, rest, s, NULL);
}

static void step(const struct modprop_network *network, const struct modprop_shape *shape, size_t R,
                 const modprop_real *restrict pre, modprop_real *restrict input,
                 modprop_real *restrict state, size_t array, modprop_real *restrict z,
                 modprop_real *restrict h)
{
    const size_t ld = shape->ld, ldn = shape->ldn;
    modprop_network_drive(network, R, pre, input);
    for (size_t r = 0; r < R; r++) {
        modprop_real *const v = state + r * ldn;
        trial(network, pre + r * ld, input + r * ldn, v, v + array, v + 2 * array, z + r * ld,
              h ? h + r * ldn : NULL);
    }
}

const struct modprop_units modprop_units_alif = {
    .name = "alif",
    .summary = "leaky integrate-and-fire with threshold adaptation",
    .citation = "Bellec et al., Nat. Commun. 2020",
    .params = (const char *const[]){"tau_ms", "spike_threshold", "gamma", "refractory_steps",
                                    "n_adaptive", "beta", "tau_a_ms", "rate_cost", "rate_target_hz",
                                    NULL},
    .states = 3,
    .adapts = true,
    .spikes = true,
    .step = step,
};
