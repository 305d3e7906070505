#include "analyze/plot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"

static bool write_all(int fd, const char *data, size_t bytes)
{
    while (bytes) {
        const ssize_t put = write(fd, data, bytes);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        data += put;
        bytes -= (size_t)put;
    }
    return true;
}

/* A new file's permissions as a plain creat would give them; mkstemp is stricter. */
static mode_t usual_mode(void)
{
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static enum modprop_status replace(const char *path, const char *data, size_t bytes,
                                   struct modprop_error *err)
{
    static const char suffix[] = ".XXXXXX";
    enum modprop_status status = MODPROP_OK;
    char *temporary = malloc(strlen(path) + sizeof suffix);
    if (!temporary)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory to write it", path);
    strcpy(temporary, path);
    strcat(temporary, suffix);
    const int fd = mkstemp(temporary);
    bool good = fd >= 0 && write_all(fd, data, bytes) && fchmod(fd, usual_mode()) == 0 &&
                fsync(fd) == 0;
    int why = errno;
    if (fd >= 0 && close(fd) != 0 && good) {
        good = false;
        why = errno;
    }
    if (good && rename(temporary, path) != 0) {
        good = false;
        why = errno;
    }
    if (!good) {
        status = MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be written: %s", path, strerror(why));
        if (fd >= 0)
            unlink(temporary);
    }
    free(temporary);
    return status;
}

enum modprop_status modprop_plot_file_write(const char *path, const char *data, size_t bytes,
                                            struct modprop_error *err)
{
    struct stat at;
    if (stat(path, &at) != 0 || S_ISREG(at.st_mode))
        return replace(path, data, bytes, err);
    const int fd = open(path, O_WRONLY);
    const bool good = fd >= 0 && write_all(fd, data, bytes);
    const int why = errno;
    if (fd >= 0)
        close(fd);
    return good ? MODPROP_OK
                : MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be written: %s", path, strerror(why));
}
