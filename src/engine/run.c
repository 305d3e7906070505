#include "engine/run.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "engine/budget.h"
#include "engine/clock.h"
#include "engine/drift.h"
#include "engine/error.h"
#include "engine/memory.h"
#include "engine/random.h"
#include "engine/registry.h"

/* ------------------------------------------------------------------ life cycle */

static const struct modprop_rule *rule_of(const struct modprop_run *run)
{
    return modprop_rule_at((size_t)run->config.rule);
}

/* The fixed random broadcast of the error: N(0,1) entries, as large on average (root mean square) as
 * the initial W_out, which scales like 1 / sqrt(n). */
static void draw_random_signal(struct modprop_run *run)
{
    const size_t count = run->shape.n * run->shape.n_out;
    modprop_random_normals(modprop_random_stream(run->config.seed, MODPROP_STREAM_FEEDBACK, 0), 0,
                           count, run->W_random);
    double squares = 0;
    for (size_t k = 0; k < count; k++)
        squares += (double)run->network->w.W_out[k] * (double)run->network->w.W_out[k];
    for (size_t k = 0; k < count; k++)
        run->W_random[k] *= (modprop_real)sqrt(squares / (double)count);
}

void modprop_run_begin_signal(struct modprop_run *run)
{
    for (size_t k = 0; run->W_distant && k < run->shape.n * run->shape.n_out; k++)
        run->W_distant[k] = run->W_random[k] - run->network->w.W_out[k];
}

/* The broadcast of this iteration: an adaptive one got the updates of W_out. */
static void refresh_signal(struct modprop_run *run)
{
    const double left = pow(1 - run->config.signal_decay, (double)run->iteration);
    for (size_t k = 0; run->W_distant && k < run->shape.n * run->shape.n_out; k++)
        run->W_random[k] = run->network->w.W_out[k] + (modprop_real)left * run->W_distant[k];
}

static struct modprop_setup setup_of(const struct modprop_run *run)
{
    return (struct modprop_setup){
        .config = &run->config,
        .shape = run->shape,
        .network = run->network,
        .feedback = run->feedback,
        .modulation = run->modulation,
        .rates = run->rates,
        .W_fb_out = run->W_random ? run->W_random : run->network->w.W_out,
    };
}

static enum modprop_status assemble_method(struct modprop_run *run, struct modprop_error *err)
{
    run->method = modprop_config_method(&run->config);
    enum modprop_status status = MODPROP_OK;
    if (rule_of(run)->modulates)
        status = modprop_modulation_create(&run->modulation, &run->config, &run->shape,
                                           run->network, run->feedback, run->method->trajectory,
                                           err);
    if (status == MODPROP_OK && modprop_rates_wanted(&run->config))
        status = modprop_rates_create(&run->rates, &run->config, &run->shape, err);
    const struct modprop_setup setup = setup_of(run);
    if (status == MODPROP_OK)
        status = run->method->create(&run->method_state, &setup, err);
    if (status == MODPROP_OK)
        status = modprop_pass_init(&run->pass, run->network, setup.W_fb_out, &run->shape,
                                   run->method->trajectory, err);
    run->pass.modulation = run->modulation;
    run->pass.rates = run->rates;
    return status;
}

enum modprop_status modprop_run_retap(struct modprop_run *run, size_t taps,
                                      struct modprop_error *err)
{
    void *state = NULL;
    struct modprop_setup setup = setup_of(run);
    setup.taps = taps;
    const enum modprop_status status = run->method->create(&state, &setup, err);
    if (status != MODPROP_OK)
        return status;
    run->method->free(run->method_state);
    run->method_state = state;
    return MODPROP_OK;
}

static enum modprop_status assemble_arrays(struct modprop_run *run, struct modprop_error *err)
{
    const size_t size = sizeof(modprop_real), count = run->network->theta.count;
    struct modprop_memory_plan plan = {0};
    run->optimiser = modprop_optimiser_at((size_t)run->config.optimiser);
    modprop_real *gradient = modprop_memory_take(&plan, count, size);
    run->gradient = modprop_weights_lay(&run->shape, gradient);
    run->optimiser_state = modprop_memory_take(&plan, run->optimiser->states * count, size);
    run->trials.label = modprop_memory_take(&plan, run->shape.B, sizeof *run->trials.label);
    run->trials.kind = modprop_memory_take(&plan, run->shape.B, sizeof *run->trials.kind);
    const size_t signal = run->shape.n * run->shape.n_out;
    if (modprop_config_reads_parameter(&run->config, "learning_signal")) {
        if (run->config.learning_signal != MODPROP_SIGNAL_SYMMETRIC)
            run->W_random = modprop_memory_take(&plan, signal, size);
        if (run->config.learning_signal == MODPROP_SIGNAL_ADAPTIVE)
            run->W_distant = modprop_memory_take(&plan, signal, size);
    }
    return plan.refused ? modprop_memory_error("the optimiser", plan.bytes, err) : MODPROP_OK;
}

enum modprop_status modprop_run_assemble(struct modprop_run **run,
                                         const struct modprop_config *config,
                                         const struct modprop_shape *shape,
                                         struct modprop_error *err)
{
    struct modprop_run *r = modprop_memory_get(1, sizeof *r);
    *run = NULL;
    if (!r)
        return modprop_memory_error("a run", sizeof *r, err);
    r->config = *config;
    r->shape = *shape;
    r->evaluated = -1;
    r->started_s = modprop_clock_s(CLOCK_MONOTONIC);
    enum modprop_status status = modprop_network_create(&r->network, config, shape, err);
    if (status == MODPROP_OK && rule_of(r)->feedback)
        status = modprop_feedback_create(&r->feedback, config, r->network, err);
    if (status == MODPROP_OK)
        status = assemble_arrays(r, err);
    if (status == MODPROP_OK)
        status = assemble_method(r, err);
    if (status == MODPROP_OK)
        status = modprop_rewire_init(&r->rewire, r->network, err);
    if (status == MODPROP_OK)
        status = modprop_restraint_init(&r->restraint, config, err);
    if (status == MODPROP_OK)
        status = modprop_spectrum_init(&r->spectrum, shape->n, err);
    if (status != MODPROP_OK) {
        modprop_run_free(r);
        return status;
    }
    r->network->halting = r->spectrum.halting = &r->halting;
    *run = r;
    return MODPROP_OK;
}

enum modprop_status modprop_run_create(struct modprop_run **run,
                                       const struct modprop_config *config,
                                       struct modprop_error *err)
{
    return modprop_run_create_halting(run, config, NULL, NULL, err);
}

enum modprop_status modprop_run_create_halting(struct modprop_run **run,
                                               const struct modprop_config *config,
                                               modprop_halt *halt, void *context,
                                               struct modprop_error *err)
{
    *run = NULL;
    enum modprop_status status = modprop_config_check(config, err);
    if (status != MODPROP_OK)
        return status;
    const struct modprop_shape shape = modprop_budget_shape(config);
    status = modprop_run_assemble(run, config, &shape, err);
    if (status == MODPROP_OK) {
        modprop_run_halt(*run, halt, context);
        status = modprop_network_start((*run)->network, config->seed, err);
    }
    if (status == MODPROP_OK && (*run)->feedback)
        status = modprop_feedback_start((*run)->feedback, config->seed, err);
    if (status != MODPROP_OK)
        goto failed;
    const struct modprop_task *task = modprop_drift_task(config);
    if (task->create)
        status = task->create(&(*run)->task_state, config, err);
    if (status != MODPROP_OK)
        goto failed;
    (*run)->trials.task = task;
    (*run)->trials.state = (*run)->task_state;
    (*run)->trials.B = shape.B;
    if ((*run)->W_random)
        draw_random_signal(*run);
    modprop_run_begin_signal(*run);
    modprop_restraint_begin(&(*run)->restraint, (*run)->network);
    return MODPROP_OK;
failed:
    modprop_run_free(*run);
    *run = NULL;
    return status;
}

void modprop_run_free(struct modprop_run *run)
{
    if (!run)
        return;
    if (run->method_state)
        run->method->free(run->method_state);
    if (run->task_state)
        run->trials.task->free(run->task_state);
    modprop_pass_clear(&run->pass);
    modprop_feedback_free(run->feedback);
    modprop_modulation_free(run->modulation);
    modprop_rates_free(run->rates);
    modprop_network_free(run->network);
    modprop_rewire_clear(&run->rewire);
    modprop_restraint_clear(&run->restraint);
    modprop_spectrum_clear(&run->spectrum);
    modprop_memory_free(run->W_random);
    modprop_memory_free(run->W_distant);
    modprop_memory_free(run->trials.label);
    modprop_memory_free(run->trials.kind);
    modprop_memory_free(run->gradient.W_rec);
    modprop_memory_free(run->optimiser_state);
    modprop_memory_free(run);
}

/* ------------------------------------------------------------------ one iteration */

/* What carries credit back, as of the present weights. */
static void refresh_feedback(struct modprop_run *run)
{
    refresh_signal(run);
    if (run->feedback)
        modprop_feedback_refresh(run->feedback, run->iteration);
    if (run->modulation)
        modprop_modulation_refresh(run->modulation, &run->spectrum);
    if (run->rates)
        modprop_rates_refresh(run->rates, &run->shape);
}

enum modprop_status modprop_run_gradient(struct modprop_run *run,
                                         const struct modprop_trials *trials,
                                         struct modprop_pass_figures *figures,
                                         struct modprop_error *err)
{
    const size_t n = run->shape.n;
    enum modprop_status status;
    bool again;
    refresh_feedback(run);
    if (run->halting.halted)
        return MODPROP_STOPPED;
    do { /* a method that finds itself too coarse wants the batch once more */
        again = false;
        if (!modprop_pass_run(&run->pass, trials, run->method, run->method_state, &run->gradient,
                              false, figures))
            return MODPROP_STOPPED;
        status = run->method->end(run->method_state, run->gradient.W_rec, &again, err);
    } while (status == MODPROP_OK && again);
    if (run->modulation)
        modprop_modulation_end(run->modulation, &run->shape);
    if (run->rates)
        modprop_rates_end(run->rates, &run->shape);
    for (size_t i = 0; i < n; i++)
        run->gradient.W_rec[i * n + i] = 0; /* no autapses */
    return status;
}

/* Number of weights that decay: all but b_out, the last of the block. */
static size_t decaying(const struct modprop_run *run)
{
    return run->gradient.count - run->shape.n_out;
}

void modprop_run_decay(struct modprop_run *run)
{
    const modprop_real decay = (modprop_real)run->config.weight_decay;
    for (size_t k = 0; k < decaying(run); k++)
        run->gradient.W_rec[k] += decay * run->network->w.W_rec[k];
}

double modprop_run_decay_loss(const struct modprop_run *run)
{
    double squares = 0;
    for (size_t k = 0; k < decaying(run); k++)
        squares += (double)run->network->w.W_rec[k] * (double)run->network->w.W_rec[k];
    return 0.5 * run->config.weight_decay * squares;
}

double modprop_run_learning_rate(const struct modprop_config *config, long iteration)
{
    return config->learning_rate * pow(config->learning_rate_decay,
                                       (double)(iteration / config->learning_rate_decay_every));
}

/* Clips the gradient. MODPROP_DIVERGED where it is not finite or its square would not be, which
 * would freeze the optimiser's second moment at infinity. */
static enum modprop_status clip(struct modprop_run *run, struct modprop_error *err)
{
    const double limit = run->config.clip_norm, largest = 1e18;
    double squares = 0;
    for (size_t k = 0; k < run->gradient.count; k++)
        squares += (double)run->gradient.W_rec[k] * (double)run->gradient.W_rec[k];
    const double norm = sqrt(squares);
    if (!(norm < largest))
        return MODPROP_FAIL(err, MODPROP_DIVERGED,
                            "diverged at iteration %ld: the gradient's norm is %g; a smaller "
                            "learning_rate or mu, or clip_norm, may keep the network stable",
                            run->iteration, fabs(norm)); /* without the sign of a NaN */
    run->largest_norm = fmax(run->largest_norm, norm);
    if (limit > 0 && norm > limit)
        for (size_t k = 0; k < run->gradient.count; k++)
            run->gradient.W_rec[k] *= (modprop_real)(limit / norm);
    return MODPROP_OK;
}

/* The optimiser's step on the weights [begin, end) of the block. */
static void optimise(struct modprop_run *run, size_t begin, size_t end, double learning_rate)
{
    run->optimiser->step(&run->config, end - begin, run->network->theta.W_rec + begin,
                         run->optimiser_state + begin, run->gradient.count,
                         run->gradient.W_rec + begin, learning_rate, run->iteration + 1);
}

enum modprop_status modprop_run_update(struct modprop_run *run, struct modprop_error *err)
{
    const size_t recurrent = run->shape.n * run->shape.n;
    const double learning_rate = modprop_run_learning_rate(&run->config, run->iteration);
    const enum modprop_status status = clip(run, err);
    if (status != MODPROP_OK)
        return status;
    modprop_network_flip(run->network, &run->gradient);
    modprop_rewire_note(&run->rewire);
    optimise(run, 0, recurrent, learning_rate * run->config.learning_rate_rec);
    optimise(run, recurrent, run->gradient.count, learning_rate);
    modprop_rewire_guard(&run->rewire, &run->config, learning_rate, run->iteration);
    run->iteration++;
    return MODPROP_OK;
}

static void draw_batch(struct modprop_run *run, enum modprop_stream_name name)
{
    run->trials.stream = modprop_random_stream(run->config.seed, name, run->iteration);
    run->trials.task->begin(&run->trials);
}

/* The types of the next iteration, where they follow the weights. */
static void relabel(struct modprop_run *run)
{
    const long every = run->config.type_relabel_every;
    if (run->network->clusters.n == 0 || every == 0 || run->iteration % every != 0)
        return;
    if (run->modulation)
        modprop_modulation_ungroup(run->modulation);
    modprop_network_cluster(run->network, run->config.seed, run->iteration);
    if (run->modulation)
        modprop_modulation_group(run->modulation);
}

enum modprop_status modprop_run_step(struct modprop_run *run, struct modprop_error *err)
{
    struct modprop_pass_figures figures;
    modprop_halting_begin(&run->halting);
    draw_batch(run, MODPROP_STREAM_TRAINING);
    enum modprop_status status = modprop_run_gradient(run, &run->trials, &figures, err);
    if (status != MODPROP_OK)
        return status;
    modprop_run_decay(run);
    status = modprop_run_update(run, err);
    if (status != MODPROP_OK)
        return status;
    run->halting.deaf = true;
    modprop_rewire_reconnect(&run->rewire, &run->config, run->iteration - 1);
    modprop_network_refresh(run->network);
    modprop_restraint_apply(&run->restraint, run->network, &run->spectrum);
    relabel(run);
    run->halting.deaf = false;
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ what it tells */

enum modprop_status modprop_run_evaluate(struct modprop_run *run,
                                         struct modprop_evaluation *evaluation,
                                         struct modprop_error *err)
{
    const struct modprop_modulation *const modulation = run->modulation;
    struct modprop_pass_figures figures;
    modprop_halting_begin(&run->halting);
    draw_batch(run, MODPROP_STREAM_EVALUATION);
    if (!modprop_pass_run(&run->pass, &run->trials, NULL, NULL, NULL, true, &figures))
        return MODPROP_STOPPED;
    if (!isfinite(figures.loss))
        return MODPROP_FAIL(err, MODPROP_DIVERGED, "diverged at iteration %ld: the loss is %g",
                            run->iteration, fabs(figures.loss));
    refresh_feedback(run);
    *evaluation = (struct modprop_evaluation){
        .iteration = (double)run->iteration,
        .loss = figures.loss,
        .loss_total = figures.loss + modprop_run_decay_loss(run),
        .accuracy = figures.accuracy,
        .mean_rate = figures.mean_rate,
        .largest_rate = figures.largest_rate,
        .active_fraction = figures.active_fraction,
        .mu_effective = modulation ? modulation->mean : (double)NAN,
        .gradient_norm = run->iteration > 0 ? run->largest_norm : (double)NAN,
        .taps = run->method->taps ? run->method->taps(run->method_state) : (double)NAN,
        .elapsed_s = modprop_clock_s(CLOCK_MONOTONIC) - run->started_s,
    };
    const bool measured = modulation && modulation->measured;
    modprop_spectrum_radii(&run->spectrum, run->network->w.W_rec,
                           modulation && !measured ? run->feedback : NULL, run->network->alpha,
                           run->config.mu, &evaluation->spectral_radius,
                           &evaluation->filter_radius);
    if (measured)
        evaluation->filter_radius = modulation->radius;
    if (run->halting.halted)
        return MODPROP_STOPPED;
    run->largest_norm = 0;
    run->evaluated = run->iteration;
    return MODPROP_OK;
}

void modprop_run_halt(struct modprop_run *run, modprop_halt *halt, void *context)
{
    modprop_halting_init(&run->halting, halt, context);
}

long modprop_run_iteration(const struct modprop_run *run)
{
    return run->iteration;
}

void modprop_run_weights(const struct modprop_run *run, modprop_real *weights)
{
    const struct modprop_weights *w = &run->network->w;
    const size_t n = run->shape.n;
    const struct {
        const modprop_real *part;
        size_t count;
    } parts[] = {
        {w->W_in, run->shape.n_in * n},
        {w->W_rec, n * n},
        {w->W_out, n * run->shape.n_out},
        {w->b_out, run->shape.n_out},
    };
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        memcpy(weights, parts[k].part, parts[k].count * sizeof *weights);
        weights += parts[k].count;
    }
}
