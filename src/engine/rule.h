/*
 * rule.h - learning rules: the table entry each of them fills.
 *
 * All rules share the forward pass and the form
 *     grad W_rec = (1 - alpha) sum_t z[t-1]^T delta[t],   grad W_in = (1 - alpha) sum_t x[t]^T delta[t]
 * and differ in how delta, the credit at the membrane, travels back in time. A rule has up to two
 * methods: online (traces forward in time, memory independent of T) and offline (keeps the
 * trajectory, goes back over it). The readout's gradient is exact and the same for all.
 */
#ifndef MODPROP_ENGINE_RULE_H
#define MODPROP_ENGINE_RULE_H

#include "engine/shape.h"
#include "modprop.h"

struct modprop_network;
struct modprop_feedback;

/* What a method works on; everything is borrowed and outlives it. */
struct modprop_setup {
    const struct modprop_config *config;
    struct modprop_shape shape;
    const struct modprop_network *network;
    const struct modprop_feedback *feedback; /* NULL for rules without feedback weights */
    const modprop_real *W_fb_out;            /* [n][n_out], weights of the learning signal */
};

/* One time step of the forward pass as a method sees it. */
struct modprop_moment {
    size_t t;
    const modprop_real *pre;   /* [B][ld]: z[t-1] | x[t] */
    const modprop_real *state; /* [states][B][n]: of the units, v first */
    const modprop_real *z;     /* [B][ld]: rates or spikes, n a trial */
    const modprop_real *h;     /* [B][n]: activation derivative */
    const modprop_real *y;     /* [B][n_out]: readout, NULL where the step carries no loss */
    const modprop_real *L;     /* [B][n]: learning signal, NULL where the step carries no loss */
};

/* All time steps, kept for the methods that go back. */
struct modprop_trajectory {
    modprop_real *pre; /* [T+1][B][ld] */
    modprop_real *h;   /* [T][B][n] */
    modprop_real *dy;  /* [loss_steps][B][n_out]: dE/dy of the last loss_steps steps */
};

struct modprop_method {
    bool trajectory; /* wants the trajectory */
    enum modprop_status (*create)(void **state, const struct modprop_setup *setup,
                                  struct modprop_error *err);
    void (*free)(void *state); /* accepts NULL */
    /* Before step 0 of a batch, NULL-able. */
    void (*begin)(void *state);
    /* After each step, NULL-able. */
    void (*step)(void *state, const struct modprop_moment *moment);
    /* gradient [m][n]: of W_rec over that of W_in, signed weights, without weight decay; the diagonal
     * is masked by the caller. trajectory is NULL unless asked for. *again = true: the method has made
     * itself more exact and wants the same batch once more. */
    enum modprop_status (*end)(void *state, const struct modprop_trajectory *trajectory,
                               modprop_real *gradient, bool *again, struct modprop_error *err);
    /* Of its state, without the trajectory. */
    size_t (*bytes)(const struct modprop_config *config, const struct modprop_shape *shape);
    /* Operations of an iteration beyond the forward pass; a memory-bound one counts as the products
     * that would take as long. */
    double (*cost)(const struct modprop_config *config, const struct modprop_shape *shape);
    double (*taps)(const void *state); /* filter taps in use, NULL-able */
};

struct modprop_rule {
    const char *name;
    const char *summary;
    const char *citation;
    const char *const *params;
    bool feedback;      /* reads W_fb */
    bool modulates;     /* mu W_fb filters credit in time: its radius is told */
    const struct modprop_method *online, *offline; /* NULL: there is none */
    /* What no range can say, NULL-able. */
    enum modprop_status (*check)(const struct modprop_config *config,
                                 const struct modprop_shape *shape, struct modprop_error *err);
};

extern const struct modprop_rule modprop_rule_bptt;
extern const struct modprop_rule modprop_rule_rtrl;
extern const struct modprop_rule modprop_rule_eprop;
extern const struct modprop_rule modprop_rule_mdgl;
extern const struct modprop_rule modprop_rule_modprop;

#endif
