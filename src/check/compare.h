/*
 * compare.h - relative errors and their bounds, collected into a line of the report.
 */
#ifndef MODPROP_CHECK_COMPARE_H
#define MODPROP_CHECK_COMPARE_H

#include "check/check.h"

/* max |ours - reference| / max |reference| over the whole array; absolute where the reference is all
 * zero; infinite where a value is not finite. */
double modprop_compare_error(const double *ours, const double *reference, size_t count);

/* Takes a comparison into the line, which keeps the error that is largest in units of its bound and
 * fails with the first one above it. `what` is the array, `by` the path or loss (NULL: none). */
void modprop_compare_arrays(struct modprop_check_line *line, const char *what, const char *by,
                            const double *ours, const double *reference, size_t count,
                            double bound);

/* The unit roundoff of modprop_real: 6e-8 in float32, 1.1e-16 in double. */
double modprop_compare_roundoff(void);

/* The line of something that could not be compared, from the reason. */
void modprop_compare_fail(struct modprop_check_line *line, enum modprop_check_verdict verdict,
                          const struct modprop_error *cause);

#endif
