#include "engine/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"

size_t modprop_memory_product(size_t a, size_t b)
{
    return a != 0 && b > SIZE_MAX / a ? SIZE_MAX : a * b;
}

void *modprop_memory_get(size_t count, size_t size)
{
    size_t bytes = modprop_memory_product(count, size);
    if (bytes > SIZE_MAX - MODPROP_ALIGNMENT)
        return NULL;
    bytes = (bytes / MODPROP_ALIGNMENT + 1) *
            MODPROP_ALIGNMENT; /* aligned_alloc wants a multiple */
    void *block = aligned_alloc(MODPROP_ALIGNMENT, bytes);
    if (block)
        memset(block, 0, bytes);
    return block;
}

void modprop_memory_free(void *block)
{
    free(block);
}

void *modprop_memory_take(struct modprop_memory_plan *plan, size_t count, size_t size)
{
    void *block = plan->refused ? NULL : modprop_memory_get(count, size);
    plan->bytes += modprop_memory_product(count, size);
    plan->refused = block == NULL;
    return block;
}

enum modprop_status modprop_memory_error(const char *what, size_t bytes, struct modprop_error *err)
{
    return MODPROP_FAIL(
        err, MODPROP_NO_MEMORY,
        "no memory for %s: %.1f MB were refused; take a smaller n or batch, or fewer "
        "ranks on this host",
        what, (double)bytes / 1e6);
}
