/*
 * room.h - how much memory this process and its neighbours on the host can still get.
 */
#ifndef MODPROP_ENGINE_ROOM_H
#define MODPROP_ENGINE_ROOM_H

#include <stdint.h>

/* In bytes; UINT64_MAX: no limit, or not known. */
struct modprop_room {
    uint64_t machine;  /* that the host can give without swapping (MemAvailable) */
    uint64_t cgroup;   /* that the control groups of the process leave, v1 or v2 */
    uint64_t slurm;    /* that SLURM grants the job on this host, all in all */
    uint64_t resident; /* that this process has in use; 0: not known */
};

/* Reads /proc, /sys and the environment; `root` stands before their paths, "" but in tests. */
void modprop_room_read(struct modprop_room *room, const char *root);

#endif
