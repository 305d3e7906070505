#include "cli/plan_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/launch.h"
#include "cli/table.h"
#include "cli/text.h"

enum { INDENT = 9, LABEL_LENGTH = 1024 };

/* Ranks that can compute at the same time. */
static int parallel(const struct modprop_plan_table *t)
{
    const int local = modprop_launch_local_ranks(), processors = modprop_launch_processors();
    const int fit = local > processors ? t->ranks * processors / local : t->ranks;
    const int trainers = t->trainers < fit ? t->trainers : fit;
    return trainers > 0 ? trainers : 1;
}

static void print_reason(FILE *out, size_t count, const char *what, const char *why)
{
    char left[48];
    snprintf(left, sizeof left, "%*s%zu %s:", INDENT, "", count, what);
    if (count)
        fprintf(out, "%s %s\n", left, why);
}

/* Why not all runs are fresh. */
static void print_reasons(FILE *out, const struct modprop_selection *s)
{
    print_reason(out, s->reused, "reused", "they have their results already");
    print_reason(out, s->retried, "retried", "--retry, in place of the outcome they have");
    print_reason(out, s->continued, "continued", "from their checkpoints");
    print_reason(out, s->kept, "failed before", "left alone, --retry trains them again");
}

static void print_runs(FILE *out, const struct modprop_plan_table *t)
{
    const struct modprop_selection *s = t->selection;
    const size_t chosen = s->count + s->reused + s->kept;
    fprintf(out, "runs     %zu in %s", t->plan->runs,
            modprop_text_count(t->plan->conditions, "condition").text);
    if (t->plan->shards)
        fprintf(out, " (part %zu of %zu)", t->plan->shard, t->plan->shards);
    if (chosen < t->plan->runs)
        fprintf(out, ", %zu chosen", chosen);
    fprintf(out, ": %zu fresh, %zu reused, %zu retried", s->fresh, s->reused, s->retried);
    if (s->continued)
        fprintf(out, ", %zu continued", s->continued);
    if (s->kept)
        fprintf(out, ", %zu failed before", s->kept);
    fprintf(out, "\n");
    print_reasons(out, s);
}

static void print_ranks(FILE *out, const struct modprop_plan_table *t)
{
    const char *who = t->trainers < t->ranks ? ", rank 0 only hands out"
                      : t->ranks > 1         ? ", all of them train"
                                             : "";
    fprintf(out, "ranks    %d%s", t->ranks, who);
    if (t->selection->count)
        fprintf(out, "; a run takes at most %s",
                modprop_text_bytes((double)t->hosts->largest).text);
    fprintf(out, "\n");
    if (t->selection->count)
        modprop_hosts_print(out, t->hosts);
}

static void print_time(FILE *out, double seconds, const struct modprop_error *unmade)
{
    if (isnan(seconds))
        fprintf(out, "time     unknown: %s\n",
                unmade->code != MODPROP_OK
                    ? "no run could be measured"
                    : "an iteration takes too long to be measured beforehand");
    else
        fprintf(out, "time     about %s, from a few measured iterations\n",
                modprop_text_duration(seconds).text);
}

static void print_head(FILE *out, const struct modprop_plan_table *t)
{
    const struct modprop_selection *s = t->selection;
    fprintf(out, "sweep    %s\nresults  %s\n", t->plan->source, t->output);
    print_runs(out, t);
    print_ranks(out, t);
    if (s->count)
        print_time(out, modprop_cost_total(t->cost, t->plan, s->todo, s->count, parallel(t)),
                   &t->cost->unmade);
    for (size_t k = 0; k < t->plan->notes.count; k++)
        modprop_text_entry(out, k ? "" : "note", INDENT, t->plan->notes.line[k]);
    if (t->cost->unmade.code != MODPROP_OK) {
        char note[sizeof t->cost->unmade.message + 32];
        snprintf(note, sizeof note, "a run cannot be made: %s", t->cost->unmade.message);
        modprop_text_entry(out, t->plan->notes.count ? "" : "note", INDENT, note);
    }
    fprintf(out, "\n");
}

static void put_condition(struct modprop_table *table, const struct modprop_plan_table *t,
                          size_t condition, size_t todo)
{
    struct modprop_config config;
    char label[LABEL_LENGTH];
    const size_t run = t->plan->condition_first[condition];
    modprop_plan_config(t->plan, run, &config);
    modprop_plan_label(t->plan, run, label, sizeof label);
    modprop_table_row(table, label);
    modprop_table_cell(table, "%u", (unsigned)t->plan->condition_runs[condition]);
    modprop_table_cell(table, "%zu", todo);
    modprop_table_cell(table, "%s", modprop_path_name(modprop_config_path(&config)));
    modprop_table_cell(table, "%s", modprop_text_bytes((double)t->cost->bytes[condition]).text);
    modprop_table_cell(table, "%s", modprop_text_duration(t->cost->run_s[condition]).text);
}

static void put_head(struct modprop_table *table)
{
    modprop_table_column(table, "runs", MODPROP_RIGHT);
    modprop_table_column(table, "to do", MODPROP_RIGHT);
    modprop_table_column(table, "path", MODPROP_LEFT);
    modprop_table_column(table, "memory", MODPROP_RIGHT);
    modprop_table_column(table, "time a run", MODPROP_RIGHT);
}

enum modprop_status modprop_plan_table_print(FILE *out, const struct modprop_plan_table *t,
                                             struct modprop_error *err)
{
    const size_t conditions = t->plan->conditions;
    struct modprop_table *table = modprop_table_create();
    size_t *todo = calloc(conditions + 1, sizeof *todo);
    enum modprop_status status = MODPROP_OK;
    if (!table || !todo) {
        status = MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a table of %zu conditions",
                              conditions);
        goto cleanup;
    }
    for (size_t k = 0; k < t->selection->count; k++)
        todo[t->plan->condition[t->selection->todo[k]]]++;
    put_head(table);
    for (size_t k = 0; k < conditions && k < t->most; k++)
        put_condition(table, t, k, todo[k]);
    print_head(out, t);
    status = modprop_table_print(out, table, err);
    if (status == MODPROP_OK && conditions > t->most)
        fprintf(out, "... and %zu more: --dry-run shows all\n", conditions - t->most);
    fflush(out);
cleanup:
    free(todo);
    modprop_table_free(table);
    return status;
}
