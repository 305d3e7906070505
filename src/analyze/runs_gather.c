#include "analyze/runs_gather.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/runs_join.h"
#include "engine/error.h"

static enum modprop_status no_memory(struct modprop_error *err)
{
    return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the runs");
}

/* ------------------------------------------------------------------ parameters */

/* The row of the parameter table; NULL if this version does not know the name. */
static const struct modprop_parameter *known_parameter(const char *name)
{
    const size_t index = modprop_parameter_find(name);
    return index < modprop_parameter_count() ? modprop_parameter_at(index) : NULL;
}

static void add_parameter(struct modprop_runs *runs, const struct modprop_runs_column *column)
{
    const struct modprop_parameter *known = known_parameter(column->name);
    runs->parameter[runs->parameters++] = (struct modprop_runs_parameter){
        .name = column->name,
        .unit = known ? known->unit : "1",
        .help = known ? known->help : "",
        .text = column->text,
        .of_plan = strcmp(column->name, "variant") == 0};
}

/* All parameters of all files, `variant` last. */
static enum modprop_status list_parameters(struct modprop_runs *runs, struct modprop_error *err)
{
    size_t most = 0;
    for (size_t file = 0; file < runs->files; file++)
        most += runs->store->source[file].columns;
    runs->parameter = calloc(most + 1, sizeof *runs->parameter);
    if (!runs->parameter)
        return no_memory(err);
    for (int of_plan = 0; of_plan < 2; of_plan++)
        for (size_t file = 0; file < runs->files; file++) {
            const struct modprop_runs_source *source = &runs->store->source[file];
            for (size_t k = 0; k < source->columns; k++)
                if ((strcmp(source->column[k].name, "variant") == 0) == of_plan &&
                    modprop_runs_find(runs, source->column[k].name) == runs->parameters)
                    add_parameter(runs, &source->column[k]);
        }
    return MODPROP_OK;
}

/* Index of a choice, added if it is new; SIZE_MAX: no memory. */
static size_t choice_index(struct modprop_runs_parameter *parameter, const char *text)
{
    for (size_t k = 0; k < parameter->choices; k++)
        if (strcmp(parameter->choice[k], text) == 0)
            return k;
    char **grown = realloc(parameter->choice, (parameter->choices + 1) * sizeof *grown);
    if (!grown)
        return SIZE_MAX;
    parameter->choice = grown;
    grown[parameter->choices] = strdup(text);
    return grown[parameter->choices] ? parameter->choices++ : SIZE_MAX;
}

/* The values of the runs that stand in one file. */
static enum modprop_status gather_column(struct modprop_runs *runs,
                                         struct modprop_runs_parameter *parameter, size_t file,
                                         const struct modprop_runs_column *column,
                                         struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    double *translated = calloc(column->choices + 1, sizeof *translated);
    if (!translated)
        return no_memory(err);
    if (column->text != parameter->text)
        status = MODPROP_FAIL(
            err, MODPROP_INVALID, "%s: its parameter %s is %s, in the files before %s",
            runs->from[file].path, column->name, column->text ? "a name" : "a number",
            column->text ? "a number" : "a name");
    for (size_t k = 0; status == MODPROP_OK && k < column->choices; k++) {
        const size_t index = choice_index(parameter, column->choice[k]);
        translated[k] = (double)index;
        if (index == SIZE_MAX)
            status = no_memory(err);
    }
    for (size_t run = 0; status == MODPROP_OK && run < runs->count; run++) {
        if (runs->file[run] != file)
            continue;
        const double value = column->value[runs->row[run]];
        parameter->value[run] = column->text && !isnan(value) ? translated[(size_t)value] : value;
    }
    free(translated);
    return status;
}

static enum modprop_status gather_parameter(struct modprop_runs *runs,
                                            struct modprop_runs_parameter *parameter,
                                            struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    parameter->value = calloc(runs->count + 1, sizeof *parameter->value);
    if (!parameter->value)
        return no_memory(err);
    for (size_t run = 0; run < runs->count; run++)
        parameter->value[run] = NAN;
    for (size_t file = 0; file < runs->files; file++) {
        const struct modprop_runs_source *source = &runs->store->source[file];
        for (size_t k = 0; status == MODPROP_OK && k < source->columns; k++)
            if (strcmp(source->column[k].name, parameter->name) == 0)
                status = gather_column(runs, parameter, file, &source->column[k], err);
    }
    return status;
}

/* ------------------------------------------------------------------ results of one number */

static enum modprop_status gather_numbers(struct modprop_runs *runs, const char *name,
                                          double **values, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    *values = calloc(runs->count + 1, sizeof **values);
    if (!*values)
        return no_memory(err);
    for (size_t file = 0; status == MODPROP_OK && file < runs->files; file++) {
        const struct modprop_runs_source *source = &runs->store->source[file];
        double *of_file = calloc(source->rows, sizeof *of_file);
        status = of_file ? modprop_runs_source_numbers(source, name, of_file, err) : no_memory(err);
        for (size_t run = 0; status == MODPROP_OK && run < runs->count; run++)
            if (runs->file[run] == file)
                (*values)[run] = of_file[runs->row[run]];
        free(of_file);
    }
    return status;
}

/* What the messages of one file are put to: by row. */
struct messages {
    char **text; /* [rows]; NULL: none */
    size_t width;
};

static enum modprop_status take_message(void *context, size_t row, const void *bytes)
{
    struct messages *messages = context;
    if (!*(const char *)bytes)
        return MODPROP_OK;
    messages->text[row] = strndup(bytes, messages->width);
    if (!messages->text[row])
        return MODPROP_NO_MEMORY;
    modprop_runs_source_tidy(messages->text[row]);
    return MODPROP_OK;
}

static enum modprop_status gather_messages(struct modprop_runs *runs, size_t file,
                                           struct modprop_error *err)
{
    const struct modprop_runs_source *source = &runs->store->source[file];
    const struct modprop_stored_variable *variable = modprop_reading_find(source->reading,
                                                                          "message");
    enum modprop_status status = MODPROP_OK;
    if (!variable || variable->element != MODPROP_CHAR)
        return MODPROP_OK;
    struct messages messages = {calloc(source->rows, sizeof *messages.text), variable->bytes};
    if (!messages.text)
        return no_memory(err);
    status = modprop_runs_source_each(source, variable, take_message, &messages, err);
    for (size_t run = 0; status == MODPROP_OK && run < runs->count; run++) {
        if (runs->file[run] != file)
            continue;
        runs->message[run] = messages.text[runs->row[run]];
        messages.text[runs->row[run]] = NULL;
    }
    for (size_t row = 0; row < source->rows; row++)
        free(messages.text[row]);
    free(messages.text);
    return status;
}

/* ------------------------------------------------------------------ the whole */

enum modprop_status modprop_runs_gather(struct modprop_runs *runs, struct modprop_error *err)
{
    const struct {
        const char *name;
        double **values;
    } numbers[] = {{"iterations_done", &runs->iterations_done},
                   {"diverged_at", &runs->diverged_at},
                   {"wall_s", &runs->wall_s},
                   {"cpu_s", &runs->cpu_s},
                   {"attempts", &runs->attempts}};
    enum modprop_status status = list_parameters(runs, err);
    for (size_t k = 0; status == MODPROP_OK && k < runs->parameters; k++)
        status = gather_parameter(runs, &runs->parameter[k], err);
    for (size_t k = 0; status == MODPROP_OK && k < sizeof numbers / sizeof *numbers; k++)
        status = gather_numbers(runs, numbers[k].name, numbers[k].values, err);
    runs->message = calloc(runs->count + 1, sizeof *runs->message);
    if (!runs->message)
        return no_memory(err);
    for (size_t file = 0; status == MODPROP_OK && file < runs->files; file++)
        status = gather_messages(runs, file, err);
    for (size_t run = 0; status == MODPROP_OK && run < runs->count; run++)
        if (!runs->message[run] && !(runs->message[run] = strdup("")))
            status = no_memory(err);
    return status;
}
