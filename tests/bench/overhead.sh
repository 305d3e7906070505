#!/bin/bash
# What a sweep costs beside the training: sweeps of empty runs, which are handed out, told of and
# stored like any other.
#
#     tests/bench/overhead.sh PROGRAM PROGRAM_WITH_FAULTS [quick]
#
# PROGRAM_WITH_FAULTS is modprop_sweep linked with tests/mpi/faults.c, which makes the empty runs.
# Every time is the median of three, from the start of mpirun to its end. MPIRUN and TMPDIR come from
# the environment; TMPDIR decides which disk the results lie on. quick: a hundredth, to see whether it works.
set -euo pipefail

program=$(realpath "$1") empty=$(realpath "$2")
launcher=(${MPIRUN:-mpirun} --oversubscribe)
work=$(mktemp -d "${TMPDIR:-/tmp}/modprop-overhead.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
export MODPROP_FAULT=empty:1
TIMEFORMAT=%R

# seconds COMMAND...: the median of three times; its output in the file `out`.
seconds() {
    for _ in 1 2 3; do
        { time "$@" >out 2>&1 </dev/null; } 2>&1 || { cat out >&2; exit 1; }
    done | sort -n | sed -n 2p
}

# sweep NAME.ini RANKS: a new results file, in which every run ends well.
sweep() {
    rm -f "${1%.ini}.h5"
    "${launcher[@]}" -n "$2" "$empty" "$1" -o "${1%.ini}.h5" -q
}

row() { printf '%-34s %10s %10s\n' "$@"; }
rate() { awk -v n="$1" -v s="$2" 'BEGIN { printf "%.0f", n / s }'; }

few=20000 many=100000 jobs=1000 seeds=100
[ "${3:-}" != quick ] || { few=200 many=1000 jobs=10 seeds=1; }
training='[training]\niterations = 10\nevaluate_every = 10\n'
printf "[sweep]\nseed = 1..$few\n$training" >few.ini
printf "[sweep]\nseed = 1..$seeds\n$training[network]\nn = 20, 30, 40, 50, 60, 70, 80, 90, 100, 110\n" >many.ini
printf '[rule]\nmu = linspace(0, 0.9, 100)\n' >>many.ini

row "$few empty runs" runs/s "at least"
row "1 rank" "$(rate $few "$(seconds sweep few.ini 1)")" -
row "2 ranks" "$(rate $few "$(seconds sweep few.ini 2)")" 10000
row "8 ranks" "$(rate $few "$(seconds sweep few.ini 8)")" 3000
if parallel --version 2>/dev/null </dev/null | grep -q "^GNU parallel"; then
    seq "$jobs" >jobs
    row "GNU parallel, \`true\`" "$(rate $jobs "$(seconds parallel -n0 -a jobs true)")" -
else
    row "GNU parallel" "not here" -
fi
echo
row "a plan of $many runs, 2 ranks" seconds "at most"
row "from start to finish" "$(seconds sweep many.ini 2)" 10
row "read back by --verify" "$(seconds "$program" --verify many.h5)" -
grep -q "$many finished runs checked, 0 damaged" out || { cat out; exit 1; }
row "--status" "$(seconds "$program" --status many.h5)" 0.5
grep -q "$many: $many done" out || { cat out; exit 1; }
