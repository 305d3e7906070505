/*
 * Cell types that are found in the recurrent weights, or that a file says.
 */
#include <math.h>
#include <string.h>

#include "small_training.h"
#include "types_file.h"

#include "engine/clusters.h"
#include "engine/random.h"

enum { N = 41, INH = 16 }; /* proportion_excitatory = 0.6: 25 excitatory */

/* ------------------------------------------------------------------ clustering */

struct fixture {
    struct modprop_config config;
    struct modprop_types types;
    struct modprop_clusters clusters;
    modprop_real W[N * N];
    size_t label[N];
};

static struct fixture make(long types_per_sign)
{
    struct fixture f = {.config = small_config()};
    f.config.n = N;
    f.config.proportion_excitatory = 0.6;
    f.config.types_per_sign = types_per_sign;
    small_set(&f.config, "feedback", "type");
    small_set(&f.config, "type_labels", "clustered");
    assert_int_equal(modprop_types_init(&f.types, &f.config, NULL), MODPROP_OK);
    assert_int_equal(modprop_clusters_init(&f.clusters, &f.config, &f.types, NULL), MODPROP_OK);
    return f;
}

static void done(struct fixture *f)
{
    modprop_types_clear(&f->types);
    modprop_clusters_clear(&f->clusters);
}

static void find(struct fixture *f, long seed)
{
    modprop_clusters_find(&f->clusters, modprop_random_stream(seed, MODPROP_STREAM_TYPES, 0), f->W,
                          NULL, &f->types);
    for (size_t i = 0; i < N; i++)
        f->label[i] = 99;
    modprop_types_label(&f->types, f->label);
}

static double uniform(long seed, size_t k)
{
    return modprop_random_uniform(modprop_random_stream(seed, MODPROP_STREAM_TASK, 0), k);
}

static void draw_noise(struct fixture *f, long seed, double size)
{
    modprop_random_normals(modprop_random_stream(seed, MODPROP_STREAM_WEIGHTS, 0), 0, N * N, f->W);
    for (size_t k = 0; k < N * N; k++)
        f->W[k] *= (modprop_real)size;
}

/* The squared error of W by its block means, from the definition. */
static double error_of(size_t n, size_t C, const modprop_real *W, const size_t *label)
{
    double sum[16 * 16] = {0}, pairs[16 * 16] = {0}, error = 0;
    assert_true(C <= 16);
    for (size_t k = 0; k < n * n; k++) {
        sum[label[k / n] * C + label[k % n]] += (double)W[k];
        pairs[label[k / n] * C + label[k % n]]++;
    }
    for (size_t k = 0; k < n * n; k++) {
        const size_t block = label[k / n] * C + label[k % n];
        error += pow((double)W[k] - sum[block] / pairs[block], 2);
    }
    return error;
}

/* Each type has units, of one sign, half of the types inhibitory, and is numbered by its first unit. */
static void assert_sound(const struct fixture *f)
{
    const size_t C = f->types.C;
    size_t seen[32] = {0}, next = 0;
    for (size_t i = 0; i < N; i++) {
        next = i == INH ? C / 2 : next;
        assert_true(f->label[i] < C && (f->label[i] < C / 2) == (i < INH));
        if (!seen[f->label[i]]++)
            assert_int_equal(f->label[i], next++);
    }
    for (size_t a = 0; a < C; a++) {
        assert_true(seen[a] > 0);
        assert_int_equal(modprop_types_size(&f->types, a), seen[a]);
    }
}

/* Types of unequal sizes at random places, with another mean for each pair of them. */
static void plant(struct fixture *f, long seed, double noise, size_t *planted)
{
    const size_t each = f->types.C / 2;
    draw_noise(f, seed, noise);
    for (size_t i = 0; i < N; i++) {
        const double draw = uniform(seed, i);
        const size_t rank = i < INH ? i : i - INH;
        const size_t k = rank < each ? rank : (size_t)(draw * draw * (double)each);
        planted[i] = k + (i < INH ? 0 : each);
    }
    for (size_t k = 0; k < N * N; k++)
        f->W[k] += (modprop_real)uniform(seed, 100 + planted[k / N] * f->types.C + planted[k % N]);
}

static void clustering_finds_planted_types(void **state)
{
    (void)state;
    for (long types = 1; types <= 4; types++)
        for (long seed = 1; seed <= 10; seed++) {
            struct fixture f = make(types);
            size_t planted[N];
            plant(&f, seed, 0.05, planted);
            find(&f, seed);
            assert_sound(&f);
            for (size_t i = 0; i < N; i++)
                for (size_t j = 0; j < N; j++)
                    if ((planted[i] == planted[j]) != (f.label[i] == f.label[j]))
                        fail_msg("%ld types, seed %ld: units %zu and %zu", types, seed, i, j);
            done(&f);
        }
}

/* From contiguous and from mixed types, in weights with and without structure. */
static void the_types_found_never_fit_worse_than_those_there_were(void **state)
{
    (void)state;
    for (long seed = 1; seed <= 20; seed++) {
        struct fixture f = make(1 + seed % 5);
        size_t before[N];
        plant(&f, seed, seed % 2 ? 0.3 : 3, before);
        modprop_types_label(&f.types, before);
        for (int round = 0; round < 3; round++) {
            find(&f, seed + 100 * round); /* the second time from its own end, with other seeds */
            assert_sound(&f);
            const double was = error_of(N, f.types.C, f.W, before),
                         is = error_of(N, f.types.C, f.W, f.label);
            assert_true(is <= was * (1 + 1e-12));
            if (round == 0 && seed % 5)
                assert_true(is < was); /* 41 units in arbitrary types: there is a better place */
            memcpy(before, f.label, sizeof before);
        }
        done(&f);
    }
}

static void no_move_of_a_unit_fits_better(void **state)
{
    (void)state;
    for (long seed = 1; seed <= 10; seed++) {
        struct fixture f = make(2 + seed % 3);
        const size_t each = f.types.C / 2;
        size_t planted[N];
        plant(&f, seed, 1, planted);
        find(&f, seed);
        const double error = error_of(N, f.types.C, f.W, f.label);
        for (size_t i = 0; i < N; i++) {
            const size_t own = f.label[i], begin = i < INH ? 0 : each;
            if (modprop_types_size(&f.types, own) == 1)
                continue;
            for (f.label[i] = begin; f.label[i] < begin + each; f.label[i]++)
                assert_true(error_of(N, f.types.C, f.W, f.label) > error * (1 - 1e-9));
            f.label[i] = own;
        }
        done(&f);
    }
}

static void every_type_keeps_a_unit_where_all_are_alike_or_types_are_many(void **state)
{
    (void)state;
    for (long types = 1; types <= INH; types++) {
        struct fixture f = make(types);
        find(&f, types); /* all weights are zero */
        assert_sound(&f);
        draw_noise(&f, types, 1);
        find(&f, types);
        assert_sound(&f);
        done(&f);
    }
}

static void weights_that_are_not_finite_leave_the_types(void **state)
{
    (void)state;
    struct fixture f = make(3);
    size_t before[N];
    draw_noise(&f, 1, 1);
    find(&f, 1);
    memcpy(before, f.label, sizeof before);
    draw_noise(&f, 2, 1);
    f.W[77] = (modprop_real)NAN;
    find(&f, 1);
    assert_memory_equal(before, f.label, sizeof before);
    done(&f);
}

/* ------------------------------------------------------------------ clustering in a run */

static struct modprop_config clustered(const char *every)
{
    struct modprop_config config = small_config();
    small_set(&config, "feedback", "type");
    small_set(&config, "type_labels", "clustered");
    small_set(&config, "type_relabel_every", every);
    small_set(&config, "mu_mode", "adaptive");
    config.types_per_sign = 3;
    return config;
}

static void a_run_begins_with_types_that_fit_its_initial_weights(void **state)
{
    (void)state;
    for (long seed = 1; seed < 5; seed++) {
        struct modprop_config config = clustered("0");
        config.seed = seed;
        struct modprop_run *run = create(&config), *again = create(&config);
        small_set(&config, "type_labels", "contiguous");
        struct modprop_run *plain = create(&config);
        size_t label[30], same[30], contiguous[30];
        modprop_types_label(&run->network->types, label);
        modprop_types_label(&again->network->types, same);
        modprop_types_label(&plain->network->types, contiguous);
        const modprop_real *const W = run->network->w.W_rec;
        assert_memory_equal(label, same, sizeof label);
        assert_true(error_of(30, 6, W, label) < error_of(30, 6, W, contiguous));
        train_steps(run, 5);
        modprop_types_label(&run->network->types, same); /* they stay */
        assert_memory_equal(label, same, sizeof label);
        modprop_run_free(run);
        modprop_run_free(again);
        modprop_run_free(plain);
    }
}

/* With the same weights until then, and the same sum of mu over the units. */
static void types_are_clustered_again_on_the_weights_there_are(void **state)
{
    (void)state;
    struct modprop_config config = clustered("3"), never = clustered("0");
    config.learning_rate = never.learning_rate = 0.5;
    struct modprop_run *run = create(&config), *other = create(&never);
    size_t label[30], before[30];
    train_steps(run, 2);
    modprop_types_label(&run->network->types, before);
    train_steps(run, 1);
    train_steps(other, 3);
    const modprop_real *const W = run->network->w.W_rec;
    assert_memory_equal(W, other->network->w.W_rec, 900 * sizeof *W);
    modprop_types_label(&run->network->types, label);
    assert_true(error_of(30, 6, W, label) < error_of(30, 6, W, before));
    double sums[2] = {0};
    for (size_t a = 0; a < 6; a++) {
        sums[0] += run->modulation->mubar[a] * (double)modprop_types_size(&run->network->types, a);
        sums[1] += other->modulation->mubar[a] *
                   (double)modprop_types_size(&other->network->types, a);
    }
    assert_true(fabs(sums[0] - sums[1]) < 1e-12 * sums[1]);
    assert_true(run->modulation->mubar[5] != other->modulation->mubar[5]);
    modprop_run_free(run);
    modprop_run_free(other);
}

/* ------------------------------------------------------------------ files */

/* The first 5 of 30 units are inhibitory. */
#define EXCITATORY "7 7 7 7 7 7 7 7 7 7 7 7 10 10 10 10 10 10 10 10 10 10 10 10 10\n"

static void types_of_a_file_are_those_it_says(void **state)
{
    (void)state;
    static const size_t want[30] = {0, 1, 0, 2, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3,
                                    3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4};
    struct modprop_config config = types_file_config("PV\nSST\nPV\n\n0 \t SST\r\n" EXCITATORY);
    struct modprop_types types;
    size_t label[30];
    assert_int_equal(modprop_config_check(&config, NULL), MODPROP_OK);
    assert_int_equal(modprop_types_count(&config), 5);
    assert_int_equal(modprop_types_init(&types, &config, NULL), MODPROP_OK);
    modprop_types_label(&types, label);
    assert_memory_equal(label, want, sizeof want);
    modprop_types_clear(&types);
    assert_false(modprop_config_reads_parameter(&config, "types_per_sign"));
    assert_true(modprop_config_reads_parameter(&config, "type_file"));
    config.types_per_sign = 1000; /* nobody reads it */
    assert_int_equal(modprop_config_check(&config, NULL), MODPROP_OK);
    types_file_remove();
}

static void a_file_that_is_not_right_is_told_with_its_fault(void **state)
{
    (void)state;
    static const char word[] = "0123456789012345678901234567890123456789012345678901234567890123";
    char beyond[128];
    snprintf(beyond, sizeof beyond, "0 %s", word);
    const struct {
        const char *text, *words;
    } faults[] = {
        {"", "has 0 labels, but n = 30"},
        {"1 1 1 1 " EXCITATORY, "has 29 labels, but n = 30"},
        {"1 1 1 1 1 1 " EXCITATORY, "has 31 labels, but n = 30"},
        {"1 1 10 1 1 " EXCITATORY,
         "type 10 has unit 2, which is inhibitory, and unit 17, which is"},
        {"1 1 1 7 1 " EXCITATORY, "type 7 has unit 3, which is inhibitory, and unit 5, which is"},
        {beyond, "label 2 is longer than 63 bytes"},
    };
    for (size_t k = 0; k < sizeof faults / sizeof *faults; k++) {
        struct modprop_error err = {0};
        struct modprop_config config = types_file_config(faults[k].text);
        struct modprop_run *run;
        assert_int_equal(modprop_config_check(&config, &err), MODPROP_INVALID);
        if (!strstr(err.message, faults[k].words) || !strstr(err.message, types_file_name().path))
            fail_msg("\"%s\" says nothing of \"%s\"", err.message, faults[k].words);
        assert_int_equal(modprop_run_create(&run, &config, NULL), MODPROP_INVALID);
        assert_null(run);
    }
    types_file_remove();
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    struct modprop_error err = {0}, of_folder = {0};
    struct modprop_config config = types_file_config("");
    types_file_remove();
    assert_int_equal(modprop_config_check(&config, &err), MODPROP_IO);
    assert_non_null(strstr(err.message, "could not be opened: No such"));
    small_set(&config, "type_file", "/");
    assert_int_equal(modprop_config_check(&config, &of_folder), MODPROP_IO);
    assert_non_null(strstr(of_folder.message, "type_file = / could not be read"));
    small_set(&config, "feedback", "cell"); /* nobody reads it */
    assert_int_equal(modprop_config_check(&config, NULL), MODPROP_OK);
}

/* 2 + 3 inhibitory, 12 + 13 excitatory units. */
static void a_file_of_contiguous_types_gives_the_bits_of_contiguous_types(void **state)
{
    (void)state;
    static const char *const modes[] = {"fixed", "adaptive", "trial"}, *const paths[] = {"online",
                                                                                         "offline"};
    for (size_t k = 0; k < 6; k++) {
        struct modprop_config config = types_file_config("b b a a a " EXCITATORY);
        small_set(&config, "mu_mode", modes[k / 2]);
        small_set(&config, "path", paths[k % 2]);
        struct modprop_record by_file = train(&config);
        small_set(&config, "type_labels", "contiguous");
        config.types_per_sign = 2;
        struct modprop_record plain = train(&config);
        assert_true(same_weights(&config, &by_file, &plain));
        config.types_per_sign = 1;
        struct modprop_record fewer = train(&config);
        assert_false(same_weights(&config, &by_file, &fewer));
        release(&by_file);
        release(&plain);
        release(&fewer);
    }
    types_file_remove();
}

/* Five inhibitory types of one unit each and one excitatory; bounds on mu too. */
static void runs_by_types_of_a_file_agree_online_and_offline(void **state)
{
    (void)state;
    static const char *const modes[] = {"fixed", "adaptive", "trial"};
    for (size_t k = 0; k < 3; k++) {
        struct modprop_config config = types_file_config(
            "1 2 3 4 5 x x x x x x x x x x x x x x x x x x x x "
            "x x x x x\n");
        small_set(&config, "mu_mode", modes[k]);
        config.tap_tolerance = 1e-9;
        struct modprop_record records[2];
        for (size_t way = 0; way < 2; way++) {
            small_set(&config, "path", way ? "online" : "offline");
            records[way] = train(&config);
        }
        for (size_t e = 0; e < records[0].evaluations; e++)
            assert_true(fabs(records[0].evaluation[e].loss - records[1].evaluation[e].loss) < 1e-4);
        const struct modprop_evaluation *const last = records[0].evaluation +
                                                      records[0].evaluations - 1;
        assert_true(last->filter_radius > 0.9 && last->mu_effective > 0);
        release(&records[0]);
        release(&records[1]);
    }
    types_file_remove();
}

static void bytes_told_hold_for_types_of_a_file(void **state)
{
    (void)state;
    struct modprop_config few = types_file_config("a a a a a " EXCITATORY), many;
    small_set(&few, "mu_mode", "trial");
    small_set(&few, "path", "online");
    const size_t told = modprop_config_bytes(&few);
    many = types_file_config(
        "a b c d e " EXCITATORY); /* 7 types, not 3: 49 traces for a unit, not 9 */
    small_set(&many, "mu_mode", "trial");
    small_set(&many, "path", "online");
    const struct modprop_shape shape = modprop_shape_of(&many);
    assert_true(modprop_config_bytes(&many) >=
                told + (49 - 9) * shape.tile * shape.ld * sizeof(modprop_real));
    types_file_remove();
}

int main(void)
{
    modprop_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clustering_finds_planted_types),
        cmocka_unit_test(the_types_found_never_fit_worse_than_those_there_were),
        cmocka_unit_test(no_move_of_a_unit_fits_better),
        cmocka_unit_test(every_type_keeps_a_unit_where_all_are_alike_or_types_are_many),
        cmocka_unit_test(weights_that_are_not_finite_leave_the_types),
        cmocka_unit_test(a_run_begins_with_types_that_fit_its_initial_weights),
        cmocka_unit_test(types_are_clustered_again_on_the_weights_there_are),
        cmocka_unit_test(types_of_a_file_are_those_it_says),
        cmocka_unit_test(a_file_that_is_not_right_is_told_with_its_fault),
        cmocka_unit_test(a_file_that_cannot_be_read_is_told),
        cmocka_unit_test(a_file_of_contiguous_types_gives_the_bits_of_contiguous_types),
        cmocka_unit_test(runs_by_types_of_a_file_agree_online_and_offline),
        cmocka_unit_test(bytes_told_hold_for_types_of_a_file),
    };
    return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}
