#include "engine/pass.h"

#include <math.h>
#include <string.h>

#include "engine/backward.h"
#include "engine/halting.h"
#include "engine/loss.h"
#include "engine/memory.h"
#include "engine/modulation.h"
#include "engine/rates.h"

/* ------------------------------------------------------------------ life cycle */

/* Steps whose pre, or h, is in memory at a time. */
static size_t steps_kept(const struct modprop_shape *shape, bool keeps)
{
    return keeps ? shape->segment : MODPROP_BLOCK_STEPS;
}

/* Where h follows from z, that of a piece is made when the way back comes to it. */
static bool keeps_h(const struct modprop_units *units, bool keeps)
{
    return keeps && !units->rectifies;
}

/* Values of what a segment is made anew from: the state of the units before it, and z. */
static size_t checkpoint_values(const struct modprop_shape *shape,
                                const struct modprop_units *units)
{
    return modprop_memory_product(shape->tile, units->states * shape->ldn + shape->ld);
}

/* The last segment is still in memory when the way back begins. */
static size_t checkpoints(const struct modprop_shape *shape, bool keeps)
{
    return keeps ? shape->segments - 1 : 0;
}

size_t modprop_pass_bytes(const struct modprop_shape *shape, const struct modprop_units *units,
                          bool keeps)
{
    const size_t tile = shape->tile;
    const size_t trajectory = tile * ((steps_kept(shape, keeps) + 1) * shape->ld +
                                      (steps_kept(shape, keeps_h(units, keeps)) + 1) * shape->ldn);
    const size_t dy = (keeps ? shape->loss_steps : 1) * tile * shape->n_out;
    const size_t inputs = MODPROP_BLOCK_STEPS * tile * shape->n_in;
    return (trajectory + checkpoints(shape, keeps) * checkpoint_values(shape, units) + dy + inputs +
            (units->states + 2) * tile * shape->ldn + 3 * tile * shape->n_out) *
               sizeof(modprop_real) +
           shape->B * sizeof(size_t);
}

enum modprop_status modprop_pass_init(struct modprop_pass *pass,
                                      const struct modprop_network *network,
                                      const modprop_real *W_fb_out,
                                      const struct modprop_shape *shape, bool keeps,
                                      struct modprop_error *err)
{
    const size_t size = sizeof(modprop_real), tile = shape->tile;
    const size_t row = modprop_memory_product(tile, shape->ldn);
    const size_t out = modprop_memory_product(tile, shape->n_out);
    struct modprop_memory_plan plan = {0};
    *pass = (struct modprop_pass){.network = network,
                                  .W_fb_out = W_fb_out,
                                  .shape = *shape,
                                  .keeps = keeps,
                                  .keeps_h = keeps_h(network->units, keeps)};
    struct modprop_trajectory *kept = &pass->trajectory;
    kept->pre = modprop_memory_take(
        &plan, modprop_memory_product((steps_kept(shape, keeps) + 1) * tile, shape->ld), size);
    kept->h = modprop_memory_take(
        &plan, modprop_memory_product(steps_kept(shape, pass->keeps_h) + 1, row), size);
    pass->checkpoint = modprop_memory_take(
        &plan, checkpoints(shape, keeps),
        modprop_memory_product(checkpoint_values(shape, network->units), size));
    kept->dy = modprop_memory_take(
        &plan, modprop_memory_product(keeps ? shape->loss_steps : 1, out), size);
    pass->order = modprop_memory_take(&plan, shape->B, sizeof *pass->order);
    pass->x = modprop_memory_take(&plan, MODPROP_BLOCK_STEPS * tile * shape->n_in, size);
    pass->state = modprop_memory_take(&plan, modprop_memory_product(network->units->states, row),
                                      size);
    pass->input = modprop_memory_take(&plan, row, size);
    pass->L = modprop_memory_take(&plan, row, size);
    pass->y = modprop_memory_take(&plan, out, size);
    pass->y_sum = modprop_memory_take(&plan, out, size);
    pass->target = modprop_memory_take(&plan, out, size);
    if (plan.refused) {
        modprop_pass_clear(pass);
        return modprop_memory_error(keeps ? "the trajectory" : "the forward pass", plan.bytes, err);
    }
    return MODPROP_OK;
}

void modprop_pass_clear(struct modprop_pass *pass)
{
    modprop_memory_free(pass->trajectory.pre);
    modprop_memory_free(pass->trajectory.h);
    modprop_memory_free(pass->trajectory.dy);
    modprop_memory_free(pass->checkpoint);
    modprop_memory_free(pass->order);
    modprop_memory_free(pass->x);
    modprop_memory_free(pass->state);
    modprop_memory_free(pass->input);
    modprop_memory_free(pass->L);
    modprop_memory_free(pass->y);
    modprop_memory_free(pass->y_sum);
    modprop_memory_free(pass->target);
    *pass = (struct modprop_pass){0};
}

/* ------------------------------------------------------------------ a run over one batch */

/* What the parts of the time loop share. */
struct course {
    struct modprop_pass *pass;
    const struct modprop_trials *trials;
    const struct modprop_method *method;
    void *method_state;
    const struct modprop_weights *readout;
    bool observe;
    struct modprop_pass_figures *figures;
    const size_t *trial; /* [R]: the present tile */
    size_t R;
};

/* After so many steps, forth or back. */
static bool halts(const struct course *c, size_t steps)
{
    const struct modprop_shape *s = &c->pass->shape;
    return modprop_halting_after(c->pass->network->halting,
                                 2.0 * (double)(steps * c->R) * (double)(s->m * s->n));
}

static bool halted(const struct course *c)
{
    return modprop_halting_is(c->pass->network->halting);
}

/* y [R][n_out] = z W_out + b_out */
static void read_out(struct modprop_pass *pass, size_t R, const modprop_real *z)
{
    const struct modprop_shape *s = &pass->shape;
    const struct modprop_weights *w = &pass->network->w;
    for (size_t r = 0; r < R; r++) {
        modprop_real *const y = pass->y + r * s->n_out;
        memcpy(y, w->b_out, s->n_out * sizeof *y);
        for (size_t i = 0; i < s->n; i++)
            for (size_t k = 0; k < s->n_out; k++)
                y[k] += z[r * s->ld + i] * w->W_out[i * s->n_out + k];
    }
}

/* dE/dW_out += z^T dy, dE/db_out += sum over trials of dy */
static void readout_gradient(const struct modprop_shape *s, size_t R, const modprop_real *z,
                             const modprop_real *dy, const struct modprop_weights *readout)
{
    for (size_t r = 0; r < R; r++) {
        for (size_t k = 0; k < s->n_out; k++)
            readout->b_out[k] += dy[r * s->n_out + k];
        for (size_t i = 0; i < s->n; i++)
            for (size_t k = 0; k < s->n_out; k++)
                readout->W_out[i * s->n_out + k] += z[r * s->ld + i] * dy[r * s->n_out + k];
    }
}

/* The loss of step t, and with a gradient also the learning signal. */
static void lose(struct course *c, size_t t, const modprop_real *z, modprop_real *dy)
{
    struct modprop_pass *pass = c->pass;
    const struct modprop_shape *s = &pass->shape;
    read_out(pass, c->R, z);
    if (s->loss == MODPROP_LOSS_SQUARED)
        c->trials->task->target(c->trials, t, c->trial, c->R, pass->target);
    c->figures->loss += modprop_loss_step(s, c->R, pass->y, c->trials->label, c->trial,
                                          pass->target, dy);
    for (size_t k = 0; k < c->R * s->n_out; k++)
        pass->y_sum[k] += pass->y[k];
    if (c->readout) {
        readout_gradient(s, c->R, z, dy, c->readout);
        modprop_backward_signal(s, c->R, pass->W_fb_out, dy, pass->L);
    }
}

/* Sums side by side, in GCC's vector extension. */
enum { LANES = 16 };
typedef modprop_real vec __attribute__((vector_size(LANES * sizeof(modprop_real))));
struct activity {
    vec rate, active, largest;
};

/* z and h [n]; what is beyond whole vectors goes to the first lanes. */
MODPROP_KERNEL_CLONES
static void look_at_trial(struct activity *a, size_t n, const modprop_real *restrict z,
                          const modprop_real *restrict h)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        vec rate, active;
        memcpy(&rate, z + i, sizeof rate);
        memcpy(&active, h + i, sizeof active);
        a->rate += rate;
        a->active += active;
        const __typeof__(rate > a->largest) larger = rate >
                                                     a->largest; /* all bits of a lane, or none */
        a->largest = (vec)((larger & (__typeof__(larger))rate) |
                           (~larger & (__typeof__(larger))a->largest));
    }
    for (size_t lane = 0; i < n; i++, lane++) {
        a->rate[lane] += z[i];
        a->active[lane] += h[i];
        a->largest[lane] = z[i] > a->largest[lane] ? z[i] : a->largest[lane];
    }
}

/* Adds one step's activity to the figures. */
static void look(struct course *c, const modprop_real *z, const modprop_real *h)
{
    const struct modprop_shape *s = &c->pass->shape;
    struct modprop_pass_figures *figures = c->figures;
    const double share = 1 / ((double)s->B * (double)s->n * (double)s->T);
    struct activity a = {{0}, {0}, {0}};
    for (size_t r = 0; r < c->R; r++)
        look_at_trial(&a, s->n, z + r * s->ld, h + r * s->ldn);
    for (size_t lane = 0; lane < LANES; lane++) {
        figures->mean_rate += (double)a.rate[lane] * share;
        figures->active_fraction += (double)a.active[lane] * share;
        figures->largest_rate = fmax(figures->largest_rate, (double)a.largest[lane]);
    }
}

/* Step t: pre gets x[t], the row behind it z[t]. Inputs are made for MODPROP_BLOCK_STEPS at a time. */
static void step(struct course *c, size_t t, modprop_real *pre, modprop_real *h)
{
    struct modprop_pass *pass = c->pass;
    const struct modprop_shape *s = &pass->shape;
    const struct modprop_network *net = pass->network;
    const size_t made = t % MODPROP_BLOCK_STEPS;
    const modprop_real *const x = pass->x + made * c->R * s->n_in;
    if (made == 0)
        c->trials->task->input(c->trials, t,
                               s->T - t < MODPROP_BLOCK_STEPS ? s->T - t : MODPROP_BLOCK_STEPS,
                               c->trial, c->R, pass->x);
    for (size_t r = 0; r < c->R; r++)
        memcpy(pre + r * s->ld + s->n, x + r * s->n_in, s->n_in * sizeof *pre);
    net->units->step(net, s, c->R, pre, pass->input, pass->state, s->tile * s->ldn,
                     pre + c->R * s->ld, h);
}

/* Steps that the block which begins at t0 takes: one with loss, or that is watched, stands alone. */
static size_t block_steps(const struct modprop_pass *pass, size_t t0)
{
    const size_t quiet = pass->shape.T - pass->shape.signal_steps;
    const size_t steps = MODPROP_BLOCK_STEPS - t0 % MODPROP_BLOCK_STEPS;
    if (t0 >= quiet || pass->watch)
        return 1;
    return quiet - t0 < steps ? quiet - t0 : steps;
}

/* Runs the block [t0, t0 + steps) and shows it to the method. pre, h: its first rows. */
static void run_block(struct course *c, size_t t0, size_t steps, modprop_real *pre, modprop_real *h)
{
    struct modprop_pass *pass = c->pass;
    const struct modprop_shape *s = &pass->shape;
    const size_t row = c->R * s->ld, row_n = c->R * s->ldn, quiet = s->T - s->loss_steps;
    const bool lossy = t0 >= quiet;
    const bool regulates = c->readout && pass->rates;
    const bool measures = c->readout && pass->modulation && pass->modulation->measured;
    const bool all_h = pass->keeps_h || pass->watch || c->observe || measures ||
                       (!pass->keeps && c->method && c->method->derivative);
    for (size_t k = 0; k < steps; k++) {
        step(c, t0 + k, pre + k * row, all_h || k + 1 == steps ? h + k * row_n : NULL);
        if (c->observe)
            look(c, pre + (k + 1) * row, h + k * row_n);
        if (halts(c, 1))
            return;
    }
    if (lossy)
        lose(c, t0, pre + row,
             pass->trajectory.dy + (pass->keeps ? t0 - quiet : 0) * c->R * s->n_out);
    if (regulates) {
        if (!lossy)
            memset(pass->L, 0, row_n * sizeof *pass->L);
        modprop_rates_add(pass->rates, c->R, pass->L);
    }
    const struct modprop_block block = {.trial = c->trial,
                                        .R = c->R,
                                        .t0 = t0,
                                        .steps = steps,
                                        .pre = pre,
                                        .h = h,
                                        .state = pass->state,
                                        .y = lossy ? pass->y : NULL,
                                        .L = (lossy && c->readout) || regulates ? pass->L : NULL};
    if (regulates)
        modprop_rates_watch(pass->rates, &block);
    if (measures)
        modprop_modulation_watch(pass->modulation, &block);
    if (c->method && c->method->block)
        c->method->block(c->method_state, &block);
    if (pass->watch)
        pass->watch(pass->context, &block);
}

/* ------------------------------------------------------------------ a tile, forth and back */

/* The steps of the k-th segment. */
static struct modprop_trajectory segment_at(const struct modprop_pass *pass, size_t k)
{
    const struct modprop_shape *s = &pass->shape;
    struct modprop_trajectory segment = pass->trajectory;
    segment.t0 = k * s->segment;
    segment.t1 = k + 1 < s->segments ? segment.t0 + s->segment : s->T;
    return segment;
}

/* The k-th checkpoint: where the k-th segment begins. */
static void save(struct course *c, size_t k)
{
    struct modprop_pass *pass = c->pass;
    const struct modprop_shape *s = &pass->shape;
    const size_t states = pass->network->units->states * s->tile * s->ldn;
    modprop_real *const to = pass->checkpoint + k * checkpoint_values(s, pass->network->units);
    memcpy(to, pass->state, states * sizeof *to);
    memcpy(to + states, pass->trajectory.pre, c->R * s->ld * sizeof *to);
}

static void restore(struct course *c, size_t k)
{
    struct modprop_pass *pass = c->pass;
    const struct modprop_shape *s = &pass->shape;
    const size_t states = pass->network->units->states * s->tile * s->ldn;
    const modprop_real *const from = pass->checkpoint +
                                     k * checkpoint_values(s, pass->network->units);
    memcpy(pass->state, from, states * sizeof *from);
    memcpy(pass->trajectory.pre, from + states, c->R * s->ld * sizeof *from);
}

/* Runs the steps of a segment in blocks. What is not kept is overwritten by the next block. */
static void run_segment(struct course *c, const struct modprop_trajectory *segment)
{
    const struct modprop_pass *pass = c->pass;
    const size_t row = c->R * pass->shape.ld, row_n = c->R * pass->shape.ldn;
    modprop_real *pre = segment->pre, *h = segment->h;
    for (size_t t = segment->t0, steps; t < segment->t1 && !halted(c); t += steps) {
        steps = block_steps(pass, t);
        run_block(c, t, steps, pre, h);
        if (pass->keeps)
            pre += steps * row;
        else
            memcpy(pre, pre + steps * row, row * sizeof *pre); /* z of the last step */
        if (pass->keeps_h)
            h += steps * row_n;
    }
}

/* Makes a segment's steps anew, from its checkpoint: the same operations on the same values. */
static void repeat_segment(struct course *c, size_t k, const struct modprop_trajectory *segment)
{
    const size_t row = c->R * c->pass->shape.ld, row_n = c->R * c->pass->shape.ldn;
    const size_t steps = segment->t1 - segment->t0;
    const bool keeps = c->pass->keeps_h;
    if (keeps)
        memcpy(segment->h + steps * row_n, segment->h, row_n * sizeof *segment->h); /* of step t1 */
    restore(c, k);
    for (size_t t = 0; t < steps && !halts(c, 1); t++)
        step(c, segment->t0 + t, segment->pre + t * row, keeps ? segment->h + t * row_n : NULL);
}

/* h [n] = 1 where z > 0, else 0 */
MODPROP_KERNEL_CLONES
static void rectify(size_t n, const modprop_real *restrict z, modprop_real *restrict h)
{
    for (size_t i = 0; i < n; i++)
        h[i] = z[i] > 0 ? 1 : 0;
}

/* The piece's h out of its z, where that is not kept. What was the first step's is step t1's now. */
static void make_h(const struct course *c, const struct modprop_trajectory *piece)
{
    const struct modprop_shape *s = &c->pass->shape;
    const size_t rows = (piece->t1 - piece->t0) * c->R;
    const modprop_real *const z = piece->pre + c->R * s->ld;
    memcpy(piece->h + rows * s->ldn, piece->h, c->R * s->ldn * sizeof *piece->h);
    for (size_t r = 0; r < rows; r++)
        rectify(s->n, z + r * s->ld, piece->h + r * s->ldn);
}

/* Whether the method reads h of steps before t1. */
static bool reads_h(const struct course *c, size_t t1)
{
    const struct modprop_shape *s = &c->pass->shape;
    return c->method->derivative || c->pass->network->units->adapts || t1 >= s->T - s->signal_steps;
}

/* Goes back over a segment in pieces that are cut where blocks are: sums do not depend on the
 * segments. */
static void go_back_over(struct course *c, const struct modprop_trajectory *segment)
{
    const size_t row = c->R * c->pass->shape.ld, row_n = c->R * c->pass->shape.ldn;
    struct modprop_trajectory piece = *segment;
    for (; piece.t1 > segment->t0 && !halted(c); piece.t1 = piece.t0) {
        piece.t0 = (piece.t1 - 1) / MODPROP_BLOCK_STEPS * MODPROP_BLOCK_STEPS;
        piece.pre = segment->pre + (piece.t0 - segment->t0) * row;
        if (c->pass->keeps_h)
            piece.h = segment->h + (piece.t0 - segment->t0) * row_n;
        else if (reads_h(c, piece.t1))
            make_h(c, &piece);
        c->method->back(c->method_state, c->R, &piece);
        (void)halts(c, piece.t1 - piece.t0);
    }
}

static void go_back(struct course *c)
{
    for (size_t k = c->pass->shape.segments; k-- > 0 && !halted(c);) {
        const struct modprop_trajectory segment = segment_at(c->pass, k);
        if (k + 1 < c->pass->shape.segments)
            repeat_segment(c, k, &segment);
        go_back_over(c, &segment);
    }
}

static void run_tile(struct course *c)
{
    struct modprop_pass *pass = c->pass;
    const struct modprop_shape *s = &pass->shape;
    const size_t row = c->R * s->ld, size = sizeof(modprop_real);
    const bool back = c->method && c->method->back;
    modprop_real *const pre = pass->trajectory.pre;
    memset(pre, 0, row * size); /* z[-1] */
    memset(pass->state, 0, pass->network->units->states * s->tile * s->ldn * size);
    memset(pass->y_sum, 0, s->tile * s->n_out * size);
    if (c->method && c->method->begin)
        c->method->begin(c->method_state, c->R);
    for (size_t k = 0; k < s->segments && !halted(c); k++) {
        const struct modprop_trajectory segment = segment_at(pass, k);
        if (k > 0 && pass->keeps)
            memcpy(pre, pre + s->segment * row, row * size); /* z of the last step */
        if (k + 1 < s->segments && back)
            save(c, k);
        run_segment(c, &segment);
    }
    if (back && !halted(c))
        go_back(c);
}

/* Trials of the tile whose class is right by the readout summed over the loss steps. */
static size_t count_right(const struct course *c)
{
    const size_t n_out = c->pass->shape.n_out;
    size_t right = 0;
    for (size_t r = 0; r < c->R; r++) {
        const modprop_real *const y = c->pass->y_sum + r * n_out;
        size_t best = 0;
        for (size_t k = 1; k < n_out; k++)
            if (y[k] > y[best])
                best = k;
        right += best == c->trials->label[c->trial[r]];
    }
    return right;
}

/* The trials by kind, those of a kind in their order (counting sort). */
static void put_in_order(struct modprop_pass *pass, const struct modprop_trials *trials)
{
    size_t first[MODPROP_KINDS + 1] = {0};
    for (size_t b = 0; b < trials->B; b++)
        first[(trials->kind ? trials->kind[b] : 0) + 1]++;
    for (size_t kind = 0; kind < MODPROP_KINDS; kind++)
        first[kind + 1] += first[kind];
    for (size_t b = 0; b < trials->B; b++)
        pass->order[first[trials->kind ? trials->kind[b] : 0]++] = b;
}

bool modprop_pass_run(struct modprop_pass *pass, const struct modprop_trials *trials,
                      const struct modprop_method *method, void *method_state,
                      const struct modprop_weights *readout, bool observe,
                      struct modprop_pass_figures *figures)
{
    const struct modprop_shape *s = &pass->shape;
    struct course c = {.pass = pass,
                       .trials = trials,
                       .method = method,
                       .method_state = method_state,
                       .readout = readout,
                       .observe = observe,
                       .figures = figures};
    size_t right = 0;
    *figures = (struct modprop_pass_figures){0};
    if (readout)
        memset(readout->W_out, 0,
               (s->n * s->n_out + s->n_out) * sizeof *readout->W_out); /* b_out behind */
    put_in_order(pass, trials);
    if (method)
        method->start(method_state);
    if (readout && pass->modulation)
        modprop_modulation_start(pass->modulation);
    if (readout && pass->rates)
        modprop_rates_start(pass->rates);
    for (size_t tile = 0; tile < s->tiles && !halted(&c); tile++) {
        c.trial = pass->order + modprop_shape_first(s, tile);
        c.R = modprop_shape_first(s, tile + 1) - modprop_shape_first(s, tile);
        run_tile(&c);
        if (s->loss == MODPROP_LOSS_CROSS_ENTROPY)
            right += count_right(&c);
    }
    figures->accuracy = s->loss == MODPROP_LOSS_CROSS_ENTROPY ? (double)right / (double)s->B
                                                              : (double)NAN;
    return !halted(&c);
}
