/*
 * The outer ends of spectra from a subspace, against all eigenvalues by QR.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "small_training.h"

#include "engine/krylov.h"
#include "engine/spectrum.h"

/* An eigenvalue moves by its condition number times the residual, 1e-7 of it: those of the matrices
 * here are below 100. */
static const double TOLERANCE = 1e-5;

static void fill(double *matrix, size_t n, long seed)
{
    const struct modprop_stream stream = modprop_random_stream(seed, MODPROP_STREAM_WEIGHTS, 0);
    for (size_t k = 0; k < n * n; k++)
        matrix[k] = (modprop_random_uniform(stream, k) - 0.5) * sqrt(12.0 / (double)n);
}

/* Both ways at `matrix`; whether the subspace was enough. */
static bool compare(const double *matrix, size_t n, double tolerance)
{
    struct modprop_spectrum s;
    struct modprop_krylov_end ends[] = {{0, 1, 0}, {0.95, 0.0125, 0}, {0.95, 0, 0}, {0, -2, 0}};
    enum { ENDS = sizeof ends / sizeof *ends };
    assert_int_equal(modprop_spectrum_init(&s, n, NULL), MODPROP_OK);
    const bool found = modprop_krylov_find(&s.krylov, matrix, NULL, ends, ENDS);
    if (found) {
        memcpy(s.matrix, matrix, n * n * sizeof *matrix);
        assert_true(modprop_spectrum_compute(&s, n));
        for (size_t e = 0; e < ENDS; e++) {
            const double want = modprop_spectrum_radius(&s, n, ends[e].shift, ends[e].scale);
            if (!(fabs(ends[e].radius - want) <= tolerance * want))
                fail_msg("n = %zu, end %zu: %.12g instead of %.12g", n, e, ends[e].radius, want);
        }
    }
    modprop_spectrum_clear(&s);
    return found;
}

static double *matrix_of(size_t n)
{
    double *matrix = calloc(n * n, sizeof *matrix);
    assert_non_null(matrix);
    return matrix;
}

static void ends_of_random_matrices_are_those_of_qr(void **state)
{
    (void)state;
    static const size_t sizes[] = {96, 97, 120, 200, 350};
    for (size_t k = 0; k < 5; k++)
        for (long seed = 1; seed <= 4; seed++) {
            double *matrix = matrix_of(sizes[k]);
            fill(matrix, sizes[k], seed);
            assert_true(compare(matrix, sizes[k], TOLERANCE) || sizes[k] < 200);
            free(matrix);
        }
}

static void the_scale_of_the_matrix_does_not_matter(void **state)
{
    (void)state;
    static const double scales[] = {1e-150, 1e-30, 1e30, 1e150};
    enum { N = 120 };
    for (size_t k = 0; k < 4; k++) {
        double *matrix = matrix_of(N);
        fill(matrix, N, 1);
        for (size_t i = 0; i < N * N; i++)
            matrix[i] *= scales[k];
        assert_true(compare(matrix, N, TOLERANCE));
        free(matrix);
    }
}

/* What the first vector leads to is a small subspace then, which has all there is. */
static void few_distinct_eigenvalues_are_found_at_once(void **state)
{
    (void)state;
    enum { N = 120 };
    double *matrix = matrix_of(N);
    assert_true(compare(matrix, N, TOLERANCE)); /* all zero */
    for (size_t i = 0; i < N; i++)
        matrix[i * N + i] = i < 7 ? -3 : 2;
    assert_true(compare(matrix, N, TOLERANCE));
    for (size_t i = 0; i < N * N; i++) /* rank one */
        matrix[i] = (double)(i / N) * ((double)(i % N) - 50);
    assert_true(compare(matrix, N, TOLERANCE));
    free(matrix);
}

/* One large eigenvalue in a corner that no other unit is connected with. */
static void a_hidden_block_is_seen(void **state)
{
    (void)state;
    enum { N = 200 };
    double *matrix = matrix_of(N);
    fill(matrix, N, 5);
    for (size_t i = 0; i < N; i++)
        matrix[i * N + N - 1] = matrix[(N - 1) * N + i] = 0;
    matrix[N * N - 1] = -1.7;
    assert_true(compare(matrix, N, TOLERANCE));
    free(matrix);
}

/* All eigenvalues of a cycle lie on a circle: no subspace tells them apart, and that is noticed. */
static void what_does_not_come_out_is_said_to_be_so(void **state)
{
    (void)state;
    enum { N = 600 };
    double *matrix = matrix_of(N);
    for (size_t i = 0; i < N; i++)
        matrix[i * N + (i + 1) % N] = 1;
    assert_false(compare(matrix, N, TOLERANCE));
    free(matrix);
}

static void small_matrices_are_left_to_qr(void **state)
{
    (void)state;
    double matrix[4] = {1, 2, 3, 4};
    assert_false(compare(matrix, 2, TOLERANCE));
    assert_int_equal(modprop_krylov_bytes(2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_of_random_matrices_are_those_of_qr),
        cmocka_unit_test(the_scale_of_the_matrix_does_not_matter),
        cmocka_unit_test(few_distinct_eigenvalues_are_found_at_once),
        cmocka_unit_test(a_hidden_block_is_seen),
        cmocka_unit_test(what_does_not_come_out_is_said_to_be_so),
        cmocka_unit_test(small_matrices_are_left_to_qr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
