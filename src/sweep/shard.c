#include "sweep/shard.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "sweep/array.h"
#include "sweep/key.h"

enum { MOST_SHARDS = 1000000, SUFFIX_LENGTH = 64 };

/* ------------------------------------------------------------------ "3/8" */

/* A number from 1 on at *text, which moves behind it. */
static bool read_number(const char **text, size_t *number)
{
    char *end;
    if (!isdigit((unsigned char)**text))
        return false;
    errno = 0;
    const unsigned long long value = strtoull(*text, &end, 10);
    *number = (size_t)value;
    *text = end;
    return !errno && value <= MOST_SHARDS;
}

enum modprop_status modprop_shard_read(const char *text, size_t *shard, size_t *shards,
                                       struct modprop_error *err)
{
    const char *at = text;
    if (!read_number(&at, shard) || *at++ != '/' || !read_number(&at, shards) || *at)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "--shard %.40s: write it as 3/8, the third of eight parts", text);
    if (*shard < 1)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "--shard %.40s: parts are counted from 1 (in SLURM: --array=1-%zu)",
                            text, *shards ? *shards : 8);
    if (*shard > *shards)
        return MODPROP_FAIL(err, MODPROP_INVALID, "--shard %.40s: there are only %zu parts", text,
                            *shards);
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ names */

/* Where ".shard-3-of-8" goes: before the ending of the file's name, if it has one. */
static const char *ending_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return dot && dot > name ? dot : path + strlen(path);
}

char *modprop_shard_path(const char *output, size_t shard, size_t shards)
{
    const char *ending = ending_of(output);
    const size_t size = strlen(output) + SUFFIX_LENGTH;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%.*s.shard-%zu-of-%zu%s", (int)(ending - output), output, shard,
                 shards, ending);
    return path;
}

/* Length of ".shard-3-of-8" at `text`, 0 if there is none. */
static size_t suffix_length(const char *text, size_t *shard, size_t *shards)
{
    static const char first[] = ".shard-", second[] = "-of-";
    const char *at = text;
    if (strncmp(at, first, sizeof first - 1) != 0)
        return 0;
    at += sizeof first - 1;
    if (!read_number(&at, shard) || strncmp(at, second, sizeof second - 1) != 0)
        return 0;
    at += sizeof second - 1;
    if (!read_number(&at, shards) || *shard < 1 || *shard > *shards)
        return 0;
    return (size_t)(at - text);
}

char *modprop_shard_whole_path(const char *path)
{
    char *whole = modprop_array_text(path, strlen(path));
    for (const char *at = strchr(path, '.'); whole && at; at = strchr(at + 1, '.')) {
        size_t shard, shards;
        const size_t length = suffix_length(at, &shard, &shards);
        const char *rest = at + length;
        if (length && (*rest == '\0' || (*rest == '.' && !strpbrk(rest + 1, "./"))))
            memmove(whole + (at - path), rest, strlen(rest) + 1);
    }
    return whole;
}

bool modprop_shard_match(const char *name, const char *output, size_t *shard, size_t *shards)
{
    const char *ending = ending_of(output);
    const size_t stem = (size_t)(ending - output);
    if (strncmp(name, output, stem) != 0)
        return false;
    const size_t length = suffix_length(name + stem, shard, shards);
    return length && strcmp(name + stem + length, ending) == 0;
}

/* ------------------------------------------------------------------ the cut */

/* A run and the place of its seed in the order of the plan. */
struct place {
    double seed;
    size_t order, run;
};

static int by_seed(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->seed != y->seed)
        return x->seed < y->seed ? -1 : 1;
    return (x->run > y->run) - (x->run < y->run);
}

static int by_order(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return (x->run > y->run) - (x->run < y->run);
}

static int by_run(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return (x->run > y->run) - (x->run < y->run);
}

/* All runs, seed after seed, the seed first met in the plan first. */
static struct place *line_up(const struct modprop_plan *plan)
{
    const size_t seed = modprop_parameter_find("seed");
    struct place *place = calloc(plan->runs + 1, sizeof *place);
    if (!place)
        return NULL;
    for (size_t run = 0; run < plan->runs; run++)
        place[run] = (struct place){plan->values[run * plan->parameters + seed], 0, run};
    qsort(place, plan->runs, sizeof *place, by_seed);
    for (size_t k = 0; k < plan->runs; k++)
        place[k].order = k > 0 && place[k].seed == place[k - 1].seed ? place[k - 1].order
                                                                     : place[k].run;
    qsort(place, plan->runs, sizeof *place, by_order);
    return place;
}

/* Numbers the conditions of the runs that are left; renamed[] is zeroed. */
static void number_conditions(struct modprop_plan *plan, uint32_t *renamed)
{
    plan->conditions = 0;
    for (size_t run = 0; run < plan->runs; run++) {
        uint32_t *name = &renamed[plan->condition[run]];
        if (*name == 0) {
            *name = (uint32_t)++plan->conditions;
            plan->condition_first[*name - 1] = (uint32_t)run;
            plan->condition_runs[*name - 1] = 0;
        }
        plan->condition[run] = *name - 1;
        plan->condition_runs[*name - 1]++;
    }
}

/* Moves the `count` runs of `place`, which ascend, to the beginning. */
static void keep(struct modprop_plan *plan, const struct place *place, size_t count)
{
    plan->hash = 0;
    for (size_t k = 0; k < count; k++) {
        const size_t run = place[k].run;
        memmove(&plan->values[k * plan->parameters], &plan->values[run * plan->parameters],
                plan->parameters * sizeof *plan->values);
        plan->key[k] = plan->key[run];
        plan->variant[k] = plan->variant[run];
        plan->condition[k] = plan->condition[run];
        plan->hash = modprop_key_chain(plan->hash, plan->key[k]);
    }
    plan->runs = count;
}

enum modprop_status modprop_shard_cut(struct modprop_plan *plan, size_t shard, size_t shards,
                                      struct modprop_error *err)
{
    const size_t first = plan->runs * (shard - 1) / shards, end = plan->runs * shard / shards;
    char *output = modprop_shard_path(plan->output, shard, shards);
    struct place *place = line_up(plan);
    uint32_t *renamed = calloc(plan->conditions + 1, sizeof *renamed);
    if (!output || !place || !renamed) {
        free(output);
        free(place);
        free(renamed);
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory to cut the sweep into %zu parts",
                            shards);
    }
    qsort(place + first, end - first, sizeof *place, by_run);
    keep(plan, place + first, end - first);
    number_conditions(plan, renamed);
    free(plan->output);
    plan->output = output;
    plan->shard = shard;
    plan->shards = shards;
    free(place);
    free(renamed);
    return MODPROP_OK;
}
