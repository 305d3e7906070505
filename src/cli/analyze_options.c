#include "cli/analyze_options.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/text.h"
#include "engine/error.h"
#include "engine/name.h"

enum kind { TEXT, NUMBER, WHOLE, CHOICE, FLAG };

struct row {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* NULL: none; of a CHOICE the choices: "run|evaluation" */
    enum kind kind;
    const char *fallback; /* NULL: none; of a number in words: 0, which stands for them */
    const char *help;
};

#define OPTIONS MODPROP_ANALYZE_OPTIONS

static const struct row table[OPTIONS] = {
    [MODPROP_ANALYZE_WHERE] =
        {"where", 'w', "CONDITION", TEXT, NULL,
         "take only runs that satisfy it, as rule=modprop,bptt, 'mu<=0.3', seed=1..5 or mu=- (not "
         "applicable); may be repeated, all must hold"},
    [MODPROP_ANALYZE_BY] = {"by", 0, "NAMES", TEXT, NULL,
                            "make a group of each value of these parameters, separated by commas"},
    [MODPROP_ANALYZE_X] = {"x", 'x', "NAME", TEXT, NULL, "the parameter on the x axis"},
    [MODPROP_ANALYZE_Y] = {"y", 'y', "NAME", TEXT, NULL,
                           "the measure (`modprop_analyze help measures`); of stability: the "
                           "parameter on the y axis"},
    [MODPROP_ANALYZE_BASELINE] =
        {"baseline", 'b', "CONDITION", TEXT, NULL,
         "what the others are compared with, as rule=bptt; several clauses are "
         "separated by blanks: 'rule=bptt learning_rate=5e-4'"},
    [MODPROP_ANALYZE_OVER] = {"over", 0, "NAME", TEXT, NULL,
                              "the parameter whose best value is sought"},
    [MODPROP_ANALYZE_METRIC] = {"metric", 'm', "FIGURE", TEXT, "loss",
                                "the figure of each evaluation: loss, accuracy, ..."},
    [MODPROP_ANALYZE_BELOW] = {"below", 0, "VALUE", NUMBER, NULL,
                               "the criterion is met when the figure is at or below it"},
    [MODPROP_ANALYZE_ABOVE] = {"above", 0, "VALUE", NUMBER, NULL,
                               "the criterion is met when the figure is at or above it"},
    [MODPROP_ANALYZE_INTERVAL] =
        {"interval", 0, "ranks|bootstrap", CHOICE, "ranks",
         "how 95 % intervals of medians are made: by order statistics, or by the percentile "
         "bootstrap (all resamples, without chance), which holds less than it says with few runs"},
    [MODPROP_ANALYZE_BAND] =
        {"band", 0, "quartiles|sd|ci|bootstrap|minmax", CHOICE, "quartiles",
         "what the band shows: quartiles about the median, standard deviation about the mean, 95 % "
         "interval of the median by order statistics or by the bootstrap, or extremes"},
    [MODPROP_ANALYZE_SMOOTH] = {"smooth", 's', "K", WHOLE, "1",
                                "draw each run's moving mean of K evaluations (odd)"},
    [MODPROP_ANALYZE_SECONDS] = {"seconds", 0, NULL, FLAG, NULL,
                                 "seconds of training on the x axis, not iterations"},
    [MODPROP_ANALYZE_LAST] = {"last", 'k', "K", WHOLE, "a tenth, 10 at most",
                              "a final figure is the mean of a run's last K evaluations"},
    [MODPROP_ANALYZE_COLLAPSE_BELOW] = {"collapse-below", 0, "LOSS", NUMBER, "0.3",
                                        "a run collapsed if its loss fell below this ..."},
    [MODPROP_ANALYZE_COLLAPSE_ABOVE] = {"collapse-above", 0, "LOSS", NUMBER, "0.6",
                                        "... and later rose above this"},
    [MODPROP_ANALYZE_FORMAT] = {"format", 'f', "csv", CHOICE, "csv", "how it is written"},
    [MODPROP_ANALYZE_PER] = {"per", 0, "run|evaluation", CHOICE, "run",
                             "a line for each run, or for each evaluation of each run"},
    [MODPROP_ANALYZE_SWEEP] = {"sweep", 0, "SWEEP.ini", TEXT, NULL,
                               "the sweep file whose plan the new file gets; without, the plan is "
                               "that of the file with the largest sweep"},
    [MODPROP_ANALYZE_OUTPUT] = {"output", 'o', "FILE", TEXT, NULL,
                                "write to this file; a figure is drawn as its ending says: .svg, "
                                ".png or .pdf"},
    [MODPROP_ANALYZE_TERMINAL] = {"terminal", 't', NULL, FLAG, NULL,
                                  "draw the figure here, in the "
                                  "shell"},
    [MODPROP_ANALYZE_CSV] = {"csv", 0, NULL, FLAG, NULL,
                             "print the table as CSV, with all digits, instead of for people"},
    [MODPROP_ANALYZE_HELP] = {"help", 'h', NULL, FLAG, NULL, "this text"},
};

bool modprop_analyze_given(const struct modprop_analyze_options *options,
                           enum modprop_analyze_option option)
{
    return options->given & MODPROP_ANALYZE_BIT(option);
}

/* ------------------------------------------------------------------ values */

static enum modprop_status read_number(const struct row *row, const char *text, double *number,
                                       struct modprop_error *err)
{
    char *end;
    *number = strtod(text, &end);
    if (end == text || *end || !isfinite(*number))
        return MODPROP_FAIL(err, MODPROP_INVALID, "--%s %s is not a number", row->name, text);
    if (row->kind == WHOLE && (*number < 1 || *number > 1e9 || *number != floor(*number)))
        return MODPROP_FAIL(err, MODPROP_INVALID, "--%s %s is not a whole number from 1", row->name,
                            text);
    return MODPROP_OK;
}

/* Whether the text is one of "a|b|c". */
static bool is_choice(const char *choices, const char *text)
{
    const size_t letters = strlen(text);
    for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (strncmp(at, text, letters) == 0 && (at[letters] == '|' || !at[letters]) && letters)
            return true;
    return false;
}

static enum modprop_status take(struct modprop_analyze_options *options,
                                enum modprop_analyze_option index, const char *argument,
                                struct modprop_error *err)
{
    const struct row *row = &table[index];
    if (modprop_analyze_given(options, index) && index != MODPROP_ANALYZE_WHERE)
        return MODPROP_FAIL(err, MODPROP_INVALID, "--%s is given twice", row->name);
    if (row->argument && !argument[0])
        return MODPROP_FAIL(err, MODPROP_INVALID, "--%s needs a value: %s", row->name,
                            row->argument);
    options->given |= MODPROP_ANALYZE_BIT(index);
    options->text[index] = argument ? argument : "";
    if (row->kind == CHOICE && !is_choice(row->argument, argument))
        return MODPROP_FAIL(err, MODPROP_INVALID, "--%s %s is not known; known: %s", row->name,
                            argument, row->argument);
    if (row->kind == NUMBER || row->kind == WHOLE)
        return read_number(row, argument, &options->number[index], err);
    if (index != MODPROP_ANALYZE_WHERE)
        return MODPROP_OK;
    if (options->wheres == MODPROP_ANALYZE_WHERES)
        return MODPROP_FAIL(err, MODPROP_INVALID, "--where is given too often");
    options->where[options->wheres++] = argument;
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ the command line */

/* The accepted rows as getopt_long wants them; its value is 256 + index. */
static void make_getopt(struct option *longs, char *shorts, uint32_t accepted)
{
    *shorts++ = ':'; /* a missing argument is told from an unknown option */
    for (size_t k = 0; k < OPTIONS; k++) {
        if (!(accepted & MODPROP_ANALYZE_BIT(k)))
            continue;
        *longs++ = (struct option){
            table[k].name, table[k].argument ? required_argument : no_argument, NULL, 256 + (int)k};
        if (!table[k].letter)
            continue;
        *shorts++ = table[k].letter;
        if (table[k].argument)
            *shorts++ = ':';
    }
    *longs = (struct option){0};
    *shorts = '\0';
}

static size_t index_of(int code)
{
    size_t k = 0;
    while (k < OPTIONS && 256 + (int)k != code && (!table[k].letter || table[k].letter != code))
        k++;
    return k;
}

static enum modprop_status refuse(const char *command, int code, const char *given,
                                  uint32_t accepted, struct modprop_error *err)
{
    const char *names[OPTIONS];
    size_t count = 0;
    char name[64];
    const size_t index = index_of(optopt);
    snprintf(name, sizeof name, "%s", given + strspn(given, "-"));
    name[strcspn(name, "=")] = '\0';
    if (code == ':')
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s needs a value: %s", given,
                            index < OPTIONS ? table[index].argument : "");
    for (size_t k = 0; k < OPTIONS; k++)
        if (accepted & MODPROP_ANALYZE_BIT(k))
            names[count++] = table[k].name;
    const char *near = modprop_name_nearest_of(names, count, name);
    return MODPROP_FAIL(err, MODPROP_INVALID,
                        "%s takes no option %s%s%s%s; `modprop_analyze %s --help` lists them",
                        command, given, near ? ", did you mean --" : "", near ? near : "",
                        near ? "?" : "", command);
}

static void set_defaults(struct modprop_analyze_options *options)
{
    *options = (struct modprop_analyze_options){0};
    for (size_t k = 0; k < OPTIONS; k++) {
        options->text[k] = table[k].fallback;
        options->number[k] = NAN;
        if (table[k].fallback && (table[k].kind == NUMBER || table[k].kind == WHOLE))
            options->number[k] = strtod(table[k].fallback, NULL);
    }
}

enum modprop_status modprop_analyze_options_read(struct modprop_analyze_options *options,
                                                 uint32_t accepted, int argc, char **argv,
                                                 struct modprop_error *err)
{
    struct option longs[OPTIONS + 1];
    char shorts[2 * OPTIONS + 2];
    int code;
    enum modprop_status status = MODPROP_OK;
    set_defaults(options);
    make_getopt(longs, shorts, accepted);
    opterr = 0;
    while (status == MODPROP_OK && (code = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
        status = code == ':' || code == '?'
                     ? refuse(argv[0], code, argv[optind - 1], accepted, err)
                     : take(options, (enum modprop_analyze_option)index_of(code), optarg, err);
    options->file = argv + optind;
    options->files = argc - optind;
    return status;
}

void modprop_analyze_options_print(FILE *out, uint32_t accepted)
{
    for (size_t k = 0; k < OPTIONS; k++) {
        const struct row *row = &table[k];
        char left[64], help[400], letter[] = {'-', row->letter, ',', ' ', '\0'};
        if (!(accepted & MODPROP_ANALYZE_BIT(k)))
            continue;
        snprintf(left, sizeof left, "  %s--%s%s%s", row->letter ? letter : "    ", row->name,
                 row->argument ? " " : "", row->argument ? row->argument : "");
        snprintf(help, sizeof help, "%s%s%s%s", row->help, row->fallback ? " (default: " : "",
                 row->fallback ? row->fallback : "", row->fallback ? ")" : "");
        modprop_text_entry(out, left, 28, help);
    }
}
