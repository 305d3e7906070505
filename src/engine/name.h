/*
 * name.h - names given by people: the nearest known one, and lists of them.
 */
#ifndef MODPROP_ENGINE_NAME_H
#define MODPROP_ENGINE_NAME_H

#include "modprop.h"

/* A list of names: the index-th, NULL past the last. */
typedef const char *modprop_name_choice(size_t index);

/* The known name with the fewest changed letters (insert, delete, replace, swap neighbours), NULL if
 * none is near enough to be meant: more than a third of the letters differ. */
const char *modprop_name_nearest(modprop_name_choice *choice, const char *text);

/* The same among `count` names. */
const char *modprop_name_nearest_of(const char *const *names, size_t count, const char *text);

/* The distance itself; case does not count. */
size_t modprop_name_distance(const char *a, const char *b);

/* All names, separated by ", ". */
void modprop_name_list(modprop_name_choice *choice, char *text, size_t size);

#endif
