/*
 * Cases of kind optimiser and training: a few iterations of the optimiser from a given state, with
 * given gradients or with the rule's own, and nothing reconnected.
 */
#include <stdio.h>
#include <string.h>

#include "check/exam.h"
#include "engine/memory.h"

/* A dataset [iterations][of one part of the weights]: "before" + the part's name + "after". */
struct series {
    const char *before, *after;
    bool theta; /* "theta_" stands before the name of parts that have a sign */
    enum modprop_exam_number number;
};

static const struct series GRADIENT = {"grad_", "_decay", false, MODPROP_EXAM_ORDINARY};
static const struct series WEIGHTS = {"", "_after", true, MODPROP_EXAM_WEIGHT};
static const struct series FIRST_MOMENT = {"adam_m_", "_after", false, MODPROP_EXAM_ORDINARY};
static const struct series SECOND_MOMENT = {"adam_v_", "_after", false, MODPROP_EXAM_ORDINARY};

static void name_series(const struct series *series, const struct modprop_part *part, char name[64])
{
    snprintf(name, 64, "%s%s%s%s", series->before, series->theta && part->has_sign ? "theta_" : "",
             part->name, series->after);
}

/* Everything of one examination. Our values of all steps are gathered and compared at the end, so
 * that an error is relative to the whole dataset. */
struct training {
    const struct modprop_exam *exam;
    struct modprop_run *run;
    size_t steps, count;              /* count: of the weights */
    double *given;                    /* [steps][count], gradients of kind optimiser */
    double *gradient, *theta, *m, *v; /* [steps][count], ours */
    double *loss, *total, *rate;      /* [steps] */
};

static enum modprop_status take_memory(struct training *t, struct modprop_error *err)
{
    struct modprop_memory_plan plan = {0};
    double **const arrays[] = {&t->given, &t->gradient, &t->theta, &t->m, &t->v};
    double **const figures[] = {&t->loss, &t->total, &t->rate};
    const size_t values = modprop_memory_product(t->steps, t->count);
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++)
        *arrays[k] = modprop_memory_take(&plan, values, sizeof(double));
    for (size_t k = 0; k < sizeof figures / sizeof *figures; k++)
        *figures[k] = modprop_memory_take(&plan, t->steps, sizeof(double));
    return plan.refused ? modprop_memory_error("a training", plan.bytes, err) : MODPROP_OK;
}

static void clear(struct training *t)
{
    double *const arrays[] = {t->given, t->gradient, t->theta, t->m,
                              t->v,     t->loss,     t->total, t->rate};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++)
        modprop_memory_free(arrays[k]);
    modprop_run_free(t->run);
}

/* Reads one array of a part, [part] or with a leading axis of steps, into to [steps][count]. */
static enum modprop_status read_part(const struct training *t, const char *name, bool leading,
                                     size_t index, double *to, struct modprop_error *err)
{
    const struct modprop_part part = modprop_problem_part(&t->run->shape, index);
    const size_t steps = leading ? t->steps : 1, values = part.rows * part.columns;
    size_t dims[3] = {steps, part.rows, part.columns};
    const size_t skip = 2 - part.rank;
    dims[skip] = steps;
    double *read;
    const enum modprop_status status = modprop_case_dataset(t->exam->c, name, part.rank + leading,
                                                            dims + skip + !leading, &read, err);
    for (size_t k = 0; status == MODPROP_OK && k < steps; k++)
        memcpy(to + k * t->count + part.offset, read + k * values, values * sizeof *to);
    modprop_memory_free(read);
    return status;
}

/* Adam's state from the file, and the gradients that a case of kind optimiser gives. */
static enum modprop_status read_state(struct training *t, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    for (size_t k = 0; status == MODPROP_OK && k < MODPROP_PARTS; k++) {
        const struct modprop_part part = modprop_problem_part(&t->run->shape, k);
        char name[64];
        snprintf(name, sizeof name, "adam_m_%s", part.name);
        status = read_part(t, name, false, k, t->m, err);
        snprintf(name, sizeof name, "adam_v_%s", part.name);
        if (status == MODPROP_OK)
            status = read_part(t, name, false, k, t->v, err);
        name_series(&GRADIENT, &part, name);
        if (status == MODPROP_OK && t->exam->c->kind == MODPROP_CASE_OPTIMISER)
            status = read_part(t, name, true, k, t->given, err);
    }
    if (status == MODPROP_OK) {
        modprop_problem_to_real(t->run->optimiser_state, t->m, t->count);
        modprop_problem_to_real(t->run->optimiser_state + t->count, t->v, t->count);
        t->run->iteration = t->exam->c->first_iteration;
    }
    return status;
}

/* The trials of one step: the problem's arrays hold those of all steps. */
static struct modprop_problem trials_of(const struct modprop_problem *problem, size_t step)
{
    struct modprop_problem now = *problem;
    const struct modprop_shape *const s = &problem->shape;
    now.x += step * s->T * s->B * s->n_in;
    if (now.label)
        now.label += step * s->B;
    if (now.target)
        now.target += step * s->T * s->B * s->n_out;
    return now;
}

static enum modprop_status train(struct training *t, const struct modprop_problem *problem,
                                 size_t step, struct modprop_error *err)
{
    struct modprop_run *const run = t->run;
    const size_t at = step * t->count;
    enum modprop_status status = MODPROP_OK;
    t->rate[step] = modprop_run_learning_rate(&run->config, run->iteration);
    if (t->exam->c->kind == MODPROP_CASE_OPTIMISER) {
        modprop_problem_to_real(run->gradient.W_rec, t->given + at, t->count);
    } else {
        const struct modprop_problem now = trials_of(problem, step);
        const struct modprop_trials trials = modprop_problem_trials(&now, run);
        struct modprop_pass_figures figures;
        status = modprop_run_gradient(run, &trials, &figures, err);
        t->loss[step] = figures.loss;
        t->total[step] = figures.loss + modprop_run_decay_loss(run);
        modprop_run_decay(run);
    }
    modprop_problem_from_real(t->gradient + at, run->gradient.W_rec, t->count);
    if (status == MODPROP_OK)
        status = modprop_run_update(run, err);
    modprop_network_refresh(run->network);
    modprop_problem_from_real(t->theta + at, run->network->theta.W_rec, t->count);
    modprop_problem_from_real(t->m + at, run->optimiser_state, t->count);
    modprop_problem_from_real(t->v + at, run->optimiser_state + t->count, t->count);
    return status;
}

/* ------------------------------------------------------------------ what was expected */

static bool expect_series(const struct training *t, const struct series *series, const double *ours)
{
    struct modprop_error err = {0};
    bool going_on = true;
    for (size_t k = 0; going_on && k < MODPROP_PARTS; k++) {
        const struct modprop_part part = modprop_problem_part(&t->run->shape, k);
        const size_t values = part.rows * part.columns;
        size_t dims[3] = {t->steps, part.rows, part.columns};
        const size_t skip = 2 - part.rank;
        dims[skip] = t->steps;
        double *const gathered = modprop_memory_get(t->steps * values, sizeof *gathered);
        if (!gathered) {
            modprop_memory_error("a comparison", t->steps * values * sizeof *gathered, &err);
            return modprop_exam_refused(t->exam, &err);
        }
        for (size_t step = 0; step < t->steps; step++)
            memcpy(gathered + step * values, ours + step * t->count + part.offset,
                   values * sizeof *ours);
        char name[64];
        name_series(series, &part, name);
        going_on = modprop_exam_expect(t->exam, series->number, name, part.rank + 1, dims + skip,
                                       gathered);
        modprop_memory_free(gathered);
    }
    return going_on;
}

static bool expect_losses(const struct training *t)
{
    const size_t dims[] = {t->steps};
    return modprop_exam_expect(t->exam, MODPROP_EXAM_ORDINARY, "loss", 1, dims, t->loss) &&
           modprop_exam_expect(t->exam, MODPROP_EXAM_ORDINARY, "loss_with_decay", 1, dims,
                               t->total) &&
           expect_series(t, &GRADIENT, t->gradient);
}

static bool expect_signs(const struct training *t)
{
    const size_t dims[] = {t->run->shape.n};
    struct modprop_error err = {0};
    double *const sign = modprop_memory_get(dims[0], sizeof *sign);
    if (!sign) {
        modprop_memory_error("the signs", dims[0] * sizeof *sign, &err);
        return modprop_exam_refused(t->exam, &err);
    }
    modprop_problem_from_real(sign, t->run->network->sign, dims[0]);
    const bool going_on = modprop_exam_expect(t->exam, MODPROP_EXAM_ORDINARY, "sign", 1, dims,
                                              sign);
    modprop_memory_free(sign);
    return going_on;
}

static bool expect_all(const struct training *t)
{
    const size_t dims[] = {t->steps};
    return expect_signs(t) &&
           modprop_exam_expect(t->exam, MODPROP_EXAM_ORDINARY, "learning_rate_of_iteration", 1,
                               dims, t->rate) &&
           (t->exam->c->kind == MODPROP_CASE_OPTIMISER || expect_losses(t)) &&
           expect_series(t, &WEIGHTS, t->theta) && expect_series(t, &FIRST_MOMENT, t->m) &&
           expect_series(t, &SECOND_MOMENT, t->v);
}

bool modprop_exam_training(const struct modprop_exam *exam, const struct modprop_problem *problem)
{
    struct modprop_error err = {0};
    struct training t = {
        .exam = exam, .steps = exam->c->steps, .count = modprop_problem_weights(&problem->shape)};
    bool going_on = false;
    enum modprop_status status = take_memory(&t, &err);
    if (status == MODPROP_OK)
        status = modprop_problem_assemble(&t.run, problem, &err);
    if (status != MODPROP_OK) {
        modprop_exam_refused(exam, &err);
        goto cleanup;
    }
    status = read_state(&t, &err);
    if (status != MODPROP_OK) {
        modprop_compare_fail(exam->line, MODPROP_CHECK_UNREADABLE, &err);
        goto cleanup;
    }
    for (size_t step = 0; status == MODPROP_OK && step < t.steps; step++)
        status = train(&t, problem, step, &err);
    going_on = status == MODPROP_OK ? expect_all(&t) : modprop_exam_refused(exam, &err);
cleanup:
    clear(&t);
    return going_on;
}
