#include "engine/structure.h"

#include <math.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "engine/network.h"

static bool differs(const struct modprop_config *config)
{
    return config->structure != MODPROP_STRUCTURE_FULL &&
           config->structure != MODPROP_STRUCTURE_RANDOM;
}

/* ------------------------------------------------------------------ likelihoods */

/* A unit among those of its sign. */
struct place {
    size_t index, size; /* the index-th of size units */
};

static struct place place_of(size_t unit, size_t n_inh, size_t n)
{
    return unit < n_inh ? (struct place){unit, n_inh} : (struct place){unit - n_inh, n - n_inh};
}

/* The way from a to b where 0 and 1 are the same point. */
static double around(double a, double b)
{
    const double straight = fabs(a - b);
    return straight < 0.5 ? straight : 1 - straight;
}

static double on_ring(struct place a, struct place b)
{
    return around(((double)a.index + 0.5) / (double)a.size,
                  ((double)b.index + 0.5) / (double)b.size);
}

/* Rows of ceil(sqrt(size)) units, the last one holding what is left, evenly spread too. */
static void on_square(struct place p, double *x, double *y)
{
    const size_t most = (size_t)ceil(sqrt((double)p.size)), rows = (p.size + most - 1) / most;
    const size_t row = p.index / most;
    const size_t columns = row + 1 < rows ? most : p.size - (rows - 1) * most;
    *x = ((double)(p.index % most) + 0.5) / (double)columns;
    *y = ((double)row + 0.5) / (double)rows;
}

static double on_grid(struct place a, struct place b)
{
    double ax, ay, bx, by;
    on_square(a, &ax, &ay);
    on_square(b, &bx, &by);
    return hypot(around(ax, bx), around(ay, by));
}

static size_t block_of(struct place p, size_t blocks)
{
    const size_t block = p.index / (p.size / blocks);
    return block < blocks ? block : blocks - 1; /* the last one takes the remainder */
}

static double likelihood(const struct modprop_config *config, struct place pre, struct place post)
{
    const size_t blocks = (size_t)config->blocks;
    if (config->structure == MODPROP_STRUCTURE_BLOCK)
        return block_of(pre, blocks) == block_of(post, blocks) ? 1 : config->block_between;
    const double distance = config->structure == MODPROP_STRUCTURE_RING ? on_ring(pre, post)
                                                                        : on_grid(pre, post);
    const double widths = distance / config->structure_width;
    return exp(-widths * widths / 2);
}

static void fill(struct modprop_structure *s, const struct modprop_config *config)
{
    const size_t n = s->n, n_inh = modprop_network_inhibitory(config);
    s->possible = 0;
    for (size_t pre = 0; pre < n; pre++)
        for (size_t post = 0; post < n; post++) {
            double *const here = s->likelihood + pre * n + post;
            *here = pre == post
                        ? 0
                        : likelihood(config, place_of(pre, n_inh, n), place_of(post, n_inh, n));
            s->possible += *here > 0;
        }
}

/* ------------------------------------------------------------------ life cycle */

enum modprop_status modprop_structure_init(struct modprop_structure *structure,
                                           const struct modprop_config *config,
                                           struct modprop_error *err)
{
    const size_t n = (size_t)config->n, size = sizeof(double);
    struct modprop_memory_plan plan = {0};
    *structure = (struct modprop_structure){.n = n, .possible = n * n - n};
    structure->share = config->structure == MODPROP_STRUCTURE_FULL ? 1 : config->connectivity;
    if (!differs(config))
        return MODPROP_OK;
    structure->likelihood = modprop_memory_take(&plan, modprop_memory_product(n, n), size);
    structure->row = modprop_memory_take(&plan, n, size);
    if (plan.refused) {
        modprop_structure_clear(structure);
        return modprop_memory_error("the structure of the network", plan.bytes, err);
    }
    fill(structure, config);
    return MODPROP_OK;
}

void modprop_structure_clear(struct modprop_structure *structure)
{
    modprop_memory_free(structure->likelihood);
    modprop_memory_free(structure->row);
    *structure = (struct modprop_structure){0};
}

size_t modprop_structure_bytes(const struct modprop_config *config)
{
    const size_t n = (size_t)config->n;
    return differs(config) ? (n * n + n) * sizeof(double) : 0;
}

enum modprop_status modprop_structure_check(const struct modprop_config *config,
                                            struct modprop_error *err)
{
    const long inh = (long)modprop_network_inhibitory(config), exc = config->n - inh;
    const long most = inh < exc ? inh : exc;
    if (config->structure == MODPROP_STRUCTURE_BLOCK && config->blocks > most)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "blocks = %ld is above the number of units of a sign (%ld inhibitory, "
                            "%ld excitatory); take at most %ld",
                            config->blocks, inh, exc, most);
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ births */

/* Each set of `missing` zeros off the diagonal (0: there is none) is equally likely (selection
 * sampling, Knuth 3.4.2 S). */
static void connect_alike(size_t count, modprop_real *weights, size_t diagonal, size_t missing,
                          modprop_real newborn, struct modprop_stream stream, uint64_t block)
{
    size_t left = 0;
    for (size_t k = 0; k < count && missing > 0; k++)
        left += !(weights[k] > 0) && !(diagonal && k % diagonal == 0);
    for (size_t k = 0; k < count && missing > 0; k++) {
        if (weights[k] > 0 || (diagonal && k % diagonal == 0))
            continue;
        if (modprop_random_uniform(stream, block + k) * (double)left < (double)missing) {
            weights[k] = newborn;
            missing--;
        }
        left--;
    }
}

/* Likelihoods of the missing connections of a unit together. */
static double missing_from(const struct modprop_structure *s, const modprop_real *W_rec, size_t pre)
{
    double sum = 0;
    for (size_t k = pre * s->n; k < (pre + 1) * s->n; k++)
        sum += W_rec[k] > 0 ? 0 : s->likelihood[k];
    return sum;
}

/* The unit from which the next connection comes, `draw` of them all; n: there is none. What rounding
 * leaves behind the last one goes to the last one that has any. */
static size_t choose_row(const struct modprop_structure *s, double draw)
{
    double total = 0;
    size_t chosen = s->n;
    for (size_t pre = 0; pre < s->n; pre++)
        total += s->row[pre];
    draw *= total;
    for (size_t pre = 0; pre < s->n && draw >= 0; pre++) {
        if (s->row[pre] > 0)
            chosen = pre;
        draw -= s->row[pre];
    }
    return chosen;
}

static size_t choose_entry(const struct modprop_structure *s, const modprop_real *W_rec, size_t pre,
                           double draw)
{
    size_t chosen = pre * s->n;
    draw *= s->row[pre];
    for (size_t k = pre * s->n; k < (pre + 1) * s->n && draw >= 0; k++) {
        if (W_rec[k] > 0 || !(s->likelihood[k] > 0))
            continue;
        chosen = k;
        draw -= s->likelihood[k];
    }
    return chosen;
}

void modprop_structure_connect(const struct modprop_structure *structure, modprop_real *W_rec,
                               size_t missing, modprop_real newborn, struct modprop_stream stream,
                               uint64_t block)
{
    const size_t n = structure->n;
    if (!structure->likelihood) {
        connect_alike(n * n, W_rec, n + 1, missing, newborn, stream, block);
        return;
    }
    for (size_t pre = 0; pre < n && missing > 0; pre++)
        structure->row[pre] = missing_from(structure, W_rec, pre);
    for (; missing > 0; missing--, block += 2) {
        const size_t pre = choose_row(structure, modprop_random_uniform(stream, block));
        if (pre == n)
            return;
        const double draw = modprop_random_uniform(stream, block + 1);
        W_rec[choose_entry(structure, W_rec, pre, draw)] = newborn;
        structure->row[pre] = missing_from(structure, W_rec, pre);
    }
}

void modprop_structure_connect_any(size_t count, modprop_real *weights, size_t missing,
                                   modprop_real newborn, struct modprop_stream stream,
                                   uint64_t block)
{
    connect_alike(count, weights, 0, missing, newborn, stream, block);
}
