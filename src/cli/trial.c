#include "cli/trial.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyze/plot.h"
#include "cli/launch.h"
#include "cli/selection.h"
#include "cli/session.h"
#include "cli/sweep_plan.h"
#include "engine/error.h"
#include "engine/registry.h"
#include "engine/trial.h"

enum { INPUT, TARGET, KINDS };

/* The figure: a row for each input and each target, the first input at the top. A kind is one series,
 * its rows one after another with a gap behind each. */
struct figure {
    size_t rows, T;
    double *time_ms, *value; /* [rows][T + 1]: the row's number, and around it the trace */
    char (*name)[32];        /* [rows] */
    const char **row_name;   /* [rows], from the bottom up */
    struct modprop_plot_series series[KINDS];
    double low, high; /* of all inputs */
};

static enum modprop_status take_memory(struct figure *f, const struct modprop_trial *trial,
                                       struct modprop_error *err)
{
    f->T = trial->shape.T;
    f->rows = trial->shape.n_in + (trial->y ? trial->shape.n_out : 0);
    f->time_ms = calloc(f->rows, (f->T + 1) * sizeof *f->time_ms);
    f->value = calloc(f->rows, (f->T + 1) * sizeof *f->value);
    f->name = calloc(f->rows, sizeof *f->name);
    f->row_name = calloc(f->rows, sizeof *f->row_name);
    return f->time_ms && f->value && f->name && f->row_name
               ? MODPROP_OK
               : MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the picture of a trial");
}

static void release(struct figure *f)
{
    free(f->time_ms);
    free(f->value);
    free(f->name);
    free(f->row_name);
}

/* Smallest and largest of some values. */
static void range_of(const modprop_real *values, size_t count, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t k = 0; k < count; k++) {
        *low = fmin(*low, (double)values[k]);
        *high = fmax(*high, (double)values[k]);
    }
}

/* One column of `from` [T][columns] as the row-th trace. */
static void lay_row(struct figure *f, size_t row, const modprop_real *from, size_t column,
                    size_t columns, double low, double high)
{
    const double height = 0.8, middle = (low + high) / 2;
    const double scale = high > low ? height / (high - low) : 0;
    const size_t place = f->rows - 1 - row; /* the first one is at the top */
    double *const value = f->value + row * (f->T + 1), *const time = f->time_ms + row * (f->T + 1);
    for (size_t t = 0; t < f->T; t++) {
        time[t] = (double)t;
        value[t] = (double)place + scale * ((double)from[t * columns + column] - middle);
    }
    time[f->T] = value[f->T] = NAN;
    f->row_name[place] = f->name[row];
}

/* All columns of `from` as one series, from row `first` on. */
static void lay_kind(struct figure *f, int kind, const char *what, size_t first,
                     const modprop_real *from, size_t columns, double low, double high)
{
    for (size_t c = 0; c < columns; c++) {
        snprintf(f->name[first + c], sizeof *f->name, "%s %zu", what, c);
        lay_row(f, first + c, from, c, columns, low, high);
    }
    f->series[kind] = (struct modprop_plot_series){.name = what,
                                                   .kind = MODPROP_PLOT_LINES,
                                                   .count = columns * (f->T + 1),
                                                   .x = f->time_ms + first * (f->T + 1),
                                                   .y = f->value + first * (f->T + 1)};
}

static void lay(struct figure *f, const struct modprop_trial *trial)
{
    const size_t n_in = trial->shape.n_in, n_out = trial->shape.n_out;
    double low, high;
    range_of(trial->x, f->T * n_in, &f->low, &f->high);
    lay_kind(f, INPUT, "input", 0, trial->x, n_in, f->low, f->high);
    if (!trial->y)
        return;
    range_of(trial->y, f->T * n_out, &low, &high);
    lay_kind(f, TARGET, "target", n_in, trial->y, n_out, low, high);
}

/* The steps whose loss counts: "the last 150 of 2250 steps". */
static void name_steps(const struct modprop_task_shape *s, char *text, size_t size)
{
    if (s->loss_steps == s->T)
        snprintf(text, size, "all %zu steps", s->T);
    else if (s->loss_steps == 1)
        snprintf(text, size, "the last of %zu steps", s->T);
    else
        snprintf(text, size, "the last %zu of %zu steps", s->loss_steps, s->T);
}

static enum modprop_status draw(const struct figure *f, const struct modprop_trial *trial,
                                const struct modprop_config *config, const char *path,
                                struct modprop_error *err)
{
    const struct modprop_task *task = modprop_task_at((size_t)config->task);
    char caption[256], class[32] = "", steps[64];
    if (!trial->y)
        snprintf(class, sizeof class, "Class %zu. ", trial->label);
    name_steps(&trial->shape, steps, sizeof steps);
    snprintf(
        caption, sizeof caption,
        "%sFirst training trial of seed %ld. Inputs from %.3g to %.3g; the loss is that of %s.",
        class, config->seed, f->low, f->high, steps);
    const struct modprop_plot plot = {
        .title = task->name,
        .caption = caption,
        .x = {.label = "time", .unit = "ms"},
        .y = {.label = "", .names = f->rows, .name = f->row_name},
        .series_count = trial->y ? KINDS : 1,
        .series = f->series,
    };
    int columns;
    if (path)
        return modprop_plot_save(&plot, path, err);
    const bool terminal = modprop_launch_terminal(STDOUT_FILENO, &columns);
    const struct modprop_plot_canvas canvas = {.format = MODPROP_PLOT_DUMB,
                                               .width = terminal ? (double)columns : 0};
    return modprop_plot_print(stdout, &plot, &canvas, err);
}

/* The configuration of the first run, or of the first that is chosen. */
static enum modprop_status choose(struct modprop_config *config,
                                  const struct modprop_options *options, struct modprop_error *err)
{
    struct modprop_plan *plan;
    struct modprop_selection selection = {0};
    struct modprop_options of_plan = *options;
    of_plan.output = NULL; /* of the picture */
    enum modprop_status status = modprop_sweep_plan_read(&plan, &of_plan, err);
    if (status == MODPROP_OK)
        status = modprop_selection_init(&selection, plan->runs, options->only, err);
    for (size_t run = 0; status == MODPROP_OK && run < plan->runs; run++)
        if (selection.chosen[run]) {
            modprop_plan_config(plan, run, config);
            break;
        }
    modprop_selection_clear(&selection);
    modprop_plan_free(plan);
    return status;
}

int modprop_cli_trial(const struct modprop_options *options)
{
    struct modprop_config config;
    struct modprop_trial trial = {0};
    struct figure figure = {0};
    struct modprop_error err = {0};
    enum modprop_status status = choose(&config, options, &err);
    if (status == MODPROP_OK)
        status = modprop_trial_draw(&trial, &config, &err);
    if (status == MODPROP_OK)
        status = take_memory(&figure, &trial, &err);
    if (status == MODPROP_OK) {
        lay(&figure, &trial);
        status = draw(&figure, &trial, &config, options->output, &err);
    }
    release(&figure);
    modprop_trial_clear(&trial);
    if (status == MODPROP_OK)
        return MODPROP_EXIT_DONE;
    modprop_session_complain(&err);
    return MODPROP_EXIT_UNUSABLE;
}
