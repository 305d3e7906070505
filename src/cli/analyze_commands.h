/*
 * analyze_commands.h - the table of commands of modprop_analyze.
 */
#ifndef MODPROP_CLI_ANALYZE_COMMANDS_H
#define MODPROP_CLI_ANALYZE_COMMANDS_H

#include "analyze/question.h"
#include "cli/analyze_options.h"

struct modprop_analyze_command;

/* What the command does. *code: the exit code where it does not fail. */
typedef enum modprop_status modprop_analyze_run(const struct modprop_analyze_command *command,
                                                const struct modprop_analyze_options *options,
                                                int argc, char *const *argv, int *code,
                                                struct modprop_error *err);

/* An analysis that fills a result. */
typedef enum modprop_status modprop_analyze_make(struct modprop_result *result,
                                                 const struct modprop_runs *runs,
                                                 const struct modprop_question *question,
                                                 struct modprop_error *err);

struct modprop_analyze_command {
    const char *name;
    const char *files; /* "FILE.h5..." */
    int least_files;
    const char *summary; /* for the list of commands */
    const char *help;    /* what it tells and how it is computed */
    const char *example; /* without the program's name */
    uint32_t options;    /* MODPROP_ANALYZE_BIT of those it takes */
    modprop_analyze_run *run;
    modprop_analyze_make *make; /* of those that print a result */
};

/* NULL past the last. */
const struct modprop_analyze_command *modprop_analyze_command_at(size_t index);

/* The runs that a command is about, and its question. */
struct modprop_analyze_input {
    struct modprop_runs *runs;
    bool *chosen;
    char *by; /* the list cut up */
    struct modprop_question question;
};

/* Reads files (options->file from `first` on) and options; tells troubles on standard error. */
enum modprop_status modprop_analyze_input_open(struct modprop_analyze_input *input,
                                               const struct modprop_analyze_options *options,
                                               int first, struct modprop_error *err);
void modprop_analyze_input_close(struct modprop_analyze_input *input);

/* Commands of their own. */
modprop_analyze_run modprop_analyze_answer, modprop_analyze_export, modprop_analyze_verify,
    modprop_analyze_merge, modprop_analyze_report;

#endif
