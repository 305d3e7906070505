/*
 * connections.h - how many connections a network has, for tests of what keeps their number.
 */
#ifndef MODPROP_TESTS_CONNECTIONS_H
#define MODPROP_TESTS_CONNECTIONS_H

#include "engine/network.h"

static inline size_t connections_of(const modprop_real *theta, size_t count)
{
    size_t sum = 0;
    for (size_t k = 0; k < count; k++)
        sum += theta[k] > 0;
    return sum;
}

/* Of W_rec and W_out. */
static inline size_t connections(const struct modprop_network *network)
{
    return connections_of(network->theta.W_rec, network->n * network->n) +
           connections_of(network->theta.W_out, network->n * network->n_out);
}

#endif
