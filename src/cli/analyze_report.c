/*
 * The command that writes the report.
 */
#include <stdlib.h>

#include "analyze/report.h"
#include "analyze/report_command.h"
#include "cli/analyze_commands.h"
#include "engine/error.h"

/* Files and runs: what all commands of the report take. The caller frees it; NULL: no memory. */
static char *input_text(const struct modprop_analyze_options *options)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    if (!out)
        return NULL;
    for (int k = 0; k < options->files; k++)
        modprop_report_command_word(out, options->file[k]);
    for (size_t k = 0; k < options->wheres; k++)
        modprop_report_command_option(out, "--where", options->where[k]);
    return fclose(out) == 0 ? text : NULL;
}

/* The whole command, with the options that only some parts read. */
static char *command_text(const struct modprop_analyze_options *options, const char *input)
{
    static const struct {
        enum modprop_analyze_option option;
        const char *name;
    } others[] = {{MODPROP_ANALYZE_LAST, "--last"},
                  {MODPROP_ANALYZE_BASELINE, "--baseline"},
                  {MODPROP_ANALYZE_METRIC, "--metric"},
                  {MODPROP_ANALYZE_BELOW, "--below"},
                  {MODPROP_ANALYZE_ABOVE, "--above"}};
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    if (!out)
        return NULL;
    fprintf(out, "modprop_analyze report%s", input);
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (modprop_analyze_given(options, others[k].option))
            modprop_report_command_option(out, others[k].name, options->text[others[k].option]);
    modprop_report_command_option(out, "-o", options->text[MODPROP_ANALYZE_OUTPUT]);
    return fclose(out) == 0 ? text : NULL;
}

static enum modprop_status save(const struct modprop_analyze_input *input,
                                const struct modprop_analyze_options *options, int *code,
                                struct modprop_error *err)
{
    const char *path = options->text[MODPROP_ANALYZE_OUTPUT];
    struct modprop_report_outcome outcome;
    char *files = input_text(options);
    char *command = files ? command_text(options, files) : NULL;
    enum modprop_status status = MODPROP_OK;
    if (!command)
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the report");
    if (status == MODPROP_OK)
        status = modprop_report_save(
            path,
            &(struct modprop_report_request){input->runs, &input->question,
                                             "modprop_analyze " MODPROP_VERSION, command, files},
            &outcome, err);
    if (status == MODPROP_OK) {
        fprintf(stderr, "modprop_analyze: %s written, %zu of %zu figures\n", path,
                outcome.figures - outcome.missing, outcome.figures);
        if (outcome.missing) {
            fprintf(stderr, "modprop_analyze: %s\n", outcome.why);
            *code = 1;
        }
    }
    free(command);
    free(files);
    return status;
}

enum modprop_status modprop_analyze_report(const struct modprop_analyze_command *command,
                                           const struct modprop_analyze_options *options, int argc,
                                           char *const *argv, int *code, struct modprop_error *err)
{
    (void)command;
    (void)argc;
    (void)argv;
    struct modprop_analyze_input input;
    if (!options->text[MODPROP_ANALYZE_OUTPUT])
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "report: say where to write the page: -o report.html");
    enum modprop_status status = modprop_analyze_input_open(&input, options, 0, err);
    if (status != MODPROP_OK)
        return status;
    status = save(&input, options, code, err);
    if (input.runs->damaged)
        *code = 1;
    modprop_analyze_input_close(&input);
    return status;
}
