#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "check/exam.h"
#include "engine/memory.h"
#include "engine/registry.h"
#include "engine/spectrum.h"

/* ------------------------------------------------------------------ the trajectory */

/* What passes by in a forward pass. */
struct seen {
    const struct modprop_problem *p;
    const struct modprop_network *network;
    size_t every;
    double *v, *z, *a; /* [kept][B][n], of the steps 0, every, 2 every, ... */
    double *y;         /* [T][B][n_out] */
    const struct modprop_modulation *modulation;
    double *mu; /* [T][B][C]: of each step, where it follows the trial */
};

static size_t kept(const struct seen *seen)
{
    return (seen->p->shape.T - 1) / seen->every + 1;
}

/* The readout of a step: the engine computes it only where there is a loss. */
static void see_readout(struct seen *seen, const struct modprop_block *block, const modprop_real *z)
{
    const struct modprop_shape *const s = &seen->p->shape;
    const double *const W_out = seen->p->weights + modprop_problem_part(s, 2).offset;
    const double *const b_out = seen->p->weights + modprop_problem_part(s, 3).offset;
    for (size_t r = 0; r < block->R; r++) {
        double *const y = seen->y + (block->t0 * s->B + block->trial[r]) * s->n_out;
        for (size_t k = 0; k < s->n_out; k++) {
            double sum = b_out[k];
            for (size_t i = 0; i < s->n; i++)
                sum += (double)z[r * s->ld + i] * W_out[i * s->n_out + k];
            y[k] = block->y ? (double)block->y[r * s->n_out + k] : sum;
        }
    }
}

static void see_mu(struct seen *seen, const struct modprop_block *block)
{
    const struct modprop_modulation *const m = seen->modulation;
    const size_t C = m->types->C, B = seen->p->shape.B;
    const modprop_real *const r = modprop_modulation_within(m, (long)block->t0, block->R);
    for (size_t k = 0; k < block->R * C; k++)
        seen->mu[(block->t0 * B + block->trial[k / C]) * C + k % C] = m->clamp * (double)r[k];
}

/* A watched block has one step. */
static void see(void *context, const struct modprop_block *block)
{
    struct seen *const seen = context;
    const struct modprop_shape *const s = &seen->p->shape;
    const modprop_real *const z = block->pre + block->R * s->ld;
    see_readout(seen, block, z);
    if (seen->mu)
        see_mu(seen, block);
    for (size_t r = 0; block->t0 % seen->every == 0 && r < block->R; r++) {
        const size_t at = (block->t0 / seen->every * s->B + block->trial[r]) * s->n;
        modprop_problem_from_real(seen->v + at, block->state + r * s->ldn, s->n);
        if (seen->network->units->adapts) /* the adaptation follows the membrane */
            modprop_problem_from_real(seen->a + at, block->state + (s->tile + r) * s->ldn, s->n);
        modprop_problem_from_real(seen->z + at, z + r * s->ld, s->n);
    }
}

static enum modprop_status open_eyes(struct seen *seen, struct modprop_run *run,
                                     const struct modprop_problem *p, size_t every,
                                     struct modprop_error *err)
{
    const struct modprop_shape *const s = &p->shape;
    struct modprop_memory_plan plan = {0};
    *seen = (struct seen){.p = p, .network = run->network, .every = every};
    const size_t values = kept(seen) * s->B * s->n;
    seen->v = modprop_memory_take(&plan, values, sizeof(double));
    seen->z = modprop_memory_take(&plan, values, sizeof(double));
    seen->a = modprop_memory_take(&plan, values, sizeof(double));
    seen->y = modprop_memory_take(&plan, s->T * s->B * s->n_out, sizeof(double));
    seen->modulation = run->modulation;
    if (run->modulation && run->modulation->slots > 0)
        seen->mu = modprop_memory_take(&plan, s->T * s->B * run->modulation->types->C,
                                       sizeof(double));
    run->pass.watch = see;
    run->pass.context = seen;
    return plan.refused ? modprop_memory_error("the trajectory", plan.bytes, err) : MODPROP_OK;
}

static void close_eyes(struct seen *seen)
{
    modprop_memory_free(seen->v);
    modprop_memory_free(seen->z);
    modprop_memory_free(seen->a);
    modprop_memory_free(seen->y);
    modprop_memory_free(seen->mu);
}

static bool expect_trajectory(const struct modprop_exam *exam, const struct seen *seen)
{
    const struct modprop_shape *const s = &exam->c->problem.shape;
    const size_t state[] = {kept(seen), s->B, s->n}, readout[] = {s->T, s->B, s->n_out};
    const bool adapts = seen->network->units->adapts;
    return modprop_exam_expect(exam, MODPROP_EXAM_TRAJECTORY, "v", 3, state, seen->v) &&
           modprop_exam_expect(exam, MODPROP_EXAM_TRAJECTORY, "z", 3, state, seen->z) &&
           (!adapts ||
            modprop_exam_expect(exam, MODPROP_EXAM_TRAJECTORY, "a", 3, state, seen->a)) &&
           modprop_exam_expect(exam, MODPROP_EXAM_ORDINARY, "y", 3, readout, seen->y);
}

/* ------------------------------------------------------------------ the rest of kind gradient */

static void compare_scalar(const struct modprop_exam *exam, const char *name, double ours,
                           double reference)
{
    modprop_exam_compare(exam, MODPROP_EXAM_ORDINARY, name, &ours, &reference, 1);
}

static void compare_attributes(const struct modprop_exam *exam, struct modprop_run *run)
{
    const struct modprop_case *const c = exam->c;
    double radius, filter_radius;
    modprop_spectrum_radii(&run->spectrum, run->network->w.W_rec, NULL, run->network->alpha, 0,
                           &radius, &filter_radius);
    compare_scalar(exam, "alpha", run->network->alpha, c->alpha);
    compare_scalar(exam, "n_inh", (double)run->network->n_inh, (double)c->n_inh);
    compare_scalar(exam, "n_exc", (double)(run->network->n - run->network->n_inh),
                   (double)c->n_exc);
    compare_scalar(exam, "spectral_radius", radius, c->spectral_radius);
}

static bool expect_types(const struct modprop_exam *exam, const struct modprop_run *run)
{
    const struct modprop_feedback *const fb = run->feedback;
    if (!fb || fb->C == 0)
        return true;
    const size_t C = fb->C, n = run->shape.n, square[] = {C, C}, units[] = {n};
    struct modprop_memory_plan plan = {0};
    struct modprop_error err = {0};
    double *W_ab = modprop_memory_take(&plan, C * C, sizeof *W_ab);
    double *type = modprop_memory_take(&plan, n, sizeof *type);
    bool going_on = !plan.refused;
    compare_scalar(exam, "C", (double)C, (double)exam->c->C);
    if (plan.refused) {
        modprop_memory_error("the types", plan.bytes, &err);
        modprop_exam_refused(exam, &err);
    } else {
        modprop_problem_from_real(W_ab, fb->W_ab, C * C);
        for (size_t a = 0; a < C; a++)
            for (size_t k = fb->network->types.first[a]; k < fb->network->types.first[a + 1]; k++)
                type[fb->network->types.unit[k]] = (double)a;
        going_on = modprop_exam_expect(exam, MODPROP_EXAM_ORDINARY, "W_ab", 2, square, W_ab) &&
                   modprop_exam_expect(exam, MODPROP_EXAM_ORDINARY, "type_of_unit", 1, units, type);
    }
    modprop_memory_free(W_ab);
    modprop_memory_free(type);
    return going_on;
}

/* mu of a case that measures it, its clamp, and what the next iteration begins with. */
static bool expect_mu(const struct modprop_exam *exam, const struct modprop_run *run,
                      const struct seen *seen)
{
    const struct modprop_modulation *const m = run->modulation;
    const enum modprop_exam_number ordinary = MODPROP_EXAM_ORDINARY;
    const size_t C = exam->c->C, dims[] = {run->shape.T, run->shape.B, C};
    double mu[MODPROP_EXAM_TYPES];
    if (!modprop_case_measures(exam->c))
        return true;
    for (size_t a = 0; a < C && a < MODPROP_EXAM_TYPES; a++)
        mu[a] = (double)m->mu[m->types->unit[m->types->first[a]]];
    return (seen->mu ? modprop_exam_expect(exam, ordinary, "mu_used", 3, dims, seen->mu)
                     : modprop_exam_expect(exam, ordinary, "mu_used", 1, &C, mu)) &&
           modprop_exam_expect(exam, ordinary, "mu_state_next", 1, &C, m->mubar) &&
           modprop_exam_expect(exam, ordinary, "mu_clamp", 0, NULL, &m->clamp) &&
           modprop_exam_expect(exam, ordinary, "radius", 0, NULL, &m->radius) &&
           modprop_exam_expect(exam, ordinary, "radius_unclamped", 0, NULL, &m->radius_alone);
}

/* The four matrices of run->gradient; names as "grad_W_in" and with `end` behind. work [weights]. */
static bool expect_gradient(const struct modprop_exam *exam, const struct modprop_run *run,
                            const char *end, double *work)
{
    modprop_problem_from_real(work, run->gradient.W_rec, run->gradient.count);
    for (size_t k = 0; k < MODPROP_PARTS; k++) {
        const struct modprop_part part = modprop_problem_part(&run->shape, k);
        const size_t dims[] = {part.rows, part.columns};
        char name[40];
        snprintf(name, sizeof name, "grad_%s%s", part.name, end);
        if (!modprop_exam_expect(exam, MODPROP_EXAM_ORDINARY, name, part.rank, dims + 2 - part.rank,
                                 work + part.offset))
            return false;
    }
    return true;
}

static bool expect_all(const struct modprop_exam *exam, struct modprop_run *run,
                       const struct seen *seen, double loss, double *work)
{
    const double total = loss + modprop_run_decay_loss(run);
    compare_attributes(exam, run);
    if (!expect_trajectory(exam, seen) || !expect_types(exam, run) || !expect_mu(exam, run, seen) ||
        !modprop_exam_expect(exam, MODPROP_EXAM_ORDINARY, "loss", 0, NULL, &loss) ||
        !modprop_exam_expect(exam, MODPROP_EXAM_ORDINARY, "loss_with_decay", 0, NULL, &total) ||
        !expect_gradient(exam, run, "", work))
        return false;
    modprop_run_decay(run);
    return expect_gradient(exam, run, "_decay", work);
}

static bool examine_gradient(const struct modprop_exam *exam, const struct modprop_problem *problem)
{
    struct modprop_error err = {0};
    struct modprop_run *run = NULL;
    struct modprop_pass_figures figures;
    struct seen seen = {0};
    bool going_on = false;
    double *work = modprop_memory_get(modprop_problem_weights(&problem->shape), sizeof *work);
    enum modprop_status status = work ? modprop_problem_assemble(&run, problem, &err)
                                      : modprop_memory_error("a gradient", 0, &err);
    if (status == MODPROP_OK)
        status = open_eyes(&seen, run, problem, exam->c->trajectory_every, &err);
    if (status == MODPROP_OK) {
        const struct modprop_trials trials = modprop_problem_trials(problem, run);
        status = modprop_run_gradient(run, &trials, &figures, &err);
    }
    going_on = status == MODPROP_OK ? expect_all(exam, run, &seen, figures.loss, work)
                                    : modprop_exam_refused(exam, &err);
    close_eyes(&seen);
    modprop_memory_free(work);
    modprop_run_free(run);
    return going_on;
}

/* ------------------------------------------------------------------ by every path */

static bool examine(const struct modprop_exam *exam, const struct modprop_problem *problem)
{
    return exam->c->kind == MODPROP_CASE_GRADIENT ? examine_gradient(exam, problem)
                                                  : modprop_exam_training(exam, problem);
}

/* Online methods cost more than they tell on large cases: the influence matrix of rtrl by its size,
 * the taps of modprop by the growth of their number towards T. */
static bool affordable(const struct modprop_rule *rule, const struct modprop_method *method,
                       const struct modprop_problem *p)
{
    const double most = 2e10, row = (double)p->shape.B * (double)p->shape.ld;
    return method->trajectory ||
           ((!rule->check || rule->check(&p->config, &p->shape, NULL) == MODPROP_OK) &&
            method->cost(&p->config, &p->shape) < most &&
            (double)p->shape.T * (double)p->shape.T * row < most);
}

/* The rule of the file by each of its methods that can; an exact gradient by the other exact rules,
 * too. */
static bool examine_rule(struct modprop_exam *exam, struct modprop_problem *problem, size_t index)
{
    const struct modprop_rule *const rule = modprop_rule_at(index);
    problem->config.rule = (int)index;
    for (size_t k = 0; rule->methods[k]; k++) {
        const struct modprop_method *const m = rule->methods[k];
        if ((m->obstacle && m->obstacle(&problem->config)) || !affordable(rule, m, problem))
            continue;
        problem->config.path = m->trajectory ? MODPROP_PATH_OFFLINE : MODPROP_PATH_ONLINE;
        exam->by = rule->methods[1] ? modprop_path_name((enum modprop_path)problem->config.path)
                                    : rule->name;
        if (!examine(exam, problem))
            return false;
    }
    return true;
}

static void examine_case(struct modprop_exam *exam)
{
    struct modprop_problem problem = exam->c->problem; /* arrays borrowed */
    const size_t rule = (size_t)problem.config.rule;
    problem.config.tap_tolerance = modprop_compare_roundoff();
    if (!examine_rule(exam, &problem, rule) || strcmp(modprop_rule_at(rule)->name, "bptt") != 0)
        return;
    for (size_t k = 0; modprop_rule_choice(k); k++)
        if (strcmp(modprop_rule_choice(k), "rtrl") == 0 && !examine_rule(exam, &problem, k))
            return;
}

static const char *name_of(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void modprop_check_golden(const char *path, struct modprop_check_line *line)
{
    struct modprop_case c;
    struct modprop_error err = {0};
    *line = (struct modprop_check_line){.verdict = MODPROP_CHECK_PASSED};
    snprintf(line->subject, sizeof line->subject, "%s", name_of(path));
    if (modprop_case_read(&c, path, &err) != MODPROP_OK) {
        modprop_compare_fail(line, MODPROP_CHECK_UNREADABLE, &err);
        return;
    }
    line->n = c.problem.shape.n;
    line->T = c.problem.shape.T;
    line->B = c.problem.shape.B;
    if (c.unsupported[0]) {
        snprintf(err.message, sizeof err.message, "%s", c.unsupported);
        modprop_compare_fail(line, MODPROP_CHECK_NOT_SUPPORTED, &err);
    } else {
        struct modprop_exam exam = {.c = &c, .line = line};
        examine_case(&exam);
    }
    modprop_case_clear(&c);
}
