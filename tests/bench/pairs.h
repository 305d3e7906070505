/*
 * pairs.h - whether two processes on two cores hold each other up.
 */
#ifndef BENCH_PAIRS_H
#define BENCH_PAIRS_H

#include <stdio.h>

#include "measure.h"

/* Trains the case in two processes bound to cores[0] and cores[1]: each alone, then both at once,
 * `rounds` times, and prints the speed each keeps. false: it could not be done, which is printed.
 */
bool bench_pairs(FILE *out, const struct bench_case *c, const int cores[2], size_t rounds);

#endif
