#include "report.h"

#include "machine.h"

static const double giga = 1e-9, mebi = 1.0 / 1048576;

void bench_report_machine(FILE *out, int core, bool pinned)
{
    fprintf(out, "%s, core %d%s; peak by %s; kernels %s; %s\n", bench_cpu_name(), core,
            pinned ? "" : " (not pinned: the system refused)", bench_peak_name(),
            modprop_kernel_name(), modprop_blas_name());
    fprintf(
        out,
        "One dense forward limit = 2 n^2 T B operations at the core's peak, measured anew beside "
        "each figure.\nMedians; in brackets the quartiles over the rounds. sgemm: the dense "
        "products alone by OpenBLAS;\non: "
        "share of the units that are active.\n");
}

void bench_report_products(FILE *out, const struct bench_products *products)
{
    fprintf(out, "\nsgemm, rows x n times n x n\n%6s %6s %9s %19s %8s\n", "rows", "n", "GFLOP/s",
            "", "of peak");
    for (size_t k = 0; k < products->count; k++) {
        const struct bench_product *p = &products->items[k];
        fprintf(out, "%6zu %6zu %9.1f [%7.1f - %7.1f] %7.0f%%\n", p->rows, p->n,
                giga * p->rate.median, giga * p->rate.lower, giga * p->rate.upper,
                100 * p->share.median);
    }
}

/* Time of the dense products by sgemm, ms; 0 where that shape was not measured. */
static double sgemm_ms(const struct bench_products *products, const struct bench_size *size)
{
    for (size_t k = 0; k < products->count; k++) {
        const struct bench_product *p = &products->items[k];
        if (p->rows == (size_t)size->B && p->n == (size_t)size->n)
            return 1e3 * bench_dense(size) / p->rate.median;
    }
    return 0;
}

/* Decimals that leave `digits` digits of a number, so that a column keeps its width. */
static int decimals(double value, int digits)
{
    for (double next = 10; value >= next && digits > 1; next *= 10)
        digits--;
    return digits - 1;
}

static void print_row(FILE *out, const struct bench_case *c, const struct bench_result *r,
                      const struct bench_products *products)
{
    const double dense = 1e3 * bench_dense(&c->size); /* operations a second if done in 1 ms */
    const double limit = dense / r->peak.median, sgemm = sgemm_ms(products, &c->size);
    const struct bench_spread *in = &r->dense;
    const int share = decimals(in->upper, 3);
    char speed[32] = "            -"; /* the inputs alone have no product */
    if (c->work != BENCH_TRIALS)
        snprintf(speed, sizeof speed, "%7.1f %4.0f%%", giga * dense / r->ms.median,
                 100 / in->median);
    fprintf(out, "%-15s %4ld %4ld %3ld %8.*f %7.*f %7.*f %5.*f [%4.*f-%4.*f] %s %6.1f %3.0f%%\n",
            c->work == BENCH_ITERATION ? c->rule->name : bench_work_name(c->work), c->size.n,
            c->size.T, c->size.B, decimals(r->ms.median, 4), r->ms.median, decimals(limit, 4),
            limit, decimals(sgemm, 4), sgemm, share, in->median, share, in->lower, share, in->upper,
            speed, mebi * r->bytes, 100 * r->active);
}

/* The longest span of iterations and the least share of the core among the rows, told once a group.
 */
static void print_heading(FILE *out, const struct bench_case *cases,
                          const struct bench_result *results, size_t count)
{
    const double quiet = 0.97; /* of the core's time: less, and the figures speak of the others */
    struct bench_spread peak = {0};
    long last = 0;
    size_t rounds = 0;
    double kept = 1;
    for (size_t k = 0; k < count; k++) {
        const struct bench_result *r = &results[k];
        if (r->rounds == 0)
            continue;
        last = r->last > last ? r->last : last;
        kept = r->kept < kept ? r->kept : kept;
        peak.lower = rounds == 0 || r->peak.lower < peak.lower ? r->peak.lower : peak.lower;
        peak.upper = r->peak.upper > peak.upper ? r->peak.upper : peak.upper;
        rounds = r->rounds;
    }
    fprintf(out,
            "\n%s: iterations %ld to %ld, %zu rounds over %ld seed%s, peak %.0f - %.0f GFLOP/s\n",
            cases->group, cases->first, last, rounds, cases->size.seeds,
            cases->size.seeds == 1 ? "" : "s", giga * peak.lower, giga * peak.upper);
    if (kept < quiet)
        fprintf(out,
                "Other processes ran on the core: a case had %.0f %% of its time. Do not use these "
                "figures.\n",
                100 * kept);
    fprintf(out, "%-15s %4s %4s %3s %8s %7s %7s %17s %7s %5s %6s %4s\n", "", "", "", "", "time",
            "limit", "sgemm", "in dense limits", "", "of", "", "on");
    fprintf(out, "%-15s %4s %4s %3s %8s %7s %7s %17s %7s %5s %6s %4s\n", "", "n", "T", "B", "ms",
            "ms", "ms", "", "GFLOP/s", "peak", "MiB", "");
}

void bench_report_group(FILE *out, const struct bench_case *cases,
                        const struct bench_result *results, size_t count,
                        const struct bench_products *products)
{
    print_heading(out, cases, results, count);
    for (size_t k = 0; k < count; k++)
        if (results[k].rounds > 0)
            print_row(out, &cases[k], &results[k], products);
    for (size_t k = 0; k < count; k++)
        if (results[k].rounds == 0)
            fprintf(out, "skipped: %s n %ld T %ld B %ld: %s\n", cases[k].rule->name,
                    cases[k].size.n, cases[k].size.T, cases[k].size.B, cases[k].skipped);
}

void bench_report_parts(FILE *out, const struct bench_case *cases,
                        const struct bench_result *results, size_t count)
{
    double ms[BENCH_EVALUATION + 1] = {0};
    for (size_t k = 0; k < count; k++)
        ms[cases[k].work] = results[k].ms.median;
    const double whole = ms[BENCH_ITERATION] / 100;
    if (!(whole > 0) || !(ms[BENCH_FORWARD] > 0))
        return;
    fprintf(
        out,
        "An evaluation costs %.2f forward passes. Of an iteration: making trials %.1f %%, "
        "forward pass %.1f %%,\nrest of the gradient %.1f %%, optimiser and rewiring %.1f %%.\n",
        ms[BENCH_EVALUATION] / ms[BENCH_FORWARD], ms[BENCH_TRIALS] / whole,
        (ms[BENCH_FORWARD] - ms[BENCH_TRIALS]) / whole,
        (ms[BENCH_GRADIENT] - ms[BENCH_FORWARD]) / whole,
        (ms[BENCH_ITERATION] - ms[BENCH_GRADIENT]) / whole);
}

/* ------------------------------------------------------------------ CSV */

void bench_report_csv_head(FILE *csv)
{
    fprintf(csv, "group,rule,work,n,T,B,first,last,rounds,ms,ms_lower,ms_upper,dense_limits,"
                 "dense_limits_lower,"
                 "dense_limits_upper,gflops,share_of_peak,peak_gflops,bytes,active,skipped\n");
}

void bench_report_csv_products(FILE *csv, const struct bench_products *products)
{
    for (size_t k = 0; k < products->count; k++) {
        const struct bench_product *p = &products->items[k];
        const double ms = 2e3 * (double)p->rows * (double)p->n * (double)p->n;
        fprintf(csv,
                "sgemm,sgemm,product,%zu,1,%zu,0,0,,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,"
                "%.6g,,,\n",
                p->n, p->rows, ms / p->rate.median, ms / p->rate.upper, ms / p->rate.lower,
                1 / p->share.median, 1 / p->share.upper, 1 / p->share.lower, giga * p->rate.median,
                p->share.median, giga * p->rate.median / p->share.median);
    }
}

/* A reason as one quoted field. */
static void print_quoted(FILE *csv, const char *text)
{
    fputc('"', csv);
    for (; *text; text++)
        fputc(*text == '"' || *text == '\n' ? '\'' : *text, csv);
    fputc('"', csv);
}

void bench_report_csv(FILE *csv, const struct bench_case *c, const struct bench_result *r)
{
    fprintf(csv, "%s,%s,%s,%ld,%ld,%ld,%ld,%ld,%zu,", c->group, c->rule->name,
            bench_work_name(c->work), c->size.n, c->size.T, c->size.B, c->first, r->last,
            r->rounds);
    if (r->rounds > 0) {
        fprintf(csv, "%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,", r->ms.median, r->ms.lower, r->ms.upper,
                r->dense.median, r->dense.lower, r->dense.upper);
        fprintf(csv, "%.6g,%.6g,%.6g,%.0f,%.6g,", giga * 1e3 * bench_dense(&c->size) / r->ms.median,
                1 / r->dense.median, giga * r->peak.median, r->bytes, r->active);
    } else {
        fprintf(csv, ",,,,,,,,,,,");
        print_quoted(csv, c->skipped);
    }
    fputc('\n', csv);
}
