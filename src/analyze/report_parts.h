/*
 * report_parts.h - the parts of a report.
 */
#ifndef MODPROP_ANALYZE_REPORT_PARTS_H
#define MODPROP_ANALYZE_REPORT_PARTS_H

#include "analyze/conditions.h"
#include "analyze/report.h"

enum { MODPROP_REPORT_SECTIONS = 16 };

/* What the parts have in common. */
struct modprop_report_page {
    FILE *out; /* of the sections */
    const struct modprop_report_request *request;
    const struct modprop_runs *runs;
    const bool *chosen; /* NULL: all runs */
    struct modprop_conditions conditions;
    struct modprop_report_outcome *outcome;
    size_t results; /* runs that are done or diverged */
    bool gnuplot;   /* there is one */
    size_t ids;     /* given so far, for figures */
    size_t sections;
    struct {
        const char *id, *name;
    } section[MODPROP_REPORT_SECTIONS]; /* written so far, for the table of contents */
};

/* Begins a section, which the table of contents calls `name`. All are string constants. */
void modprop_report_section(struct modprop_report_page *page, const char *id, const char *name,
                            const char *heading);

/* The table of contents of the sections written so far, to `out`. */
void modprop_report_contents(FILE *out, const struct modprop_report_page *page);

/* Name, question and counts: the page's head, to `out`. */
void modprop_report_header(FILE *out, const struct modprop_report_page *page);

/* What was swept, and what was not. */
enum modprop_status modprop_report_swept(struct modprop_report_page *page,
                                         struct modprop_error *err);

/* Runs that diverged, failed or ran out of time: by message, and by the values they share. */
enum modprop_status modprop_report_failures(struct modprop_report_page *page,
                                            struct modprop_error *err);

/* Attributes of the files, the sweep's text. */
void modprop_report_origin(struct modprop_report_page *page);

/* An answer: notes, figure, command, table, warnings. */
enum modprop_status modprop_report_result(struct modprop_report_page *page,
                                          const struct modprop_result *result, const char *command,
                                          struct modprop_error *err);

#endif
