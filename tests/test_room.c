/*
 * Memory that is left: /proc/meminfo, control groups of both versions, SLURM; in a made-up root.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/room.h"

static char root[64];

/* Writes a file below the root, with its folders. */
static void put(const char *path, const char *text)
{
    char command[400];
    snprintf(command, sizeof command, "mkdir -p '%s%.*s'", root, (int)(strrchr(path, '/') - path),
             path);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "%s%s", root, path);
    FILE *file = fopen(command, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int setup(void **state)
{
    (void)state;
    strcpy(root, "/tmp/modprop-room-XXXXXX");
    if (!mkdtemp(root))
        return -1;
    unsetenv("SLURM_MEM_PER_NODE");
    unsetenv("SLURM_MEM_PER_CPU");
    unsetenv("SLURM_CPUS_ON_NODE");
    put("/proc/meminfo", "MemTotal: 9000 kB\nMemFree: 10 kB\nMemAvailable:    7000 kB\n");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

static void expect(uint64_t machine, uint64_t cgroup, uint64_t slurm)
{
    struct modprop_room room;
    modprop_room_read(&room, root);
    assert_int_equal(room.machine, machine);
    assert_int_equal(room.cgroup, cgroup);
    assert_int_equal(room.slurm, slurm);
}

static void the_machine_alone(void **state)
{
    (void)state;
    expect(7000 << 10, UINT64_MAX, UINT64_MAX);
}

static void the_tightest_group_of_version_2_counts(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/slurm/job_7/step\n");
    put("/sys/fs/cgroup/slurm/memory.max", "900000\n");
    put("/sys/fs/cgroup/slurm/memory.current", "500000\n");
    put("/sys/fs/cgroup/slurm/memory.stat", "anon 400000\ninactive_file 100000\n");
    put("/sys/fs/cgroup/slurm/job_7/memory.max", "700000\n");
    put("/sys/fs/cgroup/slurm/job_7/memory.current", "300000\n");
    put("/sys/fs/cgroup/slurm/job_7/memory.stat", "anon 300000\ninactive_file 50000\n");
    put("/sys/fs/cgroup/slurm/job_7/step/memory.max", "max\n");
    put("/sys/fs/cgroup/slurm/job_7/step/memory.current", "300000\n");
    expect(7000 << 10, 450000, UINT64_MAX);
}

static void groups_of_version_1_count(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "9:cpu,cpuacct:/other\n4:memory:/user/me\n");
    put("/sys/fs/cgroup/memory/user/me/memory.limit_in_bytes", "600000\n");
    put("/sys/fs/cgroup/memory/user/me/memory.usage_in_bytes", "200000\n");
    put("/sys/fs/cgroup/memory/user/me/memory.stat",
        "inactive_file 1\ntotal_inactive_file 20000\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "900000000\n");
    expect(7000 << 10, 420000, UINT64_MAX);
}

/* In a container the host's path of the group is not there. */
static void the_group_at_the_mount_counts_in_a_container(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/../../docker/0123\n");
    put("/sys/fs/cgroup/memory.max", "500000\n");
    put("/sys/fs/cgroup/memory.current", "600000\n");
    expect(7000 << 10, 0, UINT64_MAX);
}

static void slurm_grants_by_node_or_by_processor(void **state)
{
    (void)state;
    setenv("SLURM_MEM_PER_CPU", "500", 1);
    expect(7000 << 10, UINT64_MAX, UINT64_MAX);
    setenv("SLURM_CPUS_ON_NODE", "3", 1);
    expect(7000 << 10, UINT64_MAX, UINT64_C(1500) << 20);
    setenv("SLURM_MEM_PER_NODE", "800", 1);
    expect(7000 << 10, UINT64_MAX, UINT64_C(800) << 20);
    setenv("SLURM_MEM_PER_NODE", "0", 1); /* all there is */
    setenv("SLURM_MEM_PER_CPU", "nonsense", 1);
    expect(7000 << 10, UINT64_MAX, UINT64_MAX);
}

static void nothing_known_is_no_limit(void **state)
{
    (void)state;
    struct modprop_room room;
    modprop_room_read(&room, "/nowhere");
    assert_true(room.machine == UINT64_MAX && room.cgroup == UINT64_MAX && room.resident == 0);
    modprop_room_read(&room, "");
    assert_true(room.resident > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_machine_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(the_tightest_group_of_version_2_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(groups_of_version_1_count, setup, teardown),
        cmocka_unit_test_setup_teardown(the_group_at_the_mount_counts_in_a_container, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(slurm_grants_by_node_or_by_processor, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_known_is_no_limit, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
