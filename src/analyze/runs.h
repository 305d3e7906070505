/*
 * runs.h - the runs of one or several results files, joined by their keys.
 *
 * Files may be finished or being written, and come from other versions of the program: a parameter
 * or a figure that a file lacks is "not applicable" (NaN) in its runs. Every finished row is compared
 * with its checksum and every row with its key before anything is used of it: what does not match is
 * left out and counted. A key that is in several files is one run: one with a result goes before one
 * without, the earlier file before the later.
 *
 * The order is that of the files, each in the order of its plan (seeds outermost).
 */
#ifndef MODPROP_ANALYZE_RUNS_H
#define MODPROP_ANALYZE_RUNS_H

#include <stdint.h>

#include "store/results.h"

/* One parameter of all runs. Names of choices ("modprop") are numbered in the order in which they
 * appear, so that equal values are equal numbers. */
struct modprop_runs_parameter {
    const char *name, *unit, *help;
    bool text;
    bool of_plan;   /* no parameter, but known as one: `variant` (text, "" is the common part) */
    double *value;  /* [runs]; NaN: not applicable; of a text: index into choice */
    size_t choices; /* of a text */
    char **choice;  /* [choices] */
};

/* A file as it was found. */
struct modprop_runs_file {
    char *path;
    char *sweep_file, *sweep_text, *version, *commit, *created, *command_line, *cpu, *compiler,
        *blas, *kernel, *mpi, *history; /* attributes; "" where there is none */
    char *holder;                 /* who writes it now, NULL: nobody */
    size_t runs;                  /* rows in the file */
    size_t damaged;               /* of them left out: checksum or key do not match */
    size_t merged; /* of them equal to a run of an earlier file, or without its result */
    size_t evaluations;
    double *iteration; /* [evaluations]; training iterations done at each evaluation */
};

/* The same key with different results. */
struct modprop_runs_conflict {
    uint64_t key;
    size_t file[2], row[2]; /* the first is used, the other is not */
    const char *what;       /* the first variable that differs; static or owned by the files */
};

struct modprop_runs_store; /* the open files */

struct modprop_runs {
    size_t count;
    uint64_t *key;                 /* [count] */
    enum modprop_run_state *state; /* [count] */
    uint32_t *file, *row;          /* [count]; where the run stands */
    double *iterations_done;       /* [count]; NaN: none known */
    double *diverged_at;           /* [count]; iteration, NaN: did not */
    double *wall_s, *cpu_s;        /* [count]; NaN: not known */
    double *attempts;              /* [count]; NaN: the file does not count them */
    char **message;                /* [count]; "" where there is none */
    size_t parameters;
    struct modprop_runs_parameter *parameter; /* [parameters]; `variant` is the last */
    size_t files;
    struct modprop_runs_file *from; /* [files] */
    size_t conflicts;               /* all of them */
    size_t conflicts_kept;
    struct modprop_runs_conflict *conflict; /* [conflicts_kept]; the first few */
    size_t damaged;                         /* rows left out, all files together */
    struct modprop_runs_store *store;
};

/* Reads the files. MODPROP_INVALID: one of them is no results file of this program, cut off, or
 * damaged in its structure; MODPROP_IO, MODPROP_NO_MEMORY. On failure *runs is NULL. */
enum modprop_status modprop_runs_read(struct modprop_runs **runs, size_t files,
                                      const char *const *path, struct modprop_error *err);
void modprop_runs_free(struct modprop_runs *runs); /* accepts NULL */

/* Whether a run has a result: done or diverged. */
bool modprop_runs_has_result(const struct modprop_runs *runs, size_t run);

/* Index of the parameter of that name; parameters if there is none. */
size_t modprop_runs_find(const struct modprop_runs *runs, const char *name);

/* The same; MODPROP_INVALID with the nearest known name where there is none. `what` is where the name
 * was given, such as "--by". */
enum modprop_status modprop_runs_need(const struct modprop_runs *runs, const char *name,
                                      const char *what, size_t *parameter,
                                      struct modprop_error *err);

/* A parameter's value as people write it, "-" where it is not applicable. */
void modprop_runs_format(const struct modprop_runs *runs, size_t parameter, double value,
                         char *text, size_t size);

/* A number as people write it: whole numbers in full, others as the shortest text of up to nine
 * digits that reads back the same, else with nine digits. */
void modprop_runs_number(double value, char *text, size_t size);

/* Names of the figures that are there ("loss", "accuracy", ...); NULL past the last. */
const char *modprop_runs_figure_name(const struct modprop_runs *runs, size_t index);

/* ------------------------------------------------------------------ figures */

/* One figure of all runs at all evaluations. */
struct modprop_runs_figure {
    const char *name, *unit, *help; /* borrowed from the runs */
    size_t width;                   /* the most evaluations of a file */
    double *value;                  /* [runs][width]; NaN: none */
};

/* Reads it; values of runs without a result (pending, running, failed, timeout) are NaN. 100,000 runs
 * of 150 evaluations take 120 MB. MODPROP_INVALID: no file has that figure (told with the nearest
 * name); MODPROP_IO, MODPROP_NO_MEMORY. */
enum modprop_status modprop_runs_read_figure(struct modprop_runs_figure *figure,
                                             const struct modprop_runs *runs, const char *name,
                                             struct modprop_error *err);
void modprop_runs_clear_figure(struct modprop_runs_figure *figure);

/* A run's values [*count] and the iterations they belong to [*count]; without trailing NaN. */
const double *modprop_runs_series(const struct modprop_runs *runs,
                                  const struct modprop_runs_figure *figure, size_t run,
                                  const double **iteration, size_t *count);

#endif
