/*
 * small_run.h - a delayed XOR that trains in a second, for tests of the engine.
 */
#ifndef MODPROP_TESTS_SMALL_RUN_H
#define MODPROP_TESTS_SMALL_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "modprop.h"

/* Sets one parameter; fails the test with the engine's own words. */
static inline void small_set(struct modprop_config *config, const char *name, const char *value)
{
    struct modprop_error err = {0};
    if (modprop_config_set(config, name, value, &err) != MODPROP_OK)
        fail_msg("%s = %s: %s", name, value, err.message);
}

/* 30 units, 60 steps, 16 trials. */
static inline struct modprop_config small_config(void)
{
    struct modprop_config config;
    modprop_config_init(&config);
    config.n = 30;
    config.tau_ms = 20;
    config.cue_ms = 20;
    config.delay_ms = 20;
    config.batch = 16;
    config.iterations = 20;
    config.learning_rate = 5e-3;
    return config;
}

#endif
