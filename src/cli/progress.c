#include "cli/progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/launch.h"
#include "cli/text.h"
#include "engine/error.h"

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

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

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
                                            bool quiet, FILE *evaluations, struct modprop_error *err)
{
    struct modprop_progress *p = calloc(1, sizeof *p);
    *progress = p;
    if (p)
        *p = (struct modprop_progress){.plan = plan, .cost = cost, .selection = selection,
                                       .evaluations = evaluations, .quiet = quiet, .ranks = ranks,
                                       .start_s = now_s(), .shown_s = now_s(),
                                       .lane = calloc((size_t)ranks, sizeof *p->lane)};
    if (!p || !p->lane) {
        free(p);
        *progress = NULL;
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the progress of %d ranks", ranks);
    }
    p->terminal = modprop_launch_terminal(&p->columns);
    for (size_t k = 0; k < selection->count; k++)
        p->work += work_of(p, selection->todo[k]);
    return MODPROP_OK;
}

static void close_line(struct modprop_progress *p)
{
    if (p->line_open)
        fprintf(stderr, "\r%*s\r", p->columns - 1, "");
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
    const double elapsed = now_s() - p->start_s, share = p->work > 0 ? done / p->work : 1;
    if (share > 0 && elapsed > 1)
        snprintf(rest, sizeof rest, ", %s left",
                 modprop_text_duration(elapsed * (1 - share) / share).text);
    snprintf(line, sizeof line, "%zu of %zu over (%zu diverged, %zu failed), %zu running, %.0f%%%s%s",
             over, p->selection->count, p->over[MODPROP_RUN_DIVERGED],
             p->over[MODPROP_RUN_FAILED] + p->over[MODPROP_RUN_TIMEOUT], running, 100 * share, rest,
             p->stopping ? ", stopping" : "");
    if (p->terminal)
        fprintf(stderr, "\r%-*.*s", p->columns - 1, p->columns - 1, line);
    else
        fprintf(stderr, "%s: %s\n", modprop_text_duration(elapsed).text, line);
    fflush(stderr);
    p->line_open = p->terminal;
    p->shown_s = now_s();
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

static void print_evaluations(const struct modprop_progress *p, size_t run,
                              const struct modprop_outcome *outcome)
{
    fprintf(p->evaluations, "run %zu (%s): %s\n", run, label_of(p, run).text,
            modprop_run_state_name(outcome->state));
    fprintf(p->evaluations, "%10s %14s %14s %9s %12s %12s %12s\n", "iteration", "loss", "loss_total",
            "accuracy", "mean_rate", "radius_W_rec", "gradient");
    for (size_t k = 0; k < outcome->record.evaluations; k++) {
        const struct modprop_evaluation *e = &outcome->record.evaluation[k];
        fprintf(p->evaluations, "%10.0f %14.9g %14.9g %9.5g %12.7g %12.7g %12.7g\n", e->iteration,
                e->loss, e->loss_total, e->accuracy, e->mean_rate, e->spectral_radius,
                e->gradient_norm);
    }
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
    if (p->evaluations) {
        close_line(p);
        print_evaluations(p, news->run, outcome);
    }
}

static void run_begun(struct modprop_progress *p, const struct modprop_news *news)
{
    struct modprop_config config;
    modprop_plan_config(p->plan, news->run, &config);
    p->lane[news->rank] =
        (struct lane){.busy = true, .run = news->run, .iterations = config.iterations};
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
    case MODPROP_RUN_OVER: run_over(p, news); lane->busy = false; break;
    case MODPROP_RUN_LEFT: lane->busy = false; break;
    case MODPROP_STOPPING:
        p->stopping = true;
        print_news(p, "stopping: every rank leaves its run after its present iteration");
        break;
    case MODPROP_TICK: break;
    }
    if (!p->quiet && now_s() - p->shown_s > (p->terminal ? TERMINAL_EVERY_S : LOG_EVERY_S))
        print_line(p);
}
