/*
 * key.h - the hash that names a run: 64 bits over the names and exact values of all it reads.
 *
 *     key = mix(sum over the parameters read of part(name, value))
 *     part = mix(FNV-1a 64 of the bytes: name, '=', then the name chosen, or the number as IEEE 754
 *            double, lowest byte first)
 *
 * mix is the finisher of SplitMix64 (Steele, Lea, Flood 2014), a bijection that makes every input
 * bit change half of the output bits. The sum does not depend on the order of the parameter table,
 * names of choices stand for themselves: a new rule or a moved row leaves the keys of old runs
 * alone. No protection against malice is needed; among the 10^7 runs a plan may have, two different
 * ones share a key with probability 3e-6, and then the plan is refused, never mixed up.
 */
#ifndef MODPROP_SWEEP_KEY_H
#define MODPROP_SWEEP_KEY_H

#include "sweep/plan.h"

/* FNV-1a of a text. */
uint64_t modprop_key_text(const char *text);

/* What one parameter's value contributes; value is not NaN. */
uint64_t modprop_key_part(size_t parameter, double value);

/* The same for a parameter that this version may not know: a number, or the name chosen (or the text,
 * which counts as its number). The default of a `later` parameter contributes nothing. */
uint64_t modprop_key_number(const char *name, double value);
uint64_t modprop_key_choice(const char *name, const char *choice);

/* A key from the sum of its parts. */
uint64_t modprop_key_finish(uint64_t sum);

/* A hash over keys in their order: start with 0. */
uint64_t modprop_key_chain(uint64_t hash, uint64_t key);

/* modprop_config_reads, with what a choice that is itself not read would decide: sets all that is
 * not read to its default, until nothing changes any more. read: [modprop_parameter_count()]. */
void modprop_key_reads(struct modprop_config *config, bool *read);

#endif
