/*
 * arena.h - memory for everything one answer consists of, given back all at once.
 *
 * After any number of requests one look at `refused` tells whether all went well.
 */
#ifndef MODPROP_ANALYZE_ARENA_H
#define MODPROP_ANALYZE_ARENA_H

#include <stdarg.h>

#include "engine/error.h"
#include "modprop.h"

struct modprop_arena_block;

/* Zero-initialise. */
struct modprop_arena {
    struct modprop_arena_block *last;
    bool refused;
};

/* count * size bytes, zeroed; NULL where that is refused. count 0 gives a block all the same. */
void *modprop_arena_get(struct modprop_arena *arena, size_t count, size_t size);

/* A text as printf makes it; "" where that is refused. */
const char *modprop_arena_text(struct modprop_arena *arena, const char *format, ...)
    MODPROP_PRINTF(2, 3);
const char *modprop_arena_format(struct modprop_arena *arena, const char *format, va_list args)
    MODPROP_PRINTF(2, 0);

void modprop_arena_clear(struct modprop_arena *arena);

#endif
