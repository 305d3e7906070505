/*
 * The state of a run between two iterations, as bytes: what its future depends on beside its
 * configuration. Random numbers have no state, and all else is derived from the weights.
 *     header | theta [weights] | optimiser [states][weights] | what is measured | types [n]
 * The last where cell types are clustered or those of a file.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "engine/clock.h"
#include "engine/error.h"
#include "engine/memory.h"
#include "engine/registry.h"
#include "engine/run.h"

enum { FORMAT = 1 };

static const char magic[8] = "modpropR";

struct header {
    char magic[8];
    uint32_t format, real_bytes;
    char version[16]; /* of the program */
    char kernel[16];
    char blas[96];
    uint64_t weights, states; /* sizes of the arrays that follow */
    int64_t iteration, evaluated, taps;
    double largest_norm, elapsed_s;
};

static int64_t taps_of(const struct modprop_run *run)
{
    return run->method->taps ? (int64_t)run->method->taps(run->method_state) : 0;
}

static struct header header_of(const struct modprop_run *run)
{
    struct header h;
    memset(&h, 0, sizeof h); /* gaps and ends of texts too */
    memcpy(h.magic, magic, sizeof h.magic);
    h.format = FORMAT;
    h.real_bytes = sizeof(modprop_real);
    snprintf(h.version, sizeof h.version, "%s", MODPROP_VERSION);
    snprintf(h.kernel, sizeof h.kernel, "%s", modprop_kernel_name());
    snprintf(h.blas, sizeof h.blas, "%s", modprop_blas_name());
    h.weights = run->network->theta.count;
    h.states = run->optimiser->states;
    h.iteration = run->iteration;
    h.evaluated = run->evaluated;
    h.taps = taps_of(run);
    h.largest_norm = run->largest_norm;
    h.elapsed_s = modprop_clock_s(CLOCK_MONOTONIC) - run->started_s;
    return h;
}

/* What else the next iteration depends on, after the optimiser: mubar [types] where mu is measured, the
 * rates [n] where they have a cost. Copies them to or from there unless NULL; returns their bytes. */
static size_t measured(const struct modprop_run *run, void *to, const void *from)
{
    const struct {
        double *values;
        size_t count;
    } arrays[] = {
        {run->modulation ? run->modulation->mubar : NULL,
         run->modulation ? run->modulation->types->C : 0},
        {run->rates ? run->rates->rate : NULL, run->rates ? run->rates->n : 0},
    };
    size_t bytes = 0;
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) {
        const size_t size = arrays[k].count * sizeof *arrays[k].values;
        if (to && size)
            memcpy((char *)to + bytes, arrays[k].values, size);
        if (from && size)
            memcpy(arrays[k].values, (const char *)from + bytes, size);
        bytes += size;
    }
    return bytes;
}

/* Whether the types do not follow from the configuration alone. */
static bool keeps_types(const struct modprop_config *config)
{
    return modprop_types_wanted(config) && (config->type_labels == MODPROP_LABELS_CLUSTERED ||
                                            config->type_labels == MODPROP_LABELS_FILE);
}

static size_t types_bytes(const struct modprop_config *config)
{
    return keeps_types(config) ? (size_t)config->n * sizeof(uint32_t) : 0;
}

static void save_types(const struct modprop_run *run, char *to)
{
    const struct modprop_types *const types = &run->network->types;
    for (size_t a = 0; keeps_types(&run->config) && a < types->C; a++)
        for (size_t k = types->first[a]; k < types->first[a + 1]; k++) {
            const uint32_t label = (uint32_t)a;
            memcpy(to + types->unit[k] * sizeof label, &label, sizeof label);
        }
}

/* The types in the state, as labels [n] that the caller frees; NULL where it has none. */
static enum modprop_status read_types(const struct modprop_run *run, const char *from,
                                      size_t **label, struct modprop_error *err)
{
    const struct modprop_network *const net = run->network;
    const size_t n = net->n;
    *label = NULL;
    if (!keeps_types(&run->config))
        return MODPROP_OK;
    size_t *const then = modprop_memory_get(2 * n, sizeof *then);
    if (!then)
        return modprop_memory_error("the cell types", 2 * n * sizeof *then, err);
    *label = then;
    for (size_t i = 0; i < n; i++) {
        uint32_t number;
        memcpy(&number, from + i * sizeof number, sizeof number);
        then[i] = number;
    }
    if (run->config.type_labels == MODPROP_LABELS_CLUSTERED)
        return modprop_types_fit(&net->types, net->n_inh, then)
                   ? MODPROP_OK
                   : MODPROP_FAIL(err, MODPROP_INVALID, "it is damaged: its cell types");
    modprop_types_label(&net->types, then + n);
    return memcmp(then, then + n, n * sizeof *then) == 0
               ? MODPROP_OK
               : MODPROP_FAIL(err, MODPROP_DIFFERENT,
                              "type_file = %s says other types than when it was made",
                              run->config.type_file);
}

/* With the mu of so many types. */
static size_t state_bytes(const struct modprop_config *config, const struct modprop_shape *shape,
                          size_t types)
{
    const size_t arrays = 1 + modprop_optimiser_at((size_t)config->optimiser)->states;
    const size_t rates = modprop_rates_wanted(config) ? shape->n : 0;
    return sizeof(struct header) +
           arrays * modprop_weights_lay(shape, NULL).count * sizeof(modprop_real) +
           (types + rates) * sizeof(double) + types_bytes(config);
}

size_t modprop_run_state_bytes(const struct modprop_run *run)
{
    return state_bytes(&run->config, &run->shape, run->modulation ? run->modulation->types->C : 0);
}

size_t modprop_run_state_needs(const struct modprop_config *config,
                               const struct modprop_shape *shape)
{
    const bool measures = modprop_rule_at((size_t)config->rule)->modulates &&
                          config->mu_mode != MODPROP_MU_FIXED;
    return state_bytes(config, shape, measures ? modprop_types_count(config) : 0);
}

void modprop_run_save(const struct modprop_run *run, void *state)
{
    const struct header h = header_of(run);
    const size_t theta = run->network->theta.count * sizeof(modprop_real);
    char *at = state;
    memcpy(at, &h, sizeof h);
    memcpy(at + sizeof h, run->network->theta.W_rec, theta);
    at += sizeof h + theta;
    memcpy(at, run->optimiser_state, run->optimiser->states * theta);
    at += run->optimiser->states * theta;
    save_types(run, at + measured(run, at, NULL));
}

/* Whether the state can go on in this run, given as `now`. */
static enum modprop_status check(const struct header *h, const struct header *now, size_t bytes,
                                 const struct modprop_run *run, struct modprop_error *err)
{
    if (bytes < sizeof *h || memcmp(h->magic, magic, sizeof magic) != 0)
        return MODPROP_FAIL(err, MODPROP_INVALID, "it is not the state of a run");
    if (h->format != FORMAT || memcmp(h->version, now->version, sizeof h->version) != 0)
        return MODPROP_FAIL(err, MODPROP_DIFFERENT, "modprop %.16s made it, this is modprop %s",
                            h->version, MODPROP_VERSION);
    if (h->real_bytes != now->real_bytes || memcmp(h->kernel, now->kernel, sizeof h->kernel) != 0 ||
        memcmp(h->blas, now->blas, sizeof h->blas) != 0)
        return MODPROP_FAIL(err, MODPROP_DIFFERENT,
                            "it was computed by %.16s kernels and %.96s, whose bits differ from "
                            "those of %s and %s",
                            h->kernel, h->blas, now->kernel, now->blas);
    if (bytes != modprop_run_state_bytes(run) || h->weights != now->weights ||
        h->states != now->states)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "it is the state of another run: %" PRIu64 " weights instead of %zu",
                            h->weights, run->network->theta.count);
    if (h->iteration < 0 || h->iteration > run->config.iterations || h->evaluated < -1 ||
        h->evaluated > h->iteration || h->taps < 0 || h->taps >= (int64_t)run->shape.T)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "it is damaged: iteration %" PRId64 ", %" PRId64 " filter taps",
                            h->iteration, h->taps);
    return MODPROP_OK;
}

enum modprop_status modprop_run_restore(struct modprop_run *run, const void *state, size_t bytes,
                                        struct modprop_error *err)
{
    struct header h = {.format = 0};
    const struct header now = header_of(run);
    const size_t theta = run->network->theta.count * sizeof(modprop_real);
    const char *at = state;
    memcpy(&h, at, bytes < sizeof h ? bytes : sizeof h);
    enum modprop_status status = check(&h, &now, bytes, run, err);
    size_t *label = NULL;
    if (status == MODPROP_OK)
        status = read_types(run, at + bytes - types_bytes(&run->config), &label, err);
    if (status == MODPROP_OK && h.taps != now.taps)
        status = modprop_run_retap(run, (size_t)h.taps, err);
    if (status == MODPROP_OK && label)
        modprop_types_arrange(&run->network->types, label);
    modprop_memory_free(label);
    if (status != MODPROP_OK)
        return status;
    memcpy(run->network->theta.W_rec, at + sizeof h, theta);
    at += sizeof h + theta;
    memcpy(run->optimiser_state, at, run->optimiser->states * theta);
    measured(run, NULL, at + run->optimiser->states * theta);
    modprop_network_refresh(run->network);
    run->iteration = (long)h.iteration;
    run->evaluated = (long)h.evaluated;
    run->largest_norm = h.largest_norm;
    run->started_s = modprop_clock_s(CLOCK_MONOTONIC) - h.elapsed_s;
    return MODPROP_OK;
}
