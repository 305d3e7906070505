#!/bin/sh
# The example in the opening comment of include/modprop.h compiles as told and runs.
# Usage: CC=cc LIBS="build/release/libmodprop.a -lopenblas -lm" tests/example.sh   (from the top folder)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# From its #include to the brace that closes main, without the comment's stars.
sed -n '/^ \*     #include/,/^ \*     }$/s/^ \*     //p' include/modprop.h > "$folder/example.c"
grep -q 'int main(void)' "$folder/example.c" || { echo "no example in include/modprop.h" >&2; exit 1; }
# shellcheck disable=SC2086 # words on purpose
${CC:-cc} -std=c11 -Wall -Wextra -Werror ${CFLAGS--O2} -Iinclude -o "$folder/example" "$folder/example.c" ${LIBS:?}
"$folder/example" > "$folder/output"
# One line an evaluation, the last at 100 iterations.
awk '!/^[0-9]+: loss [0-9.]+, accuracy [01]\.[0-9]+$/ { print "unexpected: " $0; bad = 1 }
     { last = $1 } END { if (NR != 5 || last != "100:") { print NR " lines, the last at " last; bad = 1 } exit bad }' \
    "$folder/output"
