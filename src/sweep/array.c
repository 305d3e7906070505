#include "sweep/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"

char *modprop_array_text(const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    if (copy) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

void *modprop_array_grow(void *array, size_t *room, size_t count, size_t size)
{
    enum { LEAST = 8 };
    if (array && count <= *room)
        return array;
    size_t wanted = *room < SIZE_MAX / 2 ? 2 * *room : count;
    if (wanted < count)
        wanted = count;
    if (wanted < LEAST)
        wanted = LEAST;
    const size_t bytes = modprop_memory_product(wanted, size);
    void *larger = bytes < SIZE_MAX ? realloc(array, bytes) : NULL;
    if (larger)
        *room = wanted;
    return larger;
}
