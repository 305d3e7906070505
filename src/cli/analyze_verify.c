/*
 * verify: whether results files are what was written.
 */
#include <stdlib.h>

#include "analyze/runs_source.h"
#include "cli/analyze_commands.h"
#include "cli/text.h"
#include "engine/error.h"

/* Prints what is wrong with a file's rows; returns how many are damaged. */
static size_t print_rows(const struct modprop_runs_source *source)
{
    size_t finished = 0, damaged = 0;
    for (size_t row = 0; row < source->rows; row++) {
        finished += source->row[row] == MODPROP_READING_SOUND;
        if (source->row[row] != MODPROP_READING_DAMAGED)
            continue;
        damaged++;
        const int state = source->state[row];
        printf("%s: run %zu is damaged (%s)\n", source->path, row,
               state < 0 || state >= MODPROP_RUN_STATES ? "its status is none there is"
               : state == MODPROP_RUN_PENDING || state == MODPROP_RUN_RUNNING
                   ? "what it is to do, or its status"
                   : "it differs from its checksum, or its parameters from its key");
    }
    printf("%s: structure sound, %s, %zu finished and sound, %zu damaged\n", source->path,
           modprop_text_count(source->rows, "run").text, finished, damaged);
    return damaged;
}

enum modprop_status modprop_analyze_verify(const struct modprop_analyze_command *command,
                                           const struct modprop_analyze_options *options, int argc,
                                           char *const *argv, int *code, struct modprop_error *err)
{
    (void)command;
    (void)argc;
    (void)argv;
    (void)err;
    size_t damaged = 0;
    for (int k = 0; k < options->files; k++) {
        struct modprop_runs_source source;
        struct modprop_error why = {0};
        if (modprop_runs_source_init(&source, options->file[k], &why) != MODPROP_OK) {
            printf("%s\n", why.message);
            *code = 2;
            continue;
        }
        damaged += print_rows(&source);
        modprop_runs_source_clear(&source);
    }
    if (damaged) {
        printf("The command that made a file trains its damaged runs again.\n");
        *code = *code ? *code : 1;
    }
    return MODPROP_OK;
}
