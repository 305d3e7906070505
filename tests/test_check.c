/*
 * The checks themselves: they pass where all is well, and each of them fails when something is
 * wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <hdf5.h>
#include <math.h>
#include <unistd.h>

#include "check/check.h"
#include "check/combinations.h"
#include "engine/feedback.h"
#include "engine/registry.h"
#include "engine/shape.h"

#define GOLDEN "tests/data/golden/" /* tests run in the root of the repository */

/* ------------------------------------------------------------------ mistakes put into the engine
 */

/* In double, through functions the linker puts in front of the engine's own (WRAP_test_check). */
enum fault {
    NONE,
    FEEDBACK_CELL, /* cell-specific credit across a synapse 1e-3 too strong */
    FEEDBACK_TYPE, /* the same for credit by cell types */
    TRANSPOSED,    /* W_ab with presynaptic and postsynaptic types exchanged */
    WINDOW,        /* one step too short, backward form only */
    BACKWARD,      /* gradient of the offline methods 1e-3 too large */
    LOSS,          /* dE/dy of each tile's first trial, first output, 1e-3 too large */
    FAULTS
};
static enum fault present;

/* struct modprop_kernel_leaky of the double engine */
struct leaky {
    double keep, take;
    const double *gain, *before;
    double *out;
    size_t ld;
};

void __wrap_modprop_feedback_apply_f64(const struct modprop_feedback *, size_t, const double *,
                                       double *, const struct leaky *);
void __real_modprop_feedback_apply_f64(const struct modprop_feedback *, size_t, const double *,
                                       double *, const struct leaky *);
bool __wrap_modprop_taps_link_open_f64(const struct modprop_config *, size_t, size_t);
bool __real_modprop_taps_link_open_f64(const struct modprop_config *, size_t, size_t);
enum modprop_status __wrap_modprop_backward_end_f64(void *, double *, bool *,
                                                    struct modprop_error *);
enum modprop_status __real_modprop_backward_end_f64(void *, double *, bool *,
                                                    struct modprop_error *);
double __wrap_modprop_loss_step_f64(const struct modprop_shape *, size_t, const double *,
                                    const size_t *, const size_t *, const double *, double *);
double __real_modprop_loss_step_f64(const struct modprop_shape *, size_t, const double *,
                                    const size_t *, const size_t *, const double *, double *);

static void transpose(double *square, size_t C)
{
    for (size_t a = 0; a < C; a++) {
        for (size_t b = 0; b < a; b++) {
            const double kept = square[a * C + b];
            square[a * C + b] = square[b * C + a];
            square[b * C + a] = kept;
        }
    }
}

void __wrap_modprop_feedback_apply_f64(const struct modprop_feedback *feedback, size_t R,
                                       const double *in, double *out, const struct leaky *units)
{
    const double strength = present == (feedback->C == 0 ? FEEDBACK_CELL : FEEDBACK_TYPE) ? 1.001
                                                                                          : 1;
    double *const W_ba = (void *)feedback->W_ba; /* of double in the double engine */
    struct leaky stronger = units ? *units : (struct leaky){0};
    stronger.take *= strength;
    if (present == TRANSPOSED)
        transpose(W_ba, feedback->C);
    __real_modprop_feedback_apply_f64(feedback, R, in, out, units ? &stronger : NULL);
    if (present == TRANSPOSED)
        transpose(W_ba, feedback->C);
    /* fields behind the first value of a network stand elsewhere in the double engine's */
    const size_t n = feedback->network->n, vector = MODPROP_KERNEL_VECTOR;
    for (size_t k = 0; k < R * ((n + vector - 1) / vector * vector); k++)
        out[k] *= strength;
}

bool __wrap_modprop_taps_link_open_f64(const struct modprop_config *config, size_t T, size_t t)
{
    return __real_modprop_taps_link_open_f64(config, T, present == WINDOW ? t - 1 : t);
}

enum modprop_status __wrap_modprop_backward_end_f64(void *backward, double *gradient, bool *again,
                                                    struct modprop_error *err)
{
    const enum modprop_status status = __real_modprop_backward_end_f64(backward, gradient, again,
                                                                       err);
    if (present == BACKWARD) /* an entry off the diagonal of W_rec */
        gradient[1] += 1e-3 * (gradient[1] + 1e-3);
    return status;
}

double __wrap_modprop_loss_step_f64(const struct modprop_shape *shape, size_t R, const double *y,
                                    const size_t *label, const size_t *trial, const double *target,
                                    double *dy)
{
    const double loss = __real_modprop_loss_step_f64(shape, R, y, label, trial, target, dy);
    if (present == LOSS)
        dy[0] *= 1.001;
    return loss;
}

/* ------------------------------------------------------------------ without files */

static int quiet_engine(void **state)
{
    (void)state;
    present = NONE;
    return 0;
}

static size_t find(const char *subject)
{
    struct modprop_check_line line;
    for (size_t k = 0; k < modprop_check_gradients_count(); k++) {
        modprop_check_gradients_f64(k, &line);
        if (strcmp(line.subject, subject) == 0)
            return k;
    }
    fail_msg("there is no comparison %s", subject);
    return 0;
}

static enum modprop_check_verdict with_fault(const char *subject, enum fault fault)
{
    struct modprop_check_line line;
    const size_t index = find(subject);
    present = fault;
    modprop_check_gradients_f64(index, &line);
    present = NONE;
    return line.verdict;
}

static void every_comparison_passes_in_both_precisions(void **state)
{
    (void)state;
    struct modprop_check_line line;
    size_t compared = 0;
    for (size_t k = 0; k < modprop_check_gradients_count(); k++) {
        modprop_check_gradients_f64(k, &line);
        if (line.verdict != MODPROP_CHECK_PASSED)
            fail_msg("double, %s: %s off by %g (%g), %s", line.subject, line.where, line.error,
                     line.bound, line.cause.message);
        modprop_check_gradients(k, &line);
        if (line.verdict != MODPROP_CHECK_PASSED && line.verdict != MODPROP_CHECK_NOT_HERE)
            fail_msg("float32, %s: %s off by %g (%g), %s", line.subject, line.where, line.error,
                     line.bound, line.cause.message);
        compared += line.verdict == MODPROP_CHECK_PASSED;
    }
    assert_true(compared >= 30);
}

/* Whether a comparison with plain loops begins so. */
static bool has_loops(const char *start)
{
    bool found = false;
    for (size_t k = 0; k < modprop_combinations_count() && !found; k++) {
        struct modprop_combination c;
        modprop_combinations_at(k, &c);
        found = strncmp(c.subject, start, strlen(start)) == 0 && strstr(c.subject, "= loops");
    }
    return found;
}

static void every_rule_is_compared_for_all_units(void **state)
{
    (void)state;
    static const char *const forms[] = {"mdgl cell offline",          "mdgl type offline",
                                        "modprop cell offline =",     "modprop type offline =",
                                        "modprop cell offline mu(k)", "modprop type offline mu(k)",
                                        "modprop cell offline mu(t)", "modprop type offline mu(t)"};
    static const char *const online[] = {"eprop online",
                                         "mdgl cell online",
                                         "modprop cell online =",
                                         "modprop type online =",
                                         "modprop cell online mu(k)",
                                         "modprop type online mu(k)",
                                         "modprop type online mu(t)"};
    char start[64];
    for (size_t u = 0; modprop_units_choice(u); u++) {
        const char *const units = modprop_units_choice(u);
        for (size_t r = 0; modprop_rule_choice(r); r++) {
            snprintf(start, sizeof start, "%s %s ", units, modprop_rule_choice(r));
            if (!has_loops(start))
                fail_msg("nothing compares %s", start);
        }
        for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
            snprintf(start, sizeof start, "%s %s", units, forms[k]);
            if (!has_loops(start))
                fail_msg("nothing compares %s", start);
        }
        const bool adapts = strcmp(units, "adaptive") == 0 || strcmp(units, "alif") == 0;
        for (size_t k = 0; !adapts && k < sizeof online / sizeof *online; k++) {
            snprintf(start, sizeof start, "%s %s", units, online[k]);
            if (!has_loops(start))
                fail_msg("nothing compares %s", start);
        }
    }
}

static void every_comparison_fails_for_some_mistake(void **state)
{
    (void)state;
    for (size_t k = 0; k < modprop_check_gradients_count(); k++) {
        struct modprop_check_line line;
        bool noticed = false;
        for (present = NONE + 1; present < FAULTS && !noticed; present++) {
            modprop_check_gradients_f64(k, &line);
            noticed = line.verdict == MODPROP_CHECK_FAILED;
        }
        present = NONE;
        if (!noticed)
            fail_msg("no mistake makes %s fail", line.subject);
    }
}

static void mu_off_by_a_thousandth_fails(void **state)
{
    (void)state;
    assert_int_equal(with_fault("modprop, cell = plain loops", FEEDBACK_CELL),
                     MODPROP_CHECK_FAILED);
    assert_int_equal(with_fault("modprop, 2 types = plain loops", FEEDBACK_TYPE),
                     MODPROP_CHECK_FAILED);
    assert_int_equal(with_fault("modprop, 4 types = closed form", FEEDBACK_TYPE),
                     MODPROP_CHECK_FAILED);
    assert_int_equal(with_fault("modprop, mu = 1, h = 1 = bptt", FEEDBACK_CELL),
                     MODPROP_CHECK_FAILED);
}

static void transposed_type_feedback_fails(void **state)
{
    (void)state;
    assert_int_equal(with_fault("modprop, 4 types = plain loops", TRANSPOSED),
                     MODPROP_CHECK_FAILED);
    assert_int_equal(with_fault("mdgl, 4 types = plain loops", TRANSPOSED), MODPROP_CHECK_FAILED);
    assert_int_equal(with_fault("mdgl, types of one unit = cell", TRANSPOSED),
                     MODPROP_CHECK_FAILED);
    assert_int_equal(with_fault("modprop, cell = plain loops", TRANSPOSED), MODPROP_CHECK_PASSED);
}

static void window_one_step_too_short_fails(void **state)
{
    (void)state;
    assert_int_equal(with_fault("modprop, cell, window = plain loops", WINDOW),
                     MODPROP_CHECK_FAILED);
    assert_int_equal(with_fault("modprop, window, taps = backward", WINDOW), MODPROP_CHECK_FAILED);
    assert_int_equal(with_fault("modprop, window 1, T = 2 = window 0", WINDOW),
                     MODPROP_CHECK_FAILED);
}

static void wrong_learning_signal_fails_finite_differences(void **state)
{
    (void)state;
    assert_int_equal(with_fault("bptt = finite differences", LOSS), MODPROP_CHECK_FAILED);
    assert_int_equal(with_fault("rtrl = finite differences", LOSS), MODPROP_CHECK_FAILED);
}

/* ------------------------------------------------------------------ files */

/* A damaged file can make HDF5 ask for any amount of memory: a refusal, not a reason to abort. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static char folder[] = "/tmp/modprop_check_XXXXXX";
static char copy[sizeof folder + 16];

static int make_folder(void **state)
{
    (void)state;
    present = NONE;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    if (!mkdtemp(folder))
        return -1;
    snprintf(copy, sizeof copy, "%s/case.h5", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    remove(copy);
    return rmdir(folder);
}

/* Copies the first `most` bytes of a golden file to `copy`; returns its whole size. */
static size_t copy_case(const char *name, size_t most)
{
    char path[256], block[4096];
    snprintf(path, sizeof path, GOLDEN "%s", name);
    FILE *from = fopen(path, "rb"), *to = fopen(copy, "wb");
    assert_non_null(from);
    assert_non_null(to);
    size_t size = 0;
    for (size_t got; (got = fread(block, 1, sizeof block, from)) > 0; size += got) {
        const size_t left = most > size ? most - size : 0, part = got < left ? got : left;
        assert_int_equal(fwrite(block, 1, part, to), part);
    }
    fclose(from);
    fclose(to);
    return size;
}

/* Copies a case and opens the copy for changes. */
static hid_t change_case(const char *name)
{
    copy_case(name, SIZE_MAX);
    const hid_t file = H5Fopen(copy, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

static enum modprop_check_verdict verdict_of(const char *path, bool twice,
                                             struct modprop_check_line *line)
{
    (twice ? modprop_check_golden_f64 : modprop_check_golden)(path, line);
    return line->verdict;
}

/* Closes the changed copy and wants that verdict in both precisions. */
static void expect_verdict(hid_t file, enum modprop_check_verdict verdict, const char *what)
{
    struct modprop_check_line line;
    assert_true(file < 0 || H5Fclose(file) >= 0);
    for (int twice = 0; twice < 2; twice++)
        if (verdict_of(copy, twice, &line) != verdict)
            fail_msg("%s, %s: verdict %d; %s off by %g; %s", what, twice ? "double" : "float32",
                     (int)line.verdict, line.where, line.error, line.cause.message);
}

static void set_number(hid_t file, const char *name, double value)
{
    const hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value) >= 0);
    H5Aclose(attribute);
}

static void set_text(hid_t file, const char *name, const char *text)
{
    H5Adelete(file, name);
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, strlen(text));
    const hid_t attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, type, text) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
}

/* Changes the value of largest size in a dataset by `share` of it; NaN sets NaN. */
static void change_value(hid_t file, const char *name, double share)
{
    const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    const size_t count = (size_t)H5Sget_simple_extent_npoints(space);
    double *values = malloc(count * sizeof *values);
    size_t largest = 0;
    assert_non_null(values);
    assert_true(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    for (size_t k = 0; k < count; k++)
        if (values[k] * values[k] > values[largest] * values[largest])
            largest = k;
    values[largest] += share * values[largest];
    assert_true(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    free(values);
    H5Sclose(space);
    H5Dclose(dataset);
}

static void golden_cases_pass_in_both_precisions(void **state)
{
    (void)state;
    DIR *all = opendir(GOLDEN);
    assert_non_null(all);
    size_t passed = 0;
    for (struct dirent *entry; (entry = readdir(all));) {
        char path[512];
        const char *const dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".h5") != 0)
            continue;
        snprintf(path, sizeof path, GOLDEN "%s", entry->d_name);
        for (int twice = 0; twice < 2; twice++) {
            struct modprop_check_line line;
            const enum modprop_check_verdict verdict = verdict_of(path, twice, &line);
            if (verdict != MODPROP_CHECK_PASSED)
                fail_msg("%s, %s: %s off by %g (%g), %s", path, twice ? "double" : "float32",
                         line.where, line.error, line.bound, line.cause.message);
            passed += verdict == MODPROP_CHECK_PASSED;
        }
    }
    closedir(all);
    assert_true(passed >= 2 * 37);
}

static void each_wrong_expectation_is_reported(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        const char *datasets[20];
    } cases[] = {
        {"relu_modprop_type2_last.h5",
         {"v", "z", "y", "loss", "loss_with_decay", "grad_W_in", "grad_W_rec", "grad_W_out",
          "grad_b_out", "grad_W_in_decay", "grad_W_rec_decay", "grad_W_out_decay",
          "grad_b_out_decay", "W_ab", "type_of_unit"}},
        {"training_modprop_type.h5",
         {"sign", "learning_rate_of_iteration", "loss", "loss_with_decay", "grad_W_in_decay",
          "grad_W_rec_decay", "grad_W_out_decay", "grad_b_out_decay", "W_in_after",
          "theta_W_rec_after", "theta_W_out_after", "b_out_after", "adam_m_W_in_after",
          "adam_m_W_rec_after", "adam_v_W_in_after", "adam_v_W_rec_after", "adam_v_W_out_after",
          "adam_v_b_out_after"}},
        {"optimiser_steps.h5", {"adam_m_W_rec", "adam_v_W_in", "theta_W_rec", "grad_W_out_decay"}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        for (size_t k = 0; cases[c].datasets[k]; k++) {
            const hid_t file = change_case(cases[c].file);
            /* whole numbers change by 1 at least */
            change_value(file, cases[c].datasets[k],
                         strcmp(cases[c].datasets[k], "type_of_unit") ? 1e-3 : 1);
            expect_verdict(file, MODPROP_CHECK_FAILED, cases[c].datasets[k]);
        }
    }
}

static void wrong_gradient_is_named(void **state)
{
    (void)state;
    struct modprop_check_line line;
    const hid_t file = change_case("relu_eprop_last.h5");
    change_value(file, "grad_W_in", -0.01);
    H5Fclose(file);
    assert_int_equal(verdict_of(copy, true, &line), MODPROP_CHECK_FAILED);
    assert_true(strcmp(line.where, "grad_W_in offline") == 0 ||
                strcmp(line.where, "grad_W_in online") == 0);
    assert_true(line.error > 0.009 && line.error < 0.011);
}

static void each_changed_setting_is_reported(void **state)
{
    (void)state;
    static const struct {
        const char *file, *attribute;
        double value;
    } changes[] = {
        {"relu_modprop_type_last.h5", "mu", 0.2525},
        {"relu_modprop_type_last_window.h5", "window", 6},
        {"relu_modprop_type_last_window.h5", "window", 0},
        {"relu_modprop_type_last.h5", "tau_ms", 12.01},
        {"relu_modprop_type_last.h5", "alpha", 0.93},
        {"relu_modprop_type_last.h5", "spectral_radius", 0.99},
        {"relu_modprop_type_last.h5", "weight_decay", 6e-4},
        {"relu_bptt_threshold.h5", "thr", 0.126},
        {"relu_bptt_window_loss.h5", "loss_steps", 11},
        {"training_modprop_type.h5", "first_iteration", 300},
        {"training_modprop_type.h5", "learning_rate", 1.001e-3},
        {"training_modprop_type.h5", "l1", 0.02},
    };
    for (size_t k = 0; k < sizeof changes / sizeof *changes; k++) {
        const hid_t file = change_case(changes[k].file);
        set_number(file, changes[k].attribute, changes[k].value);
        expect_verdict(file, MODPROP_CHECK_FAILED, changes[k].attribute);
    }
    hid_t file = change_case("relu_modprop_type_last.h5");
    set_text(file, "feedback", "cell");
    expect_verdict(file, MODPROP_CHECK_FAILED, "feedback");
    file = change_case("relu_modprop_type_random.h5");
    set_text(file, "learning_signal", "symmetric");
    expect_verdict(file, MODPROP_CHECK_FAILED, "learning_signal");
    file = change_case("relu_bptt_last.h5");
    set_text(file, "rule", "eprop");
    expect_verdict(file, MODPROP_CHECK_FAILED, "rule");
}

static void what_is_not_built_is_not_passed(void **state)
{
    (void)state;
    static const char *const attributes[] = {"units", "rule", "feedback", "mu_mode"};
    for (size_t k = 0; k < sizeof attributes / sizeof *attributes; k++) {
        const hid_t file = change_case("relu_modprop_type_last.h5");
        set_text(file, attributes[k], "unheard_of");
        expect_verdict(file, MODPROP_CHECK_NOT_SUPPORTED, attributes[k]);
    }
}

static void missing_file_is_reported(void **state)
{
    (void)state;
    remove(copy);
    expect_verdict(-1, MODPROP_CHECK_UNREADABLE, "missing file");
}

static void truncated_file_is_reported(void **state)
{
    (void)state;
    const size_t size = copy_case("relu_modprop_type_last.h5", 0);
    const size_t lengths[] = {0, 1, 8, 100, 1000, size / 4, size / 2, size - 1000, size - 1};
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        copy_case("relu_modprop_type_last.h5", lengths[k]);
        expect_verdict(-1, MODPROP_CHECK_UNREADABLE, "truncated");
    }
}

static void random_bytes_are_reported(void **state)
{
    (void)state;
    FILE *file = fopen(copy, "wb");
    uint32_t x = 1;
    assert_non_null(file);
    for (size_t k = 0; k < 50000; k++) {
        x = x * 1664525 + 1013904223;
        fputc((int)(x >> 24), file);
    }
    fclose(file);
    expect_verdict(-1, MODPROP_CHECK_UNREADABLE, "random bytes");
}

static const double hostile[] = {
    0, -1, 1, 0.5, 4294967297.0, 1e18, 1e300, -1e300, (double)INFINITY, (double)NAN};
enum { HOSTILE = sizeof hostile / sizeof *hostile };

/* Whatever numbers a sound HDF5 file holds, there is a verdict: run under sanitizers. */
static void hostile_attributes_never_crash(void **state)
{
    (void)state;
    struct modprop_check_line line;
    hid_t file = change_case("relu_modprop_type_random.h5");
    H5O_info_t info;
    assert_true(H5Oget_info(file, &info) >= 0);
    H5Fclose(file);
    assert_true(info.num_attrs > 30);
    for (hsize_t k = 0; k < info.num_attrs * HOSTILE; k++) {
        file = change_case("relu_modprop_type_random.h5");
        const hid_t attribute = H5Aopen_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, k / HOSTILE,
                                               H5P_DEFAULT, H5P_DEFAULT);
        const hid_t type = H5Aget_type(attribute);
        if (H5Tget_class(type) != H5T_STRING)
            assert_true(H5Awrite(attribute, H5T_NATIVE_DOUBLE, &hostile[k % HOSTILE]) >= 0);
        H5Tclose(type);
        H5Aclose(attribute);
        H5Fclose(file);
        assert_true(verdict_of(copy, k % 2, &line) <= MODPROP_CHECK_UNREADABLE);
    }
}

static void hostile_values_never_pass(void **state)
{
    (void)state;
    static const char *const datasets[] = {"x",     "W_rec",    "W_in", "W_out",
                                           "b_out", "W_fb_out", "y",    "grad_W_in"};
    for (size_t d = 0; d < sizeof datasets / sizeof *datasets; d++) {
        for (size_t k = 0; k < HOSTILE; k++) {
            struct modprop_check_line line;
            const hid_t file = change_case("relu_modprop_type_random.h5");
            change_value(file, datasets[d], hostile[k] == 0 ? 2 : hostile[k]);
            H5Fclose(file);
            for (int twice = 0; twice < 2; twice++)
                assert_true(verdict_of(copy, twice, &line) != MODPROP_CHECK_PASSED);
        }
    }
}

static void each_missing_dataset_is_reported(void **state)
{
    (void)state;
    static const struct {
        const char *file, *dataset;
    } missing[] = {
        {"relu_modprop_type_last.h5", "x"},
        {"relu_modprop_type_last.h5", "target"},
        {"relu_modprop_type_last.h5", "W_rec"},
        {"relu_modprop_type_last.h5", "b_out"},
        {"relu_modprop_type_last.h5", "v"},
        {"relu_modprop_type_last.h5", "loss"},
        {"relu_modprop_type_last.h5", "W_ab"},
        {"relu_modprop_type_last.h5", "grad_W_rec"},
        {"relu_modprop_type_last.h5", "grad_b_out_decay"},
        {"relu_modprop_type_random.h5", "W_fb_out"},
        {"training_modprop_type.h5", "x"},
        {"training_modprop_type.h5", "theta_W_rec"},
        {"training_modprop_type.h5", "adam_m_W_in"},
        {"training_modprop_type.h5", "b_out_after"},
        {"optimiser_steps.h5", "grad_W_rec_decay"},
        {"optimiser_steps.h5", "sign"},
    };
    for (size_t k = 0; k < sizeof missing / sizeof *missing; k++) {
        const hid_t file = change_case(missing[k].file);
        assert_true(H5Ldelete(file, missing[k].dataset, H5P_DEFAULT) >= 0);
        expect_verdict(file, MODPROP_CHECK_UNREADABLE, missing[k].dataset);
    }
}

static void sizes_that_do_not_fit_are_reported(void **state)
{
    (void)state;
    static const struct {
        const char *attribute;
        double value;
    } sizes[] = {
        {"n", 19},
        {"n", 0},
        {"n", -1},
        {"n", 1e15},
        {"n_in", 3},
        {"n_in", 0},
        {"n_out", 1},
        {"T", 39},
        {"T", 0},
        {"T", 1e12},
        {"B", 5},
        {"B", -4},
        {"loss_steps", 41},
        {"loss_steps", 2},
        {"C", 4},
        {"types_per_sign", 5},
        {"types_per_sign", 0},
        {"n_inh", 4},
        {"trajectory_every", 0},
        {"trajectory_every", 2},
        {"window", -1},
        {"tau_ms", 0},
        {"proportion_excitatory", 1},
    };
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const hid_t file = change_case("relu_modprop_type_last.h5");
        set_number(file, sizes[k].attribute, sizes[k].value);
        expect_verdict(file, MODPROP_CHECK_UNREADABLE, sizes[k].attribute);
    }
    hid_t file = change_case("relu_modprop_type_last.h5");
    set_text(file, "format", "golden 2");
    expect_verdict(file, MODPROP_CHECK_UNREADABLE, "format");
    file = change_case("relu_modprop_type_last.h5");
    H5Adelete(file, "mu");
    expect_verdict(file, MODPROP_CHECK_UNREADABLE, "no mu");
}

static void numbers_that_are_none_are_reported(void **state)
{
    (void)state;
    static const char *const datasets[] = {"x", "W_rec", "W_out", "grad_W_rec", "v"};
    for (size_t k = 0; k < sizeof datasets / sizeof *datasets; k++) {
        const hid_t file = change_case("relu_modprop_type_last.h5");
        change_value(file, datasets[k], (double)NAN);
        expect_verdict(file, MODPROP_CHECK_UNREADABLE, datasets[k]);
    }
    const hid_t file = change_case("relu_modprop_type_last.h5");
    change_value(file, "target", 6); /* class 1 becomes class 7 of 2 */
    expect_verdict(file, MODPROP_CHECK_UNREADABLE, "class");
}

int main(void)
{
    const struct CMUnitTest comparisons[] = {
        cmocka_unit_test_setup(every_comparison_passes_in_both_precisions, quiet_engine),
        cmocka_unit_test(every_rule_is_compared_for_all_units),
        cmocka_unit_test_setup(every_comparison_fails_for_some_mistake, quiet_engine),
        cmocka_unit_test_setup(mu_off_by_a_thousandth_fails, quiet_engine),
        cmocka_unit_test_setup(transposed_type_feedback_fails, quiet_engine),
        cmocka_unit_test_setup(window_one_step_too_short_fails, quiet_engine),
        cmocka_unit_test_setup(wrong_learning_signal_fails_finite_differences, quiet_engine),
    };
    const struct CMUnitTest files[] = {
        cmocka_unit_test(golden_cases_pass_in_both_precisions),
        cmocka_unit_test(each_wrong_expectation_is_reported),
        cmocka_unit_test(wrong_gradient_is_named),
        cmocka_unit_test(each_changed_setting_is_reported),
        cmocka_unit_test(what_is_not_built_is_not_passed),
        cmocka_unit_test(missing_file_is_reported),
        cmocka_unit_test(truncated_file_is_reported),
        cmocka_unit_test(random_bytes_are_reported),
        cmocka_unit_test(hostile_attributes_never_crash),
        cmocka_unit_test(hostile_values_never_pass),
        cmocka_unit_test(each_missing_dataset_is_reported),
        cmocka_unit_test(sizes_that_do_not_fit_are_reported),
        cmocka_unit_test(numbers_that_are_none_are_reported),
    };
    return cmocka_run_group_tests(comparisons, NULL, NULL) +
           cmocka_run_group_tests(files, make_folder, remove_folder);
}
