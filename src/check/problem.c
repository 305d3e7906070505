#include "check/problem.h"

#include <assert.h>
#include <string.h>

#include "engine/memory.h"

struct modprop_part modprop_problem_part(const struct modprop_shape *shape, size_t index)
{
    const size_t n = shape->n, n_in = shape->n_in, n_out = shape->n_out;
    const struct modprop_part parts[MODPROP_PARTS] = {
        {"W_rec", 0, 2, n, n, true},
        {"W_in", n * n, 2, n_in, n, false},
        {"W_out", n * n + n_in * n, 2, n, n_out, true},
        {"b_out", n * n + n_in * n + n * n_out, 1, 1, n_out, false},
    };
    assert(index < MODPROP_PARTS);
    return parts[index];
}

size_t modprop_problem_weights(const struct modprop_shape *shape)
{
    return modprop_weights_lay(shape, NULL).count;
}

void modprop_problem_clear(struct modprop_problem *problem)
{
    modprop_memory_free(problem->x);
    modprop_memory_free(problem->label);
    modprop_memory_free(problem->target);
    modprop_memory_free(problem->weights);
    modprop_memory_free(problem->W_fb_out);
    modprop_memory_free(problem->W_fb);
    modprop_memory_free(problem->mubar);
    modprop_memory_free(problem->type);
    modprop_memory_free(problem->rate);
    *problem = (struct modprop_problem){0};
}

void modprop_problem_to_real(modprop_real *to, const double *from, size_t count)
{
    for (size_t k = 0; k < count; k++)
        to[k] = (modprop_real)from[k];
}

void modprop_problem_from_real(double *to, const modprop_real *from, size_t count)
{
    for (size_t k = 0; k < count; k++)
        to[k] = (double)from[k];
}

enum modprop_status modprop_problem_assemble(struct modprop_run **run,
                                             const struct modprop_problem *problem,
                                             struct modprop_error *err)
{
    const enum modprop_status status = modprop_run_assemble(run, &problem->config, &problem->shape,
                                                            err);
    if (status != MODPROP_OK)
        return status;
    struct modprop_run *const r = *run;
    modprop_problem_to_real(r->network->w.W_rec, problem->weights, r->network->w.count);
    modprop_network_adopt(r->network);
    if (r->W_random && problem->W_fb_out)
        modprop_problem_to_real(r->W_random, problem->W_fb_out,
                                problem->shape.n * problem->shape.n_out);
    modprop_run_begin_signal(r);
    if (problem->type && r->network->types.C > 0)
        modprop_types_arrange(&r->network->types, problem->type);
    if (r->rates && problem->rate)
        memcpy(r->rates->rate, problem->rate, r->rates->n * sizeof *problem->rate);
    if (r->modulation && r->modulation->measured && problem->mubar)
        memcpy(r->modulation->mubar, problem->mubar,
               r->modulation->types->C * sizeof *problem->mubar);
    if (r->feedback && r->feedback->own && problem->W_fb) {
        modprop_problem_to_real(r->feedback->W, problem->W_fb, r->network->n * r->network->n);
        modprop_feedback_begin(r->feedback, r->feedback->W);
    }
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ the trials as a task */

static void input(const struct modprop_trials *trials, size_t t0, size_t steps, const size_t *trial,
                  size_t R, modprop_real *x)
{
    const struct modprop_problem *p = trials->state;
    const size_t n_in = p->shape.n_in;
    for (size_t k = 0; k < steps; k++)
        for (size_t r = 0; r < R; r++)
            modprop_problem_to_real(x + (k * R + r) * n_in,
                                    p->x + ((t0 + k) * p->shape.B + trial[r]) * n_in, n_in);
}

static void target(const struct modprop_trials *trials, size_t t, const size_t *trial, size_t R,
                   modprop_real *y)
{
    const struct modprop_problem *p = trials->state;
    const size_t n_out = p->shape.n_out;
    for (size_t r = 0; r < R; r++)
        modprop_problem_to_real(y + r * n_out, p->target + (t * p->shape.B + trial[r]) * n_out,
                                n_out);
}

struct modprop_trials modprop_problem_trials(const struct modprop_problem *problem,
                                             struct modprop_run *run)
{
    static const struct modprop_task given = {.name = "given", .input = input, .target = target};
    const struct modprop_trials trials = {
        .task = &given,
        .state = problem,
        .B = problem->shape.B,
        .label = run->trials.label,
    };
    for (size_t b = 0; problem->label && b < trials.B; b++)
        trials.label[b] = (size_t)problem->label[b];
    return trials;
}

enum modprop_status modprop_problem_gradient(const struct modprop_problem *problem,
                                             double *gradient, double *loss,
                                             struct modprop_error *err)
{
    struct modprop_run *run;
    struct modprop_pass_figures figures;
    enum modprop_status status = modprop_problem_assemble(&run, problem, err);
    if (status != MODPROP_OK)
        return status;
    const struct modprop_trials trials = modprop_problem_trials(problem, run);
    status = modprop_run_gradient(run, &trials, &figures, err);
    *loss = figures.loss;
    modprop_problem_from_real(gradient, run->gradient.W_rec, run->gradient.count);
    modprop_run_free(run);
    return status;
}
