/*
 * machine.h - the limits that the figures of the benchmark stand beside: what this core can
 * compute.
 */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

double bench_now_s(void); /* monotonic clock */
double bench_cpu_s(void); /* processor time of this process */

int bench_cores(void); /* of the machine */

/* Binds this process to one core; false where the system refuses or cannot. */
bool bench_pin(int core);

/* Name of the processor, "unknown" where the system does not tell. Static storage. */
const char *bench_cpu_name(void);

/* Bytes that can be had without pushing others out of memory. */
double bench_memory_available(void);

/* The instructions that bench_peak uses: AVX-512, AVX2 or portable. */
const char *bench_peak_name(void);

/* Single-precision floating-point operations a second with everything in registers (an FMA counts
 * as two): the best of three short loops, a few milliseconds in all. */
double bench_peak(void);

/* Operations a second of OpenBLAS's sgemm, C [rows][columns] = A [rows][inner] B [inner][columns],
 * over about two milliseconds after one call that warms the caches. 0: no memory. */
double bench_sgemm(size_t rows, size_t columns, size_t inner);

#endif
