#include "cli/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "engine/error.h"
#include "store/guard.h"

/* Columns: "pass ", the subject with or without three sizes, two errors with their bounds, and
 * where.
 */
enum { FILE_WIDTH = 40, SUBJECT_WIDTH = 43, WHERE_WIDTH = 26 };

/* Lines by their verdict, index MODPROP_CHECK_... */
struct tally {
    size_t lines[MODPROP_CHECK_NOT_HERE + 1];
};

/* A line in both precisions. */
struct pair {
    struct modprop_check_line single, twice;
};

static enum modprop_check_verdict verdict_of(const struct pair *pair)
{
    const enum modprop_check_verdict s = pair->single.verdict, d = pair->twice.verdict;
    if (s == MODPROP_CHECK_FAILED || d == MODPROP_CHECK_FAILED)
        return MODPROP_CHECK_FAILED;
    return d == MODPROP_CHECK_PASSED && s != MODPROP_CHECK_NOT_HERE ? s : d;
}

static void print_error(const struct modprop_check_line *line)
{
    if (line->where[0])
        printf(" %8.1e %5.0e", line->error, line->bound);
    else
        printf(" %8s %5s", "-", "-");
}

/* How near the line is to its bound; 0 for one without. */
static double share(const struct modprop_check_line *line)
{
    return line->where[0] ? line->error / line->bound : 0;
}

static void print_reason(const char *precision, const struct modprop_check_line *line)
{
    if (line->cause.code != MODPROP_OK)
        printf("     %s: %s\n", precision, line->cause.message);
    else if (line->verdict == MODPROP_CHECK_FAILED)
        printf("     %s: %s is off by %.3g, the bound is %.1g\n", precision, line->where,
               line->error, line->bound);
}

/* `left` fills the columns before the errors. */
static void print_head(const char *left)
{
    const int width = (int)strlen(left);
    printf("%*s %14s %14s\n", width, "", "float32   ", "double    ");
    printf("%s %8s %5s %8s %5s  worst in\n", left, "error", "bound", "error", "bound");
}

/* The end of a name that is too long tells more than its beginning. */
static const char *shortened(const char *text, size_t width)
{
    return strlen(text) > width ? text + strlen(text) - width : text;
}

static void print_verdict(enum modprop_check_verdict verdict, struct tally *tally)
{
    static const char *const words[] = {"pass", "FAIL", "  - ", "  ! ", "    "};
    tally->lines[verdict]++;
    printf("%s ", words[verdict]);
}

static void print_errors(const struct pair *pair)
{
    const struct modprop_check_line *const near = share(&pair->single) > share(&pair->twice)
                                                      ? &pair->single
                                                      : &pair->twice;
    print_error(&pair->single);
    print_error(&pair->twice);
    printf("  %.*s\n", WHERE_WIDTH, near->where);
    if (verdict_of(pair) == MODPROP_CHECK_FAILED) {
        print_reason("float32", &pair->single);
        print_reason("double", &pair->twice);
    }
}

static void check_gradients(struct tally *tally)
{
    printf(
        "Each line: all weight gradients and the loss, for a loss at the last step, over a window "
        "and a\n"
        "regression. error: largest |difference| / largest |reference| of a matrix; bound: from "
        "rounding.\n\n");
    print_head("     compared                                n  T B");
    for (size_t k = 0; k < modprop_check_gradients_count(); k++) {
        struct pair pair;
        modprop_check_gradients(k, &pair.single);
        modprop_check_gradients_f64(k, &pair.twice);
        print_verdict(verdict_of(&pair), tally);
        printf("%-*s %2zu %2zu %zu", SUBJECT_WIDTH, pair.twice.subject, pair.twice.n, pair.twice.T,
               pair.twice.B);
        print_errors(&pair);
    }
}

/* A guarded task: both precisions. */
static enum modprop_status examine_file(void *path, void **bytes, size_t *count,
                                        struct modprop_error *err)
{
    struct pair *pair = calloc(1, sizeof *pair);
    if (!pair)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory");
    modprop_check_golden(path, &pair->single);
    modprop_check_golden_f64(path, &pair->twice);
    *bytes = pair;
    *count = sizeof *pair;
    return MODPROP_OK;
}

/* HDF5 itself crashes over some damaged files: each is read in a process of its own. */
static void examine(char *path, struct pair *pair)
{
    void *bytes = NULL;
    size_t count = 0;
    *pair = (struct pair){0};
    struct modprop_check_line *const line = &pair->twice;
    if (modprop_guard_run(examine_file, path, path, 0, &bytes, &count, &line->cause) ==
        MODPROP_OK) {
        memcpy(pair, bytes, sizeof *pair);
        free(bytes);
        return;
    }
    line->verdict = pair->single.verdict = MODPROP_CHECK_UNREADABLE;
    const char *const slash = strrchr(path, '/');
    snprintf(line->subject, sizeof line->subject, "%s", slash ? slash + 1 : path);
}

static void check_files(int count, char **files, struct tally *tally)
{
    printf("Each line: every dataset the file expects, by every path the rule has.\n"
           "error: largest |difference| / largest |reference| of a dataset.\n\n");
    print_head("     file                                    ");
    for (int k = 0; k < count; k++) {
        struct pair pair;
        examine(files[k], &pair);
        const enum modprop_check_verdict verdict = verdict_of(&pair);
        print_verdict(verdict, tally);
        printf("%-*s", FILE_WIDTH, shortened(pair.twice.subject, FILE_WIDTH));
        if (verdict == MODPROP_CHECK_NOT_SUPPORTED || verdict == MODPROP_CHECK_UNREADABLE)
            printf(" %s\n     %s\n",
                   verdict == MODPROP_CHECK_UNREADABLE ? "unreadable" : "not supported",
                   pair.twice.cause.message);
        else
            print_errors(&pair);
    }
}

int modprop_cli_check(int count, char **files)
{
    struct tally tally = {{0}};
    if (count > 0)
        check_files(count, files, &tally);
    else
        check_gradients(&tally);
    const size_t *const lines = tally.lines;
    printf("%zu passed, %zu failed", lines[MODPROP_CHECK_PASSED], lines[MODPROP_CHECK_FAILED]);
    if (count > 0)
        printf(", %zu not supported, %zu unreadable", lines[MODPROP_CHECK_NOT_SUPPORTED],
               lines[MODPROP_CHECK_UNREADABLE]);
    printf("\n");
    return lines[MODPROP_CHECK_FAILED] ? 1 : lines[MODPROP_CHECK_UNREADABLE] ? 2 : 0;
}
