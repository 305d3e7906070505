#!/bin/sh
# --show-trial draws a trial of every task, and says what is wrong with what it is given.
#
#     PROGRAM=build/release/modprop_sweep sh tests/trial.sh      # from the root of the repository
set -u
program=${PROGRAM:-build/release/modprop_sweep}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

say() { if [ "$1" = 0 ]; then echo "ok $2"; else echo "FAIL $2"; failed=1; fi; }

# refused CLAIM WORDS ARGUMENTS...: the program ends with 2 and says so.
refused() {
    claim=$1 words=$2
    shift 2
    "$program" --show-trial "$@" >"$work/out" 2>&1
    code=$?
    grep -q -- "$words" "$work/out" && [ "$code" = 2 ]
    say $? "$claim"
}

refused "a sweep file is wanted" "which sweep"
refused "a wrong picture is told" "svg" sweeps/quick.ini -o "$work/trial.bmp"
refused "a run that is not there is told" "there is no run 999" sweeps/quick.ini --only 999
refused "training does not go with it" "does not go" sweeps/quick.ini --shuffle 3

if ! command -v gnuplot >/dev/null; then
    refused "a missing gnuplot is told" "gnuplot is not installed" sweeps/quick.ini -o "$work/trial.svg"
    exit $failed
fi
for run in 0 4 8 12 16 20 24; do
    "$program" --show-trial sweeps/tasks_quick.ini --only $run -o "$work/$run.svg" &&
        grep -q '</svg>' "$work/$run.svg" && grep -q 'input 0' "$work/$run.svg"
    say $? "the picture of run $run is drawn"
done
grep -ho '>[a-z]*_[a-z]*<' "$work"/*.svg | sort -u >"$work/tasks"
[ "$(wc -l <"$work/tasks")" = 7 ]
say $? "there is one of each task"
grep -q 'target 2' "$work/24.svg" && ! grep -q 'target' "$work/0.svg"
say $? "targets are shown where there are any"
"$program" --show-trial sweeps/quick.ini | grep -q 'input 1'
say $? "without a file it is drawn in the shell"
exit $failed
