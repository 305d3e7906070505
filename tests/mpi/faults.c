/*
 * Faults for the tests of the runner: linked into modprop_sweep with
 * -Wl,--wrap (WRAP_faults in the Makefile)
 * it makes things fail that the environment variable MODPROP_FAULT names:
 *     memory:SEED   the third allocation within runs of this seed is refused
 *     engine:SEED   the engine rejects runs of this seed
 *     store:COUNT   writing a row fails from the COUNT-th on, as on a full disk
 *     empty:LOSS    no run is trained, each has six units and ends at once with this loss: for measuring
 *                   what a sweep costs beside the training
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "store/results.h"

enum { REFUSED = 3 };

static int allocations = -1; /* within the faulty run; -1 outside of it */

/* The number behind "KIND:" in MODPROP_FAULT, -1 if it names another kind or none. */
static long fault(const char *kind)
{
    const char *text = getenv("MODPROP_FAULT");
    const size_t length = strlen(kind);
    return text && strncmp(text, kind, length) == 0 && text[length] == ':' ? atol(text + length + 1)
                                                                           : -1;
}

enum modprop_status __real_modprop_run_create_halting(struct modprop_run **run,
                                                      const struct modprop_config *config,
                                                      modprop_halt *halt, void *context,
                                                      struct modprop_error *err);
enum modprop_status __wrap_modprop_run_create_halting(struct modprop_run **run,
                                                      const struct modprop_config *config,
                                                      modprop_halt *halt, void *context,
                                                      struct modprop_error *err);
enum modprop_status __real_modprop_train_on(struct modprop_run *run, modprop_watch *watch,
                                            void *context, struct modprop_record *record,
                                            struct modprop_error *err);
enum modprop_status __wrap_modprop_train_on(struct modprop_run *run, modprop_watch *watch,
                                            void *context, struct modprop_record *record,
                                            struct modprop_error *err);
void *__real_modprop_memory_get(size_t count, size_t size);
void *__wrap_modprop_memory_get(size_t count, size_t size);
void *__real_modprop_memory_take(struct modprop_memory_plan *plan, size_t count, size_t size);
void *__wrap_modprop_memory_take(struct modprop_memory_plan *plan, size_t count, size_t size);
enum modprop_status __real_modprop_results_write(struct modprop_results *results, size_t run,
                                                 const struct modprop_outcome *outcome,
                                                 struct modprop_error *err);
enum modprop_status __wrap_modprop_results_write(struct modprop_results *results, size_t run,
                                                 const struct modprop_outcome *outcome,
                                                 struct modprop_error *err);

static struct modprop_config empty; /* of the last empty run */

/* A finished run that has done nothing. */
static enum modprop_status leave_empty(modprop_watch *watch, void *context,
                                       struct modprop_record *record, double loss)
{
    record->evaluations = modprop_config_evaluations(&empty);
    for (size_t k = 0; k < record->evaluations; k++)
        record->evaluation[k] = (struct modprop_evaluation){
            .iteration = (double)((long)k * empty.evaluate_every), .loss = loss};
    record->iterations_done = empty.iterations;
    return watch(context, &empty, empty.iterations, NULL) ? MODPROP_STOPPED : MODPROP_OK;
}

enum modprop_status __wrap_modprop_run_create_halting(struct modprop_run **run,
                                                      const struct modprop_config *config,
                                                      modprop_halt *halt, void *context,
                                                      struct modprop_error *err)
{
    *run = NULL;
    if (fault("empty") >= 0) {
        struct modprop_config smallest;
        empty = *config;
        modprop_config_init(&smallest);
        smallest.n = 6; /* fewer leave no inhibitory unit */
        smallest.batch = 1;
        return __real_modprop_run_create_halting(run, &smallest, halt, context, err);
    }
    if (config->seed == fault("engine"))
        return MODPROP_FAIL(err, MODPROP_INVALID, "rejected by the test");
    allocations = config->seed == fault("memory") ? 0 : -1;
    const enum modprop_status status = __real_modprop_run_create_halting(run, config, halt, context,
                                                                         err);
    allocations = -1;
    return status;
}

enum modprop_status __wrap_modprop_train_on(struct modprop_run *run, modprop_watch *watch,
                                            void *context, struct modprop_record *record,
                                            struct modprop_error *err)
{
    if (fault("empty") >= 0)
        return leave_empty(watch, context, record, (double)fault("empty"));
    return __real_modprop_train_on(run, watch, context, record, err);
}

static bool refuse(void)
{
    return allocations >= 0 && ++allocations == REFUSED;
}

void *__wrap_modprop_memory_get(size_t count, size_t size)
{
    return refuse() ? NULL : __real_modprop_memory_get(count, size);
}

void *__wrap_modprop_memory_take(struct modprop_memory_plan *plan, size_t count, size_t size)
{
    if (!refuse())
        return __real_modprop_memory_take(plan, count, size);
    plan->refused = true;
    plan->bytes += modprop_memory_product(count, size);
    return NULL;
}

enum modprop_status __wrap_modprop_results_write(struct modprop_results *results, size_t run,
                                                 const struct modprop_outcome *outcome,
                                                 struct modprop_error *err)
{
    static long written;
    if (fault("store") >= 0 && ++written >= fault("store"))
        return MODPROP_FAIL(err, MODPROP_IO, "no space left, says the test");
    return __real_modprop_results_write(results, run, outcome, err);
}
