/*
 * A run that is saved, thrown away and restored goes on with the same bits.
 */
#include <math.h>
#include <stdio.h>

#include "small_training.h"
#include "types_file.h"

#include "engine/budget.h"

/* ------------------------------------------------------------------ tools */

static void *saved(const struct modprop_run *run)
{
    void *state = malloc(modprop_run_state_bytes(run));
    assert_int_equal(modprop_run_state_bytes(run),
                     modprop_run_state_needs(&run->config, &run->shape));
    assert_non_null(state);
    modprop_run_save(run, state);
    return state;
}

/* The run anew, through its bytes. */
static struct modprop_run *reborn(struct modprop_run *run)
{
    struct modprop_error err = {0};
    const struct modprop_config config = run->config;
    const size_t bytes = modprop_run_state_bytes(run);
    void *state = saved(run);
    modprop_run_free(run);
    run = create(&config);
    if (modprop_run_restore(run, state, bytes, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    free(state);
    return run;
}

/* Interrupts a run when the watch is asked for the k-th time: after iterations and evaluations. */
struct interruption {
    int asked, at;
};

static bool interrupt(void *context, const struct modprop_config *config, long iteration,
                      const struct modprop_evaluation *evaluation)
{
    struct interruption *i = context;
    (void)config;
    (void)iteration;
    (void)evaluation;
    return ++i->asked == i->at;
}

/* The whole run, interrupted once at the given moment; whether it was. */
static bool train_interrupted(const struct modprop_config *config, int at,
                              struct modprop_record *record)
{
    struct modprop_error err = {0};
    struct interruption interruption = {0, at};
    struct modprop_run *run = create(config);
    enum modprop_status status = modprop_train_on(run, interrupt, &interruption, record, &err);
    const bool interrupted = status == MODPROP_STOPPED;
    if (interrupted) {
        run = reborn(run);
        status = modprop_train_on(run, NULL, NULL, record, &err);
    }
    if (status != MODPROP_OK)
        fail_msg("%s", err.message);
    modprop_run_free(run);
    return interrupted;
}

/* Halts when asked for the k-th time: within iterations and evaluations. */
static bool halt(void *context)
{
    struct interruption *i = context;
    return ++i->asked == i->at;
}

/* The whole run, halted once in the middle of an iteration or evaluation; whether it was. */
static bool train_halted(const struct modprop_config *config, int at, bool anew,
                         struct modprop_record *record)
{
    struct modprop_error err = {0};
    struct interruption interruption = {0, at};
    struct modprop_run *run = create(config);
    modprop_run_halt(run, halt, &interruption);
    run->halting.every = 0; /* at every occasion */
    enum modprop_status status = modprop_train_on(run, NULL, NULL, record, &err);
    const bool halted = status == MODPROP_STOPPED;
    if (halted && anew)
        run = reborn(run);
    if (halted)
        status = modprop_train_on(run, NULL, NULL, record, &err);
    if (status != MODPROP_OK)
        fail_msg("%s", err.message);
    modprop_run_free(run);
    return halted;
}

/* Times aside. */
static void assert_same(const struct modprop_config *config, struct modprop_record *a,
                        struct modprop_record *b, const char *what, int at)
{
    if (a->iterations_done != b->iterations_done || a->evaluations != b->evaluations)
        fail_msg("%s, interrupted at %d: another length", what, at);
    for (size_t e = 0; e < a->evaluations; e++)
        a->evaluation[e].elapsed_s = b->evaluation[e].elapsed_s = 0;
    if (memcmp(a->evaluation, b->evaluation, a->evaluations * sizeof *a->evaluation) != 0)
        fail_msg("%s, interrupted at %d: other evaluations", what, at);
    if (!same_weights(config, a, b))
        fail_msg("%s, interrupted at %d: other weights", what, at);
}

/* At every moment at which it can be interrupted. */
static void assert_goes_on(const struct modprop_config *config, const char *what)
{
    struct modprop_record whole = train(config);
    int at = 1;
    for (bool interrupted = true; interrupted; at++) {
        struct modprop_record parts = record_for(config);
        interrupted = train_interrupted(config, at, &parts);
        assert_same(config, &whole, &parts, what, at);
        release(&parts);
    }
    assert_true(at > config->iterations); /* twenty iterations, and the evaluations */
    release(&whole);
}

/* ------------------------------------------------------------------ claims */

static void every_rule_goes_on_from_every_iteration_with_the_same_bits(void **state)
{
    (void)state;
    for (size_t k = 0; k < WAYS; k++) {
        struct modprop_config config = way(k);
        config.evaluate_every = 4;
        char what[64];
        snprintf(what, sizeof what, "%s, %s, %s", ways[k].rule, ways[k].feedback, ways[k].path);
        assert_goes_on(&config, what);
    }
}

static void so_does_a_run_with_everything_that_acts_on_weights(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.evaluate_every = 4;
    config.clip_norm = 0.05;
    config.l1 = 0.5;
    config.weight_decay = 0.01;
    config.temperature = 1e-6;
    config.connectivity = 0.4;
    config.learning_rate_decay = 0.5;
    config.learning_rate_decay_every = 5;
    config.input_noise = 0.3;
    small_set(&config, "learning_signal", "random");
    assert_goes_on(&config, "everything");
}

static void so_does_a_sparse_run_that_is_held_back(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.evaluate_every = 4;
    small_set(&config, "structure", "ring");
    small_set(&config, "optimiser", "amsgrad");
    config.beta2 = 0.9;
    config.l1 = 0.5;
    config.connectivity = 0.4;
    config.learning_rate = 0.03;
    config.learning_rate_rec = 0.5;
    config.radius_bound = 1.02;
    config.homeostasis = 0.1;
    assert_goes_on(&config, "held back");
}

/* Types as they stand, and what is measured of each. */
static void so_does_a_run_whose_types_follow_its_weights(void **state)
{
    (void)state;
    static const char *const modes[] = {"fixed", "adaptive", "trial"}, *const every[] = {"0", "3"};
    for (size_t k = 0; k < 6; k++) {
        struct modprop_config config = small_config();
        config.evaluate_every = 4;
        config.types_per_sign = 3;
        config.learning_rate = 0.05;
        small_set(&config, "feedback", k == 5 ? "cell" : "type");
        small_set(&config, "type_labels", "clustered");
        small_set(&config, "type_relabel_every", every[k / 3]);
        small_set(&config, "mu_mode", modes[k % 3]);
        assert_goes_on(&config, modes[k % 3]);
    }
}

/* What the chosen parameter can be. */
static const struct modprop_parameter *choices_of(const char *name)
{
    return modprop_parameter_at(modprop_parameter_find(name));
}

static void so_does_every_task_in_a_world_that_drifts(void **state)
{
    (void)state;
    size_t tried = 0;
    for (size_t k = 0; choices_of("task")->choice(k); k++) {
        struct modprop_config config = small_config();
        struct modprop_run *run = NULL;
        small_set(&config, "task", choices_of("task")->choice(k));
        small_set(&config, "wander", "yes");
        small_set(&config, "change", "yes");
        small_set(&config, "change_at", "3");
        small_set(&config, "change_every", "2");
        config.batch = 4;
        config.iterations = 6;
        config.evaluate_every = 3;
        if (modprop_run_create(&run, &config, NULL) != MODPROP_OK)
            continue; /* needs data, or other values */
        modprop_run_free(run);
        assert_goes_on(&config, choices_of("task")->choice(k));
        tried++;
    }
    assert_true(tried >= 4);
}

/* One parameter at another choice, in a run so small that rtrl can do it. false: it is not read then,
 * or does not fit the others. */
static bool choose(struct modprop_config *config, const char *rule, size_t parameter, size_t choice)
{
    struct modprop_run *run = NULL;
    *config = small_config();
    config->n = 12;
    config->batch = 4;
    config->iterations = 6;
    config->evaluate_every = 3;
    config->types_per_sign = 2;
    small_set(config, "n_adaptive", "5");
    small_set(config, "rule", rule);
    modprop_parameter_assign(parameter, config, (double)choice);
    if (!modprop_config_reads_parameter(config, modprop_parameter_at(parameter)->name) ||
        modprop_run_create(&run, config, NULL) != MODPROP_OK)
        return false;
    modprop_run_free(run);
    return true;
}

static void so_does_every_rule_with_every_choice_of_every_name(void **state)
{
    (void)state;
    size_t tried = 0;
    for (size_t r = 0; choices_of("rule")->choice(r); r++) {
        const char *rule = choices_of("rule")->choice(r);
        for (size_t p = 0; p < modprop_parameter_count(); p++) {
            const struct modprop_parameter *row = modprop_parameter_at(p);
            for (size_t k = 0; row->choice && row->choice(k); k++) {
                struct modprop_config config;
                char what[100];
                snprintf(what, sizeof what, "%s with %s = %s", rule, row->name, row->choice(k));
                if (strcmp(row->name, "rule") == 0 || strcmp(row->name, "task") == 0 ||
                    !choose(&config, rule, p, k))
                    continue;
                assert_goes_on(&config, what);
                tried++;
            }
        }
    }
    assert_true(tried >= 20);
}

static void a_run_goes_on_from_a_state_saved_after_every_iteration(void **state)
{
    (void)state;
    const struct modprop_config config = way(6);
    struct modprop_record whole = train(&config), parts = record_for(&config);
    struct modprop_run *run = create(&config);
    for (long k = 0; k < config.iterations; k++) {
        train_steps(run, 1);
        run = reborn(run);
    }
    modprop_run_weights(run, parts.weights);
    assert_true(same_weights(&config, &whole, &parts));
    modprop_run_free(run);
    release(&whole);
    release(&parts);
}

/* At moments all over the run, the same run goes on, or a new one. */
static void assert_halts(const struct modprop_config *config, const char *what)
{
    struct modprop_record whole = train(config);
    int tried = 0;
    bool halted = true;
    for (int at = 1; halted; at += 3 + at / 8, tried++) {
        struct modprop_record parts = record_for(config);
        halted = train_halted(config, at, tried % 2, &parts);
        assert_same(config, &whole, &parts, what, at);
        release(&parts);
    }
    assert_true(tried > 10);
    release(&whole);
}

static void what_is_halted_in_its_middle_is_done_again_with_the_same_bits(void **state)
{
    (void)state;
    for (size_t k = 0; k < WAYS; k++) {
        struct modprop_config config = way(k);
        char what[64];
        snprintf(what, sizeof what, "%s, %s, %s", ways[k].rule, ways[k].feedback, ways[k].path);
        config.evaluate_every = 4;
        assert_halts(&config, what);
    }
    struct modprop_config config = small_config();
    small_set(&config, "rule", "modprop");
    small_set(&config, "path", "online");
    config.mu = 1;
    config.tap_tolerance = 1e-9;
    config.evaluate_every = 5;
    assert_halts(&config, "with taps that are added");
}

static void so_is_what_is_measured_within_a_pass(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.evaluate_every = 5;
    small_set(&config, "rule", "modprop");
    small_set(&config, "units", "alif");
    small_set(&config, "n_adaptive", "5");
    small_set(&config, "rate_cost", "1");
    small_set(&config, "mu_mode", "adaptive");
    assert_halts(&config, "rates and a measured mu");
}

static void so_are_traces_of_types_sparse_influence_and_segments(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.evaluate_every = 5;
    small_set(&config, "rule", "modprop");
    small_set(&config, "feedback", "type");
    small_set(&config, "mu_mode", "trial");
    small_set(&config, "path", "online");
    assert_halts(&config, "mu within the trial, online");
    small_set(&config, "path", "offline");
    small_set(&config, "n", "120");
    small_set(&config, "delay_ms", "500");
    small_set(&config, "iterations", "5");
    small_set(&config, "max_memory", "3");
    assert_true(modprop_budget_shape(&config).segments > 1);
    assert_halts(&config, "in segments");
    config = small_config();
    config.evaluate_every = 5;
    small_set(&config, "rule", "snap2");
    small_set(&config, "structure", "random");
    small_set(&config, "connectivity", "0.2");
    assert_halts(&config, "snap2");
}

static void taps_that_were_added_are_restored(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    small_set(&config, "rule", "modprop");
    small_set(&config, "path", "online");
    config.mu = 1;
    config.tap_tolerance = 1e-9;
    struct modprop_run *run = create(&config);
    const double first = run->method->taps(run->method_state);
    train_steps(run, 2);
    const double grown = run->method->taps(run->method_state);
    assert_true(grown > first);
    run = reborn(run);
    assert_true(run->method->taps(run->method_state) == grown);
    modprop_run_free(run);
    config.evaluate_every = 5;
    assert_goes_on(&config, "with more taps than at the start");
}

static void restoring_does_not_depend_on_where_the_run_stood(void **state)
{
    (void)state;
    const struct modprop_config config = way(6);
    struct modprop_run *one = create(&config), *other = create(&config);
    train_steps(one, 3);
    train_steps(other, 7);
    void *bytes = saved(one);
    assert_int_equal(modprop_run_restore(other, bytes, modprop_run_state_bytes(one), NULL),
                     MODPROP_OK);
    assert_int_equal(modprop_run_iteration(other), 3);
    train_steps(one, 2);
    train_steps(other, 2);
    assert_memory_equal(one->network->theta.W_rec, other->network->theta.W_rec,
                        one->network->theta.count * sizeof(modprop_real));
    free(bytes);
    modprop_run_free(one);
    modprop_run_free(other);
}

static void seconds_go_on_too(void **state)
{
    (void)state;
    const struct modprop_config config = small_config();
    struct modprop_run *run = create(&config);
    struct modprop_evaluation now;
    run->started_s -= 1000;
    run = reborn(run);
    assert_int_equal(modprop_run_evaluate(run, &now, NULL), MODPROP_OK);
    assert_true(now.elapsed_s >= 1000 && now.elapsed_s < 1100);
    struct modprop_record record = record_for(&config);
    record.wall_s = record.cpu_s = 500;
    assert_int_equal(modprop_train_on(run, NULL, NULL, &record, NULL), MODPROP_OK);
    assert_true(record.wall_s > 500 && record.cpu_s > 500);
    release(&record);
    modprop_run_free(run);
}

/* ------------------------------------------------------------------ what is refused */

/* Wants the changed state refused and the run as it was. */
static void assert_refused(struct modprop_run *run, const void *bytes, size_t count,
                           enum modprop_status status, const char *words)
{
    struct modprop_error err = {0};
    void *before = saved(run), *after;
    assert_int_equal(modprop_run_restore(run, bytes, count, &err), status);
    if (!strstr(err.message, words))
        fail_msg("\"%s\" says nothing of \"%s\"", err.message, words);
    after = saved(run);
    const size_t header = modprop_run_state_bytes(run) -
                          3 * run->network->theta.count * sizeof(modprop_real);
    assert_memory_equal((char *)before + header, (char *)after + header,
                        modprop_run_state_bytes(run) - header);
    assert_int_equal(modprop_run_iteration(run), 1);
    free(before);
    free(after);
}

/* The first place of a text in the bytes. */
static char *find(char *bytes, size_t count, const char *text)
{
    const size_t length = strlen(text);
    for (size_t k = 0; k + length <= count; k++)
        if (memcmp(bytes + k, text, length) == 0)
            return bytes + k;
    fail_msg("no %s in the state", text);
    return NULL;
}

static void a_state_that_would_give_other_bits_is_refused(void **state)
{
    (void)state;
    const struct modprop_config config = small_config();
    struct modprop_run *run = create(&config);
    train_steps(run, 1);
    const size_t bytes = modprop_run_state_bytes(run);
    const char *const parts[] = {MODPROP_VERSION, modprop_kernel_name(), modprop_blas_name()};
    const char *const words[] = {"this is modprop " MODPROP_VERSION, "kernels",
                                 modprop_blas_name()};
    for (int k = 0; k < 3; k++) {
        char *copy = saved(run);
        find(copy, bytes, parts[k])[0]++;
        assert_refused(run, copy, bytes, MODPROP_DIFFERENT, words[k]);
        free(copy);
    }
    modprop_run_free(run);
}

static void what_is_no_state_of_this_run_is_refused(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    struct modprop_run *run = create(&config);
    train_steps(run, 1);
    config.n = 31;
    struct modprop_run *larger = create(&config);
    const size_t bytes = modprop_run_state_bytes(run);
    char *mine = saved(run), *theirs = saved(larger);
    assert_refused(run, "", 0, MODPROP_INVALID, "not the state of a run");
    assert_refused(run, mine, 20, MODPROP_INVALID, "not the state of a run");
    assert_refused(run, mine, bytes - 1, MODPROP_INVALID, "another run");
    assert_refused(run, theirs, modprop_run_state_bytes(larger), MODPROP_INVALID, "another run");
    mine[0] ^= 1;
    assert_refused(run, mine, bytes, MODPROP_INVALID, "not the state of a run");
    free(mine);
    free(theirs);
    modprop_run_free(run);
    modprop_run_free(larger);
}

/* 5 inhibitory units, 25 excitatory. */
#define TYPES(inhibitory) inhibitory " 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3\n"

static void a_state_with_types_that_its_file_says_no_longer_is_refused(void **state)
{
    (void)state;
    struct modprop_config config = types_file_config(TYPES("1 1 1 2 2"));
    config.evaluate_every = 4;
    assert_goes_on(&config, "types of a file");
    struct modprop_run *run = create(&config);
    const size_t bytes = modprop_run_state_bytes(run);
    train_steps(run, 1);
    void *before = saved(run);
    modprop_run_free(run);
    types_file_write(TYPES("2 2 2 1 1")); /* the same in other words */
    run = create(&config);
    assert_int_equal(modprop_run_restore(run, before, bytes, NULL), MODPROP_OK);
    modprop_run_free(run);
    types_file_write(TYPES("1 1 1 1 2"));
    run = create(&config);
    train_steps(run, 1);
    assert_refused(run, before, bytes, MODPROP_DIFFERENT, "other types than when it was made");
    free(before);
    modprop_run_free(run);
    types_file_remove();
}

static void a_state_with_types_that_cannot_be_is_refused(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    config.types_per_sign = 2;
    small_set(&config, "feedback", "type");
    small_set(&config, "type_labels", "clustered");
    struct modprop_run *run = create(&config);
    const size_t bytes = modprop_run_state_bytes(run);
    train_steps(run, 1);
    for (uint32_t label = 0; label < 5;
         label++) { /* the last ones of excitatory units: one for all */
        char *damaged = saved(run);
        for (size_t unit = 5; unit < 30; unit++)
            memcpy(damaged + bytes - (30 - unit) * sizeof label, &label, sizeof label);
        assert_refused(run, damaged, bytes, MODPROP_INVALID, "its cell types");
        free(damaged);
    }
    modprop_run_free(run);
}

static void a_state_beyond_the_end_of_the_run_is_refused(void **state)
{
    (void)state;
    struct modprop_config config = small_config();
    struct modprop_run *longer = create(&config);
    train_steps(longer, 12);
    void *bytes = saved(longer);
    config.iterations = config.evaluate_every = 10;
    struct modprop_run *run = create(&config);
    train_steps(run, 1);
    assert_refused(run, bytes, modprop_run_state_bytes(longer), MODPROP_INVALID, "damaged");
    free(bytes);
    modprop_run_free(longer);
    modprop_run_free(run);
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_goes_on_from_every_iteration_with_the_same_bits),
        cmocka_unit_test(so_does_a_run_with_everything_that_acts_on_weights),
        cmocka_unit_test(so_does_a_sparse_run_that_is_held_back),
        cmocka_unit_test(so_does_a_run_whose_types_follow_its_weights),
        cmocka_unit_test(so_does_every_task_in_a_world_that_drifts),
        cmocka_unit_test(so_does_every_rule_with_every_choice_of_every_name),
        cmocka_unit_test(a_run_goes_on_from_a_state_saved_after_every_iteration),
        cmocka_unit_test(what_is_halted_in_its_middle_is_done_again_with_the_same_bits),
        cmocka_unit_test(so_is_what_is_measured_within_a_pass),
        cmocka_unit_test(so_are_traces_of_types_sparse_influence_and_segments),
        cmocka_unit_test(taps_that_were_added_are_restored),
        cmocka_unit_test(restoring_does_not_depend_on_where_the_run_stood),
        cmocka_unit_test(seconds_go_on_too),
        cmocka_unit_test(a_state_that_would_give_other_bits_is_refused),
        cmocka_unit_test(what_is_no_state_of_this_run_is_refused),
        cmocka_unit_test(a_state_with_types_that_its_file_says_no_longer_is_refused),
        cmocka_unit_test(a_state_with_types_that_cannot_be_is_refused),
        cmocka_unit_test(a_state_beyond_the_end_of_the_run_is_refused),
    };
    return cmocka_run_group_tests_name("run_state", tests, NULL, NULL);
}
