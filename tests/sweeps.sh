#!/bin/sh
# The quick sweeps: each runs to its end, and bptt learns in every run of it.
#
#     PROGRAM=build/release/modprop_sweep OBJECTS=build/release sh tests/sweeps.sh      # from the root of the repository
set -u
program=${PROGRAM:-build/release/modprop_sweep}
analyze=${OBJECTS:-build/release}/modprop_analyze
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# Tells which runs are not done, and of those of bptt which have not learned: whose last three evaluations
# are not, on average, a quarter below the first one, that of the untrained network (less would be within the
# noise of evaluations). Fails if there is one, or no run of bptt.
judge() {
    awk -F, '
        NR == 1 { for (k = 1; k <= NF; k++) at[$k] = k; next }
        $at["status"] != "done" { print "run", $at["run_key"], "is", $at["status"]; bad = 1 }
        $at["rule"] != "bptt" { next }
        { run = $at["task"] " " $at["units"] " " $at["run_key"]; loss[run, n[run]++] = $at["loss"] }
        END {
            for (run in n) {
                runs++
                last = (loss[run, n[run] - 1] + loss[run, n[run] - 2] + loss[run, n[run] - 3]) / 3
                if (n[run] < 4 || !(last < 0.75 * loss[run, 0])) {
                    print run, "began at", loss[run, 0], "and ends at", last
                    bad = 1
                }
            }
            if (!runs) print "no run of bptt"
            exit bad || !runs
        }' "$1"
}

for sweep in sweeps/*_quick.ini; do
    name=$(basename "$sweep" .ini)
    "$program" "$sweep" -o "$work/$name.h5" >"$work/said" 2>&1 &&
        "$analyze" export "$work/$name.h5" --per evaluation -o "$work/$name.csv" >>"$work/said" 2>&1 &&
        judge "$work/$name.csv" >>"$work/said"
    if [ $? = 0 ]; then
        echo "ok $name"
    else
        echo "FAIL $name"
        tail -n 20 "$work/said"
        failed=1
    fi
done
exit $failed
