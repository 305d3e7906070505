/*
 * The network's bookkeeping: how many units of which sign, how weights lie in memory, signs and
 * back.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "small_run.h"

#include "engine/memory.h"
#include "engine/network.h"
#include "engine/random.h"

static void excitatory_units_are_floor_of_p_n_plus_one(void **state)
{
    (void)state;
    static const struct {
        long n;
        double p;
        size_t inhibitory;
    } cases[] = {
        {120, 0.8, 23}, {30, 0.8, 5}, {10, 0.5, 4}, {10, 0, 9},
        {10, 0.9, 0},   {10, 1, 0},   {2, 0.4, 1},  {2, 0.8, 0},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct modprop_config config = small_config();
        config.n = cases[k].n;
        config.proportion_excitatory = cases[k].p;
        assert_int_equal(modprop_network_inhibitory(&config), cases[k].inhibitory);
    }
}

static void weights_lie_one_after_another(void **state)
{
    (void)state;
    const struct modprop_shape shape = modprop_shape_complete(
        (struct modprop_shape){.n = 5, .n_in = 3, .n_out = 2});
    modprop_real block[5 * 5 + 3 * 5 + 5 * 2 + 2];
    const struct modprop_weights w = modprop_weights_lay(&shape, block);
    assert_int_equal(w.count, sizeof block / sizeof *block);
    assert_ptr_equal(w.W_rec, block);
    assert_ptr_equal(w.W_in, block + 25);
    assert_ptr_equal(w.W_out, block + 40);
    assert_ptr_equal(w.b_out, block + 50);
    assert_int_equal(modprop_weights_lay(&shape, NULL).count, w.count);
    assert_null(modprop_weights_lay(&shape, NULL).W_out);
}

static void rows_are_whole_vectors(void **state)
{
    (void)state;
    for (size_t n = 1; n < 70; n++) {
        const struct modprop_shape s = modprop_shape_complete(
            (struct modprop_shape){.n = n, .n_in = 2});
        assert_int_equal(s.m, n + 2);
        assert_true(s.ld >= s.m && s.ld < s.m + 16 && s.ld % 16 == 0);
        assert_true(s.ldn >= n && s.ldn < n + 16 && s.ldn % 16 == 0);
    }
}

/* Tiles of eight trials, the last one of what is left, as long as the weights fit the cache. */
static void tiles_cut_the_whole_batch(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 120, 1024, 1025, 4000};
    for (size_t k = 0; k < 5; k++)
        for (size_t B = 1; B < 100; B++) {
            const struct modprop_shape s = modprop_shape_complete(
                (struct modprop_shape){.n = sizes[k], .n_in = 2, .B = B});
            const size_t most = sizes[k] > 1024 ? B : 8;
            assert_int_equal(s.tiles, (B + most - 1) / most);
            assert_int_equal(modprop_shape_first(&s, 0), 0);
            assert_int_equal(modprop_shape_first(&s, s.tiles), B);
            for (size_t tile = 0; tile < s.tiles; tile++) {
                const size_t R = modprop_shape_first(&s, tile + 1) - modprop_shape_first(&s, tile);
                assert_true(tile + 1 < s.tiles ? R == s.tile : R <= s.tile && R > 0);
            }
        }
}

/* Sizes from a file are completed before they are checked. */
static void sizes_that_make_no_sense_have_tiles_too(void **state)
{
    (void)state;
    static const size_t odd[] = {0, 1, SIZE_MAX / 2, SIZE_MAX - 1, SIZE_MAX};
    for (size_t k = 0; k < 5; k++)
        for (size_t j = 0; j < 5; j++) {
            const struct modprop_shape s = modprop_shape_complete(
                (struct modprop_shape){.n = odd[k], .B = odd[j]});
            assert_true(s.tiles > 0 && s.tile > 0);
        }
}

static struct modprop_network *make(void)
{
    struct modprop_config config = small_config();
    config.n = 10;
    config.proportion_excitatory = 0.5; /* 4 inhibitory */
    const struct modprop_shape shape = modprop_shape_of(&config);
    struct modprop_network *net;
    assert_int_equal(modprop_network_create(&net, &config, &shape, NULL), MODPROP_OK);
    return net;
}

static void inhibitory_units_come_first(void **state)
{
    (void)state;
    struct modprop_network *net = make();
    for (size_t i = 0; i < 10; i++)
        assert_true(net->sign[i] == (i < 4 ? -1 : 1));
    modprop_network_free(net);
}

/* alpha = exp(-1/20); float32 holds 1 - alpha to its own precision, not to that of alpha. */
static void the_leak_is_rounded_once(void **state)
{
    (void)state;
    struct modprop_network *net = make();
    assert_true(net->keep == (modprop_real)exp(-1.0 / 20));
    assert_true(net->take == (modprop_real)(1 - exp(-1.0 / 20)));
    modprop_network_free(net);
}

static void signs_are_the_presynaptic_units_and_spare_input_and_bias(void **state)
{
    (void)state;
    struct modprop_network *net = make();
    for (size_t k = 0; k < net->theta.count; k++)
        net->theta.W_rec[k] = (modprop_real)(k + 1);
    modprop_network_refresh(net);
    for (size_t pre = 0; pre < 10; pre++) {
        const modprop_real sign = pre < 4 ? -1 : 1;
        for (size_t post = 0; post < 10; post++)
            assert_true(net->w.W_rec[pre * 10 + post] == sign * net->theta.W_rec[pre * 10 + post]);
        for (size_t k = 0; k < 2; k++)
            assert_true(net->w.W_out[pre * 2 + k] == sign * net->theta.W_out[pre * 2 + k]);
    }
    assert_memory_equal(net->w.W_in, net->theta.W_in, 20 * sizeof(modprop_real));
    assert_memory_equal(net->w.b_out, net->theta.b_out, 2 * sizeof(modprop_real));
    modprop_network_free(net);
}

static void adopting_the_signed_weights_gives_the_magnitudes_back(void **state)
{
    (void)state;
    struct modprop_network *net = make();
    modprop_real before[200];
    assert_true(net->theta.count < 200);
    for (size_t k = 0; k < net->theta.count; k++)
        before[k] = net->theta.W_rec[k] = (modprop_real)(k + 1);
    modprop_network_refresh(net);
    memset(net->theta.W_rec, 0, net->theta.count * sizeof *before);
    modprop_network_adopt(net);
    assert_memory_equal(net->theta.W_rec, before, net->theta.count * sizeof *before);
    modprop_network_free(net);
}

/* dE/dtheta = sign dE/dw on W_rec and W_out, in place, and twice is nothing. */
static void flipping_a_gradient_turns_the_inhibitory_rows(void **state)
{
    (void)state;
    struct modprop_network *net = make();
    modprop_real gradient[200];
    const struct modprop_weights g = {net->w.count, gradient, gradient + 100, gradient + 120,
                                      gradient + 140};
    for (size_t k = 0; k < g.count; k++)
        gradient[k] = (modprop_real)(k + 1);
    modprop_network_flip(net, &g);
    for (size_t k = 0; k < g.count; k++) {
        const bool inhibitory = k < 40 || (k >= 120 && k < 128);
        assert_true(gradient[k] == (inhibitory ? -1 : 1) * (modprop_real)(k + 1));
    }
    modprop_network_flip(net, &g);
    for (size_t k = 0; k < g.count; k++)
        assert_true(gradient[k] == (modprop_real)(k + 1));
    modprop_network_free(net);
}

/* W_rec over W_in and W_rec^T, rows padded with zeros; after each way of setting weights. */
static void the_padded_copies_follow_the_weights(void **state)
{
    (void)state;
    struct modprop_network *net = make();
    for (int adopts = 0; adopts < 2; adopts++) {
        const struct modprop_weights *w = &net->w;
        for (size_t k = 0; k < w->count; k++)
            (adopts ? w : &net->theta)->W_rec[k] = (modprop_real)(k + 1 + 1000 * (size_t)adopts);
        (adopts ? modprop_network_adopt : modprop_network_refresh)(net);
        assert_int_equal(net->ldn, 16);
        for (size_t post = 0; post < 16; post++) {
            for (size_t pre = 0; pre < 12; pre++)
                assert_true(net->forward[pre * 16 + post] ==
                            (post < 10 ? w->W_rec[pre * 10 + post] : 0));
            for (size_t pre = 0; pre < 10; pre++)
                assert_true(net->back[pre * 16 + post] ==
                            (post < 10 ? w->W_rec[post * 10 + pre] : 0));
        }
    }
    modprop_network_free(net);
}

/* Against the product of the whole tile, by each kernel. */
static void spikes_of_large_networks_have_the_bits_of_a_tile(void **state)
{
    (void)state;
    static const char *const kernels[] = {"portable", "avx2", "avx512"};
    enum { N = 420, R = 8 };
    for (size_t k = 0; k < 3; k++) {
        struct modprop_config config = small_config();
        struct modprop_network *net;
        small_set(&config, "units", "lif");
        config.n = N;
        config.batch = R;
        const struct modprop_shape s = modprop_shape_of(&config);
        setenv("MODPROP_KERNEL", kernels[k], 1); /* or the best there is */
        assert_int_equal(modprop_network_create(&net, &config, &s, NULL), MODPROP_OK);
        assert_int_equal(modprop_network_start(net, 1, NULL), MODPROP_OK);
        modprop_real *pre = modprop_memory_get(R * s.ld, sizeof *pre);
        modprop_real *out = modprop_memory_get(2 * R * s.ldn, sizeof *out);
        assert_true(pre && out);
        const struct modprop_stream stream = modprop_random_stream(1, MODPROP_STREAM_TASK, 0);
        for (size_t r = 0; r < R; r++)
            for (size_t i = 0; i < s.m; i++) /* the last trial is silent but for its inputs */
                pre[r * s.ld + i] = i >= N ? (modprop_real)0.3
                                           : r < 7 && modprop_random_uniform(stream, r * s.ld + i) <
                                                          0.03;
        modprop_network_drive(net, R, pre, out);
        net->kernel->product(R, s.m, N, pre, s.ld, net->forward, s.ldn, out + R * s.ldn, s.ldn,
                             net->work);
        for (size_t r = 0; r < R; r++)
            assert_memory_equal(out + r * s.ldn, out + (R + r) * s.ldn, N * sizeof *out);
        assert_true(out[7 * s.ldn] != 0 && out[0] != out[7 * s.ldn]);
        modprop_memory_free(pre);
        modprop_memory_free(out);
        modprop_network_free(net);
    }
    unsetenv("MODPROP_KERNEL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(excitatory_units_are_floor_of_p_n_plus_one),
        cmocka_unit_test(weights_lie_one_after_another),
        cmocka_unit_test(rows_are_whole_vectors),
        cmocka_unit_test(tiles_cut_the_whole_batch),
        cmocka_unit_test(sizes_that_make_no_sense_have_tiles_too),
        cmocka_unit_test(inhibitory_units_come_first),
        cmocka_unit_test(the_leak_is_rounded_once),
        cmocka_unit_test(signs_are_the_presynaptic_units_and_spare_input_and_bias),
        cmocka_unit_test(adopting_the_signed_weights_gives_the_magnitudes_back),
        cmocka_unit_test(the_padded_copies_follow_the_weights),
        cmocka_unit_test(flipping_a_gradient_turns_the_inhibitory_rows),
        cmocka_unit_test(spikes_of_large_networks_have_the_bits_of_a_tile),
    };
    return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
