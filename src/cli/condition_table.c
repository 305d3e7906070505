#include "cli/condition_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"

/* Runs sorted by condition: those of condition k are run[start[k]] to run[start[k + 1] - 1]. */
struct groups {
    size_t *run, *start;
    double *figure; /* work memory for one condition */
};

static bool make_groups(struct groups *g, const struct modprop_overview *o)
{
    g->run = calloc(o->runs + 1, sizeof *g->run);
    g->figure = calloc(o->runs + 1, sizeof *g->figure);
    g->start = calloc(o->conditions + 2, sizeof *g->start);
    if (!g->run || !g->figure || !g->start)
        return false;
    for (size_t run = 0; run < o->runs; run++)
        g->start[o->condition[run] + 2]++;
    for (size_t k = 2; k < o->conditions + 2; k++)
        g->start[k] += g->start[k - 1];
    for (size_t run = 0; run < o->runs; run++)
        g->run[g->start[o->condition[run] + 1]++] = run; /* shifts start by one place */
    return true;
}

static void clear_groups(struct groups *g)
{
    free(g->run);
    free(g->start);
    free(g->figure);
}

/* ------------------------------------------------------------------ cells */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Two cells: median and range of the runs of a condition that are done; `format` of the median
 * and of the range. */
static void put_spread(struct modprop_table *table, struct groups *g, size_t condition,
                       const struct modprop_overview *o, const double *values,
                       const char *const format[2])
{
    char median[32] = "", range[64] = "";
    size_t n = 0;
    for (size_t k = g->start[condition]; k < g->start[condition + 1]; k++)
        if (o->state[g->run[k]] == MODPROP_RUN_DONE && !isnan(values[g->run[k]]))
            g->figure[n++] = values[g->run[k]];
    if (n > 0) {
        qsort(g->figure, n, sizeof *g->figure, ascending);
        snprintf(median, sizeof median, format[0], (g->figure[(n - 1) / 2] + g->figure[n / 2]) / 2);
    }
    if (n > 1)
        snprintf(range, sizeof range, format[1], g->figure[0], g->figure[n - 1]);
    modprop_table_cell(table, "%s", median);
    modprop_table_cell(table, "%s", range);
}

/* Empty unless an iteration was finished. */
static void put_iteration_ms(struct modprop_table *table, const struct groups *g, size_t condition,
                             const struct modprop_overview *o)
{
    double seconds = 0, iterations = 0;
    for (size_t k = g->start[condition]; k < g->start[condition + 1]; k++) {
        const size_t run = g->run[k];
        if (o->iterations_done[run] > 0 && o->wall_s[run] >= 0) {
            seconds += o->wall_s[run];
            iterations += o->iterations_done[run];
        }
    }
    const double ms = 1e3 * seconds / iterations;
    if (iterations > 0)
        modprop_table_cell(table, ms < 100 ? "%.3g" : "%.0f", ms);
    else
        modprop_table_cell(table, "%s", "");
}

/* Nothing for 0, so that a column without any is left out. */
static void put_count(struct modprop_table *table, size_t count)
{
    if (count)
        modprop_table_cell(table, "%zu", count);
    else
        modprop_table_cell(table, "%s", "");
}

static void put_condition(struct modprop_table *table, struct groups *g, size_t condition,
                          const struct modprop_overview *o)
{
    static const char *const loss_format[] = {"%.3g", "%.2g..%.2g"};
    static const char *const accuracy_format[] = {"%.3f", "%.2f..%.2f"};
    size_t count[MODPROP_RUN_STATES] = {0};
    for (size_t k = g->start[condition]; k < g->start[condition + 1]; k++)
        count[o->state[g->run[k]]]++;
    modprop_table_row(table, o->label[g->run[g->start[condition]]]);
    modprop_table_cell(table, "%zu", count[MODPROP_RUN_DONE]);
    put_count(table, count[MODPROP_RUN_DIVERGED]);
    put_count(table, count[MODPROP_RUN_FAILED] + count[MODPROP_RUN_TIMEOUT]);
    put_count(table, count[MODPROP_RUN_PENDING] + count[MODPROP_RUN_RUNNING]);
    put_spread(table, g, condition, o, o->final_loss, loss_format);
    put_spread(table, g, condition, o, o->final_accuracy, accuracy_format);
    put_iteration_ms(table, g, condition, o);
}

/* ------------------------------------------------------------------ the whole */

static void put_head(struct modprop_table *table)
{
    static const char *const heads[] = {"done",  "diverged", "failed", "to do",  "loss",
                                        "range", "accuracy", "range",  "ms/iter"};
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
        modprop_table_column(table, heads[k],
                             strcmp(heads[k], "range") == 0 ? MODPROP_LEFT : MODPROP_RIGHT);
}

enum modprop_status modprop_condition_table_print(FILE *out,
                                                  const struct modprop_overview *overview,
                                                  size_t most, struct modprop_error *err)
{
    struct groups g = {0};
    struct modprop_table *table = modprop_table_create();
    enum modprop_status status = MODPROP_OK;
    if (!table || !make_groups(&g, overview)) {
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the table of conditions");
        goto cleanup;
    }
    put_head(table);
    for (size_t k = 0; k < overview->conditions && k < most; k++)
        put_condition(table, &g, k, overview);
    fprintf(out, "Final loss and accuracy: median and range over the runs that are done.\n\n");
    status = modprop_table_print(out, table, err);
    if (status == MODPROP_OK && overview->conditions > most)
        fprintf(out, "... and %zu more: modprop_sweep --status shows all\n",
                overview->conditions - most);
cleanup:
    modprop_table_free(table);
    clear_groups(&g);
    return status;
}

void modprop_condition_table_count(const struct modprop_overview *overview, size_t *count)
{
    memset(count, 0, MODPROP_RUN_STATES * sizeof *count);
    for (size_t run = 0; run < overview->runs; run++)
        count[overview->state[run]]++;
}
