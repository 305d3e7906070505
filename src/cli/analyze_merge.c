/*
 * merge: one results file from several.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/analyze_commands.h"
#include "cli/analyze_print.h"
#include "cli/text.h"
#include "engine/error.h"
#include "store/merge.h"

static char *join(int argc, char *const *argv)
{
    char *line = NULL;
    size_t size = 0;
    FILE *text = open_memstream(&line, &size);
    if (!text)
        return NULL;
    fputs("modprop_analyze", text);
    for (int k = 0; k < argc; k++)
        fprintf(text, " %s", argv[k]);
    return fclose(text) == 0 ? line : NULL;
}

/* The plan of a sweep file, with another output. */
static enum modprop_status plan_of(struct modprop_plan **plan, const char *sweep,
                                   const char *output, struct modprop_error *err)
{
    struct modprop_mistakes mistakes = {0};
    enum modprop_status status = modprop_plan_read(plan, sweep, &mistakes);
    if (status != MODPROP_OK)
        (void)MODPROP_FAIL(err, status, "%s", mistakes.count ? mistakes.line[0] : sweep);
    modprop_mistakes_clear(&mistakes);
    char *copy = status == MODPROP_OK ? strdup(output) : NULL;
    if (status == MODPROP_OK && !copy)
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the plan");
    if (copy) {
        free((*plan)->output);
        (*plan)->output = copy;
    }
    return status;
}

/* Finished runs of the files that the plan does not have would be lost. */
static enum modprop_status refuse_foreign(const struct modprop_merge *merge,
                                          struct modprop_error *err)
{
    for (size_t k = 0; k < modprop_merge_sources(merge); k++) {
        const struct modprop_merge_source *source = modprop_merge_source(merge, k);
        if (source->foreign)
            return MODPROP_FAIL(err, MODPROP_DIFFERENT,
                                "%s: %zu of its %zu finished runs are not in the largest sweep of "
                                "these files: give a sweep file that has them all with --sweep",
                                source->path, source->foreign, source->finished);
    }
    return MODPROP_OK;
}

static void tell(const struct modprop_merge *merge, const struct modprop_plan *plan)
{
    size_t taken = 0;
    for (size_t k = 0; k < modprop_merge_sources(merge); k++) {
        const struct modprop_merge_source *source = modprop_merge_source(merge, k);
        printf("%s: %zu of %s finished, %zu taken", source->path, source->finished,
               modprop_text_count(source->runs, "run").text, source->taken);
        if (source->repeated)
            printf(", %zu that another file has too", source->repeated);
        if (source->damaged)
            printf(", %zu damaged", source->damaged);
        putchar('\n');
        taken += source->taken;
    }
    printf("%s: %s, %zu finished, %zu to do\n", plan->output,
           modprop_text_count(plan->runs, "run").text, taken, plan->runs - taken);
}

static enum modprop_status write_merged(const struct modprop_plan *plan, int files, char **file,
                                        const char *command_line, struct modprop_error *err)
{
    const struct modprop_provenance provenance = {.command_line = command_line,
                                                  .mpi = "none",
                                                  .blas = modprop_blas_name(),
                                                  .kernel = modprop_kernel_name()};
    struct modprop_merge *merge = NULL;
    enum modprop_status status = modprop_merge_open(&merge, plan, (const char *const *)file,
                                                    (size_t)files, true, err);
    if (status == MODPROP_OK)
        status = refuse_foreign(merge, err);
    if (status == MODPROP_OK)
        status = modprop_merge_write(merge, "merged by", &provenance, err);
    if (status == MODPROP_OK)
        tell(merge, plan);
    modprop_merge_free(merge);
    return status;
}

/* The files are read as for any analysis first: that refuses what is damaged in a child process, and
 * tells runs with different results. */
enum modprop_status modprop_analyze_merge(const struct modprop_analyze_command *command,
                                          const struct modprop_analyze_options *options, int argc,
                                          char *const *argv, int *code, struct modprop_error *err)
{
    (void)command;
    const char *output = options->file[0], *sweep = options->text[MODPROP_ANALYZE_SWEEP];
    char **file = options->file + 1;
    const int files = options->files - 1;
    struct modprop_runs *runs = NULL;
    struct modprop_plan *plan = NULL;
    char *line = join(argc, argv);
    enum modprop_status status = modprop_runs_read(&runs, (size_t)files, (const char *const *)file,
                                                   err);
    if (status == MODPROP_OK) {
        modprop_analyze_print_troubles(stderr, runs);
        *code = runs->damaged || runs->conflicts ? 1 : 0;
        status = sweep ? plan_of(&plan, sweep, output, err)
                       : modprop_merge_plan(&plan, output, (const char *const *)file, (size_t)files,
                                            err);
    }
    modprop_runs_free(runs);
    if (status == MODPROP_OK)
        status = write_merged(plan, files, file, line, err);
    modprop_plan_free(plan);
    free(line);
    return status;
}
