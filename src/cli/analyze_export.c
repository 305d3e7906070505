/*
 * export: the runs as a tidy table, a line per run or per run and evaluation.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/analyze_commands.h"
#include "cli/analyze_print.h"
#include "cli/launch.h"
#include "engine/error.h"

enum { FIGURES = 256, MEASURES = 6 };

static const char *const measures[MEASURES] = {"final_loss", "final_accuracy",        "best_loss",
                                               "collapsed",  "seconds_per_iteration", "diverged"};

struct exporting {
    FILE *out;
    const struct modprop_analyze_input *input;
    const struct modprop_runs *runs;
    bool by_evaluation;
    size_t figures;
    struct modprop_runs_figure figure[FIGURES]; /* by_evaluation */
    double *value[MEASURES];                    /* otherwise; NULL: the files lack its figure */
};

/* ------------------------------------------------------------------ reading */

static enum modprop_status read_figures(struct exporting *e, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    const char *name;
    for (size_t k = 0; status == MODPROP_OK && k < FIGURES &&
                       (name = modprop_runs_figure_name(e->runs, k)) != NULL;
         k++)
        status = modprop_runs_read_figure(&e->figure[e->figures++], e->runs, name, err);
    return status;
}

static enum modprop_status read_measures(struct exporting *e, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    for (size_t k = 0; status == MODPROP_OK && k < MEASURES; k++) {
        struct modprop_measure measure;
        if (modprop_measures_find(&measure, e->runs, measures[k], NULL) != MODPROP_OK)
            continue;
        e->value[k] = calloc(e->runs->count + 1, sizeof *e->value[k]);
        status = e->value[k] ? modprop_measures_compute(e->value[k], NULL, &measure, e->runs,
                                                        &e->input->question.measures, err)
                             : MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the measures");
    }
    return status;
}

/* ------------------------------------------------------------------ writing */

static void put_text(struct exporting *e, const char *text)
{
    fputc(',', e->out);
    modprop_analyze_print_field(e->out, text);
}

static void put_number(struct exporting *e, double value)
{
    fputc(',', e->out);
    modprop_analyze_print_number(e->out, value);
}

static void put_heads(struct exporting *e)
{
    fputs("run_key", e->out);
    for (size_t p = 0; p < e->runs->parameters; p++)
        put_text(e, e->runs->parameter[p].name);
    put_text(e, "status");
    if (e->by_evaluation) {
        put_text(e, "evaluation");
        put_text(e, "iteration");
        for (size_t k = 0; k < e->figures; k++)
            put_text(e, e->figure[k].name);
    } else {
        static const char *const heads[] = {"iterations_done", "diverged_at", "wall_s",
                                            "cpu_s",           "attempts",    "message"};
        for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
            put_text(e, heads[k]);
        for (size_t k = 0; k < MEASURES; k++)
            if (e->value[k])
                put_text(e, measures[k]);
        put_text(e, "file");
    }
    fputc('\n', e->out);
}

static void put_run(struct exporting *e, size_t run)
{
    const struct modprop_runs *runs = e->runs;
    fprintf(e->out, "%016" PRIx64, runs->key[run]);
    for (size_t p = 0; p < runs->parameters; p++) {
        const struct modprop_runs_parameter *parameter = &runs->parameter[p];
        const double value = parameter->value[run];
        if (parameter->text)
            put_text(e, isnan(value) ? "" : parameter->choice[(size_t)value]);
        else
            put_number(e, value);
    }
    put_text(e, modprop_run_state_name(runs->state[run]));
}

static void put_outcome(struct exporting *e, size_t run)
{
    const struct modprop_runs *runs = e->runs;
    put_run(e, run);
    put_number(e, runs->iterations_done[run]);
    put_number(e, runs->diverged_at[run]);
    put_number(e, runs->wall_s[run]);
    put_number(e, runs->cpu_s[run]);
    put_number(e, runs->attempts[run]);
    put_text(e, runs->message[run]);
    for (size_t k = 0; k < MEASURES; k++)
        if (e->value[k])
            put_number(e, e->value[k][run]);
    put_text(e, runs->from[runs->file[run]].path);
    fputc('\n', e->out);
}

/* Evaluations at which at least one figure has a value. */
static void put_evaluations(struct exporting *e, size_t run)
{
    const double *iteration;
    size_t most = 0, count;
    for (size_t k = 0; k < e->figures; k++) {
        (void)modprop_runs_series(e->runs, &e->figure[k], run, &iteration, &count);
        most = count > most ? count : most;
    }
    for (size_t at = 0; at < most; at++) {
        put_run(e, run);
        put_number(e, (double)at);
        put_number(e, iteration[at]);
        for (size_t k = 0; k < e->figures; k++)
            put_number(e, e->figure[k].value[run * e->figure[k].width + at]);
        fputc('\n', e->out);
    }
}

static void put_all(struct exporting *e)
{
    put_heads(e);
    for (size_t run = 0; run < e->runs->count && !ferror(e->out); run++) {
        if (!e->input->chosen[run])
            continue;
        if (e->by_evaluation)
            put_evaluations(e, run);
        else
            put_outcome(e, run);
    }
}

static enum modprop_status write_all(struct exporting *e, const char *path,
                                     struct modprop_error *err)
{
    e->out = path ? fopen(path, "w") : stdout;
    if (!e->out)
        return MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be written: %s", path, strerror(errno));
    put_all(e);
    const bool failed = path ? fflush(e->out) != 0 || ferror(e->out) : !modprop_launch_printed();
    const int why = errno;
    if ((path && fclose(e->out) != 0) || failed)
        return MODPROP_FAIL(err, MODPROP_IO, "%s: cannot be written: %s",
                            path ? path : "standard output", strerror(why));
    return MODPROP_OK;
}

enum modprop_status modprop_analyze_export(const struct modprop_analyze_command *command,
                                           const struct modprop_analyze_options *options, int argc,
                                           char *const *argv, int *code, struct modprop_error *err)
{
    (void)command;
    (void)argc;
    (void)argv;
    struct modprop_analyze_input input;
    enum modprop_status status = modprop_analyze_input_open(&input, options, 0, err);
    if (status != MODPROP_OK)
        return status;
    struct exporting *e = calloc(1, sizeof *e);
    if (!e)
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory to export the runs");
    if (status == MODPROP_OK) {
        *e = (struct exporting){
            .input = &input,
            .runs = input.runs,
            .by_evaluation = strcmp(options->text[MODPROP_ANALYZE_PER], "evaluation") == 0};
        status = e->by_evaluation ? read_figures(e, err) : read_measures(e, err);
    }
    if (status == MODPROP_OK)
        status = write_all(e, options->text[MODPROP_ANALYZE_OUTPUT], err);
    *code = input.runs->damaged ? 1 : 0;
    for (size_t k = 0; e && k < FIGURES; k++)
        modprop_runs_clear_figure(&e->figure[k]);
    for (size_t k = 0; e && k < MEASURES; k++)
        free(e->value[k]);
    free(e);
    modprop_analyze_input_close(&input);
    return status;
}
