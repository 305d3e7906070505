/*
 * Memory: blocks, refused allocations at every place, and how much a run takes.
 *
 * Linked with --wrap=aligned_alloc --wrap=free: engine/memory.c is the only one to call
 * aligned_alloc.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task_fixture.h"

#include "engine/memory.h"
#include "engine/run.h"

void *__real_aligned_alloc(size_t alignment, size_t bytes);
void __real_free(void *block);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
void __wrap_free(void *block);

enum { BLOCKS = 1000 };
static struct {
    struct {
        void *block;
        size_t bytes;
    } live[BLOCKS];
    size_t bytes, peak; /* of the live blocks, now and at most */
    size_t blocks, calls;
    size_t refuse; /* which call is refused, counted from 1; 0: none */
} heap;

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    if (++heap.calls == heap.refuse)
        return NULL;
    void *block = __real_aligned_alloc(alignment, bytes);
    for (size_t k = 0; block && k < BLOCKS; k++) {
        if (heap.live[k].block)
            continue;
        heap.live[k].block = block;
        heap.live[k].bytes = bytes;
        heap.blocks++;
        heap.bytes += bytes;
        heap.peak = heap.bytes > heap.peak ? heap.bytes : heap.peak;
        return block;
    }
    __real_free(block);
    return NULL;
}

void __wrap_free(void *block)
{
    for (size_t k = 0; block && k < BLOCKS; k++) {
        if (heap.live[k].block != block)
            continue;
        heap.live[k].block = NULL;
        heap.blocks--;
        heap.bytes -= heap.live[k].bytes;
    }
    __real_free(block);
}

static void watch_heap(size_t refuse)
{
    assert_int_equal(heap.blocks, 0);
    heap.peak = heap.calls = 0;
    heap.refuse = refuse;
}

/* ------------------------------------------------------------------ blocks */

static void blocks_are_aligned_and_zero(void **state)
{
    (void)state;
    for (size_t count = 0; count < 300; count += 7) {
        unsigned char *block = modprop_memory_get(count, 3);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % MODPROP_ALIGNMENT, 0);
        for (size_t k = 0; k < 3 * count; k++)
            assert_int_equal(block[k], 0);
        memset(block, 0xff, 3 * count); /* so that reused memory is not zero by itself */
        modprop_memory_free(block);
    }
    modprop_memory_free(NULL);
}

static void sizes_beyond_the_address_space_are_refused(void **state)
{
    (void)state;
    assert_null(modprop_memory_get(SIZE_MAX, 1));
    assert_null(modprop_memory_get(SIZE_MAX - 1, 1));
    assert_null(modprop_memory_get(SIZE_MAX / 2, 4));
    assert_null(modprop_memory_get(SIZE_MAX, SIZE_MAX));
    assert_null(modprop_memory_get(SIZE_MAX / 8 + 2, 8)); /* the product wraps to 8 */
}

static void products_saturate(void **state)
{
    (void)state;
    assert_true(modprop_memory_product(0, SIZE_MAX) == 0 &&
                modprop_memory_product(SIZE_MAX, 0) == 0);
    assert_true(modprop_memory_product(3, 5) == 15);
    assert_true(modprop_memory_product(SIZE_MAX, 1) == SIZE_MAX);
    assert_true(modprop_memory_product(SIZE_MAX / 2 + 1, 2) == SIZE_MAX);
    assert_true(modprop_memory_product(SIZE_MAX, SIZE_MAX) == SIZE_MAX);
}

static void a_plan_remembers_the_first_refusal(void **state)
{
    (void)state;
    struct modprop_memory_plan plan = {0};
    watch_heap(2);
    void *first = modprop_memory_take(&plan, 10, 4);
    assert_true(first && !plan.refused);
    assert_null(modprop_memory_take(&plan, 10, 4));
    assert_null(modprop_memory_take(&plan, 10, 4));
    assert_true(plan.refused);
    assert_int_equal(plan.bytes, 120);
    assert_int_equal(heap.calls, 2); /* none is asked for after a refusal */
    modprop_memory_free(first);
}

/* ------------------------------------------------------------------ refusals */

static const struct {
    const char *rule, *feedback, *path, *signal;
    const char *also[3][2]; /* names and values */
} ways[] = {
    {"bptt", "cell", "auto", "symmetric", {{0}}},
    {"rtrl", "cell", "auto", "symmetric", {{0}}},
    {"eprop", "cell", "online", "random", {{0}}},
    {"eprop", "cell", "offline", "symmetric", {{0}}},
    {"mdgl", "type", "auto", "random", {{0}}},
    {"modprop", "cell", "online", "symmetric", {{0}}},
    {"modprop", "type", "online", "symmetric", {{0}}},
    {"modprop", "cell", "offline", "symmetric", {{0}}},
    {"rtrl", "cell", "auto", "symmetric", {{"units", "alif"}, {"rate_cost", "1"}}},
    {"modprop",
     "cell",
     "offline",
     "adaptive",
     {{"units", "alif"}, {"mu_mode", "trial"}, {"feedback_weights", "random"}}},
    {"modprop",
     "type",
     "online",
     "adaptive",
     {{"units", "lif"}, {"mu_mode", "trial"}, {"feedback_weights", "adaptive"}}},
    {"modprop", "cell", "online", "random", {{"mu_mode", "adaptive"}, {"type_labels", "shuffled"}}},
    {"modprop",
     "type",
     "online",
     "symmetric",
     {{"mu_mode", "adaptive"}, {"type_labels", "clustered"}, {"type_relabel_every", "1"}}},
    {"mdgl",
     "cell",
     "offline",
     "adaptive",
     {{"units", "adaptive"}, {"feedback_weights", "random"}}},
};
enum { WAYS = sizeof ways / sizeof *ways };

static struct modprop_config way(size_t k)
{
    struct modprop_config config = small_config();
    small_set(&config, "rule", ways[k].rule);
    small_set(&config, "feedback", ways[k].feedback);
    small_set(&config, "path", ways[k].path);
    small_set(&config, "learning_signal", ways[k].signal);
    for (size_t j = 0; j < 3 && ways[k].also[j][0]; j++)
        small_set(&config, ways[k].also[j][0], ways[k].also[j][1]);
    config.n_adaptive = 5;
    config.types_per_sign = 2;
    return config;
}

static void is_a_refusal(enum modprop_status status, const struct modprop_error *err)
{
    assert_int_equal(status, MODPROP_NO_MEMORY);
    assert_int_equal(err->code, MODPROP_NO_MEMORY);
    assert_non_null(strstr(err->message, "no memory for"));
    assert_non_null(strstr(err->message, "smaller n or batch"));
}

static void any_refused_allocation_of_a_run_is_an_error_without_a_leak(void **state)
{
    (void)state;
    for (size_t k = 0; k < WAYS; k++) {
        struct modprop_config config = way(k);
        config.n = 12;
        config.batch = 4;
        config.iterations = 2;
        config.evaluate_every = 1;
        enum modprop_status status = MODPROP_NO_MEMORY;
        size_t refuse = 1;
        for (; status != MODPROP_OK; refuse++) {
            struct modprop_error err = {0};
            struct modprop_record record = {.iterations_done = 99};
            watch_heap(refuse);
            status = modprop_train(&config, NULL, NULL, &record, &err);
            if (status != MODPROP_OK)
                is_a_refusal(status, &err);
            assert_int_equal(record.diverged_at, -1);
            assert_true(status == MODPROP_OK ? record.iterations_done == 2
                                             : record.iterations_done < 2);
            assert_int_equal(heap.blocks, 0);
        }
        assert_true(refuse > 25); /* the loop has met them all */
    }
}

static void any_refused_allocation_of_any_task_is_an_error_without_a_leak(void **state)
{
    (void)state;
    for (size_t k = 0; task_name(k); k++)
        for (int wander = 0; wander < 2; wander++) {
            struct modprop_config config = short_config(task_name(k), 3);
            enum modprop_status status = MODPROP_NO_MEMORY;
            config.wander = wander;
            for (size_t refuse = 1; status != MODPROP_OK; refuse++) {
                struct modprop_error err = {0};
                struct modprop_run *run;
                watch_heap(refuse);
                status = modprop_run_create(&run, &config, &err);
                if (status != MODPROP_OK)
                    is_a_refusal(status, &err);
                modprop_run_free(run);
                assert_int_equal(heap.blocks, 0);
            }
        }
}

static void a_refused_run_is_null(void **state)
{
    (void)state;
    const struct modprop_config config = small_config();
    struct modprop_run *run = (struct modprop_run *)&heap; /* anything but NULL */
    for (size_t refuse = 1; refuse < 20; refuse++) {
        watch_heap(refuse);
        assert_int_equal(modprop_run_create(&run, &config, NULL), MODPROP_NO_MEMORY);
        assert_null(run);
    }
}

/* Recurrent weights far above those the taps were counted for. */
static struct modprop_run *run_short_of_taps(void)
{
    struct modprop_config config = small_config();
    struct modprop_run *run;
    small_set(&config, "path", "online");
    config.mu = 0.05;
    watch_heap(0);
    assert_int_equal(modprop_run_create(&run, &config, NULL), MODPROP_OK);
    for (size_t k = 0; k < 900; k++)
        run->network->theta.W_rec[k] *= 3;
    modprop_network_refresh(run->network);
    return run;
}

static void a_refused_tap_is_an_error_without_a_leak(void **state)
{
    (void)state;
    struct modprop_run *run = run_short_of_taps();
    const double before = run->method->taps(run->method_state);
    size_t growths = 0;
    for (bool done = false; !done; growths += !done) { /* a growth more each time */
        struct modprop_error err = {0};
        const size_t blocks = heap.blocks;
        heap.calls = 0;
        heap.refuse = 1;
        const enum modprop_status status = modprop_run_step(run, &err);
        done = status == MODPROP_OK;
        if (!done)
            is_a_refusal(status, &err);
        assert_int_equal(heap.blocks, blocks);
        assert_int_equal(modprop_run_iteration(run), done);
        heap.refuse = 2; /* let one through */
        heap.calls = 0;
        if (!done)
            done = modprop_run_step(run, NULL) == MODPROP_OK;
    }
    assert_true(growths >= 1);
    assert_true(run->method->taps(run->method_state) > before);
    modprop_run_free(run);
    assert_int_equal(heap.blocks, 0);
}

/* ------------------------------------------------------------------ how much */

/* The most that is held at once while a run is made, steps, evaluates and is saved. */
static size_t taken(const struct modprop_config *config)
{
    struct modprop_error err = {0};
    struct modprop_evaluation now;
    struct modprop_run *run;
    watch_heap(0);
    if (modprop_run_create(&run, config, &err) != MODPROP_OK ||
        modprop_run_step(run, &err) != MODPROP_OK ||
        modprop_run_evaluate(run, &now, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    void *const state = modprop_memory_get(modprop_run_state_bytes(run), 1);
    assert_non_null(state);
    modprop_run_save(run, state);
    modprop_memory_free(state);
    modprop_run_free(run);
    return heap.peak;
}

/* A fifth either way, as long as the taps do not grow. */
static void bytes_told_are_bytes_taken(void **state)
{
    (void)state;
    static const struct {
        long n, batch, delay;
    } sizes[] = {{30, 16, 20}, {12, 64, 20}, {150, 2, 20}, {60, 8, 400}};
    for (size_t k = 0; k < WAYS; k++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            struct modprop_config config = way(k);
            config.tap_tolerance = 1e-2;
            const bool rtrl = strcmp(ways[k].rule, "rtrl") == 0;
            config.n = rtrl ? 12 + sizes[s].n / 10 : sizes[s].n;
            config.batch = rtrl ? 2 : sizes[s].batch;
            config.delay_ms = rtrl ? 20 : sizes[s].delay;
            const double told = (double)modprop_config_bytes(&config),
                         peak = (double)taken(&config);
            if (!(told > 0.8 * peak && told < 1.2 * peak))
                fail_msg("%s %s %s, n = %ld, batch = %ld, delay = %ld: told %g, taken %g",
                         ways[k].rule, ways[k].feedback, ways[k].path, config.n, config.batch,
                         config.delay_ms, told, peak);
        }
}

/* Sparse networks, and runs that are held back. */
static struct modprop_config sparse_config(const char *structure, long n)
{
    struct modprop_config config = small_config();
    small_set(&config, "structure", structure);
    small_set(&config, "optimiser", "amsgrad");
    small_set(&config, "path", "online");
    config.n = n;
    config.connectivity = n < 100 ? 0.3 : 0.05;
    config.blocks = 2;
    config.homeostasis = 0.1;
    config.radius_bound = 0.9;
    config.activity_cost = 1;
    config.tap_tolerance = 1e-2;
    return config;
}

static void bytes_of_sparse_networks_are_told_too(void **state)
{
    (void)state;
    static const char *const structures[] = {"random", "ring", "block"};
    for (size_t k = 0; k < 3; k++)
        for (long n = 40; n < 300; n += 200) {
            struct modprop_config config = sparse_config(structures[k], n);
            if (n == 40 && k == 2)
                small_set(&config, "rule", "snap2");
            const double told = (double)modprop_config_bytes(&config),
                         peak = (double)taken(&config);
            if (!(told > 0.8 * peak && told < 1.2 * peak))
                fail_msg("%s, n = %ld: told %g, taken %g", structures[k], n, told, peak);
        }
}

static void a_step_of_a_sparse_network_allocates_nothing(void **state)
{
    (void)state;
    struct modprop_config config = sparse_config("grid", 240);
    small_set(&config, "rule", "eprop");
    struct modprop_run *run;
    watch_heap(0);
    assert_int_equal(modprop_run_create(&run, &config, NULL), MODPROP_OK);
    heap.calls = 0;
    assert_int_equal(modprop_run_step(run, NULL), MODPROP_OK);
    assert_int_equal(heap.calls, 0);
    modprop_run_free(run);
}

static void a_refused_allocation_of_a_sparse_network_is_an_error_without_a_leak(void **state)
{
    (void)state;
    const struct modprop_config config = sparse_config("grid", 240);
    enum modprop_status status = MODPROP_NO_MEMORY;
    for (size_t refuse = 1; status != MODPROP_OK; refuse++) {
        struct modprop_error err = {0};
        struct modprop_run *run;
        watch_heap(refuse);
        status = modprop_run_create(&run, &config, &err);
        if (status != MODPROP_OK)
            is_a_refusal(status, &err);
        modprop_run_free(run);
        assert_int_equal(heap.blocks, 0);
    }
}

static void bytes_of_tasks_are_told_too(void **state)
{
    (void)state;
    for (size_t k = 0; task_name(k); k++)
        for (int wander = 0; wander < 2; wander++) {
            struct modprop_config config = short_config(task_name(k), 32);
            config.wander = wander;
            config.flip_intervals = 40; /* so that it has much to keep */
            small_set(&config, "rule", "eprop");
            small_set(&config, "path", "online");
            const double told = (double)modprop_config_bytes(&config),
                         peak = (double)taken(&config);
            if (!(told > 0.8 * peak && told < 1.2 * peak))
                fail_msg("%s: told %g, taken %g", task_name(k), told, peak);
        }
}

/* modprop's taps are counted from the number of open links: with a window they do not grow. */
static void online_memory_does_not_depend_on_the_length_of_the_trial(void **state)
{
    (void)state;
    static const char *const rules[] = {"eprop", "modprop"};
    for (size_t k = 0; k < 2; k++) {
        struct modprop_config config = small_config();
        small_set(&config, "rule", rules[k]);
        small_set(&config, "path", "online");
        config.window = 20;
        const size_t told = modprop_config_bytes(&config), peak = taken(&config);
        config.delay_ms = 1000;
        assert_int_equal(modprop_config_bytes(&config), told);
        assert_int_equal(taken(&config), peak);
        small_set(&config, "path", "offline");
        assert_true(taken(&config) > 4 * peak);
    }
}

static void without_a_window_online_memory_grows_by_taps_alone(void **state)
{
    (void)state;
    struct modprop_config config;
    modprop_config_init(&config);
    small_set(&config, "path", "online");
    const size_t short_trial = modprop_config_bytes(&config);
    config.delay_ms = 7000; /* eight times as long */
    const size_t long_trial = modprop_config_bytes(&config);
    assert_true(long_trial > short_trial && long_trial < 2 * short_trial);
}

static void a_step_allocates_nothing(void **state)
{
    (void)state;
    for (size_t k = 0; k < WAYS; k++) {
        struct modprop_config config = way(k);
        struct modprop_run *run;
        config.n = strcmp(ways[k].rule, "rtrl") == 0 ? 12 : 30;
        watch_heap(0);
        assert_int_equal(modprop_run_create(&run, &config, NULL), MODPROP_OK);
        for (int iteration = 0; iteration < 3; iteration++) {
            const double taps = run->method->taps ? run->method->taps(run->method_state) : 0;
            heap.calls = 0;
            assert_int_equal(modprop_run_step(run, NULL), MODPROP_OK);
            const double grown = run->method->taps ? run->method->taps(run->method_state) - taps
                                                   : 0;
            assert_true(grown > 0 ? heap.calls > 0 : heap.calls == 0);
        }
        modprop_run_free(run);
    }
}

/* Trials of 2000 steps, whose trajectory alone would take 4.1 MB. */
static void a_run_in_segments_stays_within_max_memory_and_allocates_nothing_in_a_step(void **state)
{
    (void)state;
    for (size_t k = 0; k < WAYS; k++) {
        struct modprop_config config = way(k);
        struct modprop_run *run;
        if (strcmp(ways[k].rule, "rtrl") == 0)
            continue;
        small_set(&config, "path", "offline");
        config.n = 60;
        config.delay_ms = 1960;
        assert_true(modprop_config_bytes(&config) > 4100000);
        for (config.max_memory = 2; config.max_memory < 4; config.max_memory++) {
            const double told = (double)modprop_config_bytes(&config),
                         peak = (double)taken(&config), limit = 1e6 * (double)config.max_memory;
            if (!(told > 0.5 * limit && told <= limit && peak <= limit))
                fail_msg("%s: told %g, taken %g, limit %g", ways[k].rule, told, peak, limit);
            if (!(told > 0.8 * peak && told < 1.2 * peak))
                fail_msg("%s: told %g, taken %g", ways[k].rule, told, peak);
        }
        watch_heap(0);
        assert_int_equal(modprop_run_create(&run, &config, NULL), MODPROP_OK);
        heap.calls = 0;
        assert_int_equal(modprop_run_step(run, NULL), MODPROP_OK);
        assert_int_equal(heap.calls, 0);
        modprop_run_free(run);
    }
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_and_zero),
        cmocka_unit_test(sizes_beyond_the_address_space_are_refused),
        cmocka_unit_test(products_saturate),
        cmocka_unit_test(a_plan_remembers_the_first_refusal),
        cmocka_unit_test(any_refused_allocation_of_a_run_is_an_error_without_a_leak),
        cmocka_unit_test(any_refused_allocation_of_any_task_is_an_error_without_a_leak),
        cmocka_unit_test(a_refused_run_is_null),
        cmocka_unit_test(a_refused_tap_is_an_error_without_a_leak),
        cmocka_unit_test(bytes_told_are_bytes_taken),
        cmocka_unit_test(bytes_of_tasks_are_told_too),
        cmocka_unit_test(bytes_of_sparse_networks_are_told_too),
        cmocka_unit_test(a_step_of_a_sparse_network_allocates_nothing),
        cmocka_unit_test(a_refused_allocation_of_a_sparse_network_is_an_error_without_a_leak),
        cmocka_unit_test(online_memory_does_not_depend_on_the_length_of_the_trial),
        cmocka_unit_test(without_a_window_online_memory_grows_by_taps_alone),
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(a_run_in_segments_stays_within_max_memory_and_allocates_nothing_in_a_step),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
