#include "cli/progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/evaluations.h"
#include "cli/launch.h"
#include "cli/text.h"
#include "engine/error.h"
#include "schedule/job.h"

#define ERASE \
    "\x1b[K" /* the rest of a terminal's line, with the ^C that it may have echoed there */

static const double TERMINAL_EVERY_S = 0.2, LOG_EVERY_S = 30;

/* What a rank is doing. */
struct lane {
    bool busy;
    size_t run;
    long iterations; /* of the run */
    double share;    /* of the run that is done */
};

struct modprop_progress {
    const struct modprop_plan *plan;
    const struct modprop_cost *cost;
    const struct modprop_selection *selection;
    FILE *evaluations;
    bool quiet, terminal, stopping;
    bool line_open; /* the living line stands on the terminal */
    int columns;
    int ranks;
    struct lane *lane; /* [ranks] */
    size_t over[MODPROP_RUN_STATES];
    double start_s, shown_s;
    double work, work_done; /* estimated seconds of all runs, and of those that are over */
};

/* Runs of unknown cost count alike. */
static double work_of(const struct modprop_progress *p, size_t run)
{
    const double seconds = modprop_cost_of_run(p->cost, p->plan, run);
    return seconds > 0 ? seconds : 1;
}

enum modprop_status modprop_progress_create(struct modprop_progress **progress,
                                            const struct modprop_plan *plan,
                                            const struct modprop_cost *cost,
                                            const struct modprop_selection *selection, int ranks,
                                            bool quiet, FILE *evaluations,
                                            struct modprop_error *err)
{
    struct modprop_progress *p = calloc(1, sizeof *p);
    *progress = p;
    if (p)
        *p = (struct modprop_progress){.plan = plan,
                                       .cost = cost,
                                       .selection = selection,
                                       .evaluations = evaluations,
                                       .quiet = quiet,
                                       .ranks = ranks,
                                       .start_s = modprop_job_clock(),
                                       .shown_s = modprop_job_clock(),
                                       .lane = calloc((size_t)ranks, sizeof *p->lane)};
    if (!p || !p->lane) {
        free(p);
        *progress = NULL;
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the progress of %d ranks",
                            ranks);
    }
    p->terminal = modprop_launch_terminal(STDERR_FILENO, &p->columns);
    for (size_t k = 0; k < selection->count; k++)
        p->work += work_of(p, selection->todo[k]);
    return MODPROP_OK;
}

static void close_line(struct modprop_progress *p)
{
    if (p->line_open)
        fprintf(stderr, "\r" ERASE);
    p->line_open = false;
}

void modprop_progress_free(struct modprop_progress *progress)
{
    if (!progress)
        return;
    close_line(progress);
    free(progress->lane);
    free(progress);
}

/* ------------------------------------------------------------------ the line */

static void print_line(struct modprop_progress *p)
{
    char line[256], rest[48] = "";
    size_t running = 0, over = 0;
    double done = p->work_done;
    for (int rank = 0; rank < p->ranks; rank++) {
        running += p->lane[rank].busy;
        if (p->lane[rank].busy)
            done += p->lane[rank].share * work_of(p, p->lane[rank].run);
    }
    for (size_t state = 0; state < MODPROP_RUN_STATES; state++)
        over += p->over[state];
    const double elapsed = modprop_job_clock() - p->start_s,
                 share = p->work > 0 ? done / p->work : 1;
    if (share > 0 && elapsed > 1)
        snprintf(rest, sizeof rest, ", %s left",
                 modprop_text_duration(elapsed * (1 - share) / share).text);
    snprintf(line, sizeof line,
             "%zu of %zu over (%zu diverged, %zu failed), %zu running, %.0f%%%s%s", over,
             p->selection->count, p->over[MODPROP_RUN_DIVERGED],
             p->over[MODPROP_RUN_FAILED] + p->over[MODPROP_RUN_TIMEOUT], running, 100 * share, rest,
             p->stopping ? ", stopping" : "");
    if (p->terminal)
        fprintf(stderr, "\r%.*s" ERASE, p->columns - 1, line);
    else
        fprintf(stderr, "%s: %s\n", modprop_text_duration(elapsed).text, line);
    fflush(stderr);
    p->line_open = p->terminal;
    p->shown_s = modprop_job_clock();
}

/* ------------------------------------------------------------------ what happened */

static void print_news(struct modprop_progress *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void print_news(struct modprop_progress *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    close_line(p);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    fflush(stderr);
    va_end(args);
}

/* The label of a run's condition with its seed: the usual buffer for it. */
struct run_label {
    char text[160];
};

static struct run_label label_of(const struct modprop_progress *p, size_t run)
{
    struct run_label label;
    struct modprop_config config;
    modprop_plan_config(p->plan, run, &config);
    modprop_plan_label(p->plan, run, label.text, sizeof label.text - 32);
    const size_t used = strlen(label.text);
    snprintf(label.text + used, sizeof label.text - used, ", seed %ld", config.seed);
    return label;
}

static void print_evaluations(struct modprop_progress *p, size_t run,
                              const struct modprop_outcome *outcome)
{
    close_line(p);
    fprintf(p->evaluations, "\nrun %zu (%s): %s\n", run, label_of(p, run).text,
            modprop_run_state_name(outcome->state));
    modprop_evaluations_print(p->evaluations, &outcome->record);
    fflush(p->evaluations);
}

static void run_over(struct modprop_progress *p, const struct modprop_news *news)
{
    const struct modprop_outcome *outcome = news->outcome;
    p->over[outcome->state]++;
    p->work_done += work_of(p, news->run);
    if (outcome->state == MODPROP_RUN_DIVERGED && !p->quiet)
        print_news(p, "run %zu diverged at iteration %ld: %s", news->run,
                   outcome->record.diverged_at, label_of(p, news->run).text);
    if (outcome->state == MODPROP_RUN_FAILED || outcome->state == MODPROP_RUN_TIMEOUT)
        print_news(p, "run %zu %s: %s: %s", news->run,
                   outcome->state == MODPROP_RUN_FAILED ? "failed" : "timed out",
                   label_of(p, news->run).text, outcome->message);
    if (p->evaluations)
        print_evaluations(p, news->run, outcome);
}

static void run_warning(struct modprop_progress *p, const struct modprop_news *news)
{
    if (news->sweep)
        print_news(p, "warning: %s", news->text);
    else
        print_news(p, "warning: run %zu (%s): %s", news->run, label_of(p, news->run).text,
                   news->text);
}

static void run_begun(struct modprop_progress *p, const struct modprop_news *news)
{
    struct modprop_config config;
    modprop_plan_config(p->plan, news->run, &config);
    p->lane[news->rank] = (struct lane){
        .busy = true, .run = news->run, .iterations = config.iterations};
}

void modprop_progress_tell(void *context, const struct modprop_news *news)
{
    struct modprop_progress *p = context;
    struct lane *lane = &p->lane[news->rank];
    switch (news->occasion) {
    case MODPROP_RUN_BEGUN: run_begun(p, news); break;
    case MODPROP_RUN_ADVANCED:
        lane->share = (double)news->iteration / (double)lane->iterations;
        break;
    case MODPROP_RUN_OVER:
        run_over(p, news);
        lane->busy = false;
        break;
    case MODPROP_RUN_LEFT: lane->busy = false; break;
    case MODPROP_WARNING: run_warning(p, news); break;
    case MODPROP_STOPPING:
        p->stopping = true;
        print_news(p, "stopping, %s: every rank leaves its run", news->text);
        break;
    case MODPROP_TICK: break;
    }
    if (!p->quiet &&
        modprop_job_clock() - p->shown_s > (p->terminal ? TERMINAL_EVERY_S : LOG_EVERY_S))
        print_line(p);
}
