#include "cli/cost.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "engine/error.h"

static const double MEASURE_S = 0.05; /* for one kind of run, after its first iteration */

/* One condition, to be sorted by the kind of its runs. */
struct kind {
    uint64_t key;
    size_t condition;
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

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

/* Seconds of a whole run from a few iterations and one evaluation; NaN if it does not start. The
 * first iteration pays for cold memory and counts only if it is long. */
static double measure(const struct modprop_config *config)
{
    struct modprop_run *run = NULL;
    struct modprop_evaluation evaluation;
    double seconds = NAN, steps = 0;
    if (modprop_run_create(&run, config, NULL) != MODPROP_OK)
        return NAN;
    double start = now_s();
    enum modprop_status status = modprop_run_step(run, NULL);
    double step_s = now_s() - start;
    if (step_s < MEASURE_S && status == MODPROP_OK) {
        start = now_s();
        do {
            status = modprop_run_step(run, NULL);
            steps++;
        } while (status == MODPROP_OK && now_s() - start < MEASURE_S);
        step_s = (now_s() - start) / steps;
    }
    start = now_s();
    if (status == MODPROP_OK || status == MODPROP_DIVERGED) {
        modprop_run_evaluate(run, &evaluation, NULL);
        seconds = step_s * (double)config->iterations +
                  (now_s() - start) * (double)modprop_config_evaluations(config);
    }
    modprop_run_free(run);
    return seconds;
}

/* Grows as the time of a run does, roughly; to estimate what was not measured. */
static double work_of(const struct modprop_config *config)
{
    return (double)config->iterations * (double)config->batch * (double)config->n * (double)config->n;
}

static void note_conditions(struct modprop_cost *cost, const struct modprop_plan *plan)
{
    for (size_t run = plan->runs; run-- > 0;) {
        cost->first[plan->condition[run]] = run;
        cost->runs[plan->condition[run]]++;
    }
}

static void measure_kinds(struct modprop_cost *cost, const struct modprop_plan *plan,
                          const struct kind *kind, double budget_s)
{
    const double deadline = now_s() + budget_s;
    double known = NAN, measured_s = 0, measured_work = 0;
    for (size_t k = 0; k < cost->conditions; k++) {
        struct modprop_config config;
        modprop_plan_config(plan, cost->first[kind[k].condition], &config);
        const bool same = k > 0 && kind[k].key == kind[k - 1].key;
        if (!same)
            known = now_s() < deadline ? measure(&config)
                                       : measured_s / measured_work * work_of(&config);
        cost->run_s[kind[k].condition] = known;
        if (!same && !isnan(known)) {
            measured_s += known;
            measured_work += work_of(&config);
        }
    }
}

enum modprop_status modprop_cost_measure(struct modprop_cost **cost, const struct modprop_plan *plan,
                                         double budget_s, struct modprop_error *err)
{
    const size_t n = plan->conditions;
    struct modprop_cost *c = calloc(1, sizeof *c);
    struct kind *kind = calloc(n + 1, sizeof *kind);
    *cost = c;
    if (c) {
        c->conditions = n;
        c->first = calloc(n + 1, sizeof *c->first);
        c->runs = calloc(n + 1, sizeof *c->runs);
        c->run_s = calloc(n + 1, sizeof *c->run_s);
        c->bytes = calloc(n + 1, sizeof *c->bytes);
    }
    if (!c || !kind || !c->first || !c->runs || !c->run_s || !c->bytes) {
        free(kind);
        modprop_cost_free(c);
        *cost = NULL;
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the costs of %zu conditions", n);
    }
    note_conditions(c, plan);
    for (size_t k = 0; k < n; k++) {
        struct modprop_config config;
        modprop_plan_config(plan, c->first[k], &config);
        c->bytes[k] = modprop_config_bytes(&config);
        kind[k] = (struct kind){kind_of(&config), k};
    }
    qsort(kind, n, sizeof *kind, by_key);
    measure_kinds(c, plan, kind, budget_s);
    free(kind);
    return MODPROP_OK;
}

void modprop_cost_free(struct modprop_cost *cost)
{
    if (!cost)
        return;
    free(cost->first);
    free(cost->runs);
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
    double sum = 0, longest = 0;
    for (size_t k = 0; k < count; k++) {
        const double seconds = modprop_cost_of_run(cost, plan, todo[k]);
        sum += seconds;
        longest = fmax(longest, seconds);
    }
    return fmax(sum / trainers, longest);
}
