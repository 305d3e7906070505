/*
 * Any bytes as a sweep file, for libFuzzer (`make fuzz`). Findings become tests in
 * test_plan_hostile.c, and files of corpus/plan.
 */
#include <stdlib.h>
#include <string.h>

#include "sweep/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    struct modprop_plan *plan = NULL;
    struct modprop_mistakes mistakes = {0};
    const enum modprop_status status = modprop_plan_parse(&plan, "fuzz.ini", text, &mistakes);
    if ((status == MODPROP_OK) != (plan != NULL) || (status == MODPROP_INVALID && !mistakes.count))
        abort();
    for (size_t run = 0; plan && run < plan->runs && run < 50; run++) {
        struct modprop_config config;
        struct modprop_error err = {0};
        char label[64];
        modprop_plan_config(plan, run, &config);
        modprop_plan_label(plan, run, label, sizeof label);
        if (modprop_config_check(&config, &err) != MODPROP_OK ||
            modprop_config_key(&config) != plan->key[run])
            abort();
    }
    modprop_plan_free(plan);
    modprop_mistakes_clear(&mistakes);
    free(text);
    return 0;
}
