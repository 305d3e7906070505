#include "analyze/recipe.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "engine/error.h"
#include "engine/memory.h"

/* Point k of a run: mean of its evaluations k .. k + 14. */
static double smoothed(const double *value, size_t k)
{
    double sum = 0;
    for (size_t j = k; j < k + MODPROP_RECIPE_WINDOW; j++)
        sum += value[j];
    return sum / MODPROP_RECIPE_WINDOW;
}

/* Sum of the run's points; NaN: the run is not complete. */
static double area(const double *value, size_t evaluations, size_t points)
{
    double sum = 0;
    for (size_t k = 0; k < evaluations; k++)
        if (!isfinite(value[k]))
            return NAN;
    for (size_t k = 0; k < points; k++)
        sum += smoothed(value, k);
    return sum;
}

/* Index of the run with the largest area (side 1) or the smallest (side -1), the first of equals;
 * MODPROP_RECIPE_NONE if there is none. */
static size_t extreme(const double *areas, size_t runs, double side)
{
    size_t found = MODPROP_RECIPE_NONE;
    for (size_t run = 0; run < runs; run++)
        if (!isnan(areas[run]) &&
            (found == MODPROP_RECIPE_NONE || side * areas[run] > side * areas[found]))
            found = run;
    return found;
}

/* Decides which runs are left out: NaN in areas. */
static void leave_out(struct modprop_recipe *recipe, size_t runs, double *areas)
{
    for (size_t run = 0; run < runs; run++)
        recipe->incomplete += isnan(areas[run]) ? 1 : 0;
    if (recipe->incomplete == 0)
        recipe->worst = extreme(areas, runs, 1);
    if (recipe->worst != MODPROP_RECIPE_NONE)
        areas[recipe->worst] = NAN;
    recipe->best = extreme(areas, runs, -1);
    if (recipe->best != MODPROP_RECIPE_NONE)
        areas[recipe->best] = NAN;
    for (size_t run = 0; run < runs; run++)
        recipe->runs += isnan(areas[run]) ? 0 : 1;
}

/* Mean and deviation of the runs that are left, at each point; used: one number per run. */
static void average(struct modprop_recipe *recipe, size_t runs, const double *const *value,
                    const double *areas, double *used)
{
    for (size_t k = 0; k < recipe->points; k++) {
        size_t count = 0;
        for (size_t run = 0; run < runs; run++)
            if (!isnan(areas[run]))
                used[count++] = smoothed(value[run], k);
        recipe->mean[k] = count > 0 ? gsl_stats_mean(used, 1, count) : NAN;
        recipe->deviation[k] = count > 1 ? gsl_stats_sd_m(used, 1, count, recipe->mean[k]) : NAN;
    }
    const size_t last = recipe->points < MODPROP_RECIPE_LAST ? recipe->points
                                                             : (size_t)MODPROP_RECIPE_LAST;
    recipe->last = last > 0 ? gsl_stats_mean(recipe->mean + recipe->points - last, 1, last) : NAN;
}

enum modprop_status modprop_recipe_make(struct modprop_recipe *recipe, size_t runs,
                                        size_t evaluations, const double *const *value,
                                        struct modprop_error *err)
{
    *recipe = (struct modprop_recipe){
        .worst = MODPROP_RECIPE_NONE, .best = MODPROP_RECIPE_NONE, .last = NAN};
    if (evaluations >= MODPROP_RECIPE_WINDOW)
        recipe->points = evaluations - MODPROP_RECIPE_WINDOW + 1;
    /* One block: mean and deviation (points each), then areas and the used values (runs each). */
    double *scratch = calloc(2 * (runs + 1), sizeof *scratch);
    recipe->mean = calloc(2 * (recipe->points + 1), sizeof *recipe->mean);
    if (!recipe->mean || !scratch) {
        free(scratch);
        modprop_recipe_clear(recipe);
        return modprop_memory_error("the recipe's curve", evaluations * sizeof *scratch, err);
    }
    recipe->deviation = recipe->mean + recipe->points;
    for (size_t run = 0; run < runs; run++)
        scratch[run] = area(value[run], evaluations, recipe->points);
    leave_out(recipe, runs, scratch);
    average(recipe, runs, value, scratch, scratch + runs);
    free(scratch);
    return MODPROP_OK;
}

void modprop_recipe_clear(struct modprop_recipe *recipe)
{
    free(recipe->mean);
    *recipe = (struct modprop_recipe){0};
}

size_t modprop_recipe_better(const struct modprop_recipe *recipes, size_t count)
{
    size_t better = MODPROP_RECIPE_NONE;
    for (size_t k = 0; k < count; k++)
        if (!isnan(recipes[k].last) &&
            (better == MODPROP_RECIPE_NONE || recipes[k].last < recipes[better].last))
            better = k;
    return better;
}
