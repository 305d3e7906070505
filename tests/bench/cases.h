/*
 * cases.h - what is measured: a rule at a size, at the first iterations or after some training, and
 * which part of the work.
 */
#ifndef BENCH_CASES_H
#define BENCH_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "modprop.h"

/* A learning rule with the settings that make it another computation. */
struct bench_rule {
    const char *name;
    const char *settings[5][2]; /* parameter, value; up to a NULL */
};

/* index-th rule, NULL past the last; the rule of that name, NULL if there is none. */
const struct bench_rule *bench_rule_at(size_t index);
const struct bench_rule *bench_rule_find(const char *name);

enum bench_work {
    BENCH_ITERATION, /* a whole training iteration: modprop_run_step */
    BENCH_GRADIENT,  /* trials, forward pass and gradient */
    BENCH_FORWARD,   /* trials and forward pass */
    BENCH_TRIALS,    /* the inputs alone */
    BENCH_EVALUATION /* modprop_run_evaluate */
};

struct bench_size {
    long n, T, B, seed;
    long seeds; /* one after the other, round by round: seed, seed + 1, ... */
};

enum { BENCH_SEEDS = 5 }; /* most */

struct bench_case {
    const char *group; /* measured together; the plot selects by it */
    const struct bench_rule *rule;
    struct bench_size size;
    enum bench_work work;
    long first;                   /* iterations trained before measuring */
    struct modprop_config config; /* of the first seed */
    char skipped[160];            /* why it is not measured; empty: it is */
};

struct bench_list {
    struct bench_case *items; /* owned */
    size_t count;
};

const char *bench_work_name(enum bench_work work);

/* 2 n^2 T B: operations of a dense forward pass's recurrent products. */
double bench_dense(const struct bench_size *size);

/* Appends one case; a configuration the engine refuses is kept with its reason. false: no memory.
 */
bool bench_list_add(struct bench_list *list, const char *group, const struct bench_rule *rule,
                    struct bench_size size, enum bench_work work, long first);
void bench_list_free(struct bench_list *list);

/* The sets. `middle` is the size around which the series vary; all return false without memory. */
bool bench_list_rules(struct bench_list *list, struct bench_size middle, long trained);
bool bench_list_phases(struct bench_list *list, const struct bench_rule *rule,
                       struct bench_size middle, long trained);
bool bench_list_scaling(struct bench_list *list, struct bench_size middle);
bool bench_list_grid(struct bench_list *list);

#endif
