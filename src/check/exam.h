/*
 * exam.h - a reference case under examination: what it expects against what the engine computed.
 */
#ifndef MODPROP_CHECK_EXAM_H
#define MODPROP_CHECK_EXAM_H

#include "check/case.h"
#include "check/compare.h"

enum { MODPROP_EXAM_TYPES = 2048 }; /* the most cell types a case has */

struct modprop_exam {
    const struct modprop_case *c;
    struct modprop_check_line *line;
    const char *by; /* the path that computes */
};

/* What kind of number is compared, which decides the bound. Reasons: tests/data/golden/README.md. */
enum modprop_exam_number {
    MODPROP_EXAM_ORDINARY,   /* gradients, losses, Adam's moments */
    MODPROP_EXAM_TRAJECTORY, /* v, z, a: kept as float32 */
    MODPROP_EXAM_WEIGHT,     /* weights after a step: one rounding each */
};

/* Compares `ours` with values that the case has already given. */
void modprop_exam_compare(const struct modprop_exam *exam, enum modprop_exam_number number,
                          const char *name, const double *ours, const double *reference,
                          size_t count);

/* Compares `ours` [product of dims] with the dataset of that name. false: it cannot be read, and the
 * line says so. */
bool modprop_exam_expect(const struct modprop_exam *exam, enum modprop_exam_number number,
                         const char *name, size_t rank, const size_t *dims, const double *ours);

/* Ends the examination: the engine refused. Returns false. */
bool modprop_exam_refused(const struct modprop_exam *exam, const struct modprop_error *err);

/* Trains the steps of a case of kind optimiser or training and compares after each. false: it ended
 * early, and the line says why. */
bool modprop_exam_training(const struct modprop_exam *exam, const struct modprop_problem *problem);

#endif
