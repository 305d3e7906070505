/* The loops for AVX2: compiled with its flags, run only where the CPU has it. */
#include "engine/kernel.h"

#if defined(__x86_64__) && !MODPROP_KERNEL_DOUBLE
#define BYTES 32
#define ROWS 4
#define HALVES 0
#define KERNEL modprop_kernel_avx2
#define NAME "avx2"
#include "engine/kernel_loops.inc"
#else
typedef int modprop_kernel_avx2_is_for_another_target;
#endif
