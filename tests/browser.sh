#!/bin/sh
# The report of a small sweep in headless Chromium: browser.py says what is looked at. Skipped where
# Chromium or gnuplot is not installed; `make check-long` brings both.
# Usage: OBJECTS=build/release tests/browser.sh [DIR] [FOLDER]   (FOLDER gets screenshots)
set -eu
objects=$(cd "${OBJECTS:-build/release}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
    { echo "skipped: chromium is not installed"; exit 0; }
command -v gnuplot >/dev/null || { echo "skipped: gnuplot is not installed"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$here/data/report.ini" "$folder"
(cd "$folder" && "$objects/modprop_sweep" report.ini && "$objects/modprop_analyze" report results.h5 -o report.html) \
    >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
"${PYTHON:-/usr/bin/python3}" "$here/browser.py" "$folder/report.html" ${2+"$2"}
