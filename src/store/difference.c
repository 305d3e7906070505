#include "store/difference.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/memory.h"
#include "store/column.h"
#include "store/stored.h"

/* Text that grows as far as it has room; what has none is counted. */
struct words {
    char text[400];
    size_t length;
    size_t left_out;
};

static void say(struct words *words, const char *format, ...) MODPROP_PRINTF(2, 3);

static void say(struct words *words, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int added = vsnprintf(words->text + words->length, sizeof words->text - words->length,
                                format, args);
    va_end(args);
    words->length += added > 0 ? (size_t)added : 0;
    if (words->length >= sizeof words->text)
        words->length = sizeof words->text - 1;
}

/* After an item was said from `begin` on: takes it back if it did not fit whole. */
static void keep_whole(struct words *words, size_t begin)
{
    if (words->length + 1 < sizeof words->text)
        return;
    words->text[begin] = '\0';
    words->length = begin;
    words->left_out++;
}

/* ------------------------------------------------------------------ values of a parameter */

/* The distinct values of a parameter over the runs, in order; NaN (not applicable) is left out. */
struct values {
    double *value;
    size_t count;
};

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void make_distinct(struct values *values)
{
    size_t kept = 0;
    for (size_t k = 0; k < values->count; k++)
        if (!isnan(values->value[k]))
            values->value[kept++] = values->value[k];
    qsort(values->value, kept, sizeof *values->value, compare);
    values->count = 0;
    for (size_t k = 0; k < kept; k++)
        if (values->count == 0 || values->value[values->count - 1] != values->value[k])
            values->value[values->count++] = values->value[k];
}

static void values_of_plan(struct values *values, const struct modprop_plan *plan, size_t index)
{
    values->count = plan->runs;
    for (size_t run = 0; run < plan->runs; run++)
        values->value[run] = plan->values[run * plan->parameters + index];
    make_distinct(values);
}

/* The values in the file's column; false if the file has no such column. */
static bool values_of_file(struct values *values, hid_t file, size_t runs, size_t index)
{
    const bool read = modprop_column_read(values->value, file, runs, index);
    values->count = read ? runs : 0;
    make_distinct(values);
    return read;
}

/* "modprop, eprop" or "11 values 0 .. 0.5". */
static void say_values(struct words *words, const struct values *values,
                       const struct modprop_plan *plan, size_t index)
{
    enum { FEW = 4 };
    const struct modprop_parameter *parameter = modprop_parameter_at(index);
    char text[64];
    if (values->count == 0)
        say(words, "none");
    if (values->count > FEW)
        say(words, "%zu values ", values->count);
    for (size_t k = 0; k < values->count; k++) {
        if (values->count > FEW && k > 0 && k + 1 < values->count)
            continue;
        if (parameter->kind == MODPROP_NAME_VALUE && !parameter->choice((size_t)values->value[k]))
            snprintf(text, sizeof text, "an unknown name");
        else if (parameter->kind == MODPROP_TEXT_VALUE &&
                 !modprop_texts_find(&plan->texts, values->value[k]))
            snprintf(text, sizeof text, "another text");
        else
            modprop_plan_format(plan, index, values->value[k], text, sizeof text);
        say(words, "%s%s", k == 0 ? "" : values->count > FEW ? " .. " : ", ", text);
    }
}

static void compare_parameter(struct words *words, struct values *ours, struct values *theirs,
                              hid_t file, size_t runs, const struct modprop_plan *plan,
                              size_t index)
{
    values_of_plan(ours, plan, index);
    const bool known = values_of_file(theirs, file, runs, index);
    if (known && ours->count == theirs->count &&
        memcmp(ours->value, theirs->value, ours->count * sizeof *ours->value) == 0)
        return;
    const size_t begin = words->length;
    say(words, "%s: the file has ", modprop_parameter_at(index)->name);
    if (known)
        say_values(words, theirs, plan, index);
    else
        say(words, "no such parameter");
    say(words, ", the sweep ");
    say_values(words, ours, plan, index);
    say(words, "; ");
    keep_whole(words, begin);
}

/* ------------------------------------------------------------------ the sweep files */

/* The first line in which the two texts differ, ends of text being empty lines. */
static void compare_texts(struct words *words, const char *theirs, const char *ours)
{
    enum { SHOWN = 50 }; /* bytes of a line */
    for (size_t line = 1; *theirs || *ours; line++) {
        const size_t a = strcspn(theirs, "\n"), b = strcspn(ours, "\n");
        if (a != b || memcmp(theirs, ours, a) != 0) {
            const size_t begin = words->length;
            say(words, "line %zu of the sweep file was `%.*s`, is `%.*s`; ", line,
                (int)(a < SHOWN ? a : SHOWN), theirs, (int)(b < SHOWN ? b : SHOWN), ours);
            keep_whole(words, begin);
            return;
        }
        theirs += a + (theirs[a] == '\n');
        ours += b + (ours[b] == '\n');
    }
}

/* ------------------------------------------------------------------ the whole */

static void compare_all(struct words *words, hid_t file, const struct modprop_plan *plan)
{
    const size_t runs = modprop_stored_runs(file);
    struct values ours = {modprop_memory_get(plan->runs, sizeof(double)), 0};
    struct values theirs = {modprop_memory_get(runs, sizeof(double)), 0};
    char *text = NULL;
    (void)modprop_h5_text(file, "sweep_text", &text,
                          NULL); /* without it, one difference less is told */
    if (runs != plan->runs)
        say(words, "%zu runs in the file, %zu in the sweep; ", runs, plan->runs);
    for (size_t index = 0; ours.value && theirs.value && index < plan->parameters; index++)
        compare_parameter(words, &ours, &theirs, file, runs, plan, index);
    if (text && plan->text)
        compare_texts(words, text, plan->text);
    if (words->length == 0)
        say(words, "the same values in other combinations or another order; ");
    modprop_memory_free(text);
    modprop_memory_free(theirs.value);
    modprop_memory_free(ours.value);
}

enum modprop_status modprop_difference_check(hid_t file, const char *path,
                                             const struct modprop_plan *plan,
                                             struct modprop_error *err)
{
    char hash[20];
    snprintf(hash, sizeof hash, "%016" PRIx64, plan->hash);
    char *stored = NULL;
    const enum modprop_status status = modprop_h5_text(file, "plan_hash", &stored, err);
    if (status != MODPROP_OK)
        return status;
    const bool equal = stored && strcmp(stored, hash) == 0;
    modprop_memory_free(stored);
    if (equal)
        return MODPROP_OK;
    struct words words = {.length = 0};
    char more[48] = "";
    compare_all(&words, file, plan);
    if (words.length >= 2 && !words.left_out)
        words.text[words.length - 2] = '\0'; /* the last "; " */
    if (words.left_out)
        snprintf(more, sizeof more, "and %zu more", words.left_out);
    return MODPROP_FAIL(
        err, MODPROP_DIFFERENT,
        "%s: belongs to another sweep; set another output, move the file away, or take "
        "over its runs with --extend. Differences: %s%s",
        path, words.text, more);
}
