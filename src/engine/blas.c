/*
 * The BLAS library as the program finds it: which core's code it runs, and whether that computes right.
 */
#include "engine/blas.h"

#include <math.h>
#include <strings.h>

#include "engine/error.h"

/* On code compiled for AVX-512 or for a CPU of its own the library's choice stands. */
static bool runs_narrower_code(const char *core)
{
    static const char *const narrower[] = {"Haswell",     "Zen",     "Excavator", "Steamroller",
                                           "Sandybridge", "Nehalem", "Core2",     "Prescott"};
    for (size_t k = 0; k < sizeof narrower / sizeof *narrower; k++)
        if (strcasecmp(core, narrower[k]) == 0)
            return true;
    return false;
}

/* What code for Skylake-X is compiled to. */
static bool has_avx512(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

const char *modprop_blas_better_core(void)
{
    return has_avx512() && runs_narrower_code(openblas_get_corename()) ? "SkylakeX" : NULL;
}

/* Sizes that fill no block of any core's code, and one that fills several. */
enum { MOST = 130 };
static const struct {
    size_t M, N, K;
} products[] = {{1, 1, 1}, {5, 7, 3}, {32, 120, 122}, {37, 53, 71}, {MOST, MOST, MOST}};

/* Small numbers of both signs without a pattern a kernel could get right by chance. */
static void fill(modprop_real *a, size_t count, size_t seed)
{
    for (size_t k = 0; k < count; k++)
        a[k] = (modprop_real)((double)((k * 2654435761u + seed * 40503u) % 2003) / 1001.5 - 1);
}

/* Largest error of one product in units of what rounding allows: a sum of K products has at most K + 1
 * roundings of the sum of their sizes (Higham, Accuracy and Stability, sec. 3.1). */
static double error_of(size_t M, size_t N, size_t K, bool a_transposed, bool b_transposed)
{
    static modprop_real A[MOST * MOST], B[MOST * MOST], C[MOST * MOST];
    const double rounding = sizeof(modprop_real) == sizeof(float) ? 0x1p-24 : 0x1p-53;
    double worst = 0;
    fill(A, M * K, 1);
    fill(B, K * N, 2);
    modprop_blas_multiply(a_transposed, b_transposed, M, N, K, 1, A, a_transposed ? M : K, B,
                          b_transposed ? K : N, 0, C, N);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++) {
            double sum = 0, sizes = 0;
            for (size_t k = 0; k < K; k++) {
                const double term = (double)A[a_transposed ? k * M + i : i * K + k] *
                                    (double)B[b_transposed ? j * K + k : k * N + j];
                sum += term;
                sizes += fabs(term);
            }
            const double error = fabs((double)C[i * N + j] - sum) /
                                 ((double)(K + 1) * rounding * sizes);
            if (!(error <= worst))
                worst = error;
        }
    return worst;
}

enum modprop_status modprop_blas_verify(struct modprop_error *err)
{
    for (size_t p = 0; p < sizeof products / sizeof *products; p++)
        for (int form = 0; form < 4; form++) {
            const double error = error_of(products[p].M, products[p].N, products[p].K, form & 1,
                                          form & 2);
            if (!(error <= 1.01))
                return MODPROP_FAIL(
                    err, MODPROP_INVALID,
                    "%s: a product of matrices is wrong, by %.3g times what rounding "
                    "allows; name another core's code, OPENBLAS_CORETYPE=Haswell for "
                    "one, or take another version of the library",
                    modprop_blas_name(), error);
        }
    return MODPROP_OK;
}
