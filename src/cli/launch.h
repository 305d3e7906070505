/*
 * launch.h - how the program was started, known before (and without) MPI.
 */
#ifndef MODPROP_CLI_LAUNCH_H
#define MODPROP_CLI_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

/* Opens those of standard input, output and error that were closed (>&-): else the next file that
 * is opened takes the place, and what is printed ends up in it. false: cannot, which is told. */
bool modprop_launch_standard_files(void);

/* This process among those that mpirun or srun started; 0 without them. So `mpirun -n 8
 * modprop_sweep --help` prints once. */
int modprop_launch_rank(void);
int modprop_launch_ranks(void);

/* Ranks that share this host's processors, and how many processors it has. */
int modprop_launch_local_ranks(void);
int modprop_launch_processors(void);

/* Whether standard output (1) or error (2) is read on a terminal, and its width. Looks through
 * mpirun, which stands between the program and the terminal. */
bool modprop_launch_terminal(int output, int *columns);

/* Columns for what is printed on standard output: those of its terminal, but not more than `most`.
 */
size_t modprop_launch_width(size_t most);

/* A reader that leaves ("| head") does not end this program: what it was about to write to files is
 * written. */
void modprop_launch_outlive_readers(void);

/* Whether all that was printed has reached standard output, or somebody who has seen enough of it. */
bool modprop_launch_printed(void);

#endif
