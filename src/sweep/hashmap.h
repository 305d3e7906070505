/*
 * hashmap.h - a hash table from 64-bit hashes to numbers, for hashes that are mixed already.
 */
#ifndef MODPROP_SWEEP_HASHMAP_H
#define MODPROP_SWEEP_HASHMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct modprop_hashmap_slot {
    uint64_t hash;
    uint32_t number;
    uint32_t used;
};

/* Zero-initialise. */
struct modprop_hashmap {
    size_t count, slots; /* slots: a power of two */
    struct modprop_hashmap_slot *slot;
};

/* *found: the number that has this hash, `number` itself where it is new and was put in. false if
 * an allocation was refused; the table is then as before. */
bool modprop_hashmap_put(struct modprop_hashmap *table, uint64_t hash, uint32_t number,
                         uint32_t *found);
void modprop_hashmap_clear(struct modprop_hashmap *table);

#endif
