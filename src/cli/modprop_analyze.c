/*
 * modprop_analyze - trends across the runs of results files.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/analyze_commands.h"
#include "cli/launch.h"
#include "cli/text.h"
#include "engine/error.h"
#include "engine/name.h"

static const char usage[] =
    "usage: modprop_analyze COMMAND FILE.h5... [options]\n"
    "\n"
    "Analyses one or several results files of modprop_sweep, finished or being written.\n"
    "Files are joined run by run. `modprop_analyze COMMAND --help` tells more.\n";

static const char usage_end[] =
    "Exit codes: 0 all well, 1 something is damaged, or a figure could not be drawn (the table\n"
    "came), 2 wrong use, or input that cannot be read.\n";

static void help(void)
{
    const struct modprop_analyze_command *command;
    printf("%s\nCommands:\n", usage);
    for (size_t k = 0; (command = modprop_analyze_command_at(k)) != NULL; k++) {
        char left[32];
        snprintf(left, sizeof left, "  %s", command->name);
        modprop_text_entry(stdout, left, 18, command->summary);
    }
    modprop_text_entry(stdout, "  help measures", 18, "the measures that --y takes");
    printf("\n%s", usage_end);
}

static void help_command(const struct modprop_analyze_command *command)
{
    printf("usage: modprop_analyze %s %s [options]\n\n", command->name, command->files);
    modprop_text_entry(stdout, "", 0, command->help);
    printf("\nOptions:\n");
    modprop_analyze_options_print(stdout, command->options);
    printf("\nExample:\n  modprop_analyze %s\n", command->example);
}

static void help_measures(void)
{
    const char *name, *text;
    for (size_t k = 0; (name = modprop_measures_kind(k, &text)) != NULL; k++) {
        char left[64];
        snprintf(left, sizeof left, "  %s%s", name, name[strlen(name) - 1] == '_' ? "FIGURE" : "");
        modprop_text_entry(stdout, left, 28, text);
    }
    printf("\nFigures:\n");
    for (size_t k = 0; k < modprop_figure_count(); k++) {
        char left[64];
        snprintf(left, sizeof left, "  %s", modprop_figure_at(k)->name);
        modprop_text_entry(stdout, left, 28, modprop_figure_at(k)->help);
    }
}

static const char *command_name(size_t index)
{
    const struct modprop_analyze_command *command = modprop_analyze_command_at(index);
    return command ? command->name : NULL;
}

static const struct modprop_analyze_command *find(const char *name)
{
    const struct modprop_analyze_command *command;
    for (size_t k = 0; (command = modprop_analyze_command_at(k)) != NULL; k++)
        if (strcmp(command->name, name) == 0)
            return command;
    const char *near = modprop_name_nearest(command_name, name);
    fprintf(stderr, "modprop_analyze: there is no command %s%s%s%s\n", name,
            near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
    fprintf(stderr, "`modprop_analyze --help` lists the commands\n");
    return NULL;
}

static int run(const struct modprop_analyze_command *command, int argc, char **argv)
{
    struct modprop_analyze_options options;
    struct modprop_error err = {0};
    int code = 0;
    enum modprop_status status = modprop_analyze_options_read(&options, command->options, argc,
                                                              argv, &err);
    if (status == MODPROP_OK && modprop_analyze_given(&options, MODPROP_ANALYZE_HELP)) {
        help_command(command);
        return 0;
    }
    if (status == MODPROP_OK && options.files < command->least_files)
        status = MODPROP_FAIL(&err, MODPROP_INVALID, "%s needs %s, as in `modprop_analyze %s`",
                              command->name, command->files, command->example);
    if (status == MODPROP_OK)
        status = command->run(command, &options, argc, argv, &code, &err);
    if (status == MODPROP_OK)
        return code;
    fprintf(stderr, "modprop_analyze: %s\n", err.message);
    return 2;
}

static int act(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "--help";
    const bool wants_help = strcmp(word, "help") == 0;
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        printf("modprop_analyze " MODPROP_VERSION "\n");
        return 0;
    }
    if (wants_help && argc > 2 && strcmp(argv[2], "measures") == 0) {
        help_measures();
        return 0;
    }
    if (wants_help && argc > 2) {
        const struct modprop_analyze_command *command = find(argv[2]);
        if (command)
            help_command(command);
        return command ? 0 : 2;
    }
    if (wants_help || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        help();
        return argc > 1 ? 0 : 2;
    }
    const struct modprop_analyze_command *command = find(word);
    return command ? run(command, argc - 1, argv + 1) : 2;
}

int main(int argc, char **argv)
{
    if (!modprop_launch_standard_files())
        return 2;
    modprop_launch_outlive_readers();
    modprop_blas_single_thread();
    const int code = act(argc, argv);
    if (modprop_launch_printed())
        return code;
    fprintf(stderr, "modprop_analyze: the output could not be written\n");
    return 2;
}
