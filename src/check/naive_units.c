#include "check/naive_units.h"

#include <math.h>
#include <string.h>

#include "engine/registry.h"

static bool are(const struct modprop_problem *p, const char *one, const char *other)
{
    const char *const name = modprop_units_at((size_t)p->config.units)->name;
    return strcmp(name, one) == 0 || strcmp(name, other) == 0;
}

struct modprop_naive_units modprop_naive_units_lay(double *first, size_t apart)
{
    return (struct modprop_naive_units){first, first + apart, first + 2 * apart, first + 3 * apart,
                                        first + 4 * apart};
}

double modprop_naive_units_beta(const struct modprop_problem *p, size_t i)
{
    const bool adapts = are(p, "adaptive", "alif") &&
                        i + (size_t)p->config.n_adaptive >= p->shape.n;
    return adapts ? p->config.beta : 0;
}

/* z and h of unit i from its distance from the threshold. */
static void rate(const struct modprop_naive_units *after, size_t i, double over)
{
    after->z[i] = over > 0 ? over : 0;
    after->h[i] = over > 0 ? 1 : 0;
}

static void spike(const struct modprop_config *c, double rest_before,
                  const struct modprop_naive_units *after, size_t i, double over)
{
    const bool resting = rest_before > 0;
    const double thr = c->spike_threshold;
    after->z[i] = over > 0 && !resting ? 1 : 0;
    after->h[i] = resting ? 0 : c->gamma / thr * fmax(0, 1 - fabs(over) / thr);
    after->rest[i] = after->z[i] > 0 ? (double)c->refractory_steps : fmax(rest_before - 1, 0);
}

double modprop_naive_units_step(const struct modprop_problem *p,
                                const struct modprop_naive_units *before, const double *x,
                                const struct modprop_naive_units *after)
{
    const struct modprop_config *const c = &p->config;
    const size_t n = p->shape.n;
    const double *const W_rec = p->weights, *const W_in = p->weights + n * n;
    const double alpha = exp(-1 / c->tau_ms), rho = exp(-1 / c->tau_a_ms);
    const bool spikes = are(p, "lif", "alif");
    double margin = INFINITY;
    for (size_t j = 0; j < n; j++) {
        double input = 0;
        for (size_t i = 0; i < p->shape.n_in; i++)
            input += x[i] * W_in[i * n + j];
        for (size_t i = 0; i < n; i++)
            input += before->z[i] * W_rec[i * n + j];
        const double thr = spikes ? c->spike_threshold : c->threshold;
        const double reset = spikes ? thr * before->z[j] : 0;
        after->v[j] = alpha * before->v[j] + (1 - alpha) * input - reset;
        after->a[j] = rho * before->a[j] + (1 - rho) * before->z[j];
        const double over = after->v[j] - thr - modprop_naive_units_beta(p, j) * after->a[j];
        if (spikes)
            spike(c, before->rest[j], after, j, over);
        else
            rate(after, j, over);
        margin = fmin(margin, fabs(over));
    }
    return margin;
}
