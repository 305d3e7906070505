/*
 * launch.h - how the program was started, known before (and without) MPI.
 */
#ifndef MODPROP_CLI_LAUNCH_H
#define MODPROP_CLI_LAUNCH_H

#include <stdbool.h>

/* This process among those that mpirun or srun started; 0 without them. So `mpirun -n 8
 * modprop_sweep --help` prints once. */
int modprop_launch_rank(void);
int modprop_launch_ranks(void);

/* Ranks that share this host's processors, and how many processors it has. */
int modprop_launch_local_ranks(void);
int modprop_launch_processors(void);

/* Whether somebody reads progress on a terminal, and its width. Looks through mpirun, which stands
 * between the program and the terminal. */
bool modprop_launch_terminal(int *columns);

#endif
