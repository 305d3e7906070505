/*
 * units.h - kinds of recurrent units: the table entry each of them fills.
 */
#ifndef MODPROP_ENGINE_UNITS_H
#define MODPROP_ENGINE_UNITS_H

#include "engine/shape.h"

struct modprop_network;

struct modprop_units {
    const char *name;
    const char *summary;
    const char *citation;
    const char *const *params; /* names of the parameters it reads, NULL at the end */
    size_t states; /* arrays it carries from step to step: the membrane v, the adaptation a, others */
    bool adapts;   /* the second array is a, and theta = thr + beta a */
    bool spikes;   /* z is 0 or 1, and h the surrogate of a derivative */
    bool rectifies; /* h is 1 where z > 0, and 0 elsewhere */

    /* One time step of R trials from pre [R][ld], z[t-1] | x[t]. state: arrays [R][ldn], `array`
     * values apart, updated in place. Writes the rates (or spikes) of the n units into z [R][ld] and
     * the activation derivative (or its surrogate) into h [R][ldn], what follows them in the rows is
     * lost. input [R][ldn]: room for what drives the units. */
    void (*step)(const struct modprop_network *network, const struct modprop_shape *shape, size_t R,
                 const modprop_real *restrict pre, modprop_real *restrict input,
                 modprop_real *restrict state, size_t array, modprop_real *restrict z,
                 modprop_real *restrict h);
};

extern const struct modprop_units modprop_units_relu;
extern const struct modprop_units modprop_units_adaptive;
extern const struct modprop_units modprop_units_lif;
extern const struct modprop_units modprop_units_alif;

#endif
