/*
 * Statistics when memory is refused: an error that says so, nothing left behind.
 */
#include "close_to.h"

#include "analyze/curve.h"
#include "analyze/recipe.h"
#include "analyze/split.h"
#include "analyze/survival.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

/* Allocations from here on until one is refused; 0: none is. */
static size_t until_refusal;

static bool refused(void)
{
    return until_refusal > 0 && --until_refusal == 0;
}

void *__wrap_malloc(size_t size)
{
    return refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refused() ? NULL : __real_calloc(count, size);
}

static const double value[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const double *const run[3] = {value, value, value};
static const size_t length[3] = {16, 16, 16};
static const bool censored[16] = {false, true};
static const uint32_t group[16] = {0, 1, 0, 1};

static enum modprop_status survival(struct modprop_error *err)
{
    struct modprop_survival curve;
    const enum modprop_status status = modprop_survival_curve(&curve, 16, value, censored, 0.95,
                                                              err);
    modprop_survival_clear(&curve);
    return status;
}

static enum modprop_status log_rank(struct modprop_error *err)
{
    struct modprop_survival_test test;
    return modprop_survival_log_rank(&test, 2, 16, value, censored, group, NULL, NULL, err);
}

static enum modprop_status recipe(struct modprop_error *err)
{
    struct modprop_recipe made;
    const enum modprop_status status = modprop_recipe_make(&made, 3, 16, run, err);
    modprop_recipe_clear(&made);
    return status;
}

static enum modprop_status bands(struct modprop_error *err)
{
    struct modprop_curve_bands made;
    const enum modprop_status status = modprop_curve_bands_make(&made, 16, 3, run, length, NULL,
                                                                MODPROP_CURVE_QUARTILES, err);
    modprop_curve_bands_clear(&made);
    return status;
}

static enum modprop_status split(struct modprop_error *err)
{
    struct modprop_split made;
    return modprop_split_best(&made, 2, 8, value, false, err);
}

/* Each allocation of each function in turn; leaks are the sanitizer's to find. */
static void every_refused_allocation_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum modprop_status (*call)(struct modprop_error *err);
        size_t allocations;
    } calls[] = {{"survival", survival, 2},
                 {"log-rank", log_rank, 2},
                 {"recipe", recipe, 2},
                 {"bands", bands, 3},
                 {"split", split, 1}};
    for (size_t k = 0; k < CASES(calls); k++) {
        struct modprop_error none = {0};
        for (size_t n = 1; n <= calls[k].allocations; n++) {
            struct modprop_error err = {0};
            until_refusal = n;
            const enum modprop_status status = calls[k].call(&err);
            const bool reached = until_refusal == 0;
            until_refusal = 0;
            if (!reached || status != MODPROP_NO_MEMORY || err.code != MODPROP_NO_MEMORY)
                fail_msg("%s, allocation %zu: status %d, '%s'", calls[k].name, n, status,
                         err.message);
        }
        assert_int_equal(calls[k].call(&none), MODPROP_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refused_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
