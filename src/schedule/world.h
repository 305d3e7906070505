/*
 * world.h - the ranks: start and end of MPI, who is where, what all ranks have to agree on.
 */
#ifndef MODPROP_SCHEDULE_WORLD_H
#define MODPROP_SCHEDULE_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/room.h"

/* Checks what an MPI call returned. There is no going on without MPI: tells why and ends all ranks.
 */
#define MODPROP_MPI(call) modprop_world_check((call), #call, __FILE__, __LINE__)
void modprop_world_check(int returned, const char *call, const char *file, int line);

/* Ends all ranks at once; for what no rank can recover from and the others cannot be told. */
void modprop_world_abort(const char *why);

enum { MODPROP_HOST_LENGTH = 64 };

struct modprop_world {
    int rank, size;
    char (*host)[MODPROP_HOST_LENGTH]; /* [size] on rank 0, NULL elsewhere */
    struct modprop_room *room;         /* likewise: memory as each rank found it at the start */
};

/* Starts MPI; works with and without mpirun. Collective, as are the next two. */
void modprop_world_open(struct modprop_world *world, int *argc, char ***argv);

/* Rank 0's bytes reach all. Waits without using up the processor. */
void modprop_world_share(void *bytes, size_t size);

/* Sleeps for as long as an idle rank may leave a message lying: *nap_ns is the length of the nap
 * before, 0 for the first after a message, and each is twice as long, up to half a millisecond. */
void modprop_world_nap(long *nap_ns);

/* Ends MPI. */
void modprop_world_close(struct modprop_world *world);

/* "Open MPI v4.1.4". */
void modprop_world_library(char *text, size_t size);

#endif
