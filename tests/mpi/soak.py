#!/usr/bin/env python3
"""Watches the resident memory of all ranks of a sweep.

    soak.py RUNS -- mpirun -n 8 modprop_sweep SWEEP.ini

Reads it every second (/proc/PID/status, VmRSS) and fits a line to what comes after the first quarter of the
time, when every rank has trained each kind of run. A rank must not gain more than LEAK_BYTES for each of its
runs there, beside NOISE_KB: what a rank's memory wanders by, pages that are touched for the first time.
The last line tells the greatest gain. Exit code 1 if it is too much, or if the program fails.
"""
import os
import subprocess
import sys
import time

LEAK_BYTES = 64  # less than the smallest thing that is made for a run
NOISE_KB = 64


def ranks(launcher):
    found = {}
    try:
        with open(f"/proc/{launcher}/task/{launcher}/children", encoding="ascii") as file:
            for pid in file.read().split():
                with open(f"/proc/{pid}/environ", "rb") as environment:
                    for item in environment.read().split(b"\0"):
                        if item.startswith(b"OMPI_COMM_WORLD_RANK="):
                            found[int(item.split(b"=")[1])] = pid
    except OSError:
        pass
    return found


def resident_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    raise OSError("a process that has ended")


def slope(points):
    n = len(points)
    t0, m0 = sum(t for t, _ in points) / n, sum(m for _, m in points) / n
    return sum((t - t0) * (m - m0) for t, m in points) / sum((t - t0) ** 2 for t, _ in points)


def main():
    runs, command = int(sys.argv[1]), sys.argv[sys.argv.index("--") + 1:]
    began = time.time()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    samples = {}
    while process.poll() is None:
        for rank, pid in ranks(process.pid).items():
            try:
                samples.setdefault(rank, []).append((time.time() - began, resident_kb(pid)))
            except OSError:
                pass
        time.sleep(min(1, max(0.1, (time.time() - began) / 20)))
    end = time.time() - began
    gains = []
    for rank, points in sorted(samples.items()):
        late = [point for point in points if end / 4 <= point[0] < end - 0.5]
        if len(late) < 5:
            sys.exit(f"rank {rank}: only {len(late)} samples in {end:.0f} s")
        gains.append(slope(late) * end * 3 / 4)
        print(f"rank {rank}: {points[0][1]} kB at first, {late[0][1]} kB after a quarter, {late[-1][1]} kB at "
              f"the end: {gains[-1]:+.0f} kB by the line")
    bound = runs * 3 / 4 / len(samples) * LEAK_BYTES / 1024 + NOISE_KB
    print(f"{runs} runs on {len(samples)} ranks in {end:.0f} s: no rank grew by more than {max(gains):.0f} kB "
          f"(bound {bound:.0f} kB)")
    return 1 if process.returncode or max(gains) > bound else 0


if __name__ == "__main__":
    os.environ.setdefault("OMPI_ALLOW_RUN_AS_ROOT", "1")
    sys.exit(main())
