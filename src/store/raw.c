#include "store/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/memory.h"

/* ------------------------------------------------------------------ bytes */

enum modprop_status modprop_raw_write(int fd, const void *from, size_t bytes, uint64_t offset,
                                      const char *path, struct modprop_error *err)
{
    const char *next = from;
    while (bytes > 0) {
        const ssize_t done = pwrite(fd, next, bytes, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be written: %s", path,
                                strerror(done == 0 ? ENOSPC : errno));
        next += done;
        bytes -= (size_t)done;
        offset += (uint64_t)done;
    }
    return MODPROP_OK;
}

enum modprop_status modprop_raw_read(int fd, void *to, size_t bytes, uint64_t offset,
                                     const char *path, struct modprop_error *err)
{
    char *next = to;
    while (bytes > 0) {
        const ssize_t done = pread(fd, next, bytes, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be read: %s", path, strerror(errno));
        if (done == 0)
            return MODPROP_FAIL(err, MODPROP_IO, "%s: ends too early, it was cut off", path);
        next += done;
        bytes -= (size_t)done;
        offset += (uint64_t)done;
    }
    return MODPROP_OK;
}

enum modprop_status modprop_raw_sync(int fd, const char *path, struct modprop_error *err)
{
    return fdatasync(fd) == 0 ? MODPROP_OK
                              : MODPROP_FAIL(err, MODPROP_IO, "%s: did not reach the disk: %s",
                                             path, strerror(errno));
}

/* Copies the whole file to another, which is synced. */
static bool copy_file(int from, int to, const char *path)
{
    char bytes[1 << 16];
    uint64_t at = 0;
    ssize_t count;
    while ((count = pread(from, bytes, sizeof bytes, (off_t)at)) > 0) {
        if (modprop_raw_write(to, bytes, (size_t)count, at, path, NULL) != MODPROP_OK)
            return false;
        at += (uint64_t)count;
    }
    return count == 0 && fsync(to) == 0;
}

/* Makes an open file that has lost its name anew: its content is there as long as it is open. */
static bool make_anew(int fd, const char *path)
{
    bool made = false;
    char *part = modprop_raw_beside(path, ".part");
    if (!part)
        return false;
    (void)modprop_raw_make_folders(path, NULL); /* they may have gone with it */
    (void)unlink(part);
    const int to = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (to >= 0) {
        made = copy_file(fd, to, part);
        made = close(to) == 0 && made && rename(part, path) == 0;
        (void)unlink(part); /* if it still is there */
    }
    made = made && modprop_raw_sync_folder(path, NULL) == MODPROP_OK;
    modprop_memory_free(part);
    return made;
}

enum modprop_status modprop_raw_check_there(int fd, const char *path, struct modprop_error *err)
{
    struct stat ours, there;
    if (fstat(fd, &ours) != 0)
        return MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be reached: %s", path, strerror(errno));
    if (stat(path, &there) != 0 && errno == ENOENT)
        return MODPROP_FAIL(err, MODPROP_IO, "%s: vanished while it was written; %s", path,
                            make_anew(fd, path)
                                ? "it was made anew, with all it held"
                                : "it could not be made anew: what it held is lost, "
                                  "unless it was moved to another place");
    if (stat(path, &there) != 0)
        return MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be reached: %s", path, strerror(errno));
    if (ours.st_ino != there.st_ino || ours.st_dev != there.st_dev)
        return MODPROP_FAIL(err, MODPROP_IO, "%s: was replaced while it was written", path);
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ paths */

char *modprop_raw_beside(const char *path, const char *ending)
{
    char *result = modprop_memory_get(strlen(path) + strlen(ending) + 1, 1);
    return result ? strcat(strcpy(result, path), ending) : NULL;
}

/* The folder `path` lies in; the caller frees it with modprop_memory_free. NULL: no memory. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = modprop_raw_beside(slash ? path : ".", "");
    if (folder && slash)
        folder[slash == path ? 1 : slash - path] = '\0';
    return folder;
}

enum modprop_status modprop_raw_make_folders(const char *path, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    char *folder = folder_of(path);
    if (!folder)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its folders", path);
    char *end = folder;
    do {
        end = strchr(end + 1, '/');
        if (end)
            *end = '\0';
        struct stat info;
        const int refused = mkdir(folder, 0777) == 0 ? 0 : errno;
        if (refused && (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode)))
            status = MODPROP_FAIL(err, MODPROP_IO, "%s: the folder %s cannot be made: %s", path,
                                  folder, strerror(refused == EEXIST ? ENOTDIR : refused));
        if (end)
            *end = '/';
    } while (end && status == MODPROP_OK);
    modprop_memory_free(folder);
    return status;
}

enum modprop_status modprop_raw_sync_folder(const char *path, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    char *folder = folder_of(path);
    if (!folder)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its folder", path);
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* EINVAL: a file system on which folders need no sync. */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        status = MODPROP_FAIL(err, MODPROP_IO, "%s: its folder did not reach the disk: %s", path,
                              strerror(errno));
    if (fd >= 0)
        (void)close(fd); /* opened for reading: nothing can be lost */
    modprop_memory_free(folder);
    return status;
}

enum modprop_status modprop_raw_check_space(const char *path, uint64_t bytes,
                                            struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    struct statvfs info;
    char *folder = folder_of(path);
    if (folder && statvfs(folder, &info) == 0 &&
        (double)info.f_bavail * (double)info.f_frsize < (double)bytes)
        status = MODPROP_FAIL(err, MODPROP_IO,
                              "%s: needs %.1f MB, but %s has only %.1f MB free; free "
                              "some, or set another output",
                              path, (double)bytes / 1e6, folder,
                              (double)info.f_bavail * (double)info.f_frsize / 1e6);
    modprop_memory_free(folder);
    return status; /* what is unknown is not refused: the writes themselves will tell */
}
