#include "store/blueprint.h"

#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"
#include "store/stored.h"

/* Comes first in the block; then the variables, the iterations, and the texts, each with its '\0'. */
struct head {
    size_t runs, variables, status, checksum, evaluations;
    size_t length[MODPROP_READING_TEXTS]; /* of the texts, with the '\0' */
};

/* What is put together. */
struct making {
    const char *path;
    hid_t file;
    struct head head;
    struct modprop_stored stored;
    int64_t *iteration;
    char *text[MODPROP_READING_TEXTS]; /* NULL: the file lacks it */
    struct modprop_error *err;
};

static enum modprop_status no_memory(const struct making *r)
{
    return MODPROP_FAIL(r->err, MODPROP_NO_MEMORY, "%s: no memory for its structure", r->path);
}

/* ------------------------------------------------------------------ reading */

static enum modprop_status read_iterations(struct making *r)
{
    hsize_t count = 0, bytes = 0;
    enum modprop_status status = MODPROP_OK;
    const hid_t dataset = modprop_h5_dataset(r->file, "iteration");
    const hid_t space = dataset < 0 ? -1 : H5Dget_space(dataset);
    if (space < 0 || H5Sget_simple_extent_ndims(space) != 1 ||
        H5Sget_simple_extent_dims(space, &count, NULL) != 1 ||
        H5Fget_filesize(r->file, &bytes) < 0 || count == 0 || count > bytes)
        status = MODPROP_H5_FAIL(r->err, MODPROP_INVALID,
                                 "%s: damaged: column iteration is missing or misshapen", r->path);
    else if (!(r->iteration = calloc((size_t)count, sizeof *r->iteration)))
        status = no_memory(r);
    else if (H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, r->iteration) < 0)
        status = MODPROP_H5_FAIL(r->err, MODPROP_INVALID,
                                 "%s: damaged: column iteration cannot be read", r->path);
    r->head.evaluations = (size_t)count;
    modprop_h5_drop(space);
    modprop_h5_drop(dataset);
    return status;
}

static enum modprop_status read_texts(struct making *r)
{
    static const char *const names[MODPROP_READING_TEXTS] = {
        [MODPROP_READING_SWEEP_FILE] = "sweep_file",
        [MODPROP_READING_SWEEP_TEXT] = "sweep_text",
        [MODPROP_READING_VERSION] = "version",
        [MODPROP_READING_COMMIT] = "commit",
        [MODPROP_READING_CREATED] = "created",
        [MODPROP_READING_COMMAND_LINE] = "command_line",
        [MODPROP_READING_CPU] = "cpu",
        [MODPROP_READING_COMPILER] = "compiler",
        [MODPROP_READING_BLAS] = "blas",
        [MODPROP_READING_KERNEL] = "kernel",
        [MODPROP_READING_MPI] = "mpi",
        [MODPROP_READING_HISTORY] = "history"};
    enum modprop_status status = MODPROP_OK;
    for (size_t k = 0; status == MODPROP_OK && k < MODPROP_READING_TEXTS; k++) {
        status = modprop_h5_text(r->file, names[k], &r->text[k], r->err);
        r->head.length[k] = (r->text[k] ? strlen(r->text[k]) : 0) + 1;
    }
    return status;
}

static enum modprop_status read_all(struct making *r)
{
    enum modprop_status status = modprop_stored_open(&r->file, r->path, r->err);
    if (status == MODPROP_OK)
        status = modprop_stored_find(&r->stored, r->file, r->path, r->err);
    if (status == MODPROP_OK)
        status = read_iterations(r);
    if (status == MODPROP_OK)
        status = read_texts(r);
    r->head.runs = r->stored.runs;
    r->head.variables = r->stored.count;
    r->head.status = r->stored.status;
    r->head.checksum = r->stored.checksum;
    return status;
}

/* ------------------------------------------------------------------ block */

static char *put(char *at, const void *from, size_t bytes)
{
    memcpy(at, from, bytes);
    return at + bytes;
}

static enum modprop_status pack(const struct making *r, void **bytes, size_t *count)
{
    const size_t variables = r->head.variables * sizeof *r->stored.variable;
    *count = sizeof r->head + variables + r->head.evaluations * sizeof(double);
    for (size_t k = 0; k < MODPROP_READING_TEXTS; k++)
        *count += r->head.length[k];
    char *at = *bytes = calloc(*count, 1);
    if (!at)
        return no_memory(r);
    at = put(at, &r->head, sizeof r->head);
    at = put(at, r->stored.variable, variables);
    for (size_t k = 0; k < r->head.evaluations; k++) {
        const double iteration = (double)r->iteration[k];
        at = put(at, &iteration, sizeof iteration);
    }
    for (size_t k = 0; k < MODPROP_READING_TEXTS; k++)
        at = put(at, r->text[k] ? r->text[k] : "", r->head.length[k]);
    return MODPROP_OK;
}

enum modprop_status modprop_blueprint_read(void *path, void **bytes, size_t *count,
                                           struct modprop_error *err)
{
    struct making r = {.path = path, .file = -1, .err = err};
    enum modprop_status status = read_all(&r);
    if (status == MODPROP_OK)
        status = pack(&r, bytes, count);
    for (size_t k = 0; k < MODPROP_READING_TEXTS; k++)
        modprop_memory_free(r.text[k]);
    free(r.iteration);
    modprop_stored_clear(&r.stored);
    modprop_h5_drop(r.file);
    return status;
}

/* The next `count` things of `size` bytes; NULL: the block ends before. */
static void *next(char **at, size_t *rest, size_t count, size_t size)
{
    char *const here = *at;
    const size_t bytes = modprop_memory_product(count, size);
    if (bytes > *rest)
        return NULL;
    *at += bytes;
    *rest -= bytes;
    return here;
}

bool modprop_blueprint_unpack(struct modprop_blueprint *blueprint, void *bytes, size_t count)
{
    char *at = bytes;
    const struct head *head = next(&at, &count, 1, sizeof *head);
    if (!head)
        return false;
    *blueprint = (struct modprop_blueprint){.evaluations = head->evaluations,
                                            .stored = {.runs = head->runs,
                                                       .count = head->variables,
                                                       .status = head->status,
                                                       .checksum = head->checksum}};
    struct modprop_stored *stored = &blueprint->stored;
    stored->variable = next(&at, &count, stored->count, sizeof *stored->variable);
    if (!stored->variable)
        return false;
    blueprint->iteration = next(&at, &count, head->evaluations, sizeof *blueprint->iteration);
    if (!blueprint->iteration)
        return false;
    for (size_t k = 0; k < MODPROP_READING_TEXTS; k++) {
        const char *text = next(&at, &count, head->length[k], 1);
        if (!text || head->length[k] == 0 || text[head->length[k] - 1] != '\0')
            return false;
        blueprint->text[k] = text;
    }
    return count == 0;
}
