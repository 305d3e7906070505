/*
 * The commands that print a table and draw a figure.
 */
#include <unistd.h>

#include "cli/analyze_commands.h"
#include "cli/analyze_print.h"
#include "cli/launch.h"
#include "engine/error.h"

static enum modprop_status print(const struct modprop_analyze_input *input,
                                 const struct modprop_result *result,
                                 const struct modprop_analyze_options *options,
                                 struct modprop_error *err)
{
    if (modprop_analyze_given(options, MODPROP_ANALYZE_CSV)) {
        modprop_analyze_print_csv(stdout, result);
        return MODPROP_OK;
    }
    modprop_analyze_print_files(stdout, input->runs);
    putchar('\n');
    return modprop_analyze_print_result(stdout, result, err);
}

static enum modprop_status draw_here(const struct modprop_plot *plot, struct modprop_error *err)
{
    int columns;
    const bool terminal = modprop_launch_terminal(STDOUT_FILENO, &columns);
    const struct modprop_plot_canvas canvas = {
        .format = MODPROP_PLOT_BRAILLE, .width = terminal ? columns : 0, .color = terminal};
    putchar('\n');
    return modprop_plot_print(stdout, plot, &canvas, err);
}

/* The figure, where one was asked for. That it cannot be drawn is told, after the table. */
static void draw(const struct modprop_result *result, const struct modprop_analyze_options *options,
                 int *code)
{
    const char *path = options->text[MODPROP_ANALYZE_OUTPUT];
    const bool here = modprop_analyze_given(options, MODPROP_ANALYZE_TERMINAL);
    struct modprop_error err = {0};
    if ((path || here) && !result->has_plot)
        (void)MODPROP_FAIL(&err, MODPROP_INVALID,
                           "there is nothing to draw: no run is left to show");
    if (err.code == MODPROP_OK && path &&
        modprop_plot_save(&result->plot, path, &err) == MODPROP_OK)
        fprintf(stderr, "modprop_analyze: %s written\n", path);
    if (err.code == MODPROP_OK && here)
        (void)draw_here(&result->plot, &err);
    if (err.code == MODPROP_OK)
        return;
    fprintf(stderr, "modprop_analyze: %s\n", err.message);
    *code = 1;
}

enum modprop_status modprop_analyze_answer(const struct modprop_analyze_command *command,
                                           const struct modprop_analyze_options *options, int argc,
                                           char *const *argv, int *code, struct modprop_error *err)
{
    (void)argc;
    (void)argv;
    struct modprop_analyze_input input;
    struct modprop_result result = {0};
    enum modprop_status status = modprop_analyze_input_open(&input, options, 0, err);
    if (status != MODPROP_OK)
        return status;
    status = command->make(&result, input.runs, &input.question, err);
    if (status == MODPROP_OK)
        status = print(&input, &result, options, err);
    if (status == MODPROP_OK)
        draw(&result, options, code);
    if (input.runs->damaged)
        *code = 1;
    modprop_result_clear(&result);
    modprop_analyze_input_close(&input);
    return status;
}
