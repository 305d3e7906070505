/*
 * halting.h - somebody who may want a run to stop in the middle of what it does (modprop_run_halt), asked
 * now and then by all that may take long.
 */
#ifndef MODPROP_ENGINE_HALTING_H
#define MODPROP_ENGINE_HALTING_H

#include "modprop.h"

/* Zero-initialised: nobody asks for an end. */
struct modprop_halting {
    modprop_halt *ask; /* NULL: nobody */
    void *context;
    double every;      /* operations from one question to the next */
    double operations; /* since the last one */
    bool halted;       /* the answer was yes; it stays so until modprop_halting_begin */
    bool deaf;         /* nobody is asked: what is done now must not be left halfway */
};

void modprop_halting_init(struct modprop_halting *halting, modprop_halt *ask, void *context);

/* What is done next has not been halted yet. */
void modprop_halting_begin(struct modprop_halting *halting);

/* After so many operations (two for a product and its sum): whether to stop here. NULL: nobody asks. */
bool modprop_halting_after(struct modprop_halting *halting, double operations);

/* Whether it has been said to stop. */
bool modprop_halting_is(const struct modprop_halting *halting);

#endif
