#include "store/checkpoints.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "store/raw.h"

enum { KEY_LETTERS = 16 };

/* ------------------------------------------------------------------ the list */

static enum modprop_status no_memory(const char *output, struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its checkpoints", output);
}

/* Whether a file's name begins with a key. */
static bool read_key(const char *name, uint64_t *key)
{
    char digits[KEY_LETTERS + 1] = "";
    for (int k = 0; k < KEY_LETTERS; k++)
        if (!isdigit((unsigned char)name[k]) && (name[k] < 'a' || name[k] > 'f'))
            return false;
    memcpy(digits, name, KEY_LETTERS);
    *key = strtoull(digits, NULL, 16);
    return true;
}

static bool is_temporary(const char *name)
{
    const size_t length = strlen(name), ending = strlen(".part");
    return length > KEY_LETTERS + ending && strcmp(name + length - ending, ".part") == 0;
}

/* One more entry, NULL: no memory. */
static struct modprop_checkpoints_entry *add(struct modprop_checkpoints *list)
{
    const bool full = (list->count & (list->count - 1)) == 0; /* room doubles */
    if (full) {
        const size_t room = list->count ? 2 * list->count : 1;
        struct modprop_checkpoints_entry *more = modprop_memory_get(room, sizeof *more);
        if (!more)
            return NULL;
        if (list->count)
            memcpy(more, list->entry, list->count * sizeof *more);
        modprop_memory_free(list->entry);
        list->entry = more;
    }
    return &list->entry[list->count++];
}

static enum modprop_status look_at(struct modprop_checkpoints *list, const char *folder,
                                   const char *name, struct modprop_error *err)
{
    struct modprop_checkpoint c = {.key = 0};
    struct modprop_error unsound = {0};
    uint64_t key;
    bool there = false;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return MODPROP_OK;
    if (!read_key(name, &key) || (name[KEY_LETTERS] && !is_temporary(name))) {
        list->foreign++;
        return MODPROP_OK;
    }
    if (name[KEY_LETTERS]) /* of a killed writer, or one that is at it now */
        return MODPROP_OK;
    const bool sound = modprop_checkpoint_peek(&c, &there, folder, key, &unsound) == MODPROP_OK;
    if (sound && !there)
        return MODPROP_OK; /* removed in the meantime */
    struct modprop_checkpoints_entry *entry = add(list);
    if (!entry)
        return no_memory(folder, err);
    *entry = (struct modprop_checkpoints_entry){.key = key, .sound = sound};
    if (sound) {
        entry->state = c.outcome.state;
        entry->iteration = c.outcome.record.iterations_done;
        entry->attempts = c.outcome.attempts;
        entry->wall_s = c.outcome.record.wall_s;
        entry->written = c.written;
    }
    return MODPROP_OK;
}

static int by_key(const void *a, const void *b)
{
    const struct modprop_checkpoints_entry *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

/* Calls a function for every name in the folder; none if it is not there. */
static enum modprop_status for_each(struct modprop_checkpoints *list, const char *folder,
                                    enum modprop_status (*visit)(struct modprop_checkpoints *,
                                                                 const char *folder,
                                                                 const char *name,
                                                                 struct modprop_error *),
                                    struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    DIR *dir = opendir(folder);
    if (!dir && (errno == ENOENT || errno == ENOTDIR))
        return MODPROP_OK;
    if (!dir)
        return MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be read: %s", folder, strerror(errno));
    struct dirent *file;
    errno = 0;
    while (status == MODPROP_OK && (file = readdir(dir)) != NULL) {
        status = visit(list, folder, file->d_name, err);
        errno = 0;
    }
    if (status == MODPROP_OK && errno)
        status = MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be read: %s", folder, strerror(errno));
    (void)closedir(dir);
    return status;
}

enum modprop_status modprop_checkpoints_list(struct modprop_checkpoints *list, const char *output,
                                             struct modprop_error *err)
{
    char *folder = modprop_checkpoint_folder(output);
    *list = (struct modprop_checkpoints){0};
    if (!folder)
        return no_memory(output, err);
    const enum modprop_status status = for_each(list, folder, look_at, err);
    if (status != MODPROP_OK)
        modprop_checkpoints_clear(list);
    else if (list->count)
        qsort(list->entry, list->count, sizeof *list->entry, by_key);
    modprop_memory_free(folder);
    return status;
}

void modprop_checkpoints_clear(struct modprop_checkpoints *list)
{
    modprop_memory_free(list->entry);
    *list = (struct modprop_checkpoints){0};
}

const struct modprop_checkpoints_entry *modprop_checkpoints_find(
    const struct modprop_checkpoints *list, uint64_t key)
{
    const struct modprop_checkpoints_entry wanted = {.key = key};
    return list->count ? bsearch(&wanted, list->entry, list->count, sizeof wanted, by_key) : NULL;
}

/* ------------------------------------------------------------------ taking in, tidying up */

static enum modprop_status remove_temporary(struct modprop_checkpoints *list, const char *folder,
                                            const char *name, struct modprop_error *err)
{
    uint64_t key;
    (void)list;
    (void)err;
    if (!read_key(name, &key) || !is_temporary(name))
        return MODPROP_OK;
    char *path = modprop_memory_get(strlen(folder) + strlen(name) + 2, 1);
    if (path) {
        strcat(strcat(strcpy(path, folder), "/"), name);
        (void)unlink(path); /* only takes up room */
        modprop_memory_free(path);
    }
    return MODPROP_OK;
}

/* Whether the file has the result of the checkpoint's attempt, or of a later one. */
static bool has_row(const struct modprop_results *results, size_t run,
                    const struct modprop_checkpoints_entry *entry)
{
    const enum modprop_run_state state = modprop_results_state(results, run);
    return state != MODPROP_RUN_PENDING && state != MODPROP_RUN_RUNNING &&
           entry->attempts <= modprop_results_attempts(results, run);
}

/* Puts a result that was kept into the file. One that is damaged is left to the run's rank. */
static enum modprop_status take(struct modprop_results *results, const struct modprop_plan *plan,
                                size_t run, const char *folder, bool *taken,
                                struct modprop_error *err)
{
    struct modprop_checkpoint c;
    struct modprop_error unsound = {0};
    struct modprop_config config;
    void *block = NULL;
    enum modprop_status status = MODPROP_OK;
    modprop_plan_config(plan, run, &config);
    (void)modprop_checkpoint_read(&c, &block, folder, plan->key[run], &unsound);
    *taken = block && c.outcome.state != MODPROP_RUN_RUNNING &&
             c.outcome.record.evaluations <= modprop_config_evaluations(&config) &&
             (c.weights == 0 || c.weights == modprop_config_weights(&config));
    if (*taken)
        status = modprop_results_write(results, run, &c.outcome, err);
    modprop_memory_free(block);
    return status;
}

enum modprop_status modprop_checkpoints_adopt(struct modprop_results *results,
                                              const struct modprop_plan *plan,
                                              struct modprop_checkpoints_found *found,
                                              struct modprop_error *err)
{
    struct modprop_checkpoints list = {0};
    char *folder = modprop_checkpoint_folder(plan->output);
    *found = (struct modprop_checkpoints_found){0};
    enum modprop_status status = folder ? modprop_checkpoints_list(&list, plan->output, err)
                                        : no_memory(plan->output, err);
    size_t known = 0;
    for (size_t run = 0; status == MODPROP_OK && list.count && run < plan->runs; run++) {
        const struct modprop_checkpoints_entry *entry = modprop_checkpoints_find(&list,
                                                                                 plan->key[run]);
        bool taken = false;
        known += entry != NULL;
        if (entry && entry->sound && entry->state != MODPROP_RUN_RUNNING &&
            !has_row(results, run, entry))
            status = take(results, plan, run, folder, &taken, err);
        found->taken += taken;
    }
    found->strange = list.foreign + list.count - known;
    if (status == MODPROP_OK && list.count)
        status = modprop_results_flush(results, err);
    for (size_t run = 0; status == MODPROP_OK && list.count && run < plan->runs; run++) {
        const struct modprop_checkpoints_entry *entry = modprop_checkpoints_find(&list,
                                                                                 plan->key[run]);
        if (entry && has_row(results, run, entry))
            status = modprop_checkpoint_remove(folder, plan->key[run], err);
    }
    if (status == MODPROP_OK)
        status = for_each(&list, folder, remove_temporary, err);
    modprop_checkpoints_clear(&list);
    modprop_memory_free(folder);
    return status;
}

void modprop_checkpoints_end(const char *output)
{
    char *folder = modprop_checkpoint_folder(output);
    if (folder)
        (void)rmdir(folder); /* fails unless it is there and empty, as it should */
    modprop_memory_free(folder);
}
