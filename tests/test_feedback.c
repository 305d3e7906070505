/*
 * Cell types and modulatory weights against the matrix they stand for, and the radii of the filter.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "small_run.h"

#include "engine/feedback.h"
#include "engine/memory.h"
#include "engine/random.h"
#include "engine/spectrum.h"

enum { N = 23, LDN = 32, B = 5 };

struct fixture {
    struct modprop_config config;
    struct modprop_network *net;
    struct modprop_feedback *feedback;
};

/* Takes weights written into f->net->w up. */
static void take_up(struct fixture *f)
{
    modprop_network_adopt(f->net);
    modprop_feedback_refresh(f->feedback, 0);
}

/* Rows [B][LDN] of random numbers, padded with zeros. */
static void draw_rows(modprop_real *rows)
{
    modprop_random_normals(modprop_random_stream(8, MODPROP_STREAM_WEIGHTS, 0), 0, B * LDN, rows);
    for (size_t k = 0; k < B * LDN; k++)
        if (k % LDN >= N)
            rows[k] = 0;
}

/* Random weights, not balanced by block: there the type filter carries credit over many links. */
static struct fixture make_with(int weights, int kind, long types_per_sign)
{
    struct fixture f = {.config = small_config()};
    f.config.n = N;
    f.config.batch = B;
    f.config.proportion_excitatory = 0.5; /* 11 inhibitory, 12 excitatory */
    f.config.feedback_weights = weights;
    f.config.feedback = kind;
    f.config.types_per_sign = types_per_sign;
    const struct modprop_shape shape = modprop_shape_of(&f.config);
    assert_int_equal(modprop_network_create(&f.net, &f.config, &shape, NULL), MODPROP_OK);
    modprop_random_normals(modprop_random_stream(9, MODPROP_STREAM_WEIGHTS, 0), 0, N * N,
                           f.net->w.W_rec);
    for (size_t k = 0; k < N * N; k++)
        f.net->w.W_rec[k] = k % (N + 1) ? f.net->w.W_rec[k] / 4 : 0;
    assert_int_equal(modprop_feedback_create(&f.feedback, &f.config, f.net, NULL), MODPROP_OK);
    assert_int_equal(modprop_feedback_start(f.feedback, 7, NULL), MODPROP_OK);
    assert_int_equal(f.net->ldn, LDN);
    take_up(&f);
    return f;
}

static struct fixture make(int kind, long types_per_sign)
{
    return make_with(MODPROP_WEIGHTS_SYMMETRIC, kind, types_per_sign);
}

static void done(struct fixture *f)
{
    modprop_feedback_free(f->feedback);
    modprop_network_free(f->net);
}

/* Type of a unit by the definition: each sign in groups of floor(size / count), the last with more.
 */
static size_t type_of(size_t unit, size_t count)
{
    const bool inhibitory = unit < 11;
    const size_t size = inhibitory ? 11 : 12, place = inhibitory ? unit : unit - 11;
    const size_t group = place / (size / count);
    return (inhibitory ? 0 : count) + (group < count ? group : count - 1);
}

/* W_fb [N][N] by the definition: the mean over the pair of types, the diagonal's zeros counted in.
 */
static void expand(const struct fixture *f, double *W_fb)
{
    const size_t count = (size_t)f->config.types_per_sign;
    const bool cell = f->config.feedback == MODPROP_FEEDBACK_CELL;
    const modprop_real *const W = modprop_feedback_weights(f->feedback);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double sum = 0, pairs = 0;
            for (size_t k = 0; k < N; k++)
                for (size_t l = 0; l < N; l++)
                    if (cell ? k == i && l == j
                             : type_of(k, count) == type_of(i, count) &&
                                   type_of(l, count) == type_of(j, count)) {
                        sum += (double)W[k * N + l];
                        pairs++;
                    }
            W_fb[i * N + j] = sum / pairs;
        }
}

static const struct {
    int kind;
    long types;
} kinds[] = {
    {MODPROP_FEEDBACK_CELL, 1}, {MODPROP_FEEDBACK_TYPE, 1}, {MODPROP_FEEDBACK_TYPE, 2},
    {MODPROP_FEEDBACK_TYPE, 3}, {MODPROP_FEEDBACK_TYPE, 7}, {MODPROP_FEEDBACK_TYPE, 11},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void feedback_is_the_product_with_the_transposed_weights(void **state)
{
    (void)state;
    static double W_fb[N * N];
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct fixture f = make(kinds[kind].kind, kinds[kind].types);
        modprop_real in[B * LDN], out[B * LDN] = {0};
        draw_rows(in);
        modprop_feedback_apply(f.feedback, B, in, out, NULL);
        expand(&f, W_fb);
        for (size_t b = 0; b < B; b++) {
            for (size_t i = 0; i < N; i++) {
                double want = 0, size = 0;
                for (size_t j = 0; j < N; j++) {
                    want += (double)in[b * LDN + j] * W_fb[i * N + j];
                    size += fabs((double)in[b * LDN + j] * W_fb[i * N + j]);
                }
                /* 23 additions in float32 */
                assert_true(fabs((double)out[b * LDN + i] - want) <= 23 * 6e-8 * (size + 0.1));
            }
            for (size_t i = N; i < LDN; i++)
                assert_true(out[b * LDN + i] == 0);
        }
        done(&f);
    }
}

static void feedback_follows_the_weights_after_a_refresh(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct fixture f = make(kinds[kind].kind, kinds[kind].types);
        modprop_real in[B * LDN], before[B * LDN] = {0}, after[B * LDN] = {0};
        draw_rows(in);
        modprop_feedback_apply(f.feedback, B, in, before, NULL);
        for (size_t k = 0; k < N * N; k++)
            f.net->w.W_rec[k] *= 2;
        take_up(&f);
        modprop_feedback_apply(f.feedback, B, in, after, NULL);
        for (size_t k = 0; k < B * LDN; k++)
            assert_true(after[k] == 2 * before[k]); /* powers of two are exact */
        done(&f);
    }
}

/* ------------------------------------------------------------------ radii */

static double radius(struct modprop_spectrum *spectrum, size_t size)
{
    double largest = 0;
    assert_true(modprop_spectrum_compute(spectrum, size));
    for (size_t k = 0; k < size; k++)
        largest = fmax(largest, hypot(spectrum->real[k], spectrum->imaginary[k]));
    return largest;
}

static void eigenvalues_of_known_matrices(void **state)
{
    (void)state;
    static const double rotation[4] = {0, -3, 3, 0}; /* +- 3i */
    static const double triangle[9] = {1, 5, 7, 0, -4, 9, 0, 0, 2};
    struct modprop_spectrum spectrum;
    assert_int_equal(modprop_spectrum_init(&spectrum, 3, NULL), MODPROP_OK);
    memcpy(spectrum.matrix, rotation, sizeof rotation);
    assert_true(modprop_spectrum_compute(&spectrum, 2));
    assert_true(fabs(spectrum.real[0]) < 1e-14 && fabs(fabs(spectrum.imaginary[0]) - 3) < 1e-14);
    memcpy(spectrum.matrix, triangle, sizeof triangle);
    assert_true(fabs(radius(&spectrum, 3) - 4) < 1e-13);
    modprop_spectrum_clear(&spectrum);
    modprop_spectrum_clear(&spectrum); /* accepts a zeroed one */
}

static void a_matrix_with_a_value_that_is_not_finite_has_no_eigenvalues(void **state)
{
    (void)state;
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    struct modprop_spectrum spectrum;
    assert_int_equal(modprop_spectrum_init(&spectrum, 2, NULL), MODPROP_OK);
    for (size_t k = 0; k < 3; k++) {
        spectrum.matrix[0] = spectrum.matrix[1] = spectrum.matrix[2] = 1;
        spectrum.matrix[3] = bad[k];
        assert_false(modprop_spectrum_compute(&spectrum, 2));
        const modprop_real W_rec[4] = {1, 1, 1, (modprop_real)bad[k]};
        double own = 0, filter = 0;
        modprop_spectrum_radii(&spectrum, W_rec, NULL, 0.9, 1, &own, &filter);
        assert_true(isnan(own) && isnan(filter));
    }
    modprop_spectrum_clear(&spectrum);
}

/* Against the n x n filter written out. The radii are those of defective or near-defective matrices
 * at times: 1e-6 rather than rounding. */
static void compare_radii(struct fixture *f, double mu)
{
    static double W_fb[N * N];
    struct modprop_spectrum spectrum;
    double own, filter;
    assert_int_equal(modprop_spectrum_init(&spectrum, N, NULL), MODPROP_OK);
    modprop_spectrum_radii(&spectrum, f->net->w.W_rec, f->feedback, f->net->alpha, mu, &own,
                           &filter);
    expand(f, W_fb);
    for (size_t i = 0; i < N * N; i++)
        spectrum.matrix[i] = (1 - f->net->alpha) * mu * W_fb[i] + (i % (N + 1) ? 0 : f->net->alpha);
    const double want = radius(&spectrum, N);
    if (!(fabs(filter - want) < 1e-6 * want))
        fail_msg("feedback %ld, %ld types of a sign, weights %ld, mu %g: %g instead of %g",
                 (long)f->config.feedback, f->config.types_per_sign,
                 (long)f->config.feedback_weights, mu, filter, want);
    for (size_t i = 0; i < N * N; i++)
        spectrum.matrix[i] = (double)f->net->w.W_rec[i];
    assert_true(fabs(own - radius(&spectrum, N)) < 1e-12);
    modprop_spectrum_clear(&spectrum);
}

static void the_filters_radius_is_that_of_the_whole_matrix(void **state)
{
    (void)state;
    static const double mus[] = {0, 0.25, 1, 5};
    static const int weights[] = {MODPROP_WEIGHTS_SYMMETRIC, MODPROP_WEIGHTS_RANDOM,
                                  MODPROP_WEIGHTS_ADAPTIVE};
    for (size_t kind = 0; kind < KINDS; kind++)
        for (size_t w = 0; w < 3; w++) {
            struct fixture f = make_with(weights[w], kinds[kind].kind, kinds[kind].types);
            for (size_t k = 0; k < 4; k++)
                compare_radii(&f, mus[k]);
            done(&f);
        }
}

/* Inhibition within each type and nothing else: both eigenvalues of the type filter are below
 * alpha, and alpha itself, by which all differences within a type decay, is the largest. */
static void within_types_the_filter_decays_by_alpha(void **state)
{
    (void)state;
    struct fixture f = make(MODPROP_FEEDBACK_TYPE, 1);
    struct modprop_spectrum spectrum;
    double own, filter;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            f.net->w.W_rec[i * N + j] = i != j && (i < 11) == (j < 11) ? (modprop_real)-0.1 : 0;
    take_up(&f);
    assert_int_equal(modprop_spectrum_init(&spectrum, N, NULL), MODPROP_OK);
    modprop_spectrum_radii(&spectrum, f.net->w.W_rec, f.feedback, f.net->alpha, 0.5, &own, &filter);
    assert_true(fabs(filter - f.net->alpha) < 1e-12);
    assert_true(fabs(own - 1.1) < 1e-6);
    modprop_spectrum_clear(&spectrum);
    done(&f);
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feedback_is_the_product_with_the_transposed_weights),
        cmocka_unit_test(feedback_follows_the_weights_after_a_refresh),
        cmocka_unit_test(eigenvalues_of_known_matrices),
        cmocka_unit_test(a_matrix_with_a_value_that_is_not_finite_has_no_eigenvalues),
        cmocka_unit_test(within_types_the_filter_decays_by_alpha),
        cmocka_unit_test(the_filters_radius_is_that_of_the_whole_matrix),
    };
    return cmocka_run_group_tests_name("feedback", tests, NULL, NULL);
}
