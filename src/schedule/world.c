#include "schedule/world.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_FAILED = 1 };

void modprop_world_abort(const char *why)
{
    fprintf(stderr, "modprop_sweep: %s\n", why);
    MPI_Abort(MPI_COMM_WORLD, EXIT_FAILED);
    abort();
}

void modprop_world_check(int returned, const char *call, const char *file, int line)
{
    if (returned == MPI_SUCCESS)
        return;
    char reason[MPI_MAX_ERROR_STRING] = "unknown error", why[MPI_MAX_ERROR_STRING + 256];
    int length;
    MPI_Error_string(returned, reason, &length);
    snprintf(why, sizeof why, "MPI failed: %s (%s:%d: %s)", reason, file, line, call);
    modprop_world_abort(why);
}

void modprop_world_open(struct modprop_world *world, int *argc, char ***argv)
{
    *world = (struct modprop_world){0};
    MODPROP_MPI(MPI_Init(argc, argv));
    MODPROP_MPI(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    MODPROP_MPI(MPI_Comm_rank(MPI_COMM_WORLD, &world->rank));
    MODPROP_MPI(MPI_Comm_size(MPI_COMM_WORLD, &world->size));
    if (world->rank == 0) {
        world->host = calloc((size_t)world->size, sizeof *world->host);
        world->room = calloc((size_t)world->size, sizeof *world->room);
        if (!world->host || !world->room)
            modprop_world_abort("no memory for the names of the hosts");
    }
    char host[MODPROP_HOST_LENGTH] = "";
    if (gethostname(host, sizeof host - 1) != 0)
        snprintf(host, sizeof host, "unknown");
    MODPROP_MPI(MPI_Gather(host, MODPROP_HOST_LENGTH, MPI_CHAR, world->host, MODPROP_HOST_LENGTH,
                           MPI_CHAR, 0, MPI_COMM_WORLD));
    struct modprop_room room;
    modprop_room_read(&room, "");
    MODPROP_MPI(MPI_Gather(&room, sizeof room, MPI_BYTE, world->room, sizeof room, MPI_BYTE, 0,
                           MPI_COMM_WORLD));
}

void modprop_world_nap(long *nap_ns)
{
    enum { SHORTEST_NS = 1000, LONGEST_NS = 500000 };
    const long next = *nap_ns > 0 ? 2 * *nap_ns : SHORTEST_NS;
    *nap_ns = next < LONGEST_NS ? next : LONGEST_NS;
    nanosleep(&(struct timespec){.tv_nsec = *nap_ns}, NULL);
}

void modprop_world_share(void *bytes, size_t size)
{
    MPI_Request request;
    int arrived = 0;
    long nap_ns = 0;
    MODPROP_MPI(MPI_Ibcast(bytes, (int)size, MPI_BYTE, 0, MPI_COMM_WORLD, &request));
    for (;;) {
        MODPROP_MPI(MPI_Test(&request, &arrived, MPI_STATUS_IGNORE));
        if (arrived)
            return;
        modprop_world_nap(&nap_ns);
    }
}

void modprop_world_close(struct modprop_world *world)
{
    free(world->host);
    free(world->room);
    world->host = NULL;
    world->room = NULL;
    MODPROP_MPI(MPI_Finalize());
}

void modprop_world_library(char *text, size_t size)
{
    char name[MPI_MAX_LIBRARY_VERSION_STRING] = "unknown MPI";
    int length;
    if (MPI_Get_library_version(name, &length) != MPI_SUCCESS) /* allowed before MPI_Init */
        snprintf(name, sizeof name, "unknown MPI");
    name[strcspn(name, ",\n")] = '\0'; /* Open MPI goes on with package, ident, date */
    snprintf(text, size, "%s", name);
}
