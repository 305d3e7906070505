#!/usr/bin/env python3
"""How often the 95 % intervals hold what they are of, and how often the log-rank test is a false alarm: the
tables in src/analyze/interval.c, bootstrap.c and survival.c. Environment as for make.py; takes minutes.

    env/bin/python tests/data/statistics/coverage.py median|log-rank
"""

import sys
from math import comb

import numpy as np
from scipy.stats import binom, chi2, norm


def draws(rng, shape):
    """Name, samples, median."""
    learned = rng.normal(0.1, 0.03, shape)
    yield "normal", rng.normal(size=shape), 0
    yield "lognormal", np.exp(rng.normal(size=shape)), 1
    yield "uniform", rng.random(shape), 0.5
    yield "t2", rng.standard_t(2, size=shape), 0
    mixture = np.where(rng.random(shape) < 0.3, rng.normal(0.7, 0.05, shape), learned)
    yield "learned and collapsed", mixture, 0.1 + 0.03 * norm.ppf(0.5 / 0.7)


# ---------------------------------------------------------------- median

def resampled_medians(n):
    """Pairs of places (i, j) whose mean is a resample's median, with the probability of each."""
    m = (n + 1) // 2
    at = np.diff(binom.sf(m - 1, n, np.arange(n + 1) / n))
    if n % 2:
        return np.arange(n), np.arange(n), at
    pairs = {}
    for i in range(1, n + 1):
        for j in range(i + 1, n + 1):
            pairs[i - 1, j - 1] = (comb(n, m) * ((i / n) ** m - ((i - 1) / n) ** m)
                                   * (((n - j + 1) / n) ** m - ((n - j) / n) ** m))
        pairs[i - 1, i - 1] = at[i - 1] - sum(pairs[i - 1, j] for j in range(i, n))
    i, j = np.array(list(pairs)).T
    return i, j, np.array(list(pairs.values()))


def bootstrap(x, bca):
    n = x.shape[1]
    i, j, weight = resampled_medians(n)
    value = (x[:, i] + x[:, j]) / 2
    order = np.argsort(value, axis=1)
    value = np.take_along_axis(value, order, 1)
    below = np.cumsum(weight[order], axis=1)
    z0 = acceleration = np.zeros(len(x))
    if bca:
        here = value - np.median(x, axis=1)[:, None]
        z0 = norm.ppf((weight[order] * np.where(abs(here) < 1e-15, 0.5, here < 0)).sum(1))
        d = np.stack([np.median(np.delete(x, k, 1), axis=1) for k in range(n)], 1)
        d = d.mean(1, keepdims=True) - d
        acceleration = (d**3).sum(1) / (6 * (d**2).sum(1) ** 1.5)
    ends = []
    for z in norm.ppf([0.025, 0.975]):
        p = norm.cdf(z0 + (z0 + z) / (1 - acceleration * (z0 + z)))
        place = (below < p[:, None] - 1e-12).sum(1).clip(0, value.shape[1] - 1)
        ends.append(value[np.arange(len(x)), place])
    return ends


def order_statistics(x, interpolated):
    n = x.shape[1]
    covers = [1 - 2 * binom.cdf(k - 1, n, 0.5) for k in range(n // 2 + 2)]
    k = max([d for d in range(1, n // 2 + 1) if covers[d] >= 0.95], default=1)
    share = 0
    if interpolated and covers[k] >= 0.95 and k + 1 <= n - k:
        part = (covers[k] - 0.95) / (covers[k] - covers[k + 1])
        share = (n - k) * part / (k + (n - 2 * k) * part)
    return (x[:, k - 1] + share * (x[:, k] - x[:, k - 1]),
            x[:, n - k] + share * (x[:, n - k - 1] - x[:, n - k]))


def medians(rng):
    print("n: per cent that hold the median (median width): bootstrap percentile, BCa, order statistics, interpolated")
    for n in (5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30):
        for name, x, median in draws(rng, (20000, n)):
            x = np.sort(x, axis=1)
            intervals = bootstrap(x, False), bootstrap(x, True), order_statistics(x, False), order_statistics(x, True)
            told = [f"{100 * np.mean((low <= median) & (median <= high)):.1f} ({np.median(high - low):.2f})"
                    for low, high in intervals]
            print(f"{n:3} {name:22}", *told, flush=True)


# ---------------------------------------------------------------- log-rank

def log_rank(time, event, group):
    """Chi-square of many pairs of groups at once; no two events at one time."""
    order = np.argsort(time, axis=1, kind="stable")
    event, group = np.take_along_axis(event, order, 1), np.take_along_axis(group, order, 1)
    at_risk = np.arange(time.shape[1], 0, -1)
    share = np.cumsum(group[:, ::-1], axis=1)[:, ::-1] / at_risk
    with np.errstate(all="ignore"):
        return (event * (group - share)).sum(1) ** 2 / (event * share * (1 - share)).sum(1)


def log_ranks(rng):
    print("runs per group: per cent of false alarms, all runs meet the criterion, half of them do")
    for n in (5, 7, 10, 20, 30):
        told = []
        for end in (np.inf, np.log(2)):
            time = rng.exponential(size=(40000, 2 * n))
            group = np.tile(np.repeat([0.0, 1.0], n), (len(time), 1))
            chi_square = log_rank(np.minimum(time, end), (time <= end).astype(float), group)
            told.append(f"{100 * np.mean(chi_square > chi2.ppf(0.95, 1)):.1f}")
        print(f"{n:3}", *told, flush=True)


{"median": medians, "log-rank": log_ranks}[sys.argv[1]](np.random.default_rng(5))
