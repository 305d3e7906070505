/*
 * The controls on feedback: weights of its own, shuffled cell types, broadcasts that follow.
 */
#include <math.h>
#include <string.h>

#include "small_training.h"

#include "engine/feedback.h"

static struct modprop_config controlled(const char *feedback, const char *weights)
{
    struct modprop_config config = small_config();
    small_set(&config, "feedback", feedback);
    small_set(&config, "feedback_weights", weights);
    config.types_per_sign = 2;
    config.feedback_decay = 0.25;
    return config;
}

/* The largest difference of feedback from forward weights, and their largest. */
static double distance(struct modprop_run *run, double *size)
{
    double difference = 0;
    modprop_feedback_refresh(run->feedback, run->iteration);
    const modprop_real *const W = modprop_feedback_weights(run->feedback);
    *size = 0;
    for (size_t k = 0; k < run->shape.n * run->shape.n; k++) {
        *size = fmax(*size, fabs((double)W[k]));
        difference = fmax(difference, fabs((double)(W[k] - run->network->w.W_rec[k])));
    }
    return difference;
}

static const char *const feedbacks[] = {"cell", "type"};

static void random_feedback_is_another_sample_that_stays(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        const struct modprop_config config = controlled(feedbacks[k], "random");
        struct modprop_run *run = create(&config);
        const size_t n = run->shape.n, bytes = n * n * sizeof(modprop_real);
        double size;
        assert_true(distance(run, &size) > 0.2 * size);
        const modprop_real *const W = modprop_feedback_weights(run->feedback);
        for (size_t i = 0; i < n * n; i++) /* Dale's law, no autapses */
            assert_true(i % (n + 1) == 0 ? W[i] == 0 : W[i] * run->network->sign[i / n] > 0);
        modprop_real *before = malloc(bytes);
        assert_non_null(before);
        memcpy(before, W, bytes);
        train_steps(run, 3);
        distance(run, &size);
        assert_memory_equal(before, modprop_feedback_weights(run->feedback), bytes);
        free(before);
        modprop_run_free(run);
    }
}

static void adaptive_feedback_gets_the_updates_while_the_difference_decays(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        const struct modprop_config config = controlled(feedbacks[k], "adaptive");
        struct modprop_run *run = create(&config);
        double size;
        const double first = distance(run, &size);
        assert_true(first > 0.2 * size);
        for (int iteration = 1; iteration < 6; iteration++) {
            train_steps(run, 1);
            const double now = distance(run, &size);
            assert_true(fabs(now - first * pow(0.75, iteration)) < 1e-6 * size);
        }
        modprop_run_free(run);
    }
}

static void adaptive_feedback_begins_where_random_feedback_stays(void **state)
{
    (void)state;
    const struct modprop_config fixed = controlled("cell", "random"),
                                adaptive = controlled("cell", "adaptive");
    struct modprop_run *one = create(&fixed), *other = create(&adaptive);
    double size;
    distance(one, &size);
    distance(other, &size);
    const modprop_real *const W = modprop_feedback_weights(one->feedback);
    const modprop_real *const W_other = modprop_feedback_weights(other->feedback);
    for (size_t k = 0; k < one->shape.n * one->shape.n; k++)
        assert_true(fabs((double)(W[k] - W_other[k])) < 1e-6 * size);
    modprop_run_free(one);
    modprop_run_free(other);
}

static void an_adaptive_broadcast_gets_the_updates_of_the_readout(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    small_set(&config, "learning_signal", "adaptive");
    config.signal_decay = 0.25;
    struct modprop_run *run = create(&config);
    double first = 0;
    for (int iteration = 0; iteration < 5; iteration++) {
        struct modprop_pass_figures figures;
        double difference = 0;
        run->trials.task->begin(&run->trials);
        assert_int_equal(modprop_run_gradient(run, &run->trials, &figures, NULL), MODPROP_OK);
        for (size_t k = 0; k < run->shape.n * run->shape.n_out; k++)
            difference = fmax(difference,
                              fabs((double)(run->W_random[k] - run->network->w.W_out[k])));
        if (iteration == 0)
            first = difference;
        assert_true(first > 0.01);
        assert_true(fabs(difference - first * pow(0.75, iteration)) < 1e-6);
        train_steps(run, 1);
    }
    modprop_run_free(run);
}

static void the_kind_of_weights_matters_to_learning(void **state)
{
    (void)state;
    static const char *const kinds[] = {"symmetric", "random", "adaptive"};
    struct modprop_record records[3];
    struct modprop_config config;
    for (size_t k = 0; k < 3; k++) {
        config = controlled("cell", kinds[k]);
        records[k] = train(&config);
    }
    for (size_t k = 0; k < 3; k++)
        assert_false(same_weights(&config, &records[k], &records[(k + 1) % 3]));
    for (size_t k = 0; k < 3; k++)
        release(&records[k]);
}

/* ------------------------------------------------------------------ types */

/* Types with those labels; label[i] of each unit. */
static struct modprop_types labelled(const char *labels, long seed, size_t *label)
{
    struct modprop_config config = small_config();
    struct modprop_types types;
    small_set(&config, "type_labels", labels);
    config.types_per_sign = 2;
    config.seed = seed;
    assert_int_equal(modprop_types_init(&types, &config, NULL), MODPROP_OK);
    size_t seen = 0;
    for (size_t i = 0; i < 30; i++)
        label[i] = 99;
    for (size_t a = 0; a < types.C; a++)
        for (size_t k = types.first[a]; k < types.first[a + 1]; k++) {
            assert_true(label[types.unit[k]] == 99); /* each unit once */
            label[types.unit[k]] = a;
            seen++;
        }
    assert_int_equal(seen, 30);
    return types;
}

static void shuffled_labels_keep_the_sizes_of_types(void **state)
{
    (void)state;
    static const char *const labels[] = {"shuffled", "shuffled_by_sign"};
    size_t plain[30], mixed[30], others[30];
    for (size_t k = 0; k < 2; k++) {
        struct modprop_types types = labelled("contiguous", 1, plain);
        struct modprop_types shuffled = labelled(labels[k], 1, mixed);
        struct modprop_types of_another_seed = labelled(labels[k], 2, others);
        assert_memory_equal(types.first, shuffled.first, (types.C + 1) * sizeof *types.first);
        assert_memory_not_equal(plain, mixed, sizeof plain);
        assert_memory_not_equal(others, mixed, sizeof plain);
        size_t crossed = 0; /* units with a type of the other sign: 5 inhibitory ones */
        for (size_t i = 0; i < 30; i++)
            crossed += (mixed[i] < 2) != (i < 5);
        assert_true(k == 0 ? crossed > 0 : crossed == 0);
        modprop_types_clear(&types);
        modprop_types_clear(&shuffled);
        modprop_types_clear(&of_another_seed);
    }
}

/* Against the mean over each pair of types, from the labels alone. */
static void feedback_by_shuffled_types_is_the_mean_over_them(void **state)
{
    (void)state;
    struct modprop_config config = controlled("type", "symmetric");
    small_set(&config, "type_labels", "shuffled");
    struct modprop_run *run = create(&config);
    size_t label[30];
    struct modprop_types types = labelled("shuffled", config.seed, label);
    modprop_real in[32] = {0}, out[32];
    for (size_t i = 0; i < 30; i++)
        in[i] = (modprop_real)i - 11;
    modprop_feedback_refresh(run->feedback, 0);
    modprop_feedback_apply(run->feedback, 1, in, out, NULL);
    for (size_t i = 0; i < 30; i++) {
        double want = 0;
        for (size_t j = 0; j < 30; j++) {
            double sum = 0, pairs = 0;
            for (size_t k = 0; k < 900; k++)
                if (label[k / 30] == label[i] && label[k % 30] == label[j]) {
                    sum += (double)run->network->w.W_rec[k];
                    pairs++;
                }
            want += (double)in[j] * sum / pairs;
        }
        assert_true(fabs((double)out[i] - want) < 1e-5);
    }
    modprop_types_clear(&types);
    modprop_run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_feedback_is_another_sample_that_stays),
        cmocka_unit_test(adaptive_feedback_gets_the_updates_while_the_difference_decays),
        cmocka_unit_test(adaptive_feedback_begins_where_random_feedback_stays),
        cmocka_unit_test(an_adaptive_broadcast_gets_the_updates_of_the_readout),
        cmocka_unit_test(the_kind_of_weights_matters_to_learning),
        cmocka_unit_test(shuffled_labels_keep_the_sizes_of_types),
        cmocka_unit_test(feedback_by_shuffled_types_is_the_mean_over_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
