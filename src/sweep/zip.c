#include "sweep/zip.h"

#include <stdlib.h>
#include <string.h>

#include "engine/name.h"
#include "sweep/array.h"

struct reading {
    size_t *group;
    size_t line;
    bool *wrong;
    struct modprop_mistakes *mistakes;
};

#define TELL(reading, ...) \
    (*(reading)->wrong = true, \
     modprop_mistakes_add((reading)->mistakes, (reading)->line, __VA_ARGS__))

static const char *parameter_choice(size_t index)
{
    return index < modprop_parameter_count() ? modprop_parameter_at(index)->name : NULL;
}

static void read_member(struct reading *r, const char *name, size_t number)
{
    const size_t p = modprop_parameter_find(name);
    if (p < modprop_parameter_count() && r->group[p] == 0) {
        r->group[p] = number;
    } else if (p < modprop_parameter_count()) {
        TELL(r, "zip names %s twice", name);
    } else if (strchr(name, ';')) {
        TELL(r, "zip: groups are separated by |, because ; begins a comment");
    } else if (!*name) {
        TELL(r, "zip has an empty name: is there a comma or | too many?");
    } else {
        const char *near = modprop_name_nearest(parameter_choice, name);
        TELL(r, "zip names %.60s, which is no parameter of a run%s%s%s", name,
             near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
    }
}

static void read_group(struct reading *r, char *text, size_t number)
{
    size_t members = 0;
    for (char *next = text; next; members++) {
        char *name = next + strspn(next, " \t");
        char *comma = strchr(name, ',');
        next = comma ? comma + 1 : NULL;
        size_t length = comma ? (size_t)(comma - name) : strlen(name);
        while (length && strchr(" \t", name[length - 1]))
            length--;
        name[length] = '\0';
        if (!modprop_mistakes_full(r->mistakes))
            read_member(r, name, number);
    }
    if (members < 2)
        TELL(r, "zip needs at least two keys in a group, such as zip = mu, learning_rate");
}

enum modprop_status modprop_zip_read(size_t *group, const char *text, size_t line, bool *wrong,
                                     struct modprop_mistakes *mistakes)
{
    struct reading r = {group, line, wrong, mistakes};
    memset(group, 0, modprop_parameter_count() * sizeof *group);
    if (text[strspn(text, " \t")] == '\0')
        return MODPROP_OK;
    char *copy = modprop_array_text(text, strlen(text));
    if (!copy)
        return MODPROP_NO_MEMORY;
    size_t number = 1;
    for (char *next = copy; next; number++) {
        char *start = next, *bar = strchr(start, '|');
        if (bar)
            *bar = '\0';
        next = bar ? bar + 1 : NULL;
        read_group(&r, start, number);
    }
    free(copy);
    return MODPROP_OK;
}
