/*
 * Products with sparse weights: the bits of the dense ones, and where they are used.
 */
#include <math.h>

#include "connections.h"
#include "small_training.h"

#include "engine/random.h"
#include "engine/sparse.h"

enum { V = MODPROP_KERNEL_VECTOR, TILE = MODPROP_KERNEL_TILE, MOST = 144 };

static size_t padded(size_t count)
{
    return (count + V - 1) / V * V;
}

/* A factor and a matrix of the given shares of entries, and room for what comes of them. */
struct problem {
    size_t R, m, n, lda, ldn;
    modprop_real a[TILE * MOST], W[MOST * MOST];
    struct modprop_sparse entries;
    modprop_real sums[MOST * TILE];
    uint32_t work[MOST + V];
};

static void draw(struct problem *p, size_t R, size_t m, size_t n, double active, double share)
{
    const struct modprop_stream stream = modprop_random_stream(1, MODPROP_STREAM_WEIGHTS,
                                                               (long)(m * n + R));
    struct modprop_memory_plan plan = {0};
    *p = (struct problem){.R = R, .m = m, .n = n, .lda = padded(m), .ldn = padded(n)};
    modprop_random_normals(stream, 0, R * p->lda, p->a);
    modprop_random_normals(stream, 1 << 20, m * p->ldn, p->W);
    for (size_t k = 0; k < R * p->lda; k++)
        if (modprop_random_uniform(stream, (2 << 20) + k) >= active || k % p->lda >= m)
            p->a[k] = 0;
    for (size_t k = 0; k < m * p->ldn; k++)
        if (modprop_random_uniform(stream, (3 << 20) + k) >= share || k % p->ldn >= n)
            p->W[k] = 0;
    p->entries = (struct modprop_sparse){.m = m, .n = n, .most = m * n};
    p->entries.first = modprop_memory_take(&plan, m + 1, sizeof *p->entries.first);
    p->entries.column = modprop_memory_take(&plan, m * n, sizeof *p->entries.column);
    p->entries.value = modprop_memory_take(&plan, m * n, sizeof *p->entries.value);
    assert_false(plan.refused);
    modprop_sparse_fill(&p->entries, p->W, p->ldn);
}

/* Both products of a problem, dense and sparse. */
static void compare(const struct modprop_kernel *kernel, struct problem *p)
{
    static modprop_real out[2][TILE * MOST], v[2][TILE * MOST], z[2][TILE * MOST],
        h[2][TILE * MOST];
    const struct modprop_kernel_sparse W = modprop_sparse_matrix(&p->entries);
    for (size_t k = 0; k < TILE * MOST; k++)
        v[0][k] = v[1][k] = (modprop_real)sin((double)k);
    kernel->product(p->R, p->m, p->n, p->a, p->lda, p->W, p->ldn, out[0], p->ldn, p->work);
    kernel->sparse(p->R, p->m, p->n, p->a, p->lda, &W, out[1], p->ldn, NULL, p->sums, p->work);
    struct modprop_kernel_relu units = {
        (modprop_real)0.9, (modprop_real)0.1, (modprop_real)0.01, v[0], h[0], p->ldn, z[0], p->ldn};
    kernel->relu(p->R, p->m, p->n, p->a, p->lda, p->W, p->ldn, &units, p->work);
    units.v = v[1];
    units.h = h[1];
    units.z = z[1];
    kernel->sparse(p->R, p->m, p->n, p->a, p->lda, &W, NULL, 0, &units, p->sums, p->work);
    for (size_t r = 0; r < p->R; r++)
        for (size_t j = 0; j < p->n; j++) {
            const size_t at = r * p->ldn + j;
            assert_true(out[0][at] == out[1][at]);
            assert_true(v[0][at] == v[1][at] && z[0][at] == z[1][at] && h[0][at] == h[1][at]);
        }
}

/* Sums in the same order with the same roundings; a zero weight adds nothing. */
static void sparse_products_have_the_bits_of_dense_ones(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 15, 17, 40, 64, 130};
    static const double shares[] = {0, 0.02, 0.3, 1};
    static struct problem p;
    for (size_t k = 0; modprop_kernel_at(k); k++)
        for (size_t R = 1; R <= TILE; R++)
            for (size_t i = 0; i < 7; i++)
                for (size_t j = 0; j < 7; j++) {
                    draw(&p, R, sizes[i], sizes[j], shares[(i + R) % 3 + 1], shares[(i + j) % 4]);
                    compare(modprop_kernel_at(k), &p);
                    modprop_sparse_clear(&p.entries);
                }
}

static void what_is_not_a_number_shows_in_its_trial(void **state)
{
    (void)state;
    static struct problem p;
    modprop_real out[TILE * V];
    for (size_t k = 0; modprop_kernel_at(k); k++) {
        draw(&p, 3, 9, 5, 1, 1);
        const struct modprop_kernel_sparse W = modprop_sparse_matrix(&p.entries);
        p.a[p.lda + 4] = (modprop_real)NAN;
        modprop_kernel_at(k)->sparse(3, 9, 5, p.a, p.lda, &W, out, V, NULL, p.sums, p.work);
        for (size_t r = 0; r < 3; r++)
            for (size_t j = 0; j < 5; j++)
                assert_int_equal(isnan(out[r * V + j]) != 0, r == 1);
        modprop_sparse_clear(&p.entries);
    }
}

/* ------------------------------------------------------------------ when */

static void what_has_more_entries_than_pay_is_not_held(void **state)
{
    (void)state;
    enum { N = 200 };
    static modprop_real W[N * N];
    struct modprop_memory_plan plan = {0};
    struct modprop_sparse s;
    modprop_sparse_take(&s, &plan, N, N, 100);
    assert_false(plan.refused);
    assert_int_equal(s.most, modprop_sparse_most(N, N, TILE));
    for (size_t k = 0; k < s.most; k++)
        W[(k * 7) % (N * N)] = 1; /* 7 and 40000 have no common divisor */
    modprop_sparse_fill(&s, W, N);
    assert_int_equal(s.count, s.most);
    assert_true(modprop_sparse_pays(&s, TILE) && !modprop_sparse_pays(&s, TILE / 2));
    W[(s.most * 7) % (N * N)] = 1;
    modprop_sparse_fill(&s, W, N);
    assert_false(modprop_sparse_pays(&s, TILE));
    modprop_sparse_clear(&s);
}

static void small_and_dense_networks_have_no_room_for_it(void **state)
{
    (void)state;
    struct modprop_memory_plan plan = {0};
    struct modprop_sparse s;
    modprop_sparse_take(&s, &plan, 500, 500, 200000);
    assert_true(!s.value && plan.bytes == 0 && !modprop_sparse_pays(&s, 1));
    modprop_sparse_take(&s, &plan, 30, 30, 1);
    assert_true(!s.value && plan.bytes == 0 && !modprop_sparse_pays(&s, 1));
    assert_int_equal(modprop_sparse_bytes(500, 500, 200000), 0);
    assert_true(modprop_sparse_bytes(500, 500, 2000) > 0);
}

/* ------------------------------------------------------------------ whole runs */

static struct modprop_config sparse_config(const char *units, const char *rule)
{
    struct modprop_config config = small_config();
    small_set(&config, "structure", "random");
    small_set(&config, "units", units);
    small_set(&config, "rule", rule);
    config.n = 150;
    config.n_adaptive = 50;
    config.connectivity = 0.05;
    config.l1 = 0.3;
    return config;
}

static void trainings_have_the_same_bits_with_and_without(void **state)
{
    (void)state;
    static const char *const units[] = {"relu", "adaptive", "lif", "alif"};
    static const char *const rules[] = {"modprop", "bptt", "mdgl", "eprop"};
    for (size_t u = 0; u < 4; u++)
        for (size_t r = 0; r < 4; r++) {
            const struct modprop_config config = sparse_config(units[u], rules[r]);
            struct modprop_run *sparse = create(&config), *dense = create(&config);
            dense->network->forward_entries.most = dense->network->back_entries.most = 0;
            modprop_network_refresh(dense->network);
            assert_true(modprop_sparse_pays(&sparse->network->forward_entries, TILE));
            assert_true(modprop_sparse_pays(&sparse->network->back_entries, TILE));
            assert_false(modprop_sparse_pays(&dense->network->forward_entries, TILE));
            train_steps(sparse, 3);
            train_steps(dense, 3);
            assert_memory_equal(sparse->network->theta.W_rec, dense->network->theta.W_rec,
                                dense->network->theta.count * sizeof(modprop_real));
            modprop_run_free(sparse);
            modprop_run_free(dense);
        }
}

/* What is disconnected has no effect on activity, yet its gradient: the same two ways. */
static void the_gradient_of_a_sparse_network_is_exact(void **state)
{
    (void)state;
    struct modprop_run *run[2];
    for (size_t k = 0; k < 2; k++) {
        struct modprop_config config = sparse_config("relu", k ? "rtrl" : "bptt");
        config.n = 16;
        config.batch = 4;
        config.connectivity = 0.2;
        run[k] = create(&config);
        train_steps(run[k], 1); /* leaves the gradient with respect to theta */
    }
    double difference = 0, size = 0;
    size_t disconnected = 0;
    for (size_t k = 0; k < run[0]->gradient.count; k++) {
        const double a = (double)run[0]->gradient.W_rec[k], b = (double)run[1]->gradient.W_rec[k];
        difference += (a - b) * (a - b);
        size += a * a;
        disconnected += k < 256 && run[0]->network->theta.W_rec[k] == 0 && a != 0;
    }
    assert_true(size > 0 && sqrt(difference / size) < 1e-5);
    assert_true(disconnected > 20);
    modprop_run_free(run[0]);
    modprop_run_free(run[1]);
}

/* The least connectivity there may be, in every structure: kept through training, which changes what is left. */
static void a_hundredth_of_the_connections_trains(void **state)
{
    (void)state;
    for (size_t kind = MODPROP_STRUCTURE_RANDOM; kind <= MODPROP_STRUCTURE_BLOCK; kind++) {
        struct modprop_config config = sparse_config("relu", "modprop");
        config.structure = (int)kind;
        config.connectivity = 0.01;
        struct modprop_run *run = create(&config);
        const size_t count = run->network->theta.count;
        const size_t there = connections(run->network);
        modprop_real *const before = malloc(count * sizeof *before);
        assert_non_null(before);
        memcpy(before, run->network->theta.W_rec, count * sizeof *before);
        assert_int_equal(there, (150 * 149 + 150 * run->network->n_out) / 100);
        train_steps(run, 20);
        assert_int_equal(connections(run->network), there);
        assert_memory_not_equal(before, run->network->theta.W_rec, count * sizeof *before);
        free(before);
        modprop_run_free(run);
    }
}

/* Above 1024 units a dense batch is one product; a sparse one stays in tiles. */
static void large_sparse_networks_work_in_tiles(void **state)
{
    (void)state;
    struct modprop_config config = sparse_config("relu", "modprop");
    config.n = 1100;
    assert_int_equal(modprop_shape_of(&config).tile, TILE);
    config.connectivity = 0.5;
    assert_int_equal(modprop_shape_of(&config).tile, 16);
    config.connectivity = 0.05;
    small_set(&config, "structure", "full");
    assert_int_equal(modprop_shape_of(&config).tile, 16);
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sparse_products_have_the_bits_of_dense_ones),
        cmocka_unit_test(what_is_not_a_number_shows_in_its_trial),
        cmocka_unit_test(what_has_more_entries_than_pay_is_not_held),
        cmocka_unit_test(small_and_dense_networks_have_no_room_for_it),
        cmocka_unit_test(trainings_have_the_same_bits_with_and_without),
        cmocka_unit_test(the_gradient_of_a_sparse_network_is_exact),
        cmocka_unit_test(a_hundredth_of_the_connections_trains),
        cmocka_unit_test(large_sparse_networks_work_in_tiles),
    };
    return cmocka_run_group_tests_name("sparse", tests, NULL, NULL);
}
