/*
 * The peak: a loop of fused multiply-adds on registers alone. CHAINS independent sums hide the
 * latency of the units (4 or 5 cycles times two units on the processors of the last decade).
 */
#include <math.h>
#include <string.h>

#include "machine.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define X86 1
#include <immintrin.h>
#else
#define X86 0
#endif

enum { CHAINS = 12 };

/* One kind of loop: `steps` times CHAINS multiply-adds of `width` values. */
struct loop {
    const char *name;
    double width;
    float (*run)(long steps);
};

/* x -> 0.999 x + 0.001 goes to 1: no overflow, no denormal numbers. The compiler does not know the
 * values, nor that the sum is not used, so it can leave nothing out. */
static volatile const float factor = 0.999f, addend = 0.001f, start = 2;

#define VECTOR_LOOP(name, attributes, vector, set1, multiply_add) \
    attributes static float name(long steps) \
    { \
        const vector f = set1(factor), a = set1(addend); \
        vector x[CHAINS]; \
        float total = 0, first; \
        for (int k = 0; k < CHAINS; k++) \
            x[k] = set1(start + (float)k); \
        for (long s = 0; s < steps; s++) \
            for (int k = 0; k < CHAINS; k++) \
                x[k] = multiply_add(x[k], f, a); \
        for (int k = 0; k < CHAINS; k++) { \
            memcpy(&first, &x[k], sizeof first); \
            total += first; \
        } \
        return total; \
    }

/* What all 64-bit processors have: four values at a time. The compiler fuses where that is one
 * instruction of the processor it compiles for. */
typedef float four __attribute__((vector_size(16)));
#define SET_FOUR(value) ((four){value, value, value, value})
#define MULTIPLY_ADD_FOUR(x, f, a) ((x) * (f) + (a))

VECTOR_LOOP(run_portable, , four, SET_FOUR, MULTIPLY_ADD_FOUR)
#if X86
VECTOR_LOOP(run_avx2, __attribute__((target("avx2,fma"))), __m256, _mm256_set1_ps, _mm256_fmadd_ps)
VECTOR_LOOP(run_avx512, __attribute__((target("avx512f"))), __m512, _mm512_set1_ps, _mm512_fmadd_ps)
#endif

static struct loop choose(void)
{
#if X86
    if (__builtin_cpu_supports("avx512f"))
        return (struct loop){"AVX-512", 16, run_avx512};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return (struct loop){"AVX2", 8, run_avx2};
#endif
    return (struct loop){"portable", 4, run_portable};
}

const char *bench_peak_name(void)
{
    return choose().name;
}

double bench_peak(void)
{
    const struct loop loop = choose();
    const long steps = 100000; /* about half a millisecond */
    double best = 0;
    float total = 0;
    for (int attempt = 0; attempt < 3; attempt++) {
        const double began = bench_now_s();
        total += loop.run(steps);
        best = fmax(best, 2 * loop.width * CHAINS * (double)steps / (bench_now_s() - began));
    }
    return total > 0 ? best : 0; /* it is: the loops may not be left out */
}
