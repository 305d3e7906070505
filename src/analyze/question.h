/*
 * question.h - what an analysis is asked, and the analyses that answer.
 *
 * Each fills a result (result.h): on failure it is cleared. A diverged run has no final figure: where
 * runs are ranked (medians, quartiles, differences) it counts as worse than all others, and is
 * counted beside.
 */
#ifndef MODPROP_ANALYZE_QUESTION_H
#define MODPROP_ANALYZE_QUESTION_H

#include "analyze/curve.h"
#include "analyze/interval.h"
#include "analyze/measures.h"
#include "analyze/result.h"

enum { MODPROP_QUESTION_BY = 8 };

/* Zero-initialise and call modprop_question_defaults; strings are borrowed. */
struct modprop_question {
    const bool *chosen; /* [runs->count]; NULL: all runs */
    size_t by_count;
    const char *by[MODPROP_QUESTION_BY]; /* parameters that make groups */
    bool by_given;                       /* false: the command's own choice */
    const char *x;                       /* parameter on the x axis */
    const char *y;        /* measure (trend, compare, best), or parameter (stability) */
    const char *baseline; /* "rule=bptt"; of compare */
    const char *over;     /* parameter whose best value is sought; of best and recipe */
    struct modprop_measures_options measures;
    enum modprop_interval_kind interval; /* of medians in tables and figures */
    enum modprop_curve_band band;
    size_t smooth; /* evaluations of the moving mean; odd */
    bool seconds;  /* x of curves: seconds rather than iterations */
};
void modprop_question_defaults(struct modprop_question *question);

/* The parameters of `by`, or those named by `fallback` [fallbacks] that the runs have if none were
 * given; index [MODPROP_QUESTION_BY]. */
enum modprop_status modprop_question_groups(const struct modprop_question *question,
                                            const struct modprop_runs *runs, size_t fallbacks,
                                            const char *const *fallback, size_t *index,
                                            size_t *count, struct modprop_error *err);

/* A row per condition: runs by state, final loss and accuracy, best loss, collapsed, time. No plot. */
enum modprop_status modprop_summary_make(struct modprop_result *result,
                                         const struct modprop_runs *runs,
                                         const struct modprop_question *question,
                                         struct modprop_error *err);

/* A measure against one parameter: x, y (default final_loss), by. */
enum modprop_status modprop_trend_make(struct modprop_result *result,
                                       const struct modprop_runs *runs,
                                       const struct modprop_question *question,
                                       struct modprop_error *err);

/* Learning curves of a figure (measures.metric): by, band, smooth, seconds. */
enum modprop_status modprop_curves_make(struct modprop_result *result,
                                        const struct modprop_runs *runs,
                                        const struct modprop_question *question,
                                        struct modprop_error *err);

/* Differences to a baseline, paired by seed: baseline, y, by. */
enum modprop_status modprop_compare_make(struct modprop_result *result,
                                         const struct modprop_runs *runs,
                                         const struct modprop_question *question,
                                         struct modprop_error *err);

/* Iterations to a criterion: measures.metric, .criterion, .at_least, by. */
enum modprop_status modprop_timeto_make(struct modprop_result *result,
                                        const struct modprop_runs *runs,
                                        const struct modprop_question *question,
                                        struct modprop_error *err);

/* The best value of a parameter, chosen on one half of the seeds and reported on the other: over, y,
 * by. */
enum modprop_status modprop_best_make(struct modprop_result *result,
                                      const struct modprop_runs *runs,
                                      const struct modprop_question *question,
                                      struct modprop_error *err);

/* Shares of diverged and collapsed runs and the median final loss over two parameters: x, y. */
enum modprop_status modprop_stability_make(struct modprop_result *result,
                                           const struct modprop_runs *runs,
                                           const struct modprop_question *question,
                                           struct modprop_error *err);

/* The published plot (recipe.h): by, over (default learning_rate), measures.metric. */
enum modprop_status modprop_published_make(struct modprop_result *result,
                                           const struct modprop_runs *runs,
                                           const struct modprop_question *question,
                                           struct modprop_error *err);

#endif
