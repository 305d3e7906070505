/*
 * draw.h - random values of a sweep file's uniform(a, b) and loguniform(a, b).
 */
#ifndef MODPROP_SWEEP_DRAW_H
#define MODPROP_SWEEP_DRAW_H

#include <stdint.h>

/* Uniform in [0, 1): a function of the sweep's sample_seed, the parameter's name and the sample's
 * number alone, so that more samples or other keys change nothing. */
double modprop_draw(uint32_t seed, const char *name, uint64_t sample);

#endif
