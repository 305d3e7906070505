#include "cli/cost.h"

#include <math.h>
#include <stdlib.h>

#include "engine/error.h"
#include "schedule/job.h"
#include "schedule/signals.h"

static const double MEASURE_S = 0.05; /* for one kind of run, after its first iteration */

/* One condition, to be sorted by the kind of its runs. */
struct kind {
    uint64_t key;
    size_t condition;
};

/* Equal for runs that do the same work in an iteration. */
static uint64_t kind_of(const struct modprop_config *config)
{
    struct modprop_config shape = *config, usual;
    modprop_config_init(&usual);
    for (size_t k = 0; k < modprop_parameter_count(); k++)
        if (modprop_parameter_at(k)->kind == MODPROP_REAL_VALUE)
            modprop_parameter_assign(k, &shape, modprop_parameter_value(k, &usual));
    shape.seed = usual.seed;
    return modprop_config_key(&shape);
}

static int by_key(const void *a, const void *b)
{
    const struct kind *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->condition > y->condition) - (x->condition < y->condition);
}

/* A modprop_halt: measuring is no reason to stay. */
static bool leaves(void *nothing)
{
    (void)nothing;
    return modprop_signals_caught() != 0;
}

/* Seconds of a whole run from a few iterations and one evaluation; NaN if it does not start, with
 * *unmade saying why if nothing else has. The first iteration pays for cold memory and counts only if it
 * is long. */
static double measure(const struct modprop_config *config, struct modprop_error *unmade)
{
    struct modprop_run *run = NULL;
    struct modprop_evaluation evaluation;
    double seconds = NAN, steps = 0;
    struct modprop_error err = {0};
    if (modprop_run_create_halting(&run, config, leaves, NULL, &err) != MODPROP_OK) {
        if (unmade->code == MODPROP_OK && err.code != MODPROP_STOPPED)
            *unmade = err;
        return NAN;
    }
    double start = modprop_job_clock();
    enum modprop_status status = modprop_run_step(run, NULL);
    double step_s = modprop_job_clock() - start;
    if (step_s < MEASURE_S && status == MODPROP_OK) {
        start = modprop_job_clock();
        do {
            status = modprop_run_step(run, NULL);
            steps++;
        } while (status == MODPROP_OK && modprop_job_clock() - start < MEASURE_S);
        step_s = (modprop_job_clock() - start) / steps;
    }
    start = modprop_job_clock();
    if (status == MODPROP_OK || status == MODPROP_DIVERGED) {
        modprop_run_evaluate(run, &evaluation, NULL);
        seconds = step_s * (double)config->iterations +
                  (modprop_job_clock() - start) * (double)modprop_config_evaluations(config);
    }
    modprop_run_free(run);
    return seconds;
}

/* Grows as the time of a run does, roughly; to estimate what was not measured. */
static double work_of(const struct modprop_config *config)
{
    return (double)config->iterations * modprop_config_operations(config);
}

/* Whether making a run and an iteration surely end within so many seconds: at a quarter
 * of the speed of a slow core, and the initial weights take what all their eigenvalues would. */
static bool measurable(const struct modprop_config *config, double seconds)
{
    const double slow = 4e9, n = (double)config->n;
    return modprop_config_operations(config) + 50 * n * n * n < slow * seconds;
}

/* Of the conditions of a kind the middle one is measured: at the ends of an axis the time may be
 * special (mu = 0 needs no filter taps, a large mu many). */
static void measure_kinds(struct modprop_cost *cost, const struct modprop_plan *plan,
                          const struct kind *kind, double budget_s)
{
    const double deadline = modprop_job_clock() + budget_s;
    double measured_s = 0, measured_work = 0;
    for (size_t k = 0, end; k < cost->conditions; k = end) {
        for (end = k; end < cost->conditions && kind[end].key == kind[k].key;)
            end++;
        struct modprop_config config;
        modprop_plan_config(plan, plan->condition_first[kind[(k + end) / 2].condition], &config);
        const bool measured = !leaves(NULL) && measurable(&config, deadline - modprop_job_clock());
        const double run_s = measured ? measure(&config, &cost->unmade)
                                      : measured_s / measured_work * work_of(&config);
        for (size_t same = k; same < end; same++)
            cost->run_s[kind[same].condition] = run_s;
        if (measured && !isnan(run_s)) {
            measured_s += run_s;
            measured_work += work_of(&config);
        }
    }
}

/* What a run takes on a rank: its own arrays, its checkpoint among them, and its record, whose weights exist
 * twice on their way to rank 0. */
static size_t bytes_of(const struct modprop_plan *plan, const struct modprop_config *config)
{
    const size_t weights = modprop_config_weights(config) * sizeof(modprop_real);
    return modprop_config_bytes(config) + (plan->save_weights ? 2 : 0) * weights +
           modprop_config_evaluations(config) * sizeof(struct modprop_evaluation);
}

enum modprop_status modprop_cost_create(struct modprop_cost **cost, const struct modprop_plan *plan,
                                        struct modprop_error *err)
{
    const size_t n = plan->conditions;
    struct modprop_cost *c = calloc(1, sizeof *c);
    *cost = c;
    if (c) {
        c->conditions = n;
        c->run_s = calloc(n + 1, sizeof *c->run_s);
        c->bytes = calloc(n + 1, sizeof *c->bytes);
    }
    if (!c || !c->run_s || !c->bytes) {
        modprop_cost_free(c);
        *cost = NULL;
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the costs of %zu conditions", n);
    }
    for (size_t k = 0; k < n; k++) {
        struct modprop_config config;
        modprop_plan_config(plan, plan->condition_first[k], &config);
        c->bytes[k] = bytes_of(plan, &config);
        c->run_s[k] = NAN;
    }
    return MODPROP_OK;
}

enum modprop_status modprop_cost_measure(struct modprop_cost *cost, const struct modprop_plan *plan,
                                         double budget_s, struct modprop_error *err)
{
    struct kind *kind = calloc(cost->conditions + 1, sizeof *kind);
    if (!kind)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the costs of %zu conditions",
                            cost->conditions);
    for (size_t k = 0; k < cost->conditions; k++) {
        struct modprop_config config;
        modprop_plan_config(plan, plan->condition_first[k], &config);
        kind[k] = (struct kind){kind_of(&config), k};
    }
    qsort(kind, cost->conditions, sizeof *kind, by_key);
    measure_kinds(cost, plan, kind, budget_s);
    free(kind);
    return MODPROP_OK;
}

void modprop_cost_free(struct modprop_cost *cost)
{
    if (!cost)
        return;
    free(cost->run_s);
    free(cost->bytes);
    free(cost);
}

double modprop_cost_of_run(const struct modprop_cost *cost, const struct modprop_plan *plan,
                           size_t run)
{
    return cost->run_s[plan->condition[run]];
}

double modprop_cost_total(const struct modprop_cost *cost, const struct modprop_plan *plan,
                          const size_t *todo, size_t count, int trainers)
{
    double sum = 0, longest = 0; /* unknown if one is */
    for (size_t k = 0; k < count; k++) {
        const double seconds = modprop_cost_of_run(cost, plan, todo[k]);
        sum += seconds;
        longest = fmax(longest, seconds);
    }
    return isnan(sum) ? NAN : fmax(sum / trainers, longest);
}
