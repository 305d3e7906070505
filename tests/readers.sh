#!/bin/sh
# A results file, read by other programs while it is being written and afterwards: h5dump, ncdump, h5py,
# xarray with both of its engines. OBJECTS is the build folder; PYTHON a python3 that has the modules.
set -u
objects=${OBJECTS:-build/release}
python=${PYTHON:-/usr/bin/python3}
here=$(dirname "$0")
folder=$(mktemp -d) || exit 1
file=$folder/results.h5
writer=
trap 'exec 3>&-; [ -z "$writer" ] || kill -9 "$writer" 2>/dev/null; rm -rf "$folder"' EXIT
. "$here/check.inc"

# missing PROGRAM...: whether one of them is not installed, which is told.
missing() {
    for program; do
        command -v "$program" >/dev/null || { echo "skipped: $program is not installed"; return 0; }
    done
    return 1
}

# A variable of each kind, by its value.
dump_with_h5dump() {
    h5dump "$file" >/dev/null && h5dump -d /loss "$file" | grep -q '(1,0): 1, 1.01, 1.02, 1.03'
}
dump_with_ncdump() {
    ncdump "$file" >"$folder/cdl" && grep -q '"modprop",' "$folder/cdl" &&
        grep -q 'double loss(run, evaluation) ;' "$folder/cdl" && grep -q '1, 1.01, 1.02, 1.03,' "$folder/cdl" &&
        grep -q 'float W_rec(run, pre, post) ;' "$folder/cdl"
}

# read_all WHEN FINISHED: all readers; FINISHED runs must be marked done or diverged.
read_all() {
    missing h5dump || check "h5dump $1" dump_with_h5dump
    missing ncdump || check "ncdump $1" dump_with_ncdump
    if "$python" -c 'import h5py, xarray, netCDF4, h5netcdf' 2>/dev/null; then
        check "h5py, xarray $1" "$python" "$here/readers.py" "$file" "$2"
    else
        echo "skipped: $python lacks h5py, xarray, netCDF4 or h5netcdf"
    fi
}

mkfifo "$folder/open" || exit 1
"$objects/tests/test_results" --hold "$file" <"$folder/open" >"$folder/writer" &
writer=$!
exec 3>"$folder/open"
tries=0
until grep -q ready "$folder/writer" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { echo "the writer does not come up"; exit 1; }
    sleep 0.1
done
read_all "while it is written" 10
check "the writer still runs" kill -0 "$writer"
exec 3>&-
check "the writer ends well" wait "$writer"
writer=
read_all "afterwards" 10
exit $failed
