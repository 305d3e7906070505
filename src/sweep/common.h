/*
 * common.h - what a group of runs (those that failed, say) has in common and others have not.
 *
 * Pure data, for --status and for reports: values of parameters go in, a few traits come out, such
 * as "rule=rtrl n=120" or "learning_rate>=0.01". A trait is one value that all of the group have,
 * or a range of numbers that they keep to, where the runs they are compared with have more. Traits
 * that do not tell the group from any of these runs beyond what the other traits do are left out.
 */
#ifndef MODPROP_SWEEP_COMMON_H
#define MODPROP_SWEEP_COMMON_H

#include "modprop.h"

struct modprop_common_trait {
    size_t parameter;
    double low, high; /* equal: one value; -INFINITY, INFINITY: the range is open on that side */
};

enum { MODPROP_COMMON_TRAITS = 8 };

struct modprop_common {
    size_t members;  /* runs of the group */
    size_t matching; /* runs with all of the traits, those of the group among them */
    size_t traits;
    struct modprop_common_trait trait[MODPROP_COMMON_TRAITS];
};

/* value[modprop_parameter_count()]: a column [runs] for each parameter, NaN where a run does not
 * read it, a name's index for names; NULL: to be left out, as texts are. member [runs]: the group.
 * considered [runs]: what it is compared with; must include the group. */
void modprop_common_find(struct modprop_common *common, const double *const *value, size_t runs,
                         const bool *member, const bool *considered);

/* "rule=rtrl n=120 learning_rate>=0.01 mu=0.1..0.3", "" if there are no traits. Cut to size, always
 * terminated. */
void modprop_common_text(const struct modprop_common *common, char *text, size_t size);

#endif
