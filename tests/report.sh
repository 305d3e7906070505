#!/bin/sh
# The report of a small sweep: well-formed, self-contained, the same each time, whole without gnuplot too,
# never half written; and every command it shows makes the figure it stands under.
# Usage: OBJECTS=build/release tests/report.sh   (from the top folder, after make)
set -u
objects=$(cd "${OBJECTS:-build/release}" && pwd) || exit 1
python=${PYTHON:-/usr/bin/python3}
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
. "$here/check.inc"

# A file name that a shell, gnuplot and HTML each would trip over.
sweep="it's <b> & \$x.ini"
cp "$here/data/report.ini" "$folder/$sweep"
cd "$folder" || exit 1
analyze=$objects/modprop_analyze
check "a sweep" "$objects/modprop_sweep" "$sweep"
mv results.h5 "it's <b> & \$x.h5" || exit 1
results="it's <b> & \$x.h5"

figures=0
if command -v gnuplot >/dev/null; then
    figures=6
    check "the report" "$analyze" report "$results" --last 5 -o report.html
    cp report.html first.html
    sleep 1
    check "again" "$analyze" report "$results" --last 5 -o report.html
    check "the same bytes" cmp first.html report.html
    check "one page" "$python" "$here/page.py" report.html $figures

    # What stands under the figures, in a shell.
    "$python" -c '
import sys, xml.etree.ElementTree as ET
for node in ET.parse("report.html").iter("{http://www.w3.org/1999/xhtml}pre"):
    if node.get("class") == "command": print("".join(node.itertext()))' >commands
    mkdir bin again && ln -s "$analyze" bin/
    (cd again && PATH="$folder/bin:$PATH" && ln -s "../$results" . && set -e
     while read -r command; do eval "$command" </dev/null; done <../commands) >said 2>&1 ||
        { echo "FAILED its commands:"; tail -n 5 said; failed=1; }
    for name in trend_mu.svg trend_learning_rate.svg curves.svg compare.svg time-to.svg stability.svg report.html; do
        [ -s "again/$name" ] || { echo "FAILED no command makes $name"; failed=1; }
    done
    check "the page its own command makes" cmp again/report.html report.html
    check "too many groups are made fewer" grep -q '</span> mu <[^>]*>--by</span> rule <' report.html
    for kind in png pdf; do
        check "$kind" "$analyze" trend "$results" --x mu -o "trend.$kind"
        [ -s trend.$kind ] || { echo "FAILED no trend.$kind"; failed=1; }
    done
    check "in the shell" "$analyze" trend "$results" --x mu --terminal
else
    echo "skipped: gnuplot is not installed"
fi

mkdir empty
check "without gnuplot" says 1 "apt install gnuplot-nox" env PATH="$folder/empty" "$analyze" report "$results" -o bare.html
check "tables alone" "$python" "$here/page.py" bare.html 0
check "which is said" grep -q "No figures: gnuplot was not found" bare.html
check "with its tables" test "$(grep -c '<table' bare.html)" -ge 7

check "a folder that is not there" says 2 "nowhere/r.html: cannot be written" "$analyze" report "$results" -o nowhere/r.html
check "a full disk" says 2 "No space left" "$analyze" report "$results" -o /dev/full
check "no file named" says 2 "say where" "$analyze" report "$results"
left=$(find . -name '*.html.*' -o -name '*.svg.*' -o -name '*.p??.*')
[ -z "$left" ] || { echo "FAILED left behind: $left"; failed=1; }
exit $failed
