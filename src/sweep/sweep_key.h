/*
 * sweep_key.h - the keys of [sweep] that steer the sweep and are no parameters of a run.
 */
#ifndef MODPROP_SWEEP_SWEEP_KEY_H
#define MODPROP_SWEEP_SWEEP_KEY_H

#include "sweep/plan.h"

/* Rows of the table of keys (modprop_sweep_key_at). */
enum modprop_sweep_key_index {
    MODPROP_SWEEP_KEY_OUTPUT,
    MODPROP_SWEEP_KEY_ORDER,
    MODPROP_SWEEP_KEY_ZIP,
    MODPROP_SWEEP_KEY_SAMPLES,
    MODPROP_SWEEP_KEY_SAMPLE_SEED,
    MODPROP_SWEEP_KEY_SAVE_WEIGHTS,
    MODPROP_SWEEP_KEY_TIMEOUT_S,
    MODPROP_SWEEP_KEY_CHECKPOINT_S,
    MODPROP_SWEEP_KEYS
};

enum modprop_sweep_order { MODPROP_ORDER_BALANCED, MODPROP_ORDER_CONDITIONS };

struct modprop_sweep_settings {
    char *output; /* owned; NULL: not given */
    enum modprop_sweep_order order;
    size_t samples; /* 0: nothing is drawn */
    uint32_t sample_seed;
    bool save_weights;
    double timeout_s;
    double checkpoint_s;
};

/* The settings of a file that gives none. */
void modprop_sweep_key_defaults(struct modprop_sweep_settings *settings);
void modprop_sweep_key_clear(struct modprop_sweep_settings *settings);

/* Row of that name, or MODPROP_SWEEP_KEYS. */
size_t modprop_sweep_key_find(const char *name);

/* Reads the value of one key; that of zip is left to zip.h. Errors: MODPROP_INVALID,
 * MODPROP_NO_MEMORY. */
enum modprop_status modprop_sweep_key_set(struct modprop_sweep_settings *settings, size_t index,
                                          const char *text, struct modprop_error *err);

#endif
