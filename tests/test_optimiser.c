/*
 * Adam in float32 against the published formula in double.
 */
#include <math.h>
#include <string.h>

#include "small_run.h"

#include "engine/random.h"
#include "engine/registry.h"

static const double LEARNING_RATE = 1e-3;

/* theta -= lr sqrt(1 - beta2^k) / (1 - beta1^k) m / (sqrt(v) + epsilon): returns what is
 * subtracted. */
static double reference(double g, double *m, double *v, long k)
{
    *m = 0.9 * *m + 0.1 * g;
    *v = 0.999 * *v + 0.001 * g * g;
    return LEARNING_RATE * sqrt(1 - pow(0.999, (double)k)) / (1 - pow(0.9, (double)k)) * *m /
           (sqrt(*v) + 1e-8);
}

static const struct modprop_config published = {.beta2 = 0.999};

static const struct modprop_optimiser *adam(void)
{
    assert_string_equal(modprop_optimiser_choice(0), "adam");
    return modprop_optimiser_at(0);
}

/* Gradients of each size from 1e-20 (whose square is below float32's normal numbers) to 1e15,
 * normal and independent. The parameter starts each step at 0, so that the step itself is seen.
 * Tolerance: 1 - beta2 in float32 is 1.3e-5 off, which the root halves, and 1000 roundings of 6e-8
 * in v add like a random walk (2e-6): 1e-5 of the step, and where m cancels, 3 roundings of a
 * typical m. */
static void steps_follow_the_published_formula_for_gradients_of_any_size(void **state)
{
    (void)state;
    enum { SIZES = 36, STEPS = 3000 };
    double m[SIZES] = {0}, v[SIZES] = {0};
    modprop_real memory[2 * SIZES] = {0}, gradient[SIZES], parameter[SIZES];
    for (long k = 1; k <= STEPS; k++) {
        modprop_random_normals(modprop_random_stream(1, MODPROP_STREAM_TRAINING, k), 0, SIZES,
                               gradient);
        for (size_t i = 0; i < SIZES; i++) {
            gradient[i] *= (modprop_real)pow(10, (double)i - 20);
            parameter[i] = 0;
        }
        adam()->step(&published, SIZES, parameter, memory, SIZES, gradient, LEARNING_RATE, k);
        for (size_t i = 0; i < SIZES; i++) {
            const double step = reference((double)gradient[i], &m[i], &v[i], k);
            const double typical = LEARNING_RATE * sqrt(v[i]) / (sqrt(v[i]) + 1e-8);
            if (!(fabs(-(double)parameter[i] - step) <= 1e-5 * fabs(step) + 3e-7 * typical))
                fail_msg("step %ld, gradients of 1e%d: %.9g instead of %.9g", k, (int)i - 20,
                         -(double)parameter[i], step);
        }
    }
}

/* A gradient of epsilon tells the two usual forms apart: here the first step is 0.0306 lr, with the
 * bias-corrected root it would be 0.5 lr. */
static void epsilon_is_added_to_the_uncorrected_root(void **state)
{
    (void)state;
    modprop_real memory[2] = {0}, gradient = (modprop_real)1e-8, parameter = 0;
    adam()->step(&published, 1, &parameter, memory, 1, &gradient, 1, 1);
    const double rate = sqrt(0.001) / 0.1;
    assert_true(fabs((double)parameter + rate * 1e-9 / (sqrt(0.001) * 1e-8 + 1e-8)) < 1e-7);
}

static void the_first_step_has_the_learning_rates_length_whatever_the_gradient(void **state)
{
    (void)state;
    modprop_real memory[6] = {0}, gradient[3] = {(modprop_real)-1e-3, 1, (modprop_real)1e15},
                 parameter[3] = {0};
    adam()->step(&published, 3, parameter, memory, 3, gradient, LEARNING_RATE, 1);
    assert_true(fabs((double)parameter[0] - LEARNING_RATE) <
                4e-4 * LEARNING_RATE); /* epsilon: 3.2e-4 */
    assert_true(fabs((double)parameter[1] + LEARNING_RATE) < 1e-6 * LEARNING_RATE);
    assert_true(fabs((double)parameter[2] + LEARNING_RATE) < 1e-6 * LEARNING_RATE);
}

static void without_any_gradient_nothing_moves(void **state)
{
    (void)state;
    modprop_real memory[2] = {0}, gradient = 0, parameter = (modprop_real)0.7;
    for (long k = 1; k <= 10; k++)
        adam()->step(&published, 1, &parameter, memory, 1, &gradient, LEARNING_RATE, k);
    assert_true(parameter == (modprop_real)0.7);
}

static void momentum_goes_on_when_the_gradient_stops(void **state)
{
    (void)state;
    modprop_real memory[2] = {0}, gradient = 1, parameter = 0;
    adam()->step(&published, 1, &parameter, memory, 1, &gradient, LEARNING_RATE, 1);
    const modprop_real after_one = parameter;
    gradient = 0;
    adam()->step(&published, 1, &parameter, memory, 1, &gradient, LEARNING_RATE, 2);
    assert_true(parameter < after_one);
}

/* Each parameter has its own state, laid out [m ...][v ...]. */
static void parameters_do_not_mix(void **state)
{
    (void)state;
    enum { COUNT = 37 };
    modprop_real together[2 * COUNT] = {0}, gradient[COUNT], parameter[COUNT] = {0};
    modprop_real alone[COUNT][2] = {{0}}, single[COUNT] = {0};
    for (long k = 1; k <= 5; k++) {
        modprop_random_normals(modprop_random_stream(2, MODPROP_STREAM_TRAINING, k), 0, COUNT,
                               gradient);
        adam()->step(&published, COUNT, parameter, together, COUNT, gradient, LEARNING_RATE, k);
        for (size_t i = 0; i < COUNT; i++)
            adam()->step(&published, 1, &single[i], alone[i], 1, &gradient[i], LEARNING_RATE, k);
    }
    for (size_t i = 0; i < COUNT;
         i++) /* the compiler may fuse a multiplication and an addition in one */
        assert_true(fabs((double)(single[i] - parameter[i])) <= 1e-6 * LEARNING_RATE);
}

/* ------------------------------------------------------------------ beta2, amsgrad */

/* Gradients of 1, then one of 100, then of 1 again: `steps` [count] of an optimiser. */
static void steps_about_a_spike(const struct modprop_optimiser *optimiser, double beta2, long count,
                                double *steps)
{
    const struct modprop_config config = {.beta2 = beta2};
    modprop_real memory[3] = {0};
    for (long k = 1; k <= count; k++) {
        modprop_real parameter = 0;
        const modprop_real gradient = k == 20 ? 100 : 1;
        optimiser->step(&config, 1, &parameter, memory, 1, &gradient, LEARNING_RATE, k);
        steps[k - 1] = -(double)parameter;
    }
}

/* The formula in double, with u the largest v so far (amsgrad) or v itself; tolerance as above, but for
 * 1 - beta2 of its own rounding: 2^-24 / (1 - beta2). */
static void beta2_and_the_largest_moment_follow_their_formula(void **state)
{
    (void)state;
    enum { STEPS = 60 };
    static const double beta2s[] = {0.9, 0.99, 0.999};
    for (size_t index = 0; index < 2; index++)
        for (size_t b = 0; b < 3; b++) {
            const double beta2 = beta2s[b];
            double steps[STEPS], m = 0, v = 0, u = 0;
            steps_about_a_spike(modprop_optimiser_at(index), beta2, STEPS, steps);
            for (long k = 1; k <= STEPS; k++) {
                const double g = k == 20 ? 100 : 1;
                m = 0.9 * m + 0.1 * g;
                v = beta2 * v + (1 - beta2) * g * g;
                u = index == 1 ? fmax(u, v) : v;
                const double want = LEARNING_RATE * sqrt(1 - pow(beta2, (double)k)) /
                                    (1 - pow(0.9, (double)k)) * m / (sqrt(u) + 1e-8);
                assert_true(fabs(steps[k - 1] / want - 1) < 3e-6 + 0x1p-24 / (1 - beta2));
            }
        }
}

static void amsgrad_does_not_forget_a_spike(void **state)
{
    (void)state;
    enum { STEPS = 100 };
    double adam_steps[STEPS], steps[STEPS];
    assert_string_equal(modprop_optimiser_choice(1), "amsgrad");
    steps_about_a_spike(adam(), 0.9, STEPS, adam_steps);
    steps_about_a_spike(modprop_optimiser_at(1), 0.9, STEPS, steps);
    for (size_t k = 0; k < 19; k++) /* v only grows until then */
        assert_true(steps[k] == adam_steps[k]);
    assert_true(adam_steps[STEPS - 1] > 0.5 * LEARNING_RATE);
    assert_true(steps[STEPS - 1] < 0.1 * LEARNING_RATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_follow_the_published_formula_for_gradients_of_any_size),
        cmocka_unit_test(epsilon_is_added_to_the_uncorrected_root),
        cmocka_unit_test(the_first_step_has_the_learning_rates_length_whatever_the_gradient),
        cmocka_unit_test(without_any_gradient_nothing_moves),
        cmocka_unit_test(momentum_goes_on_when_the_gradient_stops),
        cmocka_unit_test(parameters_do_not_mix),
        cmocka_unit_test(beta2_and_the_largest_moment_follow_their_formula),
        cmocka_unit_test(amsgrad_does_not_forget_a_spike),
    };
    return cmocka_run_group_tests_name("optimiser", tests, NULL, NULL);
}
