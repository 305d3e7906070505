#!/bin/sh
# Every global symbol of the objects starts with modprop_.
# Usage: tests/symbols.sh DIR   (DIR/<layer>/*.o, from the top folder; main is the programs' own)
dir=${1:?usage: tests/symbols.sh DIR_OF_OBJECTS}
set --
for layer in src/*/; do
    set -- "$@" "$dir/$(basename "$layer")"/*.o
done
[ -e "$1" ] || { echo "$dir: no objects in its folders" >&2; exit 2; }
# nm -A: "file:value type name"; capital letters are globals, U and w are other objects'.
foreign=$(${NM:-nm} -A -g --defined-only "$@" | awk '$NF !~ /^_?modprop_/ && $NF !~ /^_?main$/ {
    split($1, at, ":"); print "  " $NF " in " at[1] }')
if [ -n "$foreign" ]; then
    echo "global names that do not start with modprop_ (make them static, or rename them):" >&2
    echo "$foreign" >&2
    exit 1
fi
