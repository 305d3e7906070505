#include "cli/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/condition_table.h"
#include "cli/cost.h"
#include "cli/launch.h"
#include "cli/plan_table.h"
#include "cli/progress.h"
#include "cli/selection.h"
#include "cli/text.h"
#include "cli/version.h"
#include "engine/error.h"

/* Seconds spent on measuring before a sweep, and when nothing else is asked for. */
static const double MEASURE_BEFORE_S = 2, MEASURE_REHEARSAL_S = 20;

enum { LINES_BEFORE_AND_AFTER = 60 }; /* of conditions; a log is no place for thousands */

struct session {
    const struct modprop_options *options;
    struct modprop_plan *plan;
    struct modprop_results *results;
    struct modprop_selection selection;
    struct modprop_cost *cost;
    int ranks;
    bool dismissed; /* the other ranks have been led or sent home */
    struct modprop_error err;
};

void modprop_session_complain(const struct modprop_error *err)
{
    fprintf(stderr, "modprop_sweep: %s\n", err->message);
}

/* ------------------------------------------------------------------ before the first run */

/* Whether it is an HDF5 file, given instead of the sweep file most likely. */
static bool is_results(const char *path)
{
    static const char signature[] = "\x89HDF\r\n\x1a\n";
    char start[sizeof signature - 1] = "";
    FILE *file = fopen(path, "rb");
    const bool read = file && fread(start, sizeof start, 1, file) == 1;
    if (file)
        fclose(file);
    return read && memcmp(start, signature, sizeof start) == 0;
}

static enum modprop_status read_plan(struct session *s)
{
    struct modprop_mistakes mistakes = {0};
    if (is_results(s->options->file[0]))
        return MODPROP_FAIL(
            &s->err, MODPROP_INVALID,
            "%s: is a results file: look at it with --status, or give the sweep file to "
            "continue",
            s->options->file[0]);
    const enum modprop_status status = modprop_plan_read(&s->plan, s->options->file[0], &mistakes);
    for (size_t k = 0; k < mistakes.count; k++)
        fprintf(stderr, "%s\n", mistakes.line[k]);
    if (status != MODPROP_OK)
        MODPROP_FAIL(&s->err, status, "%s: %s, nothing was started", s->options->file[0],
                     modprop_text_count(mistakes.count, "mistake").text);
    modprop_mistakes_clear(&mistakes);
    if (status == MODPROP_OK && s->options->output) {
        char *output = strdup(s->options->output);
        if (!output)
            return MODPROP_FAIL(&s->err, MODPROP_NO_MEMORY, "no memory for the name of the output");
        free(s->plan->output);
        s->plan->output = output;
    }
    return status;
}

static enum modprop_run_state state_in_results(const void *results, size_t run)
{
    return modprop_results_state(results, run);
}

static enum modprop_run_state state_in_overview(const void *overview, size_t run)
{
    return (enum modprop_run_state)((const struct modprop_overview *)overview)->state[run];
}

static enum modprop_run_state never_begun(const void *nothing, size_t run)
{
    (void)nothing;
    (void)run;
    return MODPROP_RUN_PENDING;
}

static enum modprop_status print_plan(struct session *s, size_t most)
{
    const bool all = modprop_schedule_trains(s->options->coordination, s->ranks);
    const struct modprop_plan_table table = {.plan = s->plan,
                                             .cost = s->cost,
                                             .selection = &s->selection,
                                             .output = s->plan->output,
                                             .ranks = s->ranks,
                                             .trainers = all ? s->ranks : s->ranks - 1,
                                             .most = most};
    return modprop_plan_table_print(stdout, &table, &s->err);
}

/* What the user should know of the file before it is written to. */
static void tell_opening(const struct session *s)
{
    const struct modprop_opening opening = modprop_results_opening(s->results);
    const char *output = s->plan->output;
    if (!opening.locked)
        fprintf(stderr,
                "modprop_sweep: warning: %s: its file system has no locks: make sure that no "
                "other program writes this file\n",
                output);
    if (opening.damaged)
        fprintf(stderr, "modprop_sweep: warning: %s: %s with a wrong checksum, trained again\n",
                output, modprop_text_count(opening.damaged, "finished run").text);
    if (opening.interrupted && !s->options->quiet)
        fprintf(stderr, "%s: %s interrupted last time, trained again\n", output,
                modprop_text_count(opening.interrupted, "run").text);
}

static enum modprop_status prepare(struct session *s, int argc, char **argv)
{
    enum modprop_status status = read_plan(s);
    if (status == MODPROP_OK)
        status = modprop_selection_init(&s->selection, s->plan->runs, s->options->only, &s->err);
    if (status != MODPROP_OK)
        return status;
    struct modprop_version version;
    modprop_version_init(&version, argc, argv);
    status = modprop_results_open(&s->results, s->plan, &version.provenance, &s->err);
    modprop_version_clear(&version);
    if (status != MODPROP_OK)
        return status;
    tell_opening(s);
    modprop_selection_sort(&s->selection, s->options->retry, state_in_results, s->results);
    if (s->options->shuffle)
        modprop_selection_shuffle(&s->selection, s->options->shuffle_seed);
    const double budget_s = s->selection.count && !s->options->quiet ? MEASURE_BEFORE_S : 0;
    status = modprop_cost_measure(&s->cost, s->plan, budget_s, &s->err);
    if (status == MODPROP_OK && !s->options->quiet)
        status = print_plan(s, LINES_BEFORE_AND_AFTER);
    return status;
}

/* ------------------------------------------------------------------ the runs */

static enum modprop_status lead(struct session *s, struct modprop_ranks *ranks)
{
    struct modprop_progress *progress = NULL;
    const enum modprop_status status = modprop_progress_create(
        &progress, s->plan, s->cost, &s->selection, s->ranks, s->options->quiet,
        s->options->only && !s->options->quiet ? stdout : NULL, &s->err);
    if (status != MODPROP_OK)
        return status;
    const struct modprop_schedule schedule = {.plan = s->plan,
                                              .results = s->results,
                                              .todo = s->selection.todo,
                                              .count = s->selection.count,
                                              .coordination = s->options->coordination,
                                              .tell = modprop_progress_tell,
                                              .context = progress};
    s->dismissed = true;
    const enum modprop_status end = modprop_schedule_lead(ranks, &schedule, &s->err);
    modprop_progress_free(progress);
    if (end != MODPROP_STOPPED)
        return end;
    s->err = (struct modprop_error){
        0}; /* what is left is told by the last line and the exit code */
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ last words */

/* Chosen runs by state. */
static void count_states(const struct session *s, size_t *count)
{
    memset(count, 0, MODPROP_RUN_STATES * sizeof *count);
    for (size_t run = 0; run < s->plan->runs; run++)
        if (s->selection.chosen[run])
            count[modprop_results_state(s->results, run)]++;
}

static void print_table(const struct session *s)
{
    struct modprop_overview *overview = NULL;
    struct modprop_error err = {0};
    printf("\n");
    if (modprop_overview_read(&overview, s->plan->output, &err) != MODPROP_OK ||
        modprop_condition_table_print(stdout, overview, LINES_BEFORE_AND_AFTER, &err) != MODPROP_OK)
        modprop_session_complain(&err);
    modprop_overview_free(overview);
    printf("\n");
}

static int conclude(const struct session *s, const size_t *count)
{
    const size_t failed = count[MODPROP_RUN_FAILED] + count[MODPROP_RUN_TIMEOUT];
    const size_t left = count[MODPROP_RUN_PENDING] + count[MODPROP_RUN_RUNNING];
    printf("%s: %zu done, %zu diverged, %zu failed", s->plan->output, count[MODPROP_RUN_DONE],
           count[MODPROP_RUN_DIVERGED], failed);
    if (left)
        printf(", %zu left: interrupted, the same command continues", left);
    else if (failed)
        printf("; --status tells why, --retry trains them again");
    printf("\n");
    fflush(stdout);
    return left ? MODPROP_EXIT_INTERRUPTED : failed ? MODPROP_EXIT_FAILED : MODPROP_EXIT_DONE;
}

static void clear(struct session *s)
{
    modprop_cost_free(s->cost);
    modprop_selection_clear(&s->selection);
    modprop_plan_free(s->plan);
}

/* Rank 0 from the sweep file to the exit code. */
static int conduct(const struct modprop_options *options, struct modprop_ranks *ranks, int argc,
                   char **argv)
{
    struct session s = {.options = options, .ranks = modprop_schedule_size(ranks)};
    size_t count[MODPROP_RUN_STATES];
    int code = MODPROP_EXIT_UNUSABLE;
    enum modprop_status status = prepare(&s, argc, argv);
    if (status == MODPROP_OK) {
        code = MODPROP_EXIT_FAILED;
        status = lead(&s, ranks);
    }
    if (!s.dismissed)
        modprop_schedule_dismiss();
    if (status == MODPROP_OK)
        count_states(&s, count);
    const enum modprop_status closed = modprop_results_close(s.results,
                                                             status == MODPROP_OK ? &s.err : NULL);
    if (status == MODPROP_OK && closed == MODPROP_OK) {
        if (!options->quiet)
            print_table(&s);
        code = conclude(&s, count);
    } else {
        modprop_session_complain(&s.err);
    }
    clear(&s);
    return code;
}

int modprop_session_train(const struct modprop_options *options, int argc, char **argv)
{
    struct modprop_ranks *ranks = NULL;
    struct modprop_error err = {0};
    int code = MODPROP_EXIT_DONE;
    if (modprop_schedule_open(&ranks, &argc, &argv, &err) != MODPROP_OK) {
        modprop_session_complain(&err);
        return MODPROP_EXIT_UNUSABLE;
    }
    if (modprop_schedule_rank(ranks) == 0)
        code = conduct(options, ranks, argc, argv);
    else
        modprop_schedule_follow();
    modprop_schedule_close(ranks);
    return code;
}

/* ------------------------------------------------------------------ --dry-run */

/* Sorts the runs by what an existing results file says of them; it must belong to this sweep. */
static enum modprop_status look_at_results(struct session *s)
{
    if (access(s->plan->output, F_OK) != 0) {
        modprop_selection_sort(&s->selection, s->options->retry, never_begun, NULL);
        return MODPROP_OK;
    }
    struct modprop_overview *overview = NULL;
    struct modprop_plan *recorded = NULL;
    struct modprop_mistakes mistakes = {0};
    enum modprop_status status = modprop_overview_read(&overview, s->plan->output, &s->err);
    if (status == MODPROP_OK &&
        (modprop_plan_parse(&recorded, s->plan->output, overview->sweep_text, &mistakes) !=
             MODPROP_OK ||
         recorded->hash != s->plan->hash || overview->runs != s->plan->runs))
        status = MODPROP_FAIL(&s->err, MODPROP_DIFFERENT,
                              "%s belongs to another sweep: give another "
                              "output, or move the file away",
                              s->plan->output);
    if (status == MODPROP_OK)
        modprop_selection_sort(&s->selection, s->options->retry, state_in_overview, overview);
    modprop_mistakes_clear(&mistakes);
    modprop_plan_free(recorded);
    modprop_overview_free(overview);
    return status;
}

int modprop_session_rehearse(const struct modprop_options *options)
{
    struct session s = {.options = options, .ranks = modprop_launch_ranks()};
    enum modprop_status status = read_plan(&s);
    if (status == MODPROP_OK)
        status = modprop_selection_init(&s.selection, s.plan->runs, options->only, &s.err);
    if (status == MODPROP_OK)
        status = look_at_results(&s);
    if (status == MODPROP_OK)
        status = modprop_cost_measure(&s.cost, s.plan, MEASURE_REHEARSAL_S, &s.err);
    if (status == MODPROP_OK)
        status = print_plan(&s, s.plan->conditions);
    if (status != MODPROP_OK)
        modprop_session_complain(&s.err);
    clear(&s);
    return status == MODPROP_OK ? MODPROP_EXIT_DONE : MODPROP_EXIT_UNUSABLE;
}
