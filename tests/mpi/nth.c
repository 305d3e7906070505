/*
 * The n-th call that fails: linked into modprop_sweep together with faults.c. Environment:
 *     MODPROP_NTH=KIND:N     the N-th call of this kind fails, N = 1, 2, ...
 *     MODPROP_NTH=KIND:N+    and all after it
 *     MODPROP_NTH=KIND:N!    the process is killed instead
 *     MODPROP_NTH_COUNT=FILE at the end, "KIND CALLS" for each kind goes there
 * Calls are those of our objects alone, in this process and those it forks.
 *
 * Calls of HDF5 are of fifty different types: the Makefile lists their names (nth_calls.inc), and each
 * gets an entry that either returns a failure or jumps to the function with all registers as they were
 * (on x86-64 alone; the list is empty elsewhere).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { MEMORY, WRITE, SYNC, RENAME, OPEN, HDF5, KINDS };
static const char *const name[KINDS] = {"memory", "write", "sync", "rename", "open", "hdf5"};

static struct {
    long *calls; /* [KINDS]; shared with forked processes */
    enum kind kind;
    long first, last; /* calls that fail; 0: none */
    bool kills;
} nth;

static void tell_counts(void)
{
    FILE *file = fopen(getenv("MODPROP_NTH_COUNT"), "w");
    for (size_t k = 0; file && k < KINDS; k++)
        fprintf(file, "%s %ld\n", name[k], nth.calls[k]);
    if (file)
        fclose(file);
}

static void __attribute__((constructor)) begin(void)
{
    const char *const text = getenv("MODPROP_NTH");
    const size_t length = text ? strcspn(text, ":") : 0;
    void *const shared = mmap(NULL, KINDS * sizeof *nth.calls, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        abort();
    nth.calls = shared;
    for (size_t k = 0; text && k < KINDS; k++)
        if (strlen(name[k]) == length && strncmp(name[k], text, length) == 0) {
            nth.kind = (enum kind)k;
            nth.first = nth.last = atol(text + length + 1);
            if (strchr(text, '+'))
                nth.last = __LONG_MAX__;
            nth.kills = strchr(text, '!');
        }
    if (getenv("MODPROP_NTH_COUNT"))
        atexit(tell_counts);
}

static bool now(enum kind kind)
{
    const long call = ++nth.calls[kind];
    const bool fails = nth.first && kind == nth.kind && call >= nth.first && call <= nth.last;
    if (fails && nth.kills)
        raise(SIGKILL);
    return fails;
}

/* WRAP(kind, errno, value of the failure, type, function, parameters, arguments) */
#define WRAP(kind, code, failure, type, function, parameters, arguments) \
    type __real_##function parameters; \
    type __wrap_##function parameters; \
    type __wrap_##function parameters \
    { \
        if (!now(kind)) \
            return __real_##function arguments; \
        errno = code; \
        return failure; \
    }

WRAP(MEMORY, ENOMEM, NULL, void *, malloc, (size_t size), (size))
WRAP(MEMORY, ENOMEM, NULL, void *, calloc, (size_t count, size_t size), (count, size))
WRAP(MEMORY, ENOMEM, NULL, void *, realloc, (void *old, size_t size), (old, size))
WRAP(MEMORY, ENOMEM, NULL, void *, aligned_alloc, (size_t to, size_t size), (to, size))
WRAP(MEMORY, ENOMEM, NULL, char *, strdup, (const char *text), (text))
WRAP(WRITE, ENOSPC, -1, ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size))
WRAP(WRITE, ENOSPC, -1, ssize_t, pwrite, (int fd, const void *from, size_t size, off_t at),
     (fd, from, size, at))
WRAP(SYNC, EIO, -1, int, fsync, (int fd), (fd))
WRAP(SYNC, EIO, -1, int, fdatasync, (int fd), (fd))
WRAP(RENAME, EACCES, -1, int, rename, (const char *from, const char *to), (from, to))
WRAP(OPEN, EACCES, -1, int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(OPEN, EMFILE, NULL, DIR *, opendir, (const char *path), (path))

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

int __wrap_open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    if (!now(OPEN))
        return __real_open(path, flags, mode);
    errno = EMFILE;
    return -1;
}

int modprop_nth_hdf5(void);

int __attribute__((used)) modprop_nth_hdf5(void)
{
    return now(HDF5);
}

/* Seven words pushed leave the stack aligned for the call. No function of the list takes floating
 * point arguments. */
#define H5(function, failure) \
    __asm__(".globl __wrap_" #function "\n__wrap_" #function ":\n" \
            "push %rdi; push %rsi; push %rdx; push %rcx; push %r8; push %r9\n" \
            "push %rax\n" \
            "call modprop_nth_hdf5\n" \
            "mov %eax, %r11d\n" \
            "pop %rax; pop %r9; pop %r8; pop %rcx; pop %rdx; pop %rsi; pop %rdi\n" \
            "test %r11d, %r11d\n" \
            "jnz 1f\n" \
            "jmp __real_" #function "@PLT\n" \
            "1: mov $" #failure ", %rax\n" \
            "ret");
#include "nth_calls.inc"
