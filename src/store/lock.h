/*
 * lock.h - the advisory lock on a results file: OUTPUT.lock, held by whoever writes.
 *
 * It vanishes with its process, however that ends, because it is the kernel's (flock); the text in
 * the file says who holds it and means nothing once nobody does. A file apart from the results, so
 * that readers of the results never meet it.
 */
#ifndef MODPROP_STORE_LOCK_H
#define MODPROP_STORE_LOCK_H

#include "modprop.h"

struct modprop_lock;

/* Takes the lock of the results file at `path`. MODPROP_BUSY: told who holds it. A lock file that a
 * dead process left behind is no obstacle: its lock went with it. Where the file system has no
 * locks, a process of this host that is named in the file and lives is one all the same. */
enum modprop_status modprop_lock_take(struct modprop_lock **lock, const char *path,
                                      struct modprop_error *err);

/* Gives it back and removes its file. Accepts NULL. */
void modprop_lock_give(struct modprop_lock *lock);

/* false: the file system has no locks, and nothing keeps a second writer away. */
bool modprop_lock_works(const struct modprop_lock *lock);

/* Without locks: who is named in a lock file that was there before and may not have ended, on
 * another host; else NULL. Lives as long as the lock. */
const char *modprop_lock_left(const struct modprop_lock *lock);

/* Who holds the lock of the results file at `path` now: "process 4711 on node3 since ...". NULL if
 * nobody does, or no memory. The caller frees it with modprop_memory_free. */
char *modprop_lock_holder(const char *path);

/* Whether the file system of the results file at `path` has locks; without, no holder means
 * nothing. */
bool modprop_lock_possible(const char *path);

#endif
