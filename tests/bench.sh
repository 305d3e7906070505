#!/bin/sh
# The benchmark works: at a small size every rule has its rows, all figures are positive numbers, each skipped case
# says why, and mistakes are refused. Says nothing about speed.
set -eu
program=${OBJECTS:-build/release}/tests/bench/bench
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$program" --quick --csv "$folder/bench.csv" >"$folder/table"
for rule in eprop modprop modprop-type1 modprop-type23 modprop-offline mdgl bptt; do
    for group in "first iterations" trained; do
        grep -q "^$group,$rule,iteration,120," "$folder/bench.csv" || { echo "no row: $group, $rule"; exit 1; }
    done
    grep -q "^$rule " "$folder/table" || { echo "not in the table: $rule"; exit 1; }
done
grep -q "^An evaluation costs [0-9.]* forward passes" "$folder/table" || { echo "no parts of an iteration"; exit 1; }
awk 'length > 100 { print "wider than 100 columns: " $0; wide = 1 } END { exit wide }' "$folder/table"

# Columns 4 to 20 are numbers; a row without times has its reason in the last one.
awk -F, '
    NR == 1 { columns = NF; next }
    NF < columns { print "short row: " $0; bad = 1 }
    $10 == "" { if ($21 == "") { print "skipped without a reason: " $0; bad = 1 } next }
    { for (k = 10; k <= 18; k++) if ($k !~ /^[0-9.e+-]+$/ || !($k > 0)) { print "column " k ": " $0; bad = 1 } }
    END { if (NR < 30) { print "only " NR " rows"; bad = 1 } exit bad }' "$folder/bench.csv"

# Nine inhibitory units do not make 23 types; no iteration is done in no time.
"$program" --case modprop-type23 --n 50 --T 60 --B 2 --rounds 1 --csv "$folder/few.csv" >"$folder/few"
grep -q "^skipped: modprop-type23 n 50 " "$folder/few" || { echo "not skipped: too few units for the types"; exit 1; }
"$program" --case bptt --T 60 --limit 0 --rounds 1 >"$folder/slow"
grep -q "^skipped: bptt .* --limit" "$folder/slow" || { echo "not skipped: --limit 0"; exit 1; }
for mistake in "--case nothing" "--rounds 0" "--n" "--core x" "--unknown"; do
    # shellcheck disable=SC2086 # words on purpose
    if "$program" $mistake >/dev/null 2>&1; then echo "not refused: $mistake"; exit 1; fi
done
if [ -e /dev/full ] && "$program" --case bptt --T 60 --rounds 1 --csv /dev/full >/dev/null 2>&1; then
    echo "not told: the CSV could not be written"
    exit 1
fi

OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 bash tests/bench/overhead.sh \
    "${OBJECTS:-build/release}/modprop_sweep" "${OBJECTS:-build/release}/tests/modprop_sweep_faults" quick
