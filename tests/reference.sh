#!/bin/sh
# The program, its man page, the README and the sweeps name the same parameters and options.
#
#     PROGRAM=build/release/modprop_sweep sh tests/reference.sh      # from the root of the repository
#
# Prints a line per comparison; exit code 1 if one fails. Rendering the man page is skipped without
# groff.
set -u
program=${PROGRAM:-build/release/modprop_sweep}
page=src/cli/modprop_sweep.1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# verdict CLAIM FILE: the claim holds if the file, which names what is wrong, is empty.
verdict() {
    if [ -s "$2" ]; then
        echo "FAIL $1:"; sed 's/^/    /' "$2"; failed=1
    else
        echo "ok $1"
    fi
}

# ------------------------------------------------------------------ parameters and sweep keys

# "section key" for every parameter and sweep key.
"$program" --reference | awk -F '`' '
    /^####/ { section = $2; gsub(/[][]/, "", section) }
    /^\| `/ { print section, $2 }' | sort >"$work/known"
cut -d' ' -f2 "$work/known" | sort -u >"$work/names"
[ "$(wc -l <"$work/names")" -gt 30 ] || { echo "FAIL --reference names too little"; exit 1; }

# unknown FILE: lines of the file that are no names of the reference.
unknown() { sort -u "$1" | comm -23 - "$work/names"; }

for sweep in sweeps/*.ini; do
    # A variant may name keys of any section.
    awk -F '[][ =]+' '
        /^\[variant / { variant = 1; next }
        /^\[/ { variant = 0; section = $2; next }
        /^[a-z]/ { print (variant ? "any" : section), $1 }' "$sweep" |
        while read -r section key; do
            if [ "$section" = any ]; then
                grep -qx "$key" "$work/names" || echo "$key"
            else
                grep -qx "$section $key" "$work/known" || echo "[$section] $key"
            fi
        done >"$work/wrong"
    "$program" --dry-run "$sweep" -o "$work/none.h5" >"$work/out" 2>&1 ||
        sed -n 1,3p "$work/out" >>"$work/wrong"
    grep -q '^note' "$work/out" && grep '^note' "$work/out" >>"$work/wrong"
    verdict "$sweep is understood and all of it has an effect" "$work/wrong"
    told=$(sed -n 's/^; Runs: \([0-9]*\).*/\1/p' "$sweep")
    runs=$(sed -n 's/^runs  *\([0-9]*\) in .*/\1/p' "$work/out")
    { [ -n "$runs" ] && [ "$told" = "$runs" ]; } || echo "told: '$told', planned: '$runs'" >"$work/wrong"
    verdict "$sweep says how many runs it has" "$work/wrong"
    # What stands before the column `runs`, or on lines of its own.
    awk '/^runs/ { for (k = 1; k < NF; k++) if ($k == "in") conditions = $(k + 1); next }
         /^not named:/ { exit }
         !at { at = match($0, / runs +to do/); next }
         at > 2 { seen[substr($0, 1, at)]; next }
         /^ / { seen[label]; label = ""; next }
         { label = label " " $0 }
         END { for (k in seen) told++
               if (told != conditions) print told, "of", conditions, "conditions are told apart" }' "$work/out" >"$work/wrong"
    verdict "the plan of $sweep tells its conditions apart" "$work/wrong"
done

grep -n '@@' README.md >"$work/wrong"
verdict "README.md has no gaps" "$work/wrong"

# The README's chapter on sweep files: the example and what is written as `key = value`.
sed -n '/^## A sweep file/,/^## /p' README.md >"$work/chapter"
{ sed -n 's/^    //p' "$work/chapter"; grep -o '`[^`]*`' "$work/chapter"; } |
    grep -o '[a-z][a-z0-9_]* = ' | sed 's/ = //' >"$work/used"
[ "$(wc -l <"$work/used")" -gt 10 ] || echo "the example was not found" >>"$work/used"
unknown "$work/used" >"$work/wrong"
verdict "README.md names parameters that exist" "$work/wrong"

# In the man page names of parameters are bold; so are other programs, and values.
others='modprop_sweep mpirun h5dump gnuplot scontrol train dedicated auto diverged failed off best avx512 node1'
sed -n 's/^\.B[RI]* \([a-z][a-z0-9_]*\)\( .*\)*$/\1/p' "$page" |
    grep -vxF "$(printf '%s\n' $others)" >"$work/used"
[ -s "$work/used" ] || echo "no parameter was found" >"$work/used"
unknown "$work/used" >"$work/wrong"
verdict "$page names parameters that exist" "$work/wrong"

# ------------------------------------------------------------------ options

"$program" --help | sed -n 's/^  \(-[a-zA-Z], \)\{0,1\} *\(--[a-z-]*\).*/\1\2/p' | sort >"$work/help"
sed -n '/^\.SH OPTIONS/,/^\.SH PROGRESS/p' "$page" | awk '/^\.TP/ { getline; print }' |
    sed 's/\\-/-/g; s/^\.B[RI]* //; s/ ", " /, /; s/^\(\(-[a-zA-Z], \)\{0,1\}--[a-z-]*\).*/\1/' |
    sort >"$work/page"
diff "$work/help" "$work/page" >"$work/wrong"
verdict "$page and --help have the same $(wc -l <"$work/help") options" "$work/wrong"

for name in $(cut -d' ' -f2 "$work/known"); do
    "$program" --help | grep -q "^  $name\( \|\$\)" || echo "$name"
done >"$work/wrong"
verdict "--help tells every parameter of --reference" "$work/wrong"

if command -v groff >/dev/null; then
    groff -ww -man -Tutf8 -z "$page" >"$work/wrong" 2>&1
    verdict "$page renders without a warning" "$work/wrong"
else
    echo "skip $page renders without a warning: there is no groff"
fi
exit "$failed"
