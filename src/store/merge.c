#include "store/merge.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/memory.h"
#include "store/create.h"
#include "store/difference.h"
#include "store/history.h"
#include "store/lock.h"
#include "store/raw.h"
#include "store/source.h"

enum { NO_SOURCE = UINT32_MAX };

/* Where the outcome of a run of the plan comes from. */
struct choice {
    uint32_t source; /* NO_SOURCE: it stays pending */
    size_t run;      /* of the source */
};

/* A run of the plan, sorted by its key. */
struct keyed {
    uint64_t key;
    size_t run;
};

struct modprop_merge {
    const struct modprop_plan *plan;
    struct modprop_lock *lock;
    bool write;
    size_t count, room;
    struct modprop_source *source; /* [room]; the first `count` are open */
    struct choice *choice;         /* [plan->runs] */
    struct keyed *keyed;           /* [plan->runs] */
};

/* ------------------------------------------------------------------ choosing */

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

/* A result wins over a failure, and whoever came first wins over its equals. */
static int worth(int state)
{
    return state == MODPROP_RUN_DONE || state == MODPROP_RUN_DIVERGED;
}

static void choose_run(struct modprop_merge *merge, uint32_t index, size_t run)
{
    struct modprop_source *source = &merge->source[index];
    const struct keyed wanted = {.key = source->key[run]};
    const struct keyed *found = bsearch(&wanted, merge->keyed, merge->plan->runs, sizeof wanted,
                                        by_key);
    if (!found) {
        source->about.foreign++;
        return;
    }
    struct choice *choice = &merge->choice[found->run];
    struct modprop_source *other = choice->source == NO_SOURCE ? NULL
                                                               : &merge->source[choice->source];
    if (other && worth(other->scan.state[choice->run]) >= worth(source->scan.state[run])) {
        source->about.repeated++;
        return;
    }
    if (other) {
        other->about.taken--;
        other->about.repeated++;
    }
    source->about.taken++;
    *choice = (struct choice){index, run};
}

static void choose(struct modprop_merge *merge)
{
    for (size_t run = 0; run < merge->plan->runs; run++) {
        merge->keyed[run] = (struct keyed){merge->plan->key[run], run};
        merge->choice[run].source = NO_SOURCE;
    }
    qsort(merge->keyed, merge->plan->runs, sizeof *merge->keyed, by_key);
    for (uint32_t index = 0; index < merge->count; index++)
        for (size_t run = 0; run < merge->source[index].stored.runs; run++)
            if (modprop_scan_sound(&merge->source[index].scan, run))
                choose_run(merge, index, run);
}

/* ------------------------------------------------------------------ opening */

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

static enum modprop_status add_source(struct modprop_merge *merge, const char *path, bool output,
                                      struct modprop_error *err)
{
    for (size_t k = 0; k < merge->count; k++)
        if (same_file(path, merge->source[k].about.path))
            return MODPROP_OK; /* the old output, named once more */
    struct modprop_source *source = &merge->source[merge->count];
    const enum modprop_status status = modprop_source_open(source, path, err);
    if (status == MODPROP_OK) {
        source->about.output = output;
        merge->count++;
    }
    return status;
}

static enum modprop_status open_all(struct modprop_merge *merge, const char *const *path,
                                    size_t count, struct modprop_error *err)
{
    const char *output = merge->plan->output;
    enum modprop_status status = MODPROP_OK;
    if (merge->write)
        status = modprop_raw_make_folders(output, err);
    if (status == MODPROP_OK && merge->write)
        status = modprop_lock_take(&merge->lock, output, err);
    if (status == MODPROP_OK && access(output, F_OK) == 0)
        status = add_source(merge, output, true, err);
    for (size_t k = 0; status == MODPROP_OK && k < count; k++)
        status = add_source(merge, path[k], false, err);
    return status;
}

enum modprop_status modprop_merge_open(struct modprop_merge **merge,
                                       const struct modprop_plan *plan, const char *const *path,
                                       size_t count, bool write, struct modprop_error *err)
{
    *merge = NULL;
    enum modprop_status status = modprop_results_check_target(plan, err);
    if (status != MODPROP_OK)
        return status;
    struct modprop_merge *made = modprop_memory_get(1, sizeof *made);
    if (made) {
        *made = (struct modprop_merge){.plan = plan, .write = write, .room = count + 1};
        made->source = modprop_memory_get(made->room, sizeof *made->source);
        made->choice = modprop_memory_get(plan->runs, sizeof *made->choice);
        made->keyed = modprop_memory_get(plan->runs, sizeof *made->keyed);
    }
    if (!made || !made->source || !made->choice || !made->keyed)
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory to look at %zu results files",
                              count + 1);
    else
        status = open_all(made, path, count, err);
    if (status != MODPROP_OK) {
        modprop_merge_free(made);
        return status;
    }
    choose(made);
    *merge = made;
    return MODPROP_OK;
}

void modprop_merge_free(struct modprop_merge *merge)
{
    if (!merge)
        return;
    for (size_t k = 0; k < merge->count; k++)
        modprop_source_clear(&merge->source[k]);
    modprop_memory_free(merge->source);
    modprop_memory_free(merge->choice);
    modprop_memory_free(merge->keyed);
    modprop_lock_give(merge->lock);
    modprop_memory_free(merge);
}

size_t modprop_merge_sources(const struct modprop_merge *merge)
{
    return merge->count;
}

const struct modprop_merge_source *modprop_merge_source(const struct modprop_merge *merge,
                                                        size_t index)
{
    return &merge->source[index].about;
}

enum modprop_run_state modprop_merge_state(const struct modprop_merge *merge, size_t run)
{
    const struct choice *choice = &merge->choice[run];
    return choice->source == NO_SOURCE
               ? MODPROP_RUN_PENDING
               : (enum modprop_run_state)merge->source[choice->source].scan.state[choice->run];
}

static const struct modprop_source *old_output(const struct modprop_merge *merge)
{
    return merge->count && merge->source[0].about.output ? &merge->source[0] : NULL;
}

enum modprop_status modprop_merge_compare(const struct modprop_merge *merge,
                                          struct modprop_error *err)
{
    const struct modprop_source *output = old_output(merge);
    struct modprop_layout layout = {0};
    if (!output)
        return MODPROP_OK;
    enum modprop_status status = modprop_difference_check(output->file, output->about.path,
                                                          merge->plan, err);
    if (status == MODPROP_OK)
        status = modprop_layout_init(&layout, merge->plan, err);
    if (status == MODPROP_OK)
        status = modprop_stored_match(&output->stored, &layout, output->about.path, err);
    modprop_layout_clear(&layout);
    return status;
}

enum modprop_status modprop_merge_check(const struct modprop_merge *merge,
                                        struct modprop_error *err)
{
    const struct modprop_source *output = old_output(merge);
    if (!output || !output->about.foreign)
        return MODPROP_OK;
    return MODPROP_FAIL(err, MODPROP_DIFFERENT,
                        "%s: %zu of its %zu finished runs are not in this sweep and would be lost: "
                        "keep their values in the sweep file, or set another output (--extend=FILE "
                        "takes runs from any file)",
                        output->about.path, output->about.foreign, output->about.finished);
}

bool modprop_merge_needed(const struct modprop_merge *merge)
{
    bool more = false;
    for (size_t k = 0; k < merge->count; k++)
        more = more || (!merge->source[k].about.output && merge->source[k].about.taken > 0);
    return more || modprop_merge_compare(merge, NULL) != MODPROP_OK;
}

/* ------------------------------------------------------------------ writing */

/* The new file under its temporary name. */
struct writing {
    const struct modprop_merge *merge;
    const struct modprop_layout *layout;
    struct modprop_rows rows;
    struct modprop_batch batch;
    struct modprop_source_pair *pair; /* [plan->runs] */
};

static int by_from(const void *a, const void *b)
{
    const struct modprop_source_pair *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

static enum modprop_status copy_source(struct writing *w, uint32_t index, struct modprop_error *err)
{
    const struct modprop_merge *merge = w->merge;
    size_t count = 0;
    for (size_t run = 0; run < merge->plan->runs; run++)
        if (merge->choice[run].source == index)
            w->pair[count++] = (struct modprop_source_pair){merge->choice[run].run, run};
    qsort(w->pair, count, sizeof *w->pair, by_from);
    return modprop_source_copy(&merge->source[index], w->pair, count, &w->rows, &w->batch, err);
}

/* The lines that say when the old output was started. */
static enum modprop_status copy_log(struct writing *w, uint64_t place, struct modprop_error *err)
{
    const struct modprop_source *output = old_output(w->merge);
    if (!output || !output->log || !place)
        return MODPROP_OK;
    return modprop_history_copy(output->fd, output->log, output->about.path, w->rows.fd, place,
                                w->rows.path, err);
}

static enum modprop_status open_rows(struct writing *w, const char *path, uint64_t *log,
                                     struct modprop_error *err)
{
    hid_t file = -1;
    const size_t runs = w->merge->plan->runs;
    w->rows.path = path;
    w->rows.fd = open(path, O_RDWR | O_CLOEXEC);
    w->rows.prefix = modprop_memory_get(runs, sizeof *w->rows.prefix);
    w->rows.image = modprop_memory_get(w->layout->bytes, 1);
    w->pair = modprop_memory_get(runs, sizeof *w->pair);
    if (!modprop_batch_init(&w->batch, w->layout) || !w->rows.prefix || !w->rows.image || !w->pair)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its %zu runs", path, runs);
    enum modprop_status status = modprop_h5_open(&file, path, err);
    if (status == MODPROP_OK)
        status = modprop_stored_find(&w->rows.stored, file, path, err);
    *log = status == MODPROP_OK ? modprop_history_find(file) : 0;
    modprop_h5_drop(file);
    return status;
}

static void clear(struct writing *w)
{
    if (w->rows.fd >= 0)
        (void)close(w->rows.fd); /* synced by whoever makes the file */
    modprop_stored_clear(&w->rows.stored);
    modprop_batch_clear(&w->batch);
    modprop_memory_free(w->rows.prefix);
    modprop_memory_free(w->rows.image);
    modprop_memory_free(w->pair);
}

/* A modprop_create_more. */
static enum modprop_status fill(void *context, const char *path, struct modprop_error *err)
{
    struct writing *w = context;
    uint64_t log = 0;
    enum modprop_status status = open_rows(w, path, &log, err);
    if (status == MODPROP_OK)
        status = copy_log(w, log, err);
    for (uint32_t index = 0; status == MODPROP_OK && index < w->merge->count; index++)
        status = copy_source(w, index, err);
    clear(w);
    return status;
}

/* "2026-11-25T01:04:55Z: extended by modprop_sweep ...: 120 runs from old.h5, 40 fresh". */
static char *describe(const struct modprop_merge *merge, const char *what, const char *command)
{
    const char *old = old_output(merge) ? old_output(merge)->history : "";
    char *line = NULL, *history = NULL, date[40];
    size_t size = 0, fresh = merge->plan->runs;
    FILE *text = open_memstream(&line, &size);
    if (!text)
        return NULL;
    modprop_history_date(date, sizeof date);
    fprintf(text, "%s: %s %s:", date, what, command ? command : "modprop");
    for (size_t k = 0; k < merge->count; k++) {
        const struct modprop_merge_source *about = &merge->source[k].about;
        fresh -= about->taken;
        if (about->taken)
            fprintf(text, " %zu runs reused from %s,", about->taken,
                    about->output ? "the file before" : about->path);
    }
    fprintf(text, " %zu fresh", fresh);
    if (fclose(text) == 0)
        history = modprop_history_add(old, line);
    free(line);
    return history;
}

/* The file itself where the output is a link to it, so that the link stays. The caller frees it
 * with free(). */
static char *target_of(const char *output)
{
    char *real = realpath(output, NULL);
    return real ? real : strdup(output);
}

enum modprop_status modprop_merge_write(struct modprop_merge *merge, const char *what,
                                        const struct modprop_provenance *provenance,
                                        struct modprop_error *err)
{
    struct modprop_layout layout = {0};
    struct modprop_provenance told = *provenance;
    char *target = target_of(merge->plan->output);
    char *history = describe(merge, what, provenance->command_line);
    told.history = history;
    enum modprop_status status = modprop_merge_check(merge, err);
    if (status == MODPROP_OK && (!target || !history))
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its history",
                              merge->plan->output);
    if (status == MODPROP_OK)
        status = modprop_layout_init(&layout, merge->plan, err);
    if (status == MODPROP_OK) {
        struct writing w = {.merge = merge, .layout = &layout};
        w.rows = (struct modprop_rows){.plan = merge->plan, .layout = &layout, .fd = -1};
        status = modprop_create_file(target, &layout, merge->plan, &told, fill, &w, err);
    }
    modprop_layout_clear(&layout);
    modprop_memory_free(history);
    free(target);
    return status;
}
