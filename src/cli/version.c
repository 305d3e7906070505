#include "cli/version.h"

#include <stdlib.h>
#include <string.h>

#include "schedule/schedule.h"
#include "store/library.h"

#ifndef MODPROP_COMMIT
#define MODPROP_COMMIT "unknown"
#endif

#if defined(__clang__)
#define COMPILER "Clang " __clang_version__
#else
#define COMPILER "GCC " __VERSION__
#endif

/* The first "model name" of /proc/cpuinfo; "unknown" on systems without. */
static void find_cpu(char *name, size_t size)
{
    char line[256];
    snprintf(name, size, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon)
            continue;
        line[strcspn(line, "\n")] = '\0';
        snprintf(name, size, "%.100s", colon + 1 + strspn(colon + 1, " "));
        break;
    }
    if (file)
        fclose(file);
}

static char *join(int argc, char *const *argv)
{
    size_t size = 1;
    for (int k = 0; k < argc; k++)
        size += strlen(argv[k]) + 1;
    char *line = malloc(size), *end = line;
    if (!line)
        return NULL;
    *end = '\0';
    for (int k = 0; k < argc; k++)
        end += sprintf(end, "%s%s", k ? " " : "", argv[k]);
    return line;
}

void modprop_version_init(struct modprop_version *version, int argc, char *const *argv)
{
    *version = (struct modprop_version){.command_line = join(argc, argv)};
    modprop_schedule_library(version->mpi, sizeof version->mpi);
    find_cpu(version->cpu, sizeof version->cpu);
    version->provenance = (struct modprop_provenance){.command_line = version->command_line,
                                                      .commit = MODPROP_COMMIT,
                                                      .mpi = version->mpi,
                                                      .compiler = COMPILER,
                                                      .cpu = version->cpu,
                                                      .blas = modprop_blas_name(),
                                                      .kernel = modprop_kernel_name()};
}

void modprop_version_clear(struct modprop_version *version)
{
    free(version->command_line);
    version->command_line = NULL;
}

void modprop_version_print(FILE *out)
{
    struct modprop_version version;
    char hdf5[64], zlib[64];
    modprop_version_init(&version, 0, NULL);
    fprintf(out, "modprop_sweep " MODPROP_VERSION " (commit " MODPROP_COMMIT ")\n");
    modprop_library_hdf5(hdf5, sizeof hdf5);
    modprop_library_zlib(zlib, sizeof zlib);
    fprintf(out, "  BLAS      %s\n", version.provenance.blas);
    fprintf(out, "  kernel    %s\n", version.provenance.kernel);
    fprintf(out, "  MPI       %s\n", version.mpi);
    fprintf(out, "  results   %s, %s\n", hdf5, zlib);
    fprintf(out, "  compiler  " COMPILER "\n");
    fprintf(out, "  processor %s\n", version.cpu);
    modprop_version_clear(&version);
}
