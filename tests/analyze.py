"""Each command of modprop_analyze against an independent computation with h5py and numpy from the same
results file.

    analyze.py PROGRAM FILE
"""
import csv
import io
import itertools
import subprocess
import sys

import h5py
import numpy as np

PROGRAM, FILE = sys.argv[1:3]
MOST_LAST, BELOW, ABOVE = 10, 0.3, 0.6
DONE, DIVERGED = 2, 3


def expect(condition, what):
    if not condition:
        sys.exit(f"analyze.py: {what}")


def close(a, b, what):
    """Equal, both missing, or apart by no more than rounding in another order of sums."""
    a, b = (np.nan if x in ("", None) else float(x) for x in (a, b))
    same = a == b or (np.isnan(a) and np.isnan(b)) or abs(a - b) <= 1e-12 * max(abs(a), abs(b))
    expect(same, f"{what}: the program says {a!r}, numpy {b!r}")


def ask(*arguments):
    """The rows of a command's table."""
    done = subprocess.run([PROGRAM, arguments[0], FILE, *arguments[1:], "--csv"], capture_output=True,
                          text=True, check=False)
    expect(done.returncode == 0, f"{arguments}: exit {done.returncode}: {done.stderr}")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    expect(rows, f"{arguments}: no rows")
    for row in rows:
        expect(None not in row and None not in row.values(), f"{arguments}: a line has too many or too few cells")
        expect(all(row[name] == value for name, value in label(row["label"]).items()), f"{arguments}: {row['label']}")
    return rows


def label(text):
    return dict(piece.split("=") for piece in text.split() if "=" in piece)


# ------------------------------------------------------------------ the file, as h5py sees it

def text_of(dataset):
    return np.char.decode(dataset[:].view(f"S{dataset.shape[1]}")[:, 0], "utf-8")


with h5py.File(FILE) as h5:
    D = {name: (text_of(d) if d.dtype.kind == "S" and d.ndim == 2 else d[:]) for name, d in h5.items()
         if isinstance(d, h5py.Dataset)}
STATUS, SEED, RULE, MU, LR = (D[k] for k in ("status", "seed", "rule", "mu", "learning_rate"))
LOSS, ACCURACY, ITERATION = D["loss"], D["accuracy"], D["iteration"]
RUNS = len(STATUS)
RESULT = np.isin(STATUS, (DONE, DIVERGED))
expect((STATUS == DIVERGED).any() and (STATUS == DONE).any(), "the sweep has no diverged runs")


def filled(series):
    return series[~np.isnan(series)]


def final(figure, worst):
    """Mean of the last tenth of evaluations; a diverged run is worse than all."""
    value = np.full(RUNS, np.nan)
    for run in range(RUNS):
        if STATUS[run] == DONE:
            last = min(MOST_LAST, max(1, len(filled(LOSS[run])) // 10))
            value[run] = filled(figure[run])[-last:].mean()
        elif STATUS[run] == DIVERGED:
            value[run] = worst
    return value


def has_collapsed(run):
    below = np.flatnonzero(filled(LOSS[run]) < BELOW)
    return bool(len(below) and (filled(LOSS[run])[below[0]:] > ABOVE).any())


FINAL, FINAL_ACCURACY = final(LOSS, np.inf), final(ACCURACY, -np.inf)
BEST = np.array([filled(LOSS[r]).min() if RESULT[r] and len(filled(LOSS[r])) else np.nan
                 for r in range(RUNS)])
COLLAPSED = np.array([has_collapsed(r) for r in range(RUNS)])


def where(names):
    """The runs of a row's label; what it does not name is not read."""
    found = np.ones(RUNS, bool)
    for name, column in (("rule", RULE), ("mu", MU), ("learning_rate", LR)):
        if name in names and name == "rule":
            found &= column == names[name]
        elif name in names:
            found &= np.isclose(column, float(names[name]), rtol=1e-8, atol=0)
    if "mu" not in names and "rule" in names and "learning_rate" in names:
        found &= np.isnan(MU)
    return found


def quantile(values, p):
    """Type 7, where infinite values may stand at the ends."""
    values = np.sort(values[~np.isnan(values)])
    if not len(values):
        return np.nan
    at = (len(values) - 1) * p
    low, share = int(at), at - int(at)
    return values[low] if share == 0 else (1 - share) * values[low] + share * values[low + 1]


# ------------------------------------------------------------------ commands

def check_summary():
    rows = ask("summary")
    expect(sum(int(row["runs"]) for row in rows) == RUNS, "summary: number of runs")
    for row in rows:
        runs, name = where(label(row["label"])), row["label"]
        expect(int(row["runs"]) == runs.sum() == 5, f"summary {name}: runs")
        expect(int(row["done"]) == (STATUS[runs] == DONE).sum(), f"summary {name}: done")
        expect(int(row["diverged"]) == (STATUS[runs] == DIVERGED).sum(), f"summary {name}: diverged")
        close(row["final_loss_median"], quantile(FINAL[runs], 0.5), f"summary {name}: loss")
        close(row["final_loss_lower_quartile"], quantile(FINAL[runs], 0.25), f"summary {name}: quartile")
        close(row["final_loss_upper_quartile"], quantile(FINAL[runs], 0.75), f"summary {name}: quartile")
        # Of five runs the interval is from the smallest to the largest.
        close(row["final_loss_low"], FINAL[runs].min(), f"summary {name}: interval")
        close(row["final_loss_high"], FINAL[runs].max(), f"summary {name}: interval")
        close(row["final_accuracy_median"], quantile(FINAL_ACCURACY[runs], 0.5), f"summary {name}: accuracy")
        close(row["best_loss"], np.nanmin(BEST[runs]) if (~np.isnan(BEST[runs])).any() else np.nan,
              f"summary {name}: best")
        close(row["collapsed"], COLLAPSED[runs & RESULT].mean(), f"summary {name}: collapsed")
        done = runs & (D["iterations_done"] > 0)
        close(row["seconds_per_iteration"], np.median(D["wall_s"][done] / D["iterations_done"][done])
              if done.any() else np.nan, f"summary {name}: time")


def check_trend():
    rows = ask("trend", "--x", "mu", "--y", "final_loss", "--by", "rule", "-w", "learning_rate=1e-2")
    expect(len(rows) == 4, f"trend: {len(rows)} rows")
    for row in rows:
        names = label(row["label"]) | {"learning_rate": "0.01"}
        close(row["median"], quantile(FINAL[where(names)], 0.5), f"trend {row['label']}")
        close(row["x"], names.get("mu", ""), f"trend {row['label']}: x")
    rows = ask("trend", "--x", "learning_rate", "--y", "diverged", "--by", "rule")
    for row in rows:
        runs = (RULE == label(row["label"])["rule"]) & np.isclose(LR, float(row["x"]))
        close(row["median"], (STATUS[runs] == DIVERGED).mean(), f"trend {row['label']}: share")


def check_deviations_and_seconds():
    for row in ask("curves", "--by", "rule", "--band", "sd", "--seconds", "-w", "learning_rate=1e-3,900"):
        k = int(np.flatnonzero(ITERATION == int(row["iteration"]))[0])
        runs = (RULE == label(row["label"])["rule"]) & (LR != 0.01)
        values = LOSS[runs, k][~np.isnan(LOSS[runs, k])]
        mean, deviation = values.mean(), values.std(ddof=1) if len(values) > 1 else np.nan
        name = f"curves {row['label']} {row['iteration']}"
        close(row["center"], mean, f"{name}: mean")
        close(row["low"], mean - deviation, f"{name}: mean - sd")
        close(row["high"], mean + deviation, f"{name}: mean + sd")
        close(row["x"], np.nanmedian(D["elapsed_s"][runs, k]), f"{name}: seconds")


def check_curves():
    for band, center, low, high in (("quartiles", 0.5, 0.25, 0.75), ("minmax", 0.5, 0, 1)):
        rows = ask("curves", "--by", "rule", "--band", band, "--smooth", "3", "-w", "learning_rate=1e-3,900")
        for row in rows:
            k = int(np.flatnonzero(ITERATION == int(row["iteration"]))[0])
            runs = np.flatnonzero((RULE == label(row["label"])["rule"]) & RESULT & (LR != 0.01))
            values = []
            for run in runs:
                series = filled(LOSS[run])
                if not len(series):
                    continue
                end = np.inf if STATUS[run] == DIVERGED else np.nan
                values.append(series[max(0, k - 1):k + 2].mean() if k < len(series) else end)
            for name, p in (("center", center), ("low", low), ("high", high)):
                close(row[name], quantile(np.array(values), p), f"curves {row['label']} {row['iteration']}: {name}")


def signed_rank_p(d):
    """Exact, two-sided, by trying all signs; zeros ranked and left out (Pratt). No ties here."""
    ranks = np.argsort(np.argsort(abs(d))) + 1.0
    ranks, signs = ranks[d != 0], np.sign(d[d != 0])
    observed = abs((signs * ranks).sum())
    sums = [abs(np.dot(s, ranks)) for s in itertools.product((-1, 1), repeat=len(ranks))]
    return np.mean(np.array(sums) >= observed - 1e-9)


def check_compare():
    rows = ask("compare", "--baseline", "rule=bptt", "-w", "learning_rate=1e-3,1e-2")
    expect(len(rows) == 6, f"compare: {len(rows)} rows")
    p = []
    for row in rows:
        names = label(row["label"])
        ours = where(names)
        base = where({"rule": "bptt", "learning_rate": names["learning_rate"]})
        expect((SEED[ours] == SEED[base]).all(), "compare: seeds of the two are not in one order")
        d = FINAL[ours] - FINAL[base]
        close(row["median_difference"], np.median(d), f"compare {row['label']}: median")
        close(row["better"], (d < 0).mean(), f"compare {row['label']}: better")
        close(row["p"], signed_rank_p(d), f"compare {row['label']}: p")
        p.append(float(row["p"]))
    order, worst = np.argsort(p, kind="stable"), 0
    for place, k in enumerate(order):
        worst = max(worst, min(1, p[k] * (len(p) - place)))
        close(rows[k]["p_holm"], worst, f"compare {rows[k]['label']}: Holm")


def check_time_to():
    bound = float(np.quantile(FINAL[STATUS == DONE], 0.6))  # some runs reach it, some do not
    rows = ask("time-to", "--below", repr(bound), "--by", "rule")
    for row in rows:
        runs = np.flatnonzero((RULE == label(row["label"])["rule"]) & RESULT)
        time, met = [], []
        for run in runs:
            at = np.flatnonzero(filled(LOSS[run]) <= bound)
            met.append(bool(len(at)))
            # A diverged run never would have: it stays at risk to the end.
            never = D["iterations"][run] if STATUS[run] == DIVERGED else D["iterations_done"][run]
            time.append(ITERATION[at[0]] if len(at) else never)
        time, met = np.array(time), np.array(met)
        survival, median = 1.0, np.nan
        for t in np.unique(time[met]):
            survival *= 1 - (met & (time == t)).sum() / (time >= t).sum()
            if np.isnan(median) and survival <= 0.5 + 1e-12:
                median = t
        expect(int(row["runs"]) == len(runs) and int(row["met"]) == met.sum(), f"time-to {row['label']}: met")
        close(row["median"], median, f"time-to {row['label']}: median")


def check_best():
    rows = ask("best", "--over", "learning_rate", "-w", "learning_rate=1e-3,1e-2")
    levels = (1e-3, 1e-2)
    for row in rows:
        value = np.array([FINAL[where(label(row["label"]) | {"learning_rate": str(level)})] for level in levels])
        odd, even = value[:, 0::2], value[:, 1::2]
        a, b = (np.argmin(np.median(half, axis=1)) for half in (odd, even))
        close(row["chosen_a"], levels[a], f"best {row['label']}: chosen")
        close(row["reported_a"], np.median(even[a]), f"best {row['label']}: reported")
        close(row["chosen_b"], levels[b], f"best {row['label']}: chosen")
        close(row["reported_b"], np.median(odd[b]), f"best {row['label']}: reported")
        close(row["reported"], np.median(np.concatenate([even[a], odd[b]])), f"best {row['label']}: both")
        close(row["in_sample"], np.median(value, axis=1).min(), f"best {row['label']}: in-sample")


def check_stability():
    rows = ask("stability", "--x", "mu", "--y", "learning_rate")
    expect(len(rows) == 9, f"stability: {len(rows)} cells")
    for row in rows:
        runs = where(label(row["label"]) | {"rule": "modprop"})
        close(row["diverged"], (STATUS[runs] == DIVERGED).mean(), f"stability {row['label']}: diverged")
        close(row["collapsed"], COLLAPSED[runs].mean(), f"stability {row['label']}: collapsed")
        close(row["final_loss_median"], quantile(FINAL[runs], 0.5), f"stability {row['label']}: loss")


def check_recipe():
    rows = ask("recipe", "-w", "mu=0.25,-", "-w", "learning_rate=1e-3,1e-2")
    expect(len(rows) == 4 and sum(row["shown"] == "yes" for row in rows) == 2, "recipe: rows")
    for row in rows:
        names = {"rule": label(row["label"])["rule"], "learning_rate": row["over"]}
        names |= {"mu": "0.25"} if names["rule"] == "modprop" else {}
        runs = np.flatnonzero(where(names))
        smooth = np.array([np.convolve(LOSS[r], np.ones(15) / 15, "valid") for r in runs])
        area = smooth.sum(axis=1)
        keep = [k for k in range(len(runs)) if k not in (np.argmax(area), np.argmin(area))]
        close(row["worst_seed"], SEED[runs[np.argmax(area)]], f"recipe {row['label']}: worst")
        close(row["best_seed"], SEED[runs[np.argmin(area)]], f"recipe {row['label']}: best")
        close(row["last"], smooth[keep].mean(axis=0)[-50:].mean(), f"recipe {row['label']}: last")


def export(*arguments):
    done = subprocess.run([PROGRAM, "export", FILE, *arguments], capture_output=True, text=True, check=True)
    return list(csv.DictReader(io.StringIO(done.stdout)))


def check_export():
    rows = export()
    expect(len(rows) == RUNS, "export: number of rows")
    for run, row in enumerate(rows):
        expect(row["run_key"] == D["run_key"][run] and row["rule"] == RULE[run], "export: key or rule")
        for name in ("mu", "learning_rate", "seed", "wall_s"):
            close(row[name], D[name][run], f"export: {name}")
            expect(row[name] == "" or float(row[name]) == D[name][run], f"export: {name} to the bit")
    rows = export("--per", "evaluation", "-w", "rule=modprop")
    at = {(row["run_key"], int(float(row["iteration"]))): row for row in rows}
    expect(len(at) == (~np.isnan(LOSS[RULE == "modprop"])).sum(), f"export: {len(at)} evaluations")
    for run in np.flatnonzero((RULE == "modprop") & RESULT):
        for k, loss in enumerate(filled(LOSS[run])):
            row = at[D["run_key"][run], int(ITERATION[k])]
            expect(float(row["loss"]) == loss, "export: loss to the bit")
            expect(float(row["accuracy"]) == ACCURACY[run, k], "export: accuracy to the bit")


for check in (check_summary, check_trend, check_curves, check_deviations_and_seconds, check_compare, check_time_to,
              check_best, check_stability, check_recipe, check_export):
    check()
    print(f"ok    {check.__name__[6:]} agrees with numpy")
