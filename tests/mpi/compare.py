#!/usr/bin/env python3
"""Compares two results files dataset by dataset, bit by bit.

    compare.py A.h5 B.h5 [ATTRIBUTE...]

What may differ between two executions of a sweep is listed here; all else has to be equal, including
names, shapes, types and attributes, but for the attributes named. Exit code 1 and a line per difference otherwise.
"""
import sys

import h5py
import numpy as np

# Times, places, failures that were tried again, the checksum over them, the log of starts.
DATASETS = {"wall_s", "cpu_s", "elapsed_s", "started", "heard", "rank", "host", "attempts",
            "checksum", "log/starts"}
# When, where and by which command a file was made.
ATTRIBUTES = {"history", "created", "command_line"}
# HDF5's own links between variables and dimension scales: file addresses.
LINKS = {"DIMENSION_LIST", "REFERENCE_LIST"}


def value(data):
    """Something to compare by bits: NaN equals NaN."""
    data = np.asarray(data)
    return (str(data.dtype), data.shape, data.tolist() if data.dtype.hasobject else data.tobytes())


def attributes(thing):
    return {name: value(content) for name, content in thing.attrs.items()
            if name not in ATTRIBUTES | LINKS}


def objects(file):
    found = {"/": file}
    file.visititems(lambda name, thing: found.__setitem__(name, thing))
    return found


def differences(a, b):
    left, right = objects(a), objects(b)
    for name in sorted(left.keys() ^ right.keys()):
        yield f"{name} is only in one file"
    for name in sorted(left.keys() & right.keys()):
        mine, yours = attributes(left[name]), attributes(right[name])
        for key in sorted(mine.keys() | yours.keys()):
            if mine.get(key) != yours.get(key):
                yield f"attribute {key} of {name} differs"
        if not isinstance(left[name], h5py.Dataset) or name in DATASETS:
            continue
        if value(left[name][()]) != value(right[name][()]):
            rows = [run for run in range(min(len(left[name]), len(right[name])))
                    if value(left[name][run]) != value(right[name][run])]
            yield f"{name} differs in rows {rows[:10]}"


def main(left, right, *more):
    ATTRIBUTES.update(more)
    with h5py.File(left, "r") as a, h5py.File(right, "r") as b:
        found = list(differences(a, b))
    for line in found:
        print(f"{left} and {right}: {line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
