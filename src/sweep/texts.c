#include "sweep/texts.h"

#include <stdio.h>
#include <stdlib.h>

#include "sweep/array.h"

bool modprop_texts_keep(struct modprop_texts *texts, double number, const char *text)
{
    if (modprop_texts_find(texts, number))
        return true;
    struct modprop_kept_text *larger = modprop_array_grow(texts->item, &texts->room,
                                                          texts->count + 1, sizeof *larger);
    if (!larger)
        return false;
    texts->item = larger;
    larger[texts->count].number = number;
    snprintf(larger[texts->count].text, sizeof larger->text, "%s", text);
    texts->count++;
    return true;
}

const char *modprop_texts_find(const struct modprop_texts *texts, double number)
{
    for (size_t k = 0; k < texts->count; k++)
        if (texts->item[k].number == number)
            return texts->item[k].text;
    return NULL;
}

void modprop_texts_clear(struct modprop_texts *texts)
{
    free(texts->item);
    *texts = (struct modprop_texts){0};
}
