#!/bin/sh
# modprop_analyze on a small real sweep: each command against numpy, files joined and merged, and what it
# says when something is wrong. OBJECTS is the build folder; PYTHON a python3 that has h5py.
set -u
objects=${OBJECTS:-build/release}
python=${PYTHON:-/usr/bin/python3}
here=$(dirname "$0")
analyze=$objects/modprop_analyze
sweep=$objects/modprop_sweep
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
. "$here/check.inc"

cat >"$folder/sweep.ini" <<END
[sweep]
output = $folder/all.h5
seed = 1..5
[network]
n = 12
tau_ms = 20
[task]
cue_ms = 10
delay_ms = 10
[training]
iterations = 200
evaluate_every = 10
batch = 16
learning_rate = 1e-3, 1e-2, 900
[rule]
rule = modprop
mu = 0, 0.25, 0.5
[variant exact]
rule = bptt
END
"$sweep" -q "$folder/sweep.ini" >/dev/null 2>"$folder/err" || { cat "$folder/err"; exit 1; }
file=$folder/all.h5

# ------------------------------------------------------------------ numbers
if "$python" -c 'import h5py, numpy' 2>/dev/null; then
    "$python" "$here/analyze.py" "$analyze" "$file" || failed=1
    cp "$file" "$folder/hurt.h5"
    "$python" -c 'import h5py, sys; h5py.File(sys.argv[1], "r+")["loss"][0, 3] += 1' "$folder/hurt.h5"
    check "verify names a damaged run" says 1 "run 0 is damaged" "$analyze" verify "$folder/hurt.h5"
    check "a damaged run is told and left out" says 1 "1 run is damaged and left out" "$analyze" summary "$folder/hurt.h5"
    check "the others are analysed" grep -q "^0.001 *modprop  0 *4 " "$folder/said"
else
    echo "skipped: $python lacks h5py or numpy"
fi

# The README's lines for xarray, as they stand there.
if "$python" -c 'import xarray, netCDF4' 2>/dev/null; then
    sed -n '/^    import xarray as xr/,/^$/s/^    //p' "$here/../README.md" | sed "s|results/quick.h5|$file|" >"$folder/readme.py"
    check "the README's xarray lines run" says 0 "^ *mu\|^array\|\* mu" "$python" "$folder/readme.py"
fi

# Likewise those for R.
if Rscript -e 'library(hdf5r)' >/dev/null 2>&1; then
    sed -n '/^    library(hdf5r)/,/^$/s/^    //p' "$here/../README.md" | sed "s|results/quick.h5|$file|" >"$folder/readme.R"
    check "the README's R lines run" says 0 "^ *0 *0.25 *0.5 *$" Rscript "$folder/readme.R"
else
    echo "skipped: R with hdf5r is not installed"
fi

# ------------------------------------------------------------------ several files
"$sweep" -q --only 0..24 -o "$folder/a.h5" "$folder/sweep.ini" >/dev/null 2>&1
"$sweep" -q --only 20..59 -o "$folder/b.h5" "$folder/sweep.ini" >/dev/null 2>&1
"$analyze" summary "$file" --csv | cut -d, -f1-12 >"$folder/whole"
"$analyze" summary "$folder/a.h5" "$folder/b.h5" --csv | cut -d, -f1-12 >"$folder/joined"
check "two halves are joined to the whole" cmp "$folder/whole" "$folder/joined"
check "merge" says 0 "60 finished, 0 to do" "$analyze" merge "$folder/m.h5" "$folder/a.h5" "$folder/b.h5"
"$analyze" summary "$folder/m.h5" --csv | cut -d, -f1-12 >"$folder/merged"
check "the merged file is the whole" cmp "$folder/whole" "$folder/merged"
check "the merged file verifies" says 0 " 0 damaged" "$analyze" verify "$folder/m.h5"
check "the sweep goes on with a merged file" says 0 "60 done\|done, .* diverged" "$sweep" -q -o "$folder/m.h5" "$folder/sweep.ini"
sed 's/^n = 12/n = 13/' "$folder/sweep.ini" >"$folder/other.ini"
"$sweep" -q --only 0..3 -o "$folder/o.h5" "$folder/other.ini" >/dev/null 2>&1
check "merge refuses what has no common plan" says 2 "give a sweep file" "$analyze" merge "$folder/x.h5" "$file" "$folder/o.h5"
sed 's/^n = 12/n = 12, 13/' "$folder/sweep.ini" >"$folder/wide.ini"
check "merge into a wider sweep" says 0 "120 runs, 64 finished, 56 to do" \
    "$analyze" merge "$folder/w.h5" "$file" "$folder/o.h5" --sweep "$folder/wide.ini"

# The same runs with other instructions: other roundings, other results.
MODPROP_KERNEL=portable "$sweep" -q --only 0..3 -o "$folder/c.h5" "$folder/sweep.ini" >/dev/null 2>&1
if [ "$("$sweep" --version | sed -n 's/ *kernel *//p')" = portable ]; then
    echo "skipped: this processor has but one kernel"
else
    check "different results of one run are told" says 0 "with different results" "$analyze" summary "$file" "$folder/c.h5"
    check "and both files are named" grep -q "run 0 of $file is used, run 0 of $folder/c.h5 differs" "$folder/said"
fi

sed 's/^iterations = 200/iterations = 100/' "$folder/sweep.ini" >"$folder/short.ini"
"$sweep" -q --only 0..9 -o "$folder/short.h5" "$folder/short.ini" >/dev/null 2>&1

# ------------------------------------------------------------------ mistakes
check "an unknown command" says 2 "did you mean summary?" "$analyze" sumary "$file"
check "an unknown option" says 2 "did you mean --where?" "$analyze" summary "$file" --wheer x
check "an unknown parameter" says 2 "did you mean learning_rate?" "$analyze" trend "$file" --x learnin_rate
check "an unknown measure" says 2 "did you mean final_loss?" "$analyze" trend "$file" --x mu --y final_los
check "an unknown value" says 2 "did you mean bptt?" "$analyze" compare "$file" --baseline rule=bppt
check "a value that no run has" says 2 "in these files mu is 0, 0.25, 0.5" "$analyze" summary "$file" -w mu=0.1
check "a name that no run has" says 2 "there is modprop, bptt" "$analyze" summary "$file" -w rule=xyz
check "a baseline without counterpart" says 2 "as in --baseline" "$analyze" compare "$file" --baseline mu=0.25
check "an ambiguous baseline" says 2 "could be compared with" "$analyze" compare "$file" --baseline rule=modprop
check "too few pairs are told" says 0 "Too few pairs" "$analyze" compare "$file" --baseline rule=bptt
check "few runs are told" says 0 "with 5 the interval of a median" "$analyze" summary "$file"
check "which interval is shown is told" says 0 "percentile bootstrap" "$analyze" summary "$file" --interval bootstrap
check "the log-rank test is no warning" sh -c "'$analyze' time-to '$file' --below 0.3 | sed '/^rule /q' | grep -q Log-rank"
check "a recipe from too few evaluations" says 0 "needs 15 evaluations" "$analyze" recipe "$folder/short.h5"
check "seeds are not chosen among" says 2 "--over seed" "$analyze" best "$file" --over seed
check "a collapse that is no rise" says 2 "a collapse is a rise" "$analyze" summary "$file" --collapse-below 0.7
check "a missing file" says 2 "No such file" "$analyze" summary "$folder/none.h5"
check "another program's file" says 2 "is no HDF5 file" "$analyze" summary "$folder/sweep.ini"
dd if="$file" of="$folder/cut.h5" bs=1024 count=40 2>/dev/null
check "a file cut off" says 2 "cut.h5: .*damaged" "$analyze" summary "$folder/cut.h5"
check "a file cut off, verified" says 2 "cut.h5: .*damaged" "$analyze" verify "$folder/cut.h5"
check "no MPI in it" sh -c "! ldd '$analyze' | grep -qi 'libmpi'"
for command in summary trend curves compare time-to best stability recipe export verify merge; do
    check "$command --help" says 0 "usage: modprop_analyze $command" "$analyze" "$command" --help
    sed 's/\\-/-/g' "$here/../src/cli/modprop_analyze.1" | grep -q "^\.B $command" ||
        { echo "FAILED: $command is not in the man page"; failed=1; }
done

# ------------------------------------------------------------------ a sweep at its beginning
"$sweep" -q --only 0 -o "$folder/begun.h5" "$folder/sweep.ini" >/dev/null 2>&1
check "runs to come are not counted" sh -c "'$analyze' trend '$folder/begun.h5' --x mu -w learning_rate=1e-3 |
    grep -q '^modprop *0 *1 ' && '$analyze' trend '$folder/begun.h5' --x mu | grep -q '^bptt *- *0$'"
check "one half of the seeds is told" says 0 "one half of the seeds" "$analyze" best "$folder/begun.h5" --over learning_rate
check "levels without runs are told" says 0 "no run at some values" "$analyze" best "$folder/begun.h5" --over learning_rate
check "no recipe of one run" says 0 "no run left" "$analyze" recipe "$folder/begun.h5"
for command in "trend --x mu" curves "compare --baseline rule=bptt" "time-to --below 0.3" recipe \
    "stability --x mu --y learning_rate"; do
    # shellcheck disable=SC2086 # words on purpose
    check "no figure of no run: $command" says 1 "nothing to draw" \
        "$analyze" $command "$folder/begun.h5" -w seed=5 -o "$folder/nothing.svg"
done

# ------------------------------------------------------------------ figures
if command -v gnuplot >/dev/null; then
    for format in svg png pdf; do
        check "trend as $format" says 0 "trend.$format written" \
            "$analyze" trend "$file" --x mu --by rule -w learning_rate=1e-2 -o "$folder/trend.$format"
    done
    check "trend in the shell" says 0 "modprop" "$analyze" trend "$file" --x mu --terminal
    "$analyze" trend "$folder/begun.h5" --x mu -o "$folder/begun.svg" >/dev/null 2>&1
    check "what has runs is named" grep -q '>modprop<' "$folder/begun.svg"
    check "what has none is not" sh -c "! grep -q '>bptt<' '$folder/begun.svg'"
    "$analyze" curves "$file" -o "$folder/one.svg" >"$folder/one" 2>/dev/null
    "$analyze" curves "$file" -o "$folder/two.svg" >"$folder/two" 2>/dev/null
    check "the same file gives the same figure" cmp "$folder/one.svg" "$folder/two.svg"
    check "the same file gives the same table" cmp "$folder/one" "$folder/two"
else
    echo "skipped: gnuplot is not installed"
fi
mkdir "$folder/bin"
check "without gnuplot the table comes" says 1 "^modprop .*0.25" \
    env PATH="$folder/bin" "$analyze" trend "$file" --x mu -o "$folder/none.svg"
check "without gnuplot the advice comes" grep -q "install" "$folder/said"
exit $failed
