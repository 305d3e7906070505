#include "engine/clusters.h"

#include <math.h>
#include <string.h>

#include "engine/memory.h"
#include "engine/network.h"

/* Starts from seeds, besides the types there are; and rounds over all units, of which few are needed. */
enum { STARTS = 4, MOST_ROUNDS = 100 };

/* A gain in Q counts from this share of it on, so that rounding cannot move units back and forth. */
static const double LEAST_GAIN = 1e-10;

/* ------------------------------------------------------------------ life cycle */

enum modprop_status modprop_clusters_init(struct modprop_clusters *clusters,
                                          const struct modprop_config *config,
                                          const struct modprop_types *types,
                                          struct modprop_error *err)
{
    const size_t n = (size_t)config->n, C = types->C, size = sizeof(double);
    struct modprop_memory_plan plan = {0};
    *clusters = (struct modprop_clusters){
        .n = n, .n_inh = modprop_network_inhibitory(config), .C = C};
    clusters->S = modprop_memory_take(&plan, modprop_memory_product(C, C), size);
    clusters->size = modprop_memory_take(&plan, C, size);
    clusters->from = modprop_memory_take(&plan, C, size);
    clusters->to = modprop_memory_take(&plan, C, size);
    clusters->distance = modprop_memory_take(&plan, n, size);
    clusters->near = modprop_memory_take(&plan, n, size);
    clusters->label = modprop_memory_take(&plan, n, sizeof *clusters->label);
    clusters->best = modprop_memory_take(&plan, n, sizeof *clusters->best);
    if (!plan.refused)
        return MODPROP_OK;
    modprop_clusters_clear(clusters);
    return modprop_memory_error("the cell types", plan.bytes, err);
}

void modprop_clusters_clear(struct modprop_clusters *clusters)
{
    modprop_memory_free(clusters->S);
    modprop_memory_free(clusters->size);
    modprop_memory_free(clusters->from);
    modprop_memory_free(clusters->to);
    modprop_memory_free(clusters->distance);
    modprop_memory_free(clusters->near);
    modprop_memory_free(clusters->label);
    modprop_memory_free(clusters->best);
    *clusters = (struct modprop_clusters){0};
}

size_t modprop_clusters_bytes(const struct modprop_config *config)
{
    const size_t n = (size_t)config->n, C = 2 * (size_t)config->types_per_sign;
    return (modprop_memory_product(C, C + 3) + 2 * n) * sizeof(double) + 2 * n * sizeof(size_t);
}

/* ------------------------------------------------------------------ what is climbed */

/* S and the sizes of the types, from the labels. */
static void sum_blocks(struct modprop_clusters *k)
{
    memset(k->S, 0, k->C * k->C * sizeof *k->S);
    memset(k->size, 0, k->C * sizeof *k->size);
    for (size_t i = 0; i < k->n; i++) {
        k->size[k->label[i]]++;
        for (size_t j = 0; j < k->n; j++)
            k->S[k->label[i] * k->C + k->label[j]] += (double)k->W[i * k->n + j];
    }
}

static double Q_of(const struct modprop_clusters *k)
{
    double Q = 0;
    for (size_t a = 0; a < k->C; a++)
        for (size_t b = 0; b < k->C; b++)
            Q += k->S[a * k->C + b] * k->S[a * k->C + b] / (k->size[a] * k->size[b]);
    return Q;
}

/* The unit's weights to and from the units of each type but itself. */
static void weigh(struct modprop_clusters *k, size_t unit)
{
    memset(k->to, 0, k->C * sizeof *k->to);
    memset(k->from, 0, k->C * sizeof *k->from);
    for (size_t j = 0; j < k->n; j++) {
        if (j == unit)
            continue;
        k->to[k->label[j]] += (double)k->W[unit * k->n + j];
        k->from[k->label[j]] += (double)k->W[j * k->n + unit];
    }
}

/* Adds a unit that is in no type to type c (sign = 1), or takes it out (-1). */
static void move(struct modprop_clusters *k, size_t unit, size_t c, double sign)
{
    k->size[c] += sign;
    for (size_t b = 0; b < k->C; b++) {
        k->S[c * k->C + b] += sign * k->to[b];
        k->S[b * k->C + c] += sign * k->from[b];
    }
    k->S[c * k->C + c] += sign * (double)k->W[unit * (k->n + 1)];
}

/* What Q gains when the unit, which is in no type, joins type c: the blocks in c's row and column. */
static double gain(const struct modprop_clusters *k, size_t unit, size_t c)
{
    const double *const row = k->S + c * k->C, *const column = k->S + c;
    const double now = 1 / k->size[c], then = 1 / (k->size[c] + 1);
    const double corner = row[c] + k->to[c] + k->from[c] + (double)k->W[unit * (k->n + 1)];
    double sum = 0;
    for (size_t b = 0; b < k->C; b++) {
        const double out = row[b] + k->to[b], in = column[b * k->C] + k->from[b];
        const double after = (out * out + in * in) * then;
        const double before = (row[b] * row[b] + column[b * k->C] * column[b * k->C]) * now;
        sum += b == c ? 0 : (after - before) / k->size[b];
    }
    return sum + corner * corner * then * then - row[c] * row[c] * now * now;
}

/* The unit goes to the type of its sign where Q becomes largest; whether it moves. */
static bool settle(struct modprop_clusters *k, size_t unit, double least)
{
    const size_t a = k->label[unit], each = k->C / 2;
    const size_t begin = unit < k->n_inh ? 0 : each;
    size_t best = a;
    if (k->size[a] < 2)
        return false;
    weigh(k, unit);
    move(k, unit, a, -1);
    double most = gain(k, unit, a) + least;
    for (size_t c = begin; c < begin + each; c++) {
        const double gained = c == a ? 0 : gain(k, unit, c);
        if (c != a && gained > most) {
            most = gained;
            best = c;
        }
    }
    move(k, unit, best, 1);
    k->label[unit] = best;
    return best != a;
}

static bool halts(struct modprop_clusters *k, double operations)
{
    return modprop_halting_after(k->halting, operations);
}

/* Climbs from the labels to where no unit's move raises Q, which is returned. */
static double climb(struct modprop_clusters *k)
{
    const double n = (double)k->n, C = (double)k->C;
    const double operations = 4 * n + 5 * C * C; /* of a unit that settles */
    bool moved = true;
    for (int round = 0; moved && round < MOST_ROUNDS; round++) {
        sum_blocks(k); /* anew, so that rounding does not add up */
        const double least = LEAST_GAIN * Q_of(k);
        moved = false;
        for (size_t i = 0; i < k->n && !halts(k, operations); i++)
            moved = settle(k, i, least) || moved;
        moved = moved && !modprop_halting_is(k->halting);
    }
    sum_blocks(k);
    return Q_of(k);
}

/* ------------------------------------------------------------------ seeds */

/* near[begin ... end): squared distance of the units' rows and columns from those of `seed`. */
static void measure(struct modprop_clusters *k, size_t begin, size_t end, size_t seed)
{
    for (size_t i = begin; i < end; i++) {
        k->near[i] = 0;
        for (size_t j = 0; j < k->n; j++) {
            const double off = (double)k->W[i * k->n + j] - (double)k->W[seed * k->n + j];
            k->near[i] += off * off;
        }
    }
    for (size_t j = 0; j < k->n; j++) {
        for (size_t i = begin; i < end; i++) {
            const double off = (double)k->W[j * k->n + i] - (double)k->W[j * k->n + seed];
            k->near[i] += off * off;
        }
    }
}

/* A unit with a likelihood in proportion to its distance; where all are 0, one that is no seed yet:
 * those have a distance below 0. */
static size_t draw(const struct modprop_clusters *k, size_t begin, size_t end, double share)
{
    double sum = 0, others = 0;
    size_t last = begin;
    for (size_t i = begin; i < end; i++) {
        sum += fmax(k->distance[i], 0);
        others += k->distance[i] >= 0;
    }
    double left = share * (sum > 0 ? sum : others);
    for (size_t i = begin; i < end && left >= 0; i++) {
        const double part = k->distance[i] < 0 ? 0 : sum > 0 ? k->distance[i] : 1;
        if (part > 0)
            last = i;
        left -= part;
    }
    return last;
}

/* Labels of the units [begin, end): that of the nearest of `each` seeds. */
static void seed(struct modprop_clusters *k, size_t begin, size_t end, size_t first, size_t each,
                 struct modprop_stream stream, uint64_t block)
{
    for (size_t i = begin; i < end; i++)
        k->distance[i] = HUGE_VAL;
    const double operations = 6 * (double)k->n * (double)(end - begin); /* of a measure */
    for (size_t c = 0; c < each && !halts(k, operations); c++) {
        const double share = modprop_random_uniform(stream, block + c);
        const size_t chosen = c > 0 ? draw(k, begin, end, share)
                                    : begin + (size_t)(share * (double)(end - begin));
        measure(k, begin, end, chosen);
        for (size_t i = begin; i < end; i++) {
            if (k->near[i] < k->distance[i]) {
                k->distance[i] = k->near[i];
                k->label[i] = first + c;
            }
        }
        k->distance[chosen] = -1; /* it stays with this one */
        k->label[chosen] = first + c;
    }
}

/* ------------------------------------------------------------------ the search */

/* Whether sums of squares of them can be had. */
static bool are_finite(const modprop_real *W, size_t count)
{
    double squares = 0;
    for (size_t k = 0; k < count; k++)
        squares += (double)W[k] * (double)W[k];
    return isfinite(squares);
}

/* Numbers the types of each sign in the order in which their first units come; `number` [C] is work. */
static void renumber(size_t n, size_t n_inh, size_t C, size_t *label, double *number)
{
    double next = 0;
    for (size_t a = 0; a < C; a++)
        number[a] = -1;
    for (size_t i = 0; i < n; i++) {
        if (i == n_inh)
            next = (double)(C / 2);
        if (number[label[i]] < 0)
            number[label[i]] = next++;
        label[i] = (size_t)number[label[i]];
    }
}

void modprop_clusters_find(struct modprop_clusters *clusters, struct modprop_stream stream,
                           const modprop_real *W, struct modprop_halting *halting,
                           struct modprop_types *types)
{
    struct modprop_clusters *const k = clusters;
    const size_t each = k->C / 2;
    if (!are_finite(W, k->n * k->n))
        return;
    k->W = W;
    k->halting = halting;
    modprop_types_label(types, k->label);
    double most = climb(k);
    memcpy(k->best, k->label, k->n * sizeof *k->best);
    for (size_t start = 0; start < STARTS && !modprop_halting_is(halting); start++) {
        const uint64_t block = (uint64_t)start * k->C;
        seed(k, 0, k->n_inh, 0, each, stream, block);
        seed(k, k->n_inh, k->n, each, each, stream, block + each);
        const double reached = climb(k);
        if (reached > most * (1 + LEAST_GAIN)) {
            most = reached;
            memcpy(k->best, k->label, k->n * sizeof *k->best);
        }
    }
    if (!modprop_halting_is(halting)) {
        renumber(k->n, k->n_inh, k->C, k->best, k->size);
        modprop_types_arrange(types, k->best);
    }
    k->W = NULL;
    k->halting = NULL;
}
