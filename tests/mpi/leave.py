#!/usr/bin/env python3
"""How long a sweep takes to leave after a signal.

    leave.py SIGNAL RANKS AFTER MOST_S -- PROGRAM SWEEP.ini -o OUTPUT.h5 ...

Starts the program (RANKS 0: alone; else under $LAUNCHER, with the time mpirun gives by itself), waits for a
moment of the sweep and sends the signal, to mpirun if there is one. AFTER is "begin" (a first run has been
handed out, its network is being made), "iterate" (a second later) or "checkpoint" (each rank has written one,
and an iteration more is under way). Prints "LEAST_S to MOST_S s, WALL_S by the clock, code CODE"; fails if LEAST_S is
above the allowed MOST_S.

WALL_S is the time until all ranks have ended; mpirun itself takes a second more, which it gives to ranks that
have ended already. In a part of it they were ready to run while others had the
processor (second column of /proc/PID/schedstat): on a machine with nothing else to do it takes at least WALL_S
without the sum of these times, and at most WALL_S without the longest. One process: both are the same.
"""
import glob
import os
import signal
import subprocess
import sys
import time

LOOK_S = 0.005
LIMIT_S = 300


def waited(pid):
    """Seconds that the process has waited for a processor; None once it has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            if file.read().rsplit(")", 1)[1].split()[0] in "ZX":
                return None
        with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, IndexError):
        return None


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


def until(condition, process):
    end = time.monotonic() + LIMIT_S
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            sys.exit(f"the moment does not come: code {process.poll()}")
        time.sleep(LOOK_S)


def reach(moment, program, output, ranks, process):
    def running():
        return os.path.exists(output) and b"running" in subprocess.run(
            [program, "--status", output], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout

    def checkpointed():
        return sum(not name.endswith(".part") for name in glob.glob(output + ".checkpoints/*")) >= max(ranks, 1)

    until(checkpointed if moment == "checkpoint" else running, process)
    time.sleep(1 if moment == "iterate" else 0.1)


def main():
    name, ranks, moment, most = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
    command = sys.argv[sys.argv.index("--") + 1:]
    output = command[command.index("-o") + 1]
    launcher = [*os.environ["LAUNCHER"].split(), "-n", str(ranks)] if ranks else []
    environment = dict(os.environ)
    environment.pop("OMPI_MCA_odls_base_sigkill_timeout", None)
    process = subprocess.Popen([*launcher, *command], env=environment, stdin=subprocess.DEVNULL)
    reach(moment, command[0], output, ranks, process)
    pids = children(process.pid) if ranks else [process.pid]
    began, before = time.monotonic(), {pid: waited(pid) for pid in pids}
    last, ended = dict(before), set()
    os.kill(process.pid, getattr(signal, "SIG" + name))
    while len(ended) < len(pids):
        if time.monotonic() > began + LIMIT_S:
            sys.exit("something is still there after five minutes")
        time.sleep(LOOK_S)
        for pid in pids:
            now = waited(pid)
            if now is None:
                ended.add(pid)
            else:
                last[pid] = now
    wall = time.monotonic() - began
    ready = [last[pid] - before[pid] for pid in pids]
    print(f"{max(0, wall - sum(ready)):.2f} to {wall - max(ready):.2f} s, {wall:.2f} s by the clock, "
          f"code {process.wait()}")
    return wall - sum(ready) > most


if __name__ == "__main__":
    sys.exit(main())
