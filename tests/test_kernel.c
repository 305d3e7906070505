/*
 * The kernels: each one this CPU can run against plain loops in double, at sizes that fill no
 * register.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "small_training.h"

#include "engine/kernel.h"

enum { V = MODPROP_KERNEL_VECTOR, MOST_R = MODPROP_KERNEL_TILE };

static const double ROUNDING = 0x1p-24; /* of float32 */

static const size_t sizes[] = {1, 2, 15, 16, 17, 31, 33, 40, 64, 65, 120, 130};
enum { SIZES = sizeof sizes / sizeof *sizes };

static size_t padded(size_t count)
{
    return (count + V - 1) / V * V;
}

/* ------------------------------------------------------------------ arrays */

/* Exactly rows x length values, so that a sanitizer sees what is read or written beyond; freed by
 * the caller. */
static modprop_real *rows_of(size_t rows, size_t length, modprop_real value)
{
    const size_t count = rows * length;
    modprop_real *a = malloc((count ? count : 1) * sizeof *a);
    assert_non_null(a);
    for (size_t k = 0; k < count; k++)
        a[k] = value;
    return a;
}

/* Normal numbers in the first `columns` of each row, zeros behind; of each number a share `silent`
 * is 0. */
static modprop_real *drawn(size_t rows, size_t columns, size_t length, double silent, long seed)
{
    modprop_real *a = rows_of(rows, length, 0);
    const struct modprop_stream stream = modprop_random_stream(seed, MODPROP_STREAM_WEIGHTS, 0);
    for (size_t r = 0; r < rows; r++) {
        modprop_random_normals(stream, r << 20, columns, a + r * length);
        for (size_t k = 0; k < columns; k++)
            if (modprop_random_uniform(stream, 1000 + (r << 20) + k) < silent)
                a[r * length + k] = 0;
    }
    return a;
}

static uint32_t *room(size_t m)
{
    uint32_t *work = malloc((m + V) * sizeof *work);
    assert_non_null(work);
    return work;
}

/* Recursive summation of `terms` products: an error of at most terms + 1 roundings of the sum of
 * their sizes, whether product and sum are rounded once or twice. */
static void near(const struct modprop_kernel *kernel, const char *what, double value, double want,
                 double of_sizes, size_t terms)
{
    const double bound = 1.01 * (double)(terms + 1) * ROUNDING * of_sizes;
    if (!(fabs(value - want) <= bound))
        fail_msg("%s, %s: %.9g instead of %.9g, bound %g", kernel->name, what, value, want, bound);
}

static bool is_zero(const modprop_real *a, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (a[k] != 0)
            return false;
    return true;
}

/* ------------------------------------------------------------------ choice */

static void the_kernels_are_distinct_and_end_with_plain_c(void **state)
{
    (void)state;
    size_t count = 0;
    while (modprop_kernel_at(count))
        count++;
    assert_true(count >= 1 && count <= 3);
    assert_ptr_equal(modprop_kernel_at(count - 1), &modprop_kernel_portable);
    for (size_t k = 0; k < count; k++)
        for (size_t j = 0; j < k; j++)
            assert_string_not_equal(modprop_kernel_at(k)->name, modprop_kernel_at(j)->name);
    assert_null(modprop_kernel_at(count + 1));
    assert_null(modprop_kernel_at(SIZE_MAX));
}

static void the_environment_names_the_kernel(void **state)
{
    (void)state;
    static const char *const unknown[] = {"", "sse", "AVX2", "portable ", "avx5120"};
    unsetenv("MODPROP_KERNEL");
    assert_ptr_equal(modprop_kernel_choose(), modprop_kernel_at(0));
    for (size_t k = 0; modprop_kernel_at(k); k++) {
        const struct modprop_config config = small_config();
        setenv("MODPROP_KERNEL", modprop_kernel_at(k)->name, 1);
        assert_ptr_equal(modprop_kernel_choose(), modprop_kernel_at(k));
        struct modprop_run *run = create(&config);
        assert_ptr_equal(run->network->kernel, modprop_kernel_at(k));
        modprop_run_free(run);
    }
    for (size_t k = 0; k < sizeof unknown / sizeof *unknown; k++) {
        setenv("MODPROP_KERNEL", unknown[k], 1);
        assert_ptr_equal(modprop_kernel_choose(), modprop_kernel_at(0));
    }
    unsetenv("MODPROP_KERNEL");
}

/* ------------------------------------------------------------------ products */

/* out = a W against the definition; what lies between the rows of the result stays. */
static void product_of(const struct modprop_kernel *kernel, size_t R, size_t m, size_t n,
                       double silent)
{
    const size_t lda = padded(m), ldw = padded(n), ldo = ldw + V;
    modprop_real *a = drawn(R, m, lda, silent, 1), *W = drawn(m, n, ldw, 0, 2),
                 *out = rows_of(R, ldo, 77);
    uint32_t *work = room(m);
    kernel->product(R, m, n, a, lda, W, ldw, out, ldo, work);
    for (size_t r = 0; r < R; r++) {
        for (size_t j = 0; j < n; j++) {
            double want = 0, of_sizes = 0;
            for (size_t i = 0; i < m; i++) {
                const double term = (double)a[r * lda + i] * (double)W[i * ldw + j];
                want += term;
                of_sizes += fabs(term);
            }
            near(kernel, "product", (double)out[r * ldo + j], want, of_sizes, m);
        }
        for (size_t j = n; j < ldw; j++) /* zero up to a whole vector, the kernel's own */
            assert_true(out[r * ldo + j] == 0 || out[r * ldo + j] == 77);
        for (size_t j = ldw; j < ldo; j++)
            assert_true(out[r * ldo + j] == 77);
    }
    free(a);
    free(W);
    free(out);
    free(work);
}

static void products_are_those_of_plain_loops(void **state)
{
    (void)state;
    static const double silent[] = {0, 0.5, 0.97, 1};
    for (size_t k = 0; modprop_kernel_at(k); k++)
        for (size_t R = 1; R <= MOST_R; R++)
            for (size_t i = 0; i < SIZES; i++)
                for (size_t j = 0; j < SIZES; j++)
                    product_of(modprop_kernel_at(k), R, sizes[i], sizes[j], silent[(i + j) % 4]);
}

/* The units' step from the product that `product` makes, in float: v may differ by the roundings of
 * take s and keep v, and z and h follow from v to the bit. What lies beyond the padding stays. */
static void relu_of(const struct modprop_kernel *kernel, size_t R, size_t m, size_t n,
                    double silent, bool derivative)
{
    const size_t lda = padded(m), ldw = padded(n), ldz = ldw + V;
    modprop_real *a = drawn(R, m, lda, silent, 1), *W = drawn(m, n, ldw, 0, 2),
                 *s = rows_of(R, ldw, 0), *v = drawn(R, n, ldw, 0, 3), *z = rows_of(R, ldz, 77),
                 *h = rows_of(R, ldw, 77), *before = rows_of(R, ldw, 0);
    uint32_t *work = room(m);
    const struct modprop_kernel_relu units = {(modprop_real)0.95,
                                              (modprop_real)0.05,
                                              (modprop_real)0.1,
                                              v,
                                              derivative ? h : NULL,
                                              ldw,
                                              z,
                                              ldz};
    memcpy(before, v, R * ldw * sizeof *v);
    kernel->product(R, m, n, a, lda, W, ldw, s, ldw, work);
    kernel->relu(R, m, n, a, lda, W, ldw, &units, work);
    for (size_t r = 0; r < R; r++) {
        for (size_t j = 0; j < n; j++) {
            const size_t at = r * ldw + j;
            const double kept = (double)units.keep * (double)before[at],
                         taken = (double)units.take * (double)s[at];
            near(kernel, "v", (double)v[at], kept + taken, fabs(kept) + fabs(taken), 2);
            const bool active = v[at] > units.theta;
            assert_true(z[r * ldz + j] == (active ? v[at] - units.theta : 0));
            assert_true(h[at] == (derivative ? (modprop_real)active : 77));
        }
        for (size_t j = ldw; j < ldz; j++)
            assert_true(z[r * ldz + j] == 77);
    }
    free(a);
    free(W);
    free(s);
    free(v);
    free(z);
    free(h);
    free(before);
    free(work);
}

/* For every kernel and all sizes: none, half or all of the left factor silent, every other time with
 * what units may have besides. */
static void take_in(void (*taken)(const struct modprop_kernel *kernel, size_t R, size_t m, size_t n,
                                  double silent, bool more))
{
    static const double silent[] = {0, 0.5, 1};
    for (size_t k = 0; modprop_kernel_at(k); k++)
        for (size_t R = 1; R <= MOST_R; R++)
            for (size_t i = 0; i < SIZES; i++)
                for (size_t j = 0; j < SIZES; j++)
                    taken(modprop_kernel_at(k), R, sizes[i], sizes[j], silent[(i + j) % 3],
                          (i + j + R) % 2 == 0);
}

static void units_take_the_product_in(void **state)
{
    (void)state;
    take_in(relu_of);
}

/* Leaky integrators' step from the product: three roundings, of take, of its product with s, and of the
 * sum; to the same bits from a product that has been made, and in place. */
static void leaky_of(const struct modprop_kernel *kernel, size_t R, size_t m, size_t n,
                     double silent, bool gain)
{
    const size_t lda = padded(m), ldw = padded(n), ld = ldw + V;
    modprop_real *a = drawn(R, m, lda, silent, 1), *W = drawn(m, n, ldw, 0, 2),
                 *s = rows_of(R, ldw, 0), *before = drawn(R, n, ld, 0, 3),
                 *mu = drawn(1, n, ldw, 0, 4), *out = rows_of(R, ld, 77);
    uint32_t *work = room(m);
    struct modprop_kernel_leaky units = {.keep = (modprop_real)0.95,
                                         .take = (modprop_real)0.05,
                                         .gain = gain ? mu : NULL,
                                         .before = before,
                                         .out = out,
                                         .ld = ld};
    kernel->product(R, m, n, a, lda, W, ldw, s, ldw, work);
    kernel->leaky(R, m, n, a, lda, W, ldw, &units, work);
    for (size_t r = 0; r < R; r++) {
        for (size_t j = 0; j < n; j++) {
            const double kept = (double)units.keep * (double)before[r * ld + j],
                         taken = (double)units.take * (gain ? (double)mu[j] : 1) *
                                 (double)s[r * ldw + j];
            near(kernel, "leaky", (double)out[r * ld + j], kept + taken, fabs(kept) + fabs(taken),
                 3);
        }
        for (size_t j = ldw; j < ld; j++)
            assert_true(out[r * ld + j] == 77);
    }
    units.out = before;
    kernel->leak(R, n, s, ldw, &units);
    for (size_t r = 0; r < R; r++)
        assert_memory_equal(before + r * ld, out + r * ld, n * sizeof *out);
    free(a);
    free(W);
    free(s);
    free(before);
    free(mu);
    free(out);
    free(work);
}

static void leaky_integrators_take_the_product_in(void **state)
{
    (void)state;
    take_in(leaky_of);
}

/* A membrane that is not a number gives a rate that is not one: it must not look silent. */
static void units_do_not_hide_what_is_not_a_number(void **state)
{
    (void)state;
    enum { N = 40, LD = 48 };
    for (size_t k = 0; modprop_kernel_at(k); k++)
        for (size_t place = 0; place < N; place++) {
            modprop_real a[V] = {1}, W[LD] = {0}, v[LD] = {0}, z[LD], h[LD];
            uint32_t work[1 + V];
            const struct modprop_kernel_relu units = {1, 1, 0, v, h, LD, z, LD};
            W[place] = (modprop_real)NAN;
            modprop_kernel_at(k)->relu(1, 1, N, a, V, W, LD, &units, work);
            for (size_t j = 0; j < N; j++)
                assert_true(j == place ? isnan(z[j]) : z[j] == 0 && h[j] == 0);
        }
}

/* Both zeros, in all trials: the row must not even be looked at. */
static void a_row_that_is_silent_in_all_trials_is_skipped(void **state)
{
    (void)state;
    for (size_t k = 0; modprop_kernel_at(k); k++)
        for (size_t R = 1; R <= MOST_R; R++)
            for (size_t i = 0; i < SIZES; i++) {
                const size_t m = sizes[i], n = 40, lda = padded(m), ld = padded(n);
                modprop_real *a = drawn(R, m, lda, 0, 3), *W = drawn(m, n, ld, 0, 4),
                             *out = rows_of(R, ld, 0);
                uint32_t *work = room(m);
                for (size_t row = 0; row < m; row += 2) {
                    for (size_t r = 0; r < R; r++)
                        a[r * lda + row] = (modprop_real)(r % 2 ? -0.0 : 0.0);
                    for (size_t j = 0; j < n; j++)
                        W[row * ld + j] = (modprop_real)NAN;
                }
                modprop_kernel_at(k)->product(R, m, n, a, lda, W, ld, out, ld, work);
                for (size_t j = 0; j < R * ld; j++)
                    assert_true(isfinite(out[j]));
                free(a);
                free(W);
                free(out);
                free(work);
            }
}

/* Whatever is not a zero is taken: not a number, infinities, the smallest denormal; in one trial.
 */
static void a_single_odd_activity_shows_in_its_trial_alone(void **state)
{
    (void)state;
    static const float odd[] = {NAN, INFINITY, -INFINITY, 0x1p-149f, -0x1p-149f};
    const float big = 0x1p120f;
    for (size_t k = 0; modprop_kernel_at(k); k++)
        for (size_t R = 1; R <= MOST_R; R++)
            for (size_t place = 0; place < 40; place++)
                for (size_t o = 0; o < 5; o++) {
                    const size_t m = 40, n = 17, lda = padded(m), ld = padded(n), trial = place % R;
                    modprop_real *a = rows_of(R, lda, 0), *W = rows_of(m, ld, big),
                                 *out = rows_of(R, ld, 0);
                    uint32_t *work = room(m);
                    a[trial * lda + place] = (modprop_real)odd[o];
                    modprop_kernel_at(k)->product(R, m, n, a, lda, W, ld, out, ld, work);
                    for (size_t r = 0; r < R; r++)
                        for (size_t j = 0; j < n; j++) {
                            const modprop_real here = out[r * ld + j];
                            if (r != trial)
                                assert_true(here == 0);
                            else if (o == 0)
                                assert_true(isnan(here));
                            else
                                assert_true(here == (modprop_real)odd[o] * big);
                        }
                    free(a);
                    free(W);
                    free(out);
                    free(work);
                }
}

/* An infinity times the zeros behind a row of W makes the padding of the result not a number, and
 * that is the next product's left factor: there is no row of W that belongs to it. */
static void the_left_factors_padding_never_counts(void **state)
{
    (void)state;
    for (size_t k = 0; modprop_kernel_at(k); k++)
        for (size_t R = 1; R <= MOST_R; R++)
            for (size_t i = 0; i < SIZES; i++) {
                const size_t m = sizes[i], n = 17, lda = padded(m), ld = padded(n);
                modprop_real *a = drawn(R, m, lda, 0.3, 5), *W = drawn(m, n, ld, 0, 6);
                modprop_real *out = rows_of(R, ld, 0), *sum = rows_of(m, ld, 0);
                modprop_real *out_too = rows_of(R, ld, 0), *sum_too = rows_of(m, ld, 0);
                uint32_t *work = room(m);
                modprop_kernel_at(k)->product(R, m, n, a, lda, W, ld, out, ld, work);
                modprop_kernel_at(k)->outer(1, R, m, n, a, lda, out, ld, sum, ld, work);
                for (size_t r = 0; r < R; r++)
                    for (size_t j = m; j < lda; j++)
                        a[r * lda + j] = (modprop_real)NAN;
                modprop_kernel_at(k)->product(R, m, n, a, lda, W, ld, out_too, ld, work);
                modprop_kernel_at(k)->outer(1, R, m, n, a, lda, out, ld, sum_too, ld, work);
                assert_memory_equal(out, out_too, R * ld * sizeof *out);
                assert_memory_equal(sum, sum_too, m * ld * sizeof *sum);
                free(a);
                free(W);
                free(out);
                free(sum);
                free(out_too);
                free(sum_too);
                free(work);
            }
}

/* ------------------------------------------------------------------ outer products */

/* sum += a^T b, onto what is there. Padded rows of b make padded rows of the sum: zeros. */
static void outer_of(const struct modprop_kernel *kernel, size_t T, size_t R, size_t m, size_t n,
                     double silent)
{
    const size_t lda = padded(m), ld = padded(n);
    modprop_real *a = drawn(T * R, m, lda, silent, 7), *b = drawn(T * R, n, ld, 0, 8);
    modprop_real *sum = drawn(m, n, ld, 0, 9), *before = drawn(m, n, ld, 0, 9);
    uint32_t *work = room(m);
    kernel->outer(T, R, m, n, a, lda, b, ld, sum, ld, work);
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double want = (double)before[i * ld + j], of_sizes = fabs(want);
            for (size_t k = 0; k < T * R; k++) {
                const double term = (double)a[k * lda + i] * (double)b[k * ld + j];
                want += term;
                of_sizes += fabs(term);
            }
            near(kernel, "outer", (double)sum[i * ld + j], want, of_sizes, T * R + 1);
        }
        assert_true(is_zero(sum + i * ld + n, ld - n));
    }
    free(a);
    free(b);
    free(sum);
    free(before);
    free(work);
}

static void outer_products_are_added_like_those_of_plain_loops(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 2, 7, 8, 9, 17, 32, 33};
    static const double silent[] = {0, 0.5, 0.97, 1};
    for (size_t k = 0; modprop_kernel_at(k); k++)
        for (size_t R = 1; R <= MOST_R; R++)
            for (size_t i = 0; i < SIZES; i++)
                for (size_t j = 0; j < SIZES; j++)
                    outer_of(modprop_kernel_at(k), lengths[(i + j + R) % 8], R, sizes[i], sizes[j],
                             silent[(i + 2 * j) % 4]);
}

/* b is not a number in the first window of rows, where every other column of a is zero. */
static void a_unit_that_is_silent_for_a_window_is_left_out_of_it(void **state)
{
    (void)state;
    enum { WINDOW = 64, M = 40, N = 17, LDA = 48, LD = 32 };
    for (size_t k = 0; modprop_kernel_at(k); k++)
        for (size_t R = 1; R <= MOST_R; R++) {
            const size_t T = 2 * WINDOW / R + 1;
            modprop_real *a = drawn(T * R, M, LDA, 0, 10), *b = drawn(T * R, N, LD, 0, 11),
                         *sum = rows_of(M, LD, 0);
            uint32_t *work = room(M);
            for (size_t row = 0; row < WINDOW; row++) {
                for (size_t i = 0; i < M; i += 2)
                    a[row * LDA + i] = (modprop_real)(row % 2 ? -0.0 : 0.0);
                for (size_t j = 0; j < N; j++)
                    b[row * LD + j] = (modprop_real)NAN;
            }
            modprop_kernel_at(k)->outer(T, R, M, N, a, LDA, b, LD, sum, LD, work);
            for (size_t i = 0; i < M; i++)
                for (size_t j = 0; j < N; j++)
                    assert_true(i % 2 ? isnan(sum[i * LD + j]) : isfinite(sum[i * LD + j]));
            free(a);
            free(b);
            free(sum);
            free(work);
        }
}

static void a_single_odd_activity_shows_in_its_row_of_the_sum_alone(void **state)
{
    (void)state;
    static const float odd[] = {NAN, INFINITY, -INFINITY, 0x1p-149f, -0x1p-149f};
    enum { T = 19, M = 40, N = 17, LDA = 48, LD = 32 };
    for (size_t k = 0; modprop_kernel_at(k); k++)
        for (size_t R = 1; R <= MOST_R; R++)
            for (size_t place = 0; place < M; place++)
                for (size_t o = 0; o < 5; o++) {
                    modprop_real *a = rows_of(T * R, LDA, 0), *b = rows_of(T * R, LD, 0x1p120f),
                                 *sum = rows_of(M, LD, 0);
                    uint32_t *work = room(M);
                    a[place % (T * R) * LDA + place] = (modprop_real)odd[o];
                    modprop_kernel_at(k)->outer(T, R, M, N, a, LDA, b, LD, sum, LD, work);
                    for (size_t i = 0; i < M; i++)
                        for (size_t j = 0; j < N; j++) {
                            const modprop_real here = sum[i * LD + j];
                            if (i != place)
                                assert_true(here == 0);
                            else if (o == 0)
                                assert_true(isnan(here));
                            else
                                assert_true(here == (modprop_real)odd[o] * 0x1p120f);
                        }
                    free(a);
                    free(b);
                    free(sum);
                    free(work);
                }
}

/* ------------------------------------------------------------------ cascades */

/* Against the recursion in double. Each value is a sum with at most `taps` + 1 ways of entering it
 * at each step and two roundings a step (a low pass rounds the difference of two numbers of that
 * size besides): 3 (steps + taps) roundings of the same recursion of sizes. */
static void cascade_of(const struct modprop_kernel *kernel, size_t taps, size_t steps, size_t count,
                       bool with_out, bool low_pass)
{
    /* exact in float32 */
    const double keep = low_pass ? 0.6875 : 0.9375, first = 0.3125,
                 cross = low_pass ? first : 0.625;
    const struct modprop_kernel_leak leak = {(modprop_real)keep, (modprop_real)first,
                                             (modprop_real)cross, low_pass};
    const size_t row = count + V;
    modprop_real *in = drawn(steps, count, row, 0.3, 12), *eps = drawn(taps, count, row, 0, 13),
                 *out = rows_of(steps, row, 77);
    for (size_t j = 0; j < taps; j++)
        for (size_t k = count; k < row; k++)
            eps[j * row + k] = 55;
    double *want = calloc(2 * taps * count, sizeof *want), *size = want + taps * count;
    assert_non_null(want);
    for (size_t j = 0; j < taps; j++)
        for (size_t k = 0; k < count; k++) {
            want[j * count + k] = (double)eps[j * row + k];
            size[j * count + k] = fabs(want[j * count + k]);
        }
    kernel->cascade(taps, steps, count, &leak, eps, row, in, row, with_out ? out : NULL, row);
    for (size_t t = 0; t < steps; t++)
        for (size_t k = 0; k < count; k++) {
            const size_t last = (taps - 1) * count + k;
            if (with_out)
                near(kernel, "series", (double)out[t * row + k], want[last], size[last],
                     3 * (t + taps));
            for (size_t j = taps; j-- > 0;) {
                const double enters = j ? cross * want[(j - 1) * count + k]
                                        : first * (double)in[t * row + k];
                const double enters_size = j ? cross * size[(j - 1) * count + k] : fabs(enters);
                want[j * count + k] = keep * want[j * count + k] + enters;
                size[j * count + k] = keep * size[j * count + k] + enters_size;
            }
        }
    for (size_t j = 0; j < taps; j++) {
        for (size_t k = 0; k < count; k++)
            near(kernel, "tap", (double)eps[j * row + k], want[j * count + k], size[j * count + k],
                 3 * (steps + taps));
        for (size_t k = count; k < row; k++)
            assert_true(eps[j * row + k] == 55);
    }
    for (size_t k = 0; k < steps * row; k++)
        assert_true(with_out && k % row < count ? out[k] != 77 : out[k] == 77);
    free(in);
    free(eps);
    free(out);
    free(want);
}

static void cascades_are_those_of_plain_loops(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 2, 9, 32};
    static const size_t counts[] = {16, 32, 48, 6 * 48, 6 * 128};
    for (size_t k = 0; modprop_kernel_at(k); k++)
        for (size_t taps = 1; taps <= MODPROP_KERNEL_TAPS; taps++)
            for (size_t l = 0; l < 5; l++)
                for (size_t c = 0; c < 5; c++)
                    for (int way = 0; way < 4; way++)
                        cascade_of(modprop_kernel_at(k), taps, lengths[l], counts[c], way & 1,
                                   way & 2);
}

/* ------------------------------------------------------------------ columns together and apart */

/* The columns that are not silent, found, moved together, and added back apart: nothing else changes. */
static void columns_of(const struct modprop_kernel *kernel, size_t rows, size_t m, double silent)
{
    const size_t lda = padded(m), ldo = padded(m) + 3;
    modprop_real *a = rows_of(rows, lda, 7), *out = rows_of(rows, ldo, 77);
    modprop_real *apart = rows_of(rows, lda, 5);
    uint32_t *index = room(m);
    modprop_real *column = drawn(1, m, lda, silent, 12);
    for (size_t r = 0; r < rows; r++) /* each column is active in one row */
        for (size_t p = 0; p < m; p++)
            a[r * lda + p] = p % rows == r ? column[p] : (modprop_real)-0.0;
    const size_t count = kernel->visit(rows, m, a, lda, index);
    size_t active = 0;
    for (size_t p = 0; p < m; p++)
        if (column[p] != 0) {
            assert_true(active < count);
            assert_int_equal(index[active++], p);
        }
    assert_int_equal(count, active);
    kernel->pack(rows, count, index, a, lda, out, ldo);
    kernel->unpack_add(rows, count, index, out, ldo, apart, lda);
    for (size_t r = 0; r < rows; r++) {
        for (size_t k = 0; k < ldo; k++)
            assert_true(out[r * ldo + k] == (k < count ? a[r * lda + index[k]] : 77));
        for (size_t p = 0; p < lda; p++)
            assert_true(apart[r * lda + p] == (p < m ? 5 + a[r * lda + p] : 5));
    }
    free(a);
    free(out);
    free(apart);
    free(index);
    free(column);
}

static void columns_are_moved_together_and_apart(void **state)
{
    (void)state;
    static const double silent[] = {0, 0.5, 0.97, 1};
    for (size_t k = 0; modprop_kernel_at(k); k++)
        for (size_t rows = 1; rows <= 9; rows += 4)
            for (size_t i = 0; i < SIZES; i++)
                for (size_t share = 0; share < 4; share++)
                    columns_of(modprop_kernel_at(k), rows, sizes[i], silent[share]);
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernels_are_distinct_and_end_with_plain_c),
        cmocka_unit_test(the_environment_names_the_kernel),
        cmocka_unit_test(products_are_those_of_plain_loops),
        cmocka_unit_test(units_take_the_product_in),
        cmocka_unit_test(leaky_integrators_take_the_product_in),
        cmocka_unit_test(units_do_not_hide_what_is_not_a_number),
        cmocka_unit_test(a_row_that_is_silent_in_all_trials_is_skipped),
        cmocka_unit_test(a_single_odd_activity_shows_in_its_trial_alone),
        cmocka_unit_test(the_left_factors_padding_never_counts),
        cmocka_unit_test(outer_products_are_added_like_those_of_plain_loops),
        cmocka_unit_test(a_unit_that_is_silent_for_a_window_is_left_out_of_it),
        cmocka_unit_test(a_single_odd_activity_shows_in_its_row_of_the_sum_alone),
        cmocka_unit_test(cascades_are_those_of_plain_loops),
        cmocka_unit_test(columns_are_moved_together_and_apart),
    };
    return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
