#include "engine/restraint.h"

#include <math.h>
#include <string.h>

#include "engine/memory.h"

enum modprop_status modprop_restraint_init(struct modprop_restraint *restraint,
                                           const struct modprop_config *config,
                                           struct modprop_error *err)
{
    const size_t n = (size_t)config->n;
    struct modprop_memory_plan plan = {0};
    *restraint = (struct modprop_restraint){.share = config->homeostasis,
                                            .radius = config->radius_bound};
    if (restraint->share == 0)
        return MODPROP_OK;
    restraint->target = modprop_memory_take(&plan, n, sizeof *restraint->target);
    restraint->size = modprop_memory_take(&plan, n, sizeof *restraint->size);
    if (plan.refused) {
        modprop_restraint_clear(restraint);
        return modprop_memory_error("the homeostasis", plan.bytes, err);
    }
    return MODPROP_OK;
}

void modprop_restraint_clear(struct modprop_restraint *restraint)
{
    modprop_memory_free(restraint->target);
    modprop_memory_free(restraint->size);
    *restraint = (struct modprop_restraint){0};
}

size_t modprop_restraint_bytes(const struct modprop_config *config)
{
    return config->homeostasis > 0 ? 2 * (size_t)config->n * sizeof(double) : 0;
}

/* size [n]: sums of the columns of theta. */
static void add_up(const struct modprop_network *net, double *size)
{
    memset(size, 0, net->n * sizeof *size);
    for (size_t pre = 0; pre < net->n; pre++)
        for (size_t post = 0; post < net->n; post++)
            size[post] += (double)net->theta.W_rec[pre * net->n + post];
}

void modprop_restraint_begin(struct modprop_restraint *restraint,
                             const struct modprop_network *network)
{
    if (restraint->target)
        add_up(network, restraint->target);
}

/* What is not a number or has no size is left alone, to be noticed. */
static void scale_units(struct modprop_restraint *r, struct modprop_network *net)
{
    const size_t n = net->n;
    add_up(net, r->size);
    for (size_t post = 0; post < n; post++)
        r->size[post] = r->size[post] > 0 && r->target[post] > 0
                            ? pow(r->target[post] / r->size[post], r->share)
                            : 1;
    for (size_t pre = 0; pre < n; pre++) {
        modprop_real *const row = net->theta.W_rec + pre * n;
        for (size_t post = 0; post < n; post++)
            row[post] = (modprop_real)((double)row[post] * r->size[post]);
    }
    modprop_network_refresh(net);
}

static void bound_radius(double bound, struct modprop_network *net,
                         struct modprop_spectrum *spectrum)
{
    double radius, none;
    modprop_spectrum_radii(spectrum, net->w.W_rec, NULL, net->alpha, 0, &radius, &none);
    if (!(radius > bound)) /* NaN: the next iteration tells why */
        return;
    for (size_t k = 0; k < net->n * net->n; k++)
        net->theta.W_rec[k] = (modprop_real)((double)net->theta.W_rec[k] * (bound / radius));
    modprop_network_refresh(net);
}

void modprop_restraint_apply(struct modprop_restraint *restraint, struct modprop_network *network,
                             struct modprop_spectrum *spectrum)
{
    if (restraint->target)
        scale_units(restraint, network);
    if (restraint->radius > 0)
        bound_radius(restraint->radius, network, spectrum);
}
