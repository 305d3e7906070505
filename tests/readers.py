"""Reads a results file of tests/test_results with h5py and with both engines of xarray, and compares
what they see with each other and with what was written there.

    readers.py FILE FINISHED     FINISHED: number of runs that are done or diverged
"""
import sys
import warnings

import h5py
import numpy as np
import xarray as xr

RUNS, EVALUATIONS = 20, 4


def expect(condition, what):
    if not condition:
        sys.exit(f"{sys.argv[1]}: {what}")


def text(characters):
    """[run][length] characters as strings."""
    width = characters.shape[1]
    return np.char.decode(characters.view(f"S{width}")[:, 0], "utf-8")


def check_h5py(file, finished):
    expect(file.attrs["Conventions"] == b"CF-1.8", "Conventions")
    expect(sum(np.isin(file["status"][:], (2, 3))) == finished, "number of finished runs")
    for group in (file, file["weights"]):
        for name, dataset in group.items():
            if not isinstance(dataset, h5py.Dataset):
                continue
            expect(dataset.chunks is None and dataset.compression is None, f"{name} is not contiguous")
            expect(dataset.id.get_offset() is not None, f"{name} has no place")
            if not h5py.h5ds.is_scale(dataset.id):
                expect(all(len(axis) == 1 for axis in dataset.dims), f"{name} lacks a scale")
    expect(set(text(file["rule"][:])) == {"modprop", "bptt", "eprop"}, "rule")
    for run, state in enumerate(file["status"][:]):
        loss = file["loss"][run]
        if state == 2:
            expect(np.array_equal(loss, run + 0.01 * np.arange(EVALUATIONS)), f"loss of run {run}")
        elif state != 3:
            expect(np.isnan(loss).all(), f"loss of run {run}, which is not finished")


def check_xarray(data, engine, finished):
    expect(dict(data.sizes) == {"run": RUNS, "evaluation": EVALUATIONS}, f"{engine}: {data.sizes}")
    expect(data.run.dtype == np.int64 and list(data.iteration.values) == [0, 20, 40, 60], "coordinates")
    expect("iteration" in data.loss.coords, f"{engine}: iteration is no coordinate of loss")
    modprop = data.where(data.rule == "modprop", drop=True)
    expect(modprop.sizes["run"] == 12 and set(modprop.mu.values) == {0, 0.25, 0.5}, f"{engine}: rule")
    expect(np.isnan(data.mu.values[(data.rule != "modprop").values]).all(), f"{engine}: mu of others")
    expect(set(data.variant.values) == {"", "é"}, f"{engine}: variant {set(data.variant.values)}")
    expect(int(data.status.isin((2, 3)).sum()) == finished, f"{engine}: number of finished runs")
    expect(data.status.flag_meanings.split()[2] == "done", f"{engine}: flag_meanings")
    expect(data.started.dtype.kind == "M" and str(data.started.values[0])[:10] == "2023-11-14",
           f"{engine}: started {data.started.values[0]}")
    expect(data.host.values[0] == "nöde" and data.host.values[-1] == "", f"{engine}: host")
    expect("seed = 1, 2" in data.attrs["sweep_text"] and "é" in data.attrs["sweep_text"],
           f"{engine}: sweep_text")


def check_equal(first, second):
    expect(set(first.variables) == set(second.variables), "the engines see other variables")
    for name in first.variables:
        a, b = first[name].values, second[name].values
        same = a == b if a.dtype.kind in "OSU" else (a == b) | ((a != a) & (b != b))
        expect(np.all(same), f"the engines differ in {name}")


def main(path, finished):
    warnings.simplefilter("ignore", RuntimeWarning)  # xarray converts NaN times, then masks them
    with h5py.File(path, "r") as file:
        check_h5py(file, finished)
    for group in (None, "weights"):
        data = [xr.open_dataset(path, engine=engine, group=group) for engine in ("netcdf4", "h5netcdf")]
        if group is None:
            check_xarray(data[0], "netcdf4", finished)
            check_xarray(data[1], "h5netcdf", finished)
        else:
            expect(data[0].W_rec.dims == ("run", "pre", "post"), "dimensions of W_rec")
        check_equal(*data)
        for each in data:
            each.close()


main(sys.argv[1], int(sys.argv[2]))
