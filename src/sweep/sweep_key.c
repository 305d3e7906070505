#include "sweep/sweep_key.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/name.h"
#include "sweep/array.h"

#define MOST_SAMPLES 1e6
#define MOST_SECONDS 1e9

static const struct modprop_sweep_key table[MODPROP_SWEEP_KEYS] = {
    [MODPROP_SWEEP_KEY_OUTPUT] =
        {"output", "results/NAME.h5",
         "results file, relative to the current directory; NAME is the sweep file's, without .ini"},
    [MODPROP_SWEEP_KEY_ORDER] =
        {"order", "balanced",
         "balanced: every condition has one repeat before any has two; conditions: all repeats of a "
         "condition, then the next"},
    [MODPROP_SWEEP_KEY_ZIP] =
        {"zip", "",
         "keys whose values go together, first with first: mu, learning_rate; | "
         "between several groups"},
    [MODPROP_SWEEP_KEY_SAMPLES] =
        {"samples", "0",
         "draws of the keys given as uniform(a, b) or loguniform(a, b), jointly, for every condition"},
    [MODPROP_SWEEP_KEY_SAMPLE_SEED] = {"sample_seed", "1", "seed of these draws"},
    [MODPROP_SWEEP_KEY_SAVE_WEIGHTS] =
        {"save_weights", "no", "yes: the results file keeps the final weights of every run"},
    [MODPROP_SWEEP_KEY_TIMEOUT_S] = {"timeout_s", "0",
                                     "wall seconds after which a run is given up; 0: never"},
    [MODPROP_SWEEP_KEY_CHECKPOINT_S] =
        {"checkpoint_s", "60",
         "wall seconds between two checkpoints of a run; 0: only when the sweep is stopped"},
};

size_t modprop_sweep_key_count(void)
{
    return MODPROP_SWEEP_KEYS;
}

const struct modprop_sweep_key *modprop_sweep_key_at(size_t index)
{
    assert(index < MODPROP_SWEEP_KEYS);
    return &table[index];
}

size_t modprop_sweep_key_find(const char *name)
{
    size_t index = 0;
    while (index < MODPROP_SWEEP_KEYS && strcmp(table[index].name, name) != 0)
        index++;
    return index;
}

void modprop_sweep_key_defaults(struct modprop_sweep_settings *settings)
{
    *settings = (struct modprop_sweep_settings){.order = MODPROP_ORDER_BALANCED};
    for (size_t index = 0; index < MODPROP_SWEEP_KEYS; index++) {
        if (index == MODPROP_SWEEP_KEY_OUTPUT)
            continue; /* depends on the file's name */
        const enum modprop_status status = modprop_sweep_key_set(settings, index,
                                                                 table[index].fallback, NULL);
        assert(status == MODPROP_OK);
        (void)status;
    }
}

void modprop_sweep_key_clear(struct modprop_sweep_settings *settings)
{
    free(settings->output);
    settings->output = NULL;
}

static const char *order_choice(size_t index)
{
    static const char *const names[] = {"balanced", "conditions"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *yes_choice(size_t index)
{
    static const char *const names[] = {"no", "yes"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static enum modprop_status read_choice(size_t index, const char *text, modprop_name_choice *choice,
                                       size_t *chosen, struct modprop_error *err)
{
    for (size_t k = 0; choice(k); k++) {
        if (strcmp(choice(k), text) == 0) {
            *chosen = k;
            return MODPROP_OK;
        }
    }
    char known[64];
    modprop_name_list(choice, known, sizeof known);
    return MODPROP_FAIL(err, MODPROP_INVALID, "%s = %s is not known; known: %s", table[index].name,
                        text, known);
}

static enum modprop_status read_number(size_t index, const char *text, double most, bool whole,
                                       double *value, struct modprop_error *err)
{
    char *end;
    const double number = strtod(text, &end);
    if (end == text || *end != '\0')
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s = %s is not a number", table[index].name,
                            text);
    if (!(number >= 0 && number <= most) || (whole && number != floor(number)))
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s = %s must be a %snumber from 0 to %.10g",
                            table[index].name, text, whole ? "whole " : "", most);
    *value = number;
    return MODPROP_OK;
}

static enum modprop_status read_output(struct modprop_sweep_settings *settings, const char *text,
                                       struct modprop_error *err)
{
    const size_t length = strlen(text);
    if (text[0] == '"' || text[0] == '\'')
        return MODPROP_FAIL(err, MODPROP_INVALID, "output = %s: write the path without quotes",
                            text);
    if (text[length - 1] == '/')
        return MODPROP_FAIL(err, MODPROP_INVALID, "output = %s is a folder: name a file in it",
                            text);
    settings->output = modprop_array_text(text, length);
    return settings->output ? MODPROP_OK
                            : MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the sweep file");
}

enum modprop_status modprop_sweep_key_set(struct modprop_sweep_settings *settings, size_t index,
                                          const char *text, struct modprop_error *err)
{
    double number = 0;
    size_t chosen = 0;
    enum modprop_status status = MODPROP_OK;
    if (!*text && index != MODPROP_SWEEP_KEY_ZIP)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "%s has no value: give it one or take the line away",
                            table[index].name);
    switch ((enum modprop_sweep_key_index)index) {
    case MODPROP_SWEEP_KEY_OUTPUT: return read_output(settings, text, err);
    case MODPROP_SWEEP_KEY_ORDER:
        status = read_choice(index, text, order_choice, &chosen, err);
        settings->order = (enum modprop_sweep_order)chosen;
        break;
    case MODPROP_SWEEP_KEY_SAMPLES:
        status = read_number(index, text, MOST_SAMPLES, true, &number, err);
        settings->samples = (size_t)number;
        break;
    case MODPROP_SWEEP_KEY_SAMPLE_SEED:
        status = read_number(index, text, UINT32_MAX, true, &number, err);
        settings->sample_seed = (uint32_t)number;
        break;
    case MODPROP_SWEEP_KEY_SAVE_WEIGHTS:
        status = read_choice(index, text, yes_choice, &chosen, err);
        settings->save_weights = chosen == 1;
        break;
    case MODPROP_SWEEP_KEY_TIMEOUT_S:
        status = read_number(index, text, MOST_SECONDS, false, &settings->timeout_s, err);
        break;
    case MODPROP_SWEEP_KEY_CHECKPOINT_S:
        status = read_number(index, text, MOST_SECONDS, false, &settings->checkpoint_s, err);
        break;
    case MODPROP_SWEEP_KEY_ZIP:
    case MODPROP_SWEEP_KEYS: break;
    }
    return status;
}
