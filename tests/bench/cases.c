#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The names of --case. The first of modprop is the published one. */
static const struct bench_rule rules[] = {
    {"eprop", {{"rule", "eprop"}, {"path", "online"}}},
    {"modprop", {{"rule", "modprop"}, {"path", "online"}, {"mu", "0.25"}}},
    {"modprop-type1",
     {{"rule", "modprop"}, {"path", "online"}, {"mu", "0.25"}, {"feedback", "type"}}},
    {"modprop-type23",
     {{"rule", "modprop"},
      {"path", "online"},
      {"mu", "0.25"},
      {"feedback", "type"},
      {"types_per_sign", "23"}}},
    {"modprop-offline", {{"rule", "modprop"}, {"path", "offline"}, {"mu", "0.25"}}},
    {"mdgl", {{"rule", "mdgl"}, {"path", "online"}}},
    {"mdgl-offline", {{"rule", "mdgl"}, {"path", "offline"}}},
    {"bptt", {{"rule", "bptt"}, {"path", "offline"}}},
    {"lif", /* 8 to 10 Hz at the initial weights, alif too */
     {{"rule", "eprop"},
      {"path", "online"},
      {"units", "lif"},
      {"tau_ms", "20"},
      {"spike_threshold", "0.08"}}},
    {"alif",
     {{"rule", "eprop"},
      {"path", "offline"},
      {"units", "alif"},
      {"tau_ms", "20"},
      {"spike_threshold", "0.08"}}},
};
enum {
    RULES = sizeof rules / sizeof *rules,
    SETTINGS = sizeof rules->settings / sizeof *rules->settings
};

static const long grid_n[] = {50, 120, 250, 500, 1000};
static const long grid_T[] = {100, 900, 3000};
static const long grid_B[] = {1, 8, 32, 128};
#define COUNT(array) (sizeof(array) / sizeof *(array))

const struct bench_rule *bench_rule_at(size_t index)
{
    return index < RULES ? &rules[index] : NULL;
}

const struct bench_rule *bench_rule_find(const char *name)
{
    for (size_t k = 0; k < RULES; k++)
        if (strcmp(rules[k].name, name) == 0)
            return &rules[k];
    return NULL;
}

const char *bench_work_name(enum bench_work work)
{
    static const char *const names[] = {"iteration", "gradient", "forward", "trials", "evaluation"};
    return names[work];
}

double bench_dense(const struct bench_size *size)
{
    return 2 * (double)size->n * (double)size->n * (double)size->T * (double)size->B;
}

/* Cues as long as the published ones where the trial has room for them. */
static enum modprop_status configure(struct bench_case *c, struct modprop_error *err)
{
    const long cue_ms = c->size.T < 300 ? c->size.T / 3 : 100;
    enum modprop_status status = MODPROP_OK;
    modprop_config_init(&c->config);
    c->config.n = c->size.n;
    c->config.batch = c->size.B;
    c->config.seed = c->size.seed;
    c->config.cue_ms = cue_ms;
    c->config.delay_ms = c->size.T - 2 * cue_ms;
    for (size_t k = 0; status == MODPROP_OK && k < SETTINGS && c->rule->settings[k][0]; k++)
        status = modprop_config_set(&c->config, c->rule->settings[k][0], c->rule->settings[k][1],
                                    err);
    return status == MODPROP_OK ? modprop_config_check(&c->config, err) : status;
}

bool bench_list_add(struct bench_list *list, const char *group, const struct bench_rule *rule,
                    struct bench_size size, enum bench_work work, long first)
{
    struct modprop_error err = {0};
    struct bench_case *items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (!items)
        return false;
    list->items = items;
    struct bench_case *c = &items[list->count++];
    *c = (struct bench_case){
        .group = group, .rule = rule, .size = size, .work = work, .first = first};
    if (configure(c, &err) != MODPROP_OK)
        snprintf(c->skipped, sizeof c->skipped, "%.*s", (int)sizeof c->skipped - 1, err.message);
    return true;
}

void bench_list_free(struct bench_list *list)
{
    free(list->items);
    *list = (struct bench_list){0};
}

bool bench_list_rules(struct bench_list *list, struct bench_size middle, long trained)
{
    bool ok = true;
    for (size_t k = 0; k < RULES; k++)
        ok = ok && bench_list_add(list, "first iterations", &rules[k], middle, BENCH_ITERATION, 0);
    for (size_t k = 0; k < RULES; k++)
        ok = ok && bench_list_add(list, "trained", &rules[k], middle, BENCH_ITERATION, trained);
    return ok;
}

bool bench_list_phases(struct bench_list *list, const struct bench_rule *rule,
                       struct bench_size middle, long trained)
{
    static const enum bench_work works[] = {BENCH_TRIALS, BENCH_FORWARD, BENCH_EVALUATION,
                                            BENCH_GRADIENT, BENCH_ITERATION};
    bool ok = true;
    middle.seeds = 1; /* parts of one run */
    for (size_t k = 0; k < COUNT(works); k++)
        ok = ok && bench_list_add(list, "parts", rule, middle, works[k], trained);
    return ok;
}

bool bench_list_scaling(struct bench_list *list, struct bench_size middle)
{
    const struct bench_rule *rule = bench_rule_find("modprop");
    bool ok = true;
    for (size_t k = 0; k < COUNT(grid_n); k++)
        ok = ok &&
             bench_list_add(list, "n", rule,
                            (struct bench_size){grid_n[k], middle.T, middle.B, middle.seed, 1},
                            BENCH_ITERATION, 0);
    for (size_t k = 0; k < COUNT(grid_T); k++)
        ok = ok &&
             bench_list_add(list, "T", rule,
                            (struct bench_size){middle.n, grid_T[k], middle.B, middle.seed, 1},
                            BENCH_ITERATION, 0);
    for (size_t k = 0; k < COUNT(grid_B); k++)
        ok = ok &&
             bench_list_add(list, "B", rule,
                            (struct bench_size){middle.n, middle.T, grid_B[k], middle.seed, 1},
                            BENCH_ITERATION, 0);
    return ok;
}

/* A group per size, so that its rules are compared within the same rounds. */
bool bench_list_grid(struct bench_list *list)
{
    static char names[COUNT(grid_n) * COUNT(grid_T) * COUNT(grid_B)][32];
    size_t group = 0;
    bool ok = true;
    for (size_t i = 0; i < COUNT(grid_n); i++)
        for (size_t j = 0; j < COUNT(grid_T); j++)
            for (size_t k = 0; k < COUNT(grid_B); k++, group++) {
                const struct bench_size size = {grid_n[i], grid_T[j], grid_B[k], 1, 1};
                snprintf(names[group], sizeof names[group], "n%ld T%ld B%ld", size.n, size.T,
                         size.B);
                for (size_t r = 0; r < RULES; r++)
                    ok = ok &&
                         bench_list_add(list, names[group], &rules[r], size, BENCH_ITERATION, 0);
            }
    return ok;
}
