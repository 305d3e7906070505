#include "check/compare.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

double modprop_compare_roundoff(void)
{
    return sizeof(modprop_real) == sizeof(float) ? FLT_EPSILON / 2.0 : DBL_EPSILON / 2.0;
}

double modprop_compare_error(const double *ours, const double *reference, size_t count)
{
    double largest = 0, difference = 0;
    for (size_t k = 0; k < count; k++) {
        const double here = fabs(ours[k] - reference[k]);
        if (!isfinite(here))
            return INFINITY;
        difference = fmax(difference, here);
        largest = fmax(largest, fabs(reference[k]));
    }
    return largest > 0 ? difference / largest : difference;
}

void modprop_compare_arrays(struct modprop_check_line *line, const char *what, const char *by,
                            const double *ours, const double *reference, size_t count, double bound)
{
    const double error = modprop_compare_error(ours, reference, count);
    const bool first = line->where[0] == '\0';
    if (!(error <= bound))
        line->verdict = MODPROP_CHECK_FAILED;
    if (!first && error / bound <= line->error / line->bound)
        return;
    line->error = error;
    line->bound = bound;
    snprintf(line->where, sizeof line->where, "%s%s%s", what, by ? " " : "", by ? by : "");
}

void modprop_compare_fail(struct modprop_check_line *line, enum modprop_check_verdict verdict,
                          const struct modprop_error *cause)
{
    line->verdict = verdict;
    line->cause = *cause;
}
