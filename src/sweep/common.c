#include "sweep/common.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* A parameter's values over some runs. */
struct span {
    double low, high;
    size_t count;  /* of runs that read it */
    size_t others; /* of runs that do not */
};

static struct span span_of(const double *value, size_t runs, const bool *chosen)
{
    struct span span = {INFINITY, -INFINITY, 0, 0};
    for (size_t run = 0; run < runs; run++) {
        if (!chosen[run])
            continue;
        if (isnan(value[run])) {
            span.others++;
            continue;
        }
        span.count++;
        span.low = fmin(span.low, value[run]);
        span.high = fmax(span.high, value[run]);
    }
    return span;
}

/* Whether the group's span tells it from all considered; then *trait is how. */
static bool distinguish(struct modprop_common_trait *trait, const struct span *group,
                        const struct span *all)
{
    const enum modprop_kind kind = modprop_parameter_at(trait->parameter)->kind;
    if (group->count == 0 || group->others > 0)
        return false; /* that they do not read it follows from their rule, task or units */
    if (group->low == group->high) {
        trait->low = trait->high = group->low;
        return all->others > 0 || all->low < all->high;
    }
    trait->low = group->low > all->low ? group->low : -INFINITY;
    trait->high = group->high < all->high ? group->high : INFINITY;
    return kind != MODPROP_NAME_VALUE && (group->low > all->low || group->high < all->high);
}

static bool matches(const struct modprop_common *common, const double *const *value, size_t run,
                    size_t without)
{
    for (size_t k = 0; k < common->traits; k++) {
        const struct modprop_common_trait *trait = &common->trait[k];
        const double here = value[trait->parameter][run];
        if (k != without && !(here >= trait->low && here <= trait->high))
            return false;
    }
    return true;
}

/* Runs considered that have all traits, but for the one left out. */
static size_t count_matching(const struct modprop_common *common, const double *const *value,
                             size_t runs, const bool *considered, size_t without)
{
    size_t count = 0;
    for (size_t run = 0; run < runs; run++)
        count += considered[run] && matches(common, value, run, without);
    return count;
}

void modprop_common_find(struct modprop_common *common, const double *const *value, size_t runs,
                         const bool *member, const bool *considered)
{
    *common = (struct modprop_common){0};
    for (size_t run = 0; run < runs; run++)
        common->members += member[run];
    for (size_t p = 0; p < modprop_parameter_count(); p++) {
        if (!value[p] || modprop_parameter_at(p)->kind == MODPROP_TEXT_VALUE ||
            common->traits == MODPROP_COMMON_TRAITS)
            continue;
        const struct span group = span_of(value[p], runs, member);
        const struct span all = span_of(value[p], runs, considered);
        struct modprop_common_trait trait = {.parameter = p};
        if (distinguish(&trait, &group, &all))
            common->trait[common->traits++] = trait;
    }
    common->matching = count_matching(common, value, runs, considered, SIZE_MAX);
    for (size_t k = common->traits; k-- > 0;) {
        if (count_matching(common, value, runs, considered, k) > common->matching)
            continue;
        memmove(&common->trait[k], &common->trait[k + 1],
                (common->traits - k - 1) * sizeof *common->trait);
        common->traits--;
    }
}

void modprop_common_text(const struct modprop_common *common, char *text, size_t size)
{
    size_t used = 0;
    if (size)
        text[0] = '\0';
    for (size_t k = 0; k < common->traits && used < size; k++) {
        const struct modprop_common_trait *trait = &common->trait[k];
        char low[64] = "", high[64] = "";
        if (isfinite(trait->low))
            modprop_parameter_format(trait->parameter, trait->low, low, sizeof low);
        if (isfinite(trait->high))
            modprop_parameter_format(trait->parameter, trait->high, high, sizeof high);
        const bool one = trait->low == trait->high, both = low[0] && high[0];
        used += (size_t)snprintf(text + used, size - used, "%s%s%s%s%s%s", k ? " " : "",
                                 modprop_parameter_at(trait->parameter)->name,
                                 one || both ? "="
                                 : low[0]    ? ">="
                                             : "<=",
                                 one ? "" : low, one || !both ? "" : "..", high);
    }
}
