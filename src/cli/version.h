/*
 * version.h - which program this is and what it runs on: for --version and the results file.
 */
#ifndef MODPROP_CLI_VERSION_H
#define MODPROP_CLI_VERSION_H

#include <stdio.h>

#include "store/results.h"

void modprop_version_print(FILE *out);

/* A provenance with the strings it points to. */
struct modprop_version {
    struct modprop_provenance provenance;
    char *command_line;
    char mpi[128], cpu[128];
};

/* Where results come from. The command line is left out (NULL) if there is no memory for it. */
void modprop_version_init(struct modprop_version *version, int argc, char *const *argv);
void modprop_version_clear(struct modprop_version *version);

#endif
