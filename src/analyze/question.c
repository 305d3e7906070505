#include "analyze/question.h"

#include "engine/error.h"

void modprop_question_defaults(struct modprop_question *question)
{
    *question = (struct modprop_question){.band = MODPROP_CURVE_QUARTILES, .smooth = 1};
    modprop_measures_defaults(&question->measures);
}

enum modprop_status modprop_question_groups(const struct modprop_question *question,
                                            const struct modprop_runs *runs, size_t fallbacks,
                                            const char *const *fallback, size_t *index,
                                            size_t *count, struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    *count = 0;
    for (size_t k = 0; status == MODPROP_OK && k < question->by_count; k++)
        status = modprop_runs_need(runs, question->by[k], "--by", &index[(*count)++], err);
    for (size_t k = 0; !question->by_given && k < fallbacks; k++)
        if (modprop_runs_find(runs, fallback[k]) < runs->parameters)
            index[(*count)++] = modprop_runs_find(runs, fallback[k]);
    return status;
}
