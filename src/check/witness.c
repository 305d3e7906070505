#include "check/witness.h"

#include <string.h>

#include "engine/error.h"
#include "engine/memory.h"

/* ------------------------------------------------------------------ finite differences */

/* The loss with one signed weight moved by `by`. */
static double loss_beside(struct modprop_run *run, const struct modprop_trials *trials,
                          size_t weight, double by, double *active)
{
    struct modprop_pass_figures figures;
    modprop_real *const w = run->network->w.W_rec + weight, kept = *w;
    *w = (modprop_real)((double)kept + by);
    modprop_network_adopt(run->network);
    modprop_pass_run(&run->pass, trials, NULL, NULL, NULL, true, &figures);
    *w = kept;
    modprop_network_adopt(run->network);
    *active = figures.active_fraction;
    return figures.loss;
}

static bool is_autapse(const struct modprop_shape *shape, size_t weight)
{
    return weight < shape->n * shape->n && weight % (shape->n + 1) == 0;
}

enum modprop_status modprop_witness_differences(const struct modprop_problem *problem,
                                                double *gradient, double *loss,
                                                struct modprop_error *err)
{
    const double step = MODPROP_WITNESS_STEP;
    struct modprop_run *run;
    enum modprop_status status = modprop_problem_assemble(&run, problem, err);
    if (status != MODPROP_OK)
        return status;
    const struct modprop_trials trials = modprop_problem_trials(problem, run);
    double active, active_up, active_down;
    *loss = loss_beside(run, &trials, 0, 0, &active);
    for (size_t k = 0; status == MODPROP_OK && k < run->gradient.count; k++) {
        const double up = loss_beside(run, &trials, k, step, &active_up);
        const double down = loss_beside(run, &trials, k, -step, &active_down);
        gradient[k] = is_autapse(&problem->shape, k) ? 0 : (up - down) / (2 * step);
        if (active_up != active || active_down != active) /* counts of units: equal or not at all */
            status = MODPROP_FAIL(err, MODPROP_INVALID,
                                  "a unit crosses its threshold within the step of weight %zu", k);
    }
    modprop_run_free(run);
    return status;
}

/* ------------------------------------------------------------------ other batches */

/* Copies the values of trial b, `width` a step, from [T][B][width] to trial b_to of [T][B_to][width].
 */
static void copy_trial(double *to, size_t b_to, size_t B_to, const double *from, size_t b, size_t B,
                       size_t T, size_t width)
{
    for (size_t t = 0; t < T; t++)
        memcpy(to + (t * B_to + b_to) * width, from + (t * B + b) * width, width * sizeof *to);
}

/* A problem with room for B trials of the given one; its weights are borrowed. */
static enum modprop_status make_room(struct modprop_problem *to, const struct modprop_problem *from,
                                     size_t B, struct modprop_error *err)
{
    const struct modprop_shape *const s = &from->shape;
    struct modprop_memory_plan plan = {0};
    *to = *from;
    to->shape.B = B;
    to->shape = modprop_shape_complete(to->shape);
    to->config.batch = (long)B;
    to->x = modprop_memory_take(&plan, s->T * B * s->n_in, sizeof(double));
    to->label = from->label ? modprop_memory_take(&plan, B, sizeof(double)) : NULL;
    to->target = from->target ? modprop_memory_take(&plan, s->T * B * s->n_out, sizeof(double))
                              : NULL;
    return plan.refused ? modprop_memory_error("a batch", plan.bytes, err) : MODPROP_OK;
}

static void leave_room(struct modprop_problem *to)
{
    modprop_memory_free(to->x);
    modprop_memory_free(to->label);
    modprop_memory_free(to->target);
}

static void put_trial(struct modprop_problem *to, size_t b_to, const struct modprop_problem *from,
                      size_t b)
{
    const struct modprop_shape *const s = &from->shape;
    copy_trial(to->x, b_to, to->shape.B, from->x, b, s->B, s->T, s->n_in);
    if (from->label)
        to->label[b_to] = from->label[b];
    else
        copy_trial(to->target, b_to, to->shape.B, from->target, b, s->B, s->T, s->n_out);
}

enum modprop_status modprop_witness_single_trials(const struct modprop_problem *problem,
                                                  double *gradient, double *loss,
                                                  struct modprop_error *err)
{
    const size_t B = problem->shape.B, count = modprop_problem_weights(&problem->shape);
    struct modprop_problem one;
    double *part = modprop_memory_get(count, sizeof *part), loss_of_trial = 0;
    enum modprop_status status = make_room(&one, problem, 1, err);
    if (status == MODPROP_OK && !part)
        status = modprop_memory_error("a gradient", count * sizeof *part, err);
    memset(gradient, 0, count * sizeof *gradient);
    *loss = 0;
    for (size_t b = 0; status == MODPROP_OK && b < B; b++) {
        put_trial(&one, 0, problem, b);
        status = modprop_problem_gradient(&one, part, &loss_of_trial, err);
        for (size_t k = 0; status == MODPROP_OK && k < count; k++)
            gradient[k] += part[k] / (double)B;
        *loss += loss_of_trial / (double)B;
    }
    modprop_memory_free(part);
    leave_room(&one);
    return status;
}

enum modprop_status modprop_witness_reversed_batch(const struct modprop_problem *problem,
                                                   double *gradient, double *loss,
                                                   struct modprop_error *err)
{
    const size_t B = problem->shape.B;
    struct modprop_problem reversed;
    enum modprop_status status = make_room(&reversed, problem, B, err);
    for (size_t b = 0; status == MODPROP_OK && b < B; b++)
        put_trial(&reversed, b, problem, B - 1 - b);
    if (status == MODPROP_OK)
        status = modprop_problem_gradient(&reversed, gradient, loss, err);
    leave_room(&reversed);
    return status;
}
