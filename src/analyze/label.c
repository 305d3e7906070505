#include "analyze/label.h"

#include <stdio.h>
#include <string.h>

bool modprop_label_next(const char **label, struct modprop_label_piece *piece)
{
    *label += strspn(*label, " ");
    const size_t length = strcspn(*label, " ");
    const char *equals = memchr(*label, '=', length);
    const size_t name = equals ? (size_t)(equals - *label) : 0;
    const char *value = equals ? equals + 1 : *label;
    if (!length)
        return false;
    snprintf(piece->name, sizeof piece->name, "%.*s", (int)name, *label);
    snprintf(piece->value, sizeof piece->value, "%.*s", (int)(*label + length - value), value);
    *label += length;
    return true;
}

size_t modprop_label_find(const struct modprop_label_names *names, const char *name)
{
    size_t k = 0;
    while (k < names->count && strcmp(names->name[k], name) != 0)
        k++;
    return k;
}

struct modprop_label_names modprop_label_collect(const struct modprop_result *result, bool details)
{
    struct modprop_label_names names = {.count = 0};
    for (size_t k = 0; k < result->rows; k++) {
        const char *label = result->row[k].label;
        struct modprop_label_piece piece;
        while ((details || !result->row[k].detail) && modprop_label_next(&label, &piece)) {
            const size_t at = modprop_label_find(&names, piece.name);
            if (at == MODPROP_LABEL_NAMES || !*piece.name)
                return (struct modprop_label_names){.count = 0};
            if (at == names.count)
                memcpy(names.name[names.count++], piece.name, sizeof piece.name);
        }
    }
    return names;
}

void modprop_label_values(const struct modprop_label_names *names, const char *label,
                          char value[MODPROP_LABEL_NAMES][MODPROP_LABEL_PIECE])
{
    struct modprop_label_piece piece;
    for (size_t k = 0; k < names->count; k++)
        value[k][0] = '\0';
    while (names->count && modprop_label_next(&label, &piece)) {
        const size_t at = modprop_label_find(names, piece.name);
        if (at < names->count)
            memcpy(value[at], piece.value, sizeof piece.value);
    }
}
