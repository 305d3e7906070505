/*
 * rewire.h - sign-constrained connections: L1 pressure, disconnection, reconnection (DEEP R, Bellec
 * et al., ICLR 2018). W_rec and W_out are magnitudes theta >= 0; theta = 0 is disconnected.
 */
#ifndef MODPROP_ENGINE_REWIRE_H
#define MODPROP_ENGINE_REWIRE_H

#include "engine/network.h"

struct modprop_rewire {
    struct modprop_network *network; /* borrowed */
    unsigned char *connected;        /* [n n + n n_out]: W_rec, then W_out, before the step */
};

enum modprop_status modprop_rewire_init(struct modprop_rewire *rewire,
                                        struct modprop_network *network, struct modprop_error *err);
void modprop_rewire_clear(struct modprop_rewire *rewire); /* accepts a zeroed one */

/* Before the optimiser's step: notes what is connected. */
void modprop_rewire_note(struct modprop_rewire *rewire);

/* After it: connected entries also get - learning_rate l1 (+ sqrt(2 learning_rate temperature) N(0,1)),
 * those of W_rec with their own learning rate;
 * what falls to <= 0 is disconnected; what was disconnected stays so. */
void modprop_rewire_guard(struct modprop_rewire *rewire, const struct modprop_config *config,
                          double learning_rate, long iteration);

/* Brings the connections of both matrices together back to floor(connectivity * possible). The number
 * missing is split by a multinomial in proportion to the possible entries; that many disconnected
 * entries, chosen as the network's structure has it, get theta = 1e-12. */
void modprop_rewire_reconnect(struct modprop_rewire *rewire, const struct modprop_config *config,
                              long iteration);

#endif
