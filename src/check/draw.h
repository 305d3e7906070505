/*
 * draw.h - random problems that hide nothing.
 *
 * The weights obey Dale's law but are not balanced: each block of cell types is scaled at random, for
 * with balanced weights W_ab N W_ab nearly vanishes and an error in any path of two or more links
 * would leave no trace. A few entries are disconnected. The inputs of a step are drawn again until
 * every unit is further than MODPROP_DRAW_MARGIN from its threshold, where the gradient jumps: so
 * float32, double and the steps of finite differences see the same units active.
 */
#ifndef MODPROP_CHECK_DRAW_H
#define MODPROP_CHECK_DRAW_H

#include "check/problem.h"

#define MODPROP_DRAW_MARGIN 1e-3

enum modprop_draw_loss {
    MODPROP_DRAW_LAST,       /* cross entropy of the last step */
    MODPROP_DRAW_WINDOW,     /* of the last third of the steps, two at least where there are two */
    MODPROP_DRAW_REGRESSION, /* squared, every step */
    MODPROP_DRAW_LOSSES
};

const char *modprop_draw_loss_name(enum modprop_draw_loss loss);

struct modprop_draw_setting {
    size_t n, n_in, n_out, T, B;
    double proportion_excitatory;
    long types_per_sign; /* of the blocks */
    double tau_ms, threshold;
    double recurrent_scale; /* of W_rec; 1: a spectral radius of about 1 */
    double input_scale;     /* of W_in; 0: 1 */
    const char *units;      /* NULL: relu */
    long n_adaptive, refractory_steps;
    double share; /* of connections; 0: 0.96 */
    bool uneven;  /* types of unequal sizes, mixed, one more of the excitatory units and one less */
};

/* The same problem each time, for each setting and loss. The configuration has the defaults but for
 * the sizes and the units' parameters; taps without limit. The caller clears the problem. */
enum modprop_status modprop_draw_problem(struct modprop_problem *problem,
                                         const struct modprop_draw_setting *setting,
                                         enum modprop_draw_loss loss, struct modprop_error *err);

#endif
