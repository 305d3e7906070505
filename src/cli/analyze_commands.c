#include "cli/analyze_commands.h"

#define BIT(option) MODPROP_ANALYZE_BIT(MODPROP_ANALYZE_##option)
#define ALWAYS (BIT(WHERE) | BIT(HELP))
#define TABLE (ALWAYS | BIT(BY) | BIT(LAST) | BIT(CSV))
#define FIGURE (TABLE | BIT(OUTPUT) | BIT(TERMINAL))

static const struct modprop_analyze_command table[] = {
    {.name = "summary",
     .files = "FILE.h5...",
     .least_files = 1,
     .summary = "a row per condition: runs, loss, accuracy, collapses, time",
     .help =
         "A row per condition (all parameters but the seed; those that are the same in all runs are "
         "named once above): runs done, diverged, failed and to do; median, quartiles and 95 % "
         "interval of the final loss, the median final accuracy, the best loss reached, how many "
         "runs collapsed, and the time of an iteration. With --by a row per value of these "
         "parameters alone.",
     .example = "summary results/mu_grid.h5",
     .options = TABLE | BIT(INTERVAL) | BIT(COLLAPSE_BELOW) | BIT(COLLAPSE_ABOVE),
     .run = modprop_analyze_answer,
     .make = modprop_summary_make},
    {.name = "trend",
     .files = "FILE.h5... --x NAME",
     .least_files = 1,
     .summary = "a measure against one parameter",
     .help =
         "A measure against one parameter: median and 95 % interval at each value, all runs as faint "
         "dots, diverged runs at the top edge with their number; groups that do not read the "
         "parameter as horizontal bands. The axis is logarithmic where the values are spaced by "
         "factors. Groups: --by, else by rule.",
     .example = "trend results/mu_grid.h5 --x mu --y final_loss --by rule -o trend.svg",
     .options = FIGURE | BIT(X) | BIT(Y) | BIT(INTERVAL) | BIT(COLLAPSE_BELOW) |
                BIT(COLLAPSE_ABOVE) | BIT(METRIC) | BIT(BELOW) | BIT(ABOVE),
     .run = modprop_analyze_answer,
     .make = modprop_trend_make},
    {.name = "curves",
     .files = "FILE.h5...",
     .least_files = 1,
     .summary = "learning curves with bands",
     .help = "The course of a figure during training, for each group: --by, else by rule. Each "
             "run's curve is smoothed as --smooth says, then the band taken over the runs of the "
             "group. A run that diverged counts as worse than all others from there on.",
     .example = "curves results/mu_grid.h5 --by rule --smooth 5 -o curves.svg",
     .options = (FIGURE & ~BIT(LAST)) | BIT(METRIC) | BIT(BAND) | BIT(SMOOTH) | BIT(SECONDS),
     .run = modprop_analyze_answer,
     .make = modprop_curves_make},
    {.name = "compare",
     .files = "FILE.h5... --baseline CONDITION",
     .least_files = 1,
     .summary = "differences to a baseline, paired by seed",
     .help =
         "Each condition against the baseline, seed by seed: median difference with its 95 % "
         "interval, share of seeds that are better, Wilcoxon's signed-rank test (exact) with Holm's "
         "correction for the number of comparisons. The baseline must be one condition. Conditions "
         "with too few pairs for any certainty are told.",
     .example = "compare results/mu_grid.h5 --baseline rule=bptt",
     .options = FIGURE | BIT(BASELINE) | BIT(Y) | BIT(INTERVAL) | BIT(COLLAPSE_BELOW) |
                BIT(COLLAPSE_ABOVE) | BIT(METRIC) | BIT(BELOW) | BIT(ABOVE),
     .run = modprop_analyze_answer,
     .make = modprop_compare_make},
    {.name = "time-to",
     .files = "FILE.h5... --below VALUE",
     .least_files = 1,
     .summary = "iterations to a criterion, with runs that never reach it",
     .help = "Iterations until a figure first meets a criterion (--below or --above). Runs that "
             "never do are censored where they ended: Kaplan-Meier curves, median with 95 % "
             "interval, and a log-rank test between the groups: --by, else by rule.",
     .example = "time-to results/mu_grid.h5 --metric loss --below 0.1 --by rule -o time.svg",
     .options = (FIGURE & ~BIT(LAST)) | BIT(METRIC) | BIT(BELOW) | BIT(ABOVE),
     .run = modprop_analyze_answer,
     .make = modprop_timeto_make},
    {.name = "best",
     .files = "FILE.h5... --over NAME",
     .least_files = 1,
     .summary = "the best value of a parameter, told without flattering it",
     .help =
         "For each group (--by, else all other parameters) the value of --over with the best median "
         "measure: chosen on every other seed and reported on those between, both ways round. "
         "In-sample: chosen and reported on all seeds, which is optimistic; by how much stands "
         "beside it.",
     .example = "best results/mu_grid.h5 --over learning_rate",
     .options = TABLE | BIT(OVER) | BIT(Y) | BIT(COLLAPSE_BELOW) | BIT(COLLAPSE_ABOVE) |
                BIT(METRIC) | BIT(BELOW) | BIT(ABOVE),
     .run = modprop_analyze_answer,
     .make = modprop_best_make},
    {.name = "stability",
     .files = "FILE.h5... --x NAME --y NAME",
     .least_files = 1,
     .summary = "where runs diverge and collapse, over two parameters",
     .help = "Over two parameters: the share of runs that diverged, the share that collapsed, and "
             "the median final loss, as heat maps.",
     .example = "stability results/mu_grid.h5 --x mu --y learning_rate -o stability.svg",
     .options = (FIGURE & ~BIT(BY)) | BIT(X) | BIT(Y) | BIT(COLLAPSE_BELOW) | BIT(COLLAPSE_ABOVE),
     .run = modprop_analyze_answer,
     .make = modprop_stability_make},
    {.name = "recipe",
     .files = "FILE.h5...",
     .least_files = 1,
     .summary = "the plot as the authors of modprop made it",
     .help =
         "Learning curves by the published recipe: each run's moving mean of 15 evaluations, of each "
         "group (--by, else by rule) the worst and then the best run by area left out, mean and "
         "sample standard deviation of the others, at the learning rate (--over) with the lower mean "
         "of the last 50 points.",
     .example = "recipe results/published.h5 -o recipe.svg",
     .options = (FIGURE & ~BIT(LAST)) | BIT(METRIC) | BIT(OVER),
     .run = modprop_analyze_answer,
     .make = modprop_published_make},
    {.name = "report",
     .files = "FILE.h5... -o FILE.html",
     .least_files = 1,
     .summary = "one page with all of it, for a browser",
     .help =
         "Writes one self-contained page: what was swept, a table of the conditions that sorts, the "
         "trends, curves, comparison (with --baseline, else with bptt), times to the criterion "
         "(--below or --above, else the loss at which a run counts as having learned), stability, "
         "the runs that failed by the parameter values they share, and where all of it comes from; "
         "under each figure the command that makes it. Without gnuplot the tables come alone.",
     .example = "report results/mu_grid.h5 -o report.html",
     .options = ALWAYS | BIT(OUTPUT) | BIT(LAST) | BIT(BASELINE) | BIT(METRIC) | BIT(BELOW) |
                BIT(ABOVE),
     .run = modprop_analyze_report},
    {.name = "export",
     .files = "FILE.h5...",
     .least_files = 1,
     .summary = "the runs as CSV: a line per run, or per run and evaluation",
     .help = "All parameters and results as tidy CSV: a line per run with its measures, or (--per "
             "evaluation) a line per run and evaluation with all figures. Empty: not applicable.",
     .example = "export results/mu_grid.h5 --format csv -o runs.csv",
     .options = ALWAYS | BIT(FORMAT) | BIT(PER) | BIT(OUTPUT) | BIT(LAST) | BIT(COLLAPSE_BELOW) |
                BIT(COLLAPSE_ABOVE),
     .run = modprop_analyze_export},
    {.name = "verify",
     .files = "FILE.h5...",
     .least_files = 1,
     .summary = "check structure and checksums, and name damaged runs",
     .help =
         "Reads every file's structure, compares every finished run with its checksum and every "
         "run's parameters with its key. Exit code 1: some runs are damaged; 2: a file cannot "
         "be read at all.",
     .example = "verify results/mu_grid.h5",
     .options = BIT(HELP),
     .run = modprop_analyze_verify},
    {.name = "merge",
     .files = "OUT.h5 FILE.h5...",
     .least_files = 2,
     .summary = "one results file from several",
     .help =
         "Makes a results file with the finished runs of all others; `modprop_sweep` can go on with "
         "it. Its plan and sweep text are those of the file with the largest sweep, which must have "
         "all runs, or of --sweep. Of runs that are in several files, results go before failures, "
         "then the earlier file before the later; different results are told. An OUT that is "
         "there is the first of the files. `history` in the file says what came from where.",
     .example = "merge results/all.h5 results/part1.h5 results/part2.h5",
     .options = BIT(HELP) | BIT(SWEEP),
     .run = modprop_analyze_merge},
};

const struct modprop_analyze_command *modprop_analyze_command_at(size_t index)
{
    return index < sizeof table / sizeof *table ? &table[index] : NULL;
}
