/*
 * report.h - what was measured, as a table of 100 columns and as CSV.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdio.h>

#include "measure.h"

/* sgemm at one shape: C [rows][columns] = A [rows][inner] B [inner][columns]. */
struct bench_product {
    size_t rows, n;                  /* inner and columns: n */
    struct bench_spread rate, share; /* operations a second; of its round's peak */
};

struct bench_products {
    struct bench_product *items; /* owned */
    size_t count;
};

/* Processor, instruction sets, libraries. */
void bench_report_machine(FILE *out, int core, bool pinned);
void bench_report_products(FILE *out, const struct bench_products *products);

/* Heading and rows of one group; the notes below name what was skipped and why. */
void bench_report_group(FILE *out, const struct bench_case *cases,
                        const struct bench_result *results, size_t count,
                        const struct bench_products *products);

/* Evaluation over forward pass, and the shares of an iteration, from a group of parts. */
void bench_report_parts(FILE *out, const struct bench_case *cases,
                        const struct bench_result *results, size_t count);

void bench_report_csv_head(FILE *csv);
void bench_report_csv_products(FILE *csv, const struct bench_products *products);
void bench_report_csv(FILE *csv, const struct bench_case *c, const struct bench_result *result);

#endif
