/*
 * Who may have to leave at any moment is asked often enough, also where a network is large.
 *
 * Measured in processor time, which does not depend on what else the machine does, but on a virtual machine
 * counts what its host takes: a stretch is judged by the shortest of several tries, each of which does the
 * same work.
 */
#include <math.h>

#include "small_training.h"

#include "engine/clock.h"
#include "engine/krylov.h"
#include "engine/spectrum.h"

/* Of the two seconds in which a sweep leaves, the runner waits a tenth until it asks again, and checkpoint,
 * file and MPI want their time (tests/mpi measures the whole). What is left must do for a slower core,
 * too. The longest stretch at n = 2000 is the update of four million weights. */
static const double LONGEST_S = 0.5;

/* ------------------------------------------------------------------ how often */

enum { MOST_STRETCHES = 100000, TRIES = 3 };

struct stretches {
    double since;
    double s[MOST_STRETCHES]; /* the k-th one, the shortest of the tries so far */
    long now, asked;          /* in this try, in the first one: 0 until it is over */
};

static double processor_s(void)
{
    return modprop_clock_s(CLOCK_THREAD_CPUTIME_ID);
}

static bool look(void *context)
{
    struct stretches *stretches = context;
    const double now_s = processor_s(), passed = now_s - stretches->since;
    const long k = stretches->now++;
    assert_true(k < MOST_STRETCHES);
    stretches->s[k] = stretches->asked ? fmin(stretches->s[k], passed) : passed;
    stretches->since = now_s;
    return false;
}

static double longest_s(const struct stretches *stretches)
{
    double longest = 0;
    for (long k = 0; k < stretches->asked; k++)
        longest = fmax(longest, stretches->s[k]);
    return longest;
}

/* The parameters of a run of n = 2000 whose trials are short: all that happens once an iteration takes what
 * it does in longer ones. */
struct heavy {
    const char *name, *value; /* one more */
    const char *rule, *path;
};

static struct modprop_config heavy_config(const struct heavy *heavy)
{
    struct modprop_config config;
    modprop_config_init(&config);
    small_set(&config, "n", "2000");
    small_set(&config, "cue_ms", "2");
    small_set(&config, "delay_ms", "12");
    small_set(&config, "rule", heavy->rule);
    small_set(&config, "path", heavy->path);
    small_set(&config, heavy->name, heavy->value);
    return config;
}

/* Made, stepped and evaluated. */
static void train_heavy(const struct modprop_config *config, struct stretches *stretches)
{
    struct modprop_error err = {0};
    struct modprop_evaluation now;
    struct modprop_run *run = NULL;
    stretches->now = 0;
    stretches->since = processor_s();
    if (modprop_run_create_halting(&run, config, look, stretches, &err) != MODPROP_OK ||
        modprop_run_step(run, &err) != MODPROP_OK ||
        modprop_run_evaluate(run, &now, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    (void)look(stretches);
    modprop_run_free(run);
    assert_true(stretches->asked == 0 || stretches->asked == stretches->now);
    stretches->asked = stretches->now;
}

static void nobody_waits_long_for_a_large_network(void **state)
{
    (void)state;
    static const struct heavy runs[] = {
        {"batch", "32", "bptt", "offline"},
        {"mu_mode", "adaptive", "modprop", "offline"},
        {"loss_steps", "10", "modprop", "online"},
        {"structure", "ring", "eprop", "online"},
    };
#if !defined __OPTIMIZE__ || defined __SANITIZE_ADDRESS__
    skip(); /* which makes everything several times as slow */
#endif
    static struct stretches stretches;
    for (size_t k = 0; k < sizeof runs / sizeof *runs; k++) {
        const struct modprop_config config = heavy_config(&runs[k]);
        stretches.asked = 0;
        int tries = 0;
        do
            train_heavy(&config, &stretches);
        while (longest_s(&stretches) > LONGEST_S && ++tries < TRIES);
        print_message("%s, %s = %s: asked %ld times, %.0f ms apart at most\n", runs[k].rule,
                      runs[k].name, runs[k].value, stretches.asked, 1000 * longest_s(&stretches));
        assert_true(longest_s(&stretches) <= LONGEST_S);
    }
}

/* ------------------------------------------------------------------ before there is a run */

struct interruption {
    long asked, at;
};

static bool leave_at(void *context)
{
    struct interruption *i = context;
    return ++i->asked == i->at;
}

static enum modprop_status create_until(const struct modprop_config *config, long at)
{
    struct interruption i = {0, at};
    struct modprop_run *run = (struct modprop_run *)&i; /* anything but NULL */
    const enum modprop_status status = modprop_run_create_halting(&run, config, leave_at, &i, NULL);
    assert_int_equal(run == NULL, status != MODPROP_OK);
    modprop_run_free(run);
    return status;
}

static void a_run_that_is_left_while_it_is_made_is_not_there(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.n = 600; /* so large that somebody is asked */
    small_set(&config, "rule", "modprop");
    small_set(&config, "feedback", "type");
    small_set(&config, "type_labels", "clustered");
    small_set(&config, "types_per_sign", "3");
    small_set(&config, "feedback_weights", "random");
    enum modprop_status status = MODPROP_STOPPED;
    long tried = 0;
    for (long at = 1; status == MODPROP_STOPPED; at += 1 + at / 4, tried++)
        status = create_until(&config, at);
    assert_int_equal(status, MODPROP_OK);
    assert_true(tried > 10);
}

/* ------------------------------------------------------------------ what large networks do otherwise */

/* One more than all eigenvalues are computed of. */
enum { LARGE = MODPROP_SPECTRUM_LARGE + 1 };

/* The residual is 1e-7 of the radius; what an eigenvalue is off by is that times its condition number, and
 * of matrices under Dale's law, the columns of which sum to zero, these are some hundreds. */
static const double TOLERANCE = 1e-4;

static struct modprop_config large_config(void)
{
    struct modprop_config config = small_config();
    config.n = LARGE;
    small_set(&config, "rule", "modprop");
    return config;
}

static double radius_by_qr(struct modprop_spectrum *s, double shift, double scale)
{
    assert_true(modprop_spectrum_compute(s, s->n));
    return modprop_spectrum_radius(s, s->n, shift, scale);
}

static void large_networks_begin_with_a_spectral_radius_of_1(void **state)
{
    (void)state;
    struct modprop_config config = large_config();
    for (config.seed = 1; config.seed <= 3; config.seed++) {
        struct modprop_run *run = create(&config);
        for (size_t k = 0; k < LARGE * LARGE; k++)
            run->spectrum.matrix[k] = (double)run->network->w.W_rec[k];
        assert_true(fabs(radius_by_qr(&run->spectrum, 0, 1) - 1) < TOLERANCE);
        modprop_run_free(run);
    }
}

/* mu W_fb [n][n], column by column from what a credit of unit j gives to all. */
static void lay_feedback(struct modprop_run *run, double mu, double *matrix)
{
    const size_t n = run->shape.n, ldn = run->shape.ldn;
    modprop_real *const unit = calloc(2 * ldn, sizeof *unit), *const all = unit + ldn;
    assert_non_null(unit);
    for (size_t j = 0; j < n; j++) {
        unit[j] = 1;
        modprop_feedback_apply(run->feedback, 1, unit, all, NULL);
        unit[j] = 0;
        for (size_t i = 0; i < n; i++)
            matrix[i * n + j] = mu * (double)all[i];
    }
    free(unit);
}

/* mubar of 0.5 to 2 times what the filter bears. */
static void compare_clamp(const struct modprop_config *config)
{
    struct modprop_run *run = create(config);
    struct modprop_modulation *const m = run->modulation;
    const double alpha = run->network->alpha, bound = config->radius_max;
    modprop_feedback_refresh(run->feedback, 0);
    for (double mu = 0.4; mu < 2; mu *= 2) {
        for (size_t a = 0; a < m->types->C; a++)
            m->mubar[a] = mu;
        memset(run->spectrum.matrix, 0, run->shape.n * run->shape.n * sizeof(double)); /* or else */
        modprop_modulation_refresh(m, &run->spectrum);
        lay_feedback(run, mu, run->spectrum.matrix);
        const double alone = radius_by_qr(&run->spectrum, alpha, 1 - alpha);
        const double held = modprop_spectrum_radius(&run->spectrum, run->shape.n, alpha,
                                                    (1 - alpha) * m->clamp);
        assert_true(fabs(m->radius_alone - alone) < TOLERANCE * (1 - alpha));
        assert_true(fabs(m->radius - held) < TOLERANCE * (1 - alpha));
        const bool clamped = m->clamp < 1;
        assert_true(clamped == (alone > bound));
        if (clamped)
            assert_true(fabs(held - bound) < TOLERANCE * (1 - alpha));
    }
    modprop_run_free(run);
}

static void the_clamp_of_a_large_network_is_that_of_all_eigenvalues(void **state)
{
    (void)state;
    struct modprop_config config = large_config();
    small_set(&config, "mu_mode", "adaptive");
    compare_clamp(&config);
}

/* The filter of types is large, and yet smaller than the network. */
static void the_clamp_of_many_types_is_that_of_all_eigenvalues(void **state)
{
    (void)state;
    struct modprop_config config = large_config();
    small_set(&config, "mu_mode", "adaptive");
    small_set(&config, "feedback", "type");
    config.n = 2 * (LARGE / 2 + 9);
    config.proportion_excitatory = 0.5;
    config.types_per_sign = LARGE / 2 + 1;
    compare_clamp(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_waits_long_for_a_large_network),
        cmocka_unit_test(a_run_that_is_left_while_it_is_made_is_not_there),
        cmocka_unit_test(large_networks_begin_with_a_spectral_radius_of_1),
        cmocka_unit_test(the_clamp_of_a_large_network_is_that_of_all_eigenvalues),
        cmocka_unit_test(the_clamp_of_many_types_is_that_of_all_eigenvalues),
    };
    return cmocka_run_group_tests_name("halting", tests, NULL, NULL);
}
