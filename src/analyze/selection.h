/*
 * selection.h - which runs an analysis takes: `--where rule=modprop,bptt --where 'mu<=0.3'`.
 *
 * A clause is NAME OP VALUES, OP one of = != < <= > >=. With = and != there may be several values,
 * separated by commas, and ranges of numbers a..b; `-` is "not applicable". All other comparisons do
 * not hold where the parameter is not applicable. Numbers are equal if they agree to 1e-9 of their
 * size: 0.3 finds what linspace made of it. Several clauses must all hold.
 */
#ifndef MODPROP_ANALYZE_SELECTION_H
#define MODPROP_ANALYZE_SELECTION_H

#include "analyze/runs.h"

/* chosen [runs->count] is set to which runs satisfy all clauses; no clause: all. `what` is the option
 * that errors name: "--where". MODPROP_INVALID: a
 * clause cannot be read, names no parameter (the nearest is told) or a name that no run has, or no
 * run is left. */
enum modprop_status modprop_selection_choose(bool *chosen, const struct modprop_runs *runs,
                                             const char *what, size_t clauses,
                                             const char *const *clause, struct modprop_error *err);

#endif
