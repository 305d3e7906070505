/*
 * close_to.h - comparing a number with what an independent program says it is.
 */
#ifndef MODPROP_TESTS_CLOSE_TO_H
#define MODPROP_TESTS_CLOSE_TO_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What two programs may differ by that compute the same formula in another order: sums of up to 100
 * numbers and functions good to some 1e-14. */
static const double SAME_FORMULA = 1e-9;

/* Fails unless the numbers agree to `tolerance`, relative where they are above 1. NaN agrees with NaN
 * alone, infinity with itself. */
static inline void close_to(const char *what, size_t number, double value, double expected,
                            double tolerance)
{
    if (isnan(expected) ? isnan(value) : value == expected)
        return;
    if (!(fabs(value - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("%s of case %zu: %.17g instead of %.17g", what, number, value, expected);
}

#define CASES(table) (sizeof(table) / sizeof *(table))

#endif
