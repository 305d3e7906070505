#include "analyze/runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/runs_gather.h"
#include "analyze/runs_join.h"
#include "engine/error.h"
#include "engine/name.h"
#include "engine/memory.h"
#include "store/lock.h"

static enum modprop_status no_memory(struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the runs");
}

/* ------------------------------------------------------------------ files */

static enum modprop_status describe_file(struct modprop_runs_file *from,
                                         const struct modprop_runs_source *source,
                                         struct modprop_error *err)
{
    const struct {
        char **text;
        enum modprop_reading_text which;
    } texts[] = {{&from->sweep_file, MODPROP_READING_SWEEP_FILE},
                 {&from->sweep_text, MODPROP_READING_SWEEP_TEXT},
                 {&from->version, MODPROP_READING_VERSION},
                 {&from->commit, MODPROP_READING_COMMIT},
                 {&from->created, MODPROP_READING_CREATED},
                 {&from->command_line, MODPROP_READING_COMMAND_LINE},
                 {&from->cpu, MODPROP_READING_CPU},
                 {&from->compiler, MODPROP_READING_COMPILER},
                 {&from->blas, MODPROP_READING_BLAS},
                 {&from->kernel, MODPROP_READING_KERNEL},
                 {&from->mpi, MODPROP_READING_MPI},
                 {&from->history, MODPROP_READING_HISTORY}};
    from->runs = source->rows;
    from->holder = modprop_lock_holder(source->path);
    const double *iteration = modprop_reading_iterations(source->reading, &from->evaluations);
    from->iteration = calloc(from->evaluations, sizeof *from->iteration);
    if (!from->iteration)
        return no_memory(err);
    memcpy(from->iteration, iteration, from->evaluations * sizeof *iteration);
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        *texts[k].text = strdup(modprop_reading_text(source->reading, texts[k].which));
        if (!*texts[k].text)
            return no_memory(err);
    }
    return MODPROP_OK;
}

static enum modprop_status open_files(struct modprop_runs *runs, size_t files,
                                      const char *const *path, struct modprop_error *err)
{
    runs->store = calloc(1, sizeof *runs->store);
    runs->from = calloc(files, sizeof *runs->from);
    if (!runs->store || !runs->from ||
        !(runs->store->source = calloc(files, sizeof *runs->store->source)))
        return no_memory(err);
    for (size_t k = 0; k < files; k++) {
        struct modprop_runs_file *from = &runs->from[runs->files++];
        from->path = strdup(path[k]);
        if (!from->path)
            return no_memory(err);
        enum modprop_status status = modprop_runs_source_init(
            &runs->store->source[runs->store->sources], from->path, err);
        if (status != MODPROP_OK)
            return status;
        status = describe_file(from, &runs->store->source[runs->store->sources++], err);
        if (status != MODPROP_OK)
            return status;
    }
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ the whole */

/* What is only needed while the runs are put together. */
static void drop_columns(struct modprop_runs *runs)
{
    for (size_t file = 0; file < runs->store->sources; file++) {
        struct modprop_runs_source *source = &runs->store->source[file];
        for (size_t k = 0; k < source->columns; k++) {
            free(source->column[k].value);
            source->column[k].value = NULL;
        }
    }
}

enum modprop_status modprop_runs_read(struct modprop_runs **runs, size_t files,
                                      const char *const *path, struct modprop_error *err)
{
    *runs = NULL;
    struct modprop_runs *made = calloc(1, sizeof *made);
    if (!made)
        return no_memory(err);
    enum modprop_status status = open_files(made, files, path, err);
    if (status == MODPROP_OK)
        status = modprop_runs_join(made, err);
    if (status == MODPROP_OK)
        status = modprop_runs_gather(made, err);
    if (status != MODPROP_OK) {
        modprop_runs_free(made);
        return status;
    }
    drop_columns(made);
    *runs = made;
    return MODPROP_OK;
}

static void free_file(struct modprop_runs_file *from)
{
    free(from->path);
    free(from->sweep_file);
    free(from->sweep_text);
    free(from->version);
    free(from->commit);
    free(from->created);
    free(from->command_line);
    free(from->cpu);
    free(from->compiler);
    free(from->blas);
    free(from->kernel);
    free(from->mpi);
    free(from->history);
    free(from->iteration);
    modprop_memory_free(from->holder);
}

void modprop_runs_free(struct modprop_runs *runs)
{
    if (!runs)
        return;
    for (size_t k = 0; k < runs->files; k++)
        free_file(&runs->from[k]);
    for (size_t k = 0; k < runs->parameters; k++) {
        for (size_t c = 0; c < runs->parameter[k].choices; c++)
            free(runs->parameter[k].choice[c]);
        free(runs->parameter[k].choice);
        free(runs->parameter[k].value);
    }
    for (size_t k = 0; runs->store && k < runs->store->sources; k++)
        modprop_runs_source_clear(&runs->store->source[k]);
    if (runs->store)
        free(runs->store->source);
    for (size_t run = 0; runs->message && run < runs->count; run++)
        free(runs->message[run]);
    free(runs->store);
    free(runs->from);
    free(runs->parameter);
    free(runs->conflict);
    free(runs->message);
    free(runs->key);
    free(runs->state);
    free(runs->file);
    free(runs->row);
    free(runs->iterations_done);
    free(runs->diverged_at);
    free(runs->wall_s);
    free(runs->cpu_s);
    free(runs->attempts);
    free(runs);
}

/* ------------------------------------------------------------------ asking */

bool modprop_runs_has_result(const struct modprop_runs *runs, size_t run)
{
    return runs->state[run] == MODPROP_RUN_DONE || runs->state[run] == MODPROP_RUN_DIVERGED;
}

size_t modprop_runs_find(const struct modprop_runs *runs, const char *name)
{
    size_t k = 0;
    while (k < runs->parameters && strcmp(runs->parameter[k].name, name) != 0)
        k++;
    return k;
}

enum modprop_status modprop_runs_need(const struct modprop_runs *runs, const char *name,
                                      const char *what, size_t *parameter,
                                      struct modprop_error *err)
{
    *parameter = modprop_runs_find(runs, name);
    if (*parameter < runs->parameters)
        return MODPROP_OK;
    const char **names = calloc(runs->parameters + 1, sizeof *names);
    if (!names)
        return no_memory(err);
    for (size_t k = 0; k < runs->parameters; k++)
        names[k] = runs->parameter[k].name;
    const char *near = modprop_name_nearest_of(names, runs->parameters, name);
    free(names);
    return MODPROP_FAIL(err, MODPROP_INVALID, "%s %s: the runs have no parameter %s%s%s%s", what,
                        name, name,
                        near ? ", did you mean " : "; `modprop_analyze summary` names them",
                        near ? near : "", near ? "?" : "");
}

void modprop_runs_format(const struct modprop_runs *runs, size_t parameter, double value,
                         char *text, size_t size)
{
    const struct modprop_runs_parameter *about = &runs->parameter[parameter];
    if (isnan(value))
        snprintf(text, size, "-");
    else if (about->text)
        snprintf(text, size, "%s", about->choice[(size_t)value]);
    else
        modprop_runs_number(value, text, size);
}

void modprop_runs_number(double value, char *text, size_t size)
{
    enum { SHOWN = 9 };
    if (value == floor(value) && fabs(value) < 1e15) {
        snprintf(text, size, "%.0f", value + 0.0);
        return;
    }
    for (int digits = 1; digits <= SHOWN; digits++) {
        snprintf(text, size, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            return;
    }
    snprintf(text, size, "%.*g", SHOWN, value); /* 0.3, whatever linspace made of it */
}
