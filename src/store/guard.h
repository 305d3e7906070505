/*
 * guard.h - runs a task in a child process and hands over the bytes it leaves.
 *
 * HDF5 (1.10.8) follows wild addresses in about one of a hundred files with a flipped bit: it
 * crashes, or never comes back. A child that does so takes nobody with it. Fork and a pipe, because
 * nothing needs to be written twice: the task is an ordinary function in the same program, and what
 * it hands over is plain bytes, which the parent checks as it would those of a file. A whole program
 * under guard would be simpler still, but could not tell which of its files was at fault, nor go on
 * without it.
 */
#ifndef MODPROP_STORE_GUARD_H
#define MODPROP_STORE_GUARD_H

#include "modprop.h"

/* Runs in the child. *bytes: from malloc, or NULL with *count 0. What it prints on standard error is
 * lost; it must not print elsewhere. */
typedef enum modprop_status modprop_guard_task(void *context, void **bytes, size_t *count,
                                               struct modprop_error *err);

/* Runs the task. The caller frees *bytes with free(). `path` is the file that is named if the child
 * dies (MODPROP_INVALID: it is damaged); cpu_s the processor time after which it is ended, 0: no
 * limit (time of the clock would refuse good files on slow disks). Errors of the task are passed on.
 * On failure *bytes is NULL. */
enum modprop_status modprop_guard_run(modprop_guard_task *task, void *context, const char *path,
                                      double cpu_s, void **bytes, size_t *count,
                                      struct modprop_error *err);

#endif
