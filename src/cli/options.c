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
#include "schedule/walltime.h"
#include "sweep/shard.h"

struct option_row {
    const char *name;
    char letter; /* 0: none */
    const char
        *argument; /* NULL: none; [X]: what follows is taken as files; [=X]: it may have one */
    const char *help;
};

enum option_index {
    OUTPUT,
    DRY_RUN,
    SHOW_TRIAL,
    STATUS,
    WATCH,
    VERIFY,
    ONLY,
    RETRY,
    EXTEND,
    SHARD,
    GATHER,
    FORCE,
    CHECK,
    COORDINATOR,
    SHUFFLE,
    WALLTIME,
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
    [SHOW_TRIAL] = {"show-trial", 0, NULL,
                    "draw one trial, inputs and target, of the sweep's first run (or the first of "
                    "--only) with gnuplot: into the file of --output (.svg .png .pdf), or here"},
    [STATUS] =
        {"status", 0, "FILE",
         "tell how far the sweep of a results file is, running or not: who writes to it or how "
         "to continue, which runs are under way, what came out, what failed and why"},
    [WATCH] = {"watch", 0, "[=SECONDS]",
               "with --status: look again every few seconds (2), until nobody writes any more"},
    [VERIFY] = {"verify", 0, "FILE",
                "compare every finished run of a results file with its checksum"},
    [ONLY] = {"only", 0, "RUNS",
              "train only these runs, counted from 0, as `3` or `3,7..9`, with the same bits as in "
              "the whole sweep, and print their evaluations as they come; they go into the results "
              "file as usual, and one that is there already is left alone"},
    [RETRY] = {"retry", 0, "[=STATES]",
               "train runs again that failed or took too long, or those of the states named: "
               "failed, timeout, diverged"},
    [EXTEND] = {"extend", 0, "[=FILE]",
                "the sweep has become wider: make its results file anew and take over all finished "
                "runs of the old one that it still has, and of FILE"},
    [SHARD] = {"shard", 0, "K/N",
               "train the K-th of N equal parts of the sweep, counted from 1, into a results file "
               "of its own: for jobs that know nothing of each other"},
    [GATHER] =
        {"gather", 0, NULL,
         "join the results files of the parts into the sweep's; what is not finished yet can "
         "be added later by the same command"},
    [FORCE] = {"force", 0, NULL, "start although the memory does not seem to suffice"},
    [CHECK] = {"check", 0, "[FILE...]",
               "prove the gradients: without files, by finite differences and against each other; "
               "with files, against reference cases"},
    [COORDINATOR] =
        {"coordinator", 0, "MODE",
         "what rank 0 does beside handing out runs: train, dedicated (nothing), or auto: "
         "train unless there are more than 16 ranks"},
    [SHUFFLE] = {"shuffle", 0, "SEED",
                 "hand out the runs in a random order; the results are the same in any order"},
    [WALLTIME] =
        {"walltime", 0, "TIME",
         "end in an orderly way before so much time has passed, given in seconds, as 1:30:00, or as "
         "1-12:00:00 with days; without it, the end of the SLURM allocation counts, if there is one"},
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

static int takes_argument(const struct option_row *row)
{
    if (row->argument && strncmp(row->argument, "[=", 2) == 0)
        return optional_argument;
    return row->argument && row->argument[0] != '[' ? required_argument : no_argument;
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

/* The bits of a list of states; 0: it is none. */
static unsigned states_of(const char *text)
{
    static const enum modprop_run_state known[] = {MODPROP_RUN_FAILED, MODPROP_RUN_TIMEOUT,
                                                   MODPROP_RUN_DIVERGED};
    unsigned states = 0;
    for (;;) {
        const size_t length = strcspn(text, ",");
        size_t k = 0;
        while (k < sizeof known / sizeof *known &&
               (strlen(modprop_run_state_name(known[k])) != length ||
                strncmp(modprop_run_state_name(known[k]), text, length) != 0))
            k++;
        if (k == sizeof known / sizeof *known)
            return 0;
        states |= 1u << known[k];
        if (text[length] == '\0')
            return states;
        text += length + 1;
    }
}

static enum modprop_status read_retry(struct modprop_options *options, const char *text,
                                      struct modprop_error *err)
{
    options->retry = text ? states_of(text) : 1u << MODPROP_RUN_FAILED | 1u << MODPROP_RUN_TIMEOUT;
    return options->retry
               ? MODPROP_OK
               : MODPROP_FAIL(err, MODPROP_INVALID,
                              "--retry %.60s: known are failed, timeout and diverged, and "
                              "lists such as failed,diverged",
                              text);
}

static enum modprop_status read_watch(struct modprop_options *options, const char *text,
                                      struct modprop_error *err)
{
    static const double usual_s = 2, least_s = 0.1, most_s = 86400;
    char *end = NULL;
    options->watch = true;
    options->watch_s = text ? strtod(text, &end) : usual_s;
    return (text && (end == text || *end)) ||
                   !(options->watch_s >= least_s && options->watch_s <= most_s)
               ? MODPROP_FAIL(
                     err, MODPROP_INVALID,
                     "--watch=%.60s: give the seconds between two looks, from 0.1 to 86400", text)
               : MODPROP_OK;
}

static enum modprop_status set_action(struct modprop_options *options, enum option_index index,
                                      enum modprop_action action, struct modprop_error *err)
{
    static const enum option_index of_action[] = {[MODPROP_ACTION_DRY_RUN] = DRY_RUN,
                                                  [MODPROP_ACTION_GATHER] = GATHER,
                                                  [MODPROP_ACTION_SHOW_TRIAL] = SHOW_TRIAL,
                                                  [MODPROP_ACTION_STATUS] = STATUS,
                                                  [MODPROP_ACTION_VERIFY] = VERIFY,
                                                  [MODPROP_ACTION_CHECK] = CHECK,
                                                  [MODPROP_ACTION_HELP] = HELP,
                                                  [MODPROP_ACTION_REFERENCE] = REFERENCE,
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
    case RETRY: return read_retry(options, argument, err);
    case EXTEND:
        options->extend = true;
        options->extend_from = argument;
        return MODPROP_OK;
    case SHARD: return modprop_shard_read(argument, &options->shard, &options->shards, err);
    case FORCE: options->force = true; return MODPROP_OK;
    case WATCH: return read_watch(options, argument, err);
    case GATHER: return set_action(options, index, MODPROP_ACTION_GATHER, err);
    case QUIET: options->quiet = true; return MODPROP_OK;
    case COORDINATOR: return read_coordinator(options, argument, err);
    case SHUFFLE: return read_seed(options, argument, err);
    case WALLTIME: return modprop_walltime_parse(argument, &options->walltime_s, err);
    case DRY_RUN: return set_action(options, index, MODPROP_ACTION_DRY_RUN, err);
    case SHOW_TRIAL: return set_action(options, index, MODPROP_ACTION_SHOW_TRIAL, err);
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
    return options->action == MODPROP_ACTION_TRAIN || options->action == MODPROP_ACTION_DRY_RUN ||
           options->action == MODPROP_ACTION_GATHER || options->action == MODPROP_ACTION_SHOW_TRIAL;
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
    static const enum option_index of_sweep[] = {OUTPUT, QUIET,       ONLY,    RETRY, EXTEND,
                                                 SHARD,  COORDINATOR, SHUFFLE, FORCE, WALLTIME};
    enum { FOR_GATHER = 2, FOR_TRIAL = 3 }; /* the first ones */
    const size_t good = !has_sweep(options)                        ? 0
                        : options->action == MODPROP_ACTION_GATHER ? FOR_GATHER
                        : options->action == MODPROP_ACTION_SHOW_TRIAL
                            ? FOR_TRIAL
                            : sizeof of_sweep / sizeof *of_sweep;
    for (size_t k = good; k < sizeof of_sweep / sizeof *of_sweep; k++)
        if (given & 1u << of_sweep[k])
            return MODPROP_FAIL(err, MODPROP_INVALID,
                                "--%s is for training a sweep and does not go "
                                "with the rest of the command line",
                                table[of_sweep[k]].name);
    if (options->watch && options->action != MODPROP_ACTION_STATUS)
        return MODPROP_FAIL(err, MODPROP_INVALID, "--watch goes with --status");
    if (options->only && options->shards)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "--only and --shard both choose runs: give one of them");
    return MODPROP_OK;
}

/* The table as getopt_long wants it. */
static void make_getopt(struct option *longs, char *shorts)
{
    *shorts++ = ':'; /* a missing argument is told from an unknown option */
    for (size_t k = 0; k < OPTIONS; k++) {
        longs[k] = (struct option){table[k].name, takes_argument(&table[k]), NULL,
                                   table[k].letter ? table[k].letter : 256 + (int)k};
        if (table[k].letter) {
            *shorts++ = table[k].letter;
            if (takes_argument(&table[k]) == required_argument)
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

/* `--retry diverged` as well as `--retry=diverged`, because no sweep file is called that. */
static const char *argument_of(enum option_index index, int argc, char **argv)
{
    if (index == RETRY && !optarg && optind < argc && states_of(argv[optind]))
        return argv[optind++];
    return optarg;
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
                     : take_option(options, index_of(code), argument_of(index_of(code), argc, argv),
                                   &given, err);
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
        const bool attached = takes_argument(row) == optional_argument;
        snprintf(left, sizeof left, "  %s--%s%s%s", row->letter ? letter : "    ", row->name,
                 row->argument && !attached ? " " : "", row->argument ? row->argument : "");
        modprop_text_entry(out, left, 28, row->help);
    }
}
