#include "pairs.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine.h"

/* A process that trains for a moment whenever it is sent a byte, and answers with its speed. */
struct worker {
    pid_t pid;
    int order[2], answer[2]; /* pipes */
};

/* Iterations a second over about `seconds`; 0 where the training failed. */
static double train_for(struct modprop_run *run, double seconds)
{
    struct modprop_error err = {0};
    const double start = bench_now_s();
    double done = 0, now = start;
    for (; now - start < seconds; now = bench_now_s(), done++)
        if (modprop_run_step(run, &err) != MODPROP_OK)
            return 0;
    return done / (now - start);
}

static int serve(const struct worker *w, const struct bench_case *c, int core)
{
    const double moment_s = 0.5;
    struct modprop_run *run;
    struct modprop_error err = {0};
    char order;
    if (!bench_pin(core) || modprop_run_create(&run, &c->config, &err) != MODPROP_OK) {
        fprintf(stderr, "core %d: %s\n", core, err.code ? err.message : "cannot be bound to");
        return 1;
    }
    (void)train_for(run, moment_s / 5);
    while (read(w->order[0], &order, 1) == 1) {
        const double speed = train_for(run, moment_s);
        if (write(w->answer[1], &speed, sizeof speed) != sizeof speed)
            break;
    }
    modprop_run_free(run);
    return 0;
}

static bool start(struct worker *w, const struct bench_case *c, int core)
{
    if (pipe(w->order) != 0)
        return false;
    if (pipe(w->answer) != 0)
        return false;
    fflush(NULL);
    w->pid = fork();
    if (w->pid == 0) {
        close(w->order[1]);
        close(w->answer[0]);
        _exit(serve(w, c, core));
    }
    close(w->order[0]);
    close(w->answer[1]);
    return w->pid > 0;
}

static bool order(const struct worker *w)
{
    return write(w->order[1], "", 1) == 1;
}

static bool answered(const struct worker *w, double *speed)
{
    return read(w->answer[0], speed, sizeof *speed) == sizeof *speed && *speed > 0;
}

/* kept[k]: speed of worker k beside the other over its speed alone. */
static bool compare(const struct worker *w, double kept[2])
{
    double alone[2], both[2];
    for (int k = 0; k < 2; k++)
        if (!order(&w[k]) || !answered(&w[k], &alone[k]))
            return false;
    const bool ok = order(&w[0]) && order(&w[1]) && answered(&w[0], &both[0]) &&
                    answered(&w[1], &both[1]);
    for (int k = 0; ok && k < 2; k++)
        kept[k] = both[k] / alone[k];
    return ok;
}

bool bench_pairs(FILE *out, const struct bench_case *c, const int cores[2], size_t rounds)
{
    struct worker w[2] = {{0}, {0}};
    double kept[2][BENCH_ROUNDS], now[2];
    signal(SIGPIPE, SIG_IGN); /* a worker that could not start is told by its missing answer */
    bool ok = start(&w[0], c, cores[0]);
    ok = ok && start(&w[1], c, cores[1]);
    for (size_t round = 0; ok && round < rounds; round++) {
        ok = compare(w, now);
        for (int k = 0; ok && k < 2; k++)
            kept[k][round] = now[k];
    }
    /* Both ends first: the second worker has a copy of the first one's. */
    for (int k = 0; k < 2; k++)
        if (w[k].pid > 0)
            close(w[k].order[1]);
    for (int k = 0; k < 2; k++)
        if (w[k].pid > 0)
            waitpid(w[k].pid, NULL, 0);
    if (!ok) {
        fprintf(out, "\ntwo processes: could not be measured on cores %d and %d\n", cores[0],
                cores[1]);
        return false;
    }
    fprintf(out, "\ntwo processes, %s n %ld T %ld B %ld: speed kept beside the other, %zu rounds\n",
            c->rule->name, c->size.n, c->size.T, c->size.B, rounds);
    for (int k = 0; k < 2; k++) {
        const struct bench_spread s = bench_spread_of(kept[k], rounds);
        fprintf(out, "core %d: %5.1f %% [%5.1f - %5.1f]\n", cores[k], 100 * s.median, 100 * s.lower,
                100 * s.upper);
    }
    return true;
}
