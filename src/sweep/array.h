/*
 * array.h - copies and growing arrays of the sweep layer; a refusal is told, never fatal.
 */
#ifndef MODPROP_SWEEP_ARRAY_H
#define MODPROP_SWEEP_ARRAY_H

#include <stddef.h>

/* The first length bytes of text, zero-terminated; NULL if refused. Free with free(). */
char *modprop_array_text(const char *text, size_t length);

/* The array, with room for at least `count` elements of `size` bytes; *room, its elements, at least
 * doubles when it must grow. NULL if refused: the array is still there as it was. */
void *modprop_array_grow(void *array, size_t *room, size_t count, size_t size);

#endif
