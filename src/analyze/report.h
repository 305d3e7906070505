/*
 * report.h - one self-contained page about a sweep: what was swept, what came out, how it was made.
 *
 * It is the analyses of question.h one after another, each with the command that makes it alone, the
 * runs that failed by the parameter values they share, and where everything comes from. Inline SVG,
 * nothing from a network. The same results give the same bytes. Without gnuplot the tables come alone,
 * and the page says so.
 */
#ifndef MODPROP_ANALYZE_REPORT_H
#define MODPROP_ANALYZE_REPORT_H

#include "analyze/question.h"

/* All strings are borrowed; none is NULL. */
struct modprop_report_request {
    const struct modprop_runs *runs;
    const struct modprop_question *question; /* chosen, baseline and measures are for all parts */
    const char *program;                     /* "modprop_analyze 0.2.0, commit ..." */
    const char *command;                     /* that makes this page, as one would type it */
    const char *input; /* files and options of all commands, quoted for a shell, after a blank */
};

/* What went on beside the page. */
struct modprop_report_outcome {
    size_t figures; /* that belong on the page */
    size_t missing; /* of them not drawn */
    char why[512];  /* the first was not */
};

/* Writes the page to a stream; the caller looks at ferror. MODPROP_NO_MEMORY, MODPROP_IO. */
enum modprop_status modprop_report_write(FILE *out, const struct modprop_report_request *request,
                                         struct modprop_report_outcome *outcome,
                                         struct modprop_error *err);

/* Writes it to a file, whole or not at all. */
enum modprop_status modprop_report_save(const char *path,
                                        const struct modprop_report_request *request,
                                        struct modprop_report_outcome *outcome,
                                        struct modprop_error *err);

#endif
