#include "engine/drift.h"

#include <assert.h>
#include <math.h>

#include "engine/memory.h"
#include "engine/registry.h"

enum { GAIN, BASELINE, NOISE, WALKS };
enum { SPAN = 32, /* steps worked on at a time */ BLOCK = 4 /* numbers of a random block */ };

/* The walks of a trial have a block a step from b 2^32 on, behind those of modprop_task_noise. */
static const uint64_t WALK_BLOCKS = (uint64_t)1 << 61;

/* Ornstein-Uhlenbeck processes side by side, and how far they are. */
struct walk {
    size_t next; /* step or iteration that comes next; 0: not begun */
    modprop_real value[WALKS];
};

/* What may change though the state of a task is const. */
struct moving {
    struct walk between;
    struct walk *within;     /* [B] */
    modprop_real *noise;     /* [SPAN][n_in] */
    modprop_real *deviation; /* [n_in]: 1 */
};

struct drift {
    const struct modprop_task *task;
    void *state; /* of the task */
    size_t B, n_in, n_out;
    long seed;
    bool wanders, changes;
    long change_at, change_every;
    modprop_real size[WALKS];           /* standard deviations */
    modprop_real of_between, of_within; /* roots of their shares */
    modprop_real keep_between, keep_within;
    struct moving *moving;
};

/* ------------------------------------------------------------------ life cycle */

static void release(void *state)
{
    struct drift *d = state;
    if (!d)
        return;
    if (d->state && d->task->free)
        d->task->free(d->state);
    if (d->moving) {
        modprop_memory_free(d->moving->within);
        modprop_memory_free(d->moving->noise);
        modprop_memory_free(d->moving->deviation);
    }
    modprop_memory_free(d->moving);
    modprop_memory_free(d);
}

static void configure(struct drift *d, const struct modprop_config *config)
{
    struct modprop_task_shape shape;
    d->task = modprop_task_at((size_t)config->task);
    d->task->shape(config, &shape);
    d->B = (size_t)config->batch;
    d->n_in = shape.n_in;
    d->n_out = shape.n_out;
    d->seed = config->seed;
    d->wanders = config->wander;
    d->changes = config->change;
    d->change_at = config->change_at;
    d->change_every = config->change_every;
    d->size[GAIN] = (modprop_real)config->wander_gain;
    d->size[BASELINE] = (modprop_real)config->wander_baseline;
    d->size[NOISE] = (modprop_real)config->wander_noise;
    d->of_within = (modprop_real)sqrt(config->wander_within);
    d->of_between = (modprop_real)sqrt(1 - config->wander_within);
    d->keep_between = (modprop_real)exp(-1 / config->wander_iterations);
    d->keep_within = (modprop_real)exp(-1 / config->wander_ms);
}

static enum modprop_status create(void **state, const struct modprop_config *config,
                                  struct modprop_error *err)
{
    struct modprop_memory_plan plan = {0};
    struct drift *d = modprop_memory_take(&plan, 1, sizeof *d);
    *state = NULL;
    if (!d)
        return modprop_memory_error("the drift", plan.bytes, err);
    configure(d, config);
    d->moving = modprop_memory_take(&plan, 1, sizeof *d->moving);
    if (d->moving) {
        d->moving->within = modprop_memory_take(&plan, d->B, sizeof *d->moving->within);
        d->moving->noise = modprop_memory_take(&plan, modprop_memory_product(SPAN, d->n_in),
                                               sizeof(modprop_real));
        d->moving->deviation = modprop_memory_take(&plan, d->n_in, sizeof(modprop_real));
    }
    enum modprop_status status = MODPROP_OK;
    if (plan.refused)
        status = modprop_memory_error("the drift", plan.bytes, err);
    else if (d->task->create)
        status = d->task->create(&d->state, config, err);
    for (size_t c = 0; status == MODPROP_OK && c < d->n_in; c++)
        d->moving->deviation[c] = 1;
    if (status == MODPROP_OK)
        *state = d;
    else
        release(d);
    return status;
}

/* ------------------------------------------------------------------ walks */

/* One step on, by independent N(0,1) numbers. */
static void move(struct walk *w, modprop_real keep, const modprop_real normal[WALKS])
{
    const modprop_real fresh = (modprop_real)sqrt(1 - (double)keep * (double)keep);
    for (size_t k = 0; k < WALKS; k++)
        w->value[k] = w->next == 0 ? normal[k] : keep * w->value[k] + fresh * normal[k];
    w->next++;
}

/* To the present iteration: number k of the processes is drawn from block k. */
static void walk_between(const struct drift *d, uint64_t iteration)
{
    struct walk *w = &d->moving->between;
    const struct modprop_stream stream = modprop_random_stream(d->seed, MODPROP_STREAM_DRIFT, 0);
    if (w->next > iteration + 1)
        w->next = 0;
    while (w->next <= iteration) {
        modprop_real normal[BLOCK];
        modprop_random_normals(stream, w->next, WALKS, normal);
        move(w, d->keep_between, normal);
    }
}

/* The numbers by which trial b moves in the steps t0 ... t0 + steps - 1, steps <= SPAN. */
static void draw_steps(struct modprop_stream stream, size_t b, size_t t0, size_t steps,
                       modprop_real normal[SPAN * BLOCK])
{
    modprop_random_noise(stream, WALK_BLOCKS + ((uint64_t)b << 32) + t0, steps * BLOCK, normal);
}

/* Where trial b is in the steps t0 ... t0 + steps - 1, both levels together: value [steps][WALKS]. */
static void walk_within(const struct drift *d, struct modprop_stream stream, size_t b, size_t t0,
                        size_t steps, modprop_real value[SPAN][WALKS])
{
    const struct walk *between = &d->moving->between;
    struct walk *w = &d->moving->within[b];
    modprop_real normal[SPAN * BLOCK];
    if (w->next > t0)
        w->next = 0;
    while (w->next < t0) {
        const size_t from = w->next, count = t0 - from < SPAN ? t0 - from : SPAN;
        draw_steps(stream, b, from, count, normal);
        for (size_t k = 0; k < count; k++)
            move(w, d->keep_within, normal + k * BLOCK);
    }
    draw_steps(stream, b, t0, steps, normal);
    for (size_t k = 0; k < steps; k++) {
        move(w, d->keep_within, normal + k * BLOCK);
        for (size_t i = 0; i < WALKS; i++)
            value[k][i] = d->size[i] *
                          (d->of_between * between->value[i] + d->of_within * w->value[i]);
    }
}

/* ------------------------------------------------------------------ trials */

/* The same batch as its task made it. */
static struct modprop_trials inside(const struct modprop_trials *trials)
{
    const struct drift *d = trials->state;
    struct modprop_trials inner = *trials;
    inner.task = d->task;
    inner.state = d->state;
    return inner;
}

static size_t changes_until(const struct drift *d, uint64_t iteration)
{
    if (!d->changes || iteration < (uint64_t)d->change_at)
        return 0;
    return d->change_every
               ? 1 + (size_t)((iteration - (uint64_t)d->change_at) / (uint64_t)d->change_every)
               : 1;
}

static void begin(struct modprop_trials *trials)
{
    const struct drift *d = trials->state;
    struct modprop_trials inner = inside(trials);
    const size_t changes = changes_until(d, trials->stream.iteration);
    assert(trials->B <= d->B);
    d->task->begin(&inner);
    for (size_t b = 0; b < trials->B; b++) {
        trials->label[b] = (trials->label[b] + changes) % d->n_out;
        d->moving->within[b].next = 0;
    }
    if (d->wanders)
        walk_between(d, trials->stream.iteration);
}

/* The r-th trial of the input, steps k0 ... k0 + steps - 1 of it, steps <= SPAN. */
static void wander(const struct modprop_task_input *in, size_t r, size_t k0, size_t steps)
{
    const struct drift *d = in->trials->state;
    const size_t n_in = d->n_in, b = in->trial[r];
    struct modprop_trials apart = *in->trials;
    apart.stream.name += MODPROP_STREAM_APART;
    const struct modprop_task_input noise = {&apart, in->t0 + k0, steps,           &b,
                                             1,      n_in,        d->moving->noise};
    modprop_real value[SPAN][WALKS];
    walk_within(d, apart.stream, b, in->t0 + k0, steps, value);
    modprop_task_fill(&noise, 0);
    if (d->size[NOISE] > 0)
        modprop_task_noise(&noise, d->moving->deviation);
    for (size_t k = 0; k < steps; k++) {
        modprop_real *const x = in->x + ((k0 + k) * in->R + r) * n_in;
        for (size_t c = 0; c < n_in; c++)
            x[c] = (1 + value[k][GAIN]) * x[c] + value[k][BASELINE] +
                   value[k][NOISE] * noise.x[k * n_in + c];
    }
}

static void input(const struct modprop_trials *trials, size_t t0, size_t steps, const size_t *trial,
                  size_t R, modprop_real *x)
{
    const struct drift *d = trials->state;
    const struct modprop_trials inner = inside(trials);
    const struct modprop_task_input in = {trials, t0, steps, trial, R, d->n_in, x};
    d->task->input(&inner, t0, steps, trial, R, x);
    for (size_t r = 0; d->wanders && r < R; r++)
        for (size_t k0 = 0; k0 < steps; k0 += SPAN)
            wander(&in, r, k0, steps - k0 < SPAN ? steps - k0 : SPAN);
}

static void target(const struct modprop_trials *trials, size_t t, const size_t *trial, size_t R,
                   modprop_real *y)
{
    const struct drift *d = trials->state;
    const struct modprop_trials inner = inside(trials);
    d->task->target(&inner, t, trial, R, y);
    if (changes_until(d, trials->stream.iteration) % 2 == 1)
        for (size_t k = 0; k < R * d->n_out; k++)
            y[k] = -y[k];
}

static const struct modprop_task drifting = {
    .name = "drift",
    .create = create,
    .free = release,
    .begin = begin,
    .input = input,
    .target = target,
};

const struct modprop_task *modprop_drift_task(const struct modprop_config *config)
{
    return config->wander || config->change ? &drifting : modprop_task_at((size_t)config->task);
}
