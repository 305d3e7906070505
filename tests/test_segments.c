/*
 * Segments: an offline method within max_memory has the bits it has with all of the trajectory kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "small_training.h"

#include "engine/budget.h"
#include "engine/kernel.h"
#include "engine/pass.h"
#include "engine/registry.h"

/* Every offline method, with a window that ends within a segment, and beyond one. */
static const struct {
    const char *rule, *feedback;
    long window;
} methods[] = {
    {"bptt", "cell", 0},    {"eprop", "cell", 0},   {"mdgl", "cell", 0},    {"mdgl", "type", 0},
    {"modprop", "cell", 0}, {"modprop", "type", 0}, {"modprop", "cell", 7}, {"modprop", "cell", 75},
};
enum { METHODS = sizeof methods / sizeof *methods };

/* 150 steps: segments of 32 and of 64 leave 22, those of 96 leave 54. */
static struct modprop_config method(size_t k)
{
    struct modprop_config config = small_config();
    small_set(&config, "rule", methods[k].rule);
    small_set(&config, "feedback", methods[k].feedback);
    small_set(&config, "path", "offline");
    config.window = methods[k].window;
    config.types_per_sign = 2;
    config.delay_ms = 110;
    config.batch = 11; /* tiles of eight and three trials */
    return config;
}

static struct modprop_pass_figures gradient(struct modprop_run *run,
                                            const struct modprop_trials *trials)
{
    struct modprop_pass_figures figures;
    assert_int_equal(modprop_run_gradient(run, trials, &figures, NULL), MODPROP_OK);
    return figures;
}

/* A run with its first training batch. */
static struct modprop_run *with_batch(const struct modprop_config *config)
{
    struct modprop_run *run = create(config);
    run->trials.stream = modprop_random_stream(config->seed, MODPROP_STREAM_TRAINING, 0);
    run->trials.task->begin(&run->trials);
    return run;
}

/* A run with the weights of `like`, and another shape. */
static struct modprop_run *reshaped(const struct modprop_run *like,
                                    const struct modprop_shape *shape)
{
    struct modprop_run *run;
    assert_int_equal(modprop_run_assemble(&run, &like->config, shape, NULL), MODPROP_OK);
    memcpy(run->network->theta.W_rec, like->network->theta.W_rec,
           like->network->theta.count * sizeof(modprop_real));
    modprop_network_refresh(run->network);
    if (run->W_random)
        memcpy(run->W_random, like->W_random,
               run->shape.n * run->shape.n_out * sizeof(modprop_real));
    return run;
}

static bool same_figures(const struct modprop_pass_figures *a, const struct modprop_pass_figures *b)
{
    return memcmp(&a->loss, &b->loss, sizeof a->loss) == 0 &&
           memcmp(&a->accuracy, &b->accuracy, sizeof a->accuracy) == 0;
}

static void fail_for(const struct modprop_run *run)
{
    const struct modprop_config *c = &run->config;
    fail_msg("%s, %s, %s, window %ld, kernel %s, tiles of %zu: segments of %zu steps differ",
             modprop_rule_choice((size_t)c->rule), modprop_units_choice((size_t)c->units),
             modprop_task_choice((size_t)c->task), c->window, run->network->kernel->name,
             run->shape.tile, run->shape.segment);
}

/* Cuts the trials of a shape's run into all numbers of segments. */
static void compare_segments(const struct modprop_run *like, const struct modprop_shape *shape)
{
    struct modprop_run *whole = reshaped(like, shape);
    const struct modprop_pass_figures expected = gradient(whole, &like->trials);
    size_t lengths = 0;
    assert_int_equal(whole->shape.segments, 1);
    for (size_t segments = shape->T / MODPROP_BLOCK_STEPS + 1, last = 0; segments > 1; segments--) {
        struct modprop_shape cut = *shape;
        modprop_shape_cut(&cut, segments);
        if (cut.segment == last) /* no other cut into whole blocks */
            continue;
        last = cut.segment;
        struct modprop_run *run = reshaped(like, &cut);
        for (int twice = 0; twice < 2; twice++) { /* nothing of the first time stays */
            const struct modprop_pass_figures figures = gradient(run, &like->trials);
            if (!same_figures(&figures, &expected) ||
                memcmp(run->gradient.W_rec, whole->gradient.W_rec,
                       run->gradient.count * sizeof(modprop_real)) != 0)
                fail_for(run);
        }
        lengths++;
        modprop_run_free(run);
    }
    assert_true(lengths >= 3);
    modprop_run_free(whole);
}

/* In tiles as they are, and with the batch taken whole by BLAS as large networks have it. */
static void compare(const struct modprop_config *config)
{
    struct modprop_run *run = with_batch(config);
    struct modprop_shape shape = run->shape;
    compare_segments(run, &shape);
    assert_true(shape.B > MODPROP_KERNEL_TILE);
    shape.tile = shape.B;
    shape.tiles = 1;
    compare_segments(run, &shape);
    modprop_run_free(run);
}

/* ------------------------------------------------------------------ bits */

/* Loss in the last step, from the middle of a block on, across segments, and everywhere. */
static void gradients_do_not_depend_on_segments(void **state)
{
    (void)state;
    static const long loss_steps[] = {1, 5, 75, 150};
    for (size_t kernel = 0; modprop_kernel_at(kernel); kernel++) {
        setenv("MODPROP_KERNEL", modprop_kernel_at(kernel)->name, 1);
        for (size_t k = 0; k < METHODS; k++)
            for (size_t kind = 0; kind < sizeof loss_steps / sizeof *loss_steps; kind++) {
                struct modprop_config config = method(k);
                config.loss_steps = loss_steps[kind];
                compare(&config);
            }
        unsetenv("MODPROP_KERNEL");
    }
}

static void nor_with_targets_at_every_step_wandering_inputs_and_random_signals(void **state)
{
    (void)state;
    for (size_t k = 0; k < METHODS; k++) {
        struct modprop_config config = method(k);
        small_set(&config, "task", "pattern_generation");
        config.pattern_ms = 150;
        compare(&config);
        small_set(&config, "task", "flip_flop");
        config.flip_interval_ms = 30;
        config.flip_pulse_ms = 10;
        config.wander = 1;
        config.learning_signal = MODPROP_SIGNAL_RANDOM;
        compare(&config);
    }
}

static void nor_with_any_kind_of_units(void **state)
{
    (void)state;
    for (size_t units = 0; modprop_units_choice(units); units++)
        for (size_t k = 0; k < METHODS; k++) {
            struct modprop_config config = method(k);
            config.units = (int)units;
            config.loss_steps = 75;
            if (modprop_config_check(&config, NULL) == MODPROP_OK)
                compare(&config);
        }
}

/* Trials of a single segment, and those that end with one. */
static void cuts_are_of_whole_blocks_and_cover_the_trial(void **state)
{
    (void)state;
    for (size_t T = 1; T < 300; T++)
        for (size_t segments = 1; segments < 12; segments++) {
            struct modprop_shape shape = {.T = T};
            modprop_shape_cut(&shape, segments);
            assert_true(shape.segments >= 1 && shape.segments <= segments);
            assert_true(shape.segment * shape.segments >= T &&
                        shape.segment * (shape.segments - 1) < T);
            assert_true(shape.segments == 1 ? shape.segment == T
                                            : shape.segment % MODPROP_BLOCK_STEPS == 0);
        }
}

/* ------------------------------------------------------------------ max_memory */

/* 2000 steps, whose trajectory takes 4.1 MB. */
static struct modprop_config long_trials(const char *rule)
{
    struct modprop_config config = small_config();
    small_set(&config, "rule", rule);
    small_set(&config, "path", "offline");
    config.n = 60;
    config.delay_ms = 1960;
    config.iterations = 3;
    config.evaluate_every = 1;
    return config;
}

static void trainings_within_max_memory_are_the_same_to_the_bit(void **state)
{
    (void)state;
    static const char *const rules[] = {"bptt", "eprop", "mdgl", "modprop"};
    for (size_t k = 0; k < sizeof rules / sizeof *rules; k++) {
        struct modprop_config config = long_trials(rules[k]);
        struct modprop_record free_one = train(&config);
        assert_int_equal(modprop_budget_shape(&config).segments, 1);
        config.max_memory = 2;
        assert_true(modprop_budget_shape(&config).segments > 1);
        struct modprop_record bound = train(&config);
        assert_true(same_weights(&config, &bound, &free_one));
        assert_int_equal(bound.evaluations, 4);
        for (size_t e = 0; e < bound.evaluations; e++) {
            bound.evaluation[e].elapsed_s = free_one.evaluation[e].elapsed_s;
            assert_memory_equal(&bound.evaluation[e], &free_one.evaluation[e],
                                sizeof bound.evaluation[e]);
        }
        release(&free_one);
        release(&bound);
    }
}

static void as_few_segments_as_max_memory_allows_are_made(void **state)
{
    (void)state;
    struct modprop_config config = long_trials("bptt");
    double operations = 0;
    size_t different = 0, last = 0;
    for (config.max_memory = 10; config.max_memory > 1; config.max_memory--) {
        const size_t limit = (size_t)config.max_memory * 1000000;
        const struct modprop_shape shape = modprop_budget_shape(&config);
        struct modprop_shape coarser = shape;
        assert_int_equal(modprop_config_check(&config, NULL), MODPROP_OK);
        assert_true(modprop_config_bytes(&config) <= limit);
        different += shape.segments != last;
        last = shape.segments;
        if (shape.segments > 1) {
            modprop_shape_cut(&coarser, shape.segments - 1);
            assert_true(modprop_budget_bytes(&config, &coarser) > limit);
        }
        assert_true(modprop_config_operations(&config) >= operations);
        operations = modprop_config_operations(&config);
    }
    assert_true(different >= 3);
}

static void too_small_a_max_memory_is_refused_with_the_least_that_works(void **state)
{
    (void)state;
    static const char *const rules[] = {"bptt", "eprop", "rtrl"};
    for (size_t k = 0; k < 3; k++) {
        struct modprop_config config = small_config();
        struct modprop_error err = {0};
        long least = 0;
        small_set(&config, "rule", rules[k]);
        config.n = k < 2 ? 200 : 30; /* the weights, and the influence of rtrl */
        config.delay_ms = 960;
        config.max_memory = 1;
        assert_int_equal(modprop_config_check(&config, &err), MODPROP_INVALID);
        const char *needs = strstr(err.message, "needs ");
        assert_non_null(needs);
        assert_int_equal(sscanf(needs, "needs %ld MB", &least), 1);
        config.max_memory = least;
        assert_int_equal(modprop_config_check(&config, NULL), MODPROP_OK);
        config.max_memory = least - 1;
        assert_int_equal(modprop_config_check(&config, NULL), MODPROP_INVALID);
    }
}

static void the_path_does_not_depend_on_max_memory(void **state)
{
    (void)state;
    for (size_t rule = 0; modprop_rule_choice(rule); rule++) {
        struct modprop_config config = long_trials("bptt");
        config.rule = (int)rule;
        config.path = MODPROP_PATH_AUTO;
        const enum modprop_path path = modprop_config_path(&config);
        config.max_memory = 2;
        assert_int_equal(modprop_config_path(&config), path);
    }
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_do_not_depend_on_segments),
        cmocka_unit_test(nor_with_targets_at_every_step_wandering_inputs_and_random_signals),
        cmocka_unit_test(nor_with_any_kind_of_units),
        cmocka_unit_test(cuts_are_of_whole_blocks_and_cover_the_trial),
        cmocka_unit_test(trainings_within_max_memory_are_the_same_to_the_bit),
        cmocka_unit_test(as_few_segments_as_max_memory_allows_are_made),
        cmocka_unit_test(too_small_a_max_memory_is_refused_with_the_least_that_works),
        cmocka_unit_test(the_path_does_not_depend_on_max_memory),
    };
    return cmocka_run_group_tests_name("segments", tests, NULL, NULL);
}
