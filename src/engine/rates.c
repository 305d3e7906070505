#include "engine/rates.h"

#include <string.h>

#include "engine/memory.h"
#include "engine/registry.h"

static const double STEPS_PER_S = 1000; /* dt = 1 ms */

static bool spikes(const struct modprop_config *config)
{
    return modprop_units_at((size_t)config->units)->spikes;
}

static double cost_of(const struct modprop_config *config)
{
    return spikes(config) ? config->rate_cost : config->activity_cost;
}

bool modprop_rates_wanted(const struct modprop_config *config)
{
    return cost_of(config) > 0;
}

size_t modprop_rates_bytes(const struct modprop_shape *shape)
{
    return 2 * shape->n * sizeof(double) + (shape->ld + shape->ldn) * sizeof(modprop_real);
}

enum modprop_status modprop_rates_create(struct modprop_rates **rates,
                                         const struct modprop_config *config,
                                         const struct modprop_shape *shape,
                                         struct modprop_error *err)
{
    struct modprop_memory_plan plan = {0};
    struct modprop_rates *p = modprop_memory_take(&plan, 1, sizeof *p);
    if (p) {
        p->rate = modprop_memory_take(&plan, shape->n, sizeof(double));
        p->total = modprop_memory_take(&plan, shape->n, sizeof(double));
        p->sum = modprop_memory_take(&plan, shape->ld, sizeof(modprop_real));
        p->signal = modprop_memory_take(&plan, shape->ldn, sizeof(modprop_real));
    }
    *rates = p;
    if (plan.refused) {
        modprop_rates_free(p);
        *rates = NULL;
        return modprop_memory_error("the firing rates", plan.bytes, err);
    }
    p->n = shape->n;
    p->ld = shape->ld;
    p->ldn = shape->ldn;
    p->cost = cost_of(config);
    p->target = spikes(config) ? config->rate_target_hz / STEPS_PER_S : 0;
    for (size_t i = 0; i < p->n; i++)
        p->rate[i] = p->target;
    return MODPROP_OK;
}

void modprop_rates_free(struct modprop_rates *rates)
{
    if (!rates)
        return;
    modprop_memory_free(rates->rate);
    modprop_memory_free(rates->total);
    modprop_memory_free(rates->sum);
    modprop_memory_free(rates->signal);
    modprop_memory_free(rates);
}

void modprop_rates_refresh(struct modprop_rates *rates, const struct modprop_shape *shape)
{
    const double share = rates->cost / ((double)shape->B * (double)shape->T);
    for (size_t i = 0; i < rates->n; i++)
        rates->signal[i] = (modprop_real)(share * (rates->rate[i] - rates->target));
}

MODPROP_KERNEL_CLONES
static void add_row(size_t count, const modprop_real *restrict row, modprop_real *restrict sum)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += row[i];
}

void modprop_rates_add(const struct modprop_rates *rates, size_t R, modprop_real *L)
{
    for (size_t r = 0; r < R; r++)
        add_row(rates->ldn, rates->signal, L + r * rates->ldn);
}

void modprop_rates_start(struct modprop_rates *rates)
{
    memset(rates->total, 0, rates->n * sizeof *rates->total);
}

void modprop_rates_watch(struct modprop_rates *rates, const struct modprop_block *block)
{
    const modprop_real *const z = block->pre + block->R * rates->ld; /* row k + 1 is z of step k */
    memset(rates->sum, 0, rates->ld * sizeof *rates->sum);
    for (size_t row = 0; row < block->steps * block->R; row++)
        add_row(rates->n, z + row * rates->ld, rates->sum);
    for (size_t i = 0; i < rates->n; i++)
        rates->total[i] += (double)rates->sum[i];
}

void modprop_rates_end(struct modprop_rates *rates, const struct modprop_shape *shape)
{
    for (size_t i = 0; i < rates->n; i++)
        rates->rate[i] = rates->total[i] / ((double)shape->B * (double)shape->T);
}
