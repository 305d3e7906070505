#include "engine/modulation.h"

#include <math.h>
#include <string.h>

#include "engine/halting.h"
#include "engine/memory.h"

static bool within(const struct modprop_config *config)
{
    return config->mu_mode == MODPROP_MU_TRIAL;
}

static size_t slots_of(const struct modprop_config *config, const struct modprop_shape *shape,
                       bool keeps)
{
    return within(config) ? 1 + (keeps ? shape->T : MODPROP_BLOCK_STEPS) : 0;
}

size_t modprop_modulation_bytes(const struct modprop_config *config,
                                const struct modprop_shape *shape, bool keeps)
{
    const size_t size = sizeof(modprop_real);
    if (config->mu_mode == MODPROP_MU_FIXED)
        return shape->ldn * size;
    const size_t C = modprop_types_count(config);
    return 2 * shape->ldn * size + (C + shape->n) * sizeof(double) +
           slots_of(config, shape, keeps) * shape->tile * C * size;
}

static enum modprop_status take_memory(struct modprop_modulation *m,
                                       const struct modprop_shape *shape, bool keeps,
                                       struct modprop_error *err)
{
    struct modprop_memory_plan plan = {0};
    const size_t C = m->types->C, size = sizeof(modprop_real);
    m->mu = modprop_memory_take(&plan, shape->ldn, size);
    if (m->measured) {
        m->mubar = modprop_memory_take(&plan, C, sizeof(double));
        m->sum = modprop_memory_take(&plan, shape->ldn, size);
        m->total = modprop_memory_take(&plan, shape->n, sizeof(double));
        m->slots = slots_of(m->config, shape, keeps);
        m->r = modprop_memory_take(&plan, modprop_memory_product(m->slots, shape->tile * C), size);
    }
    return plan.refused ? modprop_memory_error("the modulation", plan.bytes, err) : MODPROP_OK;
}

enum modprop_status modprop_modulation_create(struct modprop_modulation **modulation,
                                              const struct modprop_config *config,
                                              const struct modprop_shape *shape,
                                              const struct modprop_network *network,
                                              const struct modprop_feedback *feedback, bool keeps,
                                              struct modprop_error *err)
{
    struct modprop_modulation *m = modprop_memory_get(1, sizeof *m);
    static const struct modprop_types none = {0};
    const bool measured = config->mu_mode != MODPROP_MU_FIXED;
    *modulation = NULL;
    if (!m)
        return modprop_memory_error("the modulation", sizeof *m, err);
    *m = (struct modprop_modulation){.config = config,
                                     .network = network,
                                     .feedback = feedback,
                                     .types = measured ? &network->types : &none,
                                     .measured = measured,
                                     .clamp = 1,
                                     .radius = (double)NAN,
                                     .radius_alone = (double)NAN};
    const enum modprop_status status = take_memory(m, shape, keeps, err);
    if (status != MODPROP_OK) {
        modprop_modulation_free(m);
        return status;
    }
    for (size_t a = 0; a < m->types->C; a++)
        m->mubar[a] = config->mu;
    *modulation = m;
    return MODPROP_OK;
}

void modprop_modulation_free(struct modprop_modulation *modulation)
{
    if (!modulation)
        return;
    modprop_memory_free(modulation->mu);
    modprop_memory_free(modulation->mubar);
    modprop_memory_free(modulation->sum);
    modprop_memory_free(modulation->total);
    modprop_memory_free(modulation->r);
    modprop_memory_free(modulation);
}

/* ------------------------------------------------------------------ the clamp */

/* The largest factor in [0, 1] on the eigenvalue l of the filter's nonlocal part for which
 * |alpha + (1-alpha) c l| <= R. */
static double clamp_of(double alpha, double R, double real, double imaginary)
{
    const double squared = real * real + imaginary * imaginary;
    if (squared == 0)
        return 1;
    const double root = sqrt(alpha * alpha * real * real + squared * (R * R - alpha * alpha));
    return fmin(1, (root - alpha * real) / ((1 - alpha) * squared));
}

/* c from so many of the filter's eigenvalues without it. */
static double clamp_for(const struct modprop_modulation *m, size_t count, const double *real,
                        const double *imaginary)
{
    double c = 1;
    for (size_t k = 0; k < count; k++)
        c = fmin(c, clamp_of(m->network->alpha, m->config->radius_max, real[k], imaginary[k]));
    return c;
}

/* The same of a large filter, [n][n], from the end of its spectrum that reaches farthest with c: the eigenvalues
 * of a subspace say what c should be, and another subspace whether the farthest one then is among them.
 * false: not so. */
static bool clamp_large(struct modprop_modulation *m, struct modprop_spectrum *spectrum)
{
    enum { ROUNDS = 4 };
    static const double near = 1e-6;
    const double alpha = m->network->alpha;
    struct modprop_krylov_end end = {.shift = alpha};
    double c = 1, before;
    int round = 0;
    do {
        end.scale = (1 - alpha) * c;
        if (round++ == ROUNDS || !modprop_spectrum_ends(spectrum, &end, 1))
            return false;
        if (round == 1)
            m->radius_alone = end.radius;
        before = c;
        c = clamp_for(m, spectrum->krylov.size, spectrum->krylov.real, spectrum->krylov.imaginary);
    } while (fabs(c - before) > near * before);
    m->clamp = c;
    m->radius = end.radius;
    return true;
}

static void clamp(struct modprop_modulation *m, struct modprop_spectrum *spectrum)
{
    const double alpha = m->network->alpha;
    const size_t size = modprop_feedback_matrix(m->feedback, m->mubar, spectrum->matrix);
    m->clamp = 1;
    m->radius = m->radius_alone = (double)NAN;
    const bool large = size == spectrum->n && size > MODPROP_SPECTRUM_LARGE;
    if (large && clamp_large(m, spectrum))
        return;
    if (modprop_halting_is(spectrum->halting) || !modprop_spectrum_compute(spectrum, size))
        return; /* or the weights are not finite: the run ends */
    m->clamp = clamp_for(m, size, spectrum->real, spectrum->imaginary);
    m->radius = modprop_spectrum_radius(spectrum, size, alpha, (1 - alpha) * m->clamp);
    m->radius_alone = modprop_spectrum_radius(spectrum, size, alpha, 1 - alpha);
}

void modprop_modulation_refresh(struct modprop_modulation *modulation,
                                struct modprop_spectrum *spectrum)
{
    struct modprop_modulation *const m = modulation;
    const size_t n = m->network->n;
    for (size_t i = 0; i < n; i++)
        m->mu[i] = (modprop_real)m->config->mu;
    if (m->measured)
        clamp(m, spectrum);
    for (size_t a = 0; a < m->types->C; a++)
        for (size_t k = m->types->first[a]; k < m->types->first[a + 1]; k++)
            m->mu[m->types->unit[k]] = (modprop_real)(m->clamp * m->mubar[a]);
    m->largest = m->mean = 0;
    for (size_t i = 0; i < n; i++) {
        m->largest = fmax(m->largest, (double)m->mu[i]);
        m->mean += (double)m->mu[i] / (double)n;
    }
}

/* ------------------------------------------------------------------ what is measured */

void modprop_modulation_start(struct modprop_modulation *modulation)
{
    if (modulation->measured)
        memset(modulation->total, 0, modulation->network->n * sizeof *modulation->total);
}

MODPROP_KERNEL_CLONES
static void add_row(size_t count, const modprop_real *restrict h, modprop_real *restrict sum)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += h[i];
}

static modprop_real *slot(const struct modprop_modulation *m, long t, size_t R)
{
    return m->r + (size_t)(t + 1) % m->slots * R * m->types->C;
}

const modprop_real *modprop_modulation_within(const struct modprop_modulation *modulation, long t,
                                              size_t R)
{
    return slot(modulation, t, R);
}

static bool pools(const struct modprop_modulation *m)
{
    return m->config->mu_pool == MODPROP_POOL_ALL;
}

/* The mean of h [n] over the units of type a. */
static modprop_real mean_of_type(const struct modprop_types *types, size_t a, const modprop_real *h)
{
    modprop_real sum = 0;
    for (size_t k = types->first[a]; k < types->first[a + 1]; k++)
        sum += h[types->unit[k]];
    return sum / (modprop_real)modprop_types_size(types, a);
}

static modprop_real mean_of_all(size_t n, const modprop_real *h)
{
    modprop_real sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += h[i];
    return sum / (modprop_real)n;
}

/* r[t] [R][C] from r[t-1]; h [R][ldn] of step t. */
static void follow(struct modprop_modulation *m, long t, size_t R, const modprop_real *h)
{
    const double l = exp(-1 / m->config->mu_tau_ms);
    const modprop_real keep = (modprop_real)l, take = (modprop_real)((1 - l) * m->config->mu_gain);
    const modprop_real *const before = slot(m, t - 1, R);
    modprop_real *const now = slot(m, t, R);
    const size_t C = m->types->C;
    for (size_t r = 0; r < R; r++) {
        const modprop_real *const row = h + r * m->network->ldn;
        const modprop_real all = pools(m) ? mean_of_all(m->network->n, row) : 0;
        for (size_t a = 0; a < C; a++)
            now[r * C + a] = keep * before[r * C + a] +
                             take * (pools(m) ? all : mean_of_type(m->types, a, row));
    }
}

void modprop_modulation_watch(struct modprop_modulation *modulation,
                              const struct modprop_block *block)
{
    struct modprop_modulation *const m = modulation;
    const size_t ldn = m->network->ldn, R = block->R, C = m->types->C;
    if (!m->measured)
        return;
    memset(m->sum, 0, ldn * sizeof *m->sum);
    for (size_t row = 0; row < block->steps * R; row++)
        add_row(ldn, block->h + row * ldn, m->sum);
    for (size_t i = 0; i < m->network->n; i++)
        m->total[i] += (double)m->sum[i];
    if (m->slots == 0)
        return;
    for (size_t k = 0; block->t0 == 0 && k < R * C; k++)
        slot(m, -1, R)[k] = (modprop_real)m->mubar[k % C];
    for (size_t k = 0; k < block->steps; k++)
        follow(m, (long)(block->t0 + k), R, block->h + k * R * ldn);
}

/* Over the units `first` to `end` - 1 of those sorted by type. */
static double sum_of_totals(const struct modprop_modulation *m, size_t first, size_t end)
{
    double sum = 0;
    for (size_t k = first; k < end; k++)
        sum += m->total[m->types->unit[k]];
    return sum;
}

void modprop_modulation_end(struct modprop_modulation *modulation,
                            const struct modprop_shape *shape)
{
    struct modprop_modulation *const m = modulation;
    const double l = exp(-1 / m->config->mu_tau_iterations);
    for (size_t a = 0; a < m->types->C; a++) {
        const size_t first = pools(m) ? 0 : m->types->first[a];
        const size_t end = pools(m) ? m->network->n : m->types->first[a + 1];
        const double sum = sum_of_totals(m, first, end);
        const double values = (double)(shape->B * shape->T) * (double)(end - first);
        m->mubar[a] = l * m->mubar[a] + (1 - l) * m->config->mu_gain * sum / values;
    }
}

/* ------------------------------------------------------------------ other types */

void modprop_modulation_ungroup(struct modprop_modulation *modulation)
{
    const struct modprop_modulation *const m = modulation;
    for (size_t a = 0; a < m->types->C; a++)
        for (size_t k = m->types->first[a]; k < m->types->first[a + 1]; k++)
            m->total[m->types->unit[k]] = m->mubar[a];
}

void modprop_modulation_group(struct modprop_modulation *modulation)
{
    const struct modprop_modulation *const m = modulation;
    for (size_t a = 0; a < m->types->C; a++) {
        const double sum = sum_of_totals(m, m->types->first[a], m->types->first[a + 1]);
        m->mubar[a] = sum / (double)modprop_types_size(m->types, a);
    }
}

/* ------------------------------------------------------------------ mu at work */

MODPROP_KERNEL_CLONES
static void multiply(size_t R, size_t ldn, modprop_real scale, const modprop_real *restrict mu,
                     modprop_real *restrict credit)
{
    for (size_t r = 0; r < R; r++)
        for (size_t i = 0; i < ldn; i++)
            credit[r * ldn + i] *= scale * mu[i];
}

void modprop_modulation_scale(const struct modprop_modulation *modulation, double scale, size_t t,
                              size_t R, modprop_real *credit)
{
    const struct modprop_modulation *const m = modulation;
    const size_t ldn = m->network->ldn, C = m->types->C;
    if (m->slots == 0) {
        multiply(R, ldn, (modprop_real)scale, m->mu, credit);
        return;
    }
    const modprop_real *const now = slot(m, (long)t, R);
    for (size_t r = 0; r < R; r++)
        for (size_t a = 0; a < C; a++)
            for (size_t k = m->types->first[a]; k < m->types->first[a + 1]; k++)
                credit[r * ldn + m->types->unit[k]] *= (modprop_real)(scale * m->clamp) *
                                                       now[r * C + a];
}
