#include "cli/status.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/condition_table.h"
#include "store/results.h"

static void print_states(const struct modprop_overview *o)
{
    size_t count[MODPROP_RUN_STATES];
    modprop_condition_table_count(o, count);
    printf("runs     %zu:", o->runs);
    const char *separator = " ";
    for (int state = 0; state < MODPROP_RUN_STATES; state++) {
        const char *name = modprop_run_state_name((enum modprop_run_state)state);
        if (!count[state])
            continue;
        printf("%s%zu %s", separator, count[state], name);
        separator = ", ";
    }
    printf("\n");
    if (o->holder)
        printf("writer   %s\n", o->holder);
    else if (count[MODPROP_RUN_PENDING] + count[MODPROP_RUN_RUNNING])
        printf("writer   nobody: the sweep was interrupted or has not begun; the same command as "
               "before continues\n");
    else
        printf("writer   nobody: the sweep is complete\n");
}

static void print_failures(const struct modprop_overview *o)
{
    const char *headline = "\nfailed or out of time (--retry trains them again):\n";
    for (size_t run = 0; run < o->runs; run++) {
        if (o->state[run] != MODPROP_RUN_FAILED && o->state[run] != MODPROP_RUN_TIMEOUT)
            continue;
        printf("%srun %zu (%s) %s: %s\n", headline, run, o->label[run],
               modprop_run_state_name((enum modprop_run_state)o->state[run]), o->message[run]);
        headline = "";
    }
}

enum modprop_status modprop_status_print(const char *path, struct modprop_error *err)
{
    struct modprop_overview *overview = NULL;
    enum modprop_status status = modprop_overview_read(&overview, path, err);
    if (status == MODPROP_OK) {
        printf("results  %s\n", path);
        print_states(overview);
        printf("\n");
        status = modprop_condition_table_print(stdout, overview, SIZE_MAX, err);
        print_failures(overview);
    }
    modprop_overview_free(overview);
    return status;
}

enum modprop_status modprop_status_verify(const char *path, size_t *damaged,
                                          struct modprop_error *err)
{
    size_t *run = NULL, checked = 0;
    *damaged = 0;
    const enum modprop_status status = modprop_results_verify(path, &run, damaged, &checked, err);
    if (status == MODPROP_OK) {
        for (size_t k = 0; k < *damaged; k++)
            printf("run %zu differs from its checksum\n", run[k]);
        printf("%s: %zu finished runs checked, %zu damaged\n", path, checked, *damaged);
    }
    free(run);
    return status;
}
