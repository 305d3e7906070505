#define _GNU_SOURCE /* sched_setaffinity */
#include "machine.h"

#include <cblas.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double bench_now_s(void)
{
    return seconds(CLOCK_MONOTONIC);
}

double bench_cpu_s(void)
{
    return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

int bench_cores(void)
{
    const long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : (int)count;
}

bool bench_pin(int core)
{
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)core, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
#else
    (void)core;
    return false;
#endif
}

/* Rest of the first line of a file that starts with `key`, after the colon. */
static bool look_up(const char *path, const char *key, char *value, size_t size)
{
    char line[512];
    bool found = false;
    FILE *file = fopen(path, "r");
    while (file && !found && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        found = colon && strncmp(line, key, strlen(key)) == 0;
        if (found) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(value, size, "%s", colon + 1 + strspn(colon + 1, " \t"));
        }
    }
    if (file)
        fclose(file);
    return found;
}

const char *bench_cpu_name(void)
{
    static char name[128];
    return look_up("/proc/cpuinfo", "model name", name, sizeof name) ? name : "unknown";
}

double bench_memory_available(void)
{
    char kib[64];
    if (look_up("/proc/meminfo", "MemAvailable", kib, sizeof kib))
        return 1024 * strtod(kib, NULL);
    return 0.5 * (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
}

/* Calls until two milliseconds have passed; operations a second. */
static double rate(size_t rows, size_t columns, size_t inner, const float *a, const float *b,
                   float *c)
{
    const double operations = 2 * (double)rows * (double)columns * (double)inner, least_s = 2e-3;
    double done = -operations, start = 0, now = 0; /* the first call is not counted */
    do {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)columns, (int)inner,
                    1, a, (int)inner, b, (int)columns, 0, c, (int)columns);
        done += operations;
        now = bench_now_s();
        if (done == 0)
            start = now;
    } while (done == 0 || now - start < least_s);
    return done / (now - start);
}

double bench_sgemm(size_t rows, size_t columns, size_t inner)
{
    const size_t counts[] = {rows * inner, inner * columns, rows * columns};
    float *part[3];
    bool all = true;
    for (size_t k = 0; k < 3; k++) {
        part[k] = malloc(counts[k] * sizeof(float));
        all = all && part[k];
        for (size_t i = 0; part[k] && i < counts[k]; i++)
            part[k][i] = 1e-3f * (float)(i % 17);
    }
    const double result = all ? rate(rows, columns, inner, part[0], part[1], part[2]) : 0;
    for (size_t k = 0; k < 3; k++)
        free(part[k]);
    return result;
}
