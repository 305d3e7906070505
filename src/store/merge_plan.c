/*
 * The plan of a file that is made from several others.
 */
#include "store/merge.h"

#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "store/stored.h"

/* The whole sweep of one results file. */
static enum modprop_status plan_of(struct modprop_plan **plan, const char *path,
                                   struct modprop_error *err)
{
    hid_t file = -1;
    char *text = NULL, *name = NULL;
    struct modprop_mistakes mistakes = {0};
    enum modprop_status status = modprop_stored_open(&file, path, err);
    if (status == MODPROP_OK)
        status = modprop_h5_text(file, "sweep_text", &text, err);
    if (status == MODPROP_OK)
        status = modprop_h5_text(file, "sweep_file", &name, err);
    if (status == MODPROP_OK) {
        status = text ? modprop_plan_parse(plan, name ? name : path, text, &mistakes)
                      : MODPROP_INVALID;
        if (status != MODPROP_OK)
            MODPROP_FAIL(err, status, "%s: the sweep file in it cannot be used: %s", path,
                         mistakes.count ? mistakes.line[0] : "it is missing");
    }
    modprop_mistakes_clear(&mistakes);
    modprop_memory_free(text);
    modprop_memory_free(name);
    modprop_h5_drop(file);
    return status;
}

enum modprop_status modprop_merge_plan(struct modprop_plan **plan, const char *output,
                                       const char *const *path, size_t count,
                                       struct modprop_error *err)
{
    struct modprop_plan *widest = NULL;
    enum modprop_status status = MODPROP_OK;
    *plan = NULL;
    for (size_t k = 0; status == MODPROP_OK && k < count; k++) {
        struct modprop_plan *next = NULL;
        status = plan_of(&next, path[k], err);
        const bool wider = next && (!widest || next->runs > widest->runs);
        modprop_plan_free(wider ? widest : next);
        widest = wider ? next : widest;
    }
    char *name = strdup(output);
    if (status == MODPROP_OK && (!name || !widest))
        status = MODPROP_FAIL(err, name ? MODPROP_INVALID : MODPROP_NO_MEMORY,
                              "%s: there is nothing to make it from", output);
    if (status != MODPROP_OK) {
        modprop_plan_free(widest);
        free(name);
        return status;
    }
    free(widest->output);
    widest->output = name;
    *plan = widest;
    return MODPROP_OK;
}
