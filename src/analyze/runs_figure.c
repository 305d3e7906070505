/*
 * Figures of all runs at all evaluations, read when they are asked for.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/runs_join.h"
#include "engine/error.h"
#include "engine/memory.h"
#include "engine/name.h"

/* ------------------------------------------------------------------ names */

/* The index-th figure of one file: what has a number per evaluation. */
static const char *figure_of(const struct modprop_runs_source *source, size_t index)
{
    const struct modprop_stored *stored = modprop_reading_places(source->reading);
    for (size_t k = 0; k < stored->count; k++)
        if (modprop_runs_source_figure(source, stored->variable[k].name) && index-- == 0)
            return stored->variable[k].name;
    return NULL;
}

static bool in_earlier(const struct modprop_runs *runs, size_t file, const char *name)
{
    for (size_t k = 0; k < file; k++)
        if (modprop_runs_source_figure(&runs->store->source[k], name))
            return true;
    return false;
}

const char *modprop_runs_figure_name(const struct modprop_runs *runs, size_t index)
{
    for (size_t file = 0; file < runs->files; file++) {
        const char *name;
        for (size_t k = 0; (name = figure_of(&runs->store->source[file], k)) != NULL; k++)
            if (!in_earlier(runs, file, name) && index-- == 0)
                return name;
    }
    return NULL;
}

static enum modprop_status unknown_figure(const struct modprop_runs *runs, const char *name,
                                          struct modprop_error *err)
{
    enum { MOST = 256 };
    const char *names[MOST];
    size_t count = 0;
    while (count < MOST && (names[count] = modprop_runs_figure_name(runs, count)) != NULL)
        count++;
    const char *near = modprop_name_nearest_of(names, count, name);
    return MODPROP_FAIL(
        err, MODPROP_INVALID,
        "the runs have no figure %s%s%s%s (`modprop_analyze help measures` lists them)", name,
        near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
}

/* ------------------------------------------------------------------ values */

/* Where the rows of one file go. */
struct filling {
    const struct modprop_runs *runs;
    const uint32_t *run; /* [rows]; UINT32_MAX: the row stands for no run, or has no result */
    struct modprop_runs_figure *figure;
    size_t width; /* of the file */
};

static enum modprop_status take_row(void *context, size_t row, const void *bytes)
{
    const struct filling *filling = context;
    if (filling->run[row] != UINT32_MAX)
        memcpy(filling->figure->value + filling->run[row] * filling->figure->width, bytes,
               filling->width * sizeof(double));
    return MODPROP_OK;
}

static enum modprop_status read_file(struct modprop_runs_figure *figure,
                                     const struct modprop_runs *runs, size_t file, const char *name,
                                     struct modprop_error *err)
{
    const struct modprop_runs_source *source = &runs->store->source[file];
    const struct modprop_stored_variable *variable = modprop_runs_source_figure(source, name);
    if (!variable)
        return MODPROP_OK;
    figure->name = variable->name;
    uint32_t *run_of = malloc(source->rows * sizeof *run_of);
    if (!run_of)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for %s", name);
    for (size_t row = 0; row < source->rows; row++)
        run_of[row] = UINT32_MAX;
    for (size_t run = 0; run < runs->count; run++)
        if (runs->file[run] == file && modprop_runs_has_result(runs, run))
            run_of[runs->row[run]] = (uint32_t)run;
    struct filling filling = {runs, run_of, figure, runs->from[file].evaluations};
    const enum modprop_status status = modprop_runs_source_each(source, variable, take_row,
                                                                &filling, err);
    free(run_of);
    return status;
}

static void describe(struct modprop_runs_figure *figure)
{
    figure->unit = "1";
    figure->help = "";
    for (size_t k = 0; k < modprop_figure_count(); k++)
        if (strcmp(modprop_figure_at(k)->name, figure->name) == 0) {
            figure->unit = modprop_figure_at(k)->unit;
            figure->help = modprop_figure_at(k)->help;
        }
}

enum modprop_status modprop_runs_read_figure(struct modprop_runs_figure *figure,
                                             const struct modprop_runs *runs, const char *name,
                                             struct modprop_error *err)
{
    *figure = (struct modprop_runs_figure){0};
    enum modprop_status status = MODPROP_OK;
    for (size_t file = 0; file < runs->files; file++)
        if (runs->from[file].evaluations > figure->width)
            figure->width = runs->from[file].evaluations;
    const size_t room = modprop_memory_product(runs->count, figure->width);
    figure->value = room < SIZE_MAX / sizeof(double) ? malloc(room * sizeof(double) + 1) : NULL;
    if (!figure->value)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for %s of %zu runs", name,
                            runs->count);
    for (size_t k = 0; k < room; k++)
        figure->value[k] = NAN;
    for (size_t file = 0; status == MODPROP_OK && file < runs->files; file++)
        status = read_file(figure, runs, file, name, err);
    if (status == MODPROP_OK && !figure->name)
        status = unknown_figure(runs, name, err);
    if (status == MODPROP_OK)
        describe(figure);
    else
        modprop_runs_clear_figure(figure);
    return status;
}

void modprop_runs_clear_figure(struct modprop_runs_figure *figure)
{
    free(figure->value);
    *figure = (struct modprop_runs_figure){0};
}

const double *modprop_runs_series(const struct modprop_runs *runs,
                                  const struct modprop_runs_figure *figure, size_t run,
                                  const double **iteration, size_t *count)
{
    const struct modprop_runs_file *from = &runs->from[runs->file[run]];
    const double *series = figure->value + run * figure->width;
    *iteration = from->iteration;
    *count = from->evaluations;
    while (*count > 0 && isnan(series[*count - 1]))
        --*count;
    return series;
}
