/*
 * What cannot happen in a test by itself: every allocation is refused once, and two runs get the
 * same key. The linker puts the functions below in place of the real ones (WRAP_test_plan_refused).
 */
#include "plan_fixture.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
uint64_t __real_modprop_key_finish(uint64_t sum);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
uint64_t __wrap_modprop_key_finish(uint64_t sum);

static size_t until_refusal; /* allocations that still succeed, plus one; 0: all of them do */
static size_t refusals;
static bool always; /* all after the first refused one are refused, too */
static uint64_t key_mask = UINT64_MAX;

static bool refuse(void)
{
    if (until_refusal == 0 || (until_refusal > 1 && until_refusal--))
        return false;
    until_refusal = always ? 1 : 0;
    refusals++;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuse() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return refuse() ? NULL : __real_realloc(block, size);
}

uint64_t __wrap_modprop_key_finish(uint64_t sum)
{
    return __real_modprop_key_finish(sum) & key_mask;
}

/* Refuses the first allocation, the second, ... until none is left to refuse. */
static void assert_survives(const char *text, bool persistent, enum modprop_status expected)
{
    size_t told = 0, place = 1;
    for (;; place++) {
        struct modprop_plan *plan = NULL;
        struct modprop_mistakes mistakes = {0};
        refusals = 0;
        always = persistent;
        until_refusal = place;
        const enum modprop_status status = modprop_plan_parse(&plan, SOURCE, text, &mistakes);
        until_refusal = 0;
        assert_int_equal(status, refusals ? MODPROP_NO_MEMORY : expected);
        assert_true((plan != NULL) == (status == MODPROP_OK));
        for (size_t k = 0; k < mistakes.count; k++)
            told += strcmp(mistakes.line[k],
                           SOURCE ": there is not enough memory for this sweep") == 0;
        modprop_mistakes_clear(&mistakes);
        modprop_plan_free(plan);
        if (!refusals)
            break;
    }
    assert_true(place > 30); /* there is something to refuse */
    if (!persistent)
        assert_true(told > 30);
}

static void every_refused_allocation_is_an_error(void **state)
{
    (void)state;
    const char *text =
        "[sweep]\nseed = 1..20\nsamples = 2\noutput = a.h5\nzip = n, tau_ms\n[network]\n"
        "n = 20,\n 30\ntau_ms = linspace(50, 60, 2)\n[rule]\nrule = bptt, modprop\nmu = "
        "uniform(0, 1)\n[variant a]\nrule = eprop\n[variant b]\n";
    assert_survives(text, false, MODPROP_OK);
    assert_survives(text, true, MODPROP_OK);
}

static void a_refused_allocation_for_a_mistake_is_an_error(void **state)
{
    (void)state;
    const char *text =
        "[swep]\nseed = 1..2, a\n[rule]\nmu = 1,\n 2, 3..1\nxyz = 1\n[variant a]\nn = 0\n";
    assert_survives(text, false, MODPROP_INVALID);
    assert_survives(text, true, MODPROP_INVALID);
}

static void a_file_whose_memory_is_refused_is_an_error(void **state)
{
    (void)state;
    struct modprop_plan *plan = NULL;
    struct modprop_mistakes mistakes = {0};
    always = false;
    for (size_t place = 1; place <= 2;
         place++) { /* the stream's own memory is not ours to refuse */
        until_refusal = place;
        assert_int_equal(modprop_plan_read(&plan, "sweeps/quick.ini", &mistakes),
                         MODPROP_NO_MEMORY);
        assert_null(plan);
        until_refusal = 0;
        assert_int_equal(mistakes.count, 1);
        assert_string_equal(mistakes.line[0],
                            "sweeps/quick.ini: there is not enough memory for this sweep");
        modprop_mistakes_clear(&mistakes);
    }
}

/* With keys of 8 bits any fifty runs collide. */
static void different_runs_with_one_key_are_refused(void **state)
{
    (void)state;
    key_mask = 0xff;
    assert_mistakes(
        "[sweep]\nseed = 1..50\n",
        "file: two different runs have the same 64-bit key: change any value a little, and "
        "please report this sweep file\n");
    key_mask = UINT64_MAX;
    struct modprop_plan *plan = plan_of("[sweep]\nseed = 1..50\n");
    assert_int_equal(plan->runs, 50);
    modprop_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refused_allocation_is_an_error),
        cmocka_unit_test(a_refused_allocation_for_a_mistake_is_an_error),
        cmocka_unit_test(a_file_whose_memory_is_refused_is_an_error),
        cmocka_unit_test(different_runs_with_one_key_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
