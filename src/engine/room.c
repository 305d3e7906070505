#include "engine/room.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_LENGTH = 1024, LINE_LENGTH = 1024 };

static const uint64_t UNLIMITED = UINT64_MAX;

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The number that follows `name` in the file, `name` being the beginning of its line; "" is the
 * beginning of any. UNLIMITED: there is none. */
static uint64_t number_in(const char *path, const char *name)
{
    char line[LINE_LENGTH];
    uint64_t number = UNLIMITED;
    const size_t length = strlen(name);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, name, length) == 0 && sscanf(line + length, " %" SCNu64, &number) == 1)
            break;
    }
    if (file)
        fclose(file);
    return number;
}

/* ------------------------------------------------------------------ control groups */

/* Where version 1 or 2 keeps what is asked for. */
struct version {
    const char *mount, *limit, *usage, *reclaimable;
};

static const struct version first = {"/sys/fs/cgroup/memory", "memory.limit_in_bytes",
                                     "memory.usage_in_bytes", "total_inactive_file"};
static const struct version second = {"/sys/fs/cgroup", "memory.max", "memory.current",
                                      "inactive_file"};

static uint64_t number_of_group(const char *group, const char *file, const char *name)
{
    char path[PATH_LENGTH + 64];
    snprintf(path, sizeof path, "%s/%s", group, file);
    return number_in(path, name);
}

/* What one group leaves: files that were read and can be dropped again are not in use. */
static uint64_t left_in_group(const char *group, const struct version *v)
{
    const uint64_t limit = number_of_group(group, v->limit, "");
    const uint64_t usage = number_of_group(group, v->usage, "");
    const uint64_t cache = number_of_group(group, "memory.stat", v->reclaimable);
    if (limit == UNLIMITED || usage == UNLIMITED || limit > UNLIMITED / 4) /* v1 has no "max" */
        return UNLIMITED;
    const uint64_t used = cache <= usage ? usage - cache : usage;
    return used < limit ? limit - used : 0;
}

/* The least that a group and those above it leave. In a container the path of the group may be one
 * of the host's that is not there; then the container's own group is at the mount. */
static uint64_t left_in_groups(const char *root, const char *group, const struct version *v)
{
    char path[PATH_LENGTH];
    uint64_t left = UNLIMITED;
    const int mount = snprintf(path, sizeof path, "%s%s", root, v->mount);
    snprintf(path + mount, sizeof path - (size_t)mount, "%s", strcmp(group, "/") ? group : "");
    for (char *slash = path + strlen(path); slash && slash >= path + mount;
         slash = strrchr(path, '/')) {
        *slash = '\0';
        left = smaller(left, left_in_group(path, v));
    }
    return left;
}

static uint64_t left_by_cgroups(const char *root)
{
    char path[PATH_LENGTH], line[LINE_LENGTH];
    uint64_t left = UNLIMITED;
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) { /* "4:memory:/group" or "0::/group" */
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':'),
             *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = '\0';
        if (strcmp(controllers + 1, "memory") == 0)
            left = smaller(left, left_in_groups(root, group, &first));
        else if (controllers[1] == '\0')
            left = smaller(left, left_in_groups(root, group, &second));
    }
    if (file)
        fclose(file);
    return left;
}

/* ------------------------------------------------------------------ the others */

/* "500" megabytes in an environment variable; 0 means all there is. */
static uint64_t megabytes(const char *name)
{
    const char *text = getenv(name);
    char *end = NULL;
    const unsigned long long value = text ? strtoull(text, &end, 10) : 0;
    return text && end != text && value > 0 && value < UNLIMITED >> 20 ? (uint64_t)value << 20
                                                                       : UNLIMITED;
}

static uint64_t granted_by_slurm(void)
{
    const char *cpus = getenv("SLURM_CPUS_ON_NODE");
    const uint64_t node = megabytes("SLURM_MEM_PER_NODE"), cpu = megabytes("SLURM_MEM_PER_CPU");
    const long count = cpus ? atol(cpus) : 0;
    if (node != UNLIMITED)
        return node;
    return cpu != UNLIMITED && count > 0 && (uint64_t)count < UNLIMITED / cpu
               ? cpu * (uint64_t)count
               : UNLIMITED;
}

static uint64_t resident_bytes(const char *root)
{
    char path[PATH_LENGTH];
    uint64_t all = 0, resident = 0;
    snprintf(path, sizeof path, "%s/proc/self/statm", root);
    FILE *file = fopen(path, "r");
    const bool read = file && fscanf(file, "%" SCNu64 " %" SCNu64, &all, &resident) == 2;
    if (file)
        fclose(file);
    const long page = sysconf(_SC_PAGESIZE);
    return read && page > 0 ? resident * (uint64_t)page : 0;
}

void modprop_room_read(struct modprop_room *room, const char *root)
{
    char path[PATH_LENGTH];
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    const uint64_t kilobytes = number_in(path, "MemAvailable:");
    *room = (struct modprop_room){
        .machine = kilobytes == UNLIMITED ? UNLIMITED : kilobytes << 10,
        .cgroup = left_by_cgroups(root),
        .slurm = granted_by_slurm(),
        .resident = resident_bytes(root),
    };
}
