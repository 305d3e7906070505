#include "analyze/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct modprop_arena_block {
    struct modprop_arena_block *before;
    max_align_t data[];
};

void *modprop_arena_get(struct modprop_arena *arena, size_t count, size_t size)
{
    const size_t most = SIZE_MAX - sizeof(struct modprop_arena_block);
    struct modprop_arena_block *block = size && count > most / size
                                            ? NULL
                                            : calloc(1, sizeof *block + count * size);
    if (!block) {
        arena->refused = true;
        return NULL;
    }
    block->before = arena->last;
    arena->last = block;
    return block->data;
}

const char *modprop_arena_format(struct modprop_arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = length < 0 ? NULL : modprop_arena_get(arena, (size_t)length + 1, 1);
    if (!text) {
        arena->refused = true;
        return "";
    }
    vsnprintf(text, (size_t)length + 1, format, args);
    return text;
}

const char *modprop_arena_text(struct modprop_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = modprop_arena_format(arena, format, args);
    va_end(args);
    return text;
}

void modprop_arena_clear(struct modprop_arena *arena)
{
    while (arena->last) {
        struct modprop_arena_block *const before = arena->last->before;
        free(arena->last);
        arena->last = before;
    }
    arena->refused = false;
}
