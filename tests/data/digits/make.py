#!/usr/bin/env python3
"""Writes the two IDX files of this folder from scikit-learn's copy of the data.

    python3 -m pip install scikit-learn && python3 tests/data/digits/make.py

Values 0 to 16 become 0 to 255.
"""
import csv
import gzip
import importlib.util
import pathlib
import struct

here = pathlib.Path(__file__).parent
package = pathlib.Path(importlib.util.find_spec("sklearn").origin).parent
with gzip.open(package / "datasets" / "data" / "digits.csv.gz", "rt") as lines:
    rows = [[int(float(value)) for value in row] for row in csv.reader(lines)]

images = bytes(round(value * 255 / 16) for row in rows for value in row[:64])
labels = bytes(row[64] for row in rows)
for name, sizes, data in (("images-idx3", (len(rows), 8, 8), images), ("labels-idx1", (len(rows),), labels)):
    head = bytes([0, 0, 8, len(sizes)]) + b"".join(struct.pack(">I", size) for size in sizes)
    packed = gzip.compress(head + data, compresslevel=9, mtime=0)
    (here / f"train-{name}-ubyte.gz").write_bytes(packed)
