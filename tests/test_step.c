/*
 * One training iteration: learning rate, clipping, weight decay, what holds for the weights.
 */
#include <math.h>
#include <string.h>

#include "small_training.h"

static double norm(const struct modprop_run *run)
{
    double sum = 0;
    for (size_t k = 0; k < run->gradient.count; k++)
        sum += (double)run->gradient.W_rec[k] * (double)run->gradient.W_rec[k];
    return sqrt(sum);
}

static void the_learning_rate_falls_by_a_factor_every_so_many_iterations(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    static const struct {
        long iteration;
        double rate;
    } cases[] = {
        {0, 5e-4}, {299, 5e-4}, {300, 4e-4}, {599, 4e-4}, {600, 3.2e-4}, {2999, 5e-4 * 0.134217728},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        assert_true(fabs(modprop_run_learning_rate(&config, cases[k].iteration) / cases[k].rate -
                         1) < 1e-14);
    config.learning_rate_decay = 1;
    assert_true(modprop_run_learning_rate(&config, 1000000) == 5e-4);
}

/* Adam's step is proportional to the learning rate, so a run with the rate of iteration 1 from the
 * start takes the same second step as one whose rate falls to it. */
static void the_falling_learning_rate_is_the_one_in_use(void **state)
{
    (void)state;
    struct modprop_config falls = small_config(), stays = small_config();
    falls.learning_rate_decay = 0.5;
    falls.learning_rate_decay_every = 1;
    falls.l1 = stays.l1 = 0;
    struct modprop_run *a = create(&falls), *b = create(&stays);
    train_steps(a, 1);
    train_steps(b, 1);
    modprop_real before[2];
    memcpy(before, a->network->theta.b_out, sizeof before);
    assert_memory_equal(before, b->network->theta.b_out, sizeof before);
    train_steps(a, 1);
    train_steps(b, 1);
    for (size_t k = 0; k < 2; k++) {
        const double half = (double)(a->network->theta.b_out[k] - before[k]);
        const double whole = (double)(b->network->theta.b_out[k] - before[k]);
        assert_true(whole != 0 && fabs(half / whole - 0.5) < 1e-4);
    }
    modprop_run_free(a);
    modprop_run_free(b);
}

static void a_long_gradient_is_scaled_to_clip_norm(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    struct modprop_run *free_run = create(&config);
    config.clip_norm = 0.01;
    struct modprop_run *clipped = create(&config);
    train_steps(free_run, 1);
    train_steps(clipped, 1);
    const double longer = norm(free_run);
    assert_true(longer > 0.02);
    assert_true(fabs(norm(clipped) / 0.01 - 1) < 1e-6);
    for (size_t k = 0; k < clipped->gradient.count; k++) { /* the direction stays */
        const double want = (double)free_run->gradient.W_rec[k] * 0.01 / longer;
        assert_true(fabs((double)clipped->gradient.W_rec[k] - want) <= 1e-6 * fabs(want));
    }
    modprop_run_free(free_run);
    modprop_run_free(clipped);
}

static void a_short_gradient_is_not_scaled(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    struct modprop_run *free_run = create(&config);
    config.clip_norm = 100;
    struct modprop_run *clipped = create(&config);
    train_steps(free_run, 3);
    train_steps(clipped, 3);
    assert_memory_equal(free_run->gradient.W_rec, clipped->gradient.W_rec,
                        clipped->gradient.count * sizeof(modprop_real));
    modprop_run_free(free_run);
    modprop_run_free(clipped);
}

/* Without clipping run->gradient after a step is the gradient itself, signs apart. */
static void the_largest_norm_since_the_last_evaluation_is_told(void **state)
{
    (void)state;
    const struct modprop_config config = small_config();
    struct modprop_run *run = create(&config);
    struct modprop_evaluation now;
    assert_int_equal(modprop_run_evaluate(run, &now, NULL), MODPROP_OK);
    assert_true(isnan(now.gradient_norm)); /* none yet */
    bool falls = false;
    double before = 0;
    for (int round = 0; round < 8; round++) {
        double largest = 0;
        for (int k = 0; k < 5; k++) {
            train_steps(run, 1);
            largest = fmax(largest, norm(run));
        }
        assert_int_equal(modprop_run_evaluate(run, &now, NULL), MODPROP_OK);
        assert_true(fabs(now.gradient_norm / largest - 1) < 1e-12);
        falls |= largest < before; /* so that a largest of the whole run would be noticed */
        before = largest;
    }
    assert_true(falls);
    modprop_run_free(run);
}

static void the_norm_told_is_that_before_clipping_with_weight_decay(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.weight_decay = 0.1;
    struct modprop_run *run = create(&config);
    config.clip_norm = 1e-3;
    struct modprop_run *clipped = create(&config);
    struct modprop_evaluation now;
    train_steps(run, 1);
    train_steps(clipped, 1);
    assert_int_equal(modprop_run_evaluate(clipped, &now, NULL), MODPROP_OK);
    assert_true(fabs(now.gradient_norm / norm(run) - 1) < 1e-12);
    /* The decay's part alone: 0.1 |w| of W_rec, W_in and W_out, most of the norm here. */
    assert_true(now.gradient_norm > 0.3);
    modprop_run_free(run);
    modprop_run_free(clipped);
}

static void weight_decay_spares_the_bias(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.weight_decay = 0.5;
    struct modprop_run *run = create(&config);
    const struct modprop_weights *w = &run->network->w;
    w->b_out[0] = 3;
    memset(run->gradient.W_rec, 0, run->gradient.count * sizeof(modprop_real));
    modprop_run_decay(run);
    double squares = 0;
    for (size_t k = 0; k < w->count - 2; k++) {
        assert_true(run->gradient.W_rec[k] == (modprop_real)0.5 * w->W_rec[k]);
        squares += (double)w->W_rec[k] * (double)w->W_rec[k];
    }
    assert_true(run->gradient.b_out[0] == 0 && run->gradient.b_out[1] == 0);
    assert_true(fabs(modprop_run_decay_loss(run) / (0.25 * squares) - 1) < 1e-12);
    modprop_run_free(run);
}

/* Disconnected entries get their dense gradient too and their Adam state goes on. */
static void disconnected_weights_keep_their_optimiser_going(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.connectivity = 0.5; /* nothing comes back */
    struct modprop_run *run = create(&config);
    modprop_real *theta = run->network->theta.W_rec;
    size_t cut = 0, alive = 0;
    for (size_t k = 0; k < 900; k++)
        if (k % 7 == 3)
            theta[k] = 0;
    modprop_network_refresh(run->network);
    train_steps(run, 2);
    const modprop_real *v = run->optimiser_state + run->gradient.count;
    for (size_t k = 0; k < 900; k++) {
        if (k % 31 == 0)
            assert_true(run->gradient.W_rec[k] == 0 && v[k] == 0); /* an autapse has none */
        else if (k % 7 == 3) {
            assert_true(theta[k] == 0 && run->network->w.W_rec[k] == 0);
            cut++;
            alive += run->gradient.W_rec[k] != 0 && v[k] > 0;
        }
    }
    assert_true(alive > cut / 2); /* not those of silent units */
    modprop_run_free(run);
}

static void dales_law_and_connectivity_hold_throughout(void **state)
{
    (void)state;
    for (size_t k = 0; k < WAYS; k++) {
        const struct modprop_config config = way(k);
        struct modprop_run *run = create(&config);
        const size_t n = run->shape.n, possible = n * (n - 1) + 2 * n;
        for (int iteration = 0; iteration < 30; iteration++) {
            size_t connected = 0;
            train_steps(run, 1);
            const struct modprop_weights *w = &run->network->w;
            for (size_t pre = 0; pre < n; pre++) {
                const modprop_real sign = pre < run->network->n_inh ? -1 : 1;
                assert_true(w->W_rec[pre * n + pre] == 0);
                for (size_t post = 0; post < n; post++) {
                    assert_true(sign * w->W_rec[pre * n + post] >= 0);
                    connected += w->W_rec[pre * n + post] != 0;
                }
                for (size_t out = 0; out < 2; out++) {
                    assert_true(sign * w->W_out[pre * 2 + out] >= 0);
                    connected += w->W_out[pre * 2 + out] != 0;
                }
            }
            assert_true(connected >= (size_t)(0.99 * (double)possible));
        }
        modprop_run_free(run);
    }
}

static void a_random_learning_signal_is_fixed_and_as_large_as_the_readout(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    struct modprop_run *symmetric = create(&config);
    assert_null(symmetric->W_random);
    config.learning_signal = MODPROP_SIGNAL_RANDOM;
    struct modprop_run *run = create(&config);
    modprop_real before[60];
    double own = 0, readout = 0;
    memcpy(before, run->W_random, sizeof before);
    for (size_t k = 0; k < 60; k++) {
        own += (double)before[k] * (double)before[k];
        readout += (double)run->network->w.W_out[k] * (double)run->network->w.W_out[k];
    }
    assert_true(own / readout > 0.4 &&
                own / readout < 2); /* chi-square with 60 degrees, 3.3 deviations */
    train_steps(symmetric, 1);
    train_steps(run, 1);
    assert_memory_not_equal(run->gradient.W_rec, symmetric->gradient.W_rec,
                            900 * sizeof(modprop_real));
    assert_memory_equal(run->gradient.b_out, symmetric->gradient.b_out, 2 * sizeof(modprop_real));
    train_steps(run, 5);
    assert_memory_equal(before, run->W_random, sizeof before);
    modprop_run_free(symmetric);
    modprop_run_free(run);
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_learning_rate_falls_by_a_factor_every_so_many_iterations),
        cmocka_unit_test(the_falling_learning_rate_is_the_one_in_use),
        cmocka_unit_test(a_long_gradient_is_scaled_to_clip_norm),
        cmocka_unit_test(a_short_gradient_is_not_scaled),
        cmocka_unit_test(the_largest_norm_since_the_last_evaluation_is_told),
        cmocka_unit_test(the_norm_told_is_that_before_clipping_with_weight_decay),
        cmocka_unit_test(weight_decay_spares_the_bias),
        cmocka_unit_test(disconnected_weights_keep_their_optimiser_going),
        cmocka_unit_test(dales_law_and_connectivity_hold_throughout),
        cmocka_unit_test(a_random_learning_signal_is_fixed_and_as_large_as_the_readout),
    };
    return cmocka_run_group_tests_name("step", tests, NULL, NULL);
}
