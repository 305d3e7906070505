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
struct modprop_modulation;
struct modprop_rates;

/* What a method works on; everything is borrowed and outlives it. */
struct modprop_setup {
    const struct modprop_config *config;
    struct modprop_shape shape;
    const struct modprop_network *network;
    const struct modprop_feedback *feedback; /* NULL for rules without feedback weights */
    const struct modprop_modulation *modulation; /* NULL for rules that do not modulate */
    const struct modprop_rates *rates;           /* NULL: no cost of rates */
    const modprop_real *W_fb_out;                /* [n][n_out], weights of the learning signal */
    size_t taps; /* that the run had reached when it was saved; 0: as at the start */
};

/* A few time steps of a tile of trials as a method sees them, at most MODPROP_BLOCK_STEPS: their z stay
 * in the cache while the taps run over them. A step with a learning signal is a
 * block of its own. */
struct modprop_block {
    const size_t *trial; /* [R]: which trials of the batch */
    size_t R;
    size_t t0, steps; /* steps t0 ... t0 + steps - 1 */
    const modprop_real
        *pre; /* [steps + 1][R][ld]: row t - t0 is z[t-1] | x[t]; the last one z alone */
    const modprop_real *h;     /* [steps][R][ldn]: activation derivative, of the last step alone for
                                  a method without `derivative` */
    const modprop_real *state; /* of the units after the last step: arrays [R][ldn], v first */
    const modprop_real *y;     /* [R][n_out]: readout, NULL where the step carries no loss */
    const modprop_real *L;     /* [R][ldn]: learning signal, NULL where the step has none */
};

/* Steps of a tile that are in memory for the methods that go back. */
struct modprop_trajectory {
    size_t t0, t1;     /* steps t0 ... t1 - 1 */
    modprop_real *pre; /* [t1 - t0 + 1][R][ld]: row t - t0 is z[t-1] | x[t] */
    modprop_real *h;   /* [t1 - t0 + 1][R][ldn]: row t - t0; the last one, h[t1], if t1 < T. Without
                          `derivative`, and where units do not adapt, only if step t1 or one of these
                          has a learning signal */
    modprop_real *dy;  /* [loss_steps][R][n_out]: dE/dy of the tile's last loss_steps steps */
};

struct modprop_method {
    bool trajectory; /* goes back over all steps of a tile */
    bool derivative; /* reads h of all steps, not only around those with a learning signal */
    enum modprop_status (*create)(void **state, const struct modprop_setup *setup,
                                  struct modprop_error *err);
    void (*free)(void *state); /* accepts NULL */
    /* Before a batch. */
    void (*start)(void *state);
    /* Before step 0 of a tile of R trials, NULL-able. */
    void (*begin)(void *state, size_t R);
    /* After each block, NULL-able. */
    void (*block)(void *state, const struct modprop_block *block);
    /* After the last step of a tile, for its steps in pieces of at most MODPROP_BLOCK_STEPS, cut where
     * blocks are, the last one first; NULL-able. */
    void (*back)(void *state, size_t R, const struct modprop_trajectory *piece);
    /* After the batch. gradient [m][n]: of W_rec over that of W_in, signed weights, without weight
     * decay; the diagonal is masked by the caller. *again = true: the method has made itself more
     * exact and wants the same batch once more. */
    enum modprop_status (*end)(void *state, modprop_real *gradient, bool *again,
                               struct modprop_error *err);
    /* Of its state, without the trajectory. */
    size_t (*bytes)(const struct modprop_config *config, const struct modprop_shape *shape);
    /* Operations of an iteration beyond the forward pass; a memory-bound one counts as the products
     * that would take as long. */
    double (*cost)(const struct modprop_config *config, const struct modprop_shape *shape);
    double (*taps)(const void *state); /* filter taps in use, NULL-able */
    /* NULL, or why it cannot compute this configuration's gradient; NULL-able. */
    const char *(*obstacle)(const struct modprop_config *config);
};

enum { MODPROP_METHODS = 4 };

struct modprop_rule {
    const char *name;
    const char *summary;
    const char *citation;
    const char *const *params;
    bool feedback;  /* reads W_fb */
    bool modulates; /* mu W_fb filters credit in time: its radius is told */
    const struct modprop_method *methods[MODPROP_METHODS]; /* NULL at the end */
    /* What no range can say, NULL-able. */
    enum modprop_status (*check)(const struct modprop_config *config,
                                 const struct modprop_shape *shape, struct modprop_error *err);
    /* What is allowed and yet not likely to be meant, NULL-able. */
    enum modprop_status (*doubt)(const struct modprop_config *config, struct modprop_error *err);
};

/* Which method computes the configuration's gradient: of those that can, and that its path allows if
 * there are any, the cheapest. */
const struct modprop_method *modprop_config_method(const struct modprop_config *config);

extern const struct modprop_rule modprop_rule_bptt;
extern const struct modprop_rule modprop_rule_rtrl;
extern const struct modprop_rule modprop_rule_eprop;
extern const struct modprop_rule modprop_rule_mdgl;
extern const struct modprop_rule modprop_rule_modprop;
extern const struct modprop_rule modprop_rule_snap1;
extern const struct modprop_rule modprop_rule_snap2;
extern const struct modprop_rule modprop_rule_rflo;

#endif
