/*
 * What a gradient does not depend on: how the batch is cut into tiles, which trials share one,
 * which kernel works it off, or whether BLAS does.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "small_training.h"

#include "engine/kernel.h"

enum { MOST = 32 };
static const size_t batches[] = {1, 5, 6, 7, 12, 13, 32};
enum { BATCHES = sizeof batches / sizeof *batches };

/* 60 steps forth and as many back, each of which rounds twice: so many roundings of 2^-24 at worst.
 * No membrane of these trials is so near the threshold that rounding moves it to the other side. */
static const double TOLERANCE = 240 * 0x1p-24;

/* ------------------------------------------------------------------ parts of a batch */

/* Trials b0, b0 + 1, ... of a batch as one of its own. */
struct part {
    const struct modprop_trials *whole;
    size_t b0;
};

static void part_input(const struct modprop_trials *trials, size_t t0, size_t steps,
                       const size_t *trial, size_t R, modprop_real *x)
{
    const struct part *part = trials->state;
    size_t of_whole[MODPROP_KERNEL_TILE];
    assert_true(R <= MODPROP_KERNEL_TILE);
    for (size_t r = 0; r < R; r++)
        of_whole[r] = part->b0 + trial[r];
    part->whole->task->input(part->whole, t0, steps, of_whole, R, x);
}

static const struct modprop_task part_task = {.name = "part", .input = part_input};

static struct modprop_trials trials_of(const struct part *part, size_t B)
{
    return (struct modprop_trials){
        .task = &part_task, .state = part, .B = B, .label = part->whole->label + part->b0};
}

/* A run with its first training batch. Weights do not depend on the size of the batch. */
static struct modprop_run *with_batch(struct modprop_config config, size_t B)
{
    config.batch = (long)B;
    struct modprop_run *run = create(&config);
    run->trials.stream = modprop_random_stream(config.seed, MODPROP_STREAM_TRAINING, 0);
    run->trials.task->begin(&run->trials);
    return run;
}

static struct modprop_pass_figures gradient(struct modprop_run *run,
                                            const struct modprop_trials *trials)
{
    struct modprop_pass_figures figures;
    assert_int_equal(modprop_run_gradient(run, trials, &figures, NULL), MODPROP_OK);
    return figures;
}

/* |a - b| / |b| for a block of weights. */
static double distance(const struct modprop_weights *a, const double *b)
{
    double off = 0, all = 0;
    for (size_t k = 0; k < a->count; k++) {
        off += ((double)a->W_rec[k] - b[k]) * ((double)a->W_rec[k] - b[k]);
        all += b[k] * b[k];
    }
    assert_true(all > 0);
    return sqrt(off / all);
}

static double difference(const struct modprop_run *a, const struct modprop_run *b)
{
    double *of_b = calloc(b->gradient.count, sizeof *of_b);
    assert_non_null(of_b);
    for (size_t k = 0; k < b->gradient.count; k++)
        of_b[k] = (double)b->gradient.W_rec[k];
    const double off = distance(&a->gradient, of_b);
    free(of_b);
    return off;
}

/* Loss in the last step, from the middle of a block on, and everywhere. Taps do not grow. */
static struct modprop_config lossy_way(size_t k, size_t kind)
{
    static const long loss_steps[] = {1, 25, 60};
    struct modprop_config config = way(k);
    config.loss_steps = loss_steps[kind];
    config.tap_tolerance = 1e-2;
    return config;
}
enum { KINDS = 3 };

static double taps_of(const struct modprop_run *run)
{
    return run->method->taps ? run->method->taps(run->method_state) : 0;
}

/* ------------------------------------------------------------------ tiles */

static void compare_with_single_trials(const struct modprop_config *config)
{
    struct modprop_run *whole = with_batch(*config, MOST), *single = with_batch(*config, 1);
    const size_t count = single->gradient.count;
    double *sum = calloc(2 * count, sizeof *sum), *mean = sum + count, loss = 0, right = 0;
    assert_non_null(sum);
    for (size_t k = 0, b = 0; k < BATCHES; k++) {
        for (; b < batches[k]; b++) {
            const struct part part = {&whole->trials, b};
            const struct modprop_trials trials = trials_of(&part, 1);
            const struct modprop_pass_figures figures = gradient(single, &trials);
            loss += figures.loss;
            right += figures.accuracy;
            for (size_t i = 0; i < count; i++)
                sum[i] += (double)single->gradient.W_rec[i];
        }
        for (size_t i = 0; i < count; i++)
            mean[i] = sum[i] / (double)b;
        struct modprop_run *run = with_batch(*config, b);
        const struct modprop_pass_figures figures = gradient(run, &run->trials);
        assert_true(taps_of(run) == taps_of(single));
        const double off = distance(&run->gradient, mean);
        if (!(off < TOLERANCE))
            fail_msg("rule %d, path %d, %ld steps with loss, %zu trials: %g off", config->rule,
                     config->path, config->loss_steps, b, off);
        assert_true(fabs(figures.loss - loss / (double)b) <
                    1e-13 * (1 + loss)); /* sums in double */
        assert_true(figures.accuracy == right / (double)b);
        modprop_run_free(run);
    }
    free(sum);
    modprop_run_free(whole);
    modprop_run_free(single);
}

static void a_gradient_is_the_mean_of_those_of_its_trials(void **state)
{
    (void)state;
    for (size_t k = 0; k < WAYS; k++)
        for (size_t kind = 0; kind < KINDS; kind++) {
            const struct modprop_config config = lossy_way(k, kind);
            compare_with_single_trials(&config);
        }
}

static struct modprop_pass_figures observe(struct modprop_run *run,
                                           const struct modprop_trials *trials)
{
    struct modprop_pass_figures figures;
    modprop_pass_run(&run->pass, trials, NULL, NULL, NULL, true, &figures);
    return figures;
}

/* Rates are summed in float32 over a step of a tile, of 6 * 30 units at most, all of one sign. */
static void figures_are_those_of_its_trials(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        const struct modprop_config config = lossy_way(0, kind);
        struct modprop_run *whole = with_batch(config, MOST), *single = with_batch(config, 1);
        struct modprop_pass_figures sum = {0};
        for (size_t k = 0, b = 0; k < BATCHES; k++) {
            for (; b < batches[k]; b++) {
                const struct part part = {&whole->trials, b};
                const struct modprop_trials trials = trials_of(&part, 1);
                const struct modprop_pass_figures one = observe(single, &trials);
                sum.loss += one.loss;
                sum.accuracy += one.accuracy;
                sum.mean_rate += one.mean_rate;
                sum.active_fraction += one.active_fraction;
                sum.largest_rate = fmax(sum.largest_rate, one.largest_rate);
            }
            struct modprop_run *run = with_batch(config, b);
            const struct modprop_pass_figures all = observe(run, &run->trials);
            assert_true(fabs(all.loss * (double)b / sum.loss - 1) < 1e-13);
            assert_true(all.accuracy == sum.accuracy / (double)b);
            assert_true(fabs(all.mean_rate * (double)b / sum.mean_rate - 1) < 180 * 0x1p-24);
            assert_true(fabs(all.active_fraction * (double)b / sum.active_fraction - 1) < 1e-12);
            assert_true(all.largest_rate == sum.largest_rate && all.largest_rate > 0);
            modprop_run_free(run);
        }
        modprop_run_free(whole);
        modprop_run_free(single);
    }
}

/* ------------------------------------------------------------------ a trial's course */

struct seen {
    const struct modprop_run *run;
    uint64_t trial[MOST]; /* fingerprint of all that a method sees of a trial, FNV-1a */
    size_t steps;
};

static void take(uint64_t *hash, const modprop_real *values, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        unsigned char bytes[sizeof *values];
        memcpy(bytes, values + k, sizeof bytes);
        for (size_t i = 0; i < sizeof bytes; i++)
            *hash = (*hash ^ bytes[i]) * 0x100000001b3u;
    }
}

static void fingerprint(void *context, const struct modprop_block *block)
{
    struct seen *seen = context;
    const struct modprop_shape *s = &seen->run->shape;
    seen->steps += block->R;
    for (size_t r = 0; r < block->R; r++) {
        uint64_t *hash = &seen->trial[block->trial[r]];
        take(hash, block->pre + r * s->ld, s->m);              /* z[t-1] and x[t] */
        take(hash, block->pre + (block->R + r) * s->ld, s->n); /* z[t] */
        take(hash, block->h + r * s->ldn, s->n);
        take(hash, block->state + r * s->ldn, s->n);
        if (block->y)
            take(hash, block->y + r * s->n_out, s->n_out);
    }
}

/* Zeros of another trial in the tile add nothing: not even the last bit depends on the company. */
static void a_trials_course_is_the_same_to_the_bit_in_any_company(void **state)
{
    (void)state;
    for (size_t kernel = 0; modprop_kernel_at(kernel); kernel++) {
        struct seen first = {0};
        setenv("MODPROP_KERNEL", modprop_kernel_at(kernel)->name, 1);
        for (size_t k = BATCHES; k-- > 0;) {
            struct modprop_run *run = with_batch(lossy_way(0, 1), batches[k]);
            struct seen seen = {.run = run};
            run->pass.watch = fingerprint;
            run->pass.context = &seen;
            observe(run, &run->trials);
            assert_int_equal(seen.steps, batches[k] * run->shape.T);
            if (k == BATCHES - 1)
                first = seen;
            assert_memory_equal(seen.trial, first.trial, batches[k] * sizeof *seen.trial);
            modprop_run_free(run);
        }
        assert_true(first.trial[0] != first.trial[1]);
        unsetenv("MODPROP_KERNEL");
    }
}

/* ------------------------------------------------------------------ cut by hand */

/* A run like `like`, its batch cut into tiles of `tile` trials. */
static struct modprop_run *cut(const struct modprop_run *like, size_t tile)
{
    struct modprop_shape shape = like->shape;
    struct modprop_run *run;
    shape.tile = tile;
    shape.tiles = (shape.B + tile - 1) / tile;
    assert_int_equal(modprop_run_assemble(&run, &like->config, &shape, NULL), MODPROP_OK);
    memcpy(run->network->theta.W_rec, like->network->theta.W_rec,
           like->network->theta.count * sizeof(modprop_real));
    modprop_network_refresh(run->network);
    const struct modprop_pass_figures here = gradient(run, &like->trials);
    assert_true(isfinite(here.loss));
    return run;
}

/* Tiles of more than eight trials go through BLAS, the others through the kernels. */
static void blas_and_the_kernels_agree(void **state)
{
    (void)state;
    for (size_t k = 0; k < WAYS; k++)
        for (size_t kind = 0; kind < KINDS; kind++) {
            struct modprop_config config = lossy_way(k, kind);
            config.mu = 1;
            config.n = strcmp(ways[k].rule, "rtrl") == 0 ? 12 : 40;
            struct modprop_run *run = with_batch(config, 13);
            gradient(run, &run->trials);
            for (size_t tile = 1; tile <= 13; tile++) {
                struct modprop_run *other = cut(run, tile);
                const double off = difference(other, run);
                if (!(off < TOLERANCE))
                    fail_msg("%s %s %s, tiles of %zu: %g off", ways[k].rule, ways[k].feedback,
                             ways[k].path, tile, off);
                modprop_run_free(other);
            }
            modprop_run_free(run);
        }
}

/* 15 steps, so that the membranes are few enough to stay off the threshold. */
static void large_networks_give_the_same_with_a_batch_taken_whole(void **state)
{
    (void)state;
    const struct modprop_shape large = modprop_shape_complete(
        (struct modprop_shape){.n = 1025, .n_in = 2, .n_out = 2, .B = 7});
    assert_true(large.tiles == 1 && large.tile == 7);
    for (size_t k = 0; k < WAYS; k++) {
        struct modprop_config config = lossy_way(k, 0);
        if (strcmp(ways[k].rule, "rtrl") == 0) /* an oracle for small networks */
            continue;
        config.n = 400;
        config.cue_ms = config.delay_ms = 5;
        struct modprop_run *run = with_batch(config, 7);
        gradient(run, &run->trials);
        struct modprop_run *whole = cut(run, 7);
        assert_true(difference(whole, run) < TOLERANCE);
        modprop_run_free(whole);
        modprop_run_free(run);
    }
}

/* ------------------------------------------------------------------ kernels */

static struct modprop_run *gradient_with(const struct modprop_kernel *kernel,
                                         const struct modprop_config *config)
{
    setenv("MODPROP_KERNEL", kernel->name, 1);
    struct modprop_run *run = with_batch(*config, (size_t)config->batch);
    unsetenv("MODPROP_KERNEL");
    for (size_t k = 0; k < run->shape.n * run->shape.n; k++)
        run->network->theta.W_rec[k] *= 2; /* so that taps grow past a group of eight */
    modprop_network_refresh(run->network);
    gradient(run, &run->trials);
    return run;
}

static void all_kernels_agree_on_a_gradient_and_each_with_itself_to_the_bit(void **state)
{
    (void)state;
    for (size_t w = 0; w < WAYS; w++) {
        struct modprop_config config = way(w);
        config.n = strcmp(ways[w].rule, "rtrl") == 0 ? 17 : 40;
        config.mu = 1;
        config.tap_tolerance = 1e-12; /* more taps than stay in registers */
        struct modprop_run *reference = gradient_with(&modprop_kernel_portable, &config);
        if (strcmp(ways[w].rule, "modprop") == 0 && strcmp(ways[w].path, "online") == 0)
            assert_true(taps_of(reference) > MODPROP_KERNEL_TAPS);
        for (size_t k = 0; modprop_kernel_at(k); k++) {
            struct modprop_run *first = gradient_with(modprop_kernel_at(k), &config);
            struct modprop_run *second = gradient_with(modprop_kernel_at(k), &config);
            assert_memory_equal(first->gradient.W_rec, second->gradient.W_rec,
                                first->gradient.count * sizeof(modprop_real));
            const double off = difference(first, reference);
            if (!(off < TOLERANCE))
                fail_msg("%s %s %s, %s: %g off", ways[w].rule, ways[w].feedback, ways[w].path,
                         modprop_kernel_at(k)->name, off);
            modprop_run_free(first);
            modprop_run_free(second);
        }
        modprop_run_free(reference);
    }
}

/* Infinities and what they make run through all products, padding included, and must end as what
 * they are; and nothing of them may stay for the next batch. */
static void overflowing_credit_ends_as_no_number_and_leaves_nothing(void **state)
{
    (void)state;
    for (size_t w = 0; w < WAYS; w++)
        for (size_t k = 0; modprop_kernel_at(k); k++) {
            struct modprop_config config = way(w);
            config.tap_tolerance = 1e-2;
            config.n = strcmp(ways[w].rule, "rtrl") == 0 ? 12 : 33;
            struct modprop_run *run = gradient_with(modprop_kernel_at(k), &config);
            const struct modprop_weights *theta = &run->network->theta;
            const size_t size = theta->count * sizeof(modprop_real);
            modprop_real *weights = malloc(size), *before = malloc(size);
            assert_true(weights && before);
            memcpy(weights, theta->W_rec, size);
            memcpy(before, run->gradient.W_rec, size);
            for (size_t i = 0; i < 2 * run->shape.n; i++)
                theta->W_out[i] = 0x1p120f;
            for (size_t i = 0; i < run->shape.n * run->shape.n; i++)
                theta->W_rec[i] *= 0x1p20f;
            modprop_network_refresh(run->network);
            gradient(run, &run->trials);
            assert_int_equal(modprop_run_update(run, NULL), MODPROP_DIVERGED);
            memcpy(theta->W_rec, weights, size);
            modprop_network_refresh(run->network);
            gradient(run, &run->trials);
            assert_memory_equal(run->gradient.W_rec, before, size);
            free(weights);
            free(before);
            modprop_run_free(run);
        }
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gradient_is_the_mean_of_those_of_its_trials),
        cmocka_unit_test(figures_are_those_of_its_trials),
        cmocka_unit_test(a_trials_course_is_the_same_to_the_bit_in_any_company),
        cmocka_unit_test(blas_and_the_kernels_agree),
        cmocka_unit_test(large_networks_give_the_same_with_a_batch_taken_whole),
        cmocka_unit_test(all_kernels_agree_on_a_gradient_and_each_with_itself_to_the_bit),
        cmocka_unit_test(overflowing_credit_ends_as_no_number_and_leaves_nothing),
    };
    return cmocka_run_group_tests_name("tiles", tests, NULL, NULL);
}
