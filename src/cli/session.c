#include "cli/session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/condition_table.h"
#include "cli/launch.h"
#include "cli/outlook.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "cli/version.h"
#include "engine/error.h"
#include "schedule/job.h"
#include "schedule/walltime.h"

/* Seconds spent on measuring before a sweep. */
static const double MEASURE_S = 2;

static const double NOTE_EVERY_S = 1; /* a run's sign of life in the file at most so often */

enum { LINES_BEFORE_AND_AFTER = 60 }; /* of conditions; a log is no place for thousands */

struct session {
    const struct modprop_options *options;
    struct modprop_outlook outlook;
    struct modprop_results *results;
    struct modprop_progress *progress;
    double *noted_s; /* [ranks]; when the rank's last sign of life was put into the file */
    double leave_at; /* on modprop_job_clock: runs are left by then; 0: no limit */
    bool dismissed;  /* the other ranks have been led or sent home */
    struct modprop_error err;
};

void modprop_session_complain(const struct modprop_error *err)
{
    fprintf(stderr, "modprop_sweep: %s\n", err->message);
}

/* ------------------------------------------------------------------ before the first run */

static enum modprop_run_state state_in_results(const void *results, size_t run)
{
    return modprop_results_state(results, run);
}

static enum modprop_run_state never_begun(const void *nothing, size_t run)
{
    (void)nothing;
    (void)run;
    return MODPROP_RUN_PENDING;
}

/* What the folder of checkpoints has for the results file. */
static enum modprop_status adopt_checkpoints(struct session *s)
{
    struct modprop_checkpoints_found found;
    const enum modprop_status status = modprop_checkpoints_adopt(s->results, s->outlook.plan,
                                                                 &found, &s->err);
    if (found.taken && !s->options->quiet)
        fprintf(stderr, "%s: %s from the checkpoints, where they were kept\n",
                s->outlook.plan->output, modprop_text_count(found.taken, "finished run").text);
    if (status == MODPROP_OK && found.strange)
        fprintf(stderr, "modprop_sweep: warning: %s.checkpoints: %s of no run of this sweep\n",
                s->outlook.plan->output, modprop_text_count(found.strange, "file").text);
    return status == MODPROP_OK
               ? modprop_checkpoints_list(&s->outlook.checkpoints, s->outlook.plan->output, &s->err)
               : status;
}

static void tell_merge(const struct modprop_merge *merge)
{
    for (size_t k = 0; k < modprop_merge_sources(merge); k++) {
        const struct modprop_merge_source *source = modprop_merge_source(merge, k);
        printf("extended %s: %zu of its %zu finished runs are in this sweep", source->path,
               source->taken + source->repeated, source->finished);
        if (source->damaged)
            printf(", %zu are damaged and start again", source->damaged);
        printf("\n");
    }
}

/* --extend: the old file's runs into a file of the new plan, if that is another one. */
static enum modprop_status extend(struct session *s, const struct modprop_provenance *provenance)
{
    struct modprop_merge *merge = NULL;
    enum modprop_status status = modprop_outlook_merge(&s->outlook, true, &merge, &s->err);
    if (status == MODPROP_OK && modprop_merge_needed(merge)) {
        status = modprop_merge_write(merge, "extended by", provenance, &s->err);
        if (status == MODPROP_OK && !s->options->quiet)
            tell_merge(merge);
    }
    modprop_merge_free(merge);
    return status;
}

/* What the user should know of the file before it is written to. */
static void tell_opening(const struct session *s)
{
    const struct modprop_opening opening = modprop_results_opening(s->results);
    const char *output = s->outlook.plan->output;
    if (!opening.locked)
        fprintf(stderr,
                "modprop_sweep: warning: %s: its file system has no locks: make sure that no "
                "other program writes this file%s%s\n",
                output, opening.left ? ", and that this one has ended: " : "",
                opening.left ? opening.left : "");
    if (opening.damaged)
        fprintf(stderr, "modprop_sweep: warning: %s: %s with a wrong checksum, trained again\n",
                output, modprop_text_count(opening.damaged, "finished run").text);
    if (opening.interrupted && !s->options->quiet)
        fprintf(stderr, "%s: %s interrupted last time\n", output,
                modprop_text_count(opening.interrupted, "run").text);
}

/* One line for the file's log. */
static enum modprop_status note_start(struct session *s, const struct modprop_provenance *made)
{
    const struct modprop_selection *c = &s->outlook.selection;
    char line[1024];
    snprintf(line, sizeof line,
             "%zu fresh, %zu continued, %zu reused, %zu retried, %zu failed before; %d ranks: %s",
             c->fresh, c->continued, c->reused, c->retried, c->kept, s->outlook.ranks,
             made->command_line ? made->command_line : "");
    return modprop_results_note(s->results, line, &s->err);
}

/* Opens the results file, but not for a sweep that cannot be trained: with an empty file of it at
 * its place, its repaired successor would be called another sweep. */
static enum modprop_status open_results(struct session *s,
                                        const struct modprop_provenance *provenance)
{
    enum modprop_status status = modprop_outlook_sort(&s->outlook, never_begun, NULL, &s->err);
    if (status == MODPROP_OK && access(s->outlook.plan->output, F_OK) != 0)
        status = modprop_outlook_check_memory(&s->outlook, &s->err);
    if (status == MODPROP_OK && s->options->extend)
        status = extend(s, provenance);
    if (status == MODPROP_OK)
        status = modprop_results_open(&s->results, s->outlook.plan, provenance, &s->err);
    if (status != MODPROP_OK)
        return status;
    tell_opening(s);
    status = adopt_checkpoints(s);
    if (status == MODPROP_OK)
        status = modprop_outlook_sort(&s->outlook, state_in_results, s->results, &s->err);
    if (status == MODPROP_OK)
        status = modprop_outlook_check_memory(&s->outlook, &s->err);
    return status == MODPROP_OK ? note_start(s, provenance) : status;
}

static enum modprop_status prepare(struct session *s, const struct modprop_ranks *ranks, int argc,
                                   char **argv)
{
    enum modprop_status status = modprop_outlook_init(&s->outlook, s->options, ranks, &s->err);
    if (status != MODPROP_OK || s->outlook.plan->runs == 0)
        return status;
    struct modprop_version version;
    modprop_version_init(&version, argc, argv);
    status = open_results(s, &version.provenance);
    modprop_version_clear(&version);
    if (status != MODPROP_OK)
        return status;
    if (s->options->shuffle)
        modprop_selection_shuffle(&s->outlook.selection, s->options->shuffle_seed);
    const double budget_s = s->outlook.selection.count && !s->options->quiet ? MEASURE_S : 0;
    status = modprop_cost_measure(s->outlook.cost, s->outlook.plan, budget_s, &s->err);
    if (status == MODPROP_OK && !s->options->quiet)
        status = modprop_outlook_print(&s->outlook, LINES_BEFORE_AND_AFTER, &s->err);
    return status;
}

/* ------------------------------------------------------------------ the runs */

/* A modprop_schedule_tell: to the progress, and signs of life to whoever looks at the file. */
static void tell(void *context, const struct modprop_news *news)
{
    struct session *s = context;
    const double now = modprop_job_clock();
    if (news->occasion == MODPROP_RUN_ADVANCED && now - s->noted_s[news->rank] > NOTE_EVERY_S) {
        s->noted_s[news->rank] = now;
        modprop_results_advance(s->results, news->run, news->iteration);
    }
    modprop_progress_tell(s->progress, news);
}

static enum modprop_status lead(struct session *s, struct modprop_ranks *ranks)
{
    s->noted_s = calloc((size_t)s->outlook.ranks, sizeof *s->noted_s);
    if (!s->noted_s)
        return MODPROP_FAIL(&s->err, MODPROP_NO_MEMORY, "no memory for the progress of %d ranks",
                            s->outlook.ranks);
    const enum modprop_status status = modprop_progress_create(
        &s->progress, s->outlook.plan, s->outlook.cost, &s->outlook.selection, s->outlook.ranks,
        s->options->quiet, s->options->only && !s->options->quiet ? stdout : NULL, &s->err);
    if (status != MODPROP_OK)
        return status;
    const struct modprop_schedule schedule = {.plan = s->outlook.plan,
                                              .results = s->results,
                                              .todo = s->outlook.selection.todo,
                                              .count = s->outlook.selection.count,
                                              .coordination = s->options->coordination,
                                              .leave_at = s->leave_at,
                                              .tell = tell,
                                              .context = s};
    s->dismissed = true;
    const enum modprop_status end = modprop_schedule_lead(ranks, &schedule, &s->err);
    modprop_progress_free(s->progress);
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
    for (size_t run = 0; run < s->outlook.plan->runs; run++)
        if (s->outlook.selection.chosen[run])
            count[modprop_results_state(s->results, run)]++;
}

static void print_table(const struct session *s)
{
    struct modprop_overview *overview = NULL;
    struct modprop_error err = {0};
    printf("\n");
    if (modprop_overview_read(&overview, s->outlook.plan->output, &err) != MODPROP_OK ||
        modprop_condition_table_print(stdout, overview, LINES_BEFORE_AND_AFTER, &err) != MODPROP_OK)
        modprop_session_complain(&err);
    modprop_overview_free(overview);
    printf("\n");
}

static int conclude(const struct session *s, const size_t *count)
{
    const size_t failed = count[MODPROP_RUN_FAILED] + count[MODPROP_RUN_TIMEOUT];
    const size_t left = count[MODPROP_RUN_PENDING] + count[MODPROP_RUN_RUNNING];
    printf("%s: %zu done, %zu diverged, %zu failed", s->outlook.plan->output,
           count[MODPROP_RUN_DONE], count[MODPROP_RUN_DIVERGED], failed);
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
    free(s->noted_s);
    modprop_outlook_clear(&s->outlook);
}

/* When ranks have to leave, by an option or the allocation; asked before MPI starts, for that may
 * take a few seconds. 0: never. */
static double time_to_leave(const struct modprop_options *options)
{
    const double started = modprop_job_clock();
    const double left_s = options->walltime_s > 0 ? options->walltime_s
                                                  : modprop_walltime_allocation();
    if (isnan(left_s))
        return 0;
    const double margin_s = modprop_walltime_margin(left_s);
    if (!options->quiet)
        fprintf(stderr, "the %s ends in %s: runs are left %s before\n",
                options->walltime_s > 0 ? "walltime" : "allocation",
                modprop_text_duration(left_s).text, modprop_text_duration(margin_s).text);
    return started + left_s - margin_s;
}

/* Rank 0 from the sweep file to the exit code. */
static int conduct(const struct modprop_options *options, struct modprop_ranks *ranks,
                   double leave_at, int argc, char **argv)
{
    struct session s = {.options = options, .leave_at = leave_at};
    size_t count[MODPROP_RUN_STATES];
    int code = MODPROP_EXIT_UNUSABLE;
    enum modprop_status status = prepare(&s, ranks, argc, argv);
    const bool empty = status == MODPROP_OK && s.outlook.plan->runs == 0;
    if (status == MODPROP_OK && !empty) {
        code = MODPROP_EXIT_FAILED;
        status = lead(&s, ranks);
    }
    if (!s.dismissed)
        modprop_schedule_dismiss();
    if (status == MODPROP_OK && !empty)
        count_states(&s, count);
    const enum modprop_status closed = modprop_results_close(s.results,
                                                             status == MODPROP_OK ? &s.err : NULL);
    if (empty) {
        modprop_outlook_print_empty(&s.outlook);
        code = MODPROP_EXIT_DONE;
    } else if (status == MODPROP_OK && closed == MODPROP_OK) {
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
    const double leave_at = modprop_launch_rank() == 0 ? time_to_leave(options) : 0;
    if (modprop_schedule_open(&ranks, &argc, &argv, &err) != MODPROP_OK) {
        modprop_session_complain(&err);
        return MODPROP_EXIT_UNUSABLE;
    }
    if (modprop_schedule_rank(ranks) == 0)
        code = conduct(options, ranks, leave_at, argc, argv);
    else
        modprop_schedule_follow();
    modprop_schedule_close(ranks);
    return code;
}
