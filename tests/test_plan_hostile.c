/*
 * Sweep files that are large, strange or malicious: a clear mistake or a plan, never a crash, a
 * hang or more memory than told.
 */
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plan_fixture.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* A file with these bytes; the caller removes it. */
static void write_file(char path[32], const char *bytes, size_t size)
{
    strcpy(path, "/tmp/modprop_plan_XXXXXX");
    const int file = mkstemp(path);
    assert_true(file >= 0);
    size_t written = 0;
    while (written < size) {
        const ssize_t more = write(file, bytes + written, size - written);
        assert_true(more > 0);
        written += (size_t)more;
    }
    close(file);
}

/* The only mistake of a file that cannot be used, behind its name. */
static void assert_file(const char *path, enum modprop_status status, const char *expected)
{
    struct modprop_plan *plan = NULL;
    struct modprop_mistakes mistakes = {0};
    assert_int_equal(modprop_plan_read(&plan, path, &mistakes), status);
    assert_null(plan);
    assert_int_equal(mistakes.count, 1);
    assert_int_equal(strncmp(mistakes.line[0], path, strlen(path)), 0);
    assert_string_equal(mistakes.line[0] + strlen(path), expected);
    modprop_mistakes_clear(&mistakes);
}

static void assert_bytes(const char *bytes, size_t size, const char *expected)
{
    char path[32];
    write_file(path, bytes, size);
    assert_file(path, MODPROP_INVALID, expected);
    unlink(path);
}

#define ASSERT_BYTES(bytes, expected) assert_bytes(bytes, sizeof(bytes) - 1, expected)

/* text times over, behind a beginning; the caller frees it. */
static char *repeated(const char *beginning, const char *text, size_t times)
{
    const size_t before = strlen(beginning), length = strlen(text);
    char *all = malloc(before + times * length + 1);
    assert_non_null(all);
    memcpy(all, beginning, before);
    for (size_t k = 0; k < times; k++)
        memcpy(all + before + k * length, text, length);
    all[before + times * length] = '\0';
    return all;
}

/* Parses whatever it is, within so many seconds of processor time; returns the number of mistakes.
 */
static size_t survive(const char *text, double seconds)
{
    struct modprop_plan *plan = NULL;
    struct modprop_mistakes mistakes = {0};
    const clock_t start = clock();
    const enum modprop_status status = modprop_plan_parse(&plan, SOURCE, text, &mistakes);
    const double taken = (double)(clock() - start) / CLOCKS_PER_SEC;
    if (taken > seconds)
        print_error("%.3g s for \"%.60s...\"\n", taken, text);
    assert_true(taken <= seconds);
    assert_true((status == MODPROP_OK) == (plan != NULL));
    assert_true((status == MODPROP_INVALID) == (mistakes.count > 0));
    const size_t count = mistakes.count;
    modprop_mistakes_clear(&mistakes);
    modprop_plan_free(plan);
    return count;
}

/* ------------------------------------------------------------------ not text */

static void bytes_that_are_not_text_are_told_with_their_line(void **state)
{
    (void)state;
    ASSERT_BYTES("[rule]\nmu = 0.1\0\nmu = 0.2\n",
                 ":2: there is a zero byte: this is not a text file");
    ASSERT_BYTES("\x89HDF\r\n\x1a\n", ":1: the text is not UTF-8: save the file in that encoding");
    ASSERT_BYTES("[rule]\nmu = \x1b[31m0.1\n",
                 ":2: there is a control character: this is not a text file");
    ASSERT_BYTES("; old Macintosh\r[rule]\r",
                 ":1: a carriage return stands inside the line: end lines with LF or CRLF");
#define NOT_UTF8 ": the text is not UTF-8: save the file in that encoding"
    ASSERT_BYTES("; f\xfcr\n", ":1" NOT_UTF8);           /* Latin-1 */
    ASSERT_BYTES(";\n; \xc0\xaf\n", ":2" NOT_UTF8);      /* overlong / */
    ASSERT_BYTES("; \xe0\x80\xaf\n", ":1" NOT_UTF8);     /* overlong / */
    ASSERT_BYTES("; \xed\xa0\x80\n", ":1" NOT_UTF8);     /* surrogate */
    ASSERT_BYTES("; \xf4\x90\x80\x80\n", ":1" NOT_UTF8); /* above U+10FFFF */
    ASSERT_BYTES("; \xf0\x9f\x98", ":1" NOT_UTF8);       /* cut off */
    ASSERT_BYTES("\xff\xfe[\0r\0", ":1" NOT_UTF8);       /* UTF-16 */
}

static void text_of_all_languages_is_read(void **state)
{
    (void)state;
    struct modprop_plan *plan = plan_of(
        "; \xc2\xb5 \xe2\x82\xac \xf0\x9f\x98\x80\n[sweep]\noutput = "
        "\xc3\xa4/\xce\xbc.h5\n[variant \xce\xbc]\nmu = 0.1\n");
    assert_string_equal(plan->output, "\xc3\xa4/\xce\xbc.h5");
    assert_string_equal(plan->variant_name[1], "\xce\xbc");
    modprop_plan_free(plan);
}

/* ------------------------------------------------------------------ not a file */

static void files_that_cannot_be_read_are_told(void **state)
{
    (void)state;
    assert_file("/nowhere/at/all.ini", MODPROP_IO, ": cannot be opened: No such file or directory");
    assert_file("/tmp", MODPROP_IO, ": cannot be read: Is a directory");
    assert_file("/dev/zero", MODPROP_IO,
                ": is larger than 1048576 bytes: this is not a sweep file");
    char *path = repeated("/", "x", 5000);
    assert_file(path, MODPROP_IO, ": cannot be opened: File name too long");
    free(path);
}

static void a_file_is_read_like_its_text(void **state)
{
    (void)state;
    static const char text[] = "[rule]\r\nmu = 0.1, 0.2\r\n";
    char path[32];
    write_file(path, text, sizeof text - 1);
    struct modprop_plan *plan = NULL, *same = plan_of(text);
    struct modprop_mistakes mistakes = {0};
    assert_int_equal(modprop_plan_read(&plan, path, &mistakes), MODPROP_OK);
    assert_true(plan->hash == same->hash);
    assert_string_equal(plan->text, text);
    assert_string_equal(plan->source, path);
    unlink(path);
    modprop_plan_free(plan);
    modprop_plan_free(same);
}

/* ------------------------------------------------------------------ too much */

/* inih keeps 200 characters of a line: what is longer must not be cut in silence. */
static void long_lines_are_told_never_cut(void **state)
{
    (void)state;
    char *fits = repeated("[sweep]\noutput = ", "x", 188 - 0),
         *too_long = repeated("[sweep]\noutput = ", "x", 5000);
    struct modprop_plan *plan = plan_of(fits);
    assert_int_equal(strlen(plan->output), 188);
    modprop_plan_free(plan);
    assert_mistakes(too_long,
                    "2: the line has 5009 characters, more than 197: end it earlier and go on "
                    "with the list in the next line, indented\n");
    free(fits);
    free(too_long);
    fits = repeated("; ", "a long comment ", 500);
    assert_int_equal(survive(fits, 1), 0);
    free(fits);
    fits = repeated("[variant ", "v",
                    150); /* longer than the 49 characters inih keeps of a section */
    char *text = repeated(fits, "]\nmu = 0.1, 0.2\n", 1);
    plan = plan_of(text);
    assert_int_equal(strlen(plan->variant_name[1]), 150);
    modprop_plan_free(plan);
    free(fits);
    free(text);
}

static void no_more_than_a_hundred_mistakes_are_told(void **state)
{
    (void)state;
    char *text = repeated("", "x = 1\n", 100000);
    struct modprop_plan *plan = NULL;
    struct modprop_mistakes mistakes = {0};
    assert_int_equal(modprop_plan_parse(&plan, SOURCE, text, &mistakes), MODPROP_INVALID);
    assert_int_equal(mistakes.count, 101);
    assert_string_equal(mistakes.line[100],
                        SOURCE ": there may be more mistakes than these 100: mend them first");
    modprop_mistakes_clear(&mistakes);
    free(text);
}

static void large_files_take_no_long_time(void **state)
{
    (void)state;
    static const struct {
        const char *beginning, *text;
        size_t times;
        bool wrong;
    } cases[] = {
        {"", "[", 1000000, true},
        {"[rule]\nmu = ", "(", 180, true},
        {"[rule]\nmu = linspace(", "linspace(\n ", 90000, true},
        {"[rule]\nmu = 1\n", " , 0.5\n", 140000, false},
        {"[rule]\nmu = 1\n", "\n ,\n", 240000, true},
        {"[rule]\nmu = 1\n", " ; remark\n", 100000, false},
        {"", "[rule]\n", 140000, false},
        {"", "[rule]", 140000, true},
        {"", "[foo]\n", 140000, true},
        {"", "[variant]\n", 100000, true},
        {"", "[variant a]\n", 80000, true},
        {"", "\n", 1000000, false},
        {"", "=\n", 500000, true},
        {"", ";\n", 500000, false},
        {"[sweep]\nzip = mu, n\n", " , mu\n", 100000, true},
        {"[sweep]\nzip = mu, n\n", " |\n", 200000, true},
        {"[rule]\nrule = bptt\n", " , bptt, modprop\n", 50000, false},
        {"", "[sweep]\nseed = 1..1000000\n", 40000, true},
        {"[rule]\nmu = 1, 2\n[sweep]\nseed = 1..1000\n[variant a]\nrule = bptt\n", "", 1, false},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char *text = repeated(cases[k].beginning, cases[k].text, cases[k].times);
        assert_true((survive(text, SANITIZED ? 40 : 4) > 0) == cases[k].wrong);
        free(text);
    }
}

static void many_variants_are_read_up_to_a_thousand(void **state)
{
    (void)state;
    char *text = malloc(1 << 20), *end = text;
    assert_non_null(text);
    for (int k = 0; k < 1000; k++)
        end += sprintf(end, "[variant v%d]\nmu = 0.%03d\n", k, k);
    struct modprop_plan *plan = plan_of(text);
    assert_int_equal(plan->variants, 1001);
    assert_int_equal(plan->runs, 1000); /* one of them is mu = 0.25, the common part */
    modprop_plan_free(plan);
    sprintf(end, "[variant w]\nmu = 2\n[variant x]\nmu = 3\n");
    assert_mistakes(text, "2001: there are more than 1000 variants\n"
                          "2003: there are more than 1000 variants\n"
                          "2004: mu is given here and in line 2002: keep one\n");
    free(text);
}

/* 10000 variants with a million values each would be 80 GB. */
static void values_of_all_keys_together_are_limited(void **state)
{
    (void)state;
    char *text = malloc(1 << 20), *end = text;
    assert_non_null(text);
    for (int k = 0; k < 12; k++)
        end += sprintf(end, "[variant v%d]\nseed = 1..1000000\n", k);
    assert_mistakes(
        text, "1: the plan has 10000001 runs (seed 1000000), more than 10000000: leave values "
              "out, or zip keys, or draw samples\n"
              "22: seed: the keys of this file have more than 10000000 values in all\n"
              "24: seed: the keys of this file have more than 10000000 values in all\n");
    free(text);
}

/* ------------------------------------------------------------------ random */

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Changes, doubles, drops or moves a few pieces of a text. */
static void mutate(char *text, size_t size, uint32_t *state)
{
    static const char *const pieces[] = {"[",
                                         "]",
                                         "=",
                                         "\n",
                                         ",",
                                         "..",
                                         "(",
                                         ")",
                                         ";",
                                         " ",
                                         "linspace(",
                                         "uniform(0,1)",
                                         "-1",
                                         "1e308",
                                         "nan",
                                         "[variant ",
                                         "zip = ",
                                         "|",
                                         "\t",
                                         "\n ",
                                         "0",
                                         "samples = ",
                                         "rule",
                                         "mu",
                                         "\r",
                                         "\x01",
                                         "\xc3",
                                         "#",
                                         ":",
                                         "1..9",
                                         "feedback = type\n",
                                         "n = ",
                                         "seed = "};
    for (uint32_t times = 1 + next_random(state) % 6; times > 0; times--) {
        const size_t length = strlen(text), at = next_random(state) % (length + 1);
        const char *piece = pieces[next_random(state) % (sizeof pieces / sizeof *pieces)];
        const size_t more = strlen(piece), cut = next_random(state) % 12;
        if (next_random(state) % 2 && length + more < size) {
            memmove(text + at + more, text + at, length - at + 1);
            memcpy(text + at, piece, more);
        } else {
            const size_t rest = length - at < cut ? length - at : cut;
            memmove(text + at, text + at + rest, length - at - rest + 1);
        }
    }
}

static void mutated_files_are_refused_or_read(void **state)
{
    (void)state;
    static const char *const seeds[] = {
        "[sweep]\nseed = 1..3\nzip = mu, learning_rate | n, tau_ms\noutput = a.h5\nsamples = "
        "4\n[network]\n"
        "n = 20, 30\ntau_ms = 50, 60\n[training]\nlearning_rate = logspace(1e-4, 1e-3, 2)\n[rule]\n"
        "mu = linspace(0, 0.5, 2)\n[variant b]\nrule = bptt, mdgl\nzip =\n",
        "[sweep]\nsamples = 5 ; five\nsample_seed = 2\n\n[rule]\nmu = uniform(0.1, 0.5)\nrule = "
        "modprop,\n"
        "   eprop, rtrl\nfeedback = cell, type\ntypes_per_sign = 1..3\n[variant c]\nbatch = "
        "loguniform(1, 9)\n",
    };
    uint32_t random = 1;
    size_t refused = 0, rounds = SANITIZED ? 500 : 1500;
    for (size_t k = 0; k < rounds; k++) {
        char text[2048];
        strcpy(text, seeds[k % 2]);
        mutate(text, sizeof text - 1, &random);
        refused += survive(text, 10) > 0;
    }
    assert_in_range(refused, 1, rounds - 1); /* some of both, or the test tests nothing */
}

/* ------------------------------------------------------------------ size and speed */

/* Expands once: 0 if all is well, 1 for a wrong plan, 2 for too much time or memory. */
static int expand(const char *text, size_t runs)
{
    struct modprop_plan *plan = NULL;
    struct modprop_mistakes mistakes = {0};
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    const clock_t start = clock();
    modprop_plan_parse(&plan, SOURCE, text, &mistakes);
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    getrusage(RUSAGE_SELF, &after);
    const long kilobytes = after.ru_maxrss - before.ru_maxrss; /* Linux counts in kB */
    if (!plan || plan->runs != runs)
        return 1;
    printf("%zu runs: %.3f s, %ld MB\n", plan->runs, seconds, kilobytes / 1000);
    fflush(stdout);
    return !SANITIZED && (seconds > 1 || kilobytes > 200 * 1000) ? 2 : 0;
}

/* In a process of its own, so that its peak memory is its own; the best of three, for other
 * processes slow it down. */
static void assert_quick(const char *text, size_t runs)
{
    int status = 2;
    for (int attempt = 0; attempt < 3 && status == 2; attempt++) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(expand(text, runs));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        status = WEXITSTATUS(status);
    }
    assert_int_equal(status, 0);
}

static void hundred_thousand_runs_take_a_second_and_200_mb(void **state)
{
    (void)state;
    assert_quick("[sweep]\nseed = 1..100\n[rule]\nmu = linspace(0, 0.5, 100)\n[training]\n"
                 "learning_rate = logspace(1e-5, 1e-2, 10)\n",
                 100000);
    assert_quick("[sweep]\nseed = 1..25000\n[rule]\nrule = modprop, bptt, mdgl, eprop\n", 100000);
    assert_quick("[sweep]\nsamples = 25000\n[rule]\nrule = modprop, bptt, mdgl, eprop\n[training]\n"
                 "learning_rate = loguniform(1e-5, 1e-2)\n",
                 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_are_not_text_are_told_with_their_line),
        cmocka_unit_test(text_of_all_languages_is_read),
        cmocka_unit_test(files_that_cannot_be_read_are_told),
        cmocka_unit_test(a_file_is_read_like_its_text),
        cmocka_unit_test(long_lines_are_told_never_cut),
        cmocka_unit_test(no_more_than_a_hundred_mistakes_are_told),
        cmocka_unit_test(large_files_take_no_long_time),
        cmocka_unit_test(many_variants_are_read_up_to_a_thousand),
        cmocka_unit_test(values_of_all_keys_together_are_limited),
        cmocka_unit_test(mutated_files_are_refused_or_read),
        cmocka_unit_test(hundred_thousand_runs_take_a_second_and_200_mb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
