/*
 * eprop: three-factor credit, local to the unit (where thresholds do not adapt it is rflo).
 *     delta[t] = h[t] o L[t] + alpha delta[t+1]
 * Online it is modprop without taps that cross a synapse.
 */
#include "engine/backward.h"
#include "engine/network.h"
#include "engine/rule.h"
#include "engine/taps.h"

static enum modprop_status create(void **state, const struct modprop_setup *setup,
                                  struct modprop_error *err)
{
    return modprop_backward_create(state, setup, NULL, MODPROP_REACH_SIGNAL, err);
}

static const struct modprop_method offline = {
    MODPROP_BACKWARD_METHOD,
    .create = create,
    .bytes = modprop_backward_bytes,
    .cost = modprop_backward_cost,
};

static const struct modprop_method online = {
    MODPROP_TAPS_LOCAL_METHOD,
    .obstacle = modprop_taps_obstacle,
};

const struct modprop_rule modprop_rule_eprop = {
    .name = "eprop",
    .summary =
        "three-factor rule: eligibility trace times learning signal, no credit across synapses",
    .citation = "Bellec et al., Nat. Commun. 2020",
    .params = (const char *const[]){"learning_signal", "signal_decay", "path", NULL},
    .methods = {&online, &offline},
};
