#include "store/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/memory.h"
#include "store/history.h"
#include "store/raw.h"

enum { KEY_LENGTH = 16, BLOCK_BYTES = 1 << 20 };

/* ------------------------------------------------------------------ opening */

static enum modprop_status read_text(const struct modprop_source *source, const char *name,
                                     char **text, struct modprop_error *err)
{
    const enum modprop_status status = modprop_h5_text(source->file, name, text, err);
    if (status == MODPROP_OK && !*text && !(*text = modprop_memory_get(1, 1)))
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory to read it", source->about.path);
    return status;
}

static enum modprop_status read_texts(struct modprop_source *source, struct modprop_error *err)
{
    const struct {
        const char *name;
        char **text;
    } all[] = {{"sweep_text", &source->text},
               {"history", &source->history},
               {"plan_hash", &source->hash},
               {"sweep_file", &source->sweep_file},
               {"shard", &source->shard}};
    enum modprop_status status = MODPROP_OK;
    for (size_t k = 0; status == MODPROP_OK && k < sizeof all / sizeof *all; k++)
        status = read_text(source, all[k].name, all[k].text, err);
    source->about.sweep_file = source->sweep_file;
    source->about.shard = source->shard;
    return status;
}

static const struct modprop_stored_variable *find(const struct modprop_source *source,
                                                  const char *name)
{
    for (size_t k = 0; k < source->stored.count; k++)
        if (strcmp(source->stored.variable[k].name, name) == 0)
            return &source->stored.variable[k];
    return NULL;
}

static enum modprop_status read_keys(struct modprop_source *source, struct modprop_error *err)
{
    const char *path = source->about.path;
    const size_t runs = source->stored.runs;
    const struct modprop_stored_variable *variable = find(source, "run_key");
    if (!variable || variable->element != MODPROP_CHAR || variable->bytes != KEY_LENGTH)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: damaged: its run_key is missing", path);
    char *text = modprop_memory_get(runs, KEY_LENGTH);
    source->key = modprop_memory_get(runs, sizeof *source->key);
    enum modprop_status status = text && source->key
                                     ? modprop_raw_read(source->fd, text, runs * KEY_LENGTH,
                                                        variable->offset, path, err)
                                     : MODPROP_FAIL(err, MODPROP_NO_MEMORY,
                                                    "%s: no memory for its %zu runs", path, runs);
    for (size_t run = 0; status == MODPROP_OK && run < runs; run++) {
        char key[KEY_LENGTH + 1] = "";
        memcpy(key, text + run * KEY_LENGTH, KEY_LENGTH);
        source->key[run] = strtoull(key, NULL, 16); /* a damaged one shows in the checksum */
    }
    modprop_memory_free(text);
    return status;
}

/* Rows that fill a block with the widest of their variables. */
static size_t rows_at_once(const struct modprop_stored *stored)
{
    size_t widest = 1;
    for (size_t k = 0; k < stored->count; k++)
        widest = stored->variable[k].bytes > widest ? stored->variable[k].bytes : widest;
    return widest < BLOCK_BYTES ? BLOCK_BYTES / widest : 1;
}

static enum modprop_status open_all(struct modprop_source *source, struct modprop_error *err)
{
    const char *path = source->about.path;
    enum modprop_status status = modprop_stored_open(&source->file, path, err);
    if (status == MODPROP_OK && (source->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        status = MODPROP_FAIL(err, MODPROP_IO, "%s: %s", path, strerror(errno));
    if (status == MODPROP_OK)
        status = modprop_stored_find(&source->stored, source->file, path, err);
    if (status == MODPROP_OK)
        status = read_texts(source, err);
    if (status == MODPROP_OK)
        status = read_keys(source, err);
    if (status == MODPROP_OK)
        status = modprop_scan_read(&source->scan, source->fd, &source->stored, 0, path, err);
    if (status != MODPROP_OK)
        return status;
    source->log = modprop_history_find(source->file);
    source->at_once = rows_at_once(&source->stored);
    source->about.runs = source->stored.runs;
    for (size_t run = 0; run < source->scan.runs; run++) {
        source->about.finished += modprop_scan_finished(source->scan.state[run]);
        source->about.damaged += modprop_scan_finished(source->scan.state[run]) &&
                                 !modprop_scan_sound(&source->scan, run);
    }
    return MODPROP_OK;
}

enum modprop_status modprop_source_open(struct modprop_source *source, const char *path,
                                        struct modprop_error *err)
{
    *source = (struct modprop_source){.about = {.path = path}, .file = -1, .fd = -1};
    const enum modprop_status status = open_all(source, err);
    if (status != MODPROP_OK)
        modprop_source_clear(source);
    return status;
}

void modprop_source_clear(struct modprop_source *source)
{
    if (source->fd >= 0)
        (void)close(source->fd); /* opened for reading: nothing can be lost */
    modprop_h5_drop(source->file);
    modprop_stored_clear(&source->stored);
    modprop_scan_clear(&source->scan);
    modprop_memory_free(source->key);
    modprop_memory_free(source->text);
    modprop_memory_free(source->history);
    modprop_memory_free(source->hash);
    modprop_memory_free(source->sweep_file);
    modprop_memory_free(source->shard);
    *source = (struct modprop_source){.file = -1, .fd = -1};
}

/* ------------------------------------------------------------------ copying */

/* What is open while runs are copied. */
struct copying {
    const struct modprop_source *source;
    struct modprop_rows *rows;
    struct modprop_batch *batch;
    unsigned char *block;  /* one variable of neighbouring rows */
    unsigned char **image; /* [at_once]; of these rows in the batch */
    uint32_t *crc;         /* [at_once] */
    struct modprop_error *err;
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One run's values of a variable, whose axes may have other lengths in the new file; where the new
 * ones are longer, the image holds the fill value already. */
static void adapt(unsigned char *to, const struct modprop_variable *variable,
                  const unsigned char *from, const struct modprop_stored_variable *stored)
{
    const size_t element = modprop_layout_element_size(stored->element), rank = stored->rank;
    const size_t *theirs = stored->width, *ours = variable->width;
    const size_t lines = rank > 2 ? smaller(theirs[1], ours[1]) : 1;
    const size_t from_line = rank > 1 ? theirs[rank - 1] * element : element;
    const size_t to_line = rank > 1 ? ours[rank - 1] * element : element;
    for (size_t k = 0; k < lines; k++)
        memcpy(to + k * to_line, from + k * from_line, smaller(from_line, to_line));
}

/* The new file's variable of the name, if it is of the outcome and of the same kind. */
static const struct modprop_variable *counterpart(const struct modprop_layout *layout,
                                                  const struct modprop_stored_variable *stored)
{
    for (size_t k = layout->planned; k < layout->count; k++)
        if (strcmp(layout->variable[k].name, stored->name) == 0)
            return layout->variable[k].element == stored->element &&
                           layout->variable[k].rank == stored->rank
                       ? &layout->variable[k]
                       : NULL;
    return NULL;
}

/* Takes one variable of `count` neighbouring rows into their images and checksums. */
static enum modprop_status copy_variable(struct copying *c, size_t k, size_t first, size_t count)
{
    const struct modprop_stored_variable *stored = &c->source->stored.variable[k];
    const struct modprop_variable *variable = counterpart(c->rows->layout, stored);
    const enum modprop_status status = modprop_raw_read(
        c->source->fd, c->block, count * stored->bytes,
        stored->offset + (uint64_t)first * stored->bytes, c->source->about.path, c->err);
    for (size_t row = 0; status == MODPROP_OK && row < count; row++) {
        const unsigned char *bytes = c->block + row * stored->bytes;
        c->crc[row] = (uint32_t)crc32_z(c->crc[row], bytes, stored->bytes);
        if (variable)
            adapt(c->image[row] + variable->place, variable, bytes, stored);
    }
    return status;
}

/* An image in which nothing is known. */
static void blank(const struct modprop_rows *rows, unsigned char *image)
{
    const struct modprop_row none = {.plan = rows->plan, .outcome = &modprop_layout_nothing};
    for (size_t k = rows->layout->planned; k < rows->layout->count; k++)
        modprop_layout_put(&rows->layout->variable[k], &none,
                           image + rows->layout->variable[k].place);
}

/* Copies rows that are neighbours in the source into the batch, which has room. */
static enum modprop_status copy_stretch(struct copying *c, const struct modprop_source_pair *pair,
                                        size_t count)
{
    const struct modprop_stored *stored = &c->source->stored;
    enum modprop_status status = MODPROP_OK;
    for (size_t row = 0; row < count; row++) {
        c->image[row] = modprop_batch_add(c->batch, pair[row].to);
        c->crc[row] = 0;
        blank(c->rows, c->image[row]);
    }
    for (size_t k = 0; status == MODPROP_OK && k < stored->count; k++)
        if (k != stored->checksum)
            status = copy_variable(c, k, pair->from, count);
    for (size_t row = 0; status == MODPROP_OK && row < count; row++) {
        if ((int64_t)c->crc[row] != c->source->scan.checksum[pair[row].from])
            status = MODPROP_FAIL(c->err, MODPROP_BUSY,
                                  "%s: run %zu changed while it was being copied; run the same "
                                  "command again",
                                  c->source->about.path, pair[row].from);
        c->rows->prefix[pair[row].to] = modprop_rows_planned(c->rows, pair[row].to);
        modprop_rows_seal(c->rows, pair[row].to, c->image[row]);
    }
    return status;
}

static enum modprop_status copy_all(struct copying *c, const struct modprop_source_pair *pair,
                                    size_t count)
{
    enum modprop_status status = MODPROP_OK;
    for (size_t k = 0, length; status == MODPROP_OK && k < count; k += length) {
        const size_t room = smaller(c->source->at_once, c->batch->room - c->batch->count);
        length = 1;
        while (length < room && k + length < count &&
               pair[k + length].from == pair[k].from + length)
            length++;
        status = copy_stretch(c, pair + k, length);
        if (status == MODPROP_OK && c->batch->count == c->batch->room)
            status = modprop_batch_write(c->batch, c->rows, c->err);
    }
    return status == MODPROP_OK && c->batch->count ? modprop_batch_write(c->batch, c->rows, c->err)
                                                   : status;
}

enum modprop_status modprop_source_copy(const struct modprop_source *source,
                                        const struct modprop_source_pair *pair, size_t count,
                                        struct modprop_rows *rows, struct modprop_batch *batch,
                                        struct modprop_error *err)
{
    struct copying c = {.source = source, .rows = rows, .batch = batch, .err = err};
    size_t widest = 1;
    for (size_t k = 0; k < source->stored.count; k++)
        widest = source->stored.variable[k].bytes > widest ? source->stored.variable[k].bytes
                                                           : widest;
    c.block = modprop_memory_get(source->at_once, widest);
    c.image = modprop_memory_get(source->at_once, sizeof *c.image);
    c.crc = modprop_memory_get(source->at_once, sizeof *c.crc);
    const enum modprop_status status = c.block && c.image && c.crc
                                           ? copy_all(&c, pair, count)
                                           : MODPROP_FAIL(err, MODPROP_NO_MEMORY,
                                                          "%s: no memory to copy its runs",
                                                          source->about.path);
    modprop_memory_free(c.block);
    modprop_memory_free(c.image);
    modprop_memory_free(c.crc);
    return status;
}
