#include "check/exam.h"

#include "engine/memory.h"

static double bound_of(enum modprop_exam_number number)
{
    const bool twice = sizeof(modprop_real) == sizeof(double);
    switch (number) {
    case MODPROP_EXAM_TRAJECTORY: return twice ? 1e-7 : 1e-4;
    case MODPROP_EXAM_WEIGHT: return twice ? 1e-10 : 1e-6;
    case MODPROP_EXAM_ORDINARY: break;
    }
    return twice ? 1e-10 : 1e-4;
}

void modprop_exam_compare(const struct modprop_exam *exam, enum modprop_exam_number number,
                          const char *name, const double *ours, const double *reference,
                          size_t count)
{
    const double bound = bound_of(number);
    /* In double the error of a trajectory is the rounding of its reference to float32, which would hide
     * the errors of everything else: it counts only where it is too large. */
    if (number == MODPROP_EXAM_TRAJECTORY && sizeof(modprop_real) == sizeof(double) &&
        modprop_compare_error(ours, reference, count) <= bound)
        return;
    modprop_compare_arrays(exam->line, name, exam->by, ours, reference, count, bound);
}

bool modprop_exam_expect(const struct modprop_exam *exam, enum modprop_exam_number number,
                         const char *name, size_t rank, const size_t *dims, const double *ours)
{
    struct modprop_error err = {0};
    double *reference;
    size_t count = 1;
    if (modprop_case_dataset(exam->c, name, rank, dims, &reference, &err) != MODPROP_OK) {
        modprop_compare_fail(exam->line, MODPROP_CHECK_UNREADABLE, &err);
        return false;
    }
    for (size_t axis = 0; axis < rank; axis++)
        count *= dims[axis];
    modprop_exam_compare(exam, number, name, ours, reference, count);
    modprop_memory_free(reference);
    return true;
}

bool modprop_exam_refused(const struct modprop_exam *exam, const struct modprop_error *err)
{
    modprop_compare_fail(exam->line, MODPROP_CHECK_FAILED, err);
    return false;
}
