#!/usr/bin/env python3
"""Kills, signals and pauses at random moments of a sweep, and what they cost.

    storm.py PROGRAM SWEEP.ini REFERENCE.h5 TIMES [--seed N] [--launcher "mpirun ..."]

The sweep has checkpoint_s = 0.3. After each blow everything must end by itself, the file must open and
verify, and what has to be trained again is measured: the processor time that a rank has spent since the last
checkpoint of its run, or since the run began. More than checkpoint_s for each run that was in flight is a
failure, as is a finished sweep that differs from the reference in a bit. Prints a line for each kind of blow:
"KIND TRIED SURVIVED GREATEST_LOSS_S".
"""
import argparse
import bisect
import collections
import os
import random
import signal
import struct
import subprocess
import sys
import threading
import time

import h5py

import compare

RANKS = 3
CHECKPOINT_S = 0.3
SAMPLE_S = 0.01
# Two samples, the writing of a checkpoint, and the moment until rank 0 has noted that a run began.
SLACK_S = 0.1
LIMIT_S = 60
EARLY = 0.1  # this share of the blows comes while the program starts
RUNNING = 1
# Of a checkpoint: magic, format, size, key, state, iterations, diverged, attempts, rank, five times.
HEADER = struct.Struct("=8sIIQqqqqq5d")


class Sampler(threading.Thread):
    """Processor time of the ranks on and on, to know it at any moment afterwards."""

    def __init__(self, launcher):
        super().__init__(daemon=True)
        self.launcher, self.stopping = launcher, False
        self.pid, self.times, self.cpu = {}, collections.defaultdict(list), collections.defaultdict(list)

    def find(self):
        """The ranks are the launcher's children."""
        try:
            with open(f"/proc/{self.launcher}/task/{self.launcher}/children", encoding="ascii") as file:
                children = file.read().split()
        except OSError:
            return
        for pid in children:
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    for item in file.read().split(b"\0"):
                        if item.startswith(b"OMPI_COMM_WORLD_RANK="):
                            self.pid[int(item.split(b"=")[1])] = int(pid)
            except OSError:
                pass

    def run(self):
        while not self.stopping:
            if len(self.pid) < RANKS:
                self.find()
            for rank, pid in list(self.pid.items()):
                try:
                    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
                        spent = int(file.read().split()[0]) / 1e9
                except (OSError, IndexError):
                    continue
                self.times[rank].append(time.time())
                self.cpu[rank].append(spent)
            time.sleep(SAMPLE_S)

    def spent(self, rank, since, until=None):
        """Processor seconds of the rank between two moments; no `until`: its end."""
        def at(moment):
            k = bisect.bisect_left(self.times[rank], moment)
            return self.cpu[rank][min(k, len(self.cpu[rank]) - 1)]
        return max(0, (self.cpu[rank][-1] if until is None else at(until)) - at(since))


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def send(number, pids):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def pause(ranks, dice):
    """One rank stands still for a while, then is killed; the others go on meanwhile."""
    victim = dice.choice(ranks)
    send(signal.SIGSTOP, [victim])
    time.sleep(dice.uniform(0.2, 1.5))
    send(signal.SIGKILL, [victim])


def standstill(launcher, ranks, dice):
    """All stand still and go on: nothing must come of it but time."""
    send(signal.SIGSTOP, ranks)
    time.sleep(dice.uniform(0.2, 1.5))
    send(signal.SIGCONT, ranks)
    time.sleep(0.2)
    send(signal.SIGUSR1, [launcher])


# What is done to (launcher, ranks). Those in ORDERLY leave nothing behind that has to be trained again, if
# the runs were under way.
BLOWS = {
    "kill -9 of rank 0": lambda launcher, ranks, dice: send(signal.SIGKILL, ranks[:1]),
    "kill -9 of another rank": lambda launcher, ranks, dice: send(signal.SIGKILL, [dice.choice(ranks[1:])]),
    "kill -9 of mpirun": lambda launcher, ranks, dice: send(signal.SIGKILL, [launcher]),
    "kill -9 of all at once": lambda launcher, ranks, dice: send(signal.SIGKILL, [launcher, *ranks]),
    "SIGSTOP of a rank, then kill -9": lambda launcher, ranks, dice: pause(ranks, dice),
    "SIGSTOP of all, then SIGUSR1": standstill,
    "SIGUSR1 to mpirun": lambda launcher, ranks, dice: send(signal.SIGUSR1, [launcher]),
    "SIGTERM to mpirun": lambda launcher, ranks, dice: send(signal.SIGTERM, [launcher]),
    "SIGINT to mpirun": lambda launcher, ranks, dice: send(signal.SIGINT, [launcher]),
    "SIGTERM to a rank": lambda launcher, ranks, dice: send(signal.SIGTERM, [dice.choice(ranks)]),
}
ORDERLY = {"SIGSTOP of all, then SIGUSR1", "SIGUSR1 to mpirun", "SIGTERM to a rank"}
PATIENT = {"SIGTERM to mpirun", "SIGINT to mpirun"}  # with the time that mpirun gives by itself


def checkpoints(output):
    """{key: (started, written)} of runs in flight."""
    found, folder = {}, output + ".checkpoints"
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        if "." in name:
            continue
        with open(os.path.join(folder, name), "rb") as file:
            h = HEADER.unpack(file.read(HEADER.size))
        if h[4] == RUNNING:
            found[name] = (h[11], h[13])
    return found


def losses(output, sampler, launched):
    """[(processor seconds that have to be spent again, runs they belong to)] for each rank."""
    last = checkpoints(output)
    with h5py.File(output, "r") as file:
        rows = [(int(file["rank"][run]), float(file["started"][run]), file["run_key"][run].tobytes().decode())
                for run in (file["status"][()] == RUNNING).nonzero()[0]]
    noted, lost = {key for _, _, key in rows}, []
    for rank in sorted({row[0] for row in rows}):
        if not sampler.cpu[rank]:
            continue
        mine = sorted((started, key) for r, started, key in rows if r == rank and started >= launched)
        seconds = 0
        for k, (started, key) in enumerate(mine):
            safe = max(started, last[key][1] if key in last else 0)
            # A run that was begun while rank 0 could not note it has a checkpoint that says so.
            until = mine[k + 1][0] if k + 1 < len(mine) else None
            hidden = [began for key2, (began, _) in last.items() if began > started and key2 not in noted]
            if until is None and hidden:
                until = min(hidden)
            seconds += sampler.spent(rank, safe, until)
        if mine:
            lost.append((seconds, len(mine)))
    return lost


def verify(program, output):
    done = subprocess.run([program, "--verify", output], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT_S)
    return "" if done.returncode == 0 else done.stdout.decode(errors="replace")


def differences(reference, output):
    with h5py.File(reference, "r") as a, h5py.File(output, "r") as b:
        return list(compare.differences(a, b))[:3]


def wait_for_end(process, ranks):
    """Whether all have ended by themselves."""
    end = time.time() + LIMIT_S
    while time.time() < end:
        if process.poll() is not None and not any(alive(pid) for pid in ranks):
            return True
        time.sleep(0.02)
    send(signal.SIGKILL, [process.pid, *ranks])
    process.wait()
    return False


def states(output):
    with h5py.File(output, "r") as file:
        return file["status"][()]


def strike(args, kind, dice):
    """One start and one blow. (wrong, greatest loss in seconds, whether it met a sweep under way)"""
    env = dict(os.environ)
    env.pop("OMPI_MCA_odls_base_sigkill_timeout", None)
    if kind not in PATIENT:
        env["OMPI_MCA_odls_base_sigkill_timeout"] = "0"
    launched = time.time()
    process = subprocess.Popen([*args.launcher.split(), "-n", str(RANKS), args.program, args.sweep, "-q"], env=env,
                               stdin=subprocess.DEVNULL, stdout=open("storm.out", "w"), stderr=subprocess.STDOUT)
    sampler = Sampler(process.pid)
    sampler.start()
    if dice.random() < EARLY:
        time.sleep(dice.uniform(0.05, 0.6))
    else:
        while len(sampler.pid) < RANKS and process.poll() is None and time.time() < launched + LIMIT_S:
            time.sleep(0.01)
        time.sleep(dice.uniform(0.1, 3.0))
    ranks = [sampler.pid[rank] for rank in sorted(sampler.pid)]
    met = len(ranks) == RANKS and process.poll() is None
    if met:
        BLOWS[kind](process.pid, ranks, dice)
    else:
        send(signal.SIGKILL, [process.pid, *ranks])
    ended = wait_for_end(process, ranks)
    sampler.stopping = True
    sampler.join()
    if not ended:
        return "something is still there after a minute", 0, met
    if not os.path.exists(args.output):
        return "", 0, met
    wrong = verify(args.program, args.output)
    if wrong:
        return wrong, 0, met
    lost = losses(args.output, sampler, launched)
    for seconds, runs in lost:
        if seconds > runs * CHECKPOINT_S + SLACK_S:
            wrong = f"{seconds:.3f} s of {runs} run(s) are lost, with checkpoints every {CHECKPOINT_S} s"
    if kind in ORDERLY and met and process.returncode == 75 and (states(args.output) == RUNNING).any():
        wrong = "ended in order, but a run counts as running"
    return wrong, max((seconds for seconds, _ in lost), default=0), met


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=os.path.realpath)
    parser.add_argument("sweep")
    parser.add_argument("reference")
    parser.add_argument("times", type=int)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--launcher", default="mpirun --oversubscribe")
    args = parser.parse_args()
    args.output = args.sweep.replace(".ini", ".h5")
    dice = random.Random(args.seed)
    tried, survived, most = collections.Counter(), collections.Counter(), collections.Counter()
    finished = missed = 0
    while sum(tried.values()) < args.times and missed < args.times:
        kind = list(BLOWS)[sum(tried.values()) % len(BLOWS)]
        wrong, lost, met = strike(args, kind, dice)
        missed += not met
        tried[kind] += met
        survived[kind] += met and not wrong
        most[kind] = max(most[kind], lost)
        if wrong:
            print(f"wrong after {kind} ({sum(tried.values())}): {wrong}", flush=True)
            with open("storm.out", encoding="utf-8", errors="replace") as file:
                print(file.read()[-2000:])
        if os.path.exists(args.output) and (states(args.output) == 2).all():
            finished += 1
            for line in differences(args.reference, args.output):
                print("wrong:", line)
                survived[kind] -= 1
            os.remove(args.output)
    for kind in tried:
        print(f"{kind}|{tried[kind]}|{survived[kind]}|{most[kind]:.2f} s")
    print(f"{sum(tried.values())} blows, {missed} before all ranks were there, {finished} sweeps finished")
    return 0 if tried == survived and sum(tried.values()) == args.times else 1


if __name__ == "__main__":
    sys.exit(main())
