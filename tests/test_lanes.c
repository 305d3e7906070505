/*
 * Lanes: what is moved together are the units that are not silent, and products of lanes are those of
 * all units.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "small_training.h"

#include "engine/lanes.h"
#include "engine/sparse.h"

enum { R = MODPROP_KERNEL_TILE, STEPS = 3, N = 150, LDN = 160 };

struct subject {
    struct modprop_run *run;
    const struct modprop_network *net;
    struct modprop_lanes lanes;
    modprop_real h[STEPS * R * LDN]; /* 1 where a unit is active, at one of the rows */
};

static bool is_active(size_t unit)
{
    return unit % 5 < 2 || unit > 140;
}

static void set_up(struct subject *s, bool sparse, const struct modprop_kernel *kernel)
{
    struct modprop_memory_plan plan = {0};
    struct modprop_config config = small_config();
    config.n = N;
    small_set(&config, "structure", sparse ? "random" : "full");
    config.connectivity = sparse ? 0.05 : 0.99;
    memset(s, 0, sizeof *s);
    s->run = create(&config);
    s->run->network->kernel = kernel;
    s->net = s->run->network;
    assert_int_equal(s->net->ldn, LDN);
    assert_int_equal(modprop_sparse_pays(&s->net->back_entries, R), sparse);
    modprop_lanes_take(&s->lanes, &plan, s->net, &s->run->shape);
    assert_false(plan.refused);
    for (size_t i = 0; i < N; i++)
        s->h[(i % (STEPS * R)) * LDN + i] = is_active(i);
}

static void tear_down(struct subject *s)
{
    modprop_lanes_clear(&s->lanes);
    modprop_run_free(s->run);
}

static void draw(modprop_real *a, size_t count, long seed)
{
    modprop_random_normals(modprop_random_stream(seed, MODPROP_STREAM_WEIGHTS, 0), 0, count, a);
}

/* ------------------------------------------------------------------ choice */

static void an_active_unit_has_a_lane_and_a_silent_one_none(void **state)
{
    (void)state;
    static struct subject s;
    set_up(&s, false, modprop_kernel_at(0));
    modprop_lanes_choose_active(&s.lanes, STEPS * R, s.h);
    size_t lane = 0;
    for (size_t i = 0; i < N; i++)
        if (is_active(i))
            assert_int_equal(s.lanes.unit[lane++], i);
    assert_int_equal(s.lanes.count, lane);
    assert_true(!s.lanes.all && s.lanes.ld >= lane && s.lanes.ld < LDN);
    tear_down(&s);
}

static void where_few_are_silent_all_units_have_one(void **state)
{
    (void)state;
    static struct subject s;
    set_up(&s, false, modprop_kernel_at(0));
    for (size_t i = 0; i < N; i++)
        s.h[i] = i > 10;
    modprop_lanes_choose_active(&s.lanes, R, s.h);
    assert_true(s.lanes.all && s.lanes.count == N && s.lanes.ld == LDN);
    assert_ptr_equal(modprop_lanes_pack(&s.lanes, R, s.h, NULL), s.h);
    tear_down(&s);
}

static void silence_in_all_units_leaves_no_lane(void **state)
{
    (void)state;
    static struct subject s;
    set_up(&s, false, modprop_kernel_at(0));
    memset(s.h, 0, sizeof s.h);
    modprop_lanes_choose_active(&s.lanes, STEPS * R, s.h);
    assert_true(!s.lanes.all && s.lanes.count == 0);
    tear_down(&s);
}

/* ------------------------------------------------------------------ products */

static void compare_lanes(const struct subject *s, const modprop_real *of_lanes,
                          const modprop_real *of_all)
{
    for (size_t r = 0; r < R; r++)
        for (size_t k = 0; k < s->lanes.count; k++)
            assert_memory_equal(&of_lanes[r * s->lanes.ld + k], &of_all[r * LDN + s->lanes.unit[k]],
                                sizeof *of_all);
}

/* The first one from all units, the next ones from lane to lane, for leaky integrators. */
static void products_have_the_bits_of_those_of_all_units(void **state)
{
    (void)state;
    static struct subject s;
    static modprop_real a[R * LDN], in_lanes[R * LDN], out[R * LDN], want[R * LDN], C[R * LDN],
        work[R * LDN];
    for (size_t k = 0; modprop_kernel_at(k); k++)
        for (int sparse = 0; sparse < 2; sparse++) {
            set_up(&s, sparse, modprop_kernel_at(k));
            modprop_lanes_choose_active(&s.lanes, STEPS * R, s.h);
            draw(a, R * LDN, 1);
            modprop_lanes_open(&s.lanes, R, a, out);
            modprop_network_return(s.net, R, a, want, NULL);
            compare_lanes(&s, out, want);
            for (size_t i = 0; i < R * LDN; i++)
                if (!is_active(i % LDN))
                    a[i] = 0;
            assert_ptr_equal(modprop_lanes_pack(&s.lanes, R, a, in_lanes), in_lanes);
            const modprop_real keep = (modprop_real)0.9, take = (modprop_real)0.1;
            memcpy(C, want, sizeof C);
            const struct modprop_kernel_leaky of_lanes = {keep, take, NULL, out, out, s.lanes.ld};
            const struct modprop_kernel_leaky of_all = {keep, take, NULL, C, C, LDN};
            modprop_lanes_return(&s.lanes, R, in_lanes, work, &of_lanes);
            modprop_network_return(s.net, R, a, work, &of_all);
            compare_lanes(&s, out, C);
            tear_down(&s);
        }
}

static void what_is_unpacked_leaves_other_units_alone(void **state)
{
    (void)state;
    static struct subject s;
    static modprop_real a[R * LDN], in_lanes[R * LDN], before[R * LDN];
    set_up(&s, false, modprop_kernel_at(0));
    modprop_lanes_choose_active(&s.lanes, STEPS * R, s.h);
    draw(before, R * LDN, 2);
    memcpy(a, before, sizeof a);
    draw(in_lanes, R * LDN, 3);
    modprop_lanes_unpack(&s.lanes, R, in_lanes, a);
    compare_lanes(&s, in_lanes, a);
    for (size_t i = 0; i < R * LDN; i++)
        if (!is_active(i % LDN))
            assert_true(a[i] == before[i]);
    tear_down(&s);
}

/* STEPS R terms and what was there, each product and sum rounded. */
static void a_weight_gradient_is_added_to_the_lanes_columns_alone(void **state)
{
    (void)state;
    enum { LD = 160 };
    static struct subject s;
    static modprop_real pre[(STEPS + 1) * R * LD], b[STEPS * R * LDN], sum[LD * LDN];
    for (size_t kernel = 0; modprop_kernel_at(kernel); kernel++) {
        set_up(&s, false, modprop_kernel_at(kernel));
        const size_t m = s.run->shape.m, ld = s.run->shape.ld;
        assert_true(ld <= LD && m <= LD);
        modprop_lanes_choose_active(&s.lanes, STEPS * R, s.h);
        draw(pre, STEPS * R * ld, 4);
        draw(b, STEPS * R * s.lanes.ld, 5);
        for (size_t i = 0; i < LD * LDN; i++)
            sum[i] = 1;
        modprop_lanes_correlate(&s.lanes, STEPS, R, pre, b, sum);
        for (size_t p = 0; p < m; p++)
            for (size_t i = 0, k = 0; i < LDN; i++) {
                if (k == s.lanes.count || s.lanes.unit[k] != i) {
                    assert_true(sum[p * LDN + i] == 1);
                    continue;
                }
                double want = 1, of_sizes = 1;
                for (size_t row = 0; row < STEPS * R; row++) {
                    const double term = (double)pre[row * ld + p] * (double)b[row * s.lanes.ld + k];
                    want += term;
                    of_sizes += fabs(term);
                }
                assert_true(fabs((double)sum[p * LDN + i] - want) <=
                            (STEPS * R + 2) * 0x1p-24 * of_sizes);
                k++;
            }
        tear_down(&s);
    }
}

/* ------------------------------------------------------------------ gradients */

/* Five pieces of time, the last one short, in which a third of the units is silent for a piece or more. */
static struct modprop_config long_trials(const char *rule, const char *path, long loss_steps)
{
    struct modprop_config config = small_config();
    small_set(&config, "rule", rule);
    small_set(&config, "path", path);
    config.n = 24;
    config.batch = 5;
    config.delay_ms = 90;
    config.loss_steps = loss_steps;
    return config;
}

static void compare_gradients(const char *rule, const char *forward_rule, long loss_steps)
{
    enum { T = 130, ROUNDINGS = 4 }; /* of a step, there and back */
    const struct modprop_config back = long_trials(rule, "offline", loss_steps),
                                forward = long_trials(forward_rule, "online", loss_steps);
    struct modprop_run *a = create(&back), *b = create(&forward);
    train_steps(a, 1); /* leaves the gradient with respect to theta */
    train_steps(b, 1);
    double off = 0, all = 0;
    for (size_t k = 0; k < a->gradient.count; k++) {
        const double x = (double)a->gradient.W_rec[k], y = (double)b->gradient.W_rec[k];
        off += (x - y) * (x - y);
        all += y * y;
    }
    if (!(all > 0 && sqrt(off / all) < ROUNDINGS * T * 0x1p-24))
        fail_msg("%s, %ld steps with loss: %g off", rule, loss_steps, sqrt(off / all));
    modprop_run_free(a);
    modprop_run_free(b);
}

/* With losses that begin in a piece, where one begins, and everywhere. */
static void credit_that_leaks_away_for_long_counts_as_it_does_forward_in_time(void **state)
{
    (void)state;
    static const long loss_steps[] = {1, 2, 34, 66, 100, 130};
    for (size_t k = 0; k < sizeof loss_steps / sizeof *loss_steps; k++) {
        compare_gradients("bptt", "rtrl", loss_steps[k]);
        compare_gradients("mdgl", "mdgl", loss_steps[k]);
        compare_gradients("eprop", "eprop", loss_steps[k]);
    }
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_active_unit_has_a_lane_and_a_silent_one_none),
        cmocka_unit_test(where_few_are_silent_all_units_have_one),
        cmocka_unit_test(silence_in_all_units_leaves_no_lane),
        cmocka_unit_test(products_have_the_bits_of_those_of_all_units),
        cmocka_unit_test(what_is_unpacked_leaves_other_units_alone),
        cmocka_unit_test(a_weight_gradient_is_added_to_the_lanes_columns_alone),
        cmocka_unit_test(credit_that_leaks_away_for_long_counts_as_it_does_forward_in_time),
    };
    return cmocka_run_group_tests_name("lanes", tests, NULL, NULL);
}
