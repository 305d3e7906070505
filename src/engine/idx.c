#include "engine/idx.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "engine/error.h"
#include "engine/memory.h"

enum { LONGEST_PATH = 1024, UNSIGNED_BYTES = 8, MOST_AT_ONCE = 1 << 20 };
static const size_t DEFLATE_AT_BEST = 1032; /* bytes from one, by the format's limits */

/* A file that is being read; gzopen takes plain ones as they are. */
struct reading {
    char path[LONGEST_PATH];
    gzFile file;
    size_t on_disk; /* bytes */
};

/* Finds the file under one of its names. */
static bool find(const char *name, char *path, size_t *on_disk)
{
    static const char *const endings[] = {"", ".gz"};
    for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
        struct stat about;
        const int length = snprintf(path, LONGEST_PATH, "%s%s", name, endings[k]);
        if (length < LONGEST_PATH && stat(path, &about) == 0) {
            *on_disk = (size_t)about.st_size;
            return true;
        }
    }
    return false;
}

bool modprop_idx_exists(const char *name)
{
    char path[LONGEST_PATH];
    size_t on_disk;
    return find(name, path, &on_disk);
}

/* The next `size` bytes. */
static enum modprop_status take(struct reading *r, unsigned char *bytes, size_t size,
                                struct modprop_error *err)
{
    while (size > 0) {
        const unsigned wanted = size < MOST_AT_ONCE ? (unsigned)size : MOST_AT_ONCE;
        const int got = gzread(r->file, bytes, wanted);
        int code;
        if (got < 0)
            return MODPROP_FAIL(err, MODPROP_IO, "%s could not be read: %s", r->path,
                                gzerror(r->file, &code));
        if (got == 0)
            return MODPROP_FAIL(err, MODPROP_INVALID,
                                "%s ends %zu bytes before what its head promises; get it anew",
                                r->path, size);
        bytes += got;
        size -= (size_t)got;
    }
    return MODPROP_OK;
}

static enum modprop_status open_file(struct reading *r, const char *name, struct modprop_error *err)
{
    if (!find(name, r->path, &r->on_disk))
        return MODPROP_FAIL(err, MODPROP_IO, "there is no %s, nor %s.gz", name, name);
    r->file = gzopen(r->path, "rb");
    return r->file ? MODPROP_OK
                   : MODPROP_FAIL(err, MODPROP_IO, "%s could not be opened: %s", r->path,
                                  strerror(errno));
}

static enum modprop_status read_head(struct reading *r, struct modprop_idx *idx, size_t rank,
                                     struct modprop_error *err)
{
    unsigned char magic[4], size[4];
    enum modprop_status status = take(r, magic, sizeof magic, err);
    if (status != MODPROP_OK)
        return status;
    if (magic[0] != 0 || magic[1] != 0 || magic[2] != UNSIGNED_BYTES || magic[3] != rank)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "%s is no IDX file of unsigned bytes with %zu dimension%s: it begins "
                            "with %02x %02x %02x %02x, not with 00 00 08 %02zx",
                            r->path, rank, rank == 1 ? "" : "s", magic[0], magic[1], magic[2],
                            magic[3], rank);
    idx->rank = rank;
    idx->bytes = 1;
    for (size_t k = 0; k < rank && status == MODPROP_OK; k++) {
        status = take(r, size, sizeof size, err);
        idx->size[k] = (size_t)size[0] << 24 | (size_t)size[1] << 16 | (size_t)size[2] << 8 |
                       size[3];
        idx->bytes = modprop_memory_product(idx->bytes, idx->size[k]);
    }
    if (status == MODPROP_OK && (idx->bytes == 0 || idx->bytes / DEFLATE_AT_BEST > r->on_disk))
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "%s: its %zu bytes cannot hold the %zu its head promises; get it anew",
                            r->path, r->on_disk, idx->bytes);
    return status;
}

/* What follows the head, to the end of the file, which makes zlib compare its checksum. */
static enum modprop_status read_data(struct reading *r, struct modprop_idx *idx,
                                     struct modprop_error *err)
{
    unsigned char more;
    idx->data = modprop_memory_get(idx->bytes, 1);
    if (!idx->data)
        return modprop_memory_error(r->path, idx->bytes, err);
    const enum modprop_status status = take(r, idx->data, idx->bytes, err);
    if (status != MODPROP_OK)
        return status;
    const int got = gzread(r->file, &more, 1);
    int code;
    if (got < 0)
        return MODPROP_FAIL(err, MODPROP_IO, "%s could not be read: %s", r->path,
                            gzerror(r->file, &code));
    return got == 0
               ? MODPROP_OK
               : MODPROP_FAIL(err, MODPROP_INVALID,
                              "%s goes on behind what its head promises; get it anew", r->path);
}

static enum modprop_status read_file(struct modprop_idx *idx, const char *name, size_t rank,
                                     bool whole, struct modprop_error *err)
{
    struct reading r = {.file = NULL};
    *idx = (struct modprop_idx){0};
    enum modprop_status status = open_file(&r, name, err);
    if (status == MODPROP_OK)
        status = read_head(&r, idx, rank, err);
    if (status == MODPROP_OK && whole)
        status = read_data(&r, idx, err);
    if (r.file && gzclose_r(r.file) != Z_OK && status == MODPROP_OK)
        status = MODPROP_FAIL(err, MODPROP_INVALID, "%s ends before its checksum; get it anew",
                              r.path);
    if (status != MODPROP_OK)
        modprop_idx_clear(idx);
    return status;
}

enum modprop_status modprop_idx_head(struct modprop_idx *idx, const char *name, size_t rank,
                                     struct modprop_error *err)
{
    return read_file(idx, name, rank, false, err);
}

enum modprop_status modprop_idx_read(struct modprop_idx *idx, const char *name, size_t rank,
                                     struct modprop_error *err)
{
    return read_file(idx, name, rank, true, err);
}

void modprop_idx_clear(struct modprop_idx *idx)
{
    modprop_memory_free(idx->data);
    *idx = (struct modprop_idx){0};
}
