#!/bin/sh
# Draws the scaling of a training iteration from the benchmark's CSV.
# Usage: tests/bench/plot.sh CSV FOLDER   (writes FOLDER/scaling.svg and .png)
set -eu
csv=$1
folder=$2
command -v gnuplot >/dev/null || { echo "no plot: gnuplot is not installed"; exit 0; }
grep -q '^n,' "$csv" || { echo "no plot: $csv has no scaling series"; exit 0; }
for kind in svg png; do
    gnuplot -e "csv='$csv'; out='$folder/scaling.$kind'; kind='$kind'" "$(dirname "$0")/scaling.gp"
    echo "$folder/scaling.$kind"
done
