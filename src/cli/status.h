/*
 * status.h - what a results file says of its sweep, for people: --status and --verify. Needs no
 * MPI.
 */
#ifndef MODPROP_CLI_STATUS_H
#define MODPROP_CLI_STATUS_H

#include "modprop.h"

/* Prints the state of the sweep. */
enum modprop_status modprop_status_print(const char *path, struct modprop_error *err);

/* The same again and again, until nobody writes to the file any more; on a terminal in the same
 * place. */
enum modprop_status modprop_status_watch(const char *path, double every_s,
                                         struct modprop_error *err);

/* Compares finished rows with their checksums; *damaged is the number of those that differ. */
enum modprop_status modprop_status_verify(const char *path, size_t *damaged,
                                          struct modprop_error *err);

#endif
