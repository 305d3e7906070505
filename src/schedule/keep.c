#include "schedule/keep.h"

#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"
#include "store/checkpoint.h"

struct modprop_kept {
    struct modprop_kept *next;
    uint64_t key;
    size_t written;
    struct modprop_job_result result; /* arrays, and the host's name, of its own */
    char host[64];
};

/* A copy of count values; *refused is set if there is no memory for it. */
static void *copy(const void *from, size_t count, size_t size, bool *refused)
{
    void *made = from && count ? modprop_memory_get(count, size) : NULL;
    if (made)
        memcpy(made, from, count * size);
    else
        *refused = *refused || (from && count);
    return made;
}

static void release(struct modprop_kept *kept)
{
    modprop_job_result_clear(&kept->result);
    modprop_memory_free(kept);
}

bool modprop_keep_add(struct modprop_keep *keep, const struct modprop_job_result *result,
                      uint64_t key, size_t written)
{
    bool refused = false;
    struct modprop_kept *kept = modprop_memory_get(1, sizeof *kept);
    if (!kept)
        return false;
    kept->key = key;
    kept->written = written;
    kept->result = *result;
    struct modprop_outcome *outcome = &kept->result.outcome;
    struct modprop_record *record = &outcome->record;
    record->evaluation = copy(record->evaluation, record->evaluations, sizeof *record->evaluation,
                              &refused);
    record->weights = copy(record->weights, result->weights, sizeof *record->weights, &refused);
    outcome->message = kept->result.message;
    strncpy(kept->host, outcome->host ? outcome->host : "", sizeof kept->host - 1);
    outcome->host = kept->host;
    if (refused) {
        release(kept);
        return false;
    }
    if (keep->last)
        keep->last->next = kept;
    else
        keep->first = kept;
    keep->last = kept;
    return true;
}

static void drop_first(struct modprop_keep *keep)
{
    struct modprop_kept *kept = keep->first;
    keep->first = kept->next;
    if (!keep->first)
        keep->last = NULL;
    release(kept);
}

void modprop_keep_release(struct modprop_keep *keep, size_t safe, const char *folder)
{
    while (keep->first && keep->first->written <= safe) {
        if (keep->first->result.checkpoint &&
            folder) /* one that stays is removed at the next start */
            (void)modprop_checkpoint_remove(folder, keep->first->key, NULL);
        drop_first(keep);
    }
}

enum modprop_status modprop_keep_save(struct modprop_keep *keep, const char *folder, size_t *count,
                                      struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    *count = 0;
    while (keep->first) {
        const struct modprop_kept *kept = keep->first;
        const struct modprop_checkpoint c = {.key = kept->key,
                                             .written = modprop_job_date(),
                                             .outcome = kept->result.outcome,
                                             .weights = kept->result.weights};
        status = modprop_checkpoint_write(folder, &c, err);
        if (status != MODPROP_OK)
            return status;
        ++*count;
        drop_first(keep);
    }
    return MODPROP_OK;
}

void modprop_keep_clear(struct modprop_keep *keep)
{
    while (keep->first)
        drop_first(keep);
}
