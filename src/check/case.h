/*
 * case.h - a reference case read from its file into a problem, every size verified.
 *
 * The format is told in tests/data/golden/README.md. Whatever is in the file, the arrays of a case
 * that was read have the sizes its shape says and hold finite numbers only.
 */
#ifndef MODPROP_CHECK_CASE_H
#define MODPROP_CHECK_CASE_H

#include "check/problem.h"

struct modprop_datafile;

enum modprop_case_kind { MODPROP_CASE_GRADIENT, MODPROP_CASE_OPTIMISER, MODPROP_CASE_TRAINING };

struct modprop_case {
    struct modprop_datafile *file;
    const char *path; /* borrowed */
    enum modprop_case_kind kind;
    struct modprop_problem problem; /* trials of kind gradient; weights of all, theta where given */
    bool last_step_only;            /* its loss */
    size_t steps;                   /* training iterations of the file, 1 for a gradient */
    long first_iteration;
    size_t trajectory_every; /* v, z and a hold the steps 0, k, 2k, ... */
    size_t n_inh, n_exc, C;  /* as the file says */
    double alpha, spectral_radius;
    char unsupported[192]; /* what the engine lacks for this case; "": nothing */
};

/* Errors: MODPROP_IO, MODPROP_INVALID, MODPROP_NO_MEMORY: the file cannot be used. On success the
 * caller clears the case, which must not outlive `path`. */
enum modprop_status modprop_case_read(struct modprop_case *c, const char *path,
                                      struct modprop_error *err);
void modprop_case_clear(struct modprop_case *c); /* accepts a zeroed one */

/* Whether its mu is measured: adaptive, or within the trial. */
bool modprop_case_measures(const struct modprop_case *c);

/* A dataset of exactly that shape, rank <= 4, finite throughout. The caller frees *values with
 * modprop_memory_free. */
enum modprop_status modprop_case_dataset(const struct modprop_case *c, const char *name,
                                         size_t rank, const size_t *dims, double **values,
                                         struct modprop_error *err);

#endif
