#!/usr/bin/env python3
"""Lets the n-th call of each kind fail in a small sweep, for every n, and looks at what comes of it.

    nth.py PROGRAM PROGRAM_WITH_FAULTS FOLDER [--every K] [--kinds memory,write] [--jobs J]

PROGRAM_WITH_FAULTS is modprop_sweep linked with nth.c, which lists the kinds; the other finishes what it
leaves. Two sweeps: one that starts from nothing, and one that goes on from finished runs, a checkpoint and
a kept result. Each call fails alone (memory:5), with all that follow it (memory:5+), and once the program is
killed there (memory:5!). Otherwise it must have ended with one of its codes and a message; the results file,
if there is one, must verify, and the same command must lead to the bits of a sweep without faults.
--every 7: only every 7th n. (+ and !, which cost as much and find less: every tenth of those.)
Prints "KIND TRIED WRONG" for each kind, after what was wrong.
"""
import argparse
import collections
import concurrent.futures
import os
import shutil
import subprocess
import sys

import h5py

import compare

KINDS = ["memory", "write", "sync", "rename", "open", "hdf5"]
LIMIT_S = 60  # a start takes less than one second
CODES, KILLED = {0, 1, 2, 75}, {-9, 0, 1, 2}  # a forked child may be what is killed
SWEEP = """[sweep]
output = a.h5
seed = 1
checkpoint_s = 0.000001
save_weights = yes
[network]
n = 6
[task]
delay_ms = 10
cue_ms = 5
[training]
batch = 2
iterations = 6
evaluate_every = 3
[rule]
rule = bptt, eprop, modprop
"""

Ended = collections.namedtuple("Ended", "code text")


def start(program, folder, *options, **environment):
    """Without mpirun, and without the daemon that Open MPI starts for such programs."""
    env = {**os.environ, "OMPI_MCA_ess_singleton_isolated": "1", "TMPDIR": folder, **environment}
    try:
        done = subprocess.run([program, "a.ini", *options], cwd=folder, env=env, timeout=LIMIT_S,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired as hung:
        return Ended("a hang", (hung.output or b"").decode(errors="replace"))
    return Ended(done.returncode, done.stdout.decode(errors="replace"))


def verify(program, folder):
    path = os.path.join(folder, "a.h5")
    done = subprocess.run([program, "--verify", path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT_S)
    return Ended(done.returncode, done.stdout.decode(errors="replace"))


def made(folder):
    """What the sweep has made; Open MPI's folders are not its."""
    return sorted(name for name in os.listdir(folder)
                  if name not in ("a.ini", "count") and not name.startswith(("ompi.", "openmpi-", "pmix")))


def same(reference, folder):
    with h5py.File(reference, "r") as a, h5py.File(os.path.join(folder, "a.h5"), "r") as b:
        return list(compare.differences(a, b))


def sanitizer_complains(text):
    """Of a leak only where the allocation is ours, and went through nth.c: MPI_Init leaks by itself."""
    return any(word in text for word in ("ERROR: AddressSanitizer", "runtime error: ", " in __wrap_"))


def faults_of(a):
    """What is wrong after one start with a fault: a text, "" if nothing is."""
    ended = start(a.faulty, a.folder, "--retry", MODPROP_NTH=a.fault)
    if ended.code not in (KILLED if a.fault.endswith("!") else CODES):
        return f"ended with {ended.code}: {ended.text[-600:]}"
    if sanitizer_complains(ended.text):
        return ended.text[-3000:]
    if ended.code > 0 and not ended.text.strip():
        return f"code {ended.code} without a message"
    if not made(a.folder):
        return "" if ended.code else "code 0, but there is no file"
    if os.path.exists(os.path.join(a.folder, "a.h5")):
        sound = verify(a.program, a.folder)
        if sound.code:
            return f"does not verify: {sound.text[-300:]}"
        if ended.code == 0 and same(a.reference, a.folder):
            return f"code 0, but {same(a.reference, a.folder)[:3]}"
    again = start(a.program, a.folder, "--retry")
    if again.code:
        return f"after {ended.text[-300:]} the next start ends with {again.code}: {again.text[-300:]}"
    if same(a.reference, a.folder):
        return f"after {ended.text[-300:]} {same(a.reference, a.folder)[:3]}"
    if made(a.folder) != ["a.h5"]:
        return f"leaves {made(a.folder)}"
    return ""


Attempt = collections.namedtuple("Attempt", "program faulty reference origin folder fault")


def attempt(a):
    shutil.copytree(a.origin, a.folder)
    wrong = faults_of(a)
    shutil.rmtree(a.folder)
    return a, wrong


def write_sweep(folder):
    os.makedirs(folder)
    with open(os.path.join(folder, "a.ini"), "w", encoding="utf-8") as file:
        file.write(SWEEP)


def half_done(program, faulty, folder):
    """A run done, one whose result is kept as a checkpoint, one in flight."""
    write_sweep(folder)
    killed = start(faulty, folder, "--only", "2", MODPROP_NTH="rename:4!")
    assert killed.code == -9, killed
    full = start(faulty, folder, "--only", "0..1", MODPROP_FAULT="store:2")
    assert full.code == 1, full


def counts(faulty, origin, folder):
    shutil.copytree(origin, folder)
    ended = start(faulty, folder, "--retry", MODPROP_NTH_COUNT="count")
    assert ended.code == 0, ended
    with open(os.path.join(folder, "count"), encoding="utf-8") as file:
        return {kind: int(calls) for kind, calls in (line.split() for line in file)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=os.path.realpath)
    parser.add_argument("faulty", type=os.path.realpath)
    parser.add_argument("folder", type=os.path.realpath)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    fresh, half = os.path.join(args.folder, "fresh"), os.path.join(args.folder, "half")
    write_sweep(fresh)
    half_done(args.program, args.faulty, half)
    whole = os.path.join(args.folder, "whole")
    write_sweep(whole)
    assert start(args.program, whole).code == 0
    attempts = []
    for origin in fresh, half:
        calls = counts(args.faulty, origin, origin + "-count")
        for kind in args.kinds.split(","):
            # The last one counts: that is where the file is most complete.
            for end, step in ("", args.every), ("+", 10 * args.every), ("!", 10 * args.every):
                attempts += [Attempt(args.program, args.faulty, os.path.join(whole, "a.h5"), origin,
                                     f"{origin}-{kind}-{n}{end}", f"{kind}:{n}{end}")
                             for n in range(calls[kind], 0, -step)]
    tried, wrong = collections.Counter(), collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for a, what in pool.map(attempt, attempts):
            kind = a.fault.split(":")[0]
            tried[kind] += 1
            wrong[kind] += bool(what)
            if what:
                print(f"{os.path.basename(a.origin)} {a.fault}: {what}\n", flush=True)
    for kind in tried:
        print(kind, tried[kind], wrong[kind])
    return 1 if sum(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
