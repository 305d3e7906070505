/*
 * lif: leaky integrate-and-fire units.
 *     v[t] = alpha v[t-1] + (1 - alpha) input[t] - thr s[t-1],   s and h: spike.h with theta = thr
 * State arrays: v, refractory steps left.
 */
#include "engine/spike.h"
#include "engine/units.h"

/* With h or without, each a loop without a choice in it. */
static inline __attribute__((always_inline)) void advance(
    const bool with_h, const struct modprop_network *network, const modprop_real *restrict s_before,
    const modprop_real *restrict input, modprop_real *restrict v, modprop_real *restrict rest,
    modprop_real *restrict s, modprop_real *restrict h)
{
    const struct modprop_network net = *network; /* constants that no store can change */
    for (size_t i = 0; i < net.n; i++) {
        v[i] = modprop_spike_membrane(&net, v[i], input[i], s_before[i]);
        s[i] = modprop_spike_fire(&net, v[i], net.threshold, &rest[i], with_h ? &h[i] : NULL);
    }
}

MODPROP_KERNEL_CLONES
static void trial(const struct modprop_network *network, const modprop_real *restrict s_before,
                  const modprop_real *restrict input, modprop_real *restrict v,
                  modprop_real *restrict rest, modprop_real *restrict s, modprop_real *restrict h)
{
    if (h)
        advance(true, network, s_before, input, v, rest, s, h);
    else
        advance(false, network, s_before, input, v, rest, s, NULL);
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

const struct modprop_units modprop_units_lif = {
    .name = "lif",
    .summary = "leaky integrate-and-fire: spikes, with a surrogate derivative",
    .citation = "Bellec et al., Nat. Commun. 2020",
    .params = (const char *const[]){"tau_ms", "spike_threshold", "gamma", "refractory_steps",
                                    "rate_cost", "rate_target_hz", NULL},
    .states = 2,
    .spikes = true,
    .step = step,
};
