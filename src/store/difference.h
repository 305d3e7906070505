/*
 * difference.h - what tells the sweep of a results file from another sweep, in words.
 */
#ifndef MODPROP_STORE_DIFFERENCE_H
#define MODPROP_STORE_DIFFERENCE_H

#include "store/h5.h"
#include "sweep/plan.h"

/* MODPROP_OK if the file belongs to the plan: equal hashes. Otherwise MODPROP_DIFFERENT; err tells
 * the differing parameters, numbers of runs, and the first differing line of the sweep files. */
enum modprop_status modprop_difference_check(hid_t file, const char *path,
                                             const struct modprop_plan *plan,
                                             struct modprop_error *err);

#endif
