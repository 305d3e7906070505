#include "sweep/hashmap.h"

#include <stdlib.h>

/* The slot of a hash, or the free one where it would go: open addressing, one step at a time. */
static struct modprop_hashmap_slot *look_up(struct modprop_hashmap_slot *slot, size_t slots,
                                            uint64_t hash)
{
    size_t at = (size_t)hash & (slots - 1);
    while (slot[at].used && slot[at].hash != hash)
        at = (at + 1) & (slots - 1);
    return &slot[at];
}

/* Twice the slots, so that at most half are in use. */
static bool grow(struct modprop_hashmap *table)
{
    enum { LEAST = 64 };
    const size_t slots = table->slots ? 2 * table->slots : LEAST;
    struct modprop_hashmap_slot *slot = calloc(slots, sizeof *slot);
    if (!slot)
        return false;
    for (size_t k = 0; k < table->slots; k++)
        if (table->slot[k].used)
            *look_up(slot, slots, table->slot[k].hash) = table->slot[k];
    free(table->slot);
    table->slot = slot;
    table->slots = slots;
    return true;
}

bool modprop_hashmap_put(struct modprop_hashmap *table, uint64_t hash, uint32_t number,
                         uint32_t *found)
{
    if (2 * (table->count + 1) > table->slots && !grow(table))
        return false;
    struct modprop_hashmap_slot *slot = look_up(table->slot, table->slots, hash);
    if (!slot->used) {
        *slot = (struct modprop_hashmap_slot){hash, number, 1};
        table->count++;
    }
    *found = slot->number;
    return true;
}

void modprop_hashmap_clear(struct modprop_hashmap *table)
{
    free(table->slot);
    *table = (struct modprop_hashmap){0};
}
