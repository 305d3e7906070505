#include "sweep/expand.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/array.h"
#include "sweep/key.h"
#include "sweep/hashmap.h"

/* Expanding, with what is carried from row to row. */
struct expanding {
    struct modprop_expansion *result;
    struct modprop_mistakes *mistakes;
    size_t parameters, seed;
    struct modprop_hashmap runs, conditions; /* by key, and by key without the seed */
    struct modprop_hashmap names;            /* masks, by the hash of all names */
    double *values;                          /* [parameters]: as the grid has them */
    double *mine, *other;                    /* [parameters]: two rows to be compared */
    bool collided;
};

/* ------------------------------------------------------------------ one row */

void modprop_expand_values(const struct modprop_expansion *expansion, const struct modprop_row *row,
                           double *values)
{
    const struct modprop_grid *grid = &expansion->grid[row->grid];
    const size_t parameters = modprop_parameter_count();
    const bool *mask = &expansion->mask[row->mask * parameters];
    for (size_t p = 0; p < parameters; p++)
        values[p] = mask[p] ? grid->source[p]->value[modprop_grid_place(grid, row->place, p)] : NAN;
}

void modprop_expand_config(const double *values, const struct modprop_texts *texts,
                           struct modprop_config *config)
{
    for (size_t p = 0; p < modprop_parameter_count(); p++) {
        const struct modprop_parameter *about = modprop_parameter_at(p);
        if (isnan(values[p]))
            continue;
        if (about->kind == MODPROP_TEXT_VALUE)
            modprop_config_set(config, about->name, modprop_texts_find(texts, values[p]), NULL);
        else
            modprop_parameter_assign(p, config, values[p]);
    }
}

/* Whether two rows are equal in all but one parameter (`parameters`: in all). */
static bool equal_rows(struct expanding *e, const struct modprop_row *a,
                       const struct modprop_row *b, size_t apart)
{
    modprop_expand_values(e->result, a, e->mine);
    modprop_expand_values(e->result, b, e->other);
    for (size_t p = 0; p < e->parameters; p++) {
        const bool same = e->mine[p] == e->other[p] || (isnan(e->mine[p]) && isnan(e->other[p]));
        if (!same && p != apart)
            return false;
    }
    return true;
}

/* What a row with these values reads, as a new mask. */
static bool add_mask(struct expanding *e)
{
    struct modprop_expansion *x = e->result;
    bool *larger = modprop_array_grow(x->mask, &x->mask_room, x->masks + 1, e->parameters);
    if (!larger)
        return false;
    x->mask = larger;
    struct modprop_config config = {0};
    modprop_expand_config(e->values, x->texts, &config);
    modprop_key_reads(&config, &x->mask[x->masks++ * e->parameters]);
    return true;
}

/* Number of the row's mask. Only names decide what is read (modprop_config_reads), so that there is
 * one mask for each combination of names. */
static bool find_mask(struct expanding *e, struct modprop_row *row)
{
    const struct modprop_grid *grid = &e->result->grid[row->grid];
    uint64_t sum = 0;
    for (size_t p = 0; p < e->parameters; p++)
        if (modprop_parameter_at(p)->kind == MODPROP_NAME_VALUE)
            sum += grid->source[p]->part[modprop_grid_place(grid, row->place, p)];
    const uint32_t next = (uint32_t)e->result->masks;
    if (!modprop_hashmap_put(&e->names, modprop_key_finish(sum), next, &row->mask))
        return false;
    return row->mask != next || add_mask(e);
}

/* ------------------------------------------------------------------ adding */

static void tell_collision(struct expanding *e)
{
    if (!e->collided)
        modprop_mistakes_add(e->mistakes, 0,
                             "two different runs have the same 64-bit key: change any "
                             "value a little, and please report this sweep file");
    e->collided = true;
}

/* Gives the row its condition, made if it is new. hash: its key without the seed. */
static bool join_condition(struct expanding *e, struct modprop_row *row, uint64_t hash)
{
    struct modprop_expansion *x = e->result;
    uint32_t condition;
    if (!modprop_hashmap_put(&e->conditions, hash, (uint32_t)x->conditions, &condition))
        return false;
    if (condition == x->conditions) {
        const size_t before = x->condition_room;
        size_t room = before;
        uint32_t *first = modprop_array_grow(x->first, &room, x->conditions + 1, sizeof *first);
        if (first)
            x->first = first;
        room = before;
        uint32_t *size = modprop_array_grow(x->size, &room, x->conditions + 1, sizeof *size);
        if (size)
            x->size = size;
        if (!first || !size)
            return false;
        x->condition_room = room;
        x->first[x->conditions] = (uint32_t)x->rows;
        x->size[x->conditions++] = 0;
    } else if (!equal_rows(e, row, &x->row[x->first[condition]], e->seed)) {
        tell_collision(e);
    }
    row->condition = condition;
    row->repeat = x->size[condition]++;
    return true;
}

/* Adds the row unless an equal one is there. */
static bool add_row(struct expanding *e, struct modprop_row row, uint64_t sum, uint64_t seed_part)
{
    struct modprop_expansion *x = e->result;
    uint32_t found;
    row.key = modprop_key_finish(sum);
    if (!modprop_hashmap_put(&e->runs, row.key, (uint32_t)x->rows, &found))
        return false;
    if (found != x->rows) {
        if (!equal_rows(e, &row, &x->row[found], e->parameters))
            tell_collision(e);
        x->merged++;
        return true;
    }
    struct modprop_row *larger = modprop_array_grow(x->row, &x->row_room, x->rows + 1,
                                                    sizeof *larger);
    if (!larger)
        return false;
    x->row = larger;
    if (!join_condition(e, &row, modprop_key_finish(sum - seed_part)))
        return false;
    x->row[x->rows++] = row;
    return true;
}

static bool expand_grid(struct expanding *e, uint32_t g)
{
    const struct modprop_grid *grid = &e->result->grid[g];
    struct modprop_row row = {.grid = g};
    bool *read = &e->result->read[g * e->parameters];
    for (; row.place < (uint32_t)grid->rows; row.place++) {
        for (size_t p = 0; p < e->parameters; p++)
            e->values[p] = grid->source[p]->value[modprop_grid_place(grid, row.place, p)];
        if (!find_mask(e, &row))
            return false;
        const bool *mask = &e->result->mask[row.mask * e->parameters];
        uint64_t sum = 0, seed_part = 0;
        for (size_t p = 0; p < e->parameters; p++) {
            if (!mask[p])
                continue;
            const uint64_t part = grid->source[p]->part[modprop_grid_place(grid, row.place, p)];
            sum += part;
            seed_part = p == e->seed ? part : seed_part;
            read[p] = true;
        }
        if (!add_row(e, row, sum, seed_part))
            return false;
    }
    return true;
}

enum modprop_status modprop_expand(struct modprop_expansion *expansion,
                                   const struct modprop_grid *grid, size_t grids,
                                   const struct modprop_texts *texts,
                                   struct modprop_mistakes *mistakes)
{
    const size_t parameters = modprop_parameter_count();
    struct expanding e = {.result = expansion,
                          .mistakes = mistakes,
                          .parameters = parameters,
                          .seed = modprop_parameter_find("seed")};
    expansion->grid = grid;
    expansion->grids = grids;
    expansion->texts = texts;
    expansion->read = calloc(grids * parameters, sizeof *expansion->read);
    e.values = calloc(3 * parameters, sizeof *e.values);
    bool fine = expansion->read && e.values;
    if (fine) {
        e.mine = e.values + parameters;
        e.other = e.mine + parameters;
    }
    for (uint32_t g = 0; g < grids && fine; g++)
        fine = expand_grid(&e, g);
    free(e.values);
    modprop_hashmap_clear(&e.runs);
    modprop_hashmap_clear(&e.conditions);
    modprop_hashmap_clear(&e.names);
    return fine ? MODPROP_OK : MODPROP_NO_MEMORY;
}

void modprop_expand_clear(struct modprop_expansion *expansion)
{
    free(expansion->row);
    free(expansion->mask);
    free(expansion->read);
    free(expansion->first);
    free(expansion->size);
    *expansion = (struct modprop_expansion){0};
}

/* ------------------------------------------------------------------ order */

static uint32_t place_of(const struct modprop_row *row, enum modprop_sweep_order order)
{
    return order == MODPROP_ORDER_BALANCED ? row->repeat : row->condition;
}

/* A stable counting sort: within a repeat (or a condition) the order of generation stays.
 * Conditions keep their numbers: all their first repeats come before any second, in either order.
 */
enum modprop_status modprop_expand_order(struct modprop_expansion *expansion,
                                         enum modprop_sweep_order order)
{
    uint32_t most = 0;
    for (size_t k = 0; k < expansion->rows; k++)
        if (place_of(&expansion->row[k], order) > most)
            most = place_of(&expansion->row[k], order);
    size_t *start = calloc((size_t)most + 2, sizeof *start);
    struct modprop_row *sorted = calloc(expansion->rows ? expansion->rows : 1, sizeof *sorted);
    if (!start || !sorted) {
        free(start);
        free(sorted);
        return MODPROP_NO_MEMORY;
    }
    for (size_t k = 0; k < expansion->rows; k++)
        start[place_of(&expansion->row[k], order) + 1]++;
    for (uint32_t k = 0; k < most; k++)
        start[k + 1] += start[k];
    for (size_t k = 0; k < expansion->rows; k++)
        sorted[start[place_of(&expansion->row[k], order)]++] = expansion->row[k];
    for (size_t k = expansion->rows; k-- > 0;)
        expansion->first[sorted[k].condition] = (uint32_t)k;
    free(expansion->row);
    free(start);
    expansion->row = sorted;
    return MODPROP_OK;
}
