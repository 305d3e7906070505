/*
 * recipe.h - the published plot of the modprop authors, to set beside ours: how their learning curves
 * were made from several runs of one condition.
 *
 *     1. each run's curve becomes the moving mean of 15 evaluations (only full windows: 14 points fewer);
 *     2. the run with the largest area (sum of its points) is left out, then the one with the smallest;
 *     3. mean and sample standard deviation of the rest, point by point;
 *     4. of two learning rates the one is shown whose mean curve is lower on average over its last 50
 *        points.
 *
 * The authors' script knows complete runs alone, and leaves their last evaluation out. Here a run with a
 * missing or infinite value counts as worst: all such are left out, and then no other is for being worst.
 */
#ifndef MODPROP_ANALYZE_RECIPE_H
#define MODPROP_ANALYZE_RECIPE_H

#include "modprop.h"

enum { MODPROP_RECIPE_WINDOW = 15, MODPROP_RECIPE_LAST = 50 };

#define MODPROP_RECIPE_NONE ((size_t)-1)

struct modprop_recipe {
    size_t points;     /* evaluations - 14, 0 if there are fewer than 15 */
    double *mean;      /* [points]; point k is evaluations k .. k + 14, drawn at the last of them */
    double *deviation; /* [points]; NaN with fewer than two runs */
    size_t runs;       /* in the mean; 0: mean and deviation are NaN */
    size_t incomplete; /* runs left out as not complete */
    size_t worst, best; /* complete runs left out by area; MODPROP_RECIPE_NONE: none */
    double last;        /* mean of the last 50 points of `mean` (of all, if fewer); NaN: none */
};

/* value [runs] points to [evaluations] values of each run. The caller clears it. MODPROP_NO_MEMORY. */
enum modprop_status modprop_recipe_make(struct modprop_recipe *recipe, size_t runs,
                                        size_t evaluations, const double *const *value,
                                        struct modprop_error *err);
void modprop_recipe_clear(struct modprop_recipe *recipe);

/* Which of the recipes [count] (one per learning rate) is shown: least `last`, the first of equals;
 * MODPROP_RECIPE_NONE if none has one. */
size_t modprop_recipe_better(const struct modprop_recipe *recipes, size_t count);

#endif
