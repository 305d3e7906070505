#include "engine/lanes.h"

#include <string.h>

/* Lanes pay where they leave out one unit in so many. Measured at n = 120, where 4 to 10 cost the same. */
enum { LEAST_SHARE = 8 };

void modprop_lanes_take(struct modprop_lanes *lanes, struct modprop_memory_plan *plan,
                        const struct modprop_network *network, const struct modprop_shape *shape)
{
    const size_t size = sizeof(modprop_real);
    *lanes = (struct modprop_lanes){.network = network};
    lanes->unit = modprop_memory_take(plan, shape->n + MODPROP_KERNEL_VECTOR, sizeof *lanes->unit);
    lanes->W = modprop_memory_take(plan, modprop_memory_product(shape->n, shape->ldn), size);
    lanes->sum = modprop_memory_take(plan, modprop_memory_product(shape->m, shape->ldn), size);
    for (int k = 0; k < 2; k++)
        lanes->wide[k] = modprop_memory_take(plan, shape->tile * shape->ldn, size);
}

void modprop_lanes_clear(struct modprop_lanes *lanes)
{
    modprop_memory_free(lanes->unit);
    modprop_memory_free(lanes->W);
    modprop_memory_free(lanes->sum);
    modprop_memory_free(lanes->wide[0]);
    modprop_memory_free(lanes->wide[1]);
    *lanes = (struct modprop_lanes){0};
}

size_t modprop_lanes_bytes(const struct modprop_shape *shape)
{
    return (shape->n + MODPROP_KERNEL_VECTOR) * sizeof(uint32_t) +
           (shape->n + shape->m + 2 * shape->tile) * shape->ldn * sizeof(modprop_real);
}

/* ------------------------------------------------------------------ choice */

void modprop_lanes_choose_all(struct modprop_lanes *lanes)
{
    lanes->all = true;
    lanes->count = lanes->network->n;
    lanes->ld = lanes->network->ldn;
}

void modprop_lanes_choose_none(struct modprop_lanes *lanes)
{
    lanes->all = false;
    lanes->count = 0;
    lanes->ld = 0;
}

void modprop_lanes_choose_active(struct modprop_lanes *lanes, size_t rows, const modprop_real *h)
{
    const struct modprop_network *const net = lanes->network;
    const size_t vector = MODPROP_KERNEL_VECTOR, n = net->n;
    modprop_lanes_choose_all(lanes);
    const size_t count = net->kernel->visit(rows, n, h, net->ldn, lanes->unit);
    if (count > n - n / LEAST_SHARE)
        return;
    lanes->all = false;
    lanes->count = count;
    lanes->ld = (count + vector - 1) / vector * vector;
}

/* ------------------------------------------------------------------ to lanes and back */

const modprop_real *modprop_lanes_pack(const struct modprop_lanes *lanes, size_t rows,
                                       const modprop_real *a, modprop_real *out)
{
    if (lanes->all)
        return a;
    lanes->network->kernel->pack(rows, lanes->count, lanes->unit, a, lanes->network->ldn, out,
                                 lanes->ld);
    return out;
}

void modprop_lanes_unpack(const struct modprop_lanes *lanes, size_t rows, const modprop_real *in,
                          modprop_real *a)
{
    const size_t ldn = lanes->network->ldn;
    if (lanes->all) {
        memcpy(a, in, rows * ldn * sizeof *a);
        return;
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < lanes->count; k++)
            a[r * ldn + lanes->unit[k]] = in[r * lanes->ld + k];
}

/* ------------------------------------------------------------------ products */

/* The product of all units, in which a sparse W_rec leaves out more than lanes do; to the same bits. */
static void return_all(const struct modprop_lanes *lanes, size_t R, const modprop_real *a,
                       modprop_real *out)
{
    modprop_network_return(lanes->network, R, a, lanes->all ? out : lanes->wide[1], NULL);
    if (!lanes->all)
        (void)modprop_lanes_pack(lanes, R, lanes->wide[1], out);
}

static bool leaves_to_network(const struct modprop_lanes *lanes, size_t R)
{
    return lanes->all || modprop_sparse_pays(&lanes->network->back_entries, R);
}

void modprop_lanes_open(struct modprop_lanes *lanes, size_t R, const modprop_real *a,
                        modprop_real *out)
{
    const struct modprop_network *const net = lanes->network;
    const size_t ld = lanes->ld;
    if (leaves_to_network(lanes, R)) {
        return_all(lanes, R, a, out);
        return;
    }
    net->kernel->pack(net->n, lanes->count, lanes->unit, net->back, net->ldn, lanes->W, ld);
    net->kernel->product(R, net->n, lanes->count, a, net->ldn, lanes->W, ld, out, ld, net->work);
    for (size_t k = 0; k < lanes->count; k++) /* drops the rows of the others */
        memmove(lanes->W + k * ld, lanes->W + lanes->unit[k] * ld, ld * sizeof *lanes->W);
}

void modprop_lanes_return(const struct modprop_lanes *lanes, size_t R, const modprop_real *a,
                          modprop_real *out, const struct modprop_kernel_leaky *units)
{
    const struct modprop_network *const net = lanes->network;
    if (lanes->all) {
        modprop_network_return(net, R, a, out, units);
    } else if (leaves_to_network(lanes, R)) {
        memset(lanes->wide[0], 0, R * net->ldn * sizeof *lanes->wide[0]);
        modprop_lanes_unpack(lanes, R, a, lanes->wide[0]);
        return_all(lanes, R, lanes->wide[0], out);
        net->kernel->leak(R, lanes->count, out, lanes->ld, units);
    } else {
        net->kernel->leaky(R, lanes->count, lanes->count, a, lanes->ld, lanes->W, lanes->ld, units,
                           net->work);
    }
}

void modprop_lanes_correlate(const struct modprop_lanes *lanes, size_t T, size_t R,
                             const modprop_real *pre, const modprop_real *b, modprop_real *sum)
{
    const struct modprop_network *const net = lanes->network;
    const size_t m = net->n + net->n_in, ld = lanes->ld;
    if (lanes->all) {
        modprop_network_correlate(net, T, R, pre, b, sum);
        return;
    }
    memset(lanes->sum, 0, m * ld * sizeof *lanes->sum);
    net->kernel->outer(T, R, m, lanes->count, pre, net->ld, b, ld, lanes->sum, ld, net->work);
    net->kernel->unpack_add(m, lanes->count, lanes->unit, lanes->sum, ld, sum, net->ldn);
}
