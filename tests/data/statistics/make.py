#!/usr/bin/env python3
"""Makes the *.h beside it: what independent programs say of the samples that the tests of src/analyze use.

    python3 -m venv env && env/bin/pip install -r tests/data/statistics/requirements.txt
    env/bin/python tests/data/statistics/make.py

Where a program has the statistic, it is asked: SciPy, lifelines, statsmodels, NumPy, pandas. Where none
has it (exact bootstrap of the median, Hettmansperger-Sheather, the published recipe, halves of seeds) the
definition is written down a second time here, by enumeration where possible. The tests need none of this.
Made with Python 3.11.7.
"""

import itertools
import math
import pathlib

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.multitest import multipletests

HERE = pathlib.Path(__file__).parent
RNG = np.random.default_rng(20240917)
NAN, INF = math.nan, math.inf


def number(x):
    x = float(x)
    if math.isnan(x):
        return "NAN"
    if math.isinf(x):
        return "INFINITY" if x > 0 else "-INFINITY"
    return repr(x)


def numbers(values):
    return "{" + ", ".join(number(v) for v in values) + "}"


def write(name, fields, rows):
    """static const struct { FIELDS } NAME[]: fields are C declarations, rows lists of ready texts."""
    lines = ["/* Made by make.py. */", "static const struct {"]
    lines += [f"    {field};" for field in fields] + [f"}} {name}[] = {{"]
    lines += ["    {" + ", ".join(row) + "}," for row in rows] + ["};"]
    (HERE / f"{name}.h").write_text("/* clang-format off */\n" + "\n".join(lines) + "\n")


def draws(n, kind="normal"):
    """Rounded, so that the text is the number."""
    made = {
        "normal": lambda: RNG.normal(0.3, 1, n),
        "lognormal": lambda: np.exp(RNG.normal(-1, 1, n)),
        # Losses of runs that learned and of runs that collapsed.
        "mixture": lambda: np.where(RNG.random(n) < 0.3, RNG.normal(0.7, 0.05, n), RNG.normal(0.1, 0.03, n)),
        "ties": lambda: RNG.integers(0, 5, n) / 4,
    }[kind]()
    return [float(v) for v in np.round(made, 6)]


SAMPLES = [[0.25], [3, 1], [2, 2], [0.1, 0.1, 0.1, 0.1, 0.1], [5, -1, 2], [1, 2, 3, 4]]
SAMPLES += [draws(n, kind) for n in (5, 6, 7, 8, 9, 10, 15, 20, 30) for kind in ("normal", "lognormal")]
SAMPLES += [draws(7, "mixture"), draws(12, "mixture"), draws(9, "ties"), draws(14, "ties")]
LONGEST = max(len(s) for s in SAMPLES)


# ---------------------------------------------------------------- quantile.h

def quantiles():
    rows = []
    for sample in SAMPLES + [[NAN, 4, NAN, 1, 2.5], [NAN, 7]]:
        x = np.array(sample, float)
        known = x[~np.isnan(x)]
        sd = known.std(ddof=1) if len(known) > 1 else NAN
        rows.append([str(len(x)), numbers(x), str(len(known)), number(known.min()),
                     *(number(np.quantile(known, p, method="linear")) for p in (0.25, 0.5, 0.75, 0.9)),
                     number(known.max()), number(known.mean()), number(sd)])
    write("quantile_expected", ["size_t count", f"double value[{LONGEST}]", "size_t known",
                                "double minimum, lower, median, upper, tenth, maximum, mean, deviation"], rows)


# ---------------------------------------------------------------- interval.h

def interpolated(sample, level):
    """Hettmansperger and Sheather (1986), Statistics & Probability Letters 4, 75-79."""
    x, n = sorted(sample), len(sample)
    gamma = [1 - 2 * stats.binom.cdf(k - 1, n, 0.5) for k in range(n // 2 + 2)]
    k = max([d for d in range(1, n // 2 + 1) if gamma[d] >= level], default=1)
    if gamma[k] < level or k + 1 > n - k:
        return x[k - 1], x[n - k], min(gamma[k], level)
    part = (gamma[k] - level) / (gamma[k] - gamma[k + 1])
    share = (n - k) * part / (k + (n - 2 * k) * part)
    return (1 - share) * x[k - 1] + share * x[k], (1 - share) * x[n - k] + share * x[n - k - 1], level


def medians():
    rows = []
    for sample in SAMPLES:
        n = len(sample)
        if n < 2:
            continue
        for level in (0.95, 0.8):
            rows.append([str(n), numbers(sample), number(level), *map(number, interpolated(sample, level))])
        # At the levels that pairs of values have exactly SciPy's (uninterpolated) interval is the same one.
        k = (n + 2) // 4
        level = 1 - 2 * stats.binom.cdf(k - 1, n, 0.5)
        pair = stats.quantile_test(sample, q=0, p=0.5).confidence_interval(level - 1e-10)
        if not math.isnan(pair.low):
            rows.append([str(n), numbers(sample), number(level), number(pair.low), number(pair.high), number(level)])
    write("median_interval_expected", ["size_t count", f"double value[{LONGEST}]", "double level", "double low, high",
                                       "double holds"], rows)


def shares():
    rows = []
    for hits, count in [(0, 1), (1, 1), (0, 5), (1, 5), (5, 5), (3, 8), (7, 30), (30, 30), (0, 100), (513, 1000)]:
        for level in (0.95, 0.8):
            ci = stats.binomtest(hits, count).proportion_ci(level, method="wilson")
            rows.append([str(hits), str(count), number(level), number(ci.low), number(ci.high)])
    write("share_interval_expected", ["size_t hits, count", "double level, low, high"], rows)


# ---------------------------------------------------------------- bootstrap.h

def compositions(total, parts):
    for bars in itertools.combinations(range(total + parts - 1), parts - 1):
        edges = (-1, *bars, total + parts - 1)
        yield [b - a - 1 for a, b in zip(edges, edges[1:])]


def bootstrap_medians():
    """Every resample there is, with its probability; up to nine values."""
    factorial = math.factorial
    rows = []
    for sample in SAMPLES:
        n, x = len(sample), sorted(sample)
        if not 2 <= n <= 9:
            continue
        weight = {}
        for times in compositions(n, n):
            resample = [v for v, t in zip(x, times) for _ in range(t)]
            middle = 0.5 * resample[(n - 1) // 2] + 0.5 * resample[n // 2]
            ways = factorial(n) // math.prod(factorial(t) for t in times)
            weight[middle] = weight.get(middle, 0) + ways
        order = sorted(weight)
        below = list(itertools.accumulate(weight[v] for v in order))
        for level in (0.95, 0.8):
            ends = [next(v for v, w in zip(order, below) if w / n**n >= p - 1e-12)
                    for p in ((1 - level) / 2, (1 + level) / 2)]
            rows.append([str(n), numbers(sample), number(level), *map(number, ends)])
    write("bootstrap_median_expected", ["size_t count", "double value[9]", "double level, low, high"], rows)


# ---------------------------------------------------------------- paired.h

def signed_ranks():
    kinds = [[0.5], [-1, 2], [1, 1, 1, 1, 1], [1, 2, 3, 4, 5, 6], [0, 0, 1], [0, 0, 0, 0, 3, -2, 1], [-3, 3, -3, 3],
             [1, -1, 2, 2, -2, 3, 0, 0, 4, 5]]
    kinds += [draws(n) for n in (5, 6, 8, 12, 16)]
    kinds += [[v - 0.5 for v in draws(n, "ties")] for n in (9, 13, 16)]
    rows = []
    for d in kinds + [draws(30), draws(50), draws(60)]:
        d = np.array(d)
        few = 1 < len(d) <= 16
        if few:  # all sign changes
            method = stats.PermutationMethod(n_resamples=np.inf)
        else:
            assert len(set(abs(d))) == len(d) and 0 not in d
            method = "exact"
        result = stats.wilcoxon(d, zero_method="pratt", method=method)
        rows.append(row_of_test(d, result.pvalue))
    for d in (draws(120), [v - 0.5 for v in draws(130, "ties")]):
        p = stats.wilcoxon(d, zero_method="pratt", method="asymptotic", correction=True).pvalue
        rows.append(row_of_test(np.array(d), p))
    write("signed_rank_expected", ["size_t count", "double difference[130]", "double statistic, p"], rows)


def row_of_test(d, p):
    ranks = stats.rankdata(abs(d))
    return [str(len(d)), numbers(d), number(ranks[d > 0].sum()), number(p)]


def holm():
    families = [[0.03], [0.01, 0.04], [0.04, 0.01], [0.02, 0.02, 0.02], [0.001, 0.2, 0.013, 0.013, 0.9, 0.0005, 0.04],
                [0.5, 0.6, 1], [float(v) for v in np.round(RNG.random(20) ** 3, 5)]]
    rows = [[str(len(p)), numbers(p), numbers(multipletests(p, method="holm")[1])] for p in families]
    write("holm_expected", ["size_t count", "double p[20], adjusted[20]"], rows)


# ---------------------------------------------------------------- survival.h

def group_of_times(n, scale, end, grid):
    time = np.ceil(RNG.exponential(scale, n) / grid) * grid
    censored = time > end
    return [float(v) for v in np.minimum(time, end)], [bool(c) for c in censored]


def survival():
    cases = [([5], [False]), ([5], [True]), ([4, 4], [False, True]), ([3, 3, 3], [False] * 3), ([1, 2, 3], [True] * 3),
             ([20, 40, 60, 80], [False] * 4), ([1, 2, 3, 4, 5], [True, False, False, True, False])]
    cases += [group_of_times(n, 800, 3000, grid) for n, grid in ((5, 20), (8, 200), (15, 1), (30, 100))]
    cases += [group_of_times(12, 3000, 2000, 20), group_of_times(30, 1500, 1000, 50)]
    curves = []
    for time, censored in cases:
        event = [not c for c in censored]
        fit = KaplanMeierFitter(alpha=0.05).fit(time, event)
        steps = sorted(set(time))
        table = fit.event_table
        s = [fit.predict(t) for t in steps]
        band = fit.confidence_interval_
        low, high = ([band.iloc[:, c].asof(t) for t in steps] for c in (0, 1))
        inside = [0 < v < 1 for v in s]
        other = SurvfuncRight(time, event)
        se = dict(zip(other.surv_times, other.surv_prob_se))
        variance, last = [], 0
        for t, v in zip(steps, s):
            last = se[t] ** 2 if t in se else last
            variance.append(NAN if v == 0 else last)
        # Not lifelines' own median: it passes over a curve that is above one half by rounding alone.
        median = next((t for t, v in zip(steps, s) if v <= 0.5 + 1e-12), NAN)
        low_t, high_t = other.quantile_ci(0.5, method="cloglog") if any(event) else (NAN, INF)
        ends = crossing(steps, low, inside, NAN), crossing(steps, high, inside, INF)
        if all(math.isfinite(v) for v in (low_t, high_t)) and s[-1] > 0:
            assert ends == (low_t, high_t)
        curves.append([str(len(time)), numbers(time), "{" + ", ".join(str(int(c)) for c in censored) + "}",
                       str(len(steps)), numbers(steps), numbers(table.at_risk[t] for t in steps),
                       numbers(table.observed[t] for t in steps), numbers(s), numbers(variance),
                       numbers(v if i else NAN for v, i in zip(low, inside)),
                       numbers(v if i else NAN for v, i in zip(high, inside)),
                       number(median), *map(number, ends)])
    write("survival_expected", ["size_t count", "double time[30]", "bool censored[30]", "size_t steps",
                                "double at[30], at_risk[30], events[30], survival[30], variance[30], low[30], high[30]",
                                "double median, median_low, median_high"], curves)


def crossing(steps, bound, inside, never):
    return next((t for t, v, i in zip(steps, bound, inside) if i and v <= 0.5), never)


def log_ranks():
    sets = [[([1], [False]), ([2], [False])], [([1, 2], [False] * 2), ([3, 4], [False] * 2)],
            [([20, 40, 60, 60, 100], [False, False, False, True, True]), ([40, 60, 200, 300, 300], [False] * 4 + [True])],
            [group_of_times(5, 500, 3000, 20), group_of_times(5, 1500, 3000, 20)],
            [group_of_times(n, scale, 2000, 100) for n, scale in ((8, 500), (12, 900), (10, 2500))],
            [group_of_times(30, scale, 1500, 20) for scale in (500, 600, 900, 3000)]]
    rows = []
    for groups in sets:
        time = [t for g in groups for t in g[0]]
        censored = [c for g in groups for c in g[1]]
        group = [k for k, g in enumerate(groups) for _ in g[0]]
        result = multivariate_logrank_test(time, group, [not c for c in censored])
        rows.append([str(len(groups)), str(len(time)), numbers(time), "{" + ", ".join(str(int(c)) for c in censored) + "}",
                     "{" + ", ".join(map(str, group)) + "}", number(result.test_statistic), number(result.p_value)])
    write("log_rank_expected", ["size_t groups, count", "double time[120]", "bool censored[120]", "uint32_t group[120]",
                                "double chi_square, p"], rows)


# ---------------------------------------------------------------- curve.h, recipe.h

def curves():
    rows = []
    for n, window in [(1, 1), (1, 5), (4, 3), (12, 5), (3, 7), (20, 1)]:
        x = np.array(draws(n))
        if n == 12:
            x[[0, 6]] = NAN
        smooth = pd.Series(x).rolling(window, center=True, min_periods=1).mean().to_numpy()
        rows.append([str(n), str(window), numbers(x), numbers(np.where(np.isnan(x), NAN, smooth))])
    write("smooth_expected", ["size_t count, window", "double value[20], smooth[20]"], rows)


def recipes():
    """The published procedure, step by step; the middle of it as in NumPy's words."""
    points, rows = 70, []
    for runs, few in [(1, 0), (2, 0), (3, 0), (5, 0), (7, 20), (4, 55)]:
        n = points - few
        loss = np.round(np.exp(-np.arange(n) / RNG.uniform(10, 60, (runs, 1))) + RNG.normal(0, 0.05, (runs, n)), 6)
        smooth = np.array([np.convolve(run, np.ones(15) / 15, mode="valid") for run in loss])
        worst = int(np.argmax(smooth.sum(axis=1)))
        rest = np.delete(smooth, worst, axis=0)
        mean = deviation = np.full(smooth.shape[1], NAN)
        best = NAN
        if len(rest) > 0:
            left = [k for k in range(runs) if k != worst]
            best = left[int(np.argmin(rest.sum(axis=1)))]
            rest = np.delete(rest, int(np.argmin(rest.sum(axis=1))), axis=0)
        if len(rest) > 0:
            mean = rest.mean(axis=0)
        if len(rest) > 1:
            deviation = rest.std(axis=0, ddof=1)
        rows.append([str(runs), str(n), "{" + ", ".join(numbers(run) for run in loss) + "}", str(worst), number(best),
                     numbers(mean), numbers(deviation), number(mean[-50:].mean())])
    write("recipe_expected", ["size_t runs, evaluations", f"double loss[7][{points}]", "size_t worst", "double best",
                              f"double mean[{points}], deviation[{points}], last"], rows)


# ---------------------------------------------------------------- split.h

def splits():
    """Both halves of the seeds by slicing, medians and the first best of them by pandas."""
    flat = [0.5, 0.5, 0.5, 0.5]
    cases = [([[0.5]], False), ([[0.5], [0.25]], True), ([[0.5, 0.25], [0.25, 0.5]], False), ([flat] * 3, False),
             ([[NAN, NAN]], True), ([[NAN, 0.5], [NAN, NAN]], False),
             ([[INF, INF, 0.01, INF, 0.02], draws(5)], False), ([[-INF, 0.9, 0.8, -INF], draws(4, "ties")], True)]
    for seeds in (5, 6, 8, 30):
        for kind in ("normal", "mixture", "ties"):
            levels = np.array([draws(seeds, kind) for _ in range(4)])
            levels[RNG.random(levels.shape) < 0.1] = NAN
            cases.append((levels.tolist(), kind == "ties"))
    rows = []
    for levels, higher in cases:
        frame = pd.DataFrame(np.array(levels).T)  # a row per seed

        def best(seeds):
            median = seeds.median()
            if median.isna().all():
                return None
            return median.idxmax() if higher else median.idxmin()

        halves = frame.iloc[0::2], frame.iloc[1::2]
        chosen = [best(halves[0]), best(halves[1]), best(frame)]
        told = [NAN if level is None else on[level].median() for level, on in zip(chosen, (*halves, frame))]
        other = [NAN if level is None else on[level].median() for level, on in zip(chosen, halves[::-1])]
        held = pd.concat([on[level] for level, on in zip(chosen, halves[::-1]) if level is not None] or
                         [pd.Series(dtype=float)])
        optimism = told[2] - held.median() if higher else held.median() - told[2]
        rows.append([str(len(levels)), str(len(frame)), str(int(higher)), numbers(sum(levels, [])),
                     numbers(NAN if level is None else level for level in chosen), numbers(told), numbers(other),
                     number(held.median()), str(held.count()), number(optimism)])
    write("split_expected", ["size_t levels, seeds", "bool higher", "double value[120]", "double level[3], chosen_on[3]",
                             "double reported_on[2], reported", "size_t count", "double optimism"], rows)


for make in (quantiles, medians, shares, bootstrap_medians, signed_ranks, holm, survival, log_ranks,
             curves, recipes, splits):
    make()
