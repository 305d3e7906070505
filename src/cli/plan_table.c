#include "cli/plan_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/launch.h"
#include "cli/text.h"

enum { LABEL_LEAST = 9, LABEL_MOST = 52 };

static size_t largest_run(const struct modprop_cost *cost)
{
    size_t bytes = 0;
    for (size_t k = 0; k < cost->conditions; k++)
        if (cost->bytes[k] > bytes)
            bytes = cost->bytes[k];
    return bytes;
}

/* Ranks that can compute at the same time. */
static int parallel(const struct modprop_plan_table *t)
{
    const int local = modprop_launch_local_ranks(), processors = modprop_launch_processors();
    const int fit = local > processors ? t->ranks * processors / local : t->ranks;
    const int trainers = t->trainers < fit ? t->trainers : fit;
    return trainers > 0 ? trainers : 1;
}

static void print_head(FILE *out, const struct modprop_plan_table *t)
{
    const struct modprop_selection *s = t->selection;
    const size_t chosen = s->count + s->reused + s->kept;
    fprintf(out, "sweep    %s\nresults  %s\n", t->plan->source, t->output);
    fprintf(out, "runs     %zu in %s", t->plan->runs,
            modprop_text_count(t->plan->conditions, "condition").text);
    if (chosen < t->plan->runs)
        fprintf(out, ", %zu chosen", chosen);
    fprintf(out, ": %zu fresh, %zu reused, %zu retried", s->fresh, s->reused, s->retried);
    if (s->kept)
        fprintf(out, ", %zu failed before (--retry trains them again)", s->kept);
    fprintf(out, "\nranks    %d, %s; at most %s each for a run\n", t->ranks,
            t->trainers == t->ranks ? "all of them train" : "rank 0 only hands out",
            modprop_text_bytes((double)largest_run(t->cost)).text);
    const double seconds =
        modprop_cost_total(t->cost, t->plan, s->todo, s->count, parallel(t));
    if (s->count)
        fprintf(out, "time     about %s, from a few measured iterations\n",
                modprop_text_duration(seconds).text);
}

/* Columns that the labels of the conditions take. */
static int label_width(const struct modprop_plan_table *t)
{
    char label[LABEL_MOST + 1];
    size_t width = LABEL_LEAST;
    for (size_t k = 0; k < t->cost->conditions && k < t->most; k++) {
        modprop_plan_label(t->plan, t->cost->first[k], label, sizeof label);
        width = strlen(label) > width ? strlen(label) : width;
    }
    return (int)width;
}

static void print_condition(FILE *out, const struct modprop_plan_table *t, size_t condition,
                            size_t todo, int width)
{
    struct modprop_config config;
    char label[LABEL_MOST + 1];
    const size_t run = t->cost->first[condition];
    modprop_plan_config(t->plan, run, &config);
    modprop_plan_label(t->plan, run, label, sizeof label);
    fprintf(out, "%-*s %5zu %5zu  %-7s %9s %10s\n", width, label, t->cost->runs[condition], todo,
            modprop_path_name(modprop_config_path(&config)),
            modprop_text_bytes((double)t->cost->bytes[condition]).text,
            modprop_text_duration(t->cost->run_s[condition]).text);
}

void modprop_plan_table_print(FILE *out, const struct modprop_plan_table *table)
{
    const size_t conditions = table->cost->conditions;
    print_head(out, table);
    size_t *todo = calloc(conditions + 1, sizeof *todo);
    if (!todo)
        return; /* the sweep will tell that memory is short; the head said the most important */
    for (size_t k = 0; k < table->selection->count; k++)
        todo[table->plan->condition[table->selection->todo[k]]]++;
    const int width = label_width(table);
    fprintf(out, "\n%-*s %5s %5s  %-7s %9s %10s\n", width, "condition", "runs", "todo", "path",
            "memory", "time a run");
    for (size_t k = 0; k < conditions && k < table->most; k++)
        print_condition(out, table, k, todo[k], width);
    if (conditions > table->most)
        fprintf(out, "... and %zu more: --dry-run shows all\n", conditions - table->most);
    fflush(out);
    free(todo);
}
