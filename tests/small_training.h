/*
 * small_training.h - runs of the small delayed XOR, whole or step by step, for tests of training.
 */
#ifndef MODPROP_TESTS_SMALL_TRAINING_H
#define MODPROP_TESTS_SMALL_TRAINING_H

#include <stdlib.h>
#include <string.h>

#include "small_run.h"

#include "engine/run.h"

static inline struct modprop_run *create(const struct modprop_config *config)
{
    struct modprop_error err = {0};
    struct modprop_run *run;
    if (modprop_run_create(&run, config, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    return run;
}

static inline void train_steps(struct modprop_run *run, int count)
{
    struct modprop_error err = {0};
    for (int k = 0; k < count; k++)
        if (modprop_run_step(run, &err) != MODPROP_OK)
            fail_msg("%s", err.message);
}

/* A record with room for everything, of a whole run; freed by `release`. */
static inline struct modprop_record record_for(const struct modprop_config *config)
{
    struct modprop_record record = {0};
    record.evaluation = calloc(modprop_config_evaluations(config), sizeof *record.evaluation);
    record.weights = calloc(modprop_config_weights(config), sizeof *record.weights);
    assert_true(record.evaluation && record.weights);
    return record;
}

static inline void release(struct modprop_record *record)
{
    free(record->evaluation);
    free(record->weights);
}

static inline struct modprop_record train(const struct modprop_config *config)
{
    struct modprop_error err = {0};
    struct modprop_record record = record_for(config);
    if (modprop_train(config, NULL, NULL, &record, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    return record;
}

static inline bool same_weights(const struct modprop_config *config, const struct modprop_record *a,
                                const struct modprop_record *b)
{
    return memcmp(a->weights, b->weights, modprop_config_weights(config) * sizeof *a->weights) == 0;
}

/* The rules of the small run, each with its methods; rtrl with a smaller one. */
static const struct {
    const char *rule, *feedback, *path;
} ways[] = {
    {"bptt", "cell", "auto"},       {"rtrl", "cell", "auto"},       {"eprop", "cell", "online"},
    {"eprop", "cell", "offline"},   {"mdgl", "cell", "auto"},       {"mdgl", "type", "auto"},
    {"modprop", "cell", "online"},  {"modprop", "cell", "offline"}, {"modprop", "type", "online"},
    {"modprop", "type", "offline"},
};
enum { WAYS = sizeof ways / sizeof *ways };

static inline struct modprop_config way(size_t k)
{
    struct modprop_config config = small_config();
    small_set(&config, "rule", ways[k].rule);
    small_set(&config, "feedback", ways[k].feedback);
    small_set(&config, "path", ways[k].path);
    config.types_per_sign = 2;
    if (strcmp(ways[k].rule, "rtrl") == 0) {
        config.n = 12;
        config.batch = 4;
    }
    return config;
}

#endif
