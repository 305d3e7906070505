/*
 * Initial weights under Dale's law (the published network).
 *
 * W_rec: |N(0,1)|, zero diagonal, sign by the presynaptic unit. Inhibitory rows are scaled so that
 * inhibition equals excitation in sum; then each postsynaptic column is balanced to zero sum, its
 * excitation and its inhibition both scaled to their geometric mean, so that no weight changes its
 * sign; then all is divided by the spectral radius. (The published code zeroes the diagonal after
 * balancing and scaling: a small, deliberate difference.) W_out: columns of a second such sample with
 * its diagonal kept. W_in: N(0,1) / sqrt(n_in / 2).
 *
 * Networks that are sparse from the start draw first which connections there are (structure.h), W_rec and
 * W_out their shares, and put the magnitudes there; balance and radius are then those of what there is.
 * A column all of whose connections are of one sign cannot be balanced and stays as it was drawn.
 */
#include <math.h>
#include <string.h>

#include "engine/error.h"
#include "engine/halting.h"
#include "engine/memory.h"
#include "engine/network.h"
#include "engine/random.h"
#include "engine/spectrum.h"

/* Samples of the stream of initial weights are told apart by its iteration number. */
enum sample { SAMPLE_REC, SAMPLE_IN, SAMPLE_OUT, SAMPLE_FEEDBACK };

/* Sums of one column's entries over [begin, end) of the presynaptic units. */
static double column_sum(size_t n, const modprop_real *W, size_t begin, size_t end, size_t post)
{
    double sum = 0;
    for (size_t pre = begin; pre < end; pre++)
        sum += (double)W[pre * n + post];
    return sum;
}

static void scale_column(size_t n, modprop_real *W, size_t begin, size_t end, size_t post,
                         double factor)
{
    for (size_t pre = begin; pre < end; pre++)
        W[pre * n + post] = (modprop_real)((double)W[pre * n + post] * factor);
}

/* W [n][n] >= 0: magnitudes. */
static void balance(const struct modprop_network *net, modprop_real *W)
{
    const size_t n = net->n, n_inh = net->n_inh;
    const double operations = 4 * (double)n; /* of a column, each way through it */
    double inhibition = 0, excitation = 0;
    for (size_t post = 0; post < n && !modprop_halting_after(net->halting, operations); post++) {
        inhibition += column_sum(n, W, 0, n_inh, post);
        excitation += column_sum(n, W, n_inh, n, post);
    }
    for (size_t post = 0; post < n && !modprop_halting_after(net->halting, operations); post++) {
        if (inhibition > 0) /* with few connections there may be none */
            scale_column(n, W, 0, n_inh, post, excitation / inhibition);
        const double inh = column_sum(n, W, 0, n_inh, post), exc = column_sum(n, W, n_inh, n, post);
        if (inh > 0 && exc > 0) { /* else the column's only unit of that sign is the column's own */
            scale_column(n, W, 0, n_inh, post, sqrt(exc / inh));
            scale_column(n, W, n_inh, n, post, sqrt(inh / exc));
        }
    }
}

/* So many ones into W by the structure: in parts where each takes a look at all of a row's likelihoods. */
static void connect(const struct modprop_network *net, size_t count, struct modprop_stream stream,
                    modprop_real *W)
{
    enum { PART = 4096 };
    const struct modprop_structure *s = &net->structure;
    const size_t part = s->likelihood ? PART : count;
    for (size_t done = 0, now; done < count; done += now) {
        now = count - done < part ? count - done : part;
        modprop_structure_connect(s, W, now, 1, stream, 2 * done); /* two blocks for each */
        if (modprop_halting_after(net->halting, 3.0 * (double)(now * net->n)))
            return;
    }
}

/* Ones where a sparse sample has its connections, into W [n][n]: of W_rec by its structure; otherwise by
 * `readout` [n][n_out] in the first columns, the others alike. */
static void wire(const struct modprop_network *net, long seed, enum sample sample,
                 modprop_real *readout, modprop_real *W)
{
    const struct modprop_structure *s = &net->structure;
    const size_t n = net->n, n_out = net->n_out, out = n * n_out;
    const struct modprop_stream stream = modprop_random_stream(seed, MODPROP_STREAM_REWIRING,
                                                               -1 - (long)sample);
    const size_t in_rec = (size_t)floor(s->share * (double)s->possible);
    memset(W, 0, n * n * sizeof *W);
    if (!readout) {
        connect(net, in_rec, stream, W);
        return;
    }
    memset(readout, 0, out * sizeof *readout);
    modprop_structure_connect_any(
        out, readout, (size_t)floor(s->share * (double)(s->possible + out)) - in_rec, 1, stream, 0);
    for (size_t k = 0; k < n * n; k++)
        W[k] = k % n < n_out ? readout[k / n * n_out + k % n]
                             : modprop_random_uniform(stream, out + k) < s->share;
}

/* |N(0,1)| in the place of every number, or of every 1 in W. */
static void draw_magnitudes(struct modprop_stream stream, size_t count, bool wired, modprop_real *W)
{
    modprop_real four[4]; /* a block of the stream */
    for (size_t k = 0; k < count; k++) {
        if (k % 4 == 0)
            modprop_random_normals(stream, k / 4, 4, four);
        W[k] = wired && W[k] == 0 ? 0 : (modprop_real)fabs((double)four[k % 4]);
    }
}

/* A balanced sample of magnitudes with spectral radius 1 into W [n][n]. readout: NULL, or W_out, which gets
 * the first columns, autapses kept; only its room is used here. */
static enum modprop_status draw(const struct modprop_network *net, long seed, enum sample sample,
                                modprop_real *readout, struct modprop_spectrum *spectrum,
                                modprop_real *W, struct modprop_error *err)
{
    const size_t n = net->n;
    const bool sparse = net->structure.share < 1 || net->structure.likelihood;
    if (sparse)
        wire(net, seed, sample, readout, W);
    draw_magnitudes(modprop_random_stream(seed, MODPROP_STREAM_WEIGHTS, sample), n * n, sparse, W);
    for (size_t i = 0; i < n && !readout; i++)
        W[i * n + i] = 0;
    balance(net, W);
    for (size_t pre = 0; pre < n; pre++)
        for (size_t post = 0; post < n; post++)
            spectrum->matrix[pre * n + post] = (double)(net->sign[pre] * W[pre * n + post]);
    double radius;
    if (!modprop_spectrum_largest(spectrum, &radius))
        return modprop_halting_is(net->halting)
                   ? MODPROP_STOPPED
                   : MODPROP_FAIL(
                         err, MODPROP_INVALID,
                         "the eigenvalues of the initial weights did not converge; take another seed");
    if (radius == 0)
        return MODPROP_FAIL(
            err, MODPROP_INVALID,
            "n = %zu units with a share %g of their connections cannot have initial weights of "
            "spectral radius 1: no activity comes back; take more",
            n, net->structure.share);
    for (size_t k = 0; k < n * n; k++)
        W[k] = (modprop_real)((double)W[k] / radius);
    return MODPROP_OK;
}

size_t modprop_network_start_bytes(size_t n)
{
    return modprop_spectrum_bytes(n) + n * n * sizeof(modprop_real);
}

enum modprop_status modprop_network_start(struct modprop_network *network, long seed,
                                          struct modprop_error *err)
{
    const size_t n = network->n, n_in = network->n_in, n_out = network->n_out;
    struct modprop_spectrum spectrum = {0};
    enum modprop_status status = modprop_spectrum_init(&spectrum, n, err);
    modprop_real *sample = modprop_memory_get(modprop_memory_product(n, n), sizeof *sample);
    spectrum.halting = network->halting;
    if (status == MODPROP_OK && !sample)
        status = modprop_memory_error("the initial weights", n * n * sizeof *sample, err);
    if (status == MODPROP_OK)
        status = draw(network, seed, SAMPLE_REC, NULL, &spectrum, network->theta.W_rec, err);
    if (status == MODPROP_OK)
        status = draw(network, seed, SAMPLE_OUT, network->theta.W_out, &spectrum, sample, err);
    if (status != MODPROP_OK)
        goto cleanup;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n_out; k++)
            network->theta.W_out[i * n_out + k] = sample[i * n + k];
    modprop_random_normals(modprop_random_stream(seed, MODPROP_STREAM_WEIGHTS, SAMPLE_IN), 0,
                           n_in * n, network->theta.W_in);
    for (size_t k = 0; k < n_in * n; k++)
        network->theta.W_in[k] = (modprop_real)((double)network->theta.W_in[k] /
                                                sqrt((double)n_in / 2));
    for (size_t k = 0; k < n_out; k++)
        network->theta.b_out[k] = 0;
    modprop_network_refresh(network);
    modprop_network_cluster(network, seed, 0);
    if (modprop_halting_is(network->halting))
        status = MODPROP_STOPPED;
cleanup:
    modprop_memory_free(sample);
    modprop_spectrum_clear(&spectrum);
    return status;
}

enum modprop_status modprop_network_sample(const struct modprop_network *network, long seed,
                                           modprop_real *W, struct modprop_error *err)
{
    const size_t n = network->n;
    struct modprop_spectrum spectrum = {0};
    enum modprop_status status = modprop_spectrum_init(&spectrum, n, err);
    spectrum.halting = network->halting;
    if (status == MODPROP_OK)
        status = draw(network, seed, SAMPLE_FEEDBACK, NULL, &spectrum, W, err);
    for (size_t k = 0; status == MODPROP_OK && k < n * n; k++)
        W[k] *= network->sign[k / n];
    modprop_spectrum_clear(&spectrum);
    return status;
}
