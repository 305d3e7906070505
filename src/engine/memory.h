/*
 * memory.h - the engine's only source of memory: aligned, zeroed, sizes multiplied with a check.
 *
 * Every array of a run comes from here, so that a refused allocation is an error of that run and
 * nothing else, and so that tests can refuse one.
 */
#ifndef MODPROP_ENGINE_MEMORY_H
#define MODPROP_ENGINE_MEMORY_H

#include "modprop.h"

enum { MODPROP_ALIGNMENT = 64 }; /* bytes: a cache line, and the widest vector register */

/* count * size bytes, zeroed, aligned; NULL if refused or if the product overflows. count or size 0
 * gives one aligned block all the same. Free with modprop_memory_free. */
void *modprop_memory_get(size_t count, size_t size);
void modprop_memory_free(void *block); /* accepts NULL */

/* a * b, or SIZE_MAX where that overflows. */
size_t modprop_memory_product(size_t a, size_t b);

/* Collects what one object allocates: after any number of calls one look at `refused` tells whether
 * all went well. */
struct modprop_memory_plan {
    bool refused;
    size_t bytes; /* asked for in all */
};

/* modprop_memory_get, noting a refusal and the bytes in *plan. */
void *modprop_memory_take(struct modprop_memory_plan *plan, size_t count, size_t size);

/* The error for a refused allocation of `bytes` for `what`. */
enum modprop_status modprop_memory_error(const char *what, size_t bytes, struct modprop_error *err);

#endif
