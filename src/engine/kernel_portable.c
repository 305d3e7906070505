/* The loops in plain C: the compiler cuts the vectors to what the target has. */
#define BYTES 16
#define ROWS 4
#define HALVES 0
#define KERNEL modprop_kernel_portable
#define NAME "portable"
#include "engine/kernel_loops.inc"
