/*
 * combinations.h - comparisons without a file: what a row says, and those of every kind of units, by
 * every rule, by every method it has, against plain loops. Whoever adds to one of the tables is asked
 * for plain loops by `--check`.
 */
#ifndef MODPROP_CHECK_COMBINATIONS_H
#define MODPROP_CHECK_COMBINATIONS_H

#include "check/draw.h"
#include "check/witness.h"

/* How a side computes: a rule and its settings. */
struct modprop_way {
    const char *rule, *path, *feedback; /* NULL: offline, cell */
    double mu;
    long types, window; /* types 0: 1 */
    bool random;        /* learning signal */
    double rate_cost;
    bool own;    /* feedback weights of their own */
    int mu_mode; /* enum modprop_mu_mode */
    int mu_pool; /* enum modprop_mu_pool */
};

struct modprop_comparison {
    const char *subject;
    const struct modprop_draw_setting *setting;
    struct modprop_way way; /* the engine's */
    modprop_witness *witness;
    struct modprop_way witness_way; /* without a rule: the same */
};

/* A comparison with what it points to. */
struct modprop_combination {
    struct modprop_comparison comparison;
    struct modprop_draw_setting setting;
    char subject[64];
};

size_t modprop_combinations_count(void);
void modprop_combinations_at(size_t index, struct modprop_combination *combination);

#endif
