/*
 * Mutated results files, for a bounded time: whatever is done to the bytes, reading ends within a
 * second with the right numbers or with an error that names the file. MODPROP_FUZZ_S: seconds.
 *
 * HDF5 itself crashes over some of them, in the child process that is there for that.
 */
#include "analyze_fixture.h"

#include <time.h>

#include "analyze/measures.h"
#include "analyze/question.h"
#include "store/reading.h"

enum { EXTENTS = 512, MOST_CHANGES = 3 };

#define HOSTILE_SWEEP \
    "seed = 1..3\n[network]\nn = 8\n[training]\niterations = 400\nevaluate_every = 20\n" \
    "[rule]\nrule = modprop\nmu = 0, 0.25\n[variant baselines]\nrule = bptt\n"

struct original {
    unsigned char *bytes;
    size_t size;
    struct modprop_plan *plan;
    struct {
        size_t begin, end;
    } data[EXTENTS]; /* where values lie; all else is structure */
    size_t extents;
};

static uint64_t next_bits(uint64_t *state)
{
    return analyze_bits(*state += UINT64_C(0x9e3779b97f4a7c15), 7);
}

static double seconds_now(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ------------------------------------------------------------------ original */

static void find_extents(struct original *o, const char *path)
{
    struct modprop_reading *reading = NULL;
    struct modprop_error err = {0};
    if (modprop_reading_open(&reading, path, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    const struct modprop_stored *stored = modprop_reading_places(reading);
    assert_true(stored->count <= EXTENTS);
    for (size_t k = 0; k < stored->count; k++) {
        const size_t begin = (size_t)stored->variable[k].offset;
        o->data[o->extents].begin = begin;
        o->data[o->extents++].end = begin + stored->runs * stored->variable[k].bytes;
    }
    modprop_reading_close(reading);
}

static void load(struct original *o, const char *path)
{
    o->plan = fixture_plan(path, HOSTILE_SWEEP);
    analyze_write(o->plan, 0, o->plan->runs - 2);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    o->size = (size_t)ftell(file);
    o->bytes = malloc(o->size);
    rewind(file);
    assert_non_null(o->bytes);
    assert_int_equal(fread(o->bytes, 1, o->size, file), o->size);
    assert_int_equal(fclose(file), 0);
    find_extents(o, path);
}

static bool is_data(const struct original *o, size_t at)
{
    for (size_t k = 0; k < o->extents; k++)
        if (at >= o->data[k].begin && at < o->data[k].end)
            return true;
    return false;
}

/* ------------------------------------------------------------------ mutants */

/* Three of four changes hit the structure. */
static size_t pick(const struct original *o, uint64_t *seed)
{
    const bool structure = next_bits(seed) % 4 != 0;
    size_t at;
    do
        at = (size_t)(next_bits(seed) % o->size);
    while (structure && is_data(o, at));
    return at;
}

/* One change to a copy of the file; returns its new size. */
static size_t change(const struct original *o, unsigned char *bytes, size_t size, uint64_t *seed)
{
    const size_t at = pick(o, seed) % size, from = pick(o, seed) % size;
    const size_t most = size - (at > from ? at : from), length = 1 + (size_t)(next_bits(seed) % 64);
    switch (next_bits(seed) % 8) {
    case 0: bytes[at] = (unsigned char)next_bits(seed); break;
    case 1:
        memset(bytes + at, next_bits(seed) % 2 ? 0xff : 0, length < most ? length : most);
        break;
    case 2: memmove(bytes + at, bytes + from, length < most ? length : most); break;
    case 3: return next_bits(seed) % 16 ? size : at + 1; /* cut off */
    default: bytes[at] ^= (unsigned char)(1u << next_bits(seed) % 8); break;
    }
    return size;
}

static void write_mutant(const struct original *o, const char *path, uint64_t seed)
{
    unsigned char *bytes = malloc(o->size);
    size_t size = o->size;
    assert_non_null(bytes);
    memcpy(bytes, o->bytes, o->size);
    const size_t changes = 1 + (size_t)(next_bits(&seed) % MOST_CHANGES);
    for (size_t k = 0; k < changes; k++)
        size = change(o, bytes, size, &seed);
    FILE *file = fopen(path, "wb");
    assert_true(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
    free(bytes);
}

/* ------------------------------------------------------------------ what must hold */

static size_t run_of_key(const struct modprop_plan *plan, uint64_t key)
{
    size_t run = 0;
    while (run < plan->runs && plan->key[run] != key)
        run++;
    return run;
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Every run that is told is one of the sweep, with the parameters and results it was given. */
static void assert_right(const struct modprop_runs *runs, const struct original *o, uint64_t seed)
{
    struct modprop_runs_figure loss;
    struct modprop_error err = {0};
    const struct modprop_plan *plan = o->plan;
    const size_t mu = modprop_parameter_find("mu"), in_runs = modprop_runs_find(runs, "mu");
    if (modprop_runs_read_figure(&loss, runs, "loss", &err) != MODPROP_OK)
        return; /* a figure that is told to be missing is no wrong number */
    for (size_t run = 0; run < runs->count; run++) {
        const size_t place = run_of_key(plan, runs->key[run]);
        const double *iteration;
        size_t count;
        const double *series = modprop_runs_series(runs, &loss, run, &iteration, &count);
        bool right = place < plan->runs;
        if (right && in_runs < runs->parameters)
            right = same(runs->parameter[in_runs].value[run],
                         plan->values[place * plan->parameters + mu]);
        if (right && modprop_runs_has_result(runs, run))
            right = runs->state[run] == analyze_state(runs->key[run]);
        for (size_t k = 0; right && k < count; k++)
            right = series[k] == analyze_loss(runs->key[run], k, ANALYZE_EVALUATIONS) &&
                    iteration[k] == 20.0 * (double)k;
        if (!right)
            fail_msg("mutant %llu: a wrong number in run %zu", (unsigned long long)seed, run);
    }
    modprop_runs_clear_figure(&loss);
}

typedef enum modprop_status make(struct modprop_result *result, const struct modprop_runs *runs,
                                 const struct modprop_question *question,
                                 struct modprop_error *err);

/* All commands go through, or fail with words. */
static void ask_everything(const struct modprop_runs *runs, uint64_t seed)
{
    static make *const commands[] = {
        modprop_summary_make, modprop_trend_make, modprop_curves_make,    modprop_compare_make,
        modprop_timeto_make,  modprop_best_make,  modprop_stability_make, modprop_published_make};
    struct modprop_question question;
    modprop_question_defaults(&question);
    question.x = "mu";
    question.over = "mu";
    question.baseline = "rule=bptt";
    question.measures.criterion = 0.2;
    for (size_t k = 0; k < sizeof commands / sizeof *commands; k++) {
        struct modprop_result result = {0};
        struct modprop_error err = {0};
        question.y = commands[k] == modprop_stability_make ? "learning_rate" : NULL;
        if (commands[k](&result, runs, &question, &err) != MODPROP_OK && !err.message[0])
            fail_msg("mutant %llu: command %zu fails without a word", (unsigned long long)seed, k);
        modprop_result_clear(&result);
    }
}

static void read_mutant(const struct original *o, const char *path, uint64_t seed, size_t *refused)
{
    struct modprop_runs *runs = NULL;
    struct modprop_error err = {0};
    const double start = seconds_now();
    if (modprop_runs_read(&runs, 1, &path, &err) == MODPROP_OK) {
        assert_right(runs, o, seed);
        ask_everything(runs, seed);
        modprop_runs_free(runs);
    } else if (!strstr(err.message, path)) {
        fail_msg("mutant %llu: \"%s\" does not name the file", (unsigned long long)seed,
                 err.message);
    } else {
        ++*refused;
    }
    /* Its own limit is 0.7 s of processor time; the rest is for busy machines. */
    if (seconds_now() - start > 10)
        fail_msg("mutant %llu took %g s", (unsigned long long)seed, seconds_now() - start);
}

static void mutants_give_right_numbers_or_words(void **state)
{
    const char *path = fixture_path(state, "original.h5"),
               *mutant = fixture_path(state, "mutant.h5");
    const char *limit = getenv("MODPROP_FUZZ_S");
    const double end = seconds_now() + (limit ? atof(limit) : 3);
    struct original *o = calloc(1, sizeof *o);
    size_t tried = 0, refused = 0;
    assert_non_null(o);
    load(o, path);
    /* The same mutants each time: as many as there is time for, and on a busy machine these. */
    const size_t least = 20;
    for (uint64_t seed = 1; tried < least || seconds_now() < end; seed++, tried++) {
        write_mutant(o, mutant, seed);
        read_mutant(o, mutant, seed, &refused);
    }
    print_message("%zu mutants, %zu refused\n", tried, refused);
    assert_true(refused > 0 && refused < tried);
    modprop_plan_free(o->plan);
    free(o->bytes);
    free(o);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--mutant") == 0) { /* write one: FILE SEED */
        struct original *o = calloc(1, sizeof *o);
        assert_non_null(o);
        load(o, argv[2]);
        write_mutant(o, argv[2], strtoull(argv[3], NULL, 10));
        return 0;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
        mutants_give_right_numbers_or_words, fixture_setup, fixture_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
