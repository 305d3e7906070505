#include "cli/analyze_print.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/label.h"
#include "cli/table.h"
#include "cli/text.h"

/* ------------------------------------------------------------------ files */

/* "88 done, 2 pending": the states that occur, among the runs taken from a file. */
static void count_states(const struct modprop_runs *runs, size_t file, char *text, size_t size)
{
    size_t count[MODPROP_RUN_STATES] = {0}, used = 0;
    text[0] = '\0';
    for (size_t run = 0; run < runs->count; run++)
        if (runs->file[run] == file)
            count[runs->state[run]]++;
    for (int state = 0; state < MODPROP_RUN_STATES && used < size; state++)
        if (count[state])
            used += (size_t)snprintf(text + used, size - used, "%s%zu %s", used ? ", " : "",
                                     count[state],
                                     modprop_run_state_name((enum modprop_run_state)state));
}

void modprop_analyze_print_files(FILE *out, const struct modprop_runs *runs)
{
    for (size_t k = 0; k < runs->files; k++) {
        const struct modprop_runs_file *from = &runs->from[k];
        char states[200];
        count_states(runs, k, states, sizeof states);
        fprintf(out, "%s: %s", from->path, modprop_text_count(from->runs, "run").text);
        if (states[0])
            fprintf(out, ": %s", states);
        if (from->merged)
            fprintf(out, "; %zu that another file has too", from->merged);
        if (from->holder)
            fprintf(out, "; being written by %s", from->holder);
        fputc('\n', out);
    }
}

static void print_conflict(FILE *out, const struct modprop_runs *runs,
                           const struct modprop_runs_conflict *conflict)
{
    fprintf(out, "  run %016" PRIx64 ": run %zu of %s is used, run %zu of %s differs in %s\n",
            conflict->key, conflict->row[0], runs->from[conflict->file[0]].path, conflict->row[1],
            runs->from[conflict->file[1]].path, conflict->what);
}

void modprop_analyze_print_troubles(FILE *out, const struct modprop_runs *runs)
{
    enum { SHOWN = 5 };
    for (size_t k = 0; k < runs->files; k++)
        if (runs->from[k].damaged)
            fprintf(out,
                    "modprop_analyze: %s: %s damaged and left out; `modprop_analyze verify %s` "
                    "tells which\n",
                    runs->from[k].path,
                    runs->from[k].damaged == 1
                        ? "1 run is"
                        : modprop_text_count(runs->from[k].damaged, "run").text,
                    runs->from[k].path);
    if (!runs->conflicts)
        return;
    fprintf(out, "modprop_analyze: %s in two files with different results:\n",
            modprop_text_count(runs->conflicts, "run").text);
    for (size_t k = 0; k < runs->conflicts_kept && k < SHOWN; k++)
        print_conflict(out, runs, &runs->conflict[k]);
    if (runs->conflicts > SHOWN)
        fprintf(out, "  ... and %zu more\n", runs->conflicts - SHOWN);
}

/* ------------------------------------------------------------------ tables */

static enum modprop_status print_table(FILE *out, const struct modprop_result *result,
                                       struct modprop_error *err)
{
    struct modprop_table *table = modprop_table_create();
    if (!table)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for a table");
    for (size_t k = 0; k < result->columns; k++)
        if (result->column[k].head)
            modprop_table_column(table, result->column[k].head, MODPROP_RIGHT);
    for (size_t row = 0; row < result->rows; row++) {
        if (result->row[row].detail)
            continue;
        modprop_table_row(table, result->row[row].label);
        for (size_t k = 0; k < result->columns; k++)
            if (result->column[k].head)
                modprop_table_cell(table, "%s", result->row[row].cell[k].text);
    }
    const enum modprop_status status = modprop_table_print(out, table, err);
    modprop_table_free(table);
    return status;
}

enum modprop_status modprop_analyze_print_result(FILE *out, const struct modprop_result *result,
                                                 struct modprop_error *err)
{
    enum modprop_status status = MODPROP_OK;
    for (size_t k = 0; k < result->notes; k++)
        modprop_text_entry(out, "", 0, result->note[k]);
    if (result->notes)
        fputc('\n', out);
    if (result->rows)
        status = print_table(out, result, err);
    if (result->warnings)
        fputc('\n', out);
    for (size_t k = 0; k < result->warnings; k++)
        modprop_text_entry(out, "", 0, result->warning[k]);
    return status;
}

/* ------------------------------------------------------------------ CSV */

void modprop_analyze_print_field(FILE *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

void modprop_analyze_print_number(FILE *out, double value)
{
    enum { ALL = 17 };
    char text[40];
    if (isnan(value))
        return;
    if (value == floor(value) && fabs(value) < 1e15) { /* 2000000, not 2e+06 */
        fprintf(out, "%.0f", value + 0.0);
        return;
    }
    for (int digits = 6; digits <= ALL; digits++) { /* 0.1, not 0.10000000000000001 */
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fputs(text, out);
}

/* The label whole, and its parameters each in a column. */
static void print_label(FILE *out, const struct modprop_label_names *names, const char *label)
{
    char value[MODPROP_LABEL_NAMES][MODPROP_LABEL_PIECE];
    modprop_analyze_print_field(out, label);
    modprop_label_values(names, label, value);
    for (size_t k = 0; k < names->count; k++) {
        fputc(',', out);
        modprop_analyze_print_field(out, value[k]);
    }
}

void modprop_analyze_print_csv(FILE *out, const struct modprop_result *result)
{
    const struct modprop_label_names names = modprop_label_collect(result, true);
    fputs("label", out);
    for (size_t k = 0; k < names.count; k++)
        fprintf(out, ",%s", names.name[k]);
    for (size_t k = 0; k < result->columns; k++)
        if (result->column[k].name)
            fprintf(out, ",%s", result->column[k].name);
    fputc('\n', out);
    for (size_t row = 0; row < result->rows; row++) {
        print_label(out, &names, result->row[row].label);
        for (size_t k = 0; k < result->columns; k++) {
            const struct modprop_result_cell *cell = &result->row[row].cell[k];
            if (!result->column[k].name)
                continue;
            fputc(',', out);
            if (cell->number)
                modprop_analyze_print_number(out, cell->value);
            else
                modprop_analyze_print_field(out, cell->text);
        }
        fputc('\n', out);
    }
}
