#include "engine/name.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 63 }; /* letters of a name that are looked at */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance, three rows at a time. */
size_t modprop_name_distance(const char *a, const char *b)
{
    const size_t m = least(strlen(a), LONGEST), n = least(strlen(b), LONGEST);
    size_t row[3][LONGEST + 1];
    size_t *before = row[0], *above = row[1], *here = row[2];
    for (size_t j = 0; j <= n; j++)
        above[j] = j;
    for (size_t i = 1; i <= m; i++) {
        here[0] = i;
        for (size_t j = 1; j <= n; j++) {
            const int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
            here[j] = least(least(above[j] + 1, here[j - 1] + 1), above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                y == tolower((unsigned char)a[i - 2]))
                here[j] = least(here[j], before[j - 2] + 1);
        }
        size_t *const spare = before;
        before = above;
        above = here;
        here = spare;
    }
    return above[n];
}

/* Takes the name in place of the nearest one so far, if it is nearer and near enough. */
static void consider(const char *name, const char *text, const char **nearest, size_t *best)
{
    const size_t distance = modprop_name_distance(name, text);
    const size_t letters = least(strlen(name), strlen(text));
    if (distance < *best && 3 * distance <= letters + 2) {
        *best = distance;
        *nearest = name;
    }
}

const char *modprop_name_nearest(modprop_name_choice *choice, const char *text)
{
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    for (size_t k = 0; choice(k); k++)
        consider(choice(k), text, &nearest, &best);
    return nearest;
}

const char *modprop_name_nearest_of(const char *const *names, size_t count, const char *text)
{
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    for (size_t k = 0; k < count; k++)
        consider(names[k], text, &nearest, &best);
    return nearest;
}

void modprop_name_list(modprop_name_choice *choice, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t k = 0; choice(k) && used < size; k++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", k ? ", " : "", choice(k));
}
