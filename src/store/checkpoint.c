/*
 * The file, in the byte order of the machine:
 *     header | evaluations | state | weights | message | CRC-32 of all that is before
 */
#include "store/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "store/raw.h"

enum { FORMAT = 1, HOST_LENGTH = 64 };

static const char magic[8] = "modpropC";

struct header {
    char magic[8];
    uint32_t format, evaluation_bytes; /* of one */
    uint64_t key;
    int64_t state; /* enum modprop_run_state */
    int64_t iterations_done, diverged_at, attempts, rank;
    double wall_s, cpu_s, started, heard, written;
    char host[HOST_LENGTH];
    uint64_t evaluations, state_bytes, weights, letters; /* lengths of what follows */
    uint32_t crc, zero;                                  /* of the header up to here */
};

/* ------------------------------------------------------------------ names */

char *modprop_checkpoint_folder(const char *output)
{
    return modprop_raw_beside(output, ".checkpoints");
}

/* FOLDER/KEY and an ending; the caller frees it with modprop_memory_free. */
static char *path_of(const char *folder, uint64_t key, const char *ending,
                     struct modprop_error *err)
{
    char name[160], *path;
    snprintf(name, sizeof name, "/%016" PRIx64 "%s", key, ending);
    path = modprop_raw_beside(folder, name);
    if (!path)
        MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for the name of a checkpoint", folder);
    return path;
}

/* Of this process alone: a rank that was cut off from its sweep may still be writing. */
static char *temporary_of(const char *folder, uint64_t key, struct modprop_error *err)
{
    char host[HOST_LENGTH] = "", ending[140];
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    snprintf(ending, sizeof ending, ".%s.%ld.part", host, (long)getpid());
    return path_of(folder, key, ending, err);
}

/* ------------------------------------------------------------------ writing */

static uint32_t header_crc(const struct header *h)
{
    return (uint32_t)crc32_z(0, (const unsigned char *)h, offsetof(struct header, crc));
}

static struct header header_of(const struct modprop_checkpoint *c)
{
    const struct modprop_outcome *o = &c->outcome;
    struct header h;
    memset(&h, 0, sizeof h); /* gaps and the end of the text too */
    memcpy(h.magic, magic, sizeof h.magic);
    h.format = FORMAT;
    h.evaluation_bytes = sizeof *o->record.evaluation;
    h.key = c->key;
    h.state = o->state;
    h.iterations_done = o->record.iterations_done;
    h.diverged_at = o->record.diverged_at;
    h.attempts = o->attempts;
    h.rank = o->rank;
    h.wall_s = o->record.wall_s;
    h.cpu_s = o->record.cpu_s;
    h.started = o->started;
    h.heard = o->heard;
    h.written = c->written;
    snprintf(h.host, sizeof h.host, "%s", o->host ? o->host : "");
    h.evaluations = o->record.evaluations;
    h.state_bytes = c->state ? c->state_bytes : 0;
    h.weights = o->record.weights ? c->weights : 0;
    h.letters = o->message ? strlen(o->message) : 0;
    h.crc = header_crc(&h);
    return h;
}

/* A file that is being written from its start to its end. */
struct stream {
    int fd;
    const char *path;
    uint64_t at;
    uint32_t crc;
};

static enum modprop_status put(struct stream *s, const void *from, size_t bytes,
                               struct modprop_error *err)
{
    if (bytes == 0)
        return MODPROP_OK;
    s->crc = (uint32_t)crc32_z(s->crc, from, bytes);
    const enum modprop_status status = modprop_raw_write(s->fd, from, bytes, s->at, s->path, err);
    s->at += bytes;
    return status;
}

static enum modprop_status put_all(struct stream *s, const struct modprop_checkpoint *c,
                                   struct modprop_error *err)
{
    const struct header h = header_of(c);
    const struct modprop_record *record = &c->outcome.record;
    const struct {
        const void *from;
        size_t bytes;
    } part[] = {{&h, sizeof h},
                {record->evaluation, h.evaluations * sizeof *record->evaluation},
                {c->state, h.state_bytes},
                {record->weights, h.weights * sizeof *record->weights},
                {c->outcome.message, h.letters}};
    enum modprop_status status = MODPROP_OK;
    for (size_t k = 0; status == MODPROP_OK && k < sizeof part / sizeof *part; k++)
        status = put(s, part[k].from, part[k].bytes, err);
    const uint32_t crc = s->crc;
    if (status == MODPROP_OK)
        status = put(s, &crc, sizeof crc, err);
    if (status == MODPROP_OK && fsync(s->fd) != 0)
        status = MODPROP_FAIL(err, MODPROP_IO, "%s: did not reach the disk: %s", s->path,
                              strerror(errno));
    return status;
}

static int open_new(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

/* Opens a new file; makes its folder if that is what is missing. */
static enum modprop_status create(struct stream *s, const char *folder, struct modprop_error *err)
{
    s->fd = open_new(s->path);
    if (s->fd < 0 && errno == ENOENT && (mkdir(folder, 0777) == 0 || errno == EEXIST)) {
        const enum modprop_status status = modprop_raw_sync_folder(folder, err);
        if (status != MODPROP_OK)
            return status;
        s->fd = open_new(s->path);
    }
    return s->fd >= 0
               ? MODPROP_OK
               : MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be made: %s", s->path, strerror(errno));
}

enum modprop_status modprop_checkpoint_write(const char *folder,
                                             const struct modprop_checkpoint *checkpoint,
                                             struct modprop_error *err)
{
    char *path = path_of(folder, checkpoint->key, "", err);
    char *temporary = path ? temporary_of(folder, checkpoint->key, err) : NULL;
    struct stream s = {.fd = -1, .path = temporary};
    enum modprop_status status = temporary ? create(&s, folder, err) : MODPROP_NO_MEMORY;
    if (status != MODPROP_OK)
        goto cleanup;
    status = put_all(&s, checkpoint, err);
    if (close(s.fd) != 0 && status == MODPROP_OK)
        status = MODPROP_FAIL(err, MODPROP_IO, "%s: %s", temporary, strerror(errno));
    if (status == MODPROP_OK && rename(temporary, path) != 0)
        status = MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be renamed to %s: %s", temporary, path,
                              strerror(errno));
    if (status == MODPROP_OK)
        status = modprop_raw_sync_folder(path, err);
    else
        (void)unlink(temporary); /* makes room; what is left is removed at the next start */
cleanup:
    modprop_memory_free(path);
    modprop_memory_free(temporary);
    return status;
}

enum modprop_status modprop_checkpoint_remove(const char *folder, uint64_t key,
                                              struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    char *path = path_of(folder, key, "", err);
    if (!path)
        return MODPROP_NO_MEMORY;
    if (unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR)
        status = MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be removed: %s", path, strerror(errno));
    modprop_memory_free(path);
    return status;
}

/* ------------------------------------------------------------------ reading */

/* A file that is being read. */
struct source {
    int fd;
    char *path;
    uint64_t bytes;
};

/* fd stays -1 if there is no file. */
static enum modprop_status open_source(struct source *s, const char *folder, uint64_t key,
                                       struct modprop_error *err)
{
    struct stat info;
    *s = (struct source){.fd = -1, .path = path_of(folder, key, "", err)};
    if (!s->path)
        return MODPROP_NO_MEMORY;
    s->fd = open(s->path,
                 O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* does not wait for a pipe's writer */
    if (s->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return MODPROP_OK;
    if (s->fd < 0 || fstat(s->fd, &info) != 0)
        return MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be read: %s", s->path, strerror(errno));
    if (!S_ISREG(info.st_mode) || info.st_size < 0)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: is no file", s->path);
    s->bytes = (uint64_t)info.st_size;
    return MODPROP_OK;
}

static void close_source(struct source *s)
{
    if (s->fd >= 0)
        (void)close(s->fd); /* nothing was written */
    modprop_memory_free(s->path);
}

/* Bytes of the whole file by its header; UINT64_MAX if they cannot be. */
static uint64_t bytes_by(const struct header *h)
{
    const uint64_t most = UINT64_C(1) << 40; /* so that no sum below overflows */
    if (h->evaluations > most || h->state_bytes > most || h->weights > most || h->letters > most)
        return UINT64_MAX;
    return sizeof *h + h->evaluations * sizeof(struct modprop_evaluation) + h->state_bytes +
           h->weights * sizeof(modprop_real) + h->letters + sizeof(uint32_t);
}

static enum modprop_status read_header(const struct source *s, uint64_t key, struct header *h,
                                       struct modprop_error *err)
{
    const bool room = s->bytes >= sizeof *h;
    const enum modprop_status status = room ? modprop_raw_read(s->fd, h, sizeof *h, 0, s->path, err)
                                            : MODPROP_OK;
    if (status != MODPROP_OK)
        return status;
    if (!room || memcmp(h->magic, magic, sizeof magic) != 0)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: is no checkpoint", s->path);
    if (h->format != FORMAT || h->evaluation_bytes != sizeof(struct modprop_evaluation))
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "%s: has format %" PRIu32 ", of another version of the program",
                            s->path, h->format);
    if (h->crc != header_crc(h) || bytes_by(h) != s->bytes)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: is damaged", s->path);
    if (h->key != key || h->state <= MODPROP_RUN_PENDING || h->state >= MODPROP_RUN_STATES)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s: is that of another run, %016" PRIx64,
                            s->path, h->key);
    h->host[sizeof h->host - 1] = '\0';
    return MODPROP_OK;
}

static void take_header(struct modprop_checkpoint *c, const struct header *h)
{
    *c = (struct modprop_checkpoint){.key = h->key,
                                     .written = h->written,
                                     .weights = (size_t)h->weights,
                                     .state_bytes = (size_t)h->state_bytes,
                                     .outcome = {.state = (enum modprop_run_state)h->state,
                                                 .rank = (long)h->rank,
                                                 .attempts = (long)h->attempts,
                                                 .started = h->started,
                                                 .heard = h->heard}};
    c->outcome.record = (struct modprop_record){.iterations_done = (long)h->iterations_done,
                                                .diverged_at = (long)h->diverged_at,
                                                .wall_s = h->wall_s,
                                                .cpu_s = h->cpu_s,
                                                .evaluations = (size_t)h->evaluations};
}

/* What lies in the block that holds the whole file, with a zero behind it. */
static void take_block(struct modprop_checkpoint *c, char *block)
{
    const struct header *h = (const struct header *)block;
    char *at = block + sizeof *h;
    take_header(c, h);
    c->outcome.host = h->host;
    c->outcome.record.evaluation = (void *)at; /* aligned: the header's fields have eight bytes */
    at += h->evaluations * sizeof(struct modprop_evaluation);
    c->state = h->state_bytes ? at : NULL;
    at += h->state_bytes;
    c->outcome.record.weights = h->weights ? (void *)at : NULL;
    at += h->weights * sizeof(modprop_real);
    at[h->letters] = '\0'; /* in the place of the checksum */
    c->outcome.message = at;
}

static enum modprop_status read_block(const struct source *s, const struct header *h, void **block,
                                      struct modprop_error *err)
{
    uint32_t crc;
    const size_t bytes = (size_t)s->bytes, before = bytes - sizeof crc;
    char *made = modprop_memory_get(bytes, 1);
    if (!made)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory to read it", s->path);
    enum modprop_status status = modprop_raw_read(s->fd, made, bytes, 0, s->path, err);
    memcpy(&crc, made + before, sizeof crc);
    if (status == MODPROP_OK && (crc != (uint32_t)crc32_z(0, (unsigned char *)made, before) ||
                                 h->state_bytes % sizeof(modprop_real) != 0))
        status = MODPROP_FAIL(err, MODPROP_INVALID, "%s: is damaged", s->path);
    if (status == MODPROP_OK)
        *block = made;
    else
        modprop_memory_free(made);
    return status;
}

enum modprop_status modprop_checkpoint_read(struct modprop_checkpoint *checkpoint, void **block,
                                            const char *folder, uint64_t key,
                                            struct modprop_error *err)
{
    struct source s;
    struct header h;
    *block = NULL;
    enum modprop_status status = open_source(&s, folder, key, err);
    if (status == MODPROP_OK && s.fd >= 0)
        status = read_header(&s, key, &h, err);
    if (status == MODPROP_OK && s.fd >= 0)
        status = read_block(&s, &h, block, err);
    if (*block)
        take_block(checkpoint, *block);
    close_source(&s);
    return status;
}

enum modprop_status modprop_checkpoint_peek(struct modprop_checkpoint *checkpoint, bool *there,
                                            const char *folder, uint64_t key,
                                            struct modprop_error *err)
{
    struct source s;
    struct header h;
    enum modprop_status status = open_source(&s, folder, key, err);
    *there = s.fd >= 0;
    if (status == MODPROP_OK && *there)
        status = read_header(&s, key, &h, err);
    if (status == MODPROP_OK && *there)
        take_header(checkpoint, &h);
    close_source(&s);
    return status;
}
