#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "store/raw.h"

enum { TEXT_LENGTH = 200 };

struct modprop_lock {
    int fd;
    bool works;
    char *path;             /* of the lock file */
    char left[TEXT_LENGTH]; /* without locks: what was in the file, if another host wrote it */
};

/* ------------------------------------------------------------------ the text in the file */

enum { HOST_LENGTH = 100 };

static void read_host(char host[HOST_LENGTH])
{
    host[HOST_LENGTH - 1] = '\0';
    if (gethostname(host, HOST_LENGTH - 1) != 0 || host[0] == '\0')
        strcpy(host, "an unknown host");
}

static void write_holder(int fd)
{
    char text[TEXT_LENGTH], host[HOST_LENGTH], since[40] = "";
    const time_t now = time(NULL);
    struct tm utc;
    read_host(host);
    if (gmtime_r(&now, &utc))
        (void)strftime(since, sizeof since, "%Y-%m-%d %H:%M:%S UTC", &utc);
    snprintf(text, sizeof text, "process %ld on %s since %s\n", (long)getpid(), host, since);
    /* Only for people to read: the lock holds without it. */
    if (ftruncate(fd, 0) == 0)
        (void)modprop_raw_write(fd, text, strlen(text), 0, "lock", NULL);
}

/* The first line; "another process" if there is none. Anything unprintable becomes '?'. */
static void read_holder(int fd, char text[TEXT_LENGTH])
{
    const ssize_t length = pread(fd, text, TEXT_LENGTH - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            *c = '?';
    if (text[0] == '\0')
        strcpy(text, "another process");
}

/* Whom a lock file names. */
struct holder {
    bool here, elsewhere; /* a process of this host, of another one; neither: nobody */
    long process;
};

static struct holder holder_of(const char *text)
{
    char host[HOST_LENGTH], named[HOST_LENGTH] = "";
    struct holder holder = {false, false, 0};
    read_host(host);
    if (sscanf(text, "process %ld on %99s since", &holder.process, named) != 2)
        return holder;
    holder.here = strcmp(host, named) == 0;
    holder.elsewhere = !holder.here;
    return holder;
}

/* Another process than this one, which may have got the number of a dead one. */
static bool lives_here(const struct holder *holder)
{
    return holder->here && holder->process > 0 && holder->process != (long)getpid() &&
           (kill((pid_t)holder->process, 0) == 0 || errno == EPERM);
}

/* ------------------------------------------------------------------ taking and giving */

/* Whether the locked file is still the one of that name; its last holder may have removed it. */
static bool is_current(const struct modprop_lock *lock)
{
    struct stat ours, theirs;
    return fstat(lock->fd, &ours) == 0 && stat(lock->path, &theirs) == 0 &&
           ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

/* All that can be said without locks: whether the file names a living process of this host. One of
 * another host may live or not. */
static bool is_held_without_locks(struct modprop_lock *lock, const char *text)
{
    const struct holder holder = holder_of(text);
    strcpy(lock->left, holder.elsewhere ? text : "");
    return lives_here(&holder);
}

/* One try. *taken stays false when the file vanished in between or somebody holds it; then `text`
 * tells who. */
static enum modprop_status try_lock(struct modprop_lock *lock, bool *taken, char text[TEXT_LENGTH],
                                    struct modprop_error *err)
{
    lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock->fd < 0)
        return MODPROP_FAIL(err, MODPROP_IO,
                            "%s: cannot be made: %s; set another output, in a folder you "
                            "may write to",
                            lock->path, strerror(errno));
    strcpy(text, "another process");
    const int locked = flock(lock->fd, LOCK_EX | LOCK_NB);
    bool held = locked != 0 && (errno == EWOULDBLOCK || errno == EINTR);
    lock->works = locked == 0;
    if (locked != 0)
        read_holder(lock->fd, text);
    if (locked != 0 && !held) /* any other failure: this file system has no locks */
        held = is_held_without_locks(lock, text);
    *taken = !held && is_current(lock);
    if (!*taken) {
        (void)close(lock->fd);
        lock->fd = -1;
    }
    return MODPROP_OK;
}

/* A reader asking for the holder has the lock for an instant: a few tries, 20 ms apart. */
static enum modprop_status take(struct modprop_lock *lock, const char *path,
                                struct modprop_error *err)
{
    enum { TRIES = 6 };
    char text[TEXT_LENGTH];
    bool taken = false;
    for (int k = 0; k < TRIES; k++) {
        const enum modprop_status status = try_lock(lock, &taken, text, err);
        if (status != MODPROP_OK || taken)
            return status;
        (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return MODPROP_FAIL(err, MODPROP_BUSY,
                        "%s: is being written by %s; wait for it to end, or set another "
                        "output%s",
                        path, text,
                        holder_of(text).elsewhere ? " (had its host died, the file system would "
                                                    "let go after some minutes)"
                                                  : "");
}

enum modprop_status modprop_lock_take(struct modprop_lock **lock, const char *path,
                                      struct modprop_error *err)
{
    *lock = NULL;
    struct modprop_lock *made = modprop_memory_get(1, sizeof *made);
    if (made)
        made->path = modprop_raw_beside(path, ".lock");
    if (!made || !made->path) {
        modprop_memory_free(made);
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its lock", path);
    }
    const enum modprop_status status = take(made, path, err);
    if (status != MODPROP_OK) {
        modprop_memory_free(made->path);
        modprop_memory_free(made);
        return status;
    }
    write_holder(made->fd);
    *lock = made;
    return MODPROP_OK;
}

const char *modprop_lock_left(const struct modprop_lock *lock)
{
    return lock->left[0] ? lock->left : NULL;
}

static bool names_this_process(const struct modprop_lock *lock)
{
    char text[TEXT_LENGTH];
    read_holder(lock->fd, text);
    const struct holder holder = holder_of(text);
    return holder.here && holder.process == (long)getpid();
}

void modprop_lock_give(struct modprop_lock *lock)
{
    if (!lock)
        return;
    if (is_current(lock) && (lock->works || names_this_process(lock)))
        (void)unlink(lock->path); /* while still held, so that no other holder's file goes */
    (void)close(lock->fd);
    modprop_memory_free(lock->path);
    modprop_memory_free(lock);
}

bool modprop_lock_works(const struct modprop_lock *lock)
{
    return lock->works;
}

/* ------------------------------------------------------------------ asking */

char *modprop_lock_holder(const char *path)
{
    char text[TEXT_LENGTH], *result = NULL;
    char *lock_path = modprop_raw_beside(path, ".lock");
    const int fd = lock_path ? open(lock_path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        read_holder(fd, text);
        result = modprop_raw_beside(text, "");
    }
    if (fd >= 0)
        (void)close(fd);
    modprop_memory_free(lock_path);
    return result;
}

bool modprop_lock_possible(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const bool possible = fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0 || errno == EWOULDBLOCK;
    if (fd >= 0)
        (void)close(fd);
    return possible;
}
