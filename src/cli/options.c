#include "cli/options.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/text.h"
#include "engine/error.h"
#include "engine/name.h"

struct option_row {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* NULL: none; [X]: what follows is taken as files */
    const char *help;
};

enum option_index {
    OUTPUT,
    DRY_RUN,
    STATUS,
    VERIFY,
    ONLY,
    RETRY,
    CHECK,
    COORDINATOR,
    SHUFFLE,
    QUIET,
    HELP,
    REFERENCE,
    VERSION,
    OPTIONS
};

static const struct option_row table[OPTIONS] = {
    [OUTPUT] = {"output", 'o', "FILE", "results file, instead of the sweep file's `output`"},
    [DRY_RUN] =
        {"dry-run", 'n', NULL,
         "show the plan: a line per condition with its runs, path, memory and time measured "
         "on a few iterations; creates nothing"},
    [STATUS] =
        {"status", 0, "FILE",
         "tell how far the sweep of a results file is, running or not: who writes to it or how "
         "to continue, which runs are under way, what came out, what failed and why"},
    [VERIFY] = {"verify", 0, "FILE",
                "compare every finished run of a results file with its checksum"},
    [ONLY] = {"only", 0, "RUNS",
              "train only these runs, counted from 0, as `3` or `3,7..9`, with the same bits as in "
              "the whole sweep, and print their evaluations as they come; they go into the results "
              "file as usual, and one that is there already is left alone"},
    [RETRY] = {"retry", 0, NULL, "train runs again that failed or took too long"},
    [CHECK] = {"check", 0, "[FILE...]",
               "prove the gradients: without files, by finite differences and against each other; "
               "with files, against reference cases"},
    [COORDINATOR] =
        {"coordinator", 0, "MODE",
         "what rank 0 does beside handing out runs: train, dedicated (nothing), or auto: "
         "train unless there are more than 16 ranks"},
    [SHUFFLE] = {"shuffle", 0, "SEED",
                 "hand out the runs in a random order; the results are the same in any order"},
    [QUIET] = {"quiet", 'q', NULL, "print only what went wrong, and the last line"},
    [HELP] = {"help", 'h', "[NAME...]",
              "this text, or the description of the parameters named, or of all (`--help all`)"},
    [REFERENCE] = {"reference", 0, NULL, "all parameters and sweep keys as Markdown"},
    [VERSION] = {"version", 'V', NULL, "versions of the program and of the libraries it uses"},
};

static const char *option_name(size_t index)
{
    return index < OPTIONS ? table[index].name : NULL;
}

static bool takes_argument(const struct option_row *row)
{
    return row->argument && row->argument[0] != '[';
}

static enum modprop_status wrong_option(const char *given, struct modprop_error *err)
{
    char name[64];
    snprintf(name, sizeof name, "%s", given + strspn(given, "-"));
    name[strcspn(name, "=")] = '\0';
    const char *near = modprop_name_nearest(option_name, name);
    if (modprop_parameter_find(name) < modprop_parameter_count())
        return MODPROP_FAIL(err, MODPROP_INVALID, "there is no option %s: set %s in the sweep file",
                            given, name);
    return near ? MODPROP_FAIL(err, MODPROP_INVALID, "there is no option %s, did you mean --%s?",
                               given, near)
                : MODPROP_FAIL(err, MODPROP_INVALID, "there is no option %s", given);
}

static enum modprop_status read_coordinator(struct modprop_options *options, const char *text,
                                            struct modprop_error *err)
{
    for (size_t k = 0; modprop_schedule_coordination_name(k); k++) {
        if (strcmp(modprop_schedule_coordination_name(k), text) == 0) {
            options->coordination = (enum modprop_coordination)k;
            return MODPROP_OK;
        }
    }
    const char *near = modprop_name_nearest(modprop_schedule_coordination_name, text);
    return MODPROP_FAIL(err, MODPROP_INVALID,
                        "--coordinator %s is not known%s%s%s; known: auto, train, dedicated", text,
                        near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
}

static enum modprop_status read_seed(struct modprop_options *options, const char *text,
                                     struct modprop_error *err)
{
    char *end;
    errno = 0;
    options->shuffle = true;
    options->shuffle_seed = strtoull(text, &end, 10);
    return !isdigit((unsigned char)text[0]) || *end != '\0' || errno
               ? MODPROP_FAIL(err, MODPROP_INVALID, "--shuffle %s is not a whole number", text)
               : MODPROP_OK;
}

static enum modprop_status set_action(struct modprop_options *options, enum option_index index,
                                      enum modprop_action action, struct modprop_error *err)
{
    static const enum option_index of_action[] = {
        [MODPROP_ACTION_DRY_RUN] = DRY_RUN, [MODPROP_ACTION_STATUS] = STATUS,
        [MODPROP_ACTION_VERIFY] = VERIFY,   [MODPROP_ACTION_CHECK] = CHECK,
        [MODPROP_ACTION_HELP] = HELP,       [MODPROP_ACTION_REFERENCE] = REFERENCE,
        [MODPROP_ACTION_VERSION] = VERSION};
    if (options->action != MODPROP_ACTION_TRAIN && options->action != action)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "--%s and --%s are two different things to do: give "
                            "one of them",
                            table[of_action[options->action]].name, table[index].name);
    options->action = action;
    return MODPROP_OK;
}

/* Carries out an option; `given` has a bit for each that has been met. */
static enum modprop_status take_option(struct modprop_options *options, enum option_index index,
                                       const char *argument, unsigned *given,
                                       struct modprop_error *err)
{
    if (*given & 1u << index)
        return MODPROP_FAIL(err, MODPROP_INVALID, "--%s is given twice", table[index].name);
    if (argument && !argument[0])
        return MODPROP_FAIL(err, MODPROP_INVALID, "--%s needs a value: %s", table[index].name,
                            table[index].argument);
    *given |= 1u << index;
    switch (index) {
    case OUTPUT: options->output = argument; return MODPROP_OK;
    case ONLY: options->only = argument; return MODPROP_OK;
    case RETRY: options->retry = true; return MODPROP_OK;
    case QUIET: options->quiet = true; return MODPROP_OK;
    case COORDINATOR: return read_coordinator(options, argument, err);
    case SHUFFLE: return read_seed(options, argument, err);
    case DRY_RUN: return set_action(options, index, MODPROP_ACTION_DRY_RUN, err);
    case STATUS:
        options->results = argument;
        return set_action(options, index, MODPROP_ACTION_STATUS, err);
    case VERIFY:
        options->results = argument;
        return set_action(options, index, MODPROP_ACTION_VERIFY, err);
    case CHECK: return set_action(options, index, MODPROP_ACTION_CHECK, err);
    case HELP: return set_action(options, index, MODPROP_ACTION_HELP, err);
    case REFERENCE: return set_action(options, index, MODPROP_ACTION_REFERENCE, err);
    case VERSION: return set_action(options, index, MODPROP_ACTION_VERSION, err);
    case OPTIONS: break;
    }
    assert(false && "every option is handled");
    return MODPROP_INVALID;
}

static bool has_sweep(const struct modprop_options *options)
{
    return options->action == MODPROP_ACTION_TRAIN || options->action == MODPROP_ACTION_DRY_RUN;
}

/* Whether what is left on the command line fits what is to be done. */
static enum modprop_status check_files(const struct modprop_options *options,
                                       struct modprop_error *err)
{
    const bool sweep = has_sweep(options);
    const bool any = options->action == MODPROP_ACTION_CHECK ||
                     options->action == MODPROP_ACTION_HELP;
    if (sweep && (options->files == 0 || !options->file[0][0]))
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "which sweep? Give a sweep file, as in "
                            "`modprop_sweep sweeps/quick.ini`");
    if (sweep && options->files > 1)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "one sweep file at a time, but there are %s and %s "
                            "(ranks are told to mpirun, values of parameters in the sweep file)",
                            options->file[0], options->file[1]);
    if (!sweep && !any && options->files)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s does not belong here", options->file[0]);
    return MODPROP_OK;
}

/* Options that say how a sweep is trained, without a sweep. */
static enum modprop_status check_given(const struct modprop_options *options, unsigned given,
                                       struct modprop_error *err)
{
    static const enum option_index of_sweep[] = {OUTPUT, ONLY, RETRY, COORDINATOR, SHUFFLE, QUIET};
    for (size_t k = 0; k < sizeof of_sweep / sizeof *of_sweep; k++)
        if ((given & 1u << of_sweep[k]) && !has_sweep(options))
            return MODPROP_FAIL(err, MODPROP_INVALID,
                                "--%s is for training a sweep and does not go "
                                "with the rest of the command line",
                                table[of_sweep[k]].name);
    return MODPROP_OK;
}

/* The table as getopt_long wants it. */
static void make_getopt(struct option *longs, char *shorts)
{
    *shorts++ = ':'; /* a missing argument is told from an unknown option */
    for (size_t k = 0; k < OPTIONS; k++) {
        longs[k] = (struct option){table[k].name,
                                   takes_argument(&table[k]) ? required_argument : no_argument,
                                   NULL, table[k].letter ? table[k].letter : 256 + (int)k};
        if (table[k].letter) {
            *shorts++ = table[k].letter;
            if (takes_argument(&table[k]))
                *shorts++ = ':';
        }
    }
    longs[OPTIONS] = (struct option){0};
    *shorts = '\0';
}

static enum option_index index_of(int code)
{
    size_t k = 0;
    while (k < OPTIONS && (table[k].letter ? table[k].letter : 256 + (int)k) != code)
        k++;
    return (enum option_index)k;
}

/* What getopt_long did not like: `:` a missing value; `?` an unknown name (optopt is 0), a value
 * too many (optopt is the option's code), or an unknown letter (optopt). */
static enum modprop_status refuse(int code, const char *given, struct modprop_error *err)
{
    const enum option_index index = index_of(optopt);
    const char letter[] = {'-', (char)optopt, '\0'};
    if (code == ':')
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s needs a value: %s", given,
                            table[index].argument);
    if (optopt && index != OPTIONS)
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s takes no value", given);
    return wrong_option(optopt ? letter : given, err);
}

enum modprop_status modprop_options_read(struct modprop_options *options, int argc, char **argv,
                                         struct modprop_error *err)
{
    *options = (struct modprop_options){0};
    struct option longs[OPTIONS + 1];
    char shorts[2 * OPTIONS + 2];
    make_getopt(longs, shorts);
    unsigned given = 0;
    opterr = 0;
    enum modprop_status status = MODPROP_OK;
    int code;
    while (status == MODPROP_OK && (code = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
        status = code == ':' || code == '?'
                     ? refuse(code, argv[optind - 1], err)
                     : take_option(options, index_of(code), optarg, &given, err);
    options->file = argv + optind;
    options->files = argc - optind;
    if (status == MODPROP_OK)
        status = check_files(options, err);
    if (status == MODPROP_OK)
        status = check_given(options, given, err);
    return status;
}

void modprop_options_print(FILE *out)
{
    for (size_t k = 0; k < OPTIONS; k++) {
        const struct option_row *row = &table[k];
        char left[64], letter[] = {'-', row->letter, ',', ' ', '\0'};
        snprintf(left, sizeof left, "  %s--%s%s%s", row->letter ? letter : "    ", row->name,
                 row->argument ? " " : "", row->argument ? row->argument : "");
        modprop_text_entry(out, left, 28, row->help);
    }
}
