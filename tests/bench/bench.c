/*
 * bench - how fast the engine trains, beside what the same core can compute.
 *
 * Whole training iterations per rule and size, interleaved, on one core. Every figure stands beside
 * its limit: the core's peak on registers alone, and OpenBLAS's sgemm at the same shapes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "measure.h"
#include "pairs.h"
#include "report.h"

static const char usage[] =
    "usage: bench [options]\n"
    "  --quick       a small size, two rounds: whether it works\n"
    "  --full        all rules at all sizes (an hour or more) in place of the default set\n"
    "  --case RULE   one rule: eprop, modprop, modprop-type1, modprop-type23, modprop-offline,\n"
    "                mdgl, mdgl-offline, bptt, lif, alif (spiking, eprop)\n"
    "  --parts       the parts of an iteration of that rule (modprop)\n"
    "  --pairs       two processes on two cores: the speed each keeps\n"
    "  --n N  --T T  --B B   size around which the default set varies (120, 900, 32)\n"
    "  --seed S      one seed; else rules are measured over seeds 1 to 5, sizes at 1: how many units\n"
    "                are silent depends on it\n"
    "  --trained K   iterations after which rules are measured again (300)\n"
    "  --rounds R    rounds over the cases of a group (15, at most 99)\n"
    "  --seconds S   after three rounds no new one starts beyond this in a group (25)\n"
    "  --limit S     skip cases whose iteration could take longer (10)\n"
    "  --core N      the core to run on (0); --pairs also takes the next one\n"
    "  --csv FILE    write all figures\n";

enum mode { MODE_DEFAULT, MODE_FULL, MODE_CASE, MODE_PARTS, MODE_PAIRS };

struct options {
    enum mode mode;
    const struct bench_rule *rule;
    struct bench_size size;
    long trained;
    struct bench_limits limits;
    int core;
    const char *csv;
};

/* ------------------------------------------------------------------ options */

static bool read_number(const char *text, double least, double most, double *value)
{
    char *end = NULL;
    *value = text ? strtod(text, &end) : 0;
    return end && end != text && *end == '\0' && *value >= least && *value <= most;
}

/* Options with a number. */
static bool take_number(struct options *o, const char *name, const char *text)
{
    const struct {
        const char *name;
        double least, most;
    } rows[] = {
        {"--n", 2, 1e5},
        {"--T", 3, 1e7},
        {"--B", 1, 1e6},
        {"--trained", 0, 1e6},
        {"--seconds", 0, 1e6},
        {"--limit", 0, 1e6},
        {"--rounds", 1, BENCH_ROUNDS},
        {"--core", 0, 1023},
        {"--seed", 0, 1e6},
    };
    double value = 0;
    size_t row = 0;
    while (row < sizeof rows / sizeof *rows && strcmp(rows[row].name, name) != 0)
        row++;
    if (row == sizeof rows / sizeof *rows ||
        !read_number(text, rows[row].least, rows[row].most, &value))
        return false;
    switch (row) {
    case 0: o->size.n = (long)value; break;
    case 1: o->size.T = (long)value; break;
    case 2: o->size.B = (long)value; break;
    case 3: o->trained = (long)value; break;
    case 4: o->limits.group_s = value; break;
    case 5: o->limits.iteration_s = value; break;
    case 6: o->limits.rounds = (size_t)value; break;
    case 7: o->core = (int)value; break;
    case 8:
        o->size.seed = (long)value;
        o->size.seeds = 1;
        break;
    }
    return true;
}

static void be_quick(struct options *o)
{
    o->size = (struct bench_size){120, 60, 4, 1, 1};
    o->trained = 3;
    o->limits.rounds = 2;
}

/* The number of arguments the option took; 0: a mistake. */
static int take(struct options *o, const char *name, const char *value)
{
    const struct {
        const char *name;
        enum mode mode;
    } modes[] = {{"--full", MODE_FULL}, {"--parts", MODE_PARTS}, {"--pairs", MODE_PAIRS}};
    for (size_t k = 0; k < sizeof modes / sizeof *modes; k++)
        if (strcmp(name, modes[k].name) == 0) {
            o->mode = modes[k].mode;
            return 1;
        }
    if (strcmp(name, "--quick") == 0) {
        be_quick(o);
        return 1;
    }
    if (strcmp(name, "--case") == 0 && value) {
        o->mode = o->mode == MODE_PARTS ? MODE_PARTS : MODE_CASE;
        o->rule = bench_rule_find(value);
        return o->rule ? 2 : 0;
    }
    if (strcmp(name, "--csv") == 0 && value) {
        o->csv = value;
        return 2;
    }
    return take_number(o, name, value) ? 2 : 0;
}

/* ------------------------------------------------------------------ the sets */

static bool make_list(struct bench_list *list, const struct options *o)
{
    switch (o->mode) {
    case MODE_FULL: return bench_list_grid(list);
    case MODE_PARTS: return bench_list_phases(list, o->rule, o->size, 0);
    case MODE_CASE:
    case MODE_PAIRS: return bench_list_add(list, "case", o->rule, o->size, BENCH_ITERATION, 0);
    case MODE_DEFAULT: break;
    }
    return bench_list_rules(list, o->size, o->trained) &&
           bench_list_phases(list, o->rule, o->size, o->trained) &&
           bench_list_scaling(list, o->size);
}

/* ------------------------------------------------------------------ sgemm */

static bool has_product(const struct bench_products *products, size_t rows, size_t n)
{
    for (size_t k = 0; k < products->count; k++)
        if (products->items[k].rows == rows && products->items[k].n == n)
            return true;
    return false;
}

/* Each B x n of the list once, and a large square. */
static bool collect_products(struct bench_products *products, const struct bench_list *list)
{
    const size_t square = 1024;
    products->items = calloc(list->count + 1, sizeof *products->items);
    if (!products->items)
        return false;
    for (size_t k = 0; k < list->count; k++) {
        const size_t rows = (size_t)list->items[k].size.B, n = (size_t)list->items[k].size.n;
        if (!has_product(products, rows, n))
            products->items[products->count++] = (struct bench_product){.rows = rows, .n = n};
    }
    if (!has_product(products, square, square))
        products->items[products->count++] = (struct bench_product){.rows = square, .n = square};
    return true;
}

static bool measure_products(struct bench_products *products, size_t rounds)
{
    double *rate = calloc(products->count * rounds, sizeof *rate);
    double *share = calloc(products->count * rounds, sizeof *share);
    const bool ok = rate && share;
    for (size_t round = 0; ok && round < rounds; round++)
        for (size_t k = 0; k < products->count; k++) {
            const struct bench_product *p = &products->items[k];
            const double peak = bench_peak();
            rate[k * rounds + round] = bench_sgemm(p->rows, p->n, p->n);
            share[k * rounds + round] = rate[k * rounds + round] / peak;
        }
    for (size_t k = 0; ok && k < products->count; k++) {
        products->items[k].rate = bench_spread_of(rate + k * rounds, rounds);
        products->items[k].share = bench_spread_of(share + k * rounds, rounds);
    }
    free(rate);
    free(share);
    return ok;
}

/* ------------------------------------------------------------------ all of it */

static bool measure_groups(struct bench_list *list, const struct bench_products *products,
                           const struct options *o, FILE *csv)
{
    struct bench_result *results = calloc(list->count, sizeof *results);
    size_t count;
    if (!results)
        return false;
    for (size_t first = 0; first < list->count; first += count) {
        struct bench_case *cases = list->items + first;
        for (count = 1;
             first + count < list->count && strcmp(cases[count].group, cases->group) == 0;)
            count++;
        bench_measure(cases, results + first, count, &o->limits);
        bench_report_group(stdout, cases, results + first, count, products);
        if (strcmp(cases->group, "parts") == 0)
            bench_report_parts(stdout, cases, results + first, count);
        for (size_t k = 0; csv && k < count; k++)
            bench_report_csv(csv, &cases[k], &results[first + k]);
        fflush(NULL);
    }
    free(results);
    return true;
}

static bool measure_all(struct bench_list *list, const struct options *o, FILE *csv)
{
    struct bench_products products = {0};
    bool ok = collect_products(&products, list) && measure_products(&products, o->limits.rounds);
    if (ok) {
        bench_report_products(stdout, &products);
        if (csv) {
            bench_report_csv_head(csv);
            bench_report_csv_products(csv, &products);
        }
        ok = measure_groups(list, &products, o, csv);
    }
    free(products.items);
    return ok;
}

/* The list measured as the mode wants it. */
static bool perform(struct bench_list *list, const struct options *o)
{
    const int cores[2] = {o->core, (o->core + 1) % bench_cores()};
    FILE *csv = o->csv ? fopen(o->csv, "w") : NULL;
    bool ok = !o->csv || csv;
    if (!ok)
        fprintf(stderr, "%s: %s\n", o->csv, strerror(errno));
    else if (o->mode == MODE_PAIRS)
        ok = bench_pairs(stdout, list->items, cores, o->limits.rounds);
    else if (!(ok = measure_all(list, o, csv)))
        fprintf(stderr, "no memory\n");
    const bool lost = csv && ferror(csv); /* at an earlier flush */
    if (csv && (fclose(csv) != 0 || lost)) {
        fprintf(stderr, "%s: not written\n", o->csv);
        ok = false;
    }
    return ok;
}

int main(int argc, char **argv)
{
    struct options o = {.rule = bench_rule_find("modprop"),
                        .size = {120, 900, 32, 1, BENCH_SEEDS},
                        .trained = 300,
                        .limits = {.rounds = 15, .group_s = 25, .iteration_s = 10}};
    struct bench_list list = {0};
    for (int k = 1, taken; k < argc; k += taken) {
        taken = take(&o, argv[k], k + 1 < argc ? argv[k + 1] : NULL);
        if (taken == 0) {
            fprintf(stderr, "bench: %s: not understood\n%s", argv[k], usage);
            return 2;
        }
    }
    modprop_blas_single_thread();
    bench_report_machine(stdout, o.core, bench_pin(o.core));
    if (!make_list(&list, &o)) {
        fprintf(stderr, "no memory\n");
        return 1;
    }
    const bool ok = perform(&list, &o);
    bench_list_free(&list);
    return ok ? 0 : 1;
}
