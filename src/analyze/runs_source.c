#include "analyze/runs_source.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "sweep/hashmap.h"
#include "sweep/key.h"

enum { BLOCK_BYTES = 1 << 20, KEY_LETTERS = 16, MOST_CHOICES = 4096 };

static enum modprop_status no_memory(const struct modprop_runs_source *source,
                                     struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its %zu runs", source->path,
                        source->rows);
}

static enum modprop_status damaged(const struct modprop_runs_source *source, const char *name,
                                   struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_INVALID, "%s: damaged: column %s is missing or misshapen",
                        source->path, name);
}

/* ------------------------------------------------------------------ rows of a variable */

/* What is done with each row: all that are not damaged, or finished ones alone. */
struct walk {
    const struct modprop_runs_source *source;
    const struct modprop_stored_variable *variable;
    bool finished;
    modprop_runs_source_take *take;
    void *context;
};

static bool wanted(const struct walk *walk, size_t row)
{
    return walk->source->row[row] == MODPROP_READING_SOUND ||
           (!walk->finished && walk->source->row[row] == MODPROP_READING_UNFINISHED);
}

static enum modprop_status each(const struct walk *walk, struct modprop_error *err)
{
    const size_t bytes = walk->variable->bytes, fit = BLOCK_BYTES / bytes;
    const size_t block = fit > 0 ? fit : 1, rows = walk->source->rows;
    enum modprop_status status = MODPROP_OK;
    char *values = calloc(block, bytes);
    if (!values)
        return no_memory(walk->source, err);
    for (size_t first = 0; status == MODPROP_OK && first < rows; first += block) {
        const size_t count = block < rows - first ? block : rows - first;
        status = modprop_reading_rows(walk->source->reading, walk->variable, first, count, values,
                                      err);
        for (size_t k = 0; status == MODPROP_OK && k < count; k++)
            if (wanted(walk, first + k) &&
                (status = walk->take(walk->context, first + k, values + k * bytes)) != MODPROP_OK)
                status = status == MODPROP_NO_MEMORY
                             ? no_memory(walk->source, err)
                             : damaged(walk->source, walk->variable->name, err);
    }
    free(values);
    return status;
}

enum modprop_status modprop_runs_source_each(const struct modprop_runs_source *source,
                                             const struct modprop_stored_variable *variable,
                                             modprop_runs_source_take *take, void *context,
                                             struct modprop_error *err)
{
    const struct walk walk = {source, variable, true, take, context};
    return each(&walk, err);
}

/* ------------------------------------------------------------------ columns */

struct numbers {
    enum modprop_element element;
    double *value;
};

static enum modprop_status take_number(void *context, size_t row, const void *bytes)
{
    const struct numbers *numbers = context;
    numbers->value[row] = modprop_reading_number(numbers->element, bytes);
    return MODPROP_OK;
}

static void set_none(double *value, size_t count)
{
    for (size_t k = 0; k < count; k++)
        value[k] = NAN;
}

enum modprop_status modprop_runs_source_numbers(const struct modprop_runs_source *source,
                                                const char *name, double *value,
                                                struct modprop_error *err)
{
    const struct modprop_stored_variable *variable = modprop_reading_find(source->reading, name);
    set_none(value, source->rows);
    if (!variable)
        return MODPROP_OK;
    if (variable->rank != 1 || variable->element == MODPROP_CHAR)
        return damaged(source, name, err);
    struct numbers numbers = {variable->element, value};
    return modprop_runs_source_each(source, variable, take_number, &numbers, err);
}

/* Texts of a column, each known text once. */
struct texts {
    struct modprop_runs_column *column;
    size_t width, room;
    char *text; /* [width + 1] */
    struct modprop_hashmap known;
};

void modprop_runs_source_tidy(char *text)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text))
            *text = '?';
}

static bool add_choice(struct texts *texts)
{
    struct modprop_runs_column *column = texts->column;
    if (column->choices == texts->room) {
        texts->room = 2 * texts->room + 8;
        char **grown = realloc(column->choice, texts->room * sizeof *grown);
        if (!grown)
            return false;
        column->choice = grown;
    }
    column->choice[column->choices] = strdup(texts->text);
    return column->choice[column->choices] && ++column->choices;
}

/* "" is not applicable, but for a variant, where it is the common part. */
static enum modprop_status take_text(void *context, size_t row, const void *bytes)
{
    struct texts *texts = context;
    struct modprop_runs_column *column = texts->column;
    uint32_t found = (uint32_t)column->choices;
    memcpy(texts->text, bytes, texts->width);
    modprop_runs_source_tidy(texts->text);
    if (!texts->text[0] && strcmp(column->name, "variant") != 0)
        return MODPROP_OK;
    if (column->choices >= MOST_CHOICES)
        return MODPROP_INVALID; /* no sweep has so many names: made so */
    const uint64_t hash = modprop_key_finish(modprop_key_text(texts->text));
    if (!modprop_hashmap_put(&texts->known, hash, found, &found) ||
        (found == column->choices && !add_choice(texts)))
        return MODPROP_NO_MEMORY;
    if (strcmp(column->choice[found], texts->text) != 0)
        return MODPROP_INVALID; /* two names with one hash: made so */
    column->value[row] = found;
    return MODPROP_OK;
}

static enum modprop_status read_column(const struct modprop_runs_source *source,
                                       const struct modprop_stored_variable *variable,
                                       struct modprop_runs_column *column,
                                       struct modprop_error *err)
{
    *column = (struct modprop_runs_column){.name = variable->name,
                                           .text = variable->element == MODPROP_CHAR,
                                           .value = calloc(source->rows, sizeof(double))};
    struct texts texts = {.column = column, .width = variable->bytes};
    struct numbers numbers = {variable->element, column->value};
    struct walk walk = {source, variable, false, take_number, &numbers};
    if (column->text) {
        texts.text = calloc(texts.width + 1, 1);
        walk.take = take_text;
        walk.context = &texts;
    }
    enum modprop_status status = MODPROP_OK;
    if (!column->value || (column->text && !texts.text))
        status = no_memory(source, err);
    else
        set_none(column->value, source->rows);
    if (status == MODPROP_OK)
        status = each(&walk, err);
    modprop_hashmap_clear(&texts.known);
    free(texts.text);
    return status;
}

/* Parameters stand between what else the plan says and the first result. */
static bool is_parameter(const struct modprop_stored_variable *variable)
{
    static const char *const others[] = {"run",       "run_key", "variant",
                                         "condition", "label",   "path_taken"};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (strcmp(variable->name, others[k]) == 0)
            return false;
    return variable->rank == (variable->element == MODPROP_CHAR ? 2 : 1);
}

static enum modprop_status read_columns(struct modprop_runs_source *source,
                                        struct modprop_error *err)
{
    const struct modprop_stored *stored = modprop_reading_places(source->reading);
    const struct modprop_stored_variable *variant = modprop_reading_find(source->reading,
                                                                         "variant");
    enum modprop_status status = MODPROP_OK;
    source->column = calloc(stored->count + 1, sizeof *source->column);
    if (!source->column)
        return no_memory(source, err);
    for (size_t k = 0; status == MODPROP_OK && k < stored->count; k++) {
        if (strcmp(stored->variable[k].name, "iterations_done") == 0)
            break;
        if (is_parameter(&stored->variable[k]))
            status = read_column(source, &stored->variable[k], &source->column[source->columns++],
                                 err);
    }
    if (status == MODPROP_OK && variant && variant->element == MODPROP_CHAR && variant->rank == 2)
        status = read_column(source, variant, &source->column[source->columns++], err);
    return status;
}

/* ------------------------------------------------------------------ keys */

static enum modprop_status take_key(void *context, size_t row, const void *bytes)
{
    struct modprop_runs_source *source = context;
    char text[KEY_LETTERS + 1] = "", *end;
    memcpy(text, bytes, KEY_LETTERS);
    source->key[row] = strtoull(text, &end, 16);
    if (end != text + KEY_LETTERS)
        source->row[row] = MODPROP_READING_DAMAGED;
    return MODPROP_OK;
}

/* Adds what one parameter contributes to the keys of all rows (sweep/key.h). */
static bool add_parts(const struct modprop_runs_column *column, uint64_t *sum, size_t rows)
{
    uint64_t *part = calloc(column->choices + 1, sizeof *part);
    if (!part)
        return false;
    for (size_t k = 0; k < column->choices; k++)
        part[k] = modprop_key_choice(column->name, column->choice[k]);
    double last = NAN; /* neighbours are often equal */
    uint64_t known = 0;
    for (size_t row = 0; row < rows; row++) {
        const double value = column->value[row];
        if (isnan(value))
            continue;
        if (column->text)
            sum[row] += part[(size_t)value];
        else
            sum[row] += value == last ? known : (known = modprop_key_number(column->name, value));
        last = value;
    }
    free(part);
    return true;
}

/* Rows whose parameters do not make their key are damaged: for those without a checksum yet, this is
 * the only witness. Where no row at all matches, another version made the keys in another way. */
static enum modprop_status check_keys(struct modprop_runs_source *source, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    size_t equal = 0;
    uint64_t *sum = calloc(source->rows, sizeof *sum);
    bool complete = sum != NULL;
    for (size_t k = 0; complete && k < source->columns; k++)
        if (strcmp(source->column[k].name, "variant") != 0)
            complete = add_parts(&source->column[k], sum, source->rows);
    if (!complete)
        status = no_memory(source, err);
    for (size_t row = 0; status == MODPROP_OK && row < source->rows; row++)
        equal += source->row[row] != MODPROP_READING_DAMAGED &&
                 modprop_key_finish(sum[row]) == source->key[row];
    for (size_t row = 0; equal > 0 && row < source->rows; row++)
        if (modprop_key_finish(sum[row]) != source->key[row])
            source->row[row] = MODPROP_READING_DAMAGED;
    free(sum);
    return status;
}

static enum modprop_status read_keys(struct modprop_runs_source *source, struct modprop_error *err)
{
    const struct modprop_stored_variable *key = modprop_reading_find(source->reading, "run_key");
    if (!key || key->element != MODPROP_CHAR || key->bytes != KEY_LETTERS)
        return damaged(source, "run_key", err);
    const struct walk walk = {source, key, false, take_key, source};
    const enum modprop_status status = each(&walk, err);
    return status == MODPROP_OK ? check_keys(source, err) : status;
}

/* Evaluations are multiples of evaluate_every, which stands in every row, under its checksum. */
static enum modprop_status check_iterations(const struct modprop_runs_source *source,
                                            struct modprop_error *err)
{
    size_t count;
    const double *iteration = modprop_reading_iterations(source->reading, &count);
    for (size_t k = 0; k < source->columns; k++) {
        const struct modprop_runs_column *column = &source->column[k];
        if (column->text || strcmp(column->name, "evaluate_every") != 0)
            continue;
        for (size_t row = 0; row < source->rows; row++)
            for (size_t e = 0; e < count && source->row[row] != MODPROP_READING_DAMAGED; e++)
                if (iteration[e] != (double)e * column->value[row])
                    return damaged(source, "iteration", err);
    }
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ the whole */

static enum modprop_status read_source(struct modprop_runs_source *source,
                                       struct modprop_error *err)
{
    source->rows = modprop_reading_places(source->reading)->runs;
    source->state = calloc(source->rows, sizeof *source->state);
    source->row = calloc(source->rows, sizeof *source->row);
    source->key = calloc(source->rows, sizeof *source->key);
    if (!source->state || !source->row || !source->key)
        return no_memory(source, err);
    enum modprop_status status = modprop_reading_check(source->reading, source->state, source->row,
                                                       err);
    if (status == MODPROP_OK)
        status = read_columns(source, err);
    if (status == MODPROP_OK)
        status = read_keys(source, err);
    return status == MODPROP_OK ? check_iterations(source, err) : status;
}

enum modprop_status modprop_runs_source_init(struct modprop_runs_source *source, const char *path,
                                             struct modprop_error *err)
{
    *source = (struct modprop_runs_source){.path = path};
    enum modprop_status status = modprop_reading_open(&source->reading, path, err);
    if (status == MODPROP_OK)
        status = read_source(source, err);
    if (status != MODPROP_OK)
        modprop_runs_source_clear(source);
    return status;
}

void modprop_runs_source_clear(struct modprop_runs_source *source)
{
    for (size_t k = 0; k < source->columns; k++) {
        for (size_t c = 0; c < source->column[k].choices; c++)
            free(source->column[k].choice[c]);
        free(source->column[k].choice);
        free(source->column[k].value);
    }
    free(source->column);
    free(source->state);
    free(source->row);
    free(source->key);
    modprop_reading_close(source->reading);
    *source = (struct modprop_runs_source){0};
}

const struct modprop_stored_variable *modprop_runs_source_figure(
    const struct modprop_runs_source *source, const char *name)
{
    size_t evaluations;
    const struct modprop_stored_variable *variable = modprop_reading_find(source->reading, name);
    (void)modprop_reading_iterations(source->reading, &evaluations);
    return variable && variable->element == MODPROP_FLOAT64 && variable->rank == 2 &&
                   variable->width[1] == evaluations
               ? variable
               : NULL;
}
