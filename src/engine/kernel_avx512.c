/* The loops for AVX-512: compiled with its flags, run only where the CPU has it. */
#include "engine/kernel.h"

#if defined(__x86_64__) && !MODPROP_KERNEL_DOUBLE
#define BYTES 64
#define ROWS 8
#define HALVES 1
#define KERNEL modprop_kernel_avx512
#define NAME "avx512"
#include "engine/kernel_loops.inc"
#else
typedef int modprop_kernel_avx512_is_for_another_target;
#endif
