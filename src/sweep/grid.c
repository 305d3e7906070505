#include "sweep/grid.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/array.h"

/* Kinds of axes, the slowest first. */
enum speed { SPEED_SEED, SPEED_SAMPLE, SPEED_NAME, SPEED_NUMBER, SPEEDS };

static enum speed speed_of(const struct modprop_grid *grid, size_t p)
{
    const struct modprop_parameter *about = modprop_parameter_at(p);
    if (strcmp(about->name, "seed") == 0)
        return SPEED_SEED;
    if (grid->source[p]->drawn)
        return SPEED_SAMPLE;
    return about->kind == MODPROP_NAME_VALUE || about->kind == MODPROP_TEXT_VALUE ? SPEED_NAME
                                                                                  : SPEED_NUMBER;
}

/* ------------------------------------------------------------------ zip */

/* How the value list of a zipped key is told. */
static void describe(const struct modprop_grid *grid, size_t p, char *text, size_t size)
{
    const struct modprop_values *values = grid->source[p];
    const char *name = modprop_parameter_at(p)->name;
    if (values->line)
        snprintf(text, size, "%s has %zu (line %zu)", name, values->count, values->line);
    else
        snprintf(text, size, "%s is not given", name);
}

/* Whether two members of a group can move together. */
static bool pair_fits(const struct modprop_grid *grid, size_t first, size_t p, bool own,
                      size_t line, struct modprop_mistakes *mistakes)
{
    const struct modprop_values *a = grid->source[first], *b = grid->source[p];
    if (a->drawn || b->drawn) {
        modprop_mistakes_add(mistakes, line,
                             "zip: %s is drawn; drawn keys move together by "
                             "themselves, take it out of zip",
                             modprop_parameter_at(a->drawn ? first : p)->name);
        return false;
    }
    if (a->count == b->count)
        return true;
    char one[96], other[96];
    describe(grid, first, one, sizeof one);
    describe(grid, p, other, sizeof other);
    modprop_mistakes_add(mistakes, line, "zip needs equally many values: %s, %s%s", one, other,
                         own ? ""
                             : "; give the variant as many, or a zip of its own (zip = for none)");
    return false;
}

/* Joins the axes of each group. Told once: a variant repeats what is wrong in the common part only
 * where it changes a member. */
static bool join_zipped(struct modprop_grid *grid, const struct modprop_spec *spec,
                        struct modprop_mistakes *mistakes)
{
    const struct modprop_part *common = &spec->part[0];
    const bool own = grid->part->zip_line || grid->part == common;
    const struct modprop_part *owner = own ? grid->part : common;
    const size_t line = own ? owner->zip_line : grid->part->line;
    const size_t parameters = modprop_parameter_count();
    bool fits = !owner->zip_wrong;
    for (size_t p = 0; p < parameters && !owner->zip_wrong; p++) {
        size_t first = 0;
        while (first < p && owner->zip[first] != owner->zip[p])
            first++;
        if (owner->zip[p] == 0 || first == p)
            continue;
        const bool changed = own || grid->part->values[p].line || grid->part->values[first].line;
        if (grid->source[first]->count != grid->source[p]->count && !changed)
            fits = false;
        else if (!pair_fits(grid, first, p, own, line, mistakes))
            fits = false;
        else
            grid->leader[p] = first;
    }
    return fits;
}

/* ------------------------------------------------------------------ axes */

/* All drawn keys share one axis, that of the first. */
static void join_drawn(struct modprop_grid *grid)
{
    const size_t parameters = modprop_parameter_count();
    size_t first = parameters;
    for (size_t p = 0; p < parameters; p++) {
        if (!grid->source[p]->drawn)
            continue;
        if (first == parameters)
            first = p;
        grid->leader[p] = first;
    }
}

/* An axis goes where its slowest member belongs. */
static enum speed axis_speed(const struct modprop_grid *grid, size_t leader)
{
    enum speed slowest = SPEEDS;
    for (size_t p = 0; p < modprop_parameter_count(); p++)
        if (grid->leader[p] == leader && speed_of(grid, p) < slowest)
            slowest = speed_of(grid, p);
    return slowest;
}

/* Counts the rows axis by axis, the fastest first. A stride beyond the cap is never used. */
static void lay_axes(struct modprop_grid *grid)
{
    const size_t parameters = modprop_parameter_count();
    double rows = 1;
    for (int speed = SPEEDS - 1; speed >= 0; speed--) {
        for (size_t k = parameters; k-- > 0;) {
            if (grid->leader[k] != k || (int)axis_speed(grid, k) != speed)
                continue;
            grid->stride[k] = rows <= MODPROP_GRID_ROWS ? (size_t)rows : 1;
            rows *= (double)grid->source[k]->count;
        }
    }
    for (size_t p = 0; p < parameters; p++)
        grid->stride[p] = grid->stride[grid->leader[p]];
    grid->rows = rows;
}

enum modprop_status modprop_grid_make(struct modprop_grid *grid, const struct modprop_spec *spec,
                                      const struct modprop_part *part,
                                      struct modprop_mistakes *mistakes)
{
    const size_t parameters = modprop_parameter_count();
    const struct modprop_part *common = &spec->part[0];
    grid->part = part;
    grid->source = calloc(parameters, sizeof *grid->source);
    grid->stride = calloc(parameters, sizeof *grid->stride);
    grid->leader = calloc(parameters, sizeof *grid->leader);
    if (!grid->source || !grid->stride || !grid->leader)
        return MODPROP_NO_MEMORY;
    bool fits = true;
    for (size_t p = 0; p < parameters; p++) {
        grid->source[p] = part->values[p].line     ? &part->values[p]
                          : common->values[p].line ? &common->values[p]
                                                   : &spec->fallback[p];
        grid->leader[p] = p;
        fits = fits && grid->source[p]->count > 0;
    }
    if (!fits || !join_zipped(grid, spec, mistakes))
        return MODPROP_OK;
    join_drawn(grid);
    lay_axes(grid);
    return MODPROP_OK;
}

void modprop_grid_clear(struct modprop_grid *grid)
{
    free(grid->source);
    free(grid->stride);
    free(grid->leader);
    *grid = (struct modprop_grid){0};
}

/* "seed 8 x mu 11": what makes the grid as large as it is. */
static void product_text(const struct modprop_grid *grid, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t p = 0; p < modprop_parameter_count() && used < size; p++)
        if (grid->leader[p] == p && grid->source[p]->count > 1)
            used += (size_t)snprintf(text + used, size - used, "%s%s %zu", used ? " x " : "",
                                     modprop_parameter_at(p)->name, grid->source[p]->count);
}

bool modprop_grid_fits(const struct modprop_grid *grid, size_t grids,
                       struct modprop_mistakes *mistakes)
{
    double rows = 0;
    const struct modprop_grid *largest = grid;
    for (size_t k = 0; k < grids; k++) {
        rows += grid[k].rows;
        if (grid[k].rows > largest->rows)
            largest = &grid[k];
    }
    if (rows <= MODPROP_GRID_ROWS)
        return true;
    char product[256];
    product_text(largest, product, sizeof product);
    modprop_mistakes_add(mistakes, largest->part->line,
                         "the plan has %.10g runs (%s), more than "
                         "%.0f: leave values out, or zip keys, or draw samples",
                         rows, product, MODPROP_GRID_ROWS);
    return false;
}
