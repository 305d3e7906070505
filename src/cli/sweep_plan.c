#include "cli/sweep_plan.h"

#include <stdlib.h>
#include <string.h>

#include "cli/text.h"
#include "engine/error.h"
#include "sweep/shard.h"

/* Whether it is an HDF5 file, given instead of the sweep file most likely. */
static bool is_results(const char *path)
{
    static const char signature[] = "\x89HDF\r\n\x1a\n";
    char start[sizeof signature - 1] = "";
    FILE *file = fopen(path, "rb");
    const bool read = file && fread(start, sizeof start, 1, file) == 1;
    if (file)
        fclose(file);
    return read && memcmp(start, signature, sizeof start) == 0;
}

static enum modprop_status read_file(struct modprop_plan **plan, const char *path,
                                     struct modprop_error *err)
{
    struct modprop_mistakes mistakes = {0};
    if (is_results(path))
        return MODPROP_FAIL(
            err, MODPROP_INVALID,
            "%s: is a results file: look at it with --status, or give the sweep file to "
            "continue",
            path);
    const enum modprop_status status = modprop_plan_read(plan, path, &mistakes);
    for (size_t k = 0; k < mistakes.count; k++)
        fprintf(stderr, "%s\n", mistakes.line[k]);
    if (status != MODPROP_OK)
        MODPROP_FAIL(err, status, "%s: %s, nothing was started", path,
                     modprop_text_count(mistakes.count, "mistake").text);
    modprop_mistakes_clear(&mistakes);
    return status;
}

enum modprop_status modprop_sweep_plan_read(struct modprop_plan **plan,
                                            const struct modprop_options *options,
                                            struct modprop_error *err)
{
    *plan = NULL;
    enum modprop_status status = read_file(plan, options->file[0], err);
    if (status == MODPROP_OK && options->output) {
        char *output = strdup(options->output);
        if (!output)
            return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the name of the output");
        free((*plan)->output);
        (*plan)->output = output;
    }
    if (status == MODPROP_OK && options->shards)
        status = modprop_shard_cut(*plan, options->shard, options->shards, err);
    return status;
}
