#include "engine/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/blas.h"
#include "engine/error.h"
#include "engine/memory.h"
#include "engine/registry.h"

/* Entries of W_rec and W_in that there will be, as far as one can know. */
static size_t expected_entries(const struct modprop_config *config,
                               const struct modprop_shape *shape, size_t n_in)
{
    return (size_t)(config->connectivity * (double)(shape->n * shape->n)) + n_in * shape->n;
}

struct modprop_weights modprop_weights_lay(const struct modprop_shape *shape, modprop_real *block)
{
    const size_t rec = shape->n * shape->n, in = shape->n_in * shape->n;
    const size_t out = shape->n * shape->n_out;
    struct modprop_weights w = {.count = rec + in + out + shape->n_out};
    if (block) {
        w.W_rec = block;
        w.W_in = w.W_rec + rec;
        w.W_out = w.W_in + in;
        w.b_out = w.W_out + out;
    }
    return w;
}

size_t modprop_network_inhibitory(const struct modprop_config *config)
{
    const double excitatory = floor(config->proportion_excitatory * (double)config->n) + 1;
    return excitatory < (double)config->n ? (size_t)config->n - (size_t)excitatory : 0;
}

/* The constants of the units that have such. */
static void set_units(struct modprop_network *net, const struct modprop_config *config)
{
    const double thr = net->units->spikes ? config->spike_threshold : config->threshold;
    const double rho = exp(-1.0 / config->tau_a_ms); /* dt = 1 ms */
    const size_t n_adaptive = net->units->adapts ? (size_t)config->n_adaptive : 0;
    net->threshold = (modprop_real)thr;
    net->surrogate_height = (modprop_real)(config->gamma / config->spike_threshold);
    net->surrogate_width = (modprop_real)(1 / config->spike_threshold);
    net->refractory = (modprop_real)config->refractory_steps;
    net->a_keep = (modprop_real)rho;
    net->a_take = (modprop_real)(1 - rho);
    for (size_t i = net->n - n_adaptive; i < net->n; i++)
        net->beta[i] = (modprop_real)config->beta;
}

static bool clusters(const struct modprop_config *config)
{
    return modprop_types_wanted(config) && config->type_labels == MODPROP_LABELS_CLUSTERED;
}

static enum modprop_status sort_into_types(struct modprop_network *net,
                                           const struct modprop_config *config,
                                           struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    if (modprop_types_wanted(config))
        status = modprop_types_init(&net->types, config, err);
    if (status == MODPROP_OK && clusters(config))
        status = modprop_clusters_init(&net->clusters, config, &net->types, err);
    return status;
}

enum modprop_status modprop_network_create(struct modprop_network **network,
                                           const struct modprop_config *config,
                                           const struct modprop_shape *shape,
                                           struct modprop_error *err)
{
    struct modprop_memory_plan plan = {0};
    struct modprop_network *net = modprop_memory_take(&plan, 1, sizeof *net);
    if (net) {
        const size_t count = modprop_weights_lay(shape, NULL).count;
        net->sign = modprop_memory_take(&plan, shape->n, sizeof *net->sign);
        net->beta = modprop_memory_take(&plan, shape->ldn, sizeof *net->beta);
        modprop_real *theta = modprop_memory_take(&plan, count, sizeof *theta);
        modprop_real *w = modprop_memory_take(&plan, count, sizeof *w);
        net->theta = modprop_weights_lay(shape, theta);
        net->w = modprop_weights_lay(shape, w);
        net->forward = modprop_memory_take(&plan, modprop_network_padded(shape), sizeof *w);
        net->work = modprop_memory_take(&plan, shape->m + MODPROP_KERNEL_VECTOR, sizeof *net->work);
        modprop_sparse_take(&net->forward_entries, &plan, shape->m, shape->n,
                            expected_entries(config, shape, shape->n_in));
        modprop_sparse_take(&net->back_entries, &plan, shape->n, shape->n,
                            expected_entries(config, shape, 0));
        if (net->forward_entries.most || net->back_entries.most)
            net->sums = modprop_memory_take(&plan, shape->ldn * MODPROP_KERNEL_TILE, sizeof *w);
    }
    if (plan.refused) {
        modprop_network_free(net);
        *network = NULL;
        return modprop_memory_error("the network", plan.bytes, err);
    }
    net->n_in = shape->n_in;
    net->n = shape->n;
    net->n_out = shape->n_out;
    net->ld = shape->ld;
    net->ldn = shape->ldn;
    net->back = net->forward + shape->m * shape->ldn;
    net->kernel = modprop_kernel_choose();
    net->n_inh = modprop_network_inhibitory(config);
    enum modprop_status status = modprop_structure_init(&net->structure, config, err);
    if (status == MODPROP_OK)
        status = sort_into_types(net, config, err);
    if (status != MODPROP_OK) {
        modprop_network_free(net);
        *network = NULL;
        return status;
    }
    net->units = modprop_units_at((size_t)config->units);
    net->alpha = exp(-1.0 / config->tau_ms); /* dt = 1 ms */
    net->keep = (modprop_real)net->alpha;
    net->take = (modprop_real)(1.0 -
                               net->alpha); /* 1 - (float)alpha would have lost 3e-6 of its value */
    set_units(net, config);
    for (size_t i = 0; i < net->n; i++)
        net->sign[i] = i < net->n_inh ? -1 : 1;
    *network = net;
    return MODPROP_OK;
}

void modprop_network_free(struct modprop_network *network)
{
    if (!network)
        return;
    modprop_memory_free(network->theta.W_rec);
    modprop_memory_free(network->w.W_rec);
    modprop_memory_free(network->forward);
    modprop_memory_free(network->work);
    modprop_memory_free(network->sign);
    modprop_memory_free(network->beta);
    modprop_structure_clear(&network->structure);
    modprop_types_clear(&network->types);
    modprop_clusters_clear(&network->clusters);
    modprop_sparse_clear(&network->forward_entries);
    modprop_sparse_clear(&network->back_entries);
    modprop_memory_free(network->sums);
    modprop_memory_free(network);
}

/* to = from with the signs of the presynaptic units on W_rec and W_out; its own inverse. */
static void with_signs(const struct modprop_network *net, const struct modprop_weights *from,
                       const struct modprop_weights *to)
{
    const size_t n = net->n, n_out = net->n_out;
    for (size_t pre = 0; pre < n; pre++) {
        const modprop_real sign = net->sign[pre];
        for (size_t post = 0; post < n; post++)
            to->W_rec[pre * n + post] = sign * from->W_rec[pre * n + post];
        for (size_t out = 0; out < n_out; out++)
            to->W_out[pre * n_out + out] = sign * from->W_out[pre * n_out + out];
    }
    if (from->W_in != to->W_in) {
        memcpy(to->W_in, from->W_in, net->n_in * n * sizeof *to->W_in);
        memcpy(to->b_out, from->b_out, n_out * sizeof *to->b_out);
    }
}

static void pad(struct modprop_network *net)
{
    const size_t n = net->n, ldn = net->ldn;
    for (size_t pre = 0; pre < n + net->n_in; pre++)
        memcpy(net->forward + pre * ldn, net->w.W_rec + pre * n, n * sizeof *net->forward);
    for (size_t pre = 0; pre < n; pre++)
        for (size_t post = 0; post < n; post++)
            net->back[post * ldn + pre] = net->w.W_rec[pre * n + post];
    modprop_sparse_fill(&net->forward_entries, net->forward, ldn);
    modprop_sparse_fill(&net->back_entries, net->back, ldn);
}

void modprop_network_refresh(struct modprop_network *network)
{
    with_signs(network, &network->theta, &network->w);
    pad(network);
}

void modprop_network_adopt(struct modprop_network *network)
{
    with_signs(network, &network->w, &network->theta);
    pad(network);
}

void modprop_network_cluster(struct modprop_network *network, long seed, long iteration)
{
    if (network->clusters.n > 0)
        modprop_clusters_find(&network->clusters,
                              modprop_random_stream(seed, MODPROP_STREAM_TYPES, iteration),
                              network->w.W_rec, network->halting, &network->types);
}

size_t modprop_network_padded(const struct modprop_shape *shape)
{
    return modprop_memory_product(shape->m + shape->n, shape->ldn);
}

size_t modprop_network_extra_bytes(const struct modprop_config *config,
                                   const struct modprop_shape *shape)
{
    const size_t entries = modprop_sparse_bytes(shape->m, shape->n,
                                                expected_entries(config, shape, shape->n_in)) +
                           modprop_sparse_bytes(shape->n, shape->n,
                                                expected_entries(config, shape, 0));
    const size_t sums = shape->ldn * MODPROP_KERNEL_TILE * sizeof(modprop_real);
    return modprop_structure_bytes(config) + entries + (entries ? sums : 0) +
           (modprop_types_wanted(config) ? modprop_types_bytes(config) : 0) +
           (clusters(config) ? modprop_clusters_bytes(config) : 0);
}

/* out [R][n] = a [R][m] W [m][n], in the way that is faster for so many trials and entries (NULL: not
 * known), for units if there are any. */
static void multiply(const struct modprop_network *net, size_t R, size_t m, const modprop_real *a,
                     size_t lda, const modprop_real *W, const struct modprop_sparse *entries,
                     modprop_real *out, const struct modprop_kernel_leaky *units)
{
    if (entries && modprop_sparse_pays(entries, R)) {
        const struct modprop_kernel_sparse sparse = modprop_sparse_matrix(entries);
        net->kernel->sparse(R, m, net->n, a, lda, &sparse, out, net->ldn, NULL, net->sums,
                            net->work);
    } else if (R <= MODPROP_KERNEL_TILE && units) {
        net->kernel->leaky(R, m, net->n, a, lda, W, net->ldn, units, net->work);
        return;
    } else if (R <= MODPROP_KERNEL_TILE) {
        net->kernel->product(R, m, net->n, a, lda, W, net->ldn, out, net->ldn, net->work);
    } else {
        modprop_blas_multiply(false, false, R, net->n, m, 1, a, lda, W, net->ldn, 0, out, net->ldn);
    }
    if (units)
        net->kernel->leak(R, net->n, out, net->ldn, units);
}

/* From so many units on, spikes are worked off trial by trial: at 10 Hz a tile of eight trials visits six
 * to seven times as many weights as its spikes ask for, though it loads each only once. At n = 500 that
 * takes 0.6 of the time (0.85 by AVX2), at 1000 half, at 120 it is slower. The bits are the same: what
 * is left out adds 0. */
enum { LEAST_BY_TRIAL = 400 };

static bool by_trial(const struct modprop_network *net, size_t R)
{
    return net->units->spikes && net->n >= LEAST_BY_TRIAL && R <= MODPROP_KERNEL_TILE &&
           !modprop_sparse_pays(&net->forward_entries, R);
}

void modprop_network_drive(const struct modprop_network *network, size_t R, const modprop_real *pre,
                           modprop_real *out)
{
    const struct modprop_network *const net = network;
    const size_t m = net->n + net->n_in;
    if (!by_trial(net, R)) {
        multiply(net, R, m, pre, net->ld, net->forward, &net->forward_entries, out, NULL);
        return;
    }
    for (size_t r = 0; r < R; r++)
        net->kernel->product(1, m, net->n, pre + r * net->ld, net->ld, net->forward, net->ldn,
                             out + r * net->ldn, net->ldn, net->work);
}

void modprop_network_drive_relu(const struct modprop_network *network, size_t R,
                                const modprop_real *pre, const struct modprop_kernel_relu *units)
{
    const struct modprop_kernel *const kernel = network->kernel;
    const size_t n = network->n, m = n + network->n_in;
    if (modprop_sparse_pays(&network->forward_entries, R)) {
        const struct modprop_kernel_sparse sparse = modprop_sparse_matrix(
            &network->forward_entries);
        kernel->sparse(R, m, n, pre, network->ld, &sparse, NULL, 0, units, network->sums,
                       network->work);
    } else {
        kernel->relu(R, m, n, pre, network->ld, network->forward, network->ldn, units,
                     network->work);
    }
}

void modprop_network_multiply(const struct modprop_network *network, size_t R,
                              const modprop_real *a, const modprop_real *W, modprop_real *out,
                              const struct modprop_kernel_leaky *units)
{
    multiply(network, R, network->n, a, network->ldn, W,
             W == network->back ? &network->back_entries : NULL, out, units);
}

void modprop_network_return(const struct modprop_network *network, size_t R, const modprop_real *a,
                            modprop_real *out, const struct modprop_kernel_leaky *units)
{
    modprop_network_multiply(network, R, a, network->back, out, units);
}

void modprop_network_correlate(const struct modprop_network *network, size_t T, size_t R,
                               const modprop_real *pre, const modprop_real *b, modprop_real *sum)
{
    const size_t n = network->n, m = n + network->n_in, ldn = network->ldn;
    if (R <= MODPROP_KERNEL_TILE)
        network->kernel->outer(T, R, m, n, pre, network->ld, b, ldn, sum, ldn, network->work);
    else
        modprop_blas_multiply(true, false, m, n, T * R, 1, pre, network->ld, b, ldn, 1, sum, ldn);
}

void modprop_network_flip(const struct modprop_network *network,
                          const struct modprop_weights *gradient)
{
    with_signs(network, gradient, gradient);
}
