#include "cli/condition_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/text.h"
#include "engine/error.h"

enum { FIGURES = 70, LABEL_LEAST = 9, LABEL_MOST = MODPROP_TEXT_WIDTH - FIGURES };

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

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct spread {
    char median[32], range[32];
};

/* "0.0123" and "0.010..0.020" of the runs of a condition that are done; "-" and "" without any.
 * `format` for the median and for the range's ends. */
static struct spread spread_of(struct groups *g, size_t condition, const struct modprop_overview *o,
                               const double *values, const char *const format[2])
{
    struct spread s = {"-", ""};
    size_t n = 0;
    for (size_t k = g->start[condition]; k < g->start[condition + 1]; k++)
        if (o->state[g->run[k]] == MODPROP_RUN_DONE && !isnan(values[g->run[k]]))
            g->figure[n++] = values[g->run[k]];
    if (n == 0)
        return s;
    qsort(g->figure, n, sizeof *g->figure, ascending);
    snprintf(s.median, sizeof s.median, format[0], (g->figure[(n - 1) / 2] + g->figure[n / 2]) / 2);
    if (n > 1) {
        char low[14], high[14];
        snprintf(low, sizeof low, format[1], g->figure[0]);
        snprintf(high, sizeof high, format[1], g->figure[n - 1]);
        snprintf(s.range, sizeof s.range, "%s..%s", low, high);
    }
    return s;
}

static double iteration_ms(const struct groups *g, size_t condition, const struct modprop_overview *o)
{
    double seconds = 0, iterations = 0;
    for (size_t k = g->start[condition]; k < g->start[condition + 1]; k++) {
        const size_t run = g->run[k];
        if (o->iterations_done[run] > 0 && o->wall_s[run] >= 0) {
            seconds += o->wall_s[run];
            iterations += o->iterations_done[run];
        }
    }
    return iterations > 0 ? 1e3 * seconds / iterations : NAN;
}

/* A label that is too long gets a line of its own. */
static void print_label(FILE *out, const char *label, int width)
{
    if (strlen(label) > (size_t)width)
        fprintf(out, "%s\n%*s", label, width, "");
    else
        fprintf(out, "%-*s", width, label);
}

static void print_condition(FILE *out, struct groups *g, size_t condition,
                            const struct modprop_overview *o, int label_width)
{
    static const char *const loss_format[] = {"%.3g", "%.2g"};
    static const char *const accuracy_format[] = {"%.3f", "%.2f"};
    size_t count[MODPROP_RUN_STATES] = {0};
    char ms[24] = "-";
    for (size_t k = g->start[condition]; k < g->start[condition + 1]; k++)
        count[o->state[g->run[k]]]++;
    const struct spread loss = spread_of(g, condition, o, o->final_loss, loss_format);
    const struct spread accuracy = spread_of(g, condition, o, o->final_accuracy, accuracy_format);
    const double time = iteration_ms(g, condition, o);
    if (!isnan(time))
        snprintf(ms, sizeof ms, "%.3g", time);
    print_label(out, o->label[g->run[g->start[condition]]], label_width);
    fprintf(out, " %4zu %4zu %4zu %4zu %8s %-16s %5s %-10s %6s\n", count[MODPROP_RUN_DONE],
            count[MODPROP_RUN_DIVERGED], count[MODPROP_RUN_FAILED] + count[MODPROP_RUN_TIMEOUT],
            count[MODPROP_RUN_PENDING] + count[MODPROP_RUN_RUNNING], loss.median, loss.range,
            accuracy.median, accuracy.range, ms);
}

enum modprop_status modprop_condition_table_print(FILE *out, const struct modprop_overview *overview,
                                        size_t most, struct modprop_error *err)
{
    struct groups g = {0};
    enum modprop_status status = MODPROP_OK;
    if (!make_groups(&g, overview)) {
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the table of conditions");
        goto cleanup;
    }
    size_t width = LABEL_LEAST;
    for (size_t run = 0; run < overview->runs; run++)
        if (strlen(overview->label[run]) > width)
            width = strlen(overview->label[run]);
    const int label_width = (int)(width < LABEL_MOST ? width : LABEL_MOST);
    fprintf(out, "%*s %-19s %8s %-16s %5s %-10s %6s\n", label_width, "", "runs", "final", "loss",
            "final", "accuracy", "ms per");
    fprintf(out, "%-*s %4s %4s %4s %4s %8s %-16s %5s %-10s %6s\n", label_width, "condition", "done",
            "div", "fail", "todo", "median", "range", "med", "range", "iter");
    for (size_t k = 0; k < overview->conditions && k < most; k++)
        print_condition(out, &g, k, overview, label_width);
    if (overview->conditions > most)
        fprintf(out, "... and %zu more: modprop_sweep --status shows all\n",
                overview->conditions - most);
cleanup:
    clear_groups(&g);
    return status;
}

void modprop_condition_table_count(const struct modprop_overview *overview, size_t *count)
{
    memset(count, 0, MODPROP_RUN_STATES * sizeof *count);
    for (size_t run = 0; run < overview->runs; run++)
        count[overview->state[run]]++;
}
