/*
 * rflo: credit local to the unit, by a trace of the membrane alone (random feedback local online
 * learning, Murray, eLife 2019; the feedback is random with learning_signal = random).
 *     delta[t] = h[t] o L[t] + alpha delta[t+1]
 * This is eprop, but where thresholds adapt: eprop's trace has the adaptation's part, rflo's has not,
 * and so it always has an online form.
 */
#include "engine/rule.h"
#include "engine/taps.h"

static const struct modprop_method online = {
    MODPROP_TAPS_LOCAL_METHOD,
};

const struct modprop_rule modprop_rule_rflo = {
    .name = "rflo",
    .summary = "eprop without the part of the trace that an adapting threshold has",
    .citation = "Murray, eLife 2019",
    .params = (const char *const[]){"learning_signal", "signal_decay", NULL},
    .methods = {&online},
};
