/*
 * units.h - kinds of recurrent units: the table entry each of them fills.
 */
#ifndef MODPROP_ENGINE_UNITS_H
#define MODPROP_ENGINE_UNITS_H

#include "modprop.h"

struct modprop_network;

struct modprop_units {
    const char *name;
    const char *summary;
    const char *citation;
    const char *const *params; /* names of the parameters it reads, NULL at the end */
    size_t states;             /* arrays [B][n] it carries from step to step, the membrane v first */

    /* One time step of B trials. state: [states][B][n], updated in place. input [B][n] is
     * x[t] W_in + z[t-1] W_rec. Writes the rates (or spikes) into z, whose rows are ld apart, and the
     * activation derivative (or its surrogate) into h [B][n]. */
    void (*step)(const struct modprop_network *network, size_t B, modprop_real *restrict state,
                 const modprop_real *restrict input, modprop_real *restrict z, size_t ld,
                 modprop_real *restrict h);
};

extern const struct modprop_units modprop_units_relu;

#endif
